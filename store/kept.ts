// kept — a message whose bytes are in the ledger, as retention sees it.
import type { MessageState } from '../messages/states.js'

/** What a rule of retention looks at. */
export interface KeptMessage {
  messageId: string
  state: MessageState
  operation?: string
  /** When the newest answer about it came, or it itself. */
  lastHeardAt: Date
  /** It, or a receipt of it, may still have to go somewhere. */
  open: boolean
  /** A legal hold keeps it, whatever its days. */
  held?: true
}

/** All bytes of one message, unpacked and opened, for the archive. */
export interface KeptBytes {
  bytes: Buffer
  /** What was sent on in its stead. */
  forwarded?: Buffer
  attachments: { name: string; bytes: Buffer; mediaType?: string }[]
  /** What single agencies were sent in their own form. */
  sent: { submissionId: string; bytes: Buffer }[]
  /** What agencies answered, as it came. */
  replies: { replyId: string; agency: string; mediaType: string; receivedAt: Date; bytes: Buffer }[]
}
