// The queues on a real Redis: what is offered runs once, what Redis loses is offered again, and nobody ever waits for it.
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { checkRedis } from '../../queues/health.js'
import { createQueues } from '../../queues/queues.js'
import { findRedisServer, startRedis, type RedisServer } from '../../queues/redis-server.js'
import { startSweeper, type SweeperParts } from '../../queues/sweeper.js'
import { startWorkers, type StepResult, type WorkersParts } from '../../queues/workers.js'
import { alive, begin, ended, firstLine } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

interface Line { level: 'info' | 'warn' | 'error'; event: string; ids: Record<string, unknown> }
function logged() {
  const lines: Line[] = []
  const at = (level: Line['level']) => (ids: object, event: string) => void lines.push({ level, event, ids: ids as Record<string, unknown> })
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}

let shared: RedisServer
let sharedDir: string
beforeAll(async () => {
  sharedDir = await mkdtemp(join(tmpdir(), 'redis-'))
  shared = await startRedis({ dir: sharedDir, log: logged() })
})
afterAll(async () => {
  await shared.stop()
  await rm(sharedDir, { recursive: true, force: true })
})

let count = 0
/** Queues of this test alone: keys of their own on the shared server. */
function ownQueues({ redisUrl = shared.url, patienceMs = 2000 } = {}) {
  const log = logged()
  const prefix = `test${++count}`
  const queues = createQueues({ redisUrl, agencies: ['gacc', 'mofcom'], prefix, patienceMs, log })
  onTestFinished(() => queues.close())
  return { queues, prefix, log, redisUrl, ready: () => until('redis', () => queues.redis.status === 'ready') }
}

/** Workers that write down which ids they ran. */
function ownWorkers({ queues, prefix, redisUrl, log }: ReturnType<typeof ownQueues>, over: Partial<WorkersParts> = {}) {
  const ran: string[] = []
  const step = (id: string): Promise<StepResult> => {
    ran.push(id)
    return Promise.resolve({ outcome: 'done' })
  }
  const workers = startWorkers({ redisUrl, prefix, agencies: ['gacc', 'mofcom'], concurrencyOf: () => 4, submit: step, giveBack: step, offer: queues.offerSubmission, log, ...over })
  onTestFinished(() => workers.close(100))
  return { ran, workers }
}

const ids = (n: number) => Array.from({ length: n }, (_, i) => `sub_${String(i).padStart(5, '0')}`)
const toGacc = (submissionId: string) => ({ submissionId, agency: 'gacc' })

describe('what is offered', () => {
  test('runs once, though it is offered three times while it waits; and again when it is offered again afterwards', async () => {
    const own = ownQueues()
    await own.ready()
    const first = await Promise.all([...ids(300), ...ids(300)].map((id) => own.queues.offerSubmission(toGacc(id))))
    expect(first).toEqual(Array<boolean>(600).fill(true))
    expect(await own.queues.offerSubmissions(ids(300).map(toGacc))).toBe(true)
    expect(await own.queues.counts()).toContainEqual({ queue: 'gacc', waiting: 300, active: 0, delayed: 0, paused: false })
    const { ran } = ownWorkers(own)
    await until('all of them', () => ran.length >= 300)
    expect([...ran].sort()).toEqual(ids(300))

    await until('an empty queue', async () => (await own.queues.counts())?.every((c) => c.waiting + c.active === 0))
    await own.queues.offerSubmission(toGacc('sub_00007'))
    await until('the second run', () => ran.length === 301)
    await own.queues.offerReturn({ receiptId: 'rcp_1' })
    await until('the receipt', () => ran.at(-1) === 'rcp_1')
  })

  test('is an id in Redis and nothing more', async () => {
    const own = ownQueues()
    await own.ready()
    await own.queues.offerSubmission(toGacc('sub_only'))
    const fields = await own.queues.redis.hgetall(`${own.prefix}:gacc:sub_only`)
    expect(JSON.parse(fields.data!)).toEqual({ submissionId: 'sub_only' })
    expect(JSON.stringify(fields).length).toBeLessThan(400)
  })

  test('for an agency without a queue is declined, not lost in silence', async () => {
    const own = ownQueues()
    await own.ready()
    expect(await own.queues.offerSubmission({ submissionId: 'sub_1', agency: 'nobody' })).toBe(false)
    expect(own.log.lines.map((l) => l.event)).toContain('no queue for this agency')
  })
})

