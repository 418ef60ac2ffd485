// receipt-views — receipts as they are read. A body of up to 1 MB is part of its receipt, wherever it is kept; of a
// larger one the size and the place are told. A page ends at a number of bytes, so that nobody has hundreds of
// megabytes to copy and to write out at once.
import type Database from 'better-sqlite3'
import { mostInlineBytes, receiptBody, sizeOfBody, type Receipt } from '../../messages/receipt.js'
import type { ReceiptView } from '../ledger.js'
import type { Digests } from './digests.js'
import { bodyElsewhere, createReceiptBytes, sizeShown, type KeptAnswer, type ReceiptBytes } from '../receipt-bytes.js'
import {
  lacksFiles,
  mostBodiesOfList,
  pageBytes,
  receiptView,
  withLateFiles,
  type ReceiptRow,
} from '../rows/receipt.js'
import type { ReplyAttachments } from './reply-attachments.js'

/** Rows of receipts as the doors give them out. */
export interface ReceiptViews extends ReceiptBytes {
  view(row: ReceiptRow): ReceiptView
  /** The first of them; those beyond the size of a page are for the next. */
  page(rows: Iterable<ReceiptRow>): ReceiptView[]
  /** All of them; bodies beyond their bound are told by their size. */
  list(rows: Iterable<ReceiptRow>): ReceiptView[]
}

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const receiptViewsSql = {
  reply: 'select bytes, sha256 from reply where reply_id = ?',
}
const sql = receiptViewsSql

/** Bodies that are kept apart are read with it, and compared with their sums. */
export function createReceiptViews(
  db: Database.Database,
  digests: Digests,
  replyAttachments: ReplyAttachments,
): ReceiptViews {
  const reply = db.prepare<[string], KeptAnswer>(sql.reply)
  const answerOf = ({ reply_id }: ReceiptRow) => (reply_id === null ? undefined : reply.get(reply_id))

  /** `left`: the largest body it may have. */
  function shown(row: ReceiptRow, left = mostInlineBytes): { view: ReceiptView; bytes: number } {
    const kept = asItIsNow(row, JSON.parse(row.receipt) as Receipt)
    const body = kept.body && bodyOf(row, kept.body, kept.receiptId, left)
    return {
      view: receiptView(row, body ? { ...kept, body } : kept),
      bytes: sizeShown(row, kept.body, body),
    }
  }

  function asItIsNow({ reply_id }: ReceiptRow, receipt: Receipt): Receipt {
    return reply_id !== null && lacksFiles(receipt) ? withLateFiles(receipt, replyAttachments.facts(reply_id)) : receipt
  }

  function bodyOf(row: ReceiptRow, body: NonNullable<Receipt['body']>, receiptId: string, left: number) {
    const size = sizeOfBody(body)
    if (size <= Math.min(left, mostInlineBytes)) {
      if (body.content !== undefined) return body
      const there = answerOf(row)
      if (there?.bytes.length === size && digests.smallReplyIsWhole(row.reply_id!, there.bytes, there.sha256))
        return receiptBody(there.bytes, body.mediaType)
    }
    return bodyElsewhere(body, receiptId)
  }

  return {
    view: (row) => shown(row).view,
    page(rows) {
      const found: ReceiptView[] = []
      let bytes = 0
      for (const row of rows) {
        const one = shown(row)
        bytes += one.bytes
        if (found.length > 0 && bytes > pageBytes) break
        found.push(one.view)
      }
      return found
    },
    list(rows) {
      let left = mostBodiesOfList
      return [...rows].map((row) => {
        const { view } = shown(row, left)
        if (view.receipt.body?.content !== undefined) left -= sizeOfBody(view.receipt.body)
        return view
      })
    },
    ...createReceiptBytes({ answerOf, digests, replyAttachments }),
  }
}
