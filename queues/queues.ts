// queues — one BullMQ queue per agency and one for returns: what is to be done when. Losing all of it loses time, not
// messages (promise 6).
import { Queue } from 'bullmq'
import type { QueueCounts } from '../messages/views/index.js'
import { connectImpatient, isReady, onReady, usualPrefix, type HubRedis } from './connection.js'
import { createFairOrder, type Lane } from './fair-order.js'
import { createOffering, type JobData } from './offering.js'
import type { Log } from './log.js'
import { withDeadline } from './deadline.js'

/** The queue of receipts that go back to partners. */
export const returnsQueue = 'returns'
/** Questions of all agencies: how many go to one at once is decided by who asks them. */
export const questionsQueue = 'questions'

/** A submission that is due, now or after `delayMs`. */
export interface OfferedSubmission {
  submissionId: string
  agency: string
  delayMs?: number
  /** What it is about, where known: decides how urgent it is. */
  operation?: string
  /** Whose it is, where known: partners take turns. */
  partnerId?: string
}

/** A receipt that is owed, due now or after `delayMs`. */
interface OfferedReturn {
  receiptId: string
  delayMs?: number
}

/** BullMQ keeps delayed jobs by their time in milliseconds times this. */
const delayedScale = 0x1000
/** Jobs of one queue that are brought forward at one go, until none is left or this time is over: a sweep has more. */
const [mostTogether, longestForwardMs] = [500, 20_000]
const nothing = { found: 0, moved: 0 }

/** @see [startQueues](../hub/boot/queues.ts) */
export interface QueuesParts {
  /** As redis-address.ts says. */
  redisUrl: string
  /** Agency codes; each is the name of its queue. */
  agencies: string[]
  /** Before every key in Redis. Default `hub`. */
  prefix?: string
  /** Is this a question? Default: nothing is one. */
  isQuestion?: (submissionId: string) => boolean
  /** The line in which a submission waits; undefined goes before all that have one. Default: that of its partner. */
  laneOf?: (submission: OfferedSubmission) => Lane | undefined | Promise<Lane | undefined>
  /** Whether partners take turns: not while a hub lives that does not know how. Default: they do. */
  takesTurns?: () => boolean
  /** Positions of a queue; fewer in tests. Default: as many as BullMQ has. */
  lastPosition?: number
  /** How long a command may take before Redis counts as away. Default 2000. */
  patienceMs?: number
  log: Log
}

/**
 * What is to be done when, in Redis. The ledger alone decides what is done: a job that is lost is offered again by the
 * sweeper, and one that comes twice finds nothing to do.
 * @see [createQueues](./queues.ts)
 */
export interface Queues {
  redisUrl: string
  prefix: string
  agencies: string[]
  /**
   * Resolves true once Redis has the job (or had it already), false when Redis is away. Never rejects, never waits for
   * Redis to come back: a submission not offered is found by the sweeper.
   */
  offerSubmission: (submission: OfferedSubmission) => Promise<boolean>
  offerSubmissions: (submissions: OfferedSubmission[]) => Promise<boolean>
  /**
   * The job of this submission is under way and is about to wait for a time: its next turn comes after those of its
   * partner's other jobs. Never rejects.
   */
  giveTurnUp: (submission: OfferedSubmission) => Promise<void>
  offerReturn: (receipt: OfferedReturn) => Promise<boolean>
  offerReturns: (receipts: OfferedReturn[]) => Promise<boolean>
  /** For the sweeper: offers only those without a job. How many that were; undefined when Redis is away. */
  refillSubmissions: (submissions: OfferedSubmission[]) => Promise<number | undefined>
  refillReturns: (receipts: OfferedReturn[]) => Promise<number | undefined>
  /**
   * Jobs that wait longer than so, in milliseconds, wait for a time of a clock that has been set back: they run now.
   * How many that were. Never rejects.
   */
  bringForward: (longestMs: number) => Promise<number>
  /** So many jobs of a queue are under way at once, in all processes together. Never rejects. */
  limit: (concurrency: [queue: string, most: number][]) => Promise<void>
  /** Holds an agency's jobs back, for every hub process, until resumed. Rejects when Redis is away. */
  pause: (queue: string) => Promise<void>
  resume: (queue: string) => Promise<void>
  /** Throws away what waits in one queue. The sweeper offers again whatever the ledger still owes. */
  drain: (queue: string) => Promise<void>
  /** One entry a queue, the agencies first; undefined when Redis is away. */
  counts: () => Promise<QueueCounts[] | undefined>
  /**
   * Called each time Redis has become reachable, the first time included, and when another node of a cluster took over.
   * Returns how to stop listening.
   */
  onReady: (listener: () => void) => () => void
  /** For bull-board. */
  bullQueues: () => Queue[]
  /** The impatient connection, for health. */
  redis: HubRedis
  close: () => Promise<void>
}

