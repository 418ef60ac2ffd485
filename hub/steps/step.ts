// step — what a queue worker runs. Every step may run twice (promise 7): it asks the ledger first.
import type { AgencyAnswer } from '../../messages/agency-answer.js'
import type { StepResult } from '../../queues/workers.js'

export type { StepResult }

/**
 * Keeps an answer for good; what it means is settled afterwards. `alongside` is written with it, never before it.
 * @see [createSettle](./settle.ts)
 */
export type KeepReply = (
  agency: string,
  submissionId: string,
  answer: AgencyAnswer,
  alongside?: () => Promise<unknown>,
) => Promise<{ settle: () => Promise<void> }>

/** The step is run again, so many milliseconds after `now`. */
export const laterBy = (ms: number, now: Date): StepResult => ({ outcome: 'later', at: new Date(now.getTime() + ms) })
