// inbound — what a channel hands to `accept`, and what it gets back. Channels know nothing else of the hub.
import type { Room } from './memory-budget.js'
import type { Receipt } from './receipt.js'

/** How an interchange can reach the hub. */
export const channels = ['http', 'sftp', 'sftp-poll'] as const
/** The way a partner reaches the hub. */
export type ChannelKind = (typeof channels)[number]
/** The ways a receipt can go back: where the message came from, or a webhook the partner has told the operator of. */
export const returnChannels = [...channels, 'webhook'] as const
/** A way by which receipts go back to a partner. */
export type ReturnChannel = (typeof returnChannels)[number]

/** One interchange as it arrived: a request body or a file, bytes untouched. */
export interface InboundFile {
  /** The bytes as received (after transport decoding such as gzip, before anything else). */
  bytes: Buffer
  filename?: string
}

/** One delivery: an interchange, or several sent together. */
export interface Inbound extends InboundFile {
  partnerId: string
  channel: ChannelKind
  /** Further interchanges of the same delivery, in their order; each is split and answered as if it came alone. */
  more?: InboundFile[]
  /** The declared media type with its parameters, if the channel has one. */
  contentType?: string
  /** The operation the partner named (X-Operation, or a file-name prefix); used when content alone cannot tell. */
  operation?: string
  /** The sender's own trace (W3C Trace Context), for tracing alone. */
  traceparent?: string
  /** Files that came beside the message (multipart); a zip's own attachments are found by `accept`. */
  attachments?: Attachment[]
  /**
   * The room in memory it has, for what is unpacked of it to ask for more. The channel releases it when the answer is
   * known.
   */
  room?: Pick<Room, 'take'>
}

/** A file that comes beside a message; its bytes as they came. */
export interface Attachment {
  name: string
  bytes: Buffer
  mediaType?: string
}

/**
 * The answer to one message of an interchange.
 * - `accepted`: on disk, will be submitted
 * - `duplicate`: had been accepted before with the same bytes; `receipt` is the first answer again
 * - `refused`: recorded with its bytes and this receipt; nothing will be submitted
 * - `conflict`: refused because its reference was used before with other bytes
 */
export interface Answer {
  outcome: 'accepted' | 'duplicate' | 'refused' | 'conflict'
  messageId: string
  receipt: Receipt
  /** HTTP status that fits this answer alone (202, 200, 422, 403, 409 …). */
  httpStatus: number
}

/** Answers in the order of the messages in the interchange; never empty. */
export interface Accepted {
  interchangeId: string
  answers: Answer[]
  /** Of EDIFACT: the CONTRL of each interchange, one after another. */
  acknowledgement?: Acknowledgement
}

/** An answer in the sender's own form, to the interchange as a whole. */
export interface Acknowledgement {
  mediaType: string
  bytes: Buffer
}

/**
 * Takes responsibility for one interchange. Resolves only after bytes, rows and receipts are on disk (promise 1).
 * Rejects with a HubError only when the hub itself cannot record (the partner must keep the message and try again)
 * or when the interchange as a whole cannot be taken (too large, not authorised to send at all).
 * @see [createAccept](../hub/steps/accept.ts)
 */
export type Accept = (inbound: Inbound) => Promise<Accepted>
