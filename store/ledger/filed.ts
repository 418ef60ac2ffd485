// filed — what a partner has filed, for queries: looked up by a number, a reference or by time, the newest first. Nothing here writes.
import type { ReceiptStatus, SubmissionState } from '../../messages/states.js'

export interface FiledSearch {
  /** Always one partner's own (promise 9). */
  partnerId: string
  documentTypes: readonly string[]
  /** Operations these document types are filed under; looked at one by one where neither `key` nor `reference` says more. */
  operations: readonly string[]
  /** Any of these names at any of these agencies. */
  key?: { agencies: readonly string[]; names: readonly string[]; value: string }
  reference?: string
  since?: Date
  /** Received before this moment. */
  until?: Date
  /** At most; the newest first. */
  limit: number
}

export interface FiledMessage {
  messageId: string
  reference: string
  operation: string
  documentType: string
  receivedAt: Date
  submissions: { agency: string; state: SubmissionState; status?: ReceiptStatus }[]
}

/** What one was, and what was answered to it. */
export interface FiledContent {
  messageId: string
  /** What was sent on; absent when it was let go of. */
  bytes?: Buffer
  /** Business receipts, the newest first; bodies up to 1 MB. */
  answers: { status: ReceiptStatus; text: { zh: string; en: string }; time: string; body?: Buffer }[]
}

export interface Filed {
  /** Accepted ones only. */
  filed(search: FiledSearch): Promise<FiledMessage[]>
  /** Of messages of this partner; of others nothing. */
  filedContent(partnerId: string, messageIds: readonly string[]): Promise<FiledContent[]>
}
