// The chain of hashes over the ledger: every change of a row becomes part of it in the same commit, and whoever changes
// a row beside the hub is found, with the first row named.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { evidenceKey } from '../../hub/operate/evidence-key.js'
import { startProofHeads } from '../../hub/operate/proof-heads.js'
import type { Ledger, Proof } from '../../store/ledger.js'
import {
  factHash,
  genesis,
  headIsDue,
  linkHash,
  mostUnsigned,
  nextLink,
  rootOf,
} from '../../store/rules/proof-chain.js'
import { Database } from '../../store/sqlite/driver.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { proofCheck, type ProofReport } from '../../store/sqlite/proof-check.js'
import { interchange, message } from '../contracts/ledger-given.js'
import { unread } from '../support/ledger-log.js'
import { tempDir } from '../support/temp.js'

const quiet = { told: () => {} }
const log = { info: () => {}, error: () => {} }

/**
 * A ledger with some history: three messages, one sent and answered, acts of an operator, a partner whose key was taken
 * back.
 */
async function history(): Promise<{ dir: string; file: string; messages: string[] }> {
  const dir = await tempDir('proof')
  const file = join(dir, 'ledger.db')
  const ledger = await openSqliteLedger({ file, log: unread })
  await ledger.putPartner({ partnerId: 'alpha', name: '测试企业', settings: { rights: ['1.1'] } as never, sshKeys: [] })
  for (const sha256 of ['a', 'b'])
    await ledger.putSecret({
      partnerId: 'alpha',
      kind: 'http',
      sha256: sha256.repeat(64),
      label: sha256,
      secretId: `key_${sha256}`,
    })
  await ledger.revokeSecret('alpha', 'key_b')
  const given = [message({}), message({}), message({})]
  await Promise.all(given.map((one) => ledger.record(interchange([one], { partnerId: 'alpha' }))))
  await ledger.audit({
    at: new Date(),
    who: 'anna',
    action: 'message.read',
    target: given[0]!.messageId,
    why: '',
    detail: {},
  })
  await sign(ledger, dir)
  await ledger.audit({ at: new Date(), who: 'anna', action: 'agency.pause', target: 'gacc', why: '演练', detail: {} })
  await ledger.close()
  return { dir, file, messages: given.map(({ messageId }) => messageId) }
}

async function sign(ledger: Pick<Ledger & Proof, 'chainHead' | 'keepHead'>, dir: string): Promise<void> {
  const heads = startProofHeads({ proof: ledger, key: evidenceKey(dir), log })
  heads.stop()
  await heads.signNow()
}

/** As somebody does who has the file and the sqlite3 command. */
async function altered(file: string, ...sql: string[]): Promise<ProofReport> {
  const db = new Database(file)
  for (const one of sql) db.exec(one)
  db.close()
  return proofCheck(file, quiet)
}

test('an untouched history is proven whole, with its signed heads; it goes on after a restart', async () => {
  const { dir, file } = await history()
  const first = await proofCheck(file, quiet)
  expect(first).toMatchObject({ faults: 0, first: [], heads: 1 })
  expect(first.facts).toBeGreaterThan(12)
  const ledger = await openSqliteLedger({ file, log: unread })
  await ledger.record(interchange([message({})], { partnerId: 'alpha' }))
  await sign(ledger, dir)
  const { head } = await ledger.chainHead()
  await ledger.close()
  const again = await proofCheck(file, { ...quiet, head: first.signed!.hash })
  expect(again).toMatchObject({ faults: 0, heads: 2, hasHead: true, signed: { hash: head!.hash } })
  expect(again.links).toBeGreaterThan(first.links)
  expect((await proofCheck(file, { ...quiet, head: 'f'.repeat(64) })).hasHead).toBe(false)
})

