// receipt-views — receipts as they are read. A body of up to 1 MB is part of its receipt, wherever it is kept; of a
// larger one the size and the place are told. A page ends at a number of bytes, so that nobody has hundreds of
// megabytes to copy and to write out at once.
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
import type { Queries } from './statements.js'

export interface ReceiptViews {
  view(row: ReceiptRow): Promise<ReceiptView>
  /** The first of them; those beyond the size of a page are for the next. */
  page(rows: readonly ReceiptRow[]): Promise<ReceiptView[]>
  /** All of them; bodies beyond their bound are told by their size. */
  list(rows: readonly ReceiptRow[]): Promise<ReceiptView[]>
  /** The agency's own bytes; undefined when it has none. @throws HubError HUB_BYTES_DAMAGED */
  body(row: ReceiptRow): Promise<{ mediaType: string; bytes: Buffer } | undefined>
  /**
   * @throws HubError HUB_RECEIPT_FILE_DAMAGED, HUB_RECEIPT_FILE_MISSING where the receipt names it and it never came
   */
  attachment(row: ReceiptRow, name: string): Promise<{ mediaType: string; bytes: Buffer } | undefined>
}

/** Every statement by its name. */
export const receiptViewsSql = {
  reply:
    'select b.bytes, r.sha256 from reply r join reply_bytes b on b.reply_id = r.reply_id where r.reply_id = @replyId',
}
const sql = receiptViewsSql

export function createReceiptViews({
  reading,
  digests,
  replyAttachments,
}: {
  reading: Queries
  digests: Digests
  replyAttachments: ReplyAttachments
}): ReceiptViews {
  const replyOf = (row: ReceiptRow) =>
    row.reply_id === null
      ? undefined
      : reading.get<{ bytes: Buffer; sha256: string }>(sql.reply, { replyId: row.reply_id })

  /** `left`: the largest body it may have. */
  async function shown(row: ReceiptRow, left = mostInlineBytes): Promise<{ view: ReceiptView; bytes: number }> {
    const kept = await asItIsNow(row, JSON.parse(row.receipt) as Receipt)
    const body = kept.body && (await bodyOf(row, kept.body, { receiptId: kept.receiptId, left }))
    return {
      view: receiptView(row, body ? { ...kept, body } : kept),
      bytes:
        row.receipt.length - (kept.body?.content?.length ?? 0) + (body?.content === undefined ? 0 : sizeOfBody(body)),
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
      const there = await replyOf(row)
      if (there?.bytes.length === size && (await digests.replyIsWhole(row.reply_id!, there.bytes, there.sha256)))
        return receiptBody(there.bytes, body.mediaType)
    }
    return { mediaType: body.mediaType, size, href: `/v1/receipts/${receiptId}/body` }
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
    async body(row) {
      const { body } = JSON.parse(row.receipt) as Receipt
      if (!body) return undefined
      const inline = bytesOfBody(body)
      if (inline) return { mediaType: body.mediaType, bytes: inline }
      const there = await replyOf(row)
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
