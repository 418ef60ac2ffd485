// Partners that wait for one agency take turns, on a real Redis.
import { describe, expect, onTestFinished, test } from 'vitest'
import { createQueues, type OfferedSubmission, type Queues, type QueuesParts } from '../../../queues/queues.js'
import { startWorkers, type StepResult } from '../../../queues/workers.js'
import { until } from '../../support/until.js'
import { logged, sharedRedis } from './fixture.js'

const shared = sharedRedis()
let count = 0

/** Hubs on one Redis; nothing is sent before `work`. */
async function hubs(howMany = 1, over: Partial<QueuesParts> = {}) {
  const prefix = `fair${++count}`
  const parts = { redisUrl: shared.url(), agencies: ['gacc'], prefix, patienceMs: 20_000, log: logged() }
  // Looked up where the offer does not say.
  const laneOf = ({ submissionId, partnerId = partnerOf(submissionId) }: OfferedSubmission) => ({ partnerId })
  const all = Array.from({ length: howMany }, () => createQueues({ ...parts, laneOf, ...over }))
  onTestFinished(async () => void (await Promise.all(all.map((queues) => queues.close()))))
  await until('redis', () => all.every(({ redis }) => redis.status === 'ready'))
  const sent: string[] = []
  /** One after another, in the order in which they are written down. */
  async function work(
    step: (id: string, tries: number) => StepResult | Promise<StepResult> = () => ({ outcome: 'done' }),
  ) {
    const workers = startWorkers({
      redisUrl: shared.url(),
      prefix,
      agencies: ['gacc'],
      concurrencyOf: () => 1,
      submit: async (id) => (sent.push(id), step(id, sent.filter((one) => one === id).length)),
      giveBack: async () => ({ outcome: 'done' }),
      offer: all[0]!.offerSubmission,
      giveTurnUp: all[0]!.giveTurnUp,
      log: logged(),
    })
    onTestFinished(() => workers.close(100))
    await workers.ready()
    return workers
  }
  const sentIn = (n: number) => until(`${n} sent`, () => sent.length >= n, 60_000)
  return { all, queues: all[0]!, prefix, sent, sentIn, work }
}

const many = (partnerId: string, n: number) =>
  Array.from({ length: n }, (_, i) => ({
    submissionId: `sub_${partnerId}_${String(i).padStart(5, '0')}`,
    agency: 'gacc',
    partnerId,
  }))
const one = (partnerId: string, what = '') => ({ submissionId: `sub_${partnerId}${what}`, agency: 'gacc', partnerId })
const waiting = async (queues: Queues) => (await queues.counts())!.find(({ queue }) => queue === 'gacc')!
const partnerOf = (id: string) => id.split('_')[1]!

