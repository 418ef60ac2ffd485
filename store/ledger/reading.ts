// reading — messages with their whole history, their bytes, and counts. Nothing here writes.
import type { Fault } from '../../messages/fault.js'
import type { Acknowledgement, ChannelKind } from '../../messages/inbound.js'
import type { MessageState, ReceiptStatus, SubmissionState } from '../../messages/states.js'
import type { ReceiptView } from './returning.js'

export interface AttemptView {
  attempt: number
  startedAt: string
  endedAt?: string
  outcome?: string
  code?: string
  detail?: string
}

export interface SubmissionView {
  submissionId: string
  agency: string
  state: SubmissionState
  status?: ReceiptStatus
  agencyReference?: string
  nextAt?: string
  /** The answer awaited next: which step of the document type's expectations, until when. */
  awaited?: { step: number; by: string; overdue: boolean }
  attempts: AttemptView[]
}

export interface MessageView {
  messageId: string
  interchangeId: string
  partnerId: string
  channel: ChannelKind
  filename?: string
  reference: string
  documentType?: string
  operation?: string
  schema?: { file: string; version: string }
  state: MessageState
  size: number
  sha256: string
  receivedAt: string
  attachments: { name: string; size: number; mediaType?: string }[]
  faults: Fault[]
  submissions: SubmissionView[]
  receipts: ReceiptView[]
  /** How often the same bytes came again. */
  repeats: number
  /** Its bytes are not in the ledger any more: since when, and in which file of the archive they are; without one they are gone. */
  letGo?: { at: string; archive?: string }
}

export type MessageSummary = Pick<
  MessageView,
  | 'messageId'
  | 'partnerId'
  | 'reference'
  | 'documentType'
  | 'operation'
  | 'state'
  | 'receivedAt'
  | 'channel'
  | 'filename'
>

export interface MessageQuery {
  /** Always set on partner doors (promise 9); absent only on ops doors. */
  partnerId?: string
  reference?: string
  /** References that begin so. Of more than 5,000 the first 5,000 by their letters are looked at; `more` then says so. */
  referenceStart?: string
  operation?: string
  /** Any of these; beside `operation`, which then counts alone. */
  operations?: readonly string[]
  state?: MessageState
  since?: Date
  /** Received before this moment. */
  until?: Date
  /** Opaque, from the previous page. */
  cursor?: string
  /** 1–500. */
  limit: number
}

export interface AgencyCounts {
  agency: string
  queued: number
  held: number
  submitting: number
  submitted: number
  unclear: number
  dead: number
  oldestQueuedAt?: string
}

export interface LedgerCounts {
  messages: number
  refused: number
  receiptsOwed: number
  orphans: number
  overdue: number
  /** Answers that wait until it is known whether they are of ours, and since when the oldest. */
  heldAnswers: number
  oldestHeldAnswerAt?: string
  /** Keys two partners have under way at one agency. */
  sharedKeys: number
  agencies: AgencyCounts[]
}

export interface MessagePage {
  messages: MessageSummary[]
  /** Of the next page. */
  cursor?: string
  /** More references begin so than were looked at. */
  more?: boolean
}

/** A message's bytes as they came. */
export interface MessageContent {
  /** Absent: they were let go of. */
  bytes?: Buffer
  contentType?: string
  filename?: string
}

export interface ForwardedBytes {
  /** Absent: they were let go of. */
  bytes?: Buffer
}

/** Where a number may stand. */
export interface NumberPlaces {
  agencies: string[]
  /** Names of correlation keys. */
  names: string[]
}

export interface Reading {
  /** With `partnerId`, another partner's message is as unknown as none (promise 9). */
  getMessage(messageId: string, partnerId?: string): Promise<MessageView | undefined>
  findMessages(query: MessageQuery): Promise<MessagePage>
  getContent(messageId: string, partnerId?: string): Promise<MessageContent | undefined>
  /** What was, or will be, sent on: the message itself, or what was made of it. */
  getForwarded(messageId: string, partnerId?: string): Promise<ForwardedBytes | undefined>
  /** What the message's interchange was answered as a whole; undefined where that form has no such answer. */
  getAcknowledgement(messageId: string, partnerId?: string): Promise<Acknowledgement | undefined>
  counts(): Promise<LedgerCounts>
  /** Has a message of this document that the partner had accepted this number, of its own or by an answer? Looks at the newest thousand that do. */
  hadNumber(
    partnerId: string,
    asked: { document: string; key: string; value: string },
    agencies: string[],
  ): Promise<boolean>
  /** Messages by an id, a reference, or any correlation key of these names; of each of the three the newest first. */
  findByNumber(text: string, where: NumberPlaces, limit: number): Promise<MessageSummary[]>
}
