// workers — run the steps: one BullMQ worker per agency and one for returns. BullMQ is taken for "at least once"; the
// step asks the ledger first, so a job that runs twice does its work once (promise 7).
import { DelayedError, Worker, type Job } from 'bullmq'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectPatient, usualPrefix } from './connection.js'
import type { JobData } from './offering.js'
import type { Log } from './log.js'
import { boundKept } from './redis-clock.js'
import { isClusterState } from './redis-trouble.js'
import { questionsQueue, returnsQueue, type OfferedSubmission } from './queues.js'
import { createRunStep, type StepResult } from './run-step.js'

export type { StepResult }

/** @see [startWorking](../hub/boot/working.ts) */
export interface WorkersParts {
  redisUrl: string
  prefix?: string
  agencies: string[]
  /** How many jobs of one agency run at once in this process. */
  concurrencyOf: (agency: string) => number
  /** How many receipts are given back at once. Default 16. */
  returnConcurrency?: number
  /** @see [createSubmit](../hub/steps/submit.ts) */
  submit: (submissionId: string, agency: string) => Promise<StepResult>
  /**
   * Questions to agencies; absent: this process asks none.
   * @see [createAsk](../hub/steps/ask.ts)
   */
  ask?: ((submissionId: string) => Promise<StepResult>) | undefined
  /** How many questions are under way at once, to all agencies. Default 32. */
  askConcurrency?: number
  /** @see [createGiveBack](../hub/steps/give-back.ts) */
  giveBack: (receiptId: string) => Promise<StepResult>
  offer: (submission: OfferedSubmission) => Promise<boolean>
  /** @see [Queues](./queues.ts) */
  giveTurnUp: (submission: OfferedSubmission) => Promise<void>
  /**
   * A step that threw runs again after this long. Default 5 s: long enough not to spin, short enough not to be noticed.
   */
  troubleMs?: number
  /**
   * How long a silent worker keeps its job. Default 20 s; it is looked for every 10 s, so a killed worker's job runs
   * again within 30 s.
   */
  lockMs?: number
  stalledEveryMs?: number
  log: Log
}

/** The workers of this process: one for each agency, one for questions, one for returns. */
export interface Workers {
  /**
   * From now on so. Held: what is under way ends, nothing more is fetched. The rate is counted in Redis, for all
   * processes together.
   */
  order(
    agency: string,
    order: { held: boolean; concurrency: number; rate?: { max: number; seconds: number } | undefined },
  ): void
  /** Resolves once every worker is connected. */
  ready(): Promise<void>
  /** Takes no more jobs and waits for the steps under way, at most this long. What is cut off runs again elsewhere. */
  close(deadlineMs: number): Promise<void>
}

/**
 * They fetch jobs from now on; an agency whose gate is held fetches none. A step runs at least once for each job, also
 * twice: the step asks the ledger first.
 */