describe('of partners that wait for one agency', () => {
  test('one has a thousand: a single one of another goes out behind one of them, not behind all', async () => {
    const { queues, sent, sentIn, work } = await hubs()
    await queues.offerSubmissions(many('flood', 1000))
    await queues.offerSubmission(one('small'))
    expect(await waiting(queues)).toMatchObject({ waiting: 1001, active: 0, delayed: 0 })
    await work()
    await sentIn(1001)
    expect(sent.slice(0, 2)).toEqual(['sub_flood_00000', 'sub_small'])
    expect(
      sent.filter((id) => id !== 'sub_small'),
      'its own go in their order',
    ).toEqual(many('flood', 1000).map(({ submissionId }) => submissionId))
  })

  test('each sends one in turn, and who came later gets no credit for it', async () => {
    const { queues, sent, sentIn, work } = await hubs()
    await queues.offerSubmissions(many('a', 300))
    let later: Promise<unknown> | undefined
    const workers = await work(async () => {
      if (sent.length === 100) later = queues.offerSubmissions([...many('b', 100), ...many('c', 100)])
      if (sent.length === 100) await later
      return { outcome: 'done' }
    })
    await sentIn(500)
    await workers.close(1000)
    const rounds = sent.slice(101, 401).map(partnerOf)
    for (let i = 0; i + 30 <= 300; i += 30) {
      const share = (partner: string) => rounds.slice(i, i + 30).filter((found) => found === partner).length
      expect([share('a'), share('b'), share('c')]).toEqual([10, 10, 10])
    }
  })

  test('two hubs count together', async () => {
    const { all, sent, sentIn, work } = await hubs(2)
    await all[0]!.offerSubmissions(many('flood', 500))
    await all[1]!.offerSubmissions(many('other', 3))
    await all[0]!.offerSubmission(one('small'))
    await all[1]!.offerSubmission(one('small', '_again'))
    await Promise.all([work(), work()])
    await sentIn(505)
    const position = (id: string) => sent.indexOf(id)
    expect(position('sub_small')).toBeLessThan(5)
    expect(position('sub_small_again')).toBeLessThan(8)
    expect(position('sub_other_00002')).toBeLessThan(12)
  })

  test('after Redis has lost everything they take turns again, in whatever order they are offered', async () => {
    const { queues, prefix, sent, sentIn, work } = await hubs()
    await queues.offerSubmissions(many('flood', 1000))
    await queues.offerSubmission(one('small'))
    await queues.redis.del(...(await queues.redis.keys(`${prefix}:*`)))
    expect(await queues.refillSubmissions(many('flood', 1000))).toBe(1000)
    expect(await queues.refillSubmissions([one('small')])).toBe(1)
    await work()
    await sentIn(1001)
    expect(sent.indexOf('sub_small')).toBe(1)
  })

  test('a job that is tried again goes behind the others of its partner, not before those of another', async () => {
    const { queues, sent, sentIn, work } = await hubs()
    await queues.offerSubmissions(many('failing', 20))
    // All of them fail once, and are due again together.
    const due = new Date(Date.now() + 1500)
    let others: Promise<unknown> | undefined
    await work(async (id, tries) => {
      if (partnerOf(id) === 'failing' && tries === 1) {
        if (sent.length === 20) {
          others = queues.offerSubmissions(many('steady', 40))
          await others
        }
        return { outcome: 'later', at: due }
      }
      // Nothing goes out until the failed ones are due too.
      await until('the time', () => Date.now() > due.getTime())
      return { outcome: 'done' }
    })
    await sentIn(80)
    const second = sent.slice(20).map(partnerOf)
    // In turn from the moment they are due: of any ten no partner has more than six.
    for (let i = 1; i + 10 < 40; i += 10)
      expect(second.slice(i, i + 10).filter((partner) => partner === 'failing').length).toBeLessThanOrEqual(6)
  })

  test('hundreds that fall due again together keep a single one of another behind one of them', async () => {
    const { queues, sent, sentIn, work } = await hubs()
    await queues.offerSubmissions(many('failing', 300))
    const due = new Date(Date.now() + 1500)
    await work(async (id, tries) => {
      if (partnerOf(id) === 'failing' && tries === 1) return { outcome: 'later', at: due }
      // All are due by now, and stand in the queue.
      if (sent.length === 301) await queues.offerSubmission(one('small'))
      if (sent.length === 310) await queues.offerSubmission(one('small', '_again'))
      return { outcome: 'done' }
    })
    await sentIn(602)
    expect(sent.indexOf('sub_small')).toBeLessThanOrEqual(302)
    expect(sent.indexOf('sub_small_again')).toBeLessThanOrEqual(311)
  })

  test('urgent ones go first, and take turns among themselves', async () => {
    const urgencies = [1, 100]
    const { queues, sent, sentIn, work } = await hubs(1, {
      laneOf: ({ partnerId, operation }) => ({
        partnerId: partnerId!,
        urgency: operation === 'urgent' ? 1 : 100,
        urgencies,
      }),
    })
    await queues.offerSubmissions(many('flood', 50))
    await queues.offerSubmissions([one('small')])
    await queues.offerSubmissions(many('hasty', 50).map((urgent) => ({ ...urgent, operation: 'urgent' })))
    await queues.offerSubmissions([{ ...one('brief'), operation: 'urgent' }])
    await work()
    await sentIn(102)
    expect(sent.indexOf('sub_brief')).toBe(1)
    expect(sent.slice(0, 51).map(partnerOf).sort()).toEqual(['brief', ...Array<string>(50).fill('hasty')])
    expect(sent.indexOf('sub_small')).toBe(52)
  })

  test('what a hub of before has offered goes first, and keeps nobody waiting for good', async () => {
    const { all, sent, sentIn, work } = await hubs()
    const before = (await hubs(1, { prefix: `fair${count}`, takesTurns: () => false })).queues
    await before.offerSubmissions(many('old', 20))
    await all[0]!.offerSubmissions(many('new', 20))
    await before.offerSubmissions(many('older', 20))
    await work()
    await sentIn(60)
    expect(sent.slice(0, 40).map(partnerOf)).not.toContain('new')
  })

  test('positions begin again when nothing waits, and never come to their end while much does', async () => {
    const lastPosition = 1000
    const { queues, prefix, sent, sentIn, work } = await hubs(1, { lastPosition })
    const fields = () => queues.redis.hgetall(`${prefix}:gacc:fair:1-${lastPosition}`)
    // Never idle: one always waits for its time.
    await queues.offerSubmission({ ...one('patient'), delayMs: 3_600_000 })
    let given = 0
    let highest = 0
    const more = async () => {
      const next = many(`flood${given++}`, 40).map((job, i) => ({ ...job, partnerId: i % 3 ? 'flood' : 'other' }))
      await queues.offerSubmissions(next)
      highest = Math.max(highest, Number((await fields()).top))
    }
    await more()
    let filling = true
    await work(async () => {
      if (filling && sent.length % 40 === 0) await more()
      if (given >= 75) filling = false
      return { outcome: 'done' }
    })
    await until('all of them', async () => !filling && (await waiting(queues)).waiting === 0, 60_000)
    expect(sent.length).toBeGreaterThan(2 * lastPosition)
    expect(highest).toBeLessThan(lastPosition)
    await queues.offerSubmission(one('small'))
    await sentIn(40 * given + 1)

    // Idle: what waited for its time goes, too.
    await queues.drain('gacc')
    await until('an idle queue', async () => (await waiting(queues)).active === 0)
    await queues.offerSubmission(one('first'))
    expect(await fields()).toEqual({ now: '1', top: '1' })
  })

  test('with more waiting than there are positions, the others still go first', async () => {
    const { queues, sent, sentIn, work } = await hubs(1, { lastPosition: 50 })
    await queues.offerSubmissions(many('flood', 200))
    await queues.offerSubmission(one('small'))
    await work()
    await sentIn(201)
    expect(sent.indexOf('sub_small')).toBe(1)
    expect(sent.filter((id) => id !== 'sub_small')).toEqual(many('flood', 200).map(({ submissionId }) => submissionId))
  })
})
