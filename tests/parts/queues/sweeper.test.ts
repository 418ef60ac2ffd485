// The sweeper: whatever Redis has lost or never heard of is offered again from the ledger.
import { describe, expect, onTestFinished, test } from 'vitest'
import { startSweeper, type SweeperParts } from '../../../queues/sweeper.js'
import { until } from '../../support/until.js'
import { ids, logged, ownQueues, sharedRedis, toGacc } from './fixture.js'

const shared = sharedRedis()

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
  const due = (all: string[]) => async (limit: number, after?: string) =>
    all
      .filter((id) => after === undefined || id > after)
      .slice(0, limit)
      .map(toGacc)

  test('offers at start everything that is owed, page by page, and settles what was left unsettled', async () => {
    const settled: string[] = []
    const { offered } = ownSweeper({
      page: 10,
      dueSubmissions: due(ids(35)),
      interrupted: async () => [toGacc('sub_lost')],
      unclear: async () => [toGacc('sub_unclear')],
      dueReturns: async () => [{ receiptId: 'rcp_1' }],
      unsettled: async (_, after) => (after ? [] : ['rep_1', 'rep_2']),
      settle: async (reply) => void settled.push(reply),
    })
    await until('all of it', () => offered.includes('rcp_1'))
    expect(offered).toEqual([...ids(35), 'sub_lost', 'sub_unclear', 'rcp_1'])
    expect(settled).toEqual(['rep_1', 'rep_2'])
  })

  test('receipts that have their job and cannot go keep none behind them from being offered', async () => {
    const all = Array.from({ length: 25 }, (_, i) => ({ receiptId: `rcp_${String(i).padStart(2, '0')}` }))
    const { offered } = ownSweeper({
      everyMs: 5,
      page: 5,
      pagesEach: 2,
      dueReturns: async (limit, after) =>
        all.filter(({ receiptId }) => after === undefined || receiptId > after).slice(0, limit),
      // Those of a partner whose mailbox is at another hub.
      refillReturns: async (some) => {
        const missing = some.filter(({ receiptId }) => receiptId > 'rcp_20')
        offered.push(...missing.map(({ receiptId }) => receiptId))
        return missing.length
      },
    })
    await until('those behind them', () => offered.includes('rcp_24'))
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
    expect(log.lines).toContainEqual({
      level: 'error',
      event: 'sweep failed; tried again at the next one',
      ids: { part: 'submissions', error: 'disk I/O error' },
    })
  })

  test('one answer that cannot be settled keeps no other from being settled', async () => {
    const settled: string[] = []
    const { log } = ownSweeper({
      unsettled: async (_, after) => (after ? [] : ['rep_1', 'rep_2', 'rep_3']),
      settle: async (reply) => {
        if (reply === 'rep_2') throw new Error('a checker was lost')
        settled.push(reply)
      },
    })
    await until('the others', () => settled.includes('rep_3'))
    expect(settled).toEqual(['rep_1', 'rep_3'])
    await until('a word about it', () =>
      log.lines.some(({ ids: said }) => said.error === '1 not settled, the first: a checker was lost'),
    )
  })

  test('asks about every unclear one in the end, past those that cannot be asked about', async () => {
    const all = ids(60)
    const unclear = async (limit: number, after?: string) =>
      all
        .filter((id) => after === undefined || id > after)
        .slice(0, limit)
        .map((submissionId) => ({ submissionId, agency: submissionId < all[30]! ? 'msa' : 'gacc' }))
    const { offered } = ownSweeper({
      everyMs: 5,
      page: 10,
      pagesEach: 1,
      unclear,
      mayAsk: (agency) => agency === 'gacc',
    })
    await until('the whole sweep at the start, and a round on the timer', () => offered.length >= 60)
    expect(offered.slice(0, 60)).toEqual([...all.slice(30), ...all.slice(30)])
  })

  test('refills a Redis that was wiped', async () => {
    const own = ownQueues(shared.url())
    await own.ready()
    await own.queues.pause('gacc')
    await own.queues.offerSubmissions(ids(1200).map(toGacc))
    const wiper = own.queues.redis
    const keys = await wiper.keys(`${own.prefix}:*`)
    await wiper.del(...keys)
    expect((await own.queues.counts())!.every((c) => c.waiting === 0)).toBe(true)
    const { sweeper } = ownSweeper({
      dueSubmissions: due(ids(1200)),
      refillSubmissions: own.queues.refillSubmissions,
      refillReturns: own.queues.refillReturns,
    })
    await sweeper.sweep()
    expect(await own.queues.counts()).toContainEqual({
      queue: 'gacc',
      waiting: 1200,
      active: 0,
      delayed: 0,
      paused: false,
    })
  })
})
