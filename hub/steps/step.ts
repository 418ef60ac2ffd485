// step — what a queue worker runs. Every step may run twice (promise 7): it asks the ledger first.
import type { AgencyAnswer } from '../../adapters/connectors/connector.js'

export type { StepResult } from '../../queues/workers.js'

/** Keeps an answer for good; what it means is settled afterwards. `alongside` is written with it, never before it. */
export type KeepReply = (
  agency: string,
  submissionId: string,
  answer: AgencyAnswer,
  alongside?: () => Promise<unknown>,
) => Promise<{ settle: () => Promise<void> }>
