// step — what a queue worker runs. Every step may run twice (promise 7): it asks the ledger first.
import type { AgencyAnswer } from '../../adapters/connectors/connector.js'

/** Done, perhaps freeing another submission that waited behind this one; or to be run again at a given time. */
export type StepResult =
  { outcome: 'done'; next?: { submissionId: string; agency: string } } | { outcome: 'later'; at: Date }

/** Keeps an answer for good; what it means is settled afterwards. `alongside` is written with it, never before it. */
export type KeepReply = (
  agency: string,
  submissionId: string,
  answer: AgencyAnswer,
  alongside?: () => Promise<unknown>,
) => Promise<{ settle: () => Promise<void> }>
