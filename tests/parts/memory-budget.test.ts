// The memory that messages may take: who waits for room, in which turn, for how long; and how large it is on this
// machine.
import { EventEmitter } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FastifyReply } from 'fastify'
import { describe, expect, test } from 'vitest'
import { createAnswerRoom } from '../../adapters/channels/http/answer-room.js'
import { cgroupLimit, planMemory } from '../../hub/boot/memory.js'
import { createMemoryBudget, type Room } from '../../messages/memory-budget.js'
import { tempDir } from '../support/temp.js'

/** The order in which waiting rooms are given what they ask for. */
function watch(order: string[]) {
  return (name: string, room: Room, bytes: number) => room.take(bytes)?.then(() => void order.push(name))
}

describe('room in memory', () => {
  test('is given at once while there is some, and again when it is given back', async () => {
    const budget = createMemoryBudget({ mostBytes: 100, mostOfOwner: 60 })
    const [first, second] = [budget.room('a'), budget.room('a')]
    expect(first.take(50)).toBeUndefined()
    const waits = second.take(50)
    expect(budget.view()).toMatchObject({ heldBytes: 50, waiting: 1, waits: 1 })
    first.release()
    await waits
    expect(budget.view()).toMatchObject({ heldBytes: 50, waiting: 0 })
    second.release()
    second.release()
    expect(budget.view().heldBytes).toBe(0)
  })
  test('of one partner that is used up is no other partner’s trouble', () => {
    const budget = createMemoryBudget({ mostBytes: 100, mostOfOwner: 60 })
    const flood = Array.from({ length: 50 }, () => budget.room('flood'))
    const taken = flood.map((room) => room.take(30))
    taken.slice(2).forEach((one) => void one?.catch(() => {}))
    expect(taken.map((one) => one === undefined).filter(Boolean)).toHaveLength(2)
    expect(budget.room('neighbour').take(30)).toBeUndefined()
    for (const room of flood) room.release()
    expect(budget.view()).toMatchObject({ heldBytes: 30, waiting: 0 })
  })
  test('is given in turn by partner, and a large delivery has its turn, too', async () => {
    const budget = createMemoryBudget({ mostBytes: 100, mostOfOwner: 100 })
    const order: string[] = []
    const take = watch(order)
    const all = budget.room('x')
    void all.take(100)
    const rooms = ['a', 'a', 'a', 'b', 'c'].map((owner) => budget.room(owner))
    const sizes = [40, 40, 40, 90, 20]
    const given = rooms.map((room, i) => take(`${'aaabc'[i]}${i}`, room, sizes[i]!))
    all.release()
    await given[0]
    // b needs 90 and is next: c would fit, and waits all the same.
    expect(order).toEqual(['a0'])
    rooms[0]!.release()
    await given[3]
    expect(order).toEqual(['a0', 'b3'])
    rooms[3]!.release()
    for (const one of given) await one
    expect(order.slice(0, 3)).toEqual(['a0', 'b3', 'c4'])
  })
  test('that two hold while both ask for more is no standstill: one of them may go on', async () => {
    const budget = createMemoryBudget({ mostBytes: 100, mostOfOwner: 100, waitMs: 5_000 })
    const [one, two] = [budget.room('a'), budget.room('b')]
    void one.take(50)
    void two.take(50)
    expect(one.take(30)).toBeUndefined()
    const waits = two.take(30)
    expect(waits).toBeDefined()
    one.release()
    await waits
  })
  test('of a small message is there for whoever has nothing yet, also when large ones have filled it', async () => {
    const mb = 1024 * 1024
    const budget = createMemoryBudget({ mostBytes: 64 * mb, mostOfOwner: 32 * mb, waitMs: 20 })
    void budget.room('a').take(32 * mb)
    void budget.room('b').take(32 * mb)
    const small = budget.room('c')
    expect(small.take(mb)).toBeUndefined()
    // Whoever has some, and asks for more, may go beyond the limits: one at a time.
    expect(small.take(mb)).toBeUndefined()
    await expect(budget.room('d').take(2 * mb)).rejects.toMatchObject({ code: 'HUB_MEMORY_BUSY' })
    await expect(budget.room('b').take(mb)).rejects.toMatchObject({ code: 'HUB_MEMORY_BUSY' })
  })
  test('is taken for what is read for an answer, and given back when the caller has it or has gone', async () => {
    const budget = createMemoryBudget({ mostBytes: 100, mostOfOwner: 50 })
    const room = createAnswerRoom({ memory: budget, most: 40 })
    const reply = () => ({ raw: Object.assign(new EventEmitter(), { destroyed: false }) }) as unknown as FastifyReply
    const [first, second] = [reply(), reply()]
    const read = (who: FastifyReply) =>
      room.reading(
        { owner: 'a', reply: who },
        async () => Buffer.alloc(30),
        (found) => found.length,
      )
    await read(first)
    expect(budget.view().heldBytes).toBe(30)
    const waits = read(second)
    expect(budget.view().waiting).toBe(1)
    first.raw.emit('close')
    await waits
    expect(budget.view().heldBytes).toBe(30)
    second.raw.emit('close')
    expect(budget.view()).toMatchObject({ heldBytes: 0, waiting: 0 })
  })
  test('that does not come in time is an error that says to come again, with a time', async () => {
    const budget = createMemoryBudget({ mostBytes: 10, mostOfOwner: 10, waitMs: 20 })
    void budget.room('a').take(10)
    const late = budget.room('b')
    await expect(late.take(5)).rejects.toMatchObject({ code: 'HUB_MEMORY_BUSY', status: 503, retryAfterSeconds: 5 })
    expect(budget.view()).toMatchObject({ waiting: 0, waits: 1, refused: 1 })
  })
  test('is never given to one who has gone away', async () => {
    const budget = createMemoryBudget({ mostBytes: 10, mostOfOwner: 10 })
    const [first, gone] = [budget.room('a'), budget.room('a')]
    void first.take(10)
    const waits = gone.take(5)
    gone.release()
    await expect(waits).rejects.toMatchObject({ code: 'HUB_MEMORY_BUSY' })
    first.release()
    expect(budget.view().heldBytes).toBe(0)
    await expect(gone.take(1)).rejects.toMatchObject({ code: 'HUB_MEMORY_BUSY' })
  })
})

