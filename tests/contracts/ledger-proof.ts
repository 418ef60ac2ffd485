// ledger-proof — the chain of hashes over a ledger, whatever keeps it: every change of a row becomes part of it in the
// same commit, and whoever changes a row beside the hub is found, with the first row named.
import { describe, expect, test } from 'vitest'
import { evidenceKey } from '../../hub/operate/evidence-key.js'
import { startProofHeads } from '../../hub/operate/proof-heads.js'
import type { Ledger, Proof } from '../../store/ledger.js'
import type { ProofCheck, ProofReport } from '../../store/proof-check.js'
import { factHash, linkHash, rootOf } from '../../store/rules/proof-chain.js'
import { tempDir } from '../support/temp.js'
import { interchange, message } from './ledger-given.js'

export interface ProofPlace {
  open(): Promise<Ledger & Proof>
  /** As somebody does who has the database and its own command. */
  ask<Row extends object>(sql: string): Promise<Row[]>
  check(asked?: Partial<ProofCheck>): Promise<ProofReport>
}

const log = { info: () => {}, warn: () => {}, error: () => {} }

export async function sign(ledger: Proof, dir: string): Promise<void> {
  const heads = startProofHeads({ proof: ledger, key: evidenceKey(dir), log })
  heads.stop()
  await heads.signNow()
}

/**
 * A ledger with some history: three messages, acts of an operator, a partner whose key was taken back. Its signed head
 * is before the last act.
 */
export async function history(place: ProofPlace): Promise<{ dir: string; messages: string[] }> {
  const dir = await tempDir('proof')
  const ledger = await place.open()
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
  const grant = { owner: 'beta', operation: '', company: '' }
  const given = [message({}), message({ filedUnder: [grant] }), message({})]
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
  return { dir, messages: given.map(({ messageId }) => messageId) }
}

