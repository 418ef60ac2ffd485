// offering — how jobs get into one queue: offers made close together become one pipeline, and nobody ever waits for
// Redis.
import type { Queue } from 'bullmq'
import { isReady, type HubRedis } from './connection.js'
import { withDeadline } from './deadline.js'
import type { FairOrder, Lane } from './fair-order.js'
import { redisTrouble } from './redis-trouble.js'

/** A job holds an id and nothing else (promise 6). */
export type JobData = { submissionId: string } | { receiptId: string }

/** A job that is to be in the queue. */
export interface Offer {
  id: string
  data: JobData
  delayMs?: number | undefined
  /** Absent: it goes before all that have one. */
  lane?: Lane | undefined
}

const TOGETHER = 500
/** Offers that may wait in memory; beyond it they are declined and left to the sweeper. */
const WAITING = 50_000

/** @see [createQueues](./queues.ts) */
interface OfferingParts {
  queue: Queue<JobData>
  redis: HubRedis
  patienceMs: number
  /** @see [createFairOrder](./fair-order.ts) */
  fairOrder: Pick<FairOrder, 'take'>
  /** Whether partners take turns; else urgency alone counts, and then who came first. */
  takesTurns: () => boolean
  /** Told why offers were declined. */
  declined: (count: number, why: string) => void
}

/** Offers to one queue. None of its verbs rejects or waits for Redis to come back. */
export function createOffering({ queue, redis, patienceMs, fairOrder, takesTurns, declined }: OfferingParts) {
  const ready = () => isReady(redis)
  let waiting: Offer[] = []
  let batch: Promise<boolean> | undefined
  let last: Promise<boolean> = Promise.resolve(true)

  /**
   * True once Redis has the job. False when it has not, or when that is not known: the ledger remembers, the sweeper
   * offers it again. A job whose id still exists is left as it is. Never rejects.
   */
  function offer(one: Offer): Promise<boolean> {
    if (!ready()) return Promise.resolve(false)
    if (waiting.length >= WAITING) {
      declined(1, 'too many offers wait')
      return Promise.resolve(false)
    }
    waiting.push(one)
    // While one pipeline is under way the next one fills: the busier, the fewer round trips.
    return (batch ??= last.then(nextTurn).then(flush))
  }

  async function flush(): Promise<boolean> {
    const offers = waiting
    waiting = []
    batch = undefined
    last = push(offers)
    return last
  }

  async function push(offers: Offer[]): Promise<boolean> {
    for (let from = 0; from < offers.length; from += TOGETHER) {
      const part = offers.slice(from, from + TOGETHER)
      try {
        if (!ready()) throw new Error('redis is away')
        const priorities = await prioritiesOf(part)
        await withDeadline(queue.addBulk(part.map((one) => toJob(one, priorities.get(one)))), patienceMs, 'addBulk')
      } catch (error) {
        declined(offers.length - from, redisTrouble(error))
        return false
      }
    }
    return true
  }

  /** Of those that have one. A position that no job gets after all is passed over. */
  async function prioritiesOf(offers: Offer[]): Promise<Map<Offer, number | undefined>> {
    const some = offers.flatMap((one) => (one.lane ? [{ one, lane: one.lane }] : []))
    if (some.length === 0 || !takesTurns()) return new Map(some.map(({ one, lane }) => [one, lane.urgency]))
    const lanes = some.map(({ lane }) => lane)
    const positions = await withDeadline(fairOrder.take(queue.qualifiedName, lanes), patienceMs, 'fair order')
    return new Map(some.map(({ one }, i) => [one, positions[i]]))
  }

  /**
   * Offers only those whose job is not there (an EXISTS is much cheaper than an add): how many; undefined when Redis is
   * away. `complete` is asked about those alone, for what is too dear to look up for all.
   */
  async function refill(
    offers: Offer[],
    complete: (offer: Offer) => Offer | Promise<Offer> = (offer) => offer,
  ): Promise<number | undefined> {
    if (offers.length === 0) return 0
    if (!ready()) return undefined
    try {
      const missing = await missingOf(offers)
      return missing.length === 0 || (await push(await Promise.all(missing.map(async (one) => complete(one)))))
        ? missing.length
        : undefined
    } catch (error) {
      declined(offers.length, redisTrouble(error))
      return undefined
    }
  }

  async function missingOf(offers: Offer[]): Promise<Offer[]> {
    const pipeline = redis.pipeline()
    for (const { id } of offers) pipeline.exists(queue.toKey(id))
    const answers = (await withDeadline(pipeline.exec(), patienceMs, 'exists')) ?? []
    return offers.filter((_, i) => {
      const [error, exists] = answers[i]!
      if (error) throw error
      return exists === 0
    })
  }

  return { offer, refill }
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve))

function toJob({ id, data, delayMs }: Offer, priority: number | undefined) {
  return {
    name: 'submissionId' in data ? 'submit' : 'return',
    data,
    opts: {
      jobId: id,
      // Gone when finished, so that the same id can be offered again: the ledger is the memory.
      removeOnComplete: true,
      removeOnFail: true,
      ...(delayMs !== undefined && delayMs > 0 ? { delay: Math.round(delayMs) } : {}),
      ...(priority === undefined ? {} : { priority }),
    },
  }
}