describe('a step', () => {
  test('that asks for later runs again then, under the same id, and an offer in between changes nothing', async () => {
    const own = ownQueues()
    await own.ready()
    const began: number[] = []
    ownWorkers(own, {
      submit: async () => {
        began.push(Date.now())
        return began.length === 1 ? { outcome: 'later', at: new Date(Date.now() + 700) } : { outcome: 'done' }
      },
    })
    await own.queues.offerSubmission(toGacc('sub_later'))
    await until('the job to wait', async () => (await own.queues.counts())?.some((c) => c.queue === 'gacc' && c.delayed === 1))
    expect(await own.queues.refillSubmissions([toGacc('sub_later')])).toBe(0)
    expect(await own.queues.offerSubmission(toGacc('sub_later'))).toBe(true)
    await until('the second run', () => began.length >= 2)
    await until('an empty queue', async () => (await own.queues.counts())?.every((c) => c.waiting + c.active + c.delayed === 0))
    expect(began).toHaveLength(2)
    expect(began[1]! - began[0]!).toBeGreaterThanOrEqual(690)
  })

  test('that throws is logged and runs again after a while, neither lost nor spinning', async () => {
    const own = ownQueues()
    await own.ready()
    let runs = 0
    ownWorkers(own, {
      troubleMs: 300,
      submit: async () => {
        if (++runs <= 2) throw new Error('the ledger is away')
        return { outcome: 'done' }
      },
    })
    const started = Date.now()
    await own.queues.offerSubmission(toGacc('sub_trouble'))
    await until('the third run', () => runs === 3)
    expect(Date.now() - started).toBeGreaterThanOrEqual(590)
    expect(own.log.lines.filter((l) => l.event === 'step failed; it runs again').map((l) => l.ids.submissionId)).toEqual(['sub_trouble', 'sub_trouble'])
  })

  test('that frees another submission offers it', async () => {
    const own = ownQueues()
    await own.ready()
    const ran: string[] = []
    ownWorkers(own, {
      submit: async (id) => {
        ran.push(id)
        return id === 'sub_1' ? { outcome: 'done', next: { submissionId: 'sub_2', agency: 'mofcom' } } : { outcome: 'done' }
      },
    })
    await own.queues.offerSubmission(toGacc('sub_1'))
    await until('the one behind it', () => ran.join() === 'sub_1,sub_2')
  })

  test('of a worker that was killed runs again in another one', async () => {
    const own = ownQueues()
    await own.ready()
    const child = begin(process.execPath, [join(import.meta.dirname, 'queues/hanging-worker.mjs'), own.redisUrl, own.prefix, '2000', '500'])
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended(child)
    })
    const began = firstLine(child, (line) => (line === 'began sub_stalled' ? true : undefined))
    await own.queues.offerSubmission(toGacc('sub_stalled'))
    await began
    const { ran } = ownWorkers(own, { lockMs: 2000, stalledEveryMs: 500 })
    expect(await own.queues.refillSubmissions([toGacc('sub_stalled')])).toBe(0)
    expect(ran).toEqual([])
    child.kill('SIGKILL')
    await until('the step to run again', () => ran.length === 1, 10_000)
    expect(ran).toEqual(['sub_stalled'])
  })

  test('under way is waited for when the hub stops, up to the deadline', async () => {
    const own = ownQueues()
    await own.ready()
    const steps: { id: string; end: () => void }[] = []
    const { workers } = ownWorkers(own, { submit: (id) => new Promise((resolve) => steps.push({ id, end: () => resolve({ outcome: 'done' }) })), concurrencyOf: () => 1 })
    await own.queues.offerSubmissions(['sub_1', 'sub_2'].map(toGacc))
    await until('the first step', () => steps.length === 1)
    let closed = false
    const closing = workers.close(10_000).then(() => (closed = true))
    await new Promise((wake) => setTimeout(wake, 50))
    expect(closed).toBe(false)
    steps[0]!.end()
    await closing
    expect(steps).toHaveLength(1)
    expect(await own.queues.counts()).toContainEqual({ queue: 'gacc', waiting: 1, active: 0, delayed: 0, paused: false })

    const again = ownWorkers(own, { submit: () => new Promise(() => {}) })
    await until('the second step', async () => (await own.queues.counts())?.some((c) => c.active === 1))
    const started = Date.now()
    await again.workers.close(200)
    expect(Date.now() - started).toBeLessThan(2000)
  })
})

