// submission-receipts — puts a business receipt of a submission into a write that is under way: an agency's, or one of
// the hub's own, which goes with the state it speaks of. Who listens hears of it after the commit.
import type { ReturnChannel } from '../../messages/inbound.js'
import type { Receipt } from '../../messages/receipt.js'
import type { HubReceipt, ReceiptEvent } from '../ledger.js'
import type { GivenReceipt } from '../rows/receipt.js'
import { comesTooLate } from '../rules/business-status.js'
import type { KnownSubmission } from './write/known-rows.js'
import type { Write } from './write/transaction.js'

/** Every statement by its name. */
export const submissionReceiptsSql = {
  put: `insert into receipt (receipt_id, message_id, submission_id, partner_id, channel, stage, receipt, body_apart,
    reply_id, return_state, return_next_at, owed_at)
    values (@receiptId, @messageId, @submissionId, @partnerId, @channel, @stage, @receipt, @bodyApart, @replyId,
    @returnState, @now, @now) on conflict do nothing`,
  status: 'update submission set status = @status where n = @n',
}
const sql = submissionReceiptsSql

/** A receipt's own columns. */
export const receiptValues = (receipt: Receipt) => ({
  receiptId: receipt.receiptId,
  stage: receipt.stage,
  receipt: JSON.stringify(receipt),
  // What it gives as its body stands with the answer, which is kept for it.
  bodyApart: receipt.body?.size === undefined ? 0 : 1,
})

/**
 * Writes a receipt of a submission.
 * @returns whether it is new
 */
export async function putReceipt(
  tx: Write,
  row: KnownSubmission,
  { given, now }: { given: GivenReceipt; now: Date },
): Promise<boolean> {
  const { receipt, replyId, returnState, channel = row.channel as ReturnChannel } = given
  const event: ReceiptEvent = { partnerId: row.partner_id, receiptId: receipt.receiptId, channel, returnState }
  if (replyId !== null && tx.receives(receipt.receiptId, replyId, row.submission_id)) {
    await tx.add('receipt', {
      receipt_id: receipt.receiptId,
      message_id: row.message_id,
      submission_id: row.submission_id,
      partner_id: row.partner_id,
      channel,
      stage: receipt.stage,
      receipt: JSON.stringify(receipt),
      body_apart: receiptValues(receipt).bodyApart,
      reply_id: replyId,
      return_state: returnState,
      return_next_at: now.getTime(),
      owed_at: now.getTime(),
    })
    tx.tell(event)
    return true
  }
  const added = await tx.run(sql.put, {
    ...receiptValues(receipt),
    messageId: row.message_id,
    submissionId: row.submission_id,
    partnerId: row.partner_id,
    channel,
    replyId,
    returnState,
    now: now.getTime(),
  })
  if (added > 0) tx.tell(event)
  return added > 0
}

/** Writes one of the hub's own receipts and the status it speaks of. Resolves with whether it is new. */
export async function putOwnReceipt(tx: Write, own: HubReceipt, now: Date): Promise<boolean> {
  const row = await tx.submission(own.submissionId)
  if (!row || comesTooLate(own, row)) return false
  const { receipt, receiptReturn: returnState, receiptChannel: channel } = own
  const told = await putReceipt(tx, row, { given: { receipt, replyId: null, returnState, channel }, now })
  // Once the agency has it, what became of it is the agency's to say; and what was told before changes nothing
  // (promise 7).
  if (told && (own.ends || row.state !== 'submitted')) {
    tx.changes(own.submissionId)
    await tx.run(sql.status, { status: own.status, n: row.n })
    tx.refresh(row.message_id)
  }
  return told
}
