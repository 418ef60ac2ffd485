// The ledger's contract on SQLite, and what is SQLite's own: one process at a time, kill -9, a disk that cannot be
// written, plans.
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { newId } from '../../messages/ids.js'
import type { Ledger } from '../../store/ledger.js'
import { openDatabase } from '../../store/sqlite/database.js'
import { deepCheck, mostNamed } from '../../store/sqlite/deep-check.js'
import { Database } from '../../store/sqlite/driver.js'
import { createGroupCommit } from '../../store/sqlite/group-commit.js'
import { migration001 } from '../../store/sqlite/migrations/001-ledger.js'
import { ledgerOn, openSqliteLedger } from '../../store/sqlite/open.js'
import { root } from '../support/hub.js'
import { begin, ended, firstLine, run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { ledgerContract } from './ledger.js'
import { replyFile, replyOf } from './ledger-attachments.js'
import { at, ends, given, interchange, message, receiptOf, submissionOf } from './ledger-given.js'
import { unread } from '../support/ledger-log.js'

ledgerContract('the SQLite ledger', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'))
  const file = join(dir, 'ledger.db')
  return {
    open: () => openSqliteLedger({ file, log: unread }),
    reopen: () => openSqliteLedger({ file, log: unread }),
    remove: async () => rmSync(dir, { recursive: true, force: true }),
  }
})

const script = (file: string, body: string) => [
  '--input-type=module',
  '-e',
  `import { openSqliteLedger } from '${join(root, 'dist/store/sqlite/open.js')}'; ` +
    `const file = ${JSON.stringify(file)}; ${body}`,
]

test('a second process on the same file is told so, and after a kill -9 the ledger opens at once', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const holder = begin(
    process.execPath,
    script(file, `await openSqliteLedger({ file, log: console }); console.log('open'); setInterval(() => {}, 1000)`),
  )
  await firstLine(holder, (line) => line === 'open' || undefined)
  const second = await run(process.execPath, script(file, `await openSqliteLedger({ file, log: console })`))
  expect(second.code).not.toBe(0)
  expect(second.stderr).toContain('in use by another hub')
  holder.kill('SIGKILL')
  await ended(holder)
  const ledger = await openSqliteLedger({ file, log: unread })
  await ledger.ping()
  await ledger.close()
})

test('a ledger in which nothing was written is opened as often as one likes', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  for (let n = 0; n < 3; n++) await (await openSqliteLedger({ file, log: unread })).close()
  const ledger = await openSqliteLedger({ file, log: unread })
  await ledger.ping()
  await ledger.close()
})

test('killed in thousands of writes, every acknowledged message is there and whole (promise 1)', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const writer = begin(
    process.execPath,
    script(
      file,
      `const ledger = await openSqliteLedger({ file, log: console });
       let n = 0;
       const receiptOf = (id) => ({ receiptId: 'rcp_' + id, messageId: id, reference: id, stage: 'technical',
         status: 'accepted', code: 'HUB_ACCEPTED', text: { zh: '', en: '' }, time: '', faults: [] });
       const messageOf = (id) => ({ messageId: id, reference: id, identity: id, documentType: 'd',
         operation: '1.1.1.1.1', bytes: Buffer.alloc(3000, id), sha256: id, attachments: [],
         keys: [{ name: 'k', value: id }], submissions: [{ submissionId: 'sub_' + id, agency: 'gacc' }],
         receipt: receiptOf(id), receiptReturn: 'replied' });
       const one = async () => { for (;;) { const id = 'msg_' + String(n++).padStart(8, '0');
         await ledger.record({ interchangeId: 'int_' + id, partnerId: 'a', channel: 'http', receivedAt: new Date(),
           size: 3000, sha256: id, messages: [messageOf(id)] });
         process.stdout.write(id + '\\n') } };
       await Promise.all(Array.from({ length: 32 }, one))`,
    ),
  )
  let heard = ''
  let errors = ''
  writer.stderr!.on('data', (chunk) => (errors += String(chunk)))
  await new Promise<void>((resolve, reject) => {
    writer.once('close', (code) => reject(new Error(`the writer ended with ${code}: ${errors}`)))
    writer.stdout!.on('data', (chunk) => {
      heard += String(chunk)
      if (heard.length > 13 * 3000) resolve()
    })
  })
  writer.kill('SIGKILL')
  await ended(writer)
  const acknowledged = heard.split('\n').filter((line) => line.length === 12)
  expect(acknowledged.length).toBeGreaterThan(2500)
  const db = new Database(file, { readonly: true })
  try {
    const has = db.prepare<[string], { n: number }>(
      `select count(*) as n from message m join payload p using (message_id) join submission s using (message_id)
      join receipt r using (message_id) where m.message_id = ? and length(p.bytes) = 3000`,
    )
    expect(acknowledged.filter((id) => has.get(id)!.n !== 1)).toEqual([])
    expect(
      db
        .prepare(
          `select count(*) as n from message where message_id not in (select message_id
          from submission) or message_id not in (select message_id from receipt)`,
        )
        .get(),
    ).toEqual({ n: 0 })
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  } finally {
    db.close()
  }
})

