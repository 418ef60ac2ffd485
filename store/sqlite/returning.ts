// returning — receipts on their way back: the mailbox, the receipts that push channels still have to deliver, and the
// result.
import type Database from 'better-sqlite3'
import { timeOfId } from '../../messages/ids.js'
import type { ReceiptEvent, Ledger } from '../ledger.js'
import type { Returning } from '../ledger/returning.js'
import type { Digests } from './digests.js'
import type { GroupCommit } from './group-commit.js'
import type { ReplyAttachments } from './reply-attachments.js'
import { createPageEnds } from '../rows/page-ends.js'
import type { ReceiptRow } from '../rows/receipt.js'
import { createReceiptViews } from './receipt-views.js'

const inVain = `(return_state = 'abandoned' or (return_state = 'owed' and return_attempts > 0))`

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const returningSql = {
  due: `select * from receipt where channel = @channel and return_state = 'owed' and return_next_at <= @now
    order by return_next_at, n limit @limit`,
  dueWith: `select * from receipt where channel = @channel and return_state = 'owed' and return_next_at = @at
    and n > @after order by n limit @limit`,
  dueLater: `select * from receipt where channel = @channel and return_state = 'owed' and return_next_at > @from
    and return_next_at <= @to order by return_next_at, n limit @limit`,
  get: `select r.*, i.filename, m.document_type from receipt r left join message m using (message_id) left
    join interchange i using (interchange_id) where r.receipt_id = ?`,
  delivered: `update receipt set return_state = 'delivered', returned_at = @returnedAt,
    return_attempts = return_attempts + 1 where receipt_id = @receiptId and return_state = 'owed'`,
  retry: `update receipt set return_next_at = @returnNextAt, last_error = @lastError,
    return_attempts = return_attempts + 1 where receipt_id = @receiptId and return_state = 'owed'`,
  abandoned: `update receipt set return_state = 'abandoned', last_error = @lastError,
    return_attempts = return_attempts + 1 where receipt_id = @receiptId and return_state = 'owed'`,
  box: `select * from receipt where partner_id = @partnerId and return_state = 'owed' and channel = 'http'
    and n > @after order by n limit @limit`,
  own: 'select n from receipt where receipt_id = @receiptId and partner_id = @partnerId',
  acknowledge: `update receipt set return_state = 'acknowledged', returned_at = @returnedAt
    where n = @n and return_state <> 'acknowledged'`,
  after: `select * from receipt where partner_id = @partnerId and n > @after and stage <> 'technical' order by n
    limit @limit`,
  last: `select max(n) as n from receipt where partner_id = ? and stage <> 'technical'`,
  undelivered: `select * from receipt where ${inVain} order by n desc limit ?`,
  undeliveredOf: `select * from receipt where ${inVain} and partner_id = @partnerId order by n desc limit @limit`,
  owner: 'select * from receipt where receipt_id = ?',
  again: `update receipt set return_state = 'owed', return_next_at = @returnNextAt,
    return_attempts = 0, last_error = null, channel = @channel, owed_at = @owedAt where receipt_id = @receiptId`,
  told: `insert into receipt (receipt_id, message_id, partner_id, channel, stage, receipt, return_state, return_next_at)
    values (@receiptId, @messageId, @partnerId, @channel, @stage, @receipt, 'owed', @returnNextAt)
    on conflict do nothing`,
}
const sql = returningSql

