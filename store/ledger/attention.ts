// attention — what a person must look at: dead letters, unclear and held submissions, answers that are late.
import type { StandingView } from '../../messages/views/index.js'
import type { HubReceipt } from './answers.js'

/** An answer that is late. `step`: which of the awaited ones, from 0; `by`: when it was due, ISO 8601, UTC. */
export interface OverdueView {
  submissionId: string
  messageId: string
  partnerId: string
  agency: string
  documentType: string
  reference: string
  step: number
  by: string
}

/** Which of them: all where it says nothing. */
export interface StandingFilter {
  agency?: string | undefined
  code?: string | undefined
}

/** Decisions are made once: of two people who decide at once, the second one is told false. */
export interface Attention {
  /** What stands in a state a person must look at, the oldest first. */
  standing(
    kind: 'dead' | 'unclear' | 'held' | 'overdue',
    limit: number,
    which?: StandingFilter,
  ): Promise<StandingView[]>
  /** Submissions whose awaited answer is late, each told once. */
  markOverdue(now: Date, limit: number): Promise<OverdueView[]>
  /**
   * A person lets a held one go: as it is, or as a dead letter.
   * @param told what its partner hears of that, in the same write
   */
  releaseHeld(submissionId: string, decision: 'send' | 'dead', now: Date, told?: HubReceipt): Promise<boolean>
  /** A person closes a dead letter: it is kept, and not shown as open any more. */
  dropDead(submissionId: string): Promise<boolean>
}