test('a backup taken while writes go on opens as a ledger of its own', async () => {
  const dir = await tempDir('ledger')
  const ledger = await openSqliteLedger({ file: join(dir, 'ledger.db'), log: unread })
  const m = message()
  await ledger.record(interchange([m]))
  await Promise.all([
    ledger.backup(join(dir, 'copy.db')),
    ...Array.from({ length: 50 }, () => ledger.record(interchange([message()]))),
  ])
  await ledger.close()
  const copy = await openSqliteLedger({ file: join(dir, 'copy.db'), log: unread })
  expect(await copy.getMessage(m.messageId)).toBeDefined()
  await copy.close()
})

test('a backup that cannot be finished leaves the one before it as it was', async () => {
  const dir = await tempDir('ledger')
  const ledger = await openSqliteLedger({ file: join(dir, 'ledger.db'), log: unread })
  const copy = join(dir, 'copy.db')
  await ledger.backup(copy)
  const before = readFileSync(copy)
  // Where the unfinished copy would be written there is a folder.
  mkdirSync(`${copy}.part`)
  await expect(ledger.backup(copy)).rejects.toThrow()
  expect(readFileSync(copy).equals(before)).toBe(true)
  await ledger.close()
})

test('an answer that comes while its message is being archived keeps its bytes', async () => {
  const db = openDatabase(join(await tempDir('ledger'), 'ledger.db'))
  const ledger = ledgerOn(db, unread)
  const { accepted, settle, answered } = given(() => ledger)
  const m = await accepted()
  await settle(m, 'processing', { receiptReturn: 'delivered' })
  const read = (await ledger.kept(m.messageId))!.replies.map(({ replyId }) => replyId)
  await answered(m, 'released', { receiptReturn: 'delivered' })
  expect(await ledger.letGo([{ messageId: m.messageId, replyIds: read }], at(100))).toBe(1)
  const kept = db
    .prepare<[], { reply_id: string; empty: number }>(
      'select reply_id, length(bytes) = 0 as empty from reply order by n',
    )
    .all()
  expect(kept.map(({ reply_id, empty }) => [read.includes(reply_id), empty])).toEqual([
    [true, 1],
    [false, 0],
  ])
  await ledger.close()
})

const troubles: [string, (db: Sqlite.Database) => void, (db: Sqlite.Database) => void][] = [
  [
    'full',
    (db) => db.pragma(`max_page_count = ${Number(db.pragma('page_count', { simple: true })) + 20}`),
    (db) => db.pragma('max_page_count = 1000000'),
  ],
  ['read-only', (db) => db.pragma('query_only = on'), (db) => db.pragma('query_only = off')],
]
test.each(troubles)(
  'while the disk is %s nothing is taken and every sender hears so; what was taken stays (promise 1)',
  async (_, begins, ends) => {
    const db = openDatabase(join(await tempDir('ledger'), 'ledger.db'))
    const failures: object[] = []
    const ledger = ledgerOn(db, { error: (fields) => failures.push(fields) })
    await ledger.record(interchange([message()]))
    begins(db)
    const sent = Array.from({ length: 60 }, () => message({ bytes: randomBytes(5000) }))
    const results = await Promise.allSettled(sent.map((m) => ledger.record(interchange([m]))))
    const refused = results.flatMap((r) => (r.status === 'rejected' ? [r.reason as unknown] : []))
    expect(refused.length).toBeGreaterThan(0)
    for (const reason of refused)
      expect(reason).toMatchObject({ code: 'HUB_LEDGER_UNAVAILABLE', status: 503, class: 'transient' })
    expect(failures.length).toBeGreaterThan(0)
    await expect(ledger.record(interchange([message({ bytes: randomBytes(200_000) })]))).rejects.toMatchObject({
      code: 'HUB_LEDGER_UNAVAILABLE',
    })
    for (const [i, m] of sent.entries())
      expect((await ledger.getMessage(m.messageId)) !== undefined).toBe(results[i]!.status === 'fulfilled')
    ends(db)
    // The partners send again: those that had been taken get their first answer, the others are taken now.
    const again = await Promise.all(sent.map((m) => ledger.record(interchange([m]))))
    expect(again.map(([r]) => r!.outcome)).toEqual(
      results.map((r) => (r.status === 'fulfilled' ? 'duplicate' : 'recorded')),
    )
    expect((await ledger.counts()).messages).toBe(61)
    await ledger.ping()
    await ledger.close()
  },
)