test.each([
  [
    'a reference',
    `update message set reference = 'other' where n = 2`,
    /^message msg_/,
    'not the one that was written',
  ],
  ['a state', `update message set state = 'refused' where n = 1`, /^message msg_/, 'the row says ["refused"]'],
  [
    'a receipt',
    `update receipt set receipt = replace(receipt, 'accepted', 'refused') where n = 3`,
    /^receipt rcp_/,
    'not the one that was written',
  ],
  [
    'who did it',
    `update audit set who = 'berta' where action = 'agency.pause'`,
    /^audit \d+$/,
    'not the one that was written',
  ],
  ['an act, removed', `delete from audit where action = 'agency.pause'`, /^audit \d+$/, 'the row is gone'],
  [
    'an act, put in',
    `insert into audit (at, who, action, target, why, detail) values (1, 'anna', 'dead.drop', 'x', '', '{}')`,
    /^audit \d+$/,
    'beside the chain',
  ],
  ['a partner’s rights', `update partner set settings = '{"rights":["*"]}'`, /^partner alpha$/, 'the row says'],
  [
    'a key, put in',
    `insert into secret (kind, sha256, partner_id, label, created_at, secret_id)
    values ('http', 'cc', 'alpha', 'c', 1, 'key_c')`,
    /^secret http cc$/,
    'beside the chain',
  ],
  [
    'a key that was taken back',
    `insert into secret (kind, sha256, partner_id, label, created_at, secret_id)
    values ('http', '${'b'.repeat(64)}', 'alpha', 'b', 1, 'key_b')`,
    /^secret http b+$/,
    'is there again',
  ],
  [
    'a submission',
    `update submission set state = 'submitted', agency_reference = 'X1' where n = 2`,
    /^submission sub_/,
    'the row says',
  ],
  [
    'the sums of bytes',
    `update digest set sums = '{"message":"00"}' where id = (select message_id from message where n = 1)`,
    /^bytes msg_/,
    'the row says',
  ],
  ['a link', `update proof_link set items = replace(items, 'accepted', 'refused')`, /^(link \d+|message msg_.*)$/, ''],
  ['a link, removed', `delete from proof_link where n = 3`, /^link 4$/, '1 links before it are gone'],
  ['the time of a link', `update proof_link set at = at + 1 where n = 2`, /^link 2$/, 'its hash is not'],
  ['a signature', `update proof_head set signature = 'AAAA'`, /^head \d+$/, 'its signature is wrong'],
  ['what was signed', `update proof_head set hash = '${'0'.repeat(64)}'`, /^head \d+$/, 'not what the link is'],
])('%s that was altered in the file is found and named', async (_what, sql, what, detail) => {
  const { file } = await history()
  const report = await altered(file, sql)
  expect(report.faults).toBeGreaterThan(0)
  expect(report.first[0]!.what).toMatch(what)
  expect(report.first[0]!.detail).toContain(detail)
})

test('the first of several faults is named first; a row altered with its link breaks the chain', async () => {
  const { file, messages } = await history()
  const several = await altered(
    file,
    `update audit set who = 'berta' where action = 'agency.pause'`,
    `update message set reference = 'other' where message_id = '${messages[0]}'`,
  )
  expect(several.faults).toBe(2)
  expect(several.first.map(({ what }) => what)).toEqual([`message ${messages[0]}`, expect.stringMatching(/^audit/)])

  // Somebody who knows how it is made changes the row, its hash, the root and the hash of its link.
  const other = await history()
  const db = new Database(other.file)
  const link = db
    .prepare<[], { n: number; at: number; items: string }>(
      `select n, at, items from proof_link where items like '%"audit"%' order by n limit 1`,
    )
    .get()!
  db.exec(`update audit set who = 'berta' where action = 'message.read'`)
  const items = JSON.parse(link.items) as [string, string, string, string][]
  for (const item of items.filter(([kind]) => kind === 'audit')) {
    const { fixed } = db
      .prepare<[], { fixed: string }>(
        `select json_array(at, who, action, target, why, detail) as fixed from audit where n = ${item[1]}`,
      )
      .get()!
    item[3] = factHash({ kind: 'audit', id: item[1], fixed, now: item[2] })
  }
  const before = db.prepare<[], { hash: string }>(`select hash from proof_link where n = ${link.n - 1}`).get()!.hash
  const root = rootOf(items.map(([, , , hash]) => hash))
  const hash = linkHash(before, { n: link.n, at: link.at, root })
  db.prepare('update proof_link set items = ?, root = ?, hash = ? where n = ?').run(
    JSON.stringify(items),
    root,
    hash,
    link.n,
  )
  db.close()
  const report = await proofCheck(other.file, quiet)
  // What was signed, and the link behind it, do not fit any more.
  expect(report.first.map(({ what }) => what)).toEqual([`head ${link.n}`, `link ${link.n + 1}`])
})