test('a paused agency waits while the others go on; draining it loses nothing the ledger still owes', async () => {
  const own = ownQueues()
  await own.ready()
  const { ran, workers } = ownWorkers(own)
  await workers.ready()
  await own.queues.pause('gacc')
  await own.queues.offerSubmissions([toGacc('sub_1'), { submissionId: 'sub_2', agency: 'mofcom' }])
  await until('the other agency', () => ran.length > 0)
  expect(ran).toEqual(['sub_2'])
  expect(await own.queues.counts()).toContainEqual({ queue: 'gacc', waiting: 1, active: 0, delayed: 0, paused: true })
  await own.queues.drain('gacc')
  expect(await own.queues.refillSubmissions([toGacc('sub_1')])).toBe(1)
  await own.queues.resume('gacc')
  await until('the paused one', () => ran.length === 2)
  await expect(own.queues.pause('nobody')).rejects.toThrow('no queue nobody')
})

describe('the sweeper', () => {
  function ownSweeper(over: Partial<SweeperParts<string>> = {}) {
    const log = logged()
    const offered: string[] = []
    const sweeper = startSweeper<string>({
      everyMs: 60_000,
      dueSubmissions: async () => [],
      interrupted: async () => [],
      dueReturns: async () => [],
      unsettled: async () => [],
      settle: async () => {},
      refillSubmissions: async (some) => (offered.push(...some.map((s) => s.submissionId)), some.length),
      refillReturns: async (some) => (offered.push(...some.map((s) => s.receiptId)), some.length),
      log,
      ...over,
    })
    onTestFinished(() => sweeper.stop())
    return { sweeper, offered, log }
  }
  /** A ledger that gives due submissions page by page. */
  const due = (all: string[]) => async (limit: number, after?: string) => all.filter((id) => after === undefined || id > after).slice(0, limit).map(toGacc)

  test('offers at start everything that is owed, page by page, and settles what was left unsettled', async () => {
    const settled: string[] = []
    const { offered } = ownSweeper({
      page: 10,
      dueSubmissions: due(ids(35)),
      interrupted: async () => [toGacc('sub_lost')],
      unclear: async () => [toGacc('sub_unclear')],
      dueReturns: async () => [{ receiptId: 'rcp_1' }],
      unsettled: async () => ['rep_1', 'rep_2'],
      settle: async (reply) => void settled.push(reply),
    })
    await until('all of it', () => offered.includes('rcp_1'))
    expect(offered).toEqual([...ids(35), 'sub_lost', 'sub_unclear', 'rcp_1'])
    expect(settled).toEqual(['rep_1', 'rep_2'])
  })

  test('on its timer looks at some pages at a time and comes round to all of them', async () => {
    const pages: (string | undefined)[] = []
    const all = ids(50)
    ownSweeper({
      everyMs: 5,
      page: 10,
      pagesEach: 2,
      dueSubmissions: (limit, after) => {
        pages.push(after)
        return due(all)(limit, after)
      },
    })
    const round = [undefined, all[9], all[19], all[29], all[39], all[49]]
    await until('two rounds', () => pages.length >= 18)
    expect(pages.slice(0, 18)).toEqual([...round, ...round, ...round])
  })

  test('never runs beside itself, and asked ten times at once sweeps once more', async () => {
    let now = 0
    let most = 0
    let sweeps = 0
    const { sweeper } = ownSweeper({
      dueSubmissions: async () => {
        most = Math.max(most, ++now)
        sweeps++
        await new Promise((wake) => setTimeout(wake, 20))
        now--
        return []
      },
    })
    await until('the first sweep', () => sweeps === 1)
    await Promise.all(Array.from({ length: 10 }, () => sweeper.sweep()))
    expect({ most, sweeps }).toEqual({ most: 1, sweeps: 2 })
  })

  test('does not begin a whole sweep again because the first one took longer than its timer', async () => {
    const { log } = ownSweeper({
      everyMs: 5,
      page: 10,
      pagesEach: 1,
      dueSubmissions: async (limit, after) => {
        await new Promise((wake) => setTimeout(wake, 5))
        return due(ids(100))(limit, after)
      },
    })
    const sweeps = () => log.lines.filter(({ event }) => event === 'offered again').map(({ ids }) => ids?.whole)
    await until('three sweeps', () => sweeps().length >= 3)
    expect(sweeps().slice(0, 3)).toEqual([true, false, false])
  })

  test('goes on when one part fails, says so, and tries it again', async () => {
    let fails = 1
    const { offered, log } = ownSweeper({
      everyMs: 10,
      dueSubmissions: async (limit, after) => {
        if (fails-- > 0) throw new Error('disk I/O error')
        return due(['sub_1'])(limit, after)
      },
      dueReturns: async () => [{ receiptId: 'rcp_1' }],
    })
    await until('the failed part', () => offered.includes('sub_1'))
    expect(offered[0]).toBe('rcp_1')
    expect(log.lines).toContainEqual({ level: 'error', event: 'sweep failed; tried again at the next one', ids: { part: 'submissions', error: 'disk I/O error' } })
  })

  test('refills a Redis that was wiped', async () => {
    const own = ownQueues()
    await own.ready()
    await own.queues.pause('gacc')
    await own.queues.offerSubmissions(ids(1200).map(toGacc))
    const wiper = own.queues.redis
    const keys = await wiper.keys(`${own.prefix}:*`)
    await wiper.del(...keys)
    expect((await own.queues.counts())!.every((c) => c.waiting === 0)).toBe(true)
    const { sweeper } = ownSweeper({ dueSubmissions: due(ids(1200)), refillSubmissions: own.queues.refillSubmissions, refillReturns: own.queues.refillReturns })
    await sweeper.sweep()
    expect(await own.queues.counts()).toContainEqual({ queue: 'gacc', waiting: 1200, active: 0, delayed: 0, paused: false })
  })
})