test('huge writes do not hold up the small ones behind them: one commit takes a part of the bytes', async () => {
  const db = openDatabase(join(await tempDir('ledger'), 'ledger.db'))
  const commits: number[] = []
  const commit = createGroupCommit(db, { failed: () => {} })
  const changes = db.prepare<[], { n: number }>('select total_changes() as n')
  const write = db.prepare(`insert into counter values (?, 0)`)
  const all = Array.from({ length: 600 }, (_, i) =>
    commit(() => {
      write.run(`w${i}`)
      return changes.get()!.n
    }).then((n) => commits.push(n)),
  )
  const large = Array.from({ length: 4 }, (_, i) => commit(() => write.run(`large${i}`), 10 * 1024 * 1024))
  const order: string[] = []
  large.forEach((one, i) => void one.then(() => order.push(`large${i}`)))
  const behind = commit(() => order.length)
  await Promise.all([...all, ...large])
  expect(commits).toEqual(Array.from({ length: 600 }, (_, i) => i + 1))
  // 10 MB each and 16 MB a commit: three of the four had been committed, and their callers told, before the last began.
  expect(await behind).toBe(3)
  await commit.drained()

  // So it is with messages: the sender of the first to be written hears before the other is.
  const ledger = ledgerOn(db, unread)
  const [one, two] = [
    message({ bytes: randomBytes(9_000_000) }),
    message({ attachments: [{ name: 'a.pdf', bytes: randomBytes(9_000_000) }] }),
  ]
  // Whichever was packed first.
  const seen = [one, two].map((m) =>
    ledger
      .record(interchange([m]))
      .then(async () => [await ledger.getMessage(one.messageId), await ledger.getMessage(two.messageId)]),
  )
  expect((await Promise.race(seen)).filter(Boolean)).toHaveLength(1)
  await Promise.all(seen)
  await ledger.close()
})

test('a question that looks at thousands of operations lets filings go first, again and again', async () => {
  const ledger = await openSqliteLedger({ file: join(await tempDir('ledger'), 'ledger.db'), log: unread })
  await ledger.record(interchange([message({ operation: '1.1.1.1.1', documentType: 'DecMessage' })]))
  const operations = Array.from({ length: 3000 }, (_, i) => `1.1.1.1.${i}`)
  let answered = false
  let turns = 0
  const others = () => {
    if (answered) return
    turns++
    setImmediate(others)
  }
  setImmediate(others)
  const { fitting } = await ledger.filed({
    partnerId: 'a',
    documentTypes: ['DecMessage'],
    operations,
    limit: 2000,
    most: 20,
  })
  answered = true
  expect(fitting).toBe(1)
  expect(turns).toBeGreaterThan(1)
  await ledger.close()
})

test('a disk that fails one write fails that sender alone, and says that it was the disk', async () => {
  const db = openDatabase(join(await tempDir('ledger'), 'ledger.db'))
  const commit = createGroupCommit(db, { failed: () => {} })
  const write = db.prepare(`insert into counter values (?, 0)`)
  const results = await Promise.allSettled([
    commit(() => write.run('before')),
    commit(() => {
      write.run('half')
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' })
    }),
    commit(() => write.run('behind')),
  ])
  expect(results).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { code: 'HUB_LEDGER_UNAVAILABLE' } },
    { status: 'fulfilled' },
  ])
  expect(db.prepare('select name from counter order by name').pluck().all()).toEqual(['before', 'behind'])
  db.close()
})

test('a duplicate leaves a trace of its own: which interchange brought it, and when', async () => {
  const db = openDatabase(join(await tempDir('ledger'), 'ledger.db'))
  const ledger = ledgerOn(db, unread)
  const first = message()
  await ledger.record(interchange([first]))
  const later = interchange([message({ reference: first.reference, bytes: first.bytes })], { receivedAt: at(7) })
  await ledger.record(later)
  expect(db.prepare('select message_id, interchange_id, at from repeat').all()).toEqual([
    { message_id: first.messageId, interchange_id: later.interchangeId, at: at(7).getTime() },
  ])
  await ledger.close()
})

test('a ledger of the first version is brought up to this one; one of a newer hub is not touched', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const old = new Database(file)
  old.exec(migration001)
  old.pragma('user_version = 1')
  old.exec(`insert into interchange values ('int_1', 'a', 'http', null, null, 1000, 5, 'x');
    insert into message (message_id, interchange_id, partner_id, channel, reference, state, size, sha256, received_at)
    values ('msg_1', 'int_1', 'a', 'http', 'R-1', 'accepted', 5, 'x', 1000);
    insert into payload (message_id, bytes) values ('msg_1', x'3c612f3e');
    insert into identity values ('a', 'doc|R-1', 'msg_1')`)
  old.close()
  const ledger = await openSqliteLedger({ file, log: unread })
  expect(
    (await ledger.findMessages({ partnerId: 'a', reference: 'R-1', limit: 5 })).messages.map((m) => m.messageId),
  ).toEqual(['msg_1'])
  expect((await ledger.getContent('msg_1'))!.bytes!.toString()).toBe('<a/>')
  await ledger.close()
  const newer = new Database(file)
  newer.pragma('user_version = 99')
  newer.close()
  await expect(openSqliteLedger({ file, log: unread })).rejects.toThrow('written by a newer hub')
})

