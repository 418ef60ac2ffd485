// full-ledger — a ledger after a month of work: so many messages of thirty partners for twenty agencies, most of them
// settled and their receipts returned; some refused, waiting, dead, unclear, overdue, and answers that are nobody's.
// Messages go in through the ledger itself; what became of those long done is written a chunk at a time, as the steps
// would have left it.
import { join } from 'node:path'
import { openDatabase } from '../../dist/store/sqlite/database.js'
import { ledgerOn } from '../../dist/store/sqlite/open.js'

const day = 86_400_000
const chunk = 10_000
const partners = Array.from({ length: 30 }, (_, i) => `p${String(i).padStart(2, '0')}`)
/** What is sent how often: the share, the document type, an operation that carries it, its agency. */
const kinds = [
  [50, 'CEB621Message', '10.1.3.1.1', 'gacc'],
  [12, 'CEB311Message', '10.1.1.1.1', 'gacc'],
  [8, 'DecMessage', '1.1.1.3.1', 'gacc'],
  [8, 'MT1401', '2.1.1.1.1', 'gacc'],
  [4, 'CEB625Message', '10.1.7.1.1', 'gacc'],
  [4, 'Vessel', '3.1.1.1.1', 'mot'],
  [3, 'Crew', '3.1.2.1.1', 'mps'],
  [3, 'Origin', '5.1.1.1.1', 'ccpit'],
  ...[
    'npo',
    'sta',
    'mara',
    'mofcom',
    'cites',
    'nmpa',
    'pbc',
    'nfga',
    'mee',
    'miit',
    'nppa',
    'cfa',
    'nrta',
    'cpd',
    'mnr',
    'most',
    'samr',
  ].map((agency, i) => [8 / 17, 'Licence', `4.${i + 1}.1.1.1`, agency]),
]
export const agencies = [...new Set(kinds.map(([, , , agency]) => String(agency)))]

