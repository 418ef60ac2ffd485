// submissions — what an operator does about submissions that nobody sends by itself.
import type { Operator } from '../../../../messages/operator.js'
import type * as view from '../../../../messages/views/index.js'

/**
 * Those that resolve with false: it is not in that state.
 * @see [createOperator](../../../../hub/operate/operator.ts)
 */
export interface SubmissionOpsParts {
  /** Submissions a person must look at. */
  needsAttention: (
    kind: 'dead' | 'unclear' | 'held' | 'overdue',
    limit: number,
    which?: { agency?: string | undefined; code?: string | undefined },
  ) => Promise<view.AttentionView[]>
  replay: (submissionId: string, by: Operator) => Promise<boolean>
  /** All dead letters of an agency, or of all; how many. */
  replayAll: (which: { agency?: string | undefined; code?: string | undefined }, by: Operator) => Promise<number>
  resolveUnclear: (submissionId: string, decision: 'taken' | 'resend' | 'dead', by: Operator) => Promise<boolean>
  releaseHeld: (submissionId: string, decision: 'send' | 'dead', by: Operator) => Promise<boolean>
  dropDead: (submissionId: string, by: Operator) => Promise<boolean>
}