/**
 * Whole readings are allowed of the small tables, of what the statement itself has found by an index (`bearing`,
 * `looked` …), of the keys open orphans cite, of the newest of the audit, and of an index that holds only open matters
 * or is left after one page.
 */
const readsAll = (step: string) =>
  /^SCAN (?!counter|partner|agency_hold|operator_account|waiting_act|damaged|sqlite_sequence|bearing|looked|m$|k\b|audit\b)/.test(
    step,
  ) &&
  !/USING (COVERING )?INDEX (submission_unclear|submission_due|submission_dead|submission_held|submission_overdue|submission_expecting|reply_orphan|reply_held|shared_key_open|reply_unsettled|receipt_in_vain|receipt_mailbox|notice_newest)/.test(
    step,
  ) &&
  !/^SCAN ([ak] VIRTUAL TABLE|b$)/.test(step)

/** Every statement by its name, as the ledger has it. */
async function namedStatements(): Promise<[string, string][]> {
  const folder = join(root, 'store/sqlite')
  const named: [string, string][] = []
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts') && name !== 'ledger-thread.ts')) {
    const parts = (await import(join(folder, file))) as Record<string, unknown>
    for (const [group, statements] of Object.entries(parts).filter(([name]) => name.endsWith('Sql')))
      for (const [name, sql] of Object.entries(statements as Record<string, string>))
        named.push([`${group}.${name}`, sql])
  }
  expect(named.length).toBeGreaterThan(120)
  return named
}

test('a statement that is given several values has a name for each, and what is put in names its columns', async () => {
  const named = await namedStatements()
  const isPut = (sql: string) => /\binsert (or \w+ )?into\b/.test(sql)
  const marks = (sql: string) => (sql.match(/\?/g) ?? []).length
  expect(named.filter(([, sql]) => marks(sql) > (isPut(sql) ? 0 : 1))).toEqual([])
  expect(named.filter(([, sql]) => isPut(sql) && !/into \w+ \(/.test(sql))).toEqual([])
})

test('every statement by its name finds what it looks for by an index, and sorts nothing afterwards', async () => {
  const db = openDatabase(join(await tempDir('ledger'), 'ledger.db'))
  const named = await namedStatements()
  const steps = (sql: string): string[] => {
    const names = [...sql.matchAll(/@(\w+)/g)].map(([, name]) => name!)
    const values = Object.fromEntries(names.map((name): [string, null] => [name, null]))
    const given: unknown[] = names.length > 0 ? [values] : [...sql.matchAll(/\?/g)].map(() => null)
    const asked = db.prepare<unknown[], { detail: string }>(`explain query plan ${sql}`)
    return asked.all(...given).map(({ detail }) => detail)
  }
  // The questions whose bytes are here are found by an index, once each, and gone through by their ids.
  const whole = named.filter(([, sql]) => steps(sql).some(readsAll)).map(([name]) => name)
  expect(whole).toEqual(['retentionSql.agedQuestions'])
  const sorted = named.filter(([, sql]) => steps(sql).some((step) => step.includes('TEMP B-TREE')))
  // Of these there are a handful: who has one key, what waits for one original, the messages of one reference.
  expect(sorted.map(([name]) => name).sort()).toEqual([
    'filedSql.byKey',
    'messageSearchSql.byKey',
    'messageSearchSql.byReference',
    'ownersSql.owners',
    'recordSql.changesOf',
    'retentionSql.agedQuestions',
  ])
  db.close()
})

// SQLite plans by the schema: the ledger gathers no statistics, so the number of messages changes no plan.
test('with thousands of messages, nothing the ledger does reads a whole table', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const filled = await openSqliteLedger({ file, log: unread })
  for (let i = 0; i < 10; i++)
    await filled.record(
      interchange(
        Array.from({ length: 200 }, (_, k) =>
          message({ order: `doc-${k}`, keys: [{ name: 'k', value: `${i} ${k}` }] }),
        ),
        { partnerId: `p${i % 5}`, receivedAt: at(i) },
      ),
    )
  await filled.close()

  const asked = new Set<string>()
  const db = openDatabase(file, (sql) => asked.add(sql))
  const ledger = ledgerOn(db, unread)
  asked.clear()
  await everyCall(ledger)
  const queries = [...asked].filter((sql) => /^\s*(select|insert|update|delete)/i.test(sql))
  expect(queries.length).toBeGreaterThan(50)
  const plan = (sql: string) =>
    db
      .prepare<[], { detail: string }>(`explain query plan ${sql}`)
      .all()
      .map((row) => row.detail)
  const whole = queries.filter((sql) => plan(sql).some(readsAll))
  expect(whole).toEqual([])
  // Only what names one reference or one key is put in order afterwards: it is a handful.
  const sorted = queries.filter(
    (sql) => plan(sql).some((step) => step.includes('TEMP B-TREE')) && !/\breference =|from correlation/.test(sql),
  )
  expect(sorted).toEqual([])
  // A list goes down its index by what is asked, and reads no row it does not show; by a reference, what else is asked
  // is compared with the few that bear it.
  const lists = queries.filter((sql) => /^select received_at, n from message (a )?indexed by/.test(sql))
  expect(lists.length).toBeGreaterThan(15)
  for (const sql of lists) {
    const asked = ['partner_id', 'reference', 'operation', 'state'].filter((column) => sql.includes(`${column} = `))
    const used = asked.includes('reference')
      ? asked.filter((column) => column === 'partner_id' || column === 'reference')
      : asked
    const search = plan(sql)
      .filter((step) => step.startsWith('SEARCH'))
      .join()
    expect(
      used.filter((column) => !search.includes(`${column}=?`)),
      `${sql}: ${search}`,
    ).toEqual([])
    if (used.length === asked.length) expect(search).not.toContain('USING INDEX')
  }
  await ledger.close()
})