describe('how much there is', () => {
  const mb = 1024 * 1024
  test('with 2 GB a partner has six bodies of 31 MB, all partners twelve, agencies some of their own', () => {
    const plan = planMemory({ setting: 2048, maxBytes: 32 * mb, threads: 7 })
    expect(plan).toMatchObject({ megabytes: 2048, from: 'HUB_MEMORY_MB', largeThreads: 1 })
    expect(Math.floor(plan.partnerBytes / (31 * mb))).toBe(6)
    expect(Math.floor(plan.partnersBytes / (31 * mb))).toBe(12)
    expect(plan.agenciesBytes).toBeGreaterThanOrEqual(64 * mb)
  })
  test('a zip of the largest size and what is in it fit, however small the machine', () => {
    const plan = planMemory({ setting: 256, maxBytes: 32 * mb, threads: 1 })
    expect(plan.partnerBytes).toBe(64 * mb)
    expect(plan.largeThreads).toBe(1)
  })
  test('the thread that reads large answers has a quarter of it, between 384 MB and 1 GB', () => {
    const megabytes = (setting: number) => planMemory({ setting, maxBytes: 32 * mb, threads: 7 }).replyThreadMegabytes
    expect([256, 2048, 65_536].map(megabytes)).toEqual([384, 512, 1024])
  })
  test('the control group says how much memory; without one it is half of the machine', async () => {
    const root = await tempDir('cgroup')
    const write = async (file: string, text: string) => {
      await mkdir(dirname(join(root, file)), { recursive: true })
      await writeFile(join(root, file), text)
    }
    expect(cgroupLimit(root)).toBeUndefined()
    await write('proc/self/cgroup', '0::/system.slice/hub.service\n')
    await write('sys/fs/cgroup/system.slice/hub.service/memory.max', 'max\n')
    expect(cgroupLimit(root)).toBeUndefined()
    await write('sys/fs/cgroup/system.slice/memory.max', `${512 * mb}\n`)
    expect(cgroupLimit(root)).toBe(512 * mb)
    await write('proc/self/cgroup', '12:cpu,cpuacct:/docker/abc\n5:memory:/docker/abc\n')
    expect(cgroupLimit(root)).toBeUndefined()
    await write('sys/fs/cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n')
    expect(cgroupLimit(root)).toBeUndefined()
    await write('sys/fs/cgroup/memory/memory.limit_in_bytes', `${300 * mb}\n`)
    expect(cgroupLimit(root)).toBe(300 * mb)
    const plan = { maxBytes: mb, threads: 1, machine: 8192 * mb }
    expect(planMemory({ ...plan, cgroup: 300 * mb })).toMatchObject({ megabytes: 300, from: 'cgroup' })
    expect(planMemory({ ...plan, cgroup: undefined })).toMatchObject({ from: expect.any(String) as string })
  })
})