test('a write that fails leaves no fact, and those beside it in the same commit are proven', async () => {
  const dir = await tempDir('proof')
  const file = join(dir, 'ledger.db')
  const ledger = await openSqliteLedger({ file, log: unread })
  const same = message({})
  const results = await Promise.allSettled([
    ledger.record(interchange([message({})])),
    // Its second message has the id of the first: the whole delivery is undone.
    ledger.record(interchange([same, { ...message({}), messageId: same.messageId }])),
    ledger.record(interchange([message({})])),
  ])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  await ledger.close()
  expect(await proofCheck(file, quiet)).toMatchObject({ faults: 0 })
})

test('what retention let go of leaves its hash: the chain stays whole', async () => {
  const dir = await tempDir('proof')
  const file = join(dir, 'ledger.db')
  const ledger = await openSqliteLedger({ file, log: unread })
  const old = message({ submissions: [] })
  await ledger.record(interchange([old]))
  expect(await ledger.letGo([{ messageId: old.messageId, replyIds: [] }], new Date())).toBe(1)
  await sign(ledger, dir)
  const { facts } = await ledger.proofOf(old.messageId)
  expect(facts.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['message', 'bytes', 'receipt', 'let-go']))
  await ledger.close()
  expect(await proofCheck(file, quiet)).toMatchObject({ faults: 0 })
  expect((await altered(file, 'delete from let_go')).first[0]).toMatchObject({ what: `let-go ${old.messageId}` })
})

test('a copy made while the hub runs is proven too; one from before there was a chain says so', async () => {
  const { dir, file } = await history()
  const ledger = await openSqliteLedger({ file, log: unread })
  await ledger.backup(join(dir, 'copy.db'))
  await ledger.close()
  expect(await proofCheck(join(dir, 'copy.db'), quiet)).toMatchObject({ faults: 0 })
  await writeFile(join(dir, 'old.db'), '')
  await expect(proofCheck(join(dir, 'old.db'), quiet)).rejects.toThrow('before there was a chain')
})

test('the rules: a link holds its facts and the link before; heads are due daily or by number', () => {
  const fact = { kind: 'message', id: 'm', of: 'm', fixed: '["a"]', now: '["accepted"]' }
  const one = nextLink(genesis, [fact], 1000)
  expect(one).toMatchObject({ n: 1, items: [{ kind: 'message', id: 'm', now: '["accepted"]', hash: factHash(fact) }] })
  const others = [
    nextLink(genesis, [{ ...fact, now: '["refused"]' }], 1000),
    nextLink(genesis, [fact], 1001),
    nextLink({ n: 0, hash: '0' }, [fact], 1000),
    nextLink(genesis, [fact, fact], 1000),
    nextLink(genesis, [{ ...fact, fixed: '["a"]["accepted"]', now: '' }], 1000),
  ]
  expect(new Set([one, ...others].map(({ hash }) => hash)).size).toBe(6)
  const day = Date.UTC(2026, 0, 1)
  expect(headIsDue(undefined, undefined, day)).toBe(false)
  expect(headIsDue({ n: 1 }, undefined, day)).toBe(true)
  expect(headIsDue({ n: 2 }, { n: 1, signedAt: day }, day + 86_399_999)).toBe(false)
  expect(headIsDue({ n: 2 }, { n: 1, signedAt: day }, day + 86_400_000)).toBe(true)
  expect(headIsDue({ n: 1 }, { n: 1, signedAt: day }, day + 86_400_000)).toBe(false)
  expect(headIsDue({ n: 1 + mostUnsigned }, { n: 1, signedAt: day }, day)).toBe(true)
})