test('after a restore, five times as much in doubt takes no more than a few times as long', async () => {
  const look = async (count: number) => {
    const db = openDatabase(join(await tempDir('ledger'), 'ledger.db'))
    const ledger = ledgerOn(db, unread)
    // As `doubtWaiting` leaves them; message by message it would take most of the test.
    db.exec(`with recursive i (n) as (select 1 union all select n + 1 from i where n < ${count})
      insert into message (message_id, interchange_id, partner_id, channel, reference, document_type, operation, state,
      size, sha256, received_at) select 'msg_' || n, 'int_1', 'a', 'http', 'R' || n, 'd', 'o', 'unclear', 1, 'x', 1
      from i;
      insert into submission (submission_id, message_id, partner_id, agency, state, accepted_at, next_at, started_at)
      select 'sub_' || n, message_id, 'a', iif(n = ${count}, 'mot', 'gacc'), 'unclear', 1, 1, 50 from message;
      insert into attempt (submission_id, attempt, fence, started_at, ended_at, outcome, code, detail)
      select submission_id, 1, 'att_1', 50, 50, 'unclear', 'HUB_RESTORED', 'a copy of yesterday' from submission`)
    const took: number[] = []
    for (let n = 0; n < 3; n++) {
      // Of the processor, not of the clock: what else the machine does is no matter.
      const begun = process.cpuUsage()
      expect(
        (await ledger.needsAttention('unclear', 500, { agency: 'mot' })).map(({ submissionId }) => submissionId),
      ).toEqual([`sub_${count}`])
      took.push(process.cpuUsage(begun).user)
    }
    await ledger.close()
    return Math.min(...took)
  }
  const few = await look(8000)
  expect(await look(40_000)).toBeLessThan(12 * few)
})

/**
 * Every method of the ledger, with every shape of question; but for `doubtWaiting`, which is about all that waits and
 * runs while no hub does.
 */
