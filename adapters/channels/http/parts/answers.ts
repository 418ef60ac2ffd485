// answers — what an operator does about answers of agencies that no submission is found for, or more than one.
import type { Operator } from '../../../../messages/operator.js'
import type * as view from '../../../../messages/views/index.js'

/**
 * Those that resolve with false: it is not there any more.
 * @see [createOperator](../../../../hub/operate/operator.ts)
 */
export interface AnswerOpsParts {
  /** The newest notices of agencies. */
  notices: (limit: number) => Promise<view.NoticeView[]>
  orphans: (limit: number) => Promise<view.OrphanView[]>
  matchOrphan: (replyId: string, submissionId: string, by: Operator) => Promise<boolean>
  dropOrphan: (replyId: string, by: Operator) => Promise<boolean>
  /** Answers that wait until it is known whether they are of ours, the oldest first. */
  heldAnswers: (limit: number) => Promise<view.HeldAnswerView[]>
  releaseAnswer: (replyId: string, by: Operator) => Promise<boolean>
  /** Keys two partners have under way at one agency. */
  sharedKeys: (limit: number) => Promise<view.SharedKeyView[]>
  closeSharedKey: (id: number, by: Operator) => Promise<boolean>
}
