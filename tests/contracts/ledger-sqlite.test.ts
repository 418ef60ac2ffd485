// The ledger's contract on SQLite, and what is SQLite's own: one process at a time, kill -9, a disk that cannot be written, plans.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { root } from '../support/hub.js'
import { begin, ended, run } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { interchange, ledgerContract, message } from './ledger.js'

ledgerContract('the SQLite ledger', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ledger-'))
  const file = join(dir, 'ledger.db')
  return { open: () => openSqliteLedger({ file }), reopen: () => openSqliteLedger({ file }), remove: async () => rmSync(dir, { recursive: true, force: true }) }
})

const script = (file: string, body: string) => ['--input-type=module', '-e', `import { openSqliteLedger } from '${join(root, 'dist/store/sqlite/open.js')}'; const file = ${JSON.stringify(file)}; ${body}`]

test('a second process on the same file is told so, and after a kill -9 the ledger opens at once', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const holder = begin(process.execPath, script(file, `await openSqliteLedger({ file }); console.log('open'); setInterval(() => {}, 1000)`))
  await new Promise((resolve) => holder.stdout!.once('data', resolve))
  const second = await run(process.execPath, script(file, `await openSqliteLedger({ file })`))
  expect(second.code).not.toBe(0)
  expect(second.stderr).toContain('in use by another hub')
  holder.kill('SIGKILL')
  await ended(holder)
  const ledger = await openSqliteLedger({ file })
  await ledger.ping()
  await ledger.close()
})

test('killed in the middle of thousands of writes, every acknowledged message is there, whole, and no half one (promise 1)', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  const writer = begin(
    process.execPath,
    script(
      file,
      `const ledger = await openSqliteLedger({ file });
       let n = 0;
       const one = async () => { for (;;) { const id = 'msg_' + String(n++).padStart(8, '0'); const bytes = Buffer.alloc(3000, id);
         await ledger.record({ interchangeId: 'int_' + id, partnerId: 'a', channel: 'http', receivedAt: new Date(), size: 3000, sha256: id, messages: [{ messageId: id, reference: id, identity: id, documentType: 'd', operation: '1.1.1.1.1', bytes, sha256: id, attachments: [], keys: [{ name: 'k', value: id }], submissions: [{ submissionId: 'sub_' + id, agency: 'gacc' }], receipt: { receiptId: 'rcp_' + id, messageId: id, reference: id, stage: 'technical', status: 'accepted', code: 'HUB_ACCEPTED', text: { zh: '', en: '' }, time: '', faults: [] }, receiptReturn: 'replied' }] });
         process.stdout.write(id + '\\n') } };
       await Promise.all(Array.from({ length: 32 }, one))`,
    ),
  )
  let heard = ''
  await new Promise<void>((resolve) =>
    writer.stdout!.on('data', (chunk) => {
      heard += String(chunk)
      if (heard.length > 13 * 3000) resolve()
    }),
  )
  writer.kill('SIGKILL')
  await ended(writer)
  const acknowledged = heard.split('\n').filter((line) => line.length === 12)
  expect(acknowledged.length).toBeGreaterThan(2500)
  const db = new Database(file, { readonly: true })
  try {
    const has = db.prepare<[string], { n: number }>('select count(*) as n from message m join payload p using (message_id) join submission s using (message_id) join receipt r using (message_id) where m.message_id = ? and length(p.bytes) = 3000')
    expect(acknowledged.filter((id) => has.get(id)!.n !== 1)).toEqual([])
    expect(db.prepare('select count(*) as n from message where message_id not in (select message_id from submission) or message_id not in (select message_id from receipt)').get()).toEqual({ n: 0 })
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  } finally {
    db.close()
  }
})

test('a backup taken while writes go on opens as a ledger of its own', async () => {
  const dir = await tempDir('ledger')
  const ledger = await openSqliteLedger({ file: join(dir, 'ledger.db') })
  const m = message()
  await ledger.record(interchange([m]))
  await Promise.all([ledger.backup(join(dir, 'copy.db')), ...Array.from({ length: 50 }, () => ledger.record(interchange([message()])))])
  await ledger.close()
  const copy = await openSqliteLedger({ file: join(dir, 'copy.db') })
  expect(await copy.getMessage(m.messageId)).toBeDefined()
  await copy.close()
})

test('no query of the daily work reads a whole table', async () => {
  const file = join(await tempDir('ledger'), 'ledger.db')
  await (await openSqliteLedger({ file })).close()
  const db = new Database(file)
  try {
    const plans = [
      `select * from submission where state = 'queued' and next_at <= 1 order by next_at, n limit 1`,
      `select * from receipt where partner_id = 'a' and return_state = 'owed' and channel = 'http' and n > 1 order by n limit 1`,
      `select * from receipt where channel = 'sftp' and return_state = 'owed' and return_next_at <= 1 order by return_next_at limit 1`,
      `select submission_n from correlation where agency = 'g' and name = 'k' and value = 'v'`,
      `select * from message where partner_id = 'a' and reference = 'r' order by n desc limit 1`,
      `select submission_id from submission where partner_id = 'a' and agency = 'g' and order_key = 'o' and state in ('queued', 'submitting', 'unclear') and n < 1 order by n limit 1`,
      `select * from reply where settled_at is null order by n limit 1`,
    ]
    for (const sql of plans) {
      const plan = db.prepare<[], { detail: string }>(`explain query plan ${sql}`).all().map((row) => row.detail).join(' / ')
      expect(plan, sql).toMatch(/SEARCH|USING (COVERING )?INDEX/)
      expect(plan, sql).not.toMatch(/^SCAN \w+$|SCAN \w+ \/|TEMP B-TREE FOR ORDER BY$(?<!message.*)/)
    }
  } finally {
    db.close()
  }
})
