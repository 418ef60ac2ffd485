// receipt-views — receipts as they are read. A body of up to 1 MB is part of its receipt, wherever it is kept; of a
// larger one the size and the place are told. A page ends at a number of bytes, so that nobody has hundreds of
// megabytes to copy and to write out at once.
import type Database from 'better-sqlite3'
import { HubError } from '../../messages/errors.js'
import { bytesOfBody, mostInlineBytes, receiptBody, sizeOfBody, type Receipt } from '../../messages/receipt.js'
import type { ReceiptView } from '../ledger.js'
import type { Digests } from './digests.js'
import {
  lacksFiles,
  mostBodiesOfList,
  pageBytes,
  receiptView,
  withLateFiles,
  type ReceiptRow,
} from '../rows/receipt.js'
import { mustBeWhole } from '../sums.js'
import type { ReplyAttachments } from './reply-attachments.js'

export interface ReceiptViews {
  view(row: ReceiptRow): ReceiptView
  /** The first of them; those beyond the size of a page are for the next. */
  page(rows: Iterable<ReceiptRow>): ReceiptView[]
  /** All of them; bodies beyond their bound are told by their size. */
  list(rows: Iterable<ReceiptRow>): ReceiptView[]
  /** The agency's own bytes; undefined when it has none. @throws HubError HUB_BYTES_DAMAGED */
  body(row: ReceiptRow): Promise<{ mediaType: string; bytes: Buffer } | undefined>
  /**
   * @throws HubError HUB_RECEIPT_FILE_DAMAGED, HUB_RECEIPT_FILE_MISSING where the receipt names it and it never came
   */
  attachment(row: ReceiptRow, name: string): Promise<{ mediaType: string; bytes: Buffer } | undefined>
}

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const receiptViewsSql = {
  reply: 'select bytes, sha256 from reply where reply_id = ?',
}
const sql = receiptViewsSql

export function createReceiptViews(
  db: Database.Database,
  digests: Digests,
  replyAttachments: ReplyAttachments,
): ReceiptViews {
  const reply = db.prepare<[string], { bytes: Buffer; sha256: string }>(sql.reply)

  /** `left`: the largest body it may have. */
  function shown(row: ReceiptRow, left = mostInlineBytes): { view: ReceiptView; bytes: number } {
    const kept = asItIsNow(row, JSON.parse(row.receipt) as Receipt)
    const body = kept.body && bodyOf(row, kept.body, kept.receiptId, left)
    return {
      view: receiptView(row, body ? { ...kept, body } : kept),
      bytes:
        row.receipt.length - (kept.body?.content?.length ?? 0) + (body?.content === undefined ? 0 : sizeOfBody(body)),
    }
  }

  function asItIsNow({ reply_id }: ReceiptRow, receipt: Receipt): Receipt {
    return reply_id !== null && lacksFiles(receipt) ? withLateFiles(receipt, replyAttachments.facts(reply_id)) : receipt
  }

  function bodyOf(row: ReceiptRow, body: NonNullable<Receipt['body']>, receiptId: string, left: number) {
    const size = sizeOfBody(body)
    if (size <= Math.min(left, mostInlineBytes)) {
      if (body.content !== undefined) return body
      const there = row.reply_id === null ? undefined : reply.get(row.reply_id)
      if (there?.bytes.length === size && digests.smallReplyIsWhole(row.reply_id!, there.bytes, there.sha256))
        return receiptBody(there.bytes, body.mediaType)
    }
    return { mediaType: body.mediaType, size, href: `/v1/receipts/${receiptId}/body` }
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
    async body(row) {
      const { body } = JSON.parse(row.receipt) as Receipt
      if (!body) return undefined
      const inline = bytesOfBody(body)
      if (inline) return { mediaType: body.mediaType, bytes: inline }
      const there = row.reply_id === null ? undefined : reply.get(row.reply_id)
      if (!there) return undefined
      mustBeWhole(await digests.replyIsWhole(row.reply_id!, there.bytes, there.sha256), row.message_id)
      return { mediaType: body.mediaType, bytes: there.bytes }
    },
    async attachment(row, name) {
      const { attachments = [] } = JSON.parse(row.receipt) as Receipt
      // Only what this receipt names: others of the same answer may be others' (promise 9).
      if (!attachments.some((one) => one.name === name)) return undefined
      const found = row.reply_id === null ? undefined : await replyAttachments.read(row.reply_id, name)
      if (!found) throw new HubError('HUB_RECEIPT_FILE_MISSING', { name })
      return found
    },
  }
}
