// attention — what a person must look at: dead letters, unclear and held submissions, answers that are late.
import type { AttentionView } from '../../messages/views/index.js'
import type { ReceiptBeside } from './answers.js'
import type { SubmissionFacts } from './owners.js'

/** An answer that is late. `step`: which of the awaited ones, from 0; `by`: when it was due, ISO 8601, UTC. */
export interface OverdueAnswer extends Omit<SubmissionFacts, 'operation' | 'channel'> {
  step: number
  by: string
}

/** Which of them: all where it says nothing. */
export interface AttentionFilter {
  agency?: string | undefined
  code?: string | undefined
}

/** What a person has decided of a held one: it goes as it is, or it is a dead letter. */
export interface HeldDecision extends ReceiptBeside {
  decision: 'send' | 'dead'
}

/** Decisions are made once: of two people who decide at once, the second one is told false. */
export interface Attention {
  /** What stands in a state a person must look at, the oldest first. */
  needsAttention(
    kind: 'dead' | 'unclear' | 'held' | 'overdue',
    limit: number,
    which?: AttentionFilter,
  ): Promise<AttentionView[]>
  /** Submissions whose awaited answer is late, each told once. */
  markOverdue(now: Date, limit: number): Promise<OverdueAnswer[]>
  /** A person lets a held one go. */
  releaseHeld(submissionId: string, decided: HeldDecision, now: Date): Promise<boolean>
  /** A person closes a dead letter: it is kept, and not shown as open any more. */
  dropDead(submissionId: string): Promise<boolean>
}