async function everyCall(ledger: Ledger): Promise<void> {
  await ledger.markOverdue(at(9), 10)
  for (const kind of ['dead', 'unclear', 'held', 'overdue'] as const) await ledger.needsAttention(kind, 10)
  await ledger.reopenOrphans(10)
  await ledger.orphans(10)
  await ledger.matchOrphan('rep_none', 'sub_none')
  await ledger.dropOrphan('rep_none')
  await ledger.releaseHeld('sub_none', { decision: 'send' }, at(9))
  await ledger.audit({ at: at(9), who: 'a', action: 'b', target: 'c', why: 'd' })
  await ledger.audits(10)
  await ledger.audits(10, 'c')
  await ledger.subscribe('a', { operation: '18.2.1.1.1', channel: 'http' }, { now: at(9), granted: false, most: 9 })
  await ledger.grant('a', '18.2.1.1.1')
  await ledger.subscribers('18.2.1.1.1', ['E1'])
  await ledger.subscriptions('a')
  await ledger.unsubscribe('a', '18.2.1.1.1')
  await ledger.notices(10)
  const grant = { owner: 'a', partner: 'b', operation: '1.1', company: '', until: at(99), grantedAt: at(9) }
  await ledger.grantFilings(grant, { most: 9 })
  await ledger.filingGrants('a')
  await ledger.filingGrantsTo('b', at(10))
  await ledger.revokeFilings('a', { partner: 'b' })
  const filed = { partnerId: 'p1', documentTypes: ['DecMessage'], operations: ['1.1.1.1.1'], limit: 10 }
  await ledger.filed(filed)
  await ledger.filed({ ...filed, reference: 'none' })
  await ledger.filed({ ...filed, key: { agencies: ['gacc'], names: ['k'], value: '1 1' } })
  await ledger.filed({ ...filed, state: 'released', most: 2 })
  await ledger.filedContent('p1', ['msg_none'])
  const asked = { messageId: newId('msg'), partnerId: 'p1', operation: '1.1.7.1.1', documentType: 'DeclarationQuery' }
  await ledger.keepQuestions([{ ...asked, askedAt: at(9), criteria: {}, total: 0, answer: '{}' }])
  await ledger.questionById(asked.messageId, 'p1')
  await ledger.questionsAsked({ limit: 10, partnerId: 'p1' })
  await ledger.letGoOfAnswers(at(9), 10)
  await ledger.undelivered('a', 10)
  await ledger.undelivered(undefined, 10)
  await ledger.receiptsAfter('a', 0, 10)
  await ledger.lastReceipt('a')
  await ledger.resendReceipt('rcp_none', { partnerId: 'a' }, at(9))
  const { accepted, claimed, interrupted, ended: endedAs, settle } = given(() => ledger)
  await ledger.putPartner({
    partnerId: 'a',
    name: '测试甲有限公司',
    settings: { rights: ['*'], receipts: 'hub', defaults: {} },
    sshKeys: [],
  })
  await ledger.putSecret({ partnerId: 'a', kind: 'http', sha256: 'digest', label: 'first' })
  await ledger.findBySecret('http', 'digest')
  await ledger.secrets('a')
  await ledger.revokeSecret('a', 'key_none')
  await ledger.changePartner('a', (before) => before!)
  await ledger.revokeSecrets('a', 'http')
  await ledger.getPartner('a')
  await ledger.listPartners()
  const m = await accepted({
    order: 'doc-1',
    attachments: [{ name: 'a.pdf', bytes: Buffer.from('%PDF') }],
    keys: [{ name: 'k', value: 'mine' }],
  })
  const next = await accepted({ order: 'doc-1' })
  await ledger.record(
    interchange([
      message({ reference: m.reference, bytes: m.bytes }),
      message({ reference: m.reference, bytes: Buffer.from('other') }),
    ]),
  )
  await claimed(m)
  await ledger.claim(submissionOf(next), at(1))
  const { fence } = await interrupted(m)
  await ledger.endAttempt({ submissionId: submissionOf(m), fence }, ends.unclear, at(31))
  await ledger.resolveUnclear(submissionOf(m), { decision: 'dead', why: 'why' }, at(32))
  await ledger.nextBehind(submissionOf(m))
  await ledger.record(interchange([message({ reference: m.reference, bytes: Buffer.from('mended') })]))
  await ledger.replay(submissionOf(m), at(33))
  await endedAs(next, ends.dead, at(34))
  await ledger.replay(submissionOf(next), at(35))
  const due = await ledger.dueSubmissions(at(99), 5)
  await ledger.dueSubmissions(at(99), 5, due.at(-1)!.submissionId)
  await ledger.interruptedSubmissions(at(99), 5, ['gacc'])
  await ledger.boundWaits({ retryMs: 0, tryMs: 0, returnMs: 0, answerMs: 0 }, ['sftp'], at(0))
  await ledger.unclearSubmissions(5)
  await ledger.unclearSubmissions(5, submissionOf(next))
  await ledger.unanswered('qry_', 'qry_Z', 5)
  const reply = {
    replyId: newId('rep'),
    agency: 'gacc',
    mediaType: 'application/xml',
    bytes: Buffer.from('<r/>'),
    receivedAt: at(1),
  }
  await ledger.recordReply(reply)
  await ledger.recordReply({ ...reply, replyId: newId('rep') })
  await ledger.unsettledReplies(5)
  await ledger.answersTo([{ messageId: m.messageId, submissionId: submissionOf(m) }])
  await ledger.ownersOf('gacc', { name: 'k', value: 'mine' })
  await ledger.mayLearn('gacc', { types: ['T'], cited: [['seqNo']] }, new Date())
  await ledger.heldAnswers(10)
  await ledger.reopenHeld(10)
  await ledger.sharedKeys(10)
  await ledger.submissionById(submissionOf(m))
  const receipt = await settle(m, 'approved', { learn: [{ name: 'seqNo', value: '1' }] })
  await ledger.addReceipt(
    {
      receipt: { ...receiptOf(m.messageId, m.reference), stage: 'business' },
      submissionId: submissionOf(m),
      status: 'failed',
      receiptReturn: 'owed',
    },
    at(2),
  )
  await ledger.dueReturns(['sftp', 'sftp-poll', 'webhook'], at(99), { limit: 5 })
  await ledger.getReceipt(receipt.receiptId)
  await ledger.receiptBody(receipt.receiptId)
  for (const end of [
    { outcome: 'retry', at: at(5), error: 'x' },
    { outcome: 'abandoned', error: 'x' },
    { outcome: 'delivered' },
  ] as const)
    await ledger.endReturn(receipt.receiptId, end, at(4))
  await ledger.mailbox('a', 0, 5)
  await ledger.acknowledge('a', receipt.receiptId, at(5))
  await ledger.getMessage(m.messageId, 'a')
  await ledger.getContent(m.messageId, 'a')
  for (const partnerId of [{}, { partnerId: 'p1' }])
    for (const what of [
      {},
      { reference: m.reference },
      { operation: '10.1.1.1.1' },
      { state: 'rejected' as const },
      { operation: '10.1.1.1.1', state: 'rejected' as const },
      { reference: m.reference, operation: '10.1.1.1.1', state: 'rejected' as const },
    ])
      for (const since of [{}, { since: at(50) }]) {
        const page = await ledger.findMessages({ ...partnerId, ...what, ...since, limit: 2 })
        if (page.cursor) await ledger.findMessages({ ...partnerId, ...what, ...since, limit: 2, cursor: page.cursor })
      }
  await ledger.findMessages({ referenceStart: m.reference.slice(0, 3), limit: 2 })
  await ledger.findMessages({ operations: ['10.1.1.1.1', '1.1.1.3.1'], until: at(50), limit: 2 })
  await ledger.getForwarded(m.messageId, 'a')
  await ledger.getAcknowledgement(m.messageId, 'a')
  const kept = await accepted()
  await endedAs(kept, ends.submitted, at(36))
  await ledger.keptBefore(new Date(), 5, { after: 'msg_0' })
  await ledger.kept(kept.messageId)
  expect(await ledger.letGo([{ messageId: kept.messageId, replyIds: ['rep_none'] }], at(40))).toBe(1)
  await ledger.whereabouts(kept.messageId)
  await ledger.findByNumber('msg_none', { agencies: ['gacc'], names: ['k'] }, 5)
  await ledger.hadNumber('a', { document: 'D', key: 'k', value: 'v' }, ['gacc'])
  await ledger.partnerFacts()
  await ledger.counts()
  await ledger.ping()
}