/** This chapter of the ledger on SQLite; what it promises: [Returning](../ledger/returning.ts). */
export function createReturning({
  db,
  commit,
  tell,
  digests,
  replyAttachments,
}: {
  db: Database.Database
  commit: GroupCommit
  digests: Digests
  replyAttachments: ReplyAttachments
  tell: (event: ReceiptEvent) => void
}): Omit<Returning, 'mailboxFacts'> & Pick<Ledger, 'tellPartner'> {
  const due = db.prepare<[{ channel: string; now: number; limit: number }], ReceiptRow>(sql.due)
  // Two questions, as for due submissions (sending.ts).
  const dueWith = db.prepare<[{ channel: string; at: number; after: number; limit: number }], ReceiptRow>(sql.dueWith)
  const dueLater = db.prepare<[{ channel: string; from: number; to: number; limit: number }], ReceiptRow>(sql.dueLater)
  const get = db.prepare<[string], ReceiptRow & { filename: string | null; document_type: string | null }>(sql.get)
  const delivered = db.prepare(sql.delivered)
  const retry = db.prepare(sql.retry)
  const abandoned = db.prepare(sql.abandoned)
  const box = db.prepare<[{ partnerId: string; after: number; limit: number }], ReceiptRow>(sql.box)
  const own = db.prepare<[{ receiptId: string; partnerId: string }], { n: number }>(sql.own)
  const acknowledge = db.prepare(sql.acknowledge)
  const after = db.prepare<[{ partnerId: string; after: number; limit: number }], ReceiptRow>(sql.after)
  const last = db.prepare<[string], { n: number | null }>(sql.last)
  const undelivered = db.prepare<[number], ReceiptRow>(sql.undelivered)
  const undeliveredOf = db.prepare<[{ partnerId: string; limit: number }], ReceiptRow>(sql.undeliveredOf)
  const owner = db.prepare<[string], ReceiptRow>(sql.owner)
  const again = db.prepare(sql.again)
  const told = db.prepare(sql.told)
  const views = createReceiptViews(db, digests, replyAttachments)

  const pageEnds = createPageEnds<DuePlace>()
  type DuePlace = Pick<ReceiptRow, 'return_next_at' | 'n'>
  function dueBehind(
    channel: string,
    { return_next_at: at, n }: DuePlace,
    { dueBy, limit }: { dueBy: Date; limit: number },
  ): ReceiptRow[] {
    const together = dueWith.all({ channel, at, after: n, limit })
    return together.length === limit
      ? together
      : [...together, ...dueLater.all({ channel, from: at, to: dueBy.getTime(), limit: limit - together.length })]
  }

  /** Within a write. */
  function takenOut(partnerId: string, receiptId: string, now: Date): boolean {
    const row = own.get({ receiptId, partnerId })
    if (row) acknowledge.run({ returnedAt: now.getTime(), n: row.n })
    return row !== undefined
  }

  return {
    // Longest due first over all channels, so that a channel that is down does not crowd out the others.
    async dueReturns(channels, dueBy, { limit, after }) {
      const from = after === undefined ? undefined : (pageEnds.of(after) ?? owner.get(after))
      const page = channels
        .flatMap((channel) =>
          from ? dueBehind(channel, from, { dueBy, limit }) : due.all({ channel, now: dueBy.getTime(), limit }),
        )
        .sort((a, b) => a.return_next_at - b.return_next_at || a.n - b.n)
        .slice(0, limit)
      const last = page.at(-1)
      if (last) pageEnds.note(last.receipt_id, last)
      return page.map((r) => ({ receiptId: r.receipt_id, partnerId: r.partner_id, channel: r.channel }))
    },
    async getReceipt(receiptId) {
      const row = get.get(receiptId)
      return (
        row && {
          ...views.view(row),
          owedSince: new Date(row.owed_at ?? timeOfId(row.receipt_id)),
          ...(row.filename === null ? {} : { filename: row.filename }),
          ...(row.document_type === null ? {} : { documentType: row.document_type }),
        }
      )
    },
    async receiptBody(receiptId) {
      const row = owner.get(receiptId)
      const body = row && (await views.body(row))
      return body && { ...body, partnerId: row.partner_id }
    },
    async receiptAttachment(receiptId, name) {
      const row = owner.get(receiptId)
      const found = row && (await views.attachment(row, name))
      return found && { ...found, name, partnerId: row.partner_id, messageId: row.message_id }
    },
    async endReturn(receiptId, end, now) {
      await commit(() => {
        if (end.outcome === 'delivered') delivered.run({ returnedAt: now.getTime(), receiptId })
        else if (end.outcome === 'retry')
          retry.run({ returnNextAt: end.at.getTime(), lastError: end.error.slice(0, 500), receiptId })
        else abandoned.run({ lastError: end.error.slice(0, 500), receiptId })
      })
    },
    mailbox: async (partnerId, after, limit) => views.page(box.iterate({ partnerId, after, limit })),
    receiptsAfter: async (partnerId, seq, limit) => views.page(after.iterate({ partnerId, after: seq, limit })),
    lastReceipt: async (partnerId) => last.get(partnerId)?.n ?? 0,
    undelivered: async (partnerId, limit) =>
      views.list(partnerId === undefined ? undelivered.iterate(limit) : undeliveredOf.iterate({ partnerId, limit })),
    async resendReceipt(receiptId, { partnerId, channel }, now) {
      const event = await commit(() => {
        const row = owner.get(receiptId)
        if (!row || (partnerId !== undefined && row.partner_id !== partnerId)) return undefined
        again.run({ returnNextAt: now.getTime(), channel: channel ?? row.channel, owedAt: now.getTime(), receiptId })
        return { partnerId: row.partner_id, receiptId, channel: channel ?? row.channel, returnState: 'owed' as const }
      })
      if (event) tell(event)
      return event !== undefined
    },
    async tellPartner({ partnerId, receipt, channel }, now) {
      const { changes } = await commit(() =>
        told.run({
          receiptId: receipt.receiptId,
          messageId: receipt.messageId,
          partnerId,
          channel,
          stage: receipt.stage,
          receipt: JSON.stringify(receipt),
          returnNextAt: now.getTime(),
        }),
      )
      if (changes > 0) tell({ partnerId, receiptId: receipt.receiptId, channel, returnState: 'owed' })
    },
    acknowledge: (partnerId, receiptId, now) => commit(() => takenOut(partnerId, receiptId, now)),
    acknowledgeAll: (partnerId, receiptIds, now) =>
      commit(() => receiptIds.filter((receiptId) => takenOut(partnerId, receiptId, now))),
  }
}
