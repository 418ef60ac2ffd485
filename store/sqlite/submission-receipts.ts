// submission-receipts — puts a business receipt of a submission into a write that is under way: an agency's, or one of
// the hub's own, which goes with the state it speaks of.
import type Database from 'better-sqlite3'
import type { ChannelKind } from '../../messages/inbound.js'
import type { HubReceipt, ReceiptEvent } from '../ledger.js'
import type { GivenReceipt } from '../rows/receipt.js'
import { comesTooLate, type StateAndStatus } from '../rules/business-status.js'

/** Whose it is. */
interface ReceiptSubmission {
  submission_id: string
  message_id: string
  partner_id: string
  channel: ChannelKind
}

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const submissionReceiptsSql = {
  owner: `select s.n, s.submission_id, s.message_id, s.partner_id, s.state, s.status, m.channel from submission s
    join message m using (message_id) where s.submission_id = ?`,
  put: `insert into receipt (receipt_id, message_id, submission_id, partner_id, channel, stage, receipt,
    reply_id, return_state, return_next_at, owed_at)
    values (@receiptId, @messageId, @submissionId, @partnerId, @channel, @stage, @receipt, @replyId, @returnState, @now,
    @now) on conflict do nothing`,
  status: 'update submission set status = @status where n = @n',
}
const sql = submissionReceiptsSql

export type SubmissionReceipts = ReturnType<typeof createSubmissionReceipts>

/** What each returns is told once the write is committed; nothing is returned of a receipt that was there before. */
export function createSubmissionReceipts(db: Database.Database) {
  const owner = db.prepare<[string], ReceiptSubmission & StateAndStatus & { n: number }>(sql.owner)
  const insert = db.prepare(sql.put)
  const status = db.prepare(sql.status)

  function put(row: ReceiptSubmission, given: GivenReceipt, now: Date): ReceiptEvent | undefined {
    const { receipt, replyId, returnState, channel = row.channel } = given
    const { changes } = insert.run({
      receiptId: receipt.receiptId,
      messageId: row.message_id,
      submissionId: row.submission_id,
      partnerId: row.partner_id,
      channel,
      stage: receipt.stage,
      receipt: JSON.stringify(receipt),
      replyId,
      returnState,
      now: now.getTime(),
    })
    const event: ReceiptEvent = { partnerId: row.partner_id, receiptId: receipt.receiptId, channel, returnState }
    return changes === 0 ? undefined : event
  }

  /** One of the hub's own, and the status it speaks of. */
  function putOwn(own: HubReceipt, now: Date): ReceiptEvent | undefined {
    const row = owner.get(own.submissionId)
    if (!row || comesTooLate(own, row)) return undefined
    const { receipt, receiptReturn: returnState, receiptChannel: channel } = own
    const told = put(row, { receipt, replyId: null, returnState, channel }, now)
    // Once the agency has it, what became of it is the agency's to say; and what was told before changes nothing
    // (promise 7).
    if (told && (own.ends || row.state !== 'submitted')) status.run({ status: own.status, n: row.n })
    return told
  }

  return { put, putOwn }
}
