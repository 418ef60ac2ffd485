// message-search — for people: a message by whatever number somebody reads out on the phone, and what is known of each
// partner at a glance.
import type Database from 'better-sqlite3'
import { timeOfId } from '../../messages/ids.js'
import type { Ledger, MessageSummary, PartnerFacts } from '../ledger.js'
import { summary, type MessageRow } from '../rows/message.js'
import { atOneGo, nextTurn } from './next-turn.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const messageSearchSql = {
  byId: 'select message_id from message where message_id = ?',
  bySubmission: 'select message_id from submission where submission_id = ?',
  byReceipt: 'select message_id from receipt where receipt_id = ?',
  byReference: `select message_id from message where n in (select n from message indexed by message_reference
    where reference = @reference order by received_at desc limit @limit) order by received_at desc`,
  byKey: `select s.message_id from json_each(@agencies) a cross join json_each(@names) k
    cross join submission s on s.n in (select submission_n from correlation
    where agency = a.value and name = k.value and value = @text order by submission_n desc limit @limit) group by s.n
    order by s.n desc limit @limit`,
  hadNumber: `select 1 as had from json_each(@agencies) a
    cross join submission s on s.n in (select submission_n from correlation
    where agency = a.value and name = @key and value = @value order by submission_n desc limit 1000)
    cross join message m on m.message_id = s.message_id and m.document_type = @document where s.partner_id = @partnerId
    limit 1`,
  row: `select m.*, i.filename, i.content_type from message m join interchange i using (interchange_id)
    where m.message_id = ?`,
  lastSeen: 'select max(received_at) as at from message where partner_id = ?',
  partners: 'select partner_id, name, disabled from partner order by partner_id',
  inVain: `select partner_id, count(*) as n from receipt
    where (return_state = 'abandoned' or (return_state = 'owed' and return_attempts > 0)) group by partner_id`,
  mailboxes: `select b.partner_id, b.n, r.receipt_id as oldest from (select partner_id, count(*) as n, min(n) as first
    from receipt indexed by receipt_mailbox where return_state = 'owed' and channel = 'http'
    group by partner_id) b join receipt r on r.n = b.first`,
}
const sql = messageSearchSql

/** Search by a number of the ledger on SQLite; what it promises: [Reading](../ledger/reading.ts). */
export function createMessageSearch({
  db,
}: {
  db: Database.Database
}): Pick<Ledger, 'findByNumber' | 'hadNumber' | 'mailboxFacts' | 'partnerFacts'> {
  const byId = db.prepare<[string], { message_id: string }>(sql.byId)
  const bySubmission = db.prepare<[string], { message_id: string }>(sql.bySubmission)
  const byReceipt = db.prepare<[string], { message_id: string }>(sql.byReceipt)
  const byReference = db.prepare<[{ reference: string; limit: number }], { message_id: string }>(sql.byReference)
  // Some hundreds of look-ups, one step down an index each, in one statement. Of a number that very many share, each
  // look-up gives its newest.
  const byKey = db.prepare<[{ agencies: string; names: string; text: string; limit: number }], { message_id: string }>(
    sql.byKey,
  )
  const hadNumber = db.prepare<
    [{ agencies: string; key: string; value: string; document: string; partnerId: string }],
    { had: number }
  >(sql.hadNumber)
  const row = db.prepare<[string], MessageRow>(sql.row)
  const lastSeen = db.prepare<[string], { at: number | null }>(sql.lastSeen)
  const partners = db.prepare<[], { partner_id: string; name: string; disabled: number }>(sql.partners)
  const inVain = db.prepare<[], { partner_id: string; n: number }>(sql.inVain)

  // Along the index of what waits in mailboxes, which holds nothing else.
  const mailboxes = db.prepare<[], { partner_id: string; n: number; oldest: string }>(sql.mailboxes)

  return {
    async mailboxFacts() {
      return mailboxes.all().map(({ partner_id, n, oldest }) => ({
        partnerId: partner_id,
        waiting: n,
        oldestAt: new Date(timeOfId(oldest)).toISOString(),
      }))
    },
    async hadNumber(partnerId, asked, agencies) {
      return hadNumber.get({ ...asked, partnerId, agencies: JSON.stringify(agencies) }) !== undefined
    },
    async findByNumber(text, { agencies, names }, limit) {
      const found = new Set<string>()
      const add = (rows: { message_id: string }[]) => rows.forEach(({ message_id }) => found.add(message_id))
      if (/^(msg|sub|rcp)_/.test(text)) add([...byId.all(text), ...bySubmission.all(text), ...byReceipt.all(text)])
      add(byReference.all({ reference: text, limit }))
      if (found.size < limit)
        add(byKey.all({ agencies: JSON.stringify(agencies), names: JSON.stringify(names), text, limit }))
      const messages: MessageSummary[] = []
      for (const messageId of [...found].slice(0, limit)) {
        if (messages.length % atOneGo === atOneGo - 1) await nextTurn()
        // What a receipt is about may be a notice.
        messages.push(...row.all(messageId).map(summary))
      }
      return messages
    },
    async partnerFacts() {
      const undelivered = new Map(inVain.all().map((row) => [row.partner_id, row.n]))
      return partners.all().map(({ partner_id, name, disabled }): PartnerFacts => {
        const { at } = lastSeen.get(partner_id)!
        return {
          partnerId: partner_id,
          name,
          disabled: disabled === 1,
          undelivered: undelivered.get(partner_id) ?? 0,
          ...(at === null ? {} : { lastSeen: new Date(at).toISOString() }),
        }
      })
    },
  }
}