/** The same ledger each time it is filled. */
function chance(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const base32 = (value, length) => {
  let text = ''
  for (let left = value; text.length < length; left = Math.floor(left / 32)) text = letters[left % 32] + text
  return text
}

/**
 * @param {string} dataDir
 * @param {{ messages: number, say?: (line: string) => void, content?: (message: { documentType: string, partnerId:
 *   string, reference: string, refused: boolean }) => Buffer | undefined }} options
 * Fills the ledger in `dataDir` and tells numbers to look for.
 * @param content the bytes of a message; undefined: some hundred bytes of nothing
 * @param messages how many; of a million 20,000 are refused, 2,000 wait, 300 are dead, 40 unclear, 200 overdue, 50
 *   answers are nobody's, 300 receipts were given up
 */
export async function fillLedger(dataDir, { messages, say = () => {}, content = () => undefined }) {
  const random = chance(4711)
  const pick = (list) => {
    let at = random() * 100
    return list.find(([size]) => (at -= size) < 0) ?? list[0]
  }
  let serial = 0
  const id = (kind, ms) => `${kind}_${base32(ms, 10)}${base32(Math.floor(random() * 2 ** 40), 8)}${base32(serial++, 8)}`
  const share = (perMillion) => Math.max(3, Math.round((messages * perMillion) / 1e6))
  const now = Date.now()
  const db = openDatabase(join(dataDir, 'ledger.db'))
  // Should the machine stop meanwhile, it is filled again.
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -512000')
  db.function('id', (kind, ms) => id(kind, ms))
  db.function('sha', (n) => base32(n, 64))
  const ledger = ledgerOn(db, console)
  for (const partnerId of ['demo', ...partners])
    await ledger.putPartner({
      partnerId,
      name: `测试${partnerId}进出口有限公司`,
      settings: { rights: ['*'], receipts: 'hub', defaults: {} },
      sshKeys: [],
      disabled: false,
    })
  // Nothing is to move while it is looked at.
  for (const agency of agencies)
    await ledger.holdAgency(
      agency,
      (hold) => ({ ...hold, paused: { since: new Date(now).toISOString(), who: 'bench', why: 'looked at' } }),
      new Date(now),
    )
  const after = results(db, {
    messages,
    waitFrom: messages - share(2000),
    dead: Math.round(messages / share(300)),
    unclear: Math.round(messages / share(40)),
    overdue: Math.round(messages / share(200)),
    orphan: Math.round(messages / share(50)),
    abandoned: Math.round(messages / share(300)),
  })
  const bytes = Buffer.from(`<m>${'x'.repeat(400)}</m>`)
  let known
  for (let from = 0; from < messages; from += chunk) {
    const made = Array.from({ length: Math.min(chunk, messages - from) }, (_, i) => {
      const receivedAt = new Date(now - 30 * day + Math.floor(((from + i) / messages) * 30 * day))
      return interchange(from + i, receivedAt)
    })
    await Promise.all(made.map((one) => ledger.record(one)))
    after(from)
    if ((from / chunk) % 10 === 0) say(`${from} of ${messages} messages`)
    if (from <= messages / 2) known = made.findLast(({ messages: [m] }) => m.receipt.status === 'accepted')
  }
  await ledger.audit({ at: new Date(now), who: 'bench', action: 'agency.pause', target: 'gacc', why: 'looked at' })
  await ledger.close()
  const [one] = known.messages
  return {
    partner: known.partnerId,
    reference: one.reference,
    messageId: one.messageId,
    submissionId: one.submissions[0].submissionId,
    receiptId: one.receipt.receiptId,
    container: one.keys[1].value,
    bill: one.keys[2].value,
  }

  /** @returns {any} one interchange of one message */
  function interchange(n, receivedAt) {
    const ms = receivedAt.getTime()
    const [, documentType, operation, agency] = pick(kinds)
    // A few large houses send most.
    const partnerId = partners[Math.floor(random() ** 3 * partners.length)]
    const reference = `R${String(n).padStart(10, '0')}`
    const messageId = id('msg', ms)
    const refused = random() < 0.02
    const receipt = {
      receiptId: id('rcp', ms),
      messageId,
      reference,
      operation,
      documentType,
      stage: 'technical',
      status: refused ? 'refused' : 'accepted',
      code: refused ? 'HUB_XSD_LENGTH' : 'HUB_ACCEPTED',
      text: { zh: refused ? '长度不符' : '已接收', en: refused ? 'Wrong length' : 'Taken' },
      time: receivedAt.toISOString(),
      faults: refused
        ? [{ code: 'HUB_XSD_LENGTH', path: '/m', line: 1, text: { zh: '长度不符', en: 'Wrong length' } }]
        : [],
    }
    const message = {
      messageId,
      reference,
      identity: `${documentType}|${reference}`,
      documentType,
      operation,
      schema: { file: 'x.xsd', version: '1' },
      bytes: content({ documentType: String(documentType), partnerId, reference, refused }) ?? bytes,
      sha256: base32(n, 64),
      attachments: [],
      receipt,
      receiptReturn: 'replied',
      ...(refused
        ? { keys: [], submissions: [] }
        : {
            order: `${documentType}|${reference}`,
            keys: [
              { name: 'importCopNo', value: reference },
              { name: 'containerNo', value: `TESU${String(n % 250_000).padStart(7, '0')}` },
              { name: 'billNo', value: `BILL${String(Math.floor(n / 3)).padStart(9, '0')}` },
            ],
            submissions: [{ submissionId: id('sub', ms), agency }],
          }),
    }
    return {
      interchangeId: id('int', ms),
      partnerId,
      channel: 'http',
      receivedAt,
      size: bytes.length,
      sha256: base32(n, 64),
      messages: [message],
    }
  }
}

/** What became of the submissions of one chunk, by their numbers: every so-manyth has its own fate. */
function results(db, { messages, waitFrom, ...every }) {
  const chunkOf = 's.n > @low and s.n <= @high'
  const done = `${chunkOf} and s.n % ${every.dead} <> 1 and s.n % ${every.unclear} <> 2`
  const reply = (step, delay, status, words) => [
    `insert into reply (reply_id, agency, submission_id, media_type, bytes, sha256, received_at, settled_at)
    select id('rep', s.accepted_at + ${delay}), s.agency, s.submission_id, 'application/xml',
    '<r>${step}${'x'.repeat(300)}</r>', sha(s.n * 4 + ${step}), s.accepted_at + ${delay}, s.accepted_at + ${delay} + 3
    from submission s where ${done}`,
    `insert into receipt (receipt_id, message_id, submission_id, partner_id, channel, stage, receipt, reply_id,
    return_state, return_next_at, return_attempts, returned_at, last_error, owed_at)
      select 'rcp_' || substr(r.reply_id, 5), s.message_id, s.submission_id, s.partner_id, 'http', 'business',
      json_object('receiptId', 'rcp_' || substr(r.reply_id, 5), 'messageId', s.message_id, 'reference', m.reference,
      'operation', m.operation, 'documentType', m.document_type, 'stage', 'business', 'agency', s.agency,
        'status', ${status}, 'code', 'STEP${step}', 'text', json('${JSON.stringify(words)}'), 'time',
        strftime('%Y-%m-%dT%H:%M:%SZ', r.received_at / 1000, 'unixepoch'), 'faults', json('[]'), 'body',
        json_object('mediaType', 'application/xml', 'encoding', 'utf-8', 'content',
        '<r>${step}${'x'.repeat(300)}</r>')),
        r.reply_id, case when s.n % ${every.abandoned} = 5 then 'abandoned' else 'acknowledged' end, r.received_at,
        case when s.n % ${every.abandoned} = 5 then 12 else 0 end, r.received_at + 2000,
        case when s.n % ${every.abandoned} = 5 then 'connect ECONNREFUSED' end, r.received_at
      from submission s join reply r on r.agency = s.agency and r.sha256 = sha(s.n * 4 + ${step})
      and ifnull(r.submission_id, '') = s.submission_id join message m using (message_id) where ${done}`,
  ]
  const outcome = `case when s.n % 20 = 7 then 'rejected' when s.n % 5 = 3 then 'approved' else 'released' end`
  const writes = [
    `insert into attempt (submission_id, attempt, fence, started_at, ended_at, outcome, code, detail)
    select s.submission_id, 1, id('att', s.accepted_at), s.accepted_at + 500, s.accepted_at + 900,
    case when s.n % ${every.dead} = 1 then 'dead' when s.n % ${every.unclear} = 2 then 'unclear' else 'submitted' end,
      case when s.n % ${every.dead} = 1 then 'HUB_AGENCY_REFUSED' when s.n % ${every.unclear} = 2 then
      'HUB_AGENCY_TIMEOUT' end, case when s.n % ${every.dead} = 1 then 'HTTP 400' when s.n % ${every.unclear} = 2 then
      'no answer in 30 s' end from submission s where ${chunkOf}`,
    ...reply(1, 1500, `'processing'`, { zh: '处理中', en: 'Processing' }),
    ...reply(2, 60_000, outcome, { zh: '已处理', en: 'Dealt with' }),
    `update submission as s set state = case when s.n % ${every.dead} = 1 then 'dead' when s.n % ${every.unclear} = 2
    then 'unclear' else 'submitted' end, status = case when s.n % ${every.dead} = 1 then 'failed' when s.n %
    ${every.unclear} = 2 then null else ${outcome} end,
      agency_reference = 'A' || printf('%017d', s.n), attempts = 1, started_at = s.accepted_at + 500 where ${chunkOf}`,
    `insert into correlation (agency, name, value, submission_n, learnt)
    select s.agency, 'seqNo', s.agency_reference, s.n, 1 from submission s where ${done}`,
    `update submission as s set status = 'processing', expect_step = 1, expect_at = s.accepted_at + 600000, overdue = 1
    where ${done} and s.n % ${every.overdue} = 4`,
    `update message as m set state = (select case s.state when 'dead' then 'failed' when 'unclear' then 'unclear' else
    s.status end from submission s where s.message_id = m.message_id) where message_id in (select s.message_id
    from submission s where ${chunkOf})`,
    `insert into reply (reply_id, agency, media_type, bytes, sha256, received_at, settled_at, orphan)
    select id('rep', s.accepted_at), s.agency, 'application/xml', '<r>${'y'.repeat(300)}</r>', sha(s.n * 4 + 3),
    s.accepted_at + 9000, s.accepted_at + 9003, 1 from submission s where ${chunkOf} and s.n % ${every.orphan} = 6`,
    `insert into orphan_key (reply_id, name, value) select reply_id, 'importCopNo', 'NOBODY' || reply_id from reply
    where orphan = 1 on conflict do nothing`,
  ].map((sql) => db.prepare(sql))
  const highest = db.prepare('select ifnull(max(n), 0) as n from submission').pluck()
  let low = 0
  return (from) => {
    // What was taken last still waits.
    const high = Math.max(low, Number(highest.get()) - Math.max(0, Math.min(chunk, messages - from) + from - waitFrom))
    db.transaction(() => writes.forEach((write) => write.run(write.source.includes('@low') ? { low, high } : {})))()
    low = high
  }
}
