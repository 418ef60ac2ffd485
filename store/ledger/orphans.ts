// orphans — answers that speak of no submission, and those held until it is known whether they do.
import type { HeldAnswerView, OrphanView } from '../../messages/views/index.js'

/** An answer that is settled again is settled as a whole; who has its receipt already gets no second one. */
export interface Orphans {
  /** Answers that wait until it is known whether they are of ours, the oldest first. */
  heldAnswers(limit: number): Promise<HeldAnswerView[]>
  /** Those held for something that is settled by now: unsettled again. How many. */
  reopenHeld(limit: number): Promise<number>
  /** A person lets one go, as what it is without an owner: unsettled again, and not held any more. */
  releaseAnswer(replyId: string, now: Date): Promise<boolean>
  /** Replies that speak of no submission, the newest first. */
  orphans(limit: number): Promise<OrphanView[]>
  /** Orphans that cite what a submission has come to know meanwhile: unsettled again. How many. */
  reopenOrphans(limit: number): Promise<number>
  /** A person says whose it is: unsettled again, for that submission. */
  matchOrphan(replyId: string, submissionId: string): Promise<boolean>
  /** A person says it concerns nobody: no orphan any more, still kept. */
  dropOrphan(replyId: string): Promise<boolean>
}