/** The queues, whether Redis is there yet or not. */
export function createQueues({
  redisUrl,
  agencies,
  prefix = usualPrefix,
  isQuestion = () => false,
  laneOf = ({ partnerId }) => (partnerId === undefined ? undefined : { partnerId }),
  takesTurns = () => true,
  lastPosition,
  patienceMs = 2000,
  log,
}: QueuesParts): Queues {
  const names = [...agencies, questionsQueue, returnsQueue]
  const queueOf = ({ submissionId, agency }: OfferedSubmission) => (isQuestion(submissionId) ? questionsQueue : agency)
  const wrong = names.filter((name, i) => !/^[a-z][a-z0-9-]*$/.test(name) || names.indexOf(name) !== i)
  if (wrong.length > 0) throw new Error(`no name for a queue: ${wrong.join(', ')}`)

  const redis = connectImpatient(redisUrl, log)
  const ready = () => isReady(redis)

  const fairOrder = createFairOrder(redis, lastPosition)
  let quietUntil = 0
  const queues = new Map(
    names.map((name) => {
      // Without the version check nothing is asked on connecting, so nothing can fail for good if Redis goes away just
      // then.
      const queue = new Queue<JobData>(name, {
        connection: redis,
        prefix,
        skipVersionCheck: true,
        streams: { events: { maxLen: 100 } },
      })
      // The connection has its own two lines in the log.
      queue.on('error', () => {})
      const declined = (count: number, why: string) => {
        if (Date.now() < quietUntil) return
        quietUntil = Date.now() + 1000
        log.warn({ queue: name, count, why }, 'not offered, left to the sweeper')
      }
      const offering = createOffering({ queue, redis, patienceMs, fairOrder, takesTurns, declined })
      return [name, { queue, offering }] as const
    }),
  )
  const of = (name: string) => {
    const found = queues.get(name)
    if (!found) throw new Error(`there is no queue ${name}`)
    return found
  }

  const submission = ({ submissionId, delayMs }: OfferedSubmission, lane?: Lane) => ({
    id: submissionId,
    data: { submissionId },
    delayMs,
    lane,
  })
  const returned = ({ receiptId, delayMs }: OfferedReturn) => ({ id: receiptId, data: { receiptId }, delayMs })

  function offerSubmission(one: OfferedSubmission): Promise<boolean> {
    const found = queues.get(queueOf(one))
    if (found) {
      const lane = queueOf(one) === questionsQueue ? undefined : laneOf(one)
      if (!(lane instanceof Promise)) return found.offering.offer(submission(one, lane))
      // Not knowing whose it is must not keep it from being offered.
      return lane.catch(() => undefined).then((known) => found.offering.offer(submission(one, known)))
    }
    log.error({ submissionId: one.submissionId, agency: one.agency }, 'no queue for this agency')
    return Promise.resolve(false)
  }
  const offerReturn = (one: OfferedReturn) => of(returnsQueue).offering.offer(returned(one))
  const all = async (offers: Promise<boolean>[]) => (await Promise.all(offers)).every(Boolean)

  async function refillOne(agency: string, submissions: OfferedSubmission[]): Promise<number | undefined> {
    const found = queues.get(agency)
    const mine = new Map(
      submissions.filter((one) => queueOf(one) === agency).map((one) => [one.submissionId, one] as const),
    )
    return found
      ? found.offering.refill(
          [...mine.values()].map((one) => submission(one)),
          async (offer) => ({
            ...offer,
            lane: agency === questionsQueue ? undefined : await laneOf(mine.get(offer.id)!),
          }),
        )
      : 0
  }

  async function refillSubmissions(submissions: OfferedSubmission[]): Promise<number | undefined> {
    const agencies = [...new Set(submissions.map(queueOf))]
    const added = await Promise.all(agencies.map((agency) => refillOne(agency, submissions)))
    return added.reduce<number | undefined>(
      (sum, one) => (sum === undefined || one === undefined ? undefined : sum + one),
      0,
    )
  }

  /** For people at the ops door: an answer soon, or an error that says why. */
  async function ask<T>(what: string, work: () => Promise<T>): Promise<T> {
    if (!ready()) throw new Error('redis is away')
    return withDeadline(work(), patienceMs, what)
  }

  return {
    redisUrl,
    prefix,
    agencies,
    offerSubmission,
    offerSubmissions: (submissions) => all(submissions.map(offerSubmission)),
    offerReturn,
    offerReturns: (receipts) => all(receipts.map(offerReturn)),
    async giveTurnUp(one) {
      const name = queueOf(one)
      const found = queues.get(name)
      if (!found || name === questionsQueue || !ready() || !takesTurns()) return
      try {
        const lane = await laneOf(one)
        if (!lane) return
        const taken = fairOrder.takeAgain(found.queue.qualifiedName, one.submissionId, lane)
        await withDeadline(taken, patienceMs, 'fair order')
      } catch {
        // It keeps the turn it had.
      }
    },
    refillSubmissions,
    refillReturns: (receipts) => of(returnsQueue).offering.refill(receipts.map(returned)),
    async bringForward(longestMs) {
      if (!ready()) return 0
      const beyond = (Date.now() + longestMs) * delayedScale
      const some = async (queue: Queue): Promise<{ found: number; moved: number }> => {
        const ids = await redis.zrevrangebyscore(queue.toKey('delayed'), '+inf', beyond, 'LIMIT', 0, mostTogether)
        // One that runs by now needs nothing any more.
        const ends = await Promise.allSettled(ids.map(async (id) => (await queue.getJob(id))?.promote()))
        return { found: ids.length, moved: ends.filter(({ status }) => status === 'fulfilled').length }
      }
      // Not by the clock that was set.
      const until = performance.now() + longestForwardMs
      const counts = [...queues.values()].map(async ({ queue }) => {
        let sum = 0
        while (performance.now() < until) {
          const { found, moved } = await withDeadline(some(queue), patienceMs, 'bring forward').catch(() => nothing)
          sum += moved
          if (found < mostTogether || moved === 0) break
        }
        return sum
      })
      return (await Promise.all(counts)).reduce((sum, one) => sum + one, 0)
    },
    async limit(concurrency) {
      if (!ready()) return
      await withDeadline(
        Promise.all(concurrency.map(([name, most]) => of(name).queue.setGlobalConcurrency(most))),
        patienceMs,
        'limit',
      ).catch(() => {})
    },
    pause: (name) => ask('pause', () => of(name).queue.pause()),
    resume: (name) => ask('resume', () => of(name).queue.resume()),
    drain: (name) => ask('drain', () => of(name).queue.drain(true)),
    async counts() {
      const count = async (name: string, queue: Queue): Promise<QueueCounts> => {
        const [jobs, paused] = await Promise.all([
          queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed'),
          queue.isPaused(),
        ])
        const { waiting = 0, prioritized = 0, active = 0, delayed = 0 } = jobs
        return { queue: name, waiting: waiting + prioritized, active, delayed, paused }
      }
      try {
        return await ask('counts', () => Promise.all([...queues].map(([name, { queue }]) => count(name, queue))))
      } catch {
        return undefined
      }
    },
    onReady(listener) {
      const deaf = onReady(redis, listener)
      if (ready()) listener()
      return deaf
    },
    bullQueues: () => [...queues.values()].map(({ queue }) => queue as Queue),
    redis,
    async close() {
      await Promise.allSettled(
        [...queues.values()].map(({ queue }) => withDeadline(queue.close(), patienceMs, 'close')),
      )
      redis.disconnect()
    },
  }
}
