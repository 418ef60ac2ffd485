// returning — receipts on their way back: the mailbox, the receipts that push channels still have to deliver, and the
// result.
import { timeOfId } from '../../messages/ids.js'
import type { ReceiptEvent, Ledger } from '../ledger.js'
import type { Returning } from '../ledger/returning.js'
import type { Digests } from './digests.js'
import { createPageEnds } from '../rows/page-ends.js'
import type { ReceiptRow } from '../rows/receipt.js'
import { createReceiptViews } from './receipt-views.js'
import type { ReplyAttachments } from './reply-attachments.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

const inVain = `(return_state = 'abandoned' or (return_state = 'owed' and return_attempts > 0))`

/** Every statement by its name. */
export const returningSql = {
  due: `select receipt_id, partner_id, channel, return_next_at, n from receipt
    where channel = @channel and return_state = 'owed' and return_next_at <= @dueBy order by return_next_at, n
    limit @limit`,
  dueBehind: `select receipt_id, partner_id, channel, return_next_at, n from receipt
    where channel = @channel and return_state = 'owed' and (return_next_at, n) > (@nextAt, @n)
    and return_next_at <= @dueBy order by return_next_at, n limit @limit`,
  get: `select r.*, i.filename, m.document_type from receipt r left join message m on m.message_id = r.message_id left
    join interchange i on i.interchange_id = m.interchange_id where r.receipt_id = @receiptId`,
  delivered: `update receipt r set return_state = 'delivered', returned_at = a.now,
    return_attempts = r.return_attempts + 1
    from unnest(@receiptId::text[], @now::bigint[]) as a (receipt_id, now)
    where r.receipt_id = a.receipt_id and r.return_state = 'owed'`,
  retry: `update receipt set return_next_at = @at, last_error = @error, return_attempts = return_attempts + 1
    where receipt_id = @receiptId and return_state = 'owed'`,
  abandoned: `update receipt set return_state = 'abandoned', last_error = @error, return_attempts = return_attempts + 1
    where receipt_id = @receiptId and return_state = 'owed'`,
  box: `select * from receipt where partner_id = @partnerId and return_state = 'owed' and channel = 'http'
    and n > @after order by n limit @limit`,
  acknowledge: `update receipt r set return_state = 'acknowledged', returned_at = a.now
    from unnest(@receiptId::text[], @now::bigint[]) as a (receipt_id, now)
    where r.receipt_id = a.receipt_id and r.return_state <> 'acknowledged'`,
  after: `select * from receipt where partner_id = @partnerId and n > @after and stage <> 'technical' order by n
    limit @limit`,
  last: `select n from receipt where partner_id = @partnerId and stage <> 'technical' order by n desc limit 1`,
  undelivered: `select * from receipt where ${inVain} order by n desc limit @limit`,
  undeliveredOf: `select * from receipt where ${inVain} and partner_id = @partnerId order by n desc limit @limit`,
  owner: 'select * from receipt where receipt_id = @receiptId',
  again: `update receipt set return_state = 'owed', return_next_at = @now, return_attempts = 0, last_error = null,
    channel = @channel, owed_at = @now where receipt_id = @receiptId`,
  told: `insert into receipt (receipt_id, message_id, partner_id, channel, stage, receipt, return_state, return_next_at)
    values (@receiptId, @messageId, @partnerId, @channel, @stage, @receipt, 'owed', @now) on conflict do nothing`,
}
const sql = returningSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Returning](../ledger/returning.ts). */
export function createReturning({
  reading,
  commit,
  digests,
  replyAttachments,
}: {
  reading: Queries
  commit: GroupCommit
  digests: Digests
  replyAttachments: ReplyAttachments
}): Omit<Returning, 'mailboxFacts'> & Pick<Ledger, 'tellPartner'> {
  const views = createReceiptViews({ reading, digests, replyAttachments })
  const row = (receiptId: string) => reading.get<ReceiptRow>(sql.owner, { receiptId })
  type Due = Pick<ReceiptRow, 'receipt_id' | 'partner_id' | 'channel' | 'return_next_at' | 'n'>
  const pageEnds = createPageEnds<Pick<ReceiptRow, 'return_next_at' | 'n'>>()

  /** Those that are this partner's, in the order they were named. */
  const takenOut = (partnerId: string, receiptIds: readonly string[], now: Date): Promise<string[]> =>
    commit(
      (tx) => {
        const own = receiptIds.filter((id) => tx.ownerOf(id) === partnerId)
        for (const receiptId of own) tx.gather(sql.acknowledge, { receiptId, now: now.getTime() })
        return own
      },
      { takesOut: receiptIds },
    )

  return {
    // Longest due first over all channels, so that a channel that is down does not crowd out the others.
    async dueReturns(channels, dueBy, { limit, after }) {
      const from = after === undefined ? undefined : (pageEnds.of(after) ?? (await row(after)))
      const found: Due[] = []
      for (const channel of channels) {
        const asked = { channel, dueBy: dueBy.getTime(), limit }
        found.push(
          ...(from
            ? await reading.all<Due>(sql.dueBehind, { ...asked, nextAt: from.return_next_at, n: from.n })
            : await reading.all<Due>(sql.due, asked)),
        )
      }
      const page = found.sort((a, b) => a.return_next_at - b.return_next_at || a.n - b.n).slice(0, limit)
      const last = page.at(-1)
      if (last) pageEnds.note(last.receipt_id, last)
      return page.map((r) => ({ receiptId: r.receipt_id, partnerId: r.partner_id, channel: r.channel }))
    },
    async getReceipt(receiptId) {
      const found = await reading.get<ReceiptRow & { filename: string | null; document_type: string | null }>(sql.get, {
        receiptId,
      })
      return (
        found && {
          ...(await views.view(found)),
          owedSince: new Date(found.owed_at ?? timeOfId(found.receipt_id)),
          ...(found.filename === null ? {} : { filename: found.filename }),
          ...(found.document_type === null ? {} : { documentType: found.document_type }),
        }
      )
    },
    async receiptBody(receiptId) {
      const found = await row(receiptId)
      const body = found && (await views.body(found))
      return body && { ...body, partnerId: found.partner_id }
    },
    async receiptAttachment(receiptId, name) {
      const known = await row(receiptId)
      const found = known && (await views.attachment(known, name))
      return found && { ...found, name, partnerId: known.partner_id, messageId: known.message_id }
    },
    async endReturn(receiptId, end, now) {
      await commit(async (tx) => {
        if (end.outcome === 'delivered') tx.gather(sql.delivered, { now: now.getTime(), receiptId })
        else if (end.outcome === 'retry')
          await tx.run(sql.retry, { at: end.at.getTime(), error: end.error.slice(0, 500), receiptId })
        else await tx.run(sql.abandoned, { error: end.error.slice(0, 500), receiptId })
      })
    },
    mailbox: async (partnerId, after, limit) =>
      views.page(await reading.all<ReceiptRow>(sql.box, { partnerId, after, limit })),
    receiptsAfter: async (partnerId, after, limit) =>
      views.page(await reading.all<ReceiptRow>(sql.after, { partnerId, after, limit })),
    lastReceipt: async (partnerId) => (await reading.get<{ n: number }>(sql.last, { partnerId }))?.n ?? 0,
    undelivered: async (partnerId, limit) =>
      views.list(
        partnerId === undefined
          ? await reading.all<ReceiptRow>(sql.undelivered, { limit })
          : await reading.all<ReceiptRow>(sql.undeliveredOf, { partnerId, limit }),
      ),
    async resendReceipt(receiptId, { partnerId, channel }, now) {
      const again = await commit(async (tx) => {
        const found = await tx.get<ReceiptRow>(sql.owner, { receiptId })
        if (!found || (partnerId !== undefined && found.partner_id !== partnerId)) return undefined
        const way = channel ?? found.channel
        await tx.run(sql.again, { now: now.getTime(), channel: way, receiptId })
        const event: ReceiptEvent = { partnerId: found.partner_id, receiptId, channel: way, returnState: 'owed' }
        tx.tell(event)
        return true
      })
      return again === true
    },
    async tellPartner({ partnerId, receipt, channel }, now) {
      const { receiptId, messageId, stage } = receipt
      await commit(async (tx) => {
        const told = { receiptId, messageId, partnerId, channel, stage, receipt: JSON.stringify(receipt) }
        if ((await tx.run(sql.told, { ...told, now: now.getTime() })) > 0)
          tx.tell({ partnerId, receiptId, channel, returnState: 'owed' })
        return true
      })
    },
    acknowledge: async (partnerId, receiptId, now) => (await takenOut(partnerId, [receiptId], now)).length > 0,
    acknowledgeAll: takenOut,
  }
}
