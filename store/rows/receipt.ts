// receipt — a receipt as both engines keep it, and as it is read without its body.
import type { AttachedFacts } from '../../messages/attached.js'
import type { ReturnChannel } from '../../messages/inbound.js'
import { attachmentHref, type Receipt } from '../../messages/receipt.js'
import type { ReturnState } from '../../messages/states.js'
import type { ReceiptView } from '../ledger.js'

/** `receipt` is JSON; a large body is not in it and is found by `reply_id`. */
export interface ReceiptRow {
  n: number
  receipt_id: string
  message_id: string
  partner_id: string
  channel: ReturnChannel
  receipt: string
  return_state: ReturnState
  return_next_at: number
  return_attempts: number
  returned_at: number | null
  last_error: string | null
  reply_id: string | null
  owed_at: number | null
}

/** The most bytes of one page of receipts, bodies included. One receipt is given in any case. */
export const pageBytes = 8 << 20
/** The bodies of all receipts of one list that nobody pages through, together. */
export const mostBodiesOfList = 1 << 20

/** @param receipt as the row has it, with its body as it is to be read */
export const receiptView = (row: ReceiptRow, receipt: Receipt): ReceiptView => ({
  receipt,
  partnerId: row.partner_id,
  seq: row.n,
  channel: row.channel,
  returnState: row.return_state,
  returnAttempts: row.return_attempts,
  ...(row.returned_at === null ? {} : { returnedAt: new Date(row.returned_at).toISOString() }),
  ...(row.last_error === null ? {} : { lastError: row.last_error }),
})

/** Whether a file that came with the answer was lost on the way to the hub: the receipt says which. */
export const lacksFiles = ({ attachments }: Receipt): boolean => attachments?.some(({ missing }) => missing) ?? false

/**
 * A file that was missing when the receipt was made may have come since, with the same answer sent again.
 * @param files those that came with the answer
 */
export function withLateFiles(receipt: Receipt, files: readonly AttachedFacts[]): Receipt {
  const { attachments = [], faults, receiptId } = receipt
  const there = new Map(files.map((one) => [one.name, one]))
  const came = (name: string | undefined) => name !== undefined && there.has(name)
  return {
    ...receipt,
    attachments: attachments.map((one) =>
      one.missing && came(one.name) ? { ...there.get(one.name)!, href: attachmentHref(receiptId, one.name) } : one,
    ),
    faults: faults.filter(({ code, value }) => !(code === 'HUB_RECEIPT_FILE_MISSING' && came(value))),
  }
}

/** A receipt as a write puts it in. */
export interface GivenReceipt {
  receipt: Receipt
  /** The answer it was made of; null: none. */
  replyId: string | null
  returnState: ReturnState
  /** Absent: the way the message came. */
  channel?: ReturnChannel | undefined
}