test('a damaged answer says nothing, is counted, and is whole again once its agency repeats it', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const first = await openSqliteLedger({ file, log: unread })
  const reply = {
    replyId: newId('rep'),
    agency: 'gacc',
    mediaType: 'application/xml',
    bytes: Buffer.from('<r>放行</r>'),
    receivedAt: at(1),
  }
  await first.recordReply(reply)
  await first.close()
  const db = new Database(file)
  db.prepare('update reply set bytes = ?').run(Buffer.from('<r>退单</r>'))
  db.close()

  const second = await openSqliteLedger({ file, log: unread })
  expect(second.damaged()).toBe(0)
  const [found] = await second.unsettledReplies(10)
  expect(found).toMatchObject({ replyId: reply.replyId, damaged: true })
  await second.settle({ replyId: reply.replyId, entries: [], orphan: true }, at(2))
  expect(await second.orphans(10)).toMatchObject([{ replyId: reply.replyId, damaged: true, head: '' }])
  expect(second.damaged()).toBe(1)
  await second.close()

  const third = await openSqliteLedger({ file, log: unread })
  expect(third.damaged()).toBe(1)
  expect(await third.matchOrphan(reply.replyId, 'sub_any')).toBe(false)
  const again = await third.recordReply({ ...reply, replyId: newId('rep') })
  expect(again).toEqual({ replyId: reply.replyId, known: false })
  const [whole] = await third.unsettledReplies(10)
  expect([whole!.bytes.equals(reply.bytes), whole!.damaged]).toEqual([true, undefined])
  expect([third.damaged(), await third.orphans(10)]).toEqual([0, []])
  await third.close()
})

test('a deep look takes a deleted answer for whole, and finds a damaged CONTRL', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const ledger = await openSqliteLedger({ file, log: unread })
  const m = message()
  const sent = interchange([m], {
    acknowledgement: { mediaType: 'application/edifact', bytes: Buffer.from("UNB+UNOA:1'") },
  })
  await ledger.record(sent)
  const claimed = await ledger.claim(submissionOf(m), at(1))
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome)
  await ledger.endAttempt({ submissionId: submissionOf(m), fence: claimed.fence }, ends.submitted, at(1))
  const reply = { agency: 'gacc', mediaType: 'application/xml', bytes: Buffer.from('<r/>'), receivedAt: at(2) }
  const { replyId } = await ledger.recordReply({ replyId: newId('rep'), ...reply })
  const receipt = { ...m.receipt, receiptId: newId('rcp'), stage: 'business' as const, status: 'released' as const }
  const entry = { submissionId: submissionOf(m), status: 'released' as const, learn: [], receipt }
  await ledger.settle({ replyId, orphan: false, entries: [{ ...entry, receiptReturn: 'delivered' }] }, at(3))
  expect(await ledger.letGo([{ messageId: m.messageId, replyIds: [replyId] }], at(100))).toBe(1)
  await ledger.close()
  expect((await deepCheck(file, () => {})).damages).toEqual([])

  const db = new Database(file)
  db.prepare('update acknowledgement set bytes = ?').run(Buffer.from("UNB+UNOB:1'"))
  db.close()
  expect((await deepCheck(file, () => {})).damages).toMatchObject([{ what: 'acknowledgement', id: sent.interchangeId }])
})

