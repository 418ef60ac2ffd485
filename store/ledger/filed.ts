// filed — what a partner has filed, for queries: looked up by a number, a reference or by time, the newest first.
// Nothing here writes.
import type { MessageState, ReceiptStatus } from '../../messages/states.js'

/** Of documents that are given together: a partner files some of 10 MB, and asks for all of them at once. */
export const mostContentBytes = 8 * 1024 * 1024

/** What is looked for among the filings of one partner. */
export interface FiledSearch {
  /** Always one partner's own (promise 9). */
  partnerId: string
  documentTypes: readonly string[]
  /**
   * Operations these document types are filed under; looked at one by one where neither `key` nor `reference` says
   * more.
   */
  operations: readonly string[]
  /** Any of these names at any of these agencies. */
  key?: { agencies: readonly string[]; names: readonly string[]; value: string }
  reference?: string
  since?: Date
  /** Received before this moment. */
  until?: Date
  /**
   * Only those that follow this message of one of these partners, the newest first; with `itself` it is the first of
   * them.
   */
  behind?: { messageId: string; of: readonly string[]; itself: boolean }
  /** Looked at, at most; the newest first. */
  limit: number
  /** Of those looked at, only the ones that stand so. */
  state?: string
  /** Of those that fit, so many are given; all are counted. */
  most?: number
  /** Of so many of those that are given, at most, also what was sent on and answered; as `filedContent` gives it. */
  contents?: number
}

/** A message that was accepted, without its bytes. */
export interface FiledMessage {
  messageId: string
  reference: string
  operation: string
  documentType: string
  receivedAt: Date
  /** Of two that were received in one moment the one that was recorded later has the higher one. */
  place: number
  state: MessageState
}

/** One page of what was found. */
export interface FiledFound {
  /** The newest first. */
  messages: FiledMessage[]
  /** How many fit, given or not. */
  fitting: number
  /** There are others that were not looked at. */
  more: boolean
  /** No message of these partners is the one they were to follow: nothing was looked for. */
  unplaced?: true
  /** Where they were asked for. */
  contents?: FiledContent[]
}

/** What one was, and what was answered to it. */
export interface FiledContent {
  messageId: string
  /** What was sent on; absent when it was let go of. */
  bytes?: Buffer
  /** Business receipts, the newest first; bodies up to 1 MB. */
  answers: { status: ReceiptStatus; text: { zh: string; en: string }; time: string; body?: Buffer }[]
}

/** Each search says whose filings; a query of several owners asks once for each. */
export interface Filed {
  /** Accepted ones only. */
  filed(search: FiledSearch): Promise<FiledFound>
  /**
   * Of messages of this partner; of others nothing. The first of them, and as many behind it as are no more than
   * `mostContentBytes` together: who asks for many asks again for those that are left.
   */
  filedContent(partnerId: string, messageIds: readonly string[]): Promise<FiledContent[]>
}