describe('when Redis', () => {
  test('is killed, offers are declined at once, and everything runs once it is back', async () => {
    const dir = await tempDir('redis')
    const server = await startRedis({ dir, againMs: 1000, log: logged() })
    onTestFinished(() => server.stop())
    const own = ownQueues({ redisUrl: server.url })
    await own.ready()
    const { ran, workers } = ownWorkers(own)
    await workers.ready()
    const owed = new Set(ids(50))
    const sweeper = startSweeper<string>({
      everyMs: 60_000,
      dueSubmissions: async () => [...owed].filter((id) => !ran.includes(id)).map(toGacc),
      interrupted: async () => [],
      dueReturns: async () => [],
      unsettled: async () => [],
      settle: async () => {},
      refillSubmissions: own.queues.refillSubmissions,
      refillReturns: own.queues.refillReturns,
      onReady: own.queues.onReady,
      log: own.log,
    })
    onTestFinished(() => sweeper.stop())
    await until('the first ones', () => ran.length === 50)
    expect(await checkRedis(own.queues.redis)).toMatchObject({ ok: true })

    process.kill(server.pid()!, 'SIGKILL')
    await until('the connection to be lost', () => own.queues.redis.status !== 'ready')
    const started = Date.now()
    owed.add('sub_meanwhile')
    expect(await own.queues.offerSubmission(toGacc('sub_meanwhile'))).toBe(false)
    expect(await own.queues.offerReturns([{ receiptId: 'rcp_1' }])).toBe(false)
    expect(await own.queues.counts()).toBeUndefined()
    expect(await checkRedis(own.queues.redis)).toEqual({ ok: false, detail: 'redis is away' })
    await expect(own.queues.pause('gacc')).rejects.toThrow('redis is away')
    expect(Date.now() - started).toBeLessThan(500)

    await until('what was accepted meanwhile', () => ran.includes('sub_meanwhile'))
    expect(ran).toHaveLength(51)
    // Its scripts are gone with it; offering goes on all the same.
    expect(await own.queues.offerSubmission(toGacc('sub_after'))).toBe(true)
    await until('the next one', () => ran.includes('sub_after'))
  })

  test('is not there at start, the hub starts without it and goes on as soon as it is', async () => {
    const dir = await tempDir('redis')
    const own = ownQueues({ redisUrl: join(dir, 'redis.sock') })
    const { ran } = ownWorkers(own)
    expect(await own.queues.offerSubmission(toGacc('sub_1'))).toBe(false)
    const server = await startRedis({ dir, log: logged() })
    onTestFinished(() => server.stop())
    await own.ready()
    expect(await own.queues.offerSubmission(toGacc('sub_1'))).toBe(true)
    await until('the step', () => ran.length === 1)
  })

  test('hangs, an offer is declined after its patience; nobody waits longer', async () => {
    const dir = await tempDir('redis')
    const server = await startRedis({ dir, log: logged() })
    onTestFinished(() => server.stop())
    const own = ownQueues({ redisUrl: server.url, patienceMs: 300 })
    await own.ready()
    expect(await own.queues.offerSubmission(toGacc('sub_0'))).toBe(true)
    const pid = server.pid()!
    process.kill(pid, 'SIGSTOP')
    const started = Date.now()
    const offers = await Promise.all(ids(5).map((id) => own.queues.offerSubmission(toGacc(id))))
    expect(offers).toEqual([false, false, false, false, false])
    expect((await checkRedis(own.queues.redis, { patienceMs: 200 })).ok).toBe(false)
    expect(Date.now() - started).toBeLessThan(2000)
    process.kill(pid, 'SIGCONT')
    await until('it to be well', async () => (await checkRedis(own.queues.redis)).ok)
    expect(await own.queues.offerSubmission(toGacc('sub_9'))).toBe(true)
  })

  test('is full, it is not healthy and offers are declined', async () => {
    const dir = await tempDir('redis')
    const server = await startRedis({ dir, log: logged() })
    onTestFinished(() => server.stop())
    const own = ownQueues({ redisUrl: server.url })
    await own.ready()
    await own.queues.offerSubmission(toGacc('sub_1'))
    await own.queues.redis.config('SET', 'maxmemory', '1mb')
    expect(await own.queues.offerSubmission(toGacc('sub_2'))).toBe(false)
    const health = await checkRedis(own.queues.redis)
    expect(health.ok).toBe(false)
    expect(health.detail).toMatch(/OOM/)
  })
})

