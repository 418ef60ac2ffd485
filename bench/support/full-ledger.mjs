// full-ledger — a ledger after a month of work: so many messages of thirty partners for twenty agencies, nearly all done with, a few that
// wait, are dead, unclear or overdue. What is owed and waiting goes through the ledger itself; what is long done is written as it would stand.
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { openSqliteLedger } from '../../dist/store/sqlite/open.js'

const day = 86_400_000
const partners = Array.from({ length: 30 }, (_, i) => `p${String(i).padStart(2, '0')}`)
const together = 1000
const id = (kind, n) => `${kind}_${String(n).padStart(26, '0')}`
export const referenceOf = (n) => `R${String(n).padStart(10, '0')}`

/** @param agencies codes @param open how many of the newest are not done with */
export async function fillLedger(dataDir, { messages, agencies, open = Math.min(2000, messages / 10), say = () => {} }) {
  const file = join(dataDir, 'ledger.db')
  const now = Date.now()
  const at = (n) => new Date(now - 30 * day + Math.floor((n / messages) * 30 * day))
  const ledger = await openSqliteLedger({ file })
  for (const partnerId of ['demo', ...partners]) await ledger.putPartner({ partnerId, name: `测试${partnerId}有限公司`, settings: { rights: ['*'], receipts: 'hub', defaults: {} }, sshKeys: [], disabled: false })
  // Nothing is to move while it is looked at.
  for (const agency of agencies) await ledger.holdAgency(agency, (hold) => ({ ...hold, paused: { since: new Date(now).toISOString(), who: 'bench', why: 'looked at' } }), new Date(now))
  const bytes = Buffer.from(`<m>${'x'.repeat(300)}</m>`)
  for (let from = 0; from < messages; from += together) {
    const receivedAt = at(from)
    const made = Array.from({ length: Math.min(together, messages - from) }, (_, i) => oneMessage(from + i, agencies, bytes, receivedAt))
    await ledger.record({ interchangeId: id('int', from), partnerId: partners[(from / together) % partners.length], channel: 'http', receivedAt, size: bytes.length, sha256: '', messages: made })
    if (from % 100_000 === 0) say(`${from} of ${messages} messages`)
  }
  await ledger.close()

  const db = new Database(file)
  db.pragma('synchronous = OFF')
  const done = messages - open
  say('their answers and receipts')
  db.exec(`
    begin;
    insert into attempt select submission_id, 1, 'att', accepted_at + 500, accepted_at + 900, 'submitted', null, null from submission where n <= ${done};
    insert into reply (reply_id, agency, submission_id, media_type, bytes, sha256, received_at, settled_at, orphan)
      select replace(submission_id, 'sub_', 'rep_'), agency, submission_id, 'application/xml', '<r>${'x'.repeat(200)}</r>', hex(n), accepted_at + 1000, accepted_at + 1001, 0 from submission where n <= ${done};
    insert into receipt (receipt_id, message_id, submission_id, partner_id, channel, stage, receipt, reply_id, return_state, return_next_at, returned_at)
      select replace(s.submission_id, 'sub_', 'rcpb_'), s.message_id, s.submission_id, s.partner_id, 'http', 'business',
        json_object('receiptId', replace(s.submission_id, 'sub_', 'rcpb_'), 'messageId', s.message_id, 'reference', m.reference, 'stage', 'business', 'agency', s.agency, 'status', 'released', 'code', 'CEB_1', 'text', json('{"zh":"放行","en":"Released"}'), 'time', strftime('%Y-%m-%dT%H:%M:%SZ', s.accepted_at / 1000, 'unixepoch'), 'faults', json('[]')),
        replace(s.submission_id, 'sub_', 'rep_'), case when s.n % 1000 = 0 then 'abandoned' else 'delivered' end, 0, s.accepted_at + 2000 from submission s join message m using (message_id) where s.n <= ${done};
    update submission set state = 'submitted', status = 'released', attempts = 1, started_at = accepted_at + 500 where n <= ${done};
    update message set state = 'released' where n <= ${done};
    update submission set state = 'dead', status = 'failed' where n <= ${done} and n % 3000 = 1;
    update message set state = 'failed' where n <= ${done} and n % 3000 = 1;
    update submission set state = 'unclear' where n <= ${done} and n % 25000 = 2;
    update message set state = 'unclear' where n <= ${done} and n % 25000 = 2;
    update submission set expect_step = 0, expect_at = accepted_at + 60000, overdue = 1 where n <= ${done} and n % 20000 = 3;
    update reply set orphan = 1 where n % 20000 = 4;
    commit;
    pragma optimize;
  `)
  db.close()
  return { partner: partners[0], reference: referenceOf(Math.floor(messages / 2)), messageId: id('msg', Math.floor(messages / 2)), container: containerOf(Math.floor(messages / 2)) }
}

const containerOf = (n) => `TESU${String(n).padStart(7, '0')}`

function oneMessage(n, agencies, bytes, receivedAt) {
  const reference = referenceOf(n)
  const receipt = { receiptId: id('rcp', n), messageId: id('msg', n), reference, operation: '10.1.6.1.1', documentType: 'CEB621Message', stage: 'technical', status: 'accepted', code: 'HUB_ACCEPTED', text: { zh: '已接收', en: 'Taken' }, time: receivedAt.toISOString(), faults: [] }
  return {
    messageId: id('msg', n), reference, identity: `CEB621Message|${reference}`, documentType: 'CEB621Message', operation: '10.1.6.1.1', schema: { file: 'ceb/CEB621Message.xsd', version: '202205' },
    bytes, sha256: String(n).padStart(64, '0'), attachments: [], order: `ceb|${reference}`, keys: [{ name: 'copNo', value: reference }, { name: 'containerNo', value: containerOf(n) }],
    submissions: [{ submissionId: id('sub', n), agency: agencies[n % agencies.length] }], receipt, receiptReturn: 'replied',
  }
}
