// taking — an interchange with its messages, bytes, receipts and submissions, in one durable write.
import type { CharsetName } from '../../messages/edifact/charset.js'
import type { Acknowledgement, ChannelKind, ReturnChannel } from '../../messages/inbound.js'
import type { GrantScope } from '../../messages/filing-grant.js'
import type { Key } from '../../messages/inspection.js'
import type { Receipt } from '../../messages/receipt.js'
import type { Subscription } from '../../messages/subscription.js'
import type { ReturnState } from '../../messages/states.js'

/** A file that came beside a message. */
export interface NewAttachment {
  name: string
  bytes: Buffer
  mediaType?: string
}

/** What one agency is owed of a message. */
export interface NewSubmission {
  submissionId: string
  agency: string
  /**
   * What this agency is sent in its own form, and the keys by which it will cite that. Absent: what is sent on to all.
   */
  sent?: { bytes: Buffer; keys: Key[] }
  /** Turns the message down when another partner has one of its keys under way there. */
  refuseShared?: true
}

/** One message of an interchange, accepted or refused, with all that its acceptance decided. */
export interface NewMessage {
  messageId: string
  reference: string
  /**
   * What "the same message again" means, already scoped by document type (promise 8). Refused messages do not claim it.
   */
  identity: string
  documentType?: string
  operation?: string
  schema?: { file: string; version: string }
  /** The bytes of this message as received (promise 5). */
  bytes: Buffer
  /** SHA-256 of these bytes, hexadecimal, where it is known: they need not be gone through again. */
  bytesSha256?: string
  /** What is sent on, where that was made of the message; absent: the message itself. */
  forwarded?: Buffer
  sha256: string
  attachments: NewAttachment[]
  /** Names the business document; submissions of one partner, agency and order key go one after another. */
  order?: string
  keys: Key[]
  /** Codes of the company that files. */
  senders?: string[]
  /** Receipts may teach it numbers it does not have yet. */
  learns?: true
  /** Names of keys by which receipts are looked up first. */
  firstKeys?: ReadonlySet<string>
  /** A change or deletion: held while its original, found by a shared key, stands refused. */
  changes?: true
  /** It subscribes to notices, or ends that: in the same write, and only when it is new. */
  subscription?: Subscription & { granted: boolean; ends: boolean }
  /** Grants of other partners that let this one file it. Kept, and counted, in the same write. */
  filedUnder?: readonly GrantScope[]
  /** Empty when refused. */
  submissions: NewSubmission[]
  /** The technical receipt. status `accepted` or `refused`. */
  receipt: Receipt
  /**
   * How the technical receipt goes back: `replied` when the channel's own answer carries it, `owed` when it must be
   * delivered.
   */
  receiptReturn: ReturnState
  /** It stands in an EDIFACT interchange: a conflict is answered in that form too. */
  edifact?: { charset: CharsetName | undefined }
  /** The way it goes when it is owed; absent: the interchange's own. */
  receiptChannel?: ReturnChannel
}

/** What came in one piece, and the messages it was cut into. */
export interface NewInterchange {
  interchangeId: string
  partnerId: string
  channel: ChannelKind
  filename?: string
  contentType?: string
  receivedAt: Date
  size: number
  sha256: string
  /** In the order they stand in the interchange. */
  messages: NewMessage[]
  /**
   * Bytes of this partner's refused messages that are kept a day in China, as they stand on disk. Beyond it only
   * records and receipts are. Absent: all.
   */
  refusedQuota?: number
  /** What was answered to it as a whole, in the sender's form. */
  acknowledgement?: Acknowledgement
  /**
   * A message that is in conflict with an earlier one is recorded as refused, in the same write. Absent: it is not
   * recorded.
   */
  refusesConflicts?: boolean
  /** More messages of an interchange that is recorded already. */
  continues?: boolean
}

/** What became of each message, in order. */
export type Recorded =
  /** `receipt`: as it was written, where it is not as it was given: it says that the bytes are not kept. */
  | { outcome: 'recorded'; receipt?: Receipt; shared?: { agency: string; key: Key }[] }
  /** The identity was taken by an earlier message with the same bytes; its technical receipt is the answer again. */
  | { outcome: 'duplicate'; messageId: string; receipt: Receipt }
  /**
   * The identity was taken by an earlier message with other bytes, and that one is still under way or was taken by an
   * agency.
   * (When every submission of the earlier one ended `rejected`, `failed` or `dead`, the new one is recorded instead: a
   * correction.)
   */
  | ({ outcome: 'conflict'; messageId: string } & RefusedAsConflict)
  /** Another partner has the key under way at this agency, which takes no second one. */
  | ({ outcome: 'key-in-use'; agency: string; key: Key } & RefusedAsConflict)

/**
 * A message that could not be taken beside an earlier one and was recorded as refused, where the interchange asks for
 * that (`refusesConflicts`).
 */
export interface RefusedAsConflict {
  /** The refusal, as it is written. */
  receipt?: Receipt
  /** What its acknowledgement says of it, behind all that was given. */
  answer?: Buffer
}

/** The one write of `accept`: all of an interchange is recorded, or nothing of it. */
export interface Taking {
  record(interchange: NewInterchange): Promise<Recorded[]>
}
