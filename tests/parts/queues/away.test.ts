// A Redis that is killed, hangs, is full or not there yet: offers are declined at once, and everything runs once it is
// back.
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkRedis } from '../../../queues/health.js'
import { startRedis } from '../../../queues/redis-server.js'
import { startSweeper } from '../../../queues/sweeper.js'
import { freePort } from '../../support/free-port.js'
import { tempDir } from '../../support/temp.js'
import { until } from '../../support/until.js'
import { ids, logged, ownQueues, ownWorkers, toGacc } from './fixture.js'

describe('when Redis', () => {
  test('is killed, offers are declined at once, and everything runs once it is back', async () => {
    const dir = await tempDir('redis')
    // At an address that stays; begun again by this test and nobody else.
    const [port, never] = [await freePort(), 3_600_000]
    const server = await startRedis({ dir, port, againMs: never, log: logged() })
    onTestFinished(() => server.stop())
    const own = ownQueues(server.url)
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
    await until('it to be well', async () => (await checkRedis(own.queues.redis)).ok)

    process.kill(server.pid()!, 'SIGKILL')
    await until('the connection to be lost', () => own.queues.redis.status !== 'ready')
    owed.add('sub_meanwhile')
    expect(await own.queues.offerSubmission(toGacc('sub_meanwhile'))).toBe(false)
    expect(await own.queues.offerReturns([{ receiptId: 'rcp_1' }])).toBe(false)
    expect(await own.queues.counts()).toBeUndefined()
    expect(await checkRedis(own.queues.redis)).toEqual({ ok: false, detail: 'redis is away' })
    await expect(own.queues.pause('gacc')).rejects.toThrow('redis is away')

    const back = await startRedis({ dir, port, log: logged() })
    onTestFinished(() => back.stop())
    await until('what was accepted meanwhile', () => ran.includes('sub_meanwhile'))
    expect(ran).toHaveLength(51)
    // Its scripts are gone with it; offering goes on all the same.
    expect(await own.queues.offerSubmission(toGacc('sub_after'))).toBe(true)
    await until('the next one', () => ran.includes('sub_after'))
  })

  test('is not there at start, the hub starts without it and goes on as soon as it is', async () => {
    const dir = await tempDir('redis')
    const own = ownQueues(join(dir, 'redis.sock'))
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
    const own = ownQueues(server.url, { patienceMs: 300 })
    await own.ready()
    await until('an offer to be taken', () => own.queues.offerSubmission(toGacc('sub_0')))
    const pid = server.pid()!
    process.kill(pid, 'SIGSTOP')
    const started = Date.now()
    const offers = await Promise.all(ids(5).map((id) => own.queues.offerSubmission(toGacc(id))))
    expect(offers).toEqual([false, false, false, false, false])
    expect((await checkRedis(own.queues.redis, { patienceMs: 200 })).ok).toBe(false)
    expect(Date.now() - started, 'it hangs until it is told to go on').toBeLessThan(30_000)
    process.kill(pid, 'SIGCONT')
    await until('it to be well', async () => (await checkRedis(own.queues.redis)).ok)
    await until('an offer to be taken', () => own.queues.offerSubmission(toGacc('sub_9')))
  })

  test('is full, it is not healthy and offers are declined', async () => {
    const dir = await tempDir('redis')
    const server = await startRedis({ dir, log: logged() })
    onTestFinished(() => server.stop())
    const own = ownQueues(server.url)
    await own.ready()
    await own.queues.offerSubmission(toGacc('sub_1'))
    await own.queues.redis.config('SET', 'maxmemory', '1mb')
    expect(await own.queues.offerSubmission(toGacc('sub_2'))).toBe(false)
    const health = await checkRedis(own.queues.redis)
    expect(health.ok).toBe(false)
    expect(health.detail).toMatch(/OOM/)
  })
})