/** @param fresh a place in which no ledger was ever opened */
export function proofContract(engine: string, fresh: () => Promise<ProofPlace>) {
  describe(`the proof of a ledger on ${engine}`, () => {
    async function altered(place: ProofPlace, ...sql: string[]): Promise<ProofReport> {
      for (const one of sql) await place.ask(one)
      return place.check()
    }

    test('an untouched history is proven whole, with its signed heads; it goes on after a restart', async () => {
      const place = await fresh()
      const { dir } = await history(place)
      const first = await place.check()
      expect(first).toMatchObject({ faults: 0, first: [], heads: 1 })
      expect(first.facts).toBeGreaterThan(12)
      const ledger = await place.open()
      await ledger.record(interchange([message({})], { partnerId: 'alpha' }))
      await sign(ledger, dir)
      const { head } = await ledger.chainHead()
      await ledger.close()
      const again = await place.check({ head: first.signed!.hash })
      expect(again).toMatchObject({ faults: 0, heads: 2, hasHead: true, signed: { hash: head!.hash } })
      expect(again.links).toBeGreaterThan(first.links)
      expect((await place.check({ head: 'f'.repeat(64) })).hasHead).toBe(false)
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
      [
        'for whom an agent filed',
        `update agent_filing set owner = 'gamma'`,
        /^agent-filing \d+$/,
        'not the one that was written',
      ],
      ['what an agent filed, removed', `delete from agent_filing`, /^agent-filing \d+$/, 'the row is gone'],
      [
        'what an agent filed, put in',
        `insert into agent_filing (message_id, owner, operation, company)
    select message_id, 'beta', '', '' from message where n = 1`,
        /^agent-filing \d+$/,
        'beside the chain',
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
      [
        'a link',
        `update proof_link set items = replace(items, 'accepted', 'refused')`,
        /^(link \d+|message msg_.*)$/,
        '',
      ],
      ['a link, removed', `delete from proof_link where n = 3`, /^link 4$/, '1 links before it are gone'],
      ['the time of a link', `update proof_link set at = at + 1 where n = 2`, /^link 2$/, 'its hash is not'],
      ['a signature', `update proof_head set signature = 'AAAA'`, /^head \d+$/, 'its signature is wrong'],
      ['where the chain begins', `delete from proof_base where kind = 'audit'`, /^beginning of audit$/, 'is gone'],
      [
        'a link’s facts, made unreadable',
        `update proof_link set items = '[1]' where n = 2`,
        /^link 2$/,
        'its facts are not',
      ],
      ['what was signed', `update proof_head set hash = '${'0'.repeat(64)}'`, /^head \d+$/, 'not what the link is'],
    ])('%s that was altered beside the hub is found and named', async (_what, sql, what, detail) => {
      const place = await fresh()
      await history(place)
      const report = await altered(place, sql)
      expect(report.faults).toBeGreaterThan(0)
      expect(report.first[0]!.what).toMatch(what)
      expect(report.first[0]!.detail).toContain(detail)
    })

    test('the first of several faults is named first; a row altered with its link breaks the chain', async () => {
      const place = await fresh()
      const { messages } = await history(place)
      const several = await altered(
        place,
        `update audit set who = 'berta' where action = 'agency.pause'`,
        `update message set reference = 'other' where message_id = '${messages[0]}'`,
      )
      expect(several.faults).toBe(2)
      expect(several.first.map(({ what }) => what)).toEqual([`message ${messages[0]}`, expect.stringMatching(/^audit/)])

      // Somebody who knows how it is made changes the row, its hash, the root and the hash of its link.
      const other = await fresh()
      await history(other)
      const [link] = await other.ask<{ n: number; at: number; items: string }>(
        `select n, at, items from proof_link where items like '%"audit"%' order by n limit 1`,
      )
      await other.ask(`update audit set who = 'berta' where action = 'message.read'`)
      const items = JSON.parse(link!.items) as [string, string, string, string][]
      for (const item of items.filter(([kind]) => kind === 'audit')) {
        const [row] = await other.ask<Record<string, unknown>>(
          `select at, who, action, target, why, detail from audit where n = ${item[1]}`,
        )
        item[3] = factHash({ kind: 'audit', id: item[1], fixed: JSON.stringify(Object.values(row!)), now: item[2] })
      }
      const [before] = await other.ask<{ hash: string }>(`select hash from proof_link where n = ${link!.n - 1}`)
      const root = rootOf(items.map(([, , , hash]) => hash))
      const hash = linkHash(before!.hash, { n: link!.n, at: link!.at, root })
      const report = await altered(
        other,
        `update proof_link set items = '${JSON.stringify(items)}', root = '${root}', hash = '${hash}'
        where n = ${link!.n}`,
      )
      // What was signed, and the link behind it, do not fit any more.
      expect(report.first.map(({ what }) => what)).toEqual([`head ${link!.n}`, `link ${link!.n + 1}`])
    })

    test('a write that fails leaves no fact, and those beside it in the same commit are proven', async () => {
      const place = await fresh()
      const ledger = await place.open()
      const same = message({})
      const results = await Promise.allSettled([
        ledger.record(interchange([message({})])),
        // Its second message has the id of the first: the whole delivery is undone.
        ledger.record(interchange([same, { ...message({}), messageId: same.messageId }])),
        ledger.record(interchange([message({})])),
      ])
      expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      await ledger.close()
      expect(await place.check()).toMatchObject({ faults: 0 })
    })

    test('the time stamp of a head is kept with it, and evidence leads to a head that has one', async () => {
      const [place, dir] = [await fresh(), await tempDir('proof')]
      const ledger = await place.open()
      const one = message({})
      await ledger.record(interchange([one]))
      await sign(ledger, dir)
      await ledger.record(interchange([message({})]))
      await sign(ledger, dir)
      const { signed } = await ledger.chainHead()
      expect(signed).toMatchObject({ stamped: false })
      await ledger.keepTimeStamp(signed!.n, 'AAAA')
      // The first one counts.
      await ledger.keepTimeStamp(signed!.n, 'BBBB')
      expect(await ledger.chainHead()).toMatchObject({ signed: { stamped: true }, stamped: { n: signed!.n } })
      const { heads, ways } = await ledger.proofOf(one.messageId)
      expect(heads.map(({ n, timeStamp }) => [n, timeStamp])).toEqual([[signed!.n, 'AAAA']])
      expect(ways[0]!.links.at(-1)!.n).toBe(signed!.n)
      await ledger.close()
      const time = new Date(0)
      const holds = await place.check({ timeStamp: (token) => ({ time, by: token.toString('base64') }) })
      expect(holds).toMatchObject({ faults: 0, stamps: 1, stamped: { link: signed!.n, by: 'AAAA' } })
    })

    test('the question whether a ledger can be written leaves no fact', async () => {
      const place = await fresh()
      const ledger = await place.open()
      const one = message({})
      await Promise.all([ledger.ping(), ledger.record(interchange([one])), ledger.ping()])
      await ledger.close()
      const report = await place.check()
      expect(report).toMatchObject({ faults: 0, first: [] })
      expect(report.facts).toBeGreaterThan(0)
    })

    test('what retention let go of leaves its hash: the chain stays whole', async () => {
      const [place, dir] = [await fresh(), await tempDir('proof')]
      const ledger = await place.open()
      const old = message({ submissions: [] })
      await ledger.record(interchange([old]))
      expect(await ledger.letGo([{ messageId: old.messageId, replyIds: [] }], new Date())).toBe(1)
      await sign(ledger, dir)
      const { facts } = await ledger.proofOf(old.messageId)
      expect(facts.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['message', 'bytes', 'receipt', 'let-go']))
      await ledger.close()
      expect(await place.check()).toMatchObject({ faults: 0 })
      expect((await altered(place, 'delete from let_go')).first[0]).toMatchObject({ what: `let-go ${old.messageId}` })
    })
  })
}
