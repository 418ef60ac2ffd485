// The queues on a real Redis: what is offered runs once, and again when it is offered again.
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createQueues } from '../../../queues/queues.js'
import { begin, ended, firstLine } from '../../support/process.js'
import { until } from '../../support/until.js'
import { ids, logged, ownQueues, ownWorkers, sharedRedis, toGacc } from './fixture.js'

const shared = sharedRedis()

describe('what is offered', () => {
  test('runs once, though offered three times while it waits, and again when offered afterwards', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    const first = await Promise.all([...ids(300), ...ids(300)].map((id) => own.queues.offerSubmission(toGacc(id))))
    expect(first).toEqual(Array<boolean>(600).fill(true))
    expect(await own.queues.offerSubmissions(ids(300).map(toGacc))).toBe(true)
    expect(await own.queues.counts()).toContainEqual({
      queue: 'gacc',
      waiting: 300,
      active: 0,
      delayed: 0,
      paused: false,
    })
    const { ran } = ownWorkers(own)
    await until('all of them', () => ran.length >= 300)
    expect([...ran].sort()).toEqual(ids(300))

    await until('an empty queue', async () => (await own.queues.counts())?.every((c) => c.waiting + c.active === 0))
    await own.queues.offerSubmission(toGacc('sub_00007'))
    await until('the second run', () => ran.length === 301)
    await own.queues.offerReturn({ receiptId: 'rcp_1' })
    await until('the receipt', () => ran.at(-1) === 'rcp_1')
  })

  test('for a time too far ahead runs now, once the clock is set back; what is to wait goes on waiting', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    const day = 86_400_000
    await own.queues.offerSubmission({ ...toGacc('sub_far'), delayMs: 3 * day })
    await own.queues.offerSubmission({ ...toGacc('sub_soon'), delayMs: 60_000 })
    await own.queues.offerReturn({ receiptId: 'rcp_far', delayMs: 3 * day })
    const { ran } = ownWorkers(own)
    expect(await own.queues.bringForward(4 * day)).toBe(0)
    expect(await own.queues.bringForward(600_000)).toBe(2)
    await until('both', () => ran.length === 2)
    expect([...ran].sort()).toEqual(['rcp_far', 'sub_far'])
    expect(await own.queues.counts()).toContainEqual(expect.objectContaining({ queue: 'gacc', delayed: 1 }))
  })

  test('for a time too far ahead runs now, however many there are', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    const many = Array.from({ length: 1_200 }, (_, i) => toGacc(`sub_far_${i}`))
    await own.queues.offerSubmissions(many.map((one) => ({ ...one, delayMs: 3 * 86_400_000 })))
    expect(await own.queues.bringForward(600_000)).toBe(many.length)
    expect(await own.queues.counts()).toContainEqual(
      expect.objectContaining({ queue: 'gacc', delayed: 0, waiting: many.length }),
    )
  })

  test('is an id in Redis and nothing more', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    await own.queues.offerSubmission(toGacc('sub_only'))
    const fields = await own.queues.redis.hgetall(`${own.prefix}:gacc:sub_only`)
    expect(JSON.parse(fields.data!)).toEqual({ submissionId: 'sub_only' })
    expect(JSON.stringify(fields).length).toBeLessThan(400)
  })

  test('for an agency without a queue is declined, not lost in silence', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    expect(await own.queues.offerSubmission({ submissionId: 'sub_1', agency: 'nobody' })).toBe(false)
    expect(own.log.lines.map((l) => l.event)).toContain('no queue for this agency')
  })
})