test('a deep look goes on behind a page it cannot read, names so much and counts all', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const ledger = await openSqliteLedger({ file, log: unread })
  const all = Array.from({ length: 40 }, () => ({ ...message(), bytes: randomBytes(100_000) }))
  for (const one of all) await ledger.record(interchange([one]))
  await ledger.close()
  const [third, last] = [all[2]!, all[39]!]
  const db = new Database(file)
  db.prepare('update payload set bytes = ? where message_id = ?').run(Buffer.from('<changed/>'), last.messageId)
  const size = db.pragma('page_size', { simple: true }) as number
  db.close()
  // The third message's bytes stand on pages of their own: one of them is wrecked, with the place of the next.
  const wrecked = readFileSync(file)
  const page = Math.floor(wrecked.indexOf(third.bytes.subarray(50_000, 50_100)) / size)
  expect(page).toBeGreaterThan(0)
  wrecked.fill(0xa5, page * size, (page + 1) * size)
  writeFileSync(file, wrecked)
  const steps: number[] = []
  const report = await deepCheck(file, (done, total) => steps.push(done / total))
  const detailOf = ({ messageId }: { messageId: string }) => report.damages.find(({ id }) => id === messageId)?.detail
  expect(detailOf(third)).toContain('it cannot be read')
  expect(detailOf(last)).toBe('its bytes are not those that were kept')
  // SQLite reads a row's neighbours to find it: some of them are lost with it, the others are not.
  expect(report.pieces).toBeGreaterThan(20)
  expect(steps.at(-1)).toBe(1)

  const lost = new Database(file)
  const row = lost.prepare(
    `insert into message (message_id, interchange_id, partner_id, channel, reference, state, size, sha256, received_at)
    values (?, ?, ?, ?, ?, ?, 1, ?, 1)`,
  )
  const bytes = lost.prepare('insert into payload (message_id, bytes) values (?, ?)')
  const sums = lost.prepare('insert into digest values (?, ?)')
  lost.transaction(() => {
    for (let n = 0; n < mostNamed + 50; n++) {
      row.run(`msg_lost${n}`, 'int_lost', 'p', 'http', `lost${n}`, 'refused', 'x')
      bytes.run(`msg_lost${n}`, Buffer.from('x'))
      sums.run(`msg_lost${n}`, '{"message":"y"}')
    }
  })()
  lost.close()
  const many = await deepCheck(file, () => {})
  expect(many.damages).toHaveLength(mostNamed)
  expect(many.damaged).toBeGreaterThanOrEqual(mostNamed + 52)
})

test('a damaged file of an answer is given to nobody, and is whole again once the agency repeats it', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const first = await openSqliteLedger({ file, log: unread })
  const m = message()
  await first.record(interchange([m]))
  const claimed = await first.claim(submissionOf(m), at(1))
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome)
  const reply = replyOf('<answer/>')
  const licence = await replyFile('licence.pdf', Buffer.from('%PDF-1.7 licence'))
  const { replyId } = await first.recordReply(reply, [licence])
  const receipt = {
    ...m.receipt,
    receiptId: newId('rcp'),
    stage: 'business' as const,
    attachments: [{ name: 'licence.pdf' }],
  }
  const entry = { submissionId: submissionOf(m), status: 'approved' as const, learn: [], receipt }
  await first.settle({ replyId, orphan: false, entries: [{ ...entry, receiptReturn: 'owed' }] }, at(3))
  await first.close()
  expect((await deepCheck(file, () => {})).damages).toEqual([])
  const db = new Database(file)
  db.prepare('update reply_attachment set bytes = ?').run(Buffer.from('%PDF-1.7 Licence'))
  db.close()
  expect((await deepCheck(file, () => {})).damages).toMatchObject([{ what: 'receipt attachment', id: `${replyId} #1` }])

  const second = await openSqliteLedger({ file, log: unread })
  const read = () => second.receiptAttachment(receipt.receiptId, 'licence.pdf')
  await expect(read()).rejects.toMatchObject({ code: 'HUB_RECEIPT_FILE_DAMAGED' })
  expect(second.damaged()).toBe(1)
  await second.recordReply({ ...reply, replyId: newId('rep') }, [licence])
  expect((await read())!.bytes.toString()).toBe('%PDF-1.7 licence')
  expect(second.damaged()).toBe(0)
  await second.close()
})
