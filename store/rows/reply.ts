// reply — an agency's answer as both engines keep it: waiting to be settled, held, or an orphan.
import type { AttachedFacts } from '../../messages/attached.js'
import type { HeldAnswerView, HeldFor, NewReply, OrphanView, Settlement } from '../ledger.js'

interface Key {
  name: string
  value: string
}

/** A reply that is not settled yet, without its bytes. Times are milliseconds since 1970. */
export interface UnsettledRow {
  reply_id: string
  agency: string
  submission_id: string | null
  media_type: string
  import_failed: number
  sha256: string
  received_at: number
  let_go_at: number | null
}

/** A reply as the values of its row. `sha256`: of its bytes, hexadecimal. */
export const replyValues = (reply: NewReply, sha256: string) => ({
  replyId: reply.replyId,
  agency: reply.agency,
  submissionId: reply.submissionId ?? null,
  mediaType: reply.mediaType,
  importFailed: reply.importFailed ? 1 : 0,
  sha256,
  receivedAt: reply.receivedAt.getTime(),
})

/** How a reply is marked as settled. `kind`: 0 it is somebody's, or a notice, 1 an orphan, 2 held; `held` is JSON. */
export const settledMark = ({ replyId, orphan, held }: Settlement, now: Date) => ({
  replyId,
  now: now.getTime(),
  kind: held ? 2 : orphan ? 1 : 0,
  held: held ? JSON.stringify(held) : null,
})

/** The most bytes of replies that are read again together; one is given in any case. */
export const mostUnsettledBytes = 32 << 20

/** As `settle` gets it. `whole` false: its bytes are damaged, and it is not read. */
export const toReply = (
  row: UnsettledRow,
  { bytes, whole, files }: { bytes: Buffer; whole: boolean; files: AttachedFacts[] },
): NewReply => ({
  replyId: row.reply_id,
  agency: row.agency,
  mediaType: row.media_type,
  ...(row.import_failed ? { importFailed: true as const } : {}),
  bytes,
  receivedAt: new Date(row.received_at),
  ...(whole ? {} : { damaged: true as const }),
  ...(row.let_go_at === null ? {} : { letGo: true as const }),
  ...(row.submission_id === null ? {} : { submissionId: row.submission_id }),
  ...(files.length === 0 ? {} : { attachments: files }),
})

/** `head` is the beginning of the answer's bytes, for people to recognise it. */
export interface OrphanRow {
  reply_id: string
  agency: string
  media_type: string
  size: number
  received_at: number
  head: Buffer | null
  submission_id: string | null
}

/** Of an orphan, what a list shows of it. */
const headBytes = 400

/** `keys`: what it cites. Damaged ones show no beginning. */
export const orphanView = (row: OrphanRow, { keys, damaged }: { keys: Key[]; damaged: boolean }): OrphanView => ({
  ...(damaged ? { damaged: true as const } : {}),
  ...(row.submission_id === null ? {} : { submissionId: row.submission_id }),
  replyId: row.reply_id,
  agency: row.agency,
  mediaType: row.media_type,
  size: row.size,
  receivedAt: new Date(row.received_at).toISOString(),
  keys,
  head: damaged ? '' : (row.head?.toString('utf8', 0, headBytes) ?? ''),
})

/** `received_at` in milliseconds since 1970. */
export interface HeldRow {
  n: number
  reply_id: string
  agency: string
  received_at: number
  /** What it is held for, JSON. */
  held: string
  size: number
}

/** `keys`: what it cites itself, beside those it is held for. */
export function heldAnswerView(row: HeldRow, keys: Key[]): HeldAnswerView {
  const held = JSON.parse(row.held) as HeldFor
  return {
    replyId: row.reply_id,
    agency: row.agency,
    receivedAt: new Date(row.received_at).toISOString(),
    keys: [...keys, ...(held.keys ?? [])],
    documentTypes: held.types,
    size: row.size,
  }
}