describe('the private Redis', () => {
  const owner = (dir: string) => begin(process.execPath, [join(import.meta.dirname, 'queues/redis-owner.mjs'), dir])
  const pidOf = (child: ReturnType<typeof owner>) => firstLine(child, (line) => (line.startsWith('pid ') ? Number(line.slice(4)) : undefined))

  test('dies with a hub that is killed, and keeps what it was told', async () => {
    const dir = await tempDir('redis')
    const hub = owner(dir)
    const pid = await pidOf(hub)
    const client = new Redis(join(dir, 'redis.sock'))
    await client.set('kept', 'yes')
    client.disconnect()
    hub.kill('SIGKILL')
    // The next hub starts at once, while the old server may still be writing.
    const server = await startRedis({ dir, log: logged() })
    onTestFinished(() => server.stop())
    expect(alive(pid)).toBe(false)
    const reader = new Redis(server.url)
    expect(await reader.get('kept')).toBe('yes')
    reader.disconnect()
  })

  test('does not hear Ctrl-C in the terminal of the hub', async () => {
    const dir = await tempDir('redis')
    const hub = spawn(process.execPath, [join(import.meta.dirname, 'queues/redis-owner.mjs'), dir], { detached: true })
    onTestFinished(() => void hub.kill('SIGKILL'))
    const pid = await pidOf(hub)
    // What a terminal does: the signal goes to everyone in the group.
    const heard = firstLine(hub, (line) => (line === 'interrupted' ? true : undefined))
    process.kill(-hub.pid!, 'SIGINT')
    await heard
    const client = new Redis(join(dir, 'redis.sock'))
    expect(await client.ping()).toBe('PONG')
    client.disconnect()
    hub.stdin.end()
    await until('redis to end with the hub', () => !alive(pid))
  })

  test('of a folder where another hub runs is not started beside it', async () => {
    const dir = await tempDir('redis')
    const server = await startRedis({ dir, log: logged() })
    onTestFinished(() => server.stop())
    await expect(startRedis({ dir, patienceMs: 300, log: logged() })).rejects.toThrow(/alive in .*: does another hub run/)
    expect(await pingOf(server.url)).toBe('PONG')
  })

  test('works in a folder too deep for a Unix socket, and on a port', async () => {
    const dir = join(await tempDir('redis'), 'a'.repeat(60), 'b'.repeat(60))
    await mkdir(dir, { recursive: true })
    const deep = await startRedis({ dir, log: logged() })
    onTestFinished(() => deep.stop())
    expect(await pingOf(deep.url)).toBe('PONG')
  })

  test('that cannot start says why', async () => {
    const dir = await tempDir('redis')
    await expect(startRedis({ dir, program: '/bin/false', log: logged() })).rejects.toThrow('/bin/false did not start')
    expect(findRedisServer('/nowhere')).toBeUndefined()
    expect(findRedisServer()).toMatch(/(redis|valkey)-server$/)
  })

  async function pingOf(url: string): Promise<string> {
    const client = new Redis(url)
    try {
      return await client.ping()
    } finally {
      client.disconnect()
    }
  }
})

test('queues refuse names Redis or BullMQ would trip over', () => {
  for (const agencies of [['a:b'], ['GACC'], ['gacc', 'gacc'], ['returns'], ['']]) {
    expect(() => createQueues({ redisUrl: shared.url, agencies, log: logged() })).toThrow('no name for a queue')
  }
})
