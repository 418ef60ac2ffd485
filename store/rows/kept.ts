// kept — a message whose bytes are in the ledger, and where they are after they left it, as both engines read it.
import type { MessageState } from '../../messages/states.js'
import type { ArchivePlace } from '../ledger/retention.js'
import type { KeptBytes, KeptMessage } from '../kept.js'
import type { BytesLocation } from '../ledger.js'

/** `open` and `held` are 0 or 1 on SQLite; `last_at` in milliseconds since 1970. */
export interface KeptRow {
  message_id: string
  state: MessageState
  operation: string | null
  last_at: number
  open: boolean | 0 | 1
  held: boolean | 0 | 1
}

/** The message as retention sees it. */
export const toKept = (row: KeptRow): KeptMessage => ({
  messageId: row.message_id,
  state: row.state,
  lastHeardAt: new Date(row.last_at),
  open: Boolean(row.open),
  ...(row.held ? { held: true as const } : {}),
  ...(row.operation === null ? {} : { operation: row.operation }),
})

/** An agency's answer with its bytes, for the archive. `received_at` in milliseconds since 1970. */
export interface KeptReplyRow {
  reply_id: string
  agency: string
  media_type: string
  received_at: number
  bytes: Buffer
  sha256: string
}

/** The answers to a message, in the order in which they came. */
export const toKeptReplies = (rows: readonly KeptReplyRow[]): KeptBytes['replies'] =>
  rows
    .map((row) => ({
      replyId: row.reply_id,
      agency: row.agency,
      mediaType: row.media_type,
      receivedAt: new Date(row.received_at),
      bytes: row.bytes,
    }))
    .sort((one, other) => Number(one.receivedAt) - Number(other.receivedAt))

/** When bytes left the ledger (milliseconds since 1970), and where in which file of the archive they are, in bytes. */
export interface LetGoRow {
  at: number
  /** Null: no archive was kept. */
  file: string | null
  position: number
  length: number
}

/** Without `place` no archive was kept. */
export const toWhereabouts = ({ at, file, position, length }: LetGoRow): BytesLocation => ({
  at: new Date(at),
  ...(file === null ? {} : { place: { file, position, length } satisfies ArchivePlace }),
})
