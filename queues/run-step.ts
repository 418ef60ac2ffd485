// run-step — what becomes of a job when its step has ended, whatever queue it came from: it is done and frees the next,
// or the same job runs again later. A step that throws is the hub's own trouble and no fault of the message.
import type { JobData } from './offering.js'
import type { Log } from './log.js'
import type { OfferedSubmission } from './queues.js'

/**
 * How a step ended: done, perhaps freeing another submission that waited behind this one; or to be run again at a given
 * time.
 */
export type StepResult =
  | { outcome: 'done'; next?: { submissionId: string; agency: string; partnerId?: string } }
  | { outcome: 'later'; at: Date }

/** @see [startWorkers](./workers.ts) */
interface RunStepParts {
  offer: (submission: OfferedSubmission) => Promise<boolean>
  /** A step that threw runs again after this long, in milliseconds. */
  troubleMs: number
  log: Log
  now?: () => Date
}

/** Runs the step of a job, and says when the job is to run again. */
export function createRunStep({ offer, troubleMs, log, now = () => new Date() }: RunStepParts) {
  /** Resolves with the time at which the same job runs again; undefined: it is done. Rejects never. */
  return async function runStep(
    queue: string,
    data: JobData,
    step: (data: JobData) => Promise<StepResult>,
  ): Promise<Date | undefined> {
    let result: StepResult
    try {
      result = await step(data)
    } catch (error) {
      // The hub is in trouble (the ledger cannot be written …), not the message: the job stays, and is tried again a
      // little later.
      log.error(
        { queue, ...data, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
        'step failed; it runs again',
      )
      result = { outcome: 'later', at: new Date(now().getTime() + troubleMs) }
    }
    if (result.outcome === 'later') return result.at
    // Lost in a crash right here, the sweeper offers it.
    if (result.next) await offer(result.next)
    return undefined
  }
}
