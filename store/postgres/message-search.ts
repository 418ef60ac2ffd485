// message-search — for people: a message by whatever number somebody reads out on the phone, and what is known of each
// partner at a glance.
import { timeOfId } from '../../messages/ids.js'
import type { Ledger, PartnerFacts } from '../ledger.js'
import { messageRow } from './message-list.js'
import { summary, type MessageRow } from '../rows/message.js'
import type { Queries } from './statements.js'

/** Every statement by its name. */
export const messageSearchSql = {
  byId: `select message_id from message where message_id = @text union all select message_id from submission
    where submission_id = @text
    union all select message_id from receipt where receipt_id = @text`,
  byReference: 'select message_id from message where reference = @text order by received_at desc limit @limit',
  // Some hundreds of look-ups, one step down an index each, in one statement. Of a number that very many share, each
  // look-up gives its newest.
  byKey: `select s.message_id from unnest(@agencies::text[]) as a (value) cross join unnest(@names::text[]) as k (value)
    cross join lateral (select submission_n from correlation
    where agency = a.value and name = k.value and correlation.value = @text order by submission_n desc limit @limit) c
    join submission s on s.n = c.submission_n group by s.n, s.message_id order by s.n desc limit @limit`,
  hadNumber: `select 1 as had from unnest(@agencies::text[]) as a (value)
    cross join lateral (select submission_n from correlation
    where agency = a.value and name = @key and correlation.value = @value order by submission_n desc limit 1000) c
    join submission s on s.n = c.submission_n join message m on m.message_id = s.message_id
    and m.document_type = @document where s.partner_id = @partnerId limit 1`,
  rows: messageRow('m.message_id = any(@ids::text[])'),
  partners: `select p.partner_id, p.name, p.disabled, l.received_at as at from partner p
    left join lateral (select received_at from message where partner_id = p.partner_id order by received_at desc
    limit 1) l on true order by p.partner_id`,
  inVain: `select partner_id, count(*) as n from receipt
    where (return_state = 'abandoned' or (return_state = 'owed' and return_attempts > 0)) group by partner_id`,
  mailboxes: `select b.partner_id, b.n, r.receipt_id as oldest from (select partner_id, count(*) as n, min(n) as first
    from receipt where return_state = 'owed' and channel = 'http' group by partner_id) b join receipt r on r.n = b.first
    order by b.partner_id`,
}
const sql = messageSearchSql

/** Search by a number of the ledger on PostgreSQL; what it promises: [Reading](../ledger/reading.ts). */
export function createMessageSearch({
  reading,
}: {
  reading: Queries
}): Pick<Ledger, 'findByNumber' | 'hadNumber' | 'mailboxFacts' | 'partnerFacts'> {
  return {
    async mailboxFacts() {
      const rows = await reading.all<{ partner_id: string; n: number; oldest: string }>(sql.mailboxes)
      return rows.map(({ partner_id, n, oldest }) => ({
        partnerId: partner_id,
        waiting: n,
        oldestAt: new Date(timeOfId(oldest)).toISOString(),
      }))
    },
    hadNumber: async (partnerId, { document, key, value }, agencies) =>
      (await reading.get(sql.hadNumber, { document, key, value, partnerId, agencies })) !== undefined,
    async findByNumber(text, { agencies, names }, limit) {
      const found = new Set<string>()
      const add = (rows: { message_id: string }[]) => rows.forEach(({ message_id }) => found.add(message_id))
      if (/^(msg|sub|rcp)_/.test(text)) add(await reading.all(sql.byId, { text }))
      add(await reading.all(sql.byReference, { text, limit }))
      if (found.size < limit) add(await reading.all(sql.byKey, { agencies, names, text, limit }))
      const ids = [...found].slice(0, limit)
      const rows = new Map(
        (await reading.all<MessageRow>(sql.rows, { ids })).map((row) => [row.message_id, summary(row)]),
      )
      // What a receipt is about may be a notice.
      return ids.flatMap((id) => rows.get(id) ?? [])
    },
    async partnerFacts() {
      const vain = await reading.all<{ partner_id: string; n: number }>(sql.inVain)
      const undelivered = new Map(vain.map((row) => [row.partner_id, row.n]))
      const rows = await reading.all<{ partner_id: string; name: string; disabled: number; at: number | null }>(
        sql.partners,
      )
      return rows.map(({ partner_id, name, disabled, at }): PartnerFacts => ({
        partnerId: partner_id,
        name,
        disabled: disabled === 1,
        undelivered: undelivered.get(partner_id) ?? 0,
        ...(at === null ? {} : { lastSeen: new Date(at).toISOString() }),
      }))
    },
  }
}
