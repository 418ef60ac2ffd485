// receipt-views — receipts as they are read. A body of up to 1 MB is part of its receipt, wherever it is kept; of a
// larger one the size and the place are told. A page ends at a number of bytes, so that nobody has hundreds of
// megabytes to copy and to write out at once.
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
import type { Queries } from './statements.js'

/** Rows of receipts as the doors give them out. */
export interface ReceiptViews extends ReceiptBytes {
  view(row: ReceiptRow): Promise<ReceiptView>
  /** The first of them; those beyond the size of a page are for the next. */
  page(rows: readonly ReceiptRow[]): Promise<ReceiptView[]>
  /** All of them; bodies beyond their bound are told by their size. */
  list(rows: readonly ReceiptRow[]): Promise<ReceiptView[]>
}

/** Every statement by its name. */
export const receiptViewsSql = {
  reply:
    'select b.bytes, r.sha256 from reply r join reply_bytes b on b.reply_id = r.reply_id where r.reply_id = @replyId',
}
const sql = receiptViewsSql

/** Bodies that are kept apart are read with it, and compared with their sums. */
export function createReceiptViews({
  reading,
  digests,
  replyAttachments,
}: {
  reading: Queries
  digests: Digests
  replyAttachments: ReplyAttachments
}): ReceiptViews {
  const answerOf = (row: ReceiptRow) =>
    row.reply_id === null ? undefined : reading.get<KeptAnswer>(sql.reply, { replyId: row.reply_id })

  /** `left`: the largest body it may have. */
  async function shown(row: ReceiptRow, left = mostInlineBytes): Promise<{ view: ReceiptView; bytes: number }> {
    const kept = await asItIsNow(row, JSON.parse(row.receipt) as Receipt)
    const body = kept.body && (await bodyOf(row, kept.body, { receiptId: kept.receiptId, left }))
    return {
      view: receiptView(row, body ? { ...kept, body } : kept),
      bytes: sizeShown(row, kept.body, body),
    }
  }

  async function asItIsNow({ reply_id }: ReceiptRow, receipt: Receipt): Promise<Receipt> {
    if (reply_id === null || !lacksFiles(receipt)) return receipt
    return withLateFiles(receipt, (await replyAttachments.facts([reply_id])).get(reply_id) ?? [])
  }

  async function bodyOf(
    row: ReceiptRow,
    body: NonNullable<Receipt['body']>,
    { receiptId, left }: { receiptId: string; left: number },
  ) {
    const size = sizeOfBody(body)
    if (size <= Math.min(left, mostInlineBytes)) {
      if (body.content !== undefined) return body
      const there = await answerOf(row)
      if (there?.bytes.length === size && (await digests.replyIsWhole(row.reply_id!, there.bytes, there.sha256)))
        return receiptBody(there.bytes, body.mediaType)
    }
    return bodyElsewhere(body, receiptId)
  }

  return {
    view: async (row) => (await shown(row)).view,
    async page(rows) {
      const found: ReceiptView[] = []
      let bytes = 0
      for (const row of rows) {
        const one = await shown(row)
        bytes += one.bytes
        if (found.length > 0 && bytes > pageBytes) break
        found.push(one.view)
      }
      return found
    },
    async list(rows) {
      let left = mostBodiesOfList
      const found: ReceiptView[] = []
      for (const row of rows) {
        const { view } = await shown(row, left)
        if (view.receipt.body?.content !== undefined) left -= sizeOfBody(view.receipt.body)
        found.push(view)
      }
      return found
    },
    ...createReceiptBytes({ answerOf, digests, replyAttachments }),
  }
}
