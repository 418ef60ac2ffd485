// returning — receipts on their way back: mailbox, event stream, and the receipts that push channels still have to
// deliver.
import type { ReturnChannel } from '../../messages/inbound.js'
import type { MailboxFacts, ReceiptView } from '../../messages/views/index.js'

/** A receipt a push channel owes. */
export interface OwedReceipt {
  receiptId: string
  partnerId: string
  channel: ReturnChannel
}

/** A receipt with what its way back needs. */
export interface ReceiptToReturn extends ReceiptView {
  owedSince: Date
  /** Of the interchange its message came in. */
  filename?: string
  documentType?: string
}

/** What an agency wrote. */
export interface ReceiptBodyBytes {
  partnerId: string
  mediaType: string
  bytes: Buffer
}

/** A file that came with an agency's answer. */
interface ReceiptAttachmentBytes extends ReceiptBodyBytes {
  /** The message answered; of a notice, the notice. */
  messageId: string
  name: string
}

/** How one try to give a receipt back ended. */
export type ReturnEnd =
  { outcome: 'delivered' } | { outcome: 'retry'; at: Date; error: string } | { outcome: 'abandoned'; error: string }

/** Which way a receipt is owed again. */
export interface ReturnAgain {
  /** Absent: whoever's it is. */
  partnerId?: string | undefined
  /** Absent: the one it had. */
  channel?: ReturnChannel | undefined
}

/** So many at most, from behind the receipt `after` on. */
export interface DuePage {
  limit: number
  after?: string | undefined
}

/** Giving a receipt back never touches its submission (promise 4). */
export interface Returning {
  /** Receipts owed by push channels, due by then, those longest due first. */
  dueReturns(channels: ReturnChannel[], dueBy: Date, page: DuePage): Promise<OwedReceipt[]>
  /** Any partner's, of any stage; undefined when there is no such receipt. */
  getReceipt(receiptId: string): Promise<ReceiptToReturn | undefined>
  /**
   * What the agency wrote, verbatim, whatever its size; undefined when there is no such receipt, or none of an agency.
   */
  receiptBody(receiptId: string): Promise<ReceiptBodyBytes | undefined>
  /**
   * A file that came with the receipt; undefined when the receipt has none of this name. Whose it is the caller must
   * look at.
   * @throws HubError HUB_RECEIPT_FILE_DAMAGED, HUB_RECEIPT_FILE_MISSING
   */
  receiptAttachment(receiptId: string, name: string): Promise<ReceiptAttachmentBytes | undefined>
  /** Ends one try. A receipt that is not owed any more, acknowledged or given up meanwhile, stays as it is. */
  endReturn(receiptId: string, end: ReturnEnd, now: Date): Promise<void>
  /**
   * The mailbox: receipts of this partner's http messages not acknowledged yet, `seq` greater than `after`, in order. A
   * page ends at `limit`, or at 8 MB; a body above 1 MB is shown by its size alone (receiptBody gives it).
   */
  mailbox(partnerId: string, after: number, limit: number): Promise<ReceiptView[]>
  /**
   * Business receipts and notices of this partner, by whatever channel, `seq` greater than `after`, in order: what an
   * event stream sends. Pages as above.
   */
  receiptsAfter(partnerId: string, after: number, limit: number): Promise<ReceiptView[]>
  /** The newest such `seq`; 0 when there is none. */
  lastReceipt(partnerId: string): Promise<number>
  /** Receipts that were given up, or have been tried in vain, the newest first. Without `partnerId`: everybody's. */
  undelivered(partnerId: string | undefined, limit: number): Promise<ReceiptView[]>
  /** Owes a receipt again, whatever became of it. False when it is not this partner's. */
  resendReceipt(receiptId: string, how: ReturnAgain, now: Date): Promise<boolean>
  /** False when the receipt is not this partner's (or does not exist). Acknowledging twice is fine. */
  acknowledge(partnerId: string, receiptId: string, now: Date): Promise<boolean>
  /** The same of many, in one write: those of them that are this partner's. */
  acknowledgeAll(partnerId: string, receiptIds: readonly string[], now: Date): Promise<string[]>
  /** Of every partner with a receipt not acknowledged yet. */
  mailboxFacts(): Promise<MailboxFacts[]>
}