export function startWorkers(parts: WorkersParts): Workers {
  const {
    redisUrl,
    prefix = usualPrefix,
    agencies,
    concurrencyOf,
    returnConcurrency = 16,
    submit,
    ask,
    askConcurrency = 32,
    giveBack,
    offer,
    giveTurnUp,
    log,
  } = parts
  const { troubleMs = 5000, lockMs = 20_000, stalledEveryMs = 10_000 } = parts
  const connection = connectPatient(redisUrl, log)
  const runStep = createRunStep({ offer, troubleMs, log })

  const options = (concurrency: number) => ({
    connection,
    prefix,
    concurrency,
    lockDuration: lockMs,
    stalledInterval: stalledEveryMs,
    // How often a job may be run again after its worker died is the ledger's decision, not BullMQ's.
    maxStalledCount: 1_000_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
    // BullMQ's wait after a lost connection; by default a quarter of a minute.
    runRetryDelay: 500,
  })

  function start(queue: string, concurrency: number, step: (data: JobData) => Promise<StepResult>): Worker<JobData> {
    const worker = new Worker<JobData>(queue, (job, token) => run(queue, job, token, step), options(concurrency))
    worker.on('error', (error) => {
      if (!isConnectionTrouble(error)) log.warn({ queue, error: error.message }, 'worker')
    })
    worker.on('stalled', (jobId) => log.warn({ queue, jobId }, 'a worker was lost; its job runs again'))
    worker.on('failed', (job, error) =>
      log.error({ queue, jobId: job?.id, error: error.message }, 'job dropped; the sweeper offers it again'),
    )
    return worker
  }

  async function run(
    queue: string,
    job: Job<JobData>,
    token: string | undefined,
    step: (data: JobData) => Promise<StepResult>,
  ): Promise<void> {
    const again = await runStep(queue, job.data, step)
    if (!again) return
    if ('submissionId' in job.data && byAgency.has(queue)) await giveTurnUp({ ...job.data, agency: queue })
    // The same job with the same id: an offer made meanwhile is ignored by BullMQ instead of running beside it.
    await job.moveToDelayed(again.getTime(), token)
    throw new DelayedError()
  }

  const byAgency = new Map(
    agencies.map((agency) => [
      agency,
      start(agency, concurrencyOf(agency), (data) => submit((data as { submissionId: string }).submissionId, agency)),
    ]),
  )
  const workers = [
    ...byAgency.values(),
    ...(ask
      ? [start(questionsQueue, askConcurrency, (data) => ask((data as { submissionId: string }).submissionId))]
      : []),
    start(returnsQueue, returnConcurrency, (data) => giveBack((data as { receiptId: string }).receiptId)),
  ]

  let bounding = false
  /** A patient question waits for Redis: there is never more than one at a time. */
  async function boundAll(): Promise<void> {
    if (bounding) return
    bounding = true
    try {
      for (const { name, opts } of workers) {
        const rateMs = opts.limiter?.duration
        const bounded = await boundKept(connection, `${prefix}:${name}`, { lockMs, stalledEveryMs, rateMs })
        if (bounded > 0)
          log.warn({ queue: name, bounded }, 'kept by Redis for too long, and ends now: was its clock set back?')
      }
    } catch {
      // Redis went away meanwhile: the next look is soon.
    } finally {
      bounding = false
    }
  }
  const bounds = setInterval(() => void boundAll(), stalledEveryMs)
  bounds.unref()

  const heldNow = new Set<string>()
  // A worker that is resumed in the very moment its loop ends would never fetch again.
  const watch = setInterval(() => {
    for (const [agency, worker] of byAgency)
      if (!heldNow.has(agency) && !worker.isPaused() && !worker.isRunning() && !worker.closing)
        worker.run().catch(() => {})
  }, 1000)
  watch.unref()

  return {
    order(agency, { held, concurrency, rate }) {
      const worker = byAgency.get(agency)
      if (!worker) return
      worker.concurrency = concurrency
      // Read with every fetch.
      if (rate) worker.opts.limiter = { max: rate.max, duration: Math.max(1, Math.round(rate.seconds * 1000)) }
      else delete worker.opts.limiter
      if (held) heldNow.add(agency)
      else heldNow.delete(agency)
      if (held !== worker.isPaused())
        (held ? worker.pause(true) : worker.resume()).catch((error: unknown) =>
          log.error({ queue: agency, error: String(error) }, 'worker'),
        )
    },
    async ready() {
      await Promise.all(workers.map((worker) => worker.waitUntilReady()))
    },
    async close(deadlineMs) {
      clearInterval(watch)
      clearInterval(bounds)
      const quiet = new AbortController()
      const finished = Promise.allSettled(workers.map((worker) => worker.close()))
      const late = sleep(deadlineMs, 'late' as const, { signal: quiet.signal }).catch(() => 'late' as const)
      if ((await Promise.race([finished, late])) === 'late')
        log.warn({ deadlineMs }, 'steps under way were cut off; they run again')
      quiet.abort()
      // Also when Redis is away or a step hangs: the connections go, the process may end.
      await Promise.race([Promise.allSettled(workers.map((worker) => worker.disconnect())), sleep(1000)])
      connection.disconnect()
    },
  }
}

/** The connection has its own lines in the log. */
function isConnectionTrouble(error: Error): boolean {
  return 'code' in error || isClusterState(error) || /connection is closed|stream isn't writeable/i.test(error.message)
}
