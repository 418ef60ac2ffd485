// receipt-bytes — the bytes behind a receipt: what the agency wrote, and the files that came with it. Compared with
// what they were before anybody gets them. For both engines.
import { HubError } from '../messages/errors.js'
import { bytesOfBody, sizeOfBody, type Receipt } from '../messages/receipt.js'
import type { ReceiptRow } from './rows/receipt.js'
import { mustBeWhole } from './sums.js'

/** An agency's answer as it is kept, with the hexadecimal SHA-256 it had. */
export interface KeptAnswer {
  bytes: Buffer
  sha256: string
}

/** What a receipt is opened by. */
export interface ReceiptBytes {
  /**
   * The agency's own bytes; undefined when it has none.
   * @throws HubError HUB_BYTES_DAMAGED; HUB_RESULT_DELETED where it answered a question, days ago
   */
  body(row: ReceiptRow): Promise<{ mediaType: string; bytes: Buffer } | undefined>
  /**
   * @throws HubError HUB_RECEIPT_FILE_DAMAGED, HUB_RECEIPT_FILE_MISSING where the receipt names it and it never came
   */
  attachment(row: ReceiptRow, name: string): Promise<{ mediaType: string; bytes: Buffer } | undefined>
}

/** @see [createReceiptViews](./sqlite/receipt-views.ts), [createReceiptViews](./postgres/receipt-views.ts) */
interface ReceiptBytesParts {
  /** The answer that the receipt was made of; undefined where it was made of none. */
  answerOf: (row: ReceiptRow) => KeptAnswer | undefined | Promise<KeptAnswer | undefined>
  digests: { replyIsWhole(replyId: string, bytes: Buffer, sum: string): Promise<boolean> }
  replyAttachments: { read(replyId: string, name: string): Promise<{ mediaType: string; bytes: Buffer } | undefined> }
}

/** Over either engine: given how it finds the answer, its sums and its files. */
export function createReceiptBytes({ answerOf, digests, replyAttachments }: ReceiptBytesParts): ReceiptBytes {
  return {
    async body(row) {
      const { body } = JSON.parse(row.receipt) as Receipt
      if (!body) return undefined
      const inline = bytesOfBody(body)
      if (inline) return { mediaType: body.mediaType, bytes: inline }
      const there = await answerOf(row)
      if (!there) return undefined
      if (there.bytes.length === 0 && sizeOfBody(body) > 0) throw new HubError('HUB_RESULT_DELETED')
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

/** A body that is not shown inside its receipt: how large it is, and where it is read. */
export const bodyElsewhere = (body: NonNullable<Receipt['body']>, receiptId: string) => ({
  mediaType: body.mediaType,
  size: sizeOfBody(body),
  href: `/v1/receipts/${receiptId}/body`,
})

/** How much of a page a receipt takes: its row, with the body it is shown with in place of the one that is kept. */
export const sizeShown = (row: ReceiptRow, kept: Receipt['body'], shown: Receipt['body']): number =>
  row.receipt.length - (kept?.content?.length ?? 0) + (shown?.content === undefined ? 0 : sizeOfBody(shown))
