// receipts — what comes back to a partner: its mailbox, one receipt and its files, and what could not be delivered.
import type { Operator } from '../../../../messages/operator.js'
import type { Receipt } from '../../../../messages/receipt.js'
import type * as view from '../../../../messages/views/index.js'

/** A receipt in its partner's mailbox; `seq` is its place there. */
interface ReceiptInBox {
  receipt: Receipt
  partnerId: string
  seq: number
}

/** @see [buildHttpDoor](../../../../hub/boot/http.ts) */
export interface ReceiptParts {
  /**
   * Receipts after `after`, at once or within `ms`; the first `limit` of them.
   * @see [createMailbox](../../../../hub/doors/mailbox.ts)
   */
  waitForReceipts: (
    partnerId: string,
    which: { after: number; ms: number; limit: number },
    signal: AbortSignal,
  ) => Promise<ReceiptInBox[]>
  /** Business receipts and notices, on whatever way they go, after this one. */
  receiptsAfter: (partnerId: string, after: number, limit: number) => Promise<ReceiptInBox[]>
  lastReceipt: (partnerId: string) => Promise<number>
  /**
   * Done when the next receipt of this partner is on disk, after `ms`, or at the signal.
   * @see [createMailbox](../../../../hub/doors/mailbox.ts)
   */
  nextReceipt: (partnerId: string, ms: number, signal: AbortSignal) => { done: Promise<void> }
  receipt: (receiptId: string) => Promise<ReceiptInBox | undefined>
  /** What the agency wrote, verbatim, whatever its size. */
  receiptBody: (receiptId: string) => Promise<{ partnerId: string; mediaType: string; bytes: Buffer } | undefined>
  /**
   * A receipt as CUSRES or APERAK, or as a port flat file; undefined when its message was neither EDIFACT nor such a
   * file.
   */
  inSendersForm: (receipt: Receipt, partnerId: string) => Promise<Buffer | undefined>
  /** A file that came with a receipt. Rejects with HUB_RECEIPT_FILE_MISSING or HUB_RECEIPT_FILE_DAMAGED. */
  receiptAttachment: (
    receiptId: string,
    name: string,
  ) => Promise<{ partnerId: string; messageId: string; mediaType: string; bytes: Buffer; name: string } | undefined>
  /** In one write. Resolves with those of them that are this partner's. */
  acknowledge: (partnerId: string, receiptIds: readonly string[]) => Promise<string[]>
  /** Given up, or tried in vain so far; everybody's without a partner. */
  undelivered: (partnerId: string | undefined, limit: number) => Promise<view.ReceiptView[]>
  /**
   * Owes it again, on the channel it went before; what went to a webhook that is gone goes to the mailbox. False when
   * it is not this partner's. Without `by` it is the partner's own wish.
   * @see [createReceipts](../../../../hub/operate/operator/receipts.ts)
   */
  resendReceipt: (receiptId: string, partnerId: string | undefined, by?: Operator) => Promise<boolean>
  mailboxes: () => Promise<view.MailboxFacts[]>
}
