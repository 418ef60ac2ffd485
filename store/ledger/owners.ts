// owners — the submissions that an answer may belong to, and keys that two partners use at one agency at the same time.
import type { ChannelKind } from '../../messages/inbound.js'
import type { Key } from '../../messages/inspection.js'
import type { OwnerView, SharedKeyView } from '../../messages/views/index.js'
import type { HeldFor } from './answers.js'

/** A submission, and what its message is. */
export interface SubmissionFacts {
  submissionId: string
  messageId: string
  partnerId: string
  agency: string
  reference: string
  operation: string
  documentType: string
  /** The channel its message came by. */
  channel: ChannelKind
}

/** One who has a number that an answer cites, and what settles an answer of his. */
export type OwnerFacts = OwnerView &
  SubmissionFacts & {
    changes: boolean
    /** The agency may have it: it is being sent, nobody knows, or a try that was in doubt is made again. */
    inDoubt: boolean
  }

/** What `settle` asks to find out whose an answer is. @see [createCorrelate](../../hub/steps/settle/correlate.ts) */
export interface Owners {
  /** Undefined when there is none of this id. */
  submissionById(submissionId: string): Promise<SubmissionFacts | undefined>
  /**
   * Everybody who has this key at this agency: what it surely has first, then what is in doubt.
   * @param among document types it may be
   */
  ownersOf(agency: string, key: Key, among?: readonly string[]): Promise<OwnerFacts[]>
  /** Of each of them the codes of all answers it has had, in the order they came. */
  answersTo(submissions: readonly Pick<OwnerView, 'messageId' | 'submissionId'>[]): Promise<string[][]>
  /**
   * Was one of ours under way at this agency before then, of these types and still without a number the answer cites?
   */
  mayLearn(agency: string, held: HeldFor, before: Date): Promise<boolean>
  /** Keys two partners have under way at one agency, the newest first. */
  sharedKeys(limit: number): Promise<SharedKeyView[]>
  /** A person has looked into it. */
  closeSharedKey(id: number, now: Date): Promise<boolean>
}