describe('a step', () => {
  test('that asks for later runs again then, under the same id, and an offer in between changes nothing', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    // Long enough to be seen while it waits.
    const laterMs = 3_000
    const began: number[] = []
    ownWorkers(own, {
      submit: async () => {
        began.push(Date.now())
        return began.length === 1 ? { outcome: 'later', at: new Date(Date.now() + laterMs) } : { outcome: 'done' }
      },
    })
    await own.queues.offerSubmission(toGacc('sub_later'))
    await until('the job to wait', async () =>
      (await own.queues.counts())?.some((c) => c.queue === 'gacc' && c.delayed === 1),
    )
    expect(await own.queues.refillSubmissions([toGacc('sub_later')])).toBe(0)
    expect(await own.queues.offerSubmission(toGacc('sub_later'))).toBe(true)
    await until('the second run', () => began.length >= 2)
    await until('an empty queue', async () =>
      (await own.queues.counts())?.every((c) => c.waiting + c.active + c.delayed === 0),
    )
    expect(began).toHaveLength(2)
    expect(began[1]! - began[0]!).toBeGreaterThanOrEqual(laterMs - 10)
  })

  test('that throws is logged and runs again after a while, neither lost nor spinning', async () => {
    const own = ownQueues(shared.url())
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
    expect(
      own.log.lines.filter((l) => l.event === 'step failed; it runs again').map((l) => l.ids.submissionId),
    ).toEqual(['sub_trouble', 'sub_trouble'])
  })

  test('that frees another submission offers it', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    const ran: string[] = []
    ownWorkers(own, {
      submit: async (id) => {
        ran.push(id)
        return id === 'sub_1'
          ? { outcome: 'done', next: { submissionId: 'sub_2', agency: 'mofcom' } }
          : { outcome: 'done' }
      },
    })
    await own.queues.offerSubmission(toGacc('sub_1'))
    await until('the one behind it', () => ran.join() === 'sub_1,sub_2')
  })

  test('of a worker that was killed runs again in another one', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    // A busy machine may stop a process for a while; one that lives keeps its job.
    const lockMs = 6_000
    const child = begin(process.execPath, [
      join(import.meta.dirname, 'hanging-worker.mjs'),
      own.redisUrl,
      own.prefix,
      String(lockMs),
      '500',
    ])
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended(child)
    })
    const began = firstLine(child, (line) => (line === 'began sub_stalled' ? true : undefined))
    await own.queues.offerSubmission(toGacc('sub_stalled'))
    await began
    const { ran } = ownWorkers(own, { lockMs, stalledEveryMs: 500 })
    expect(await own.queues.refillSubmissions([toGacc('sub_stalled')])).toBe(0)
    expect(ran).toEqual([])
    child.kill('SIGKILL')
    await until('the step to run again', () => ran.length === 1)
    expect(ran).toEqual(['sub_stalled'])
  })

  test('of a worker that was killed runs again, and a rate goes on, when Redis’s own clock was set back', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    const lockMs = 6_000
    const child = begin(process.execPath, [
      join(import.meta.dirname, 'hanging-worker.mjs'),
      own.redisUrl,
      own.prefix,
      String(lockMs),
      '500',
    ])
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await ended(child)
    })
    const began = firstLine(child, (line) => (line === 'began sub_stalled' ? true : undefined))
    await own.queues.offerSubmission(toGacc('sub_stalled'))
    await began
    child.kill('SIGKILL')
    await ended(child)
    // What it would keep for seconds it keeps for as much longer as its clock went back: two hours.
    const kept = ['gacc:sub_stalled:lock', 'gacc:stalled-check', 'mofcom:limiter'].map((key) => `${own.prefix}:${key}`)
    const { redis } = own.queues
    await redis.set(kept[2]!, '1')
    for (const key of kept) await redis.pexpire(key, 7_200_000)
    const { ran, workers } = ownWorkers(own, { lockMs, stalledEveryMs: 500 })
    workers.order('mofcom', { held: false, concurrency: 1, rate: { max: 1, seconds: 2 } })
    await until('the step to run again', () => ran.length === 1)
    expect(ran).toEqual(['sub_stalled'])
    await until('the count of the rate to end', async () => (await redis.pttl(kept[2]!)) <= 2_000)
    expect(own.log.lines.map(({ event }) => event)).toContainEqual(expect.stringContaining('clock set back'))
  })

  test('under way is waited for when the hub stops, up to the deadline', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    const steps: { id: string; end: () => void }[] = []
    const { workers } = ownWorkers(own, {
      submit: (id) => new Promise((resolve) => steps.push({ id, end: () => resolve({ outcome: 'done' }) })),
      concurrencyOf: () => 1,
    })
    await own.queues.offerSubmissions(['sub_1', 'sub_2'].map(toGacc))
    await until('the first step', () => steps.length === 1)
    let closed = false
    const closing = workers.close(10_000).then(() => (closed = true))
    await new Promise((wake) => setTimeout(wake, 50))
    expect(closed).toBe(false)
    steps[0]!.end()
    await closing
    expect(steps).toHaveLength(1)
    expect(await own.queues.counts()).toContainEqual({
      queue: 'gacc',
      waiting: 1,
      active: 0,
      delayed: 0,
      paused: false,
    })

    const again = ownWorkers(own, { submit: () => new Promise(() => {}) })
    await until('the second step', async () => (await own.queues.counts())?.some((c) => c.active === 1))
    const started = Date.now()
    await again.workers.close(200)
    expect(Date.now() - started, 'the step never ends').toBeLessThan(30_000)
  })
})

test('a paused agency waits while the others go on; draining it loses nothing the ledger still owes', async () => {
  const own = ownQueues(shared.url())
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

test('queues refuse names Redis or BullMQ would trip over', () => {
  for (const agencies of [['a:b'], ['GACC'], ['gacc', 'gacc'], ['returns'], ['']]) {
    expect(() => createQueues({ redisUrl: shared.url(), agencies, log: logged() })).toThrow('no name for a queue')
  }
})
