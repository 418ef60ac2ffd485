// The chain of hashes over a ledger on PostgreSQL: what holds on SQLite, and what is PostgreSQL's own.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evidenceKey } from '../../hub/operate/evidence-key.js'
import { copyLedger, type CopySource, type CopyTarget } from '../../store/copying.js'
import { postgresSource, postgresTarget } from '../../store/postgres/copy-end.js'
import { openPostgresLedger } from '../../store/postgres/open.js'
import { proofCheck } from '../../store/postgres/proof-check.js'
import type { ProofReport } from '../../store/proof-check.js'
import { sqliteSource, sqliteTarget } from '../../store/sqlite/copy-end.js'
import { openSqliteLedger } from '../../store/sqlite/open.js'
import { proofCheck as sqliteCheck } from '../../store/sqlite/proof-check.js'
import { interchange, message } from './ledger-given.js'
import { unread } from '../support/ledger-log.js'
import { tempDir } from '../support/temp.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { history, proofContract, sign, type ProofPlace } from './ledger-proof.js'

const quiet = { told: () => {} }

describe.skipIf(withoutPostgres())('on a real server', () => {
  let server: TestPostgres
  let url: string
  beforeAll(async () => {
    server = await startPostgres()
    url = await server.database()
  })
  afterAll(() => server?.remove())

  const placeAt = (of: string): ProofPlace => ({
    open: () => openPostgresLedger({ url: of, log: unread }),
    ask: async (sql) =>
      (await server.ask(sql, of)).map((row) =>
        Object.fromEntries(
          Object.entries(row).map(([name, value]) => [name, name === 'n' || name === 'at' ? Number(value) : value]),
        ),
      ) as never[],
    check: (asked) => proofCheck(of, { ...quiet, ...asked }),
  })
  /** One database for all, emptied for each: making one costs more than most of them. */
  async function fresh(): Promise<ProofPlace> {
    await openPostgresLedger({ url, log: unread }).then((ledger) => ledger.close())
    await server.empty(url)
    for (const table of ['message', 'submission', 'receipt'])
      await server.ask(`alter table ${table} alter n restart`, url)
    return placeAt(url)
  }
  proofContract('PostgreSQL', fresh)

  test('two hubs that write at once make one chain, which is proven while they go on', async () => {
    const place = await fresh()
    const hubs = [await place.open(), await place.open()]
    const ids: string[] = []
    const writing = Promise.all(
      hubs.map(async (hub) => {
        for (let i = 0; i < 12; i++) {
          const some = [message({}), message({}), message({})]
          await Promise.all(some.map((one) => hub.record(interchange([one]))))
          const { submissionId } = some[0]!.submissions[0]!
          await hub.claim(submissionId, new Date())
          ids.push(...some.map(({ messageId }) => messageId))
        }
      }),
    )
    const meanwhile: ProofReport[] = []
    for (let done = false; !done;) {
      meanwhile.push(await place.check())
      done = await Promise.race([writing.then(() => true), new Promise<boolean>((next) => setImmediate(next, false))])
    }
    const [dir, other] = [await tempDir('proof'), await tempDir('proof')]
    await sign(hubs[0]!, dir)
    await hubs[1]!.audit({ at: new Date(), who: 'anna', action: 'a', target: ids[0]!, why: '', detail: {} })
    // Each hub has a key of its own.
    await sign(hubs[1]!, other)
    const { facts, heads } = await hubs[0]!.proofOf(ids[0]!)
    expect(facts.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['message', 'submission', 'bytes', 'receipt', 'attempt', 'audit']),
    )
    expect(heads.map(({ publicKey }) => publicKey)).toEqual([evidenceKey(dir).publicKey, evidenceKey(other).publicKey])
    for (const hub of hubs) await hub.close()
    expect(meanwhile.map(({ first }) => first)).toEqual(meanwhile.map(() => []))
    expect(await place.check()).toMatchObject({ faults: 0, heads: 2 })
  })

  test('what a hub from before the chain changes beside newer ones is in the next link', async () => {
    const place = await fresh()
    await history(place)
    const change = `insert into audit (at, who, action, target, why, detail)
      values (1, 'berta', 'message.read', 'msg_1', '', '{}')`
    await server.ask(change, `${url}?application_name=edi-hub`)
    expect(await place.check()).toMatchObject({ faults: 0 })
    // What another program changes is no fact.
    await server.ask(change, url)
    expect((await place.check()).first.map(({ detail }) => detail)).toEqual(['it was put in beside the chain'])
    await place.ask(`delete from audit where n = (select max(n) from audit)`)
    const { facts } = await place.check()
    const ledger = await place.open()
    await ledger.audit({ at: new Date(), who: 'anna', action: 'a', target: 'gacc', why: '', detail: {} })
    await ledger.close()
    expect(await place.check()).toMatchObject({ faults: 0, facts: facts + 2 })
    expect(await place.ask('select 1 as x from hub_late_fact')).toEqual([])
  })

  test('the chain of a ledger that had none begins where it is, without what is older', async () => {
    const place = await fresh()
    await history(place)
    for (const table of ['link', 'of', 'head', 'base']) await place.ask(`delete from proof_${table}`)
    expect((await place.check()).first.map(({ what }) => what)).toEqual(['chain'])
    const ledger = await place.open()
    await ledger.record(interchange([message({})], { partnerId: 'alpha' }))
    await ledger.close()
    expect(await place.check()).toMatchObject({ links: 2, faults: 0 })
    await place.ask(`update message set reference = 'other' where n = 1`)
    expect(await place.check()).toMatchObject({ faults: 0 })
    await place.ask(`update partner set settings = '{"rights":["*"]}'`)
    expect((await place.check()).first.map(({ what }) => what)).toEqual(['partner alpha'])
  })

  test('an encrypted ledger stays proven, sealed with a newer key too; a changed receipt is found', async () => {
    const place = await fresh()
    await history(place)
    const encryption = { masters: [randomBytes(32)], cipher: 'aes-256-gcm' as const }
    const ledger = await openPostgresLedger({ url, log: unread, encryption })
    const one = message({})
    await ledger.record(interchange([one], { partnerId: 'alpha' }))
    await ledger.rotateKey(new Date())
    for (let from: string | undefined; ;) {
      const slice = await ledger.reseal(from)
      if ((from = slice.next) === undefined) break
    }
    await sign(ledger, await tempDir('proof'))
    const { facts } = await ledger.proofOf(one.messageId)
    expect(facts.find(({ kind }) => kind === 'receipt')!.fixed).toContain(one.receipt.receiptId)
    await ledger.close()
    expect(await place.check({ encryption })).toMatchObject({ faults: 0 })
    await expect(place.check()).rejects.toThrow('the ledger is encrypted')
    await place.ask(
      `update receipt set receipt = (select receipt from receipt order by n limit 1)
        where receipt_id = '${one.receipt.receiptId}'`,
    )
    const { faults, first } = await place.check({ encryption })
    expect([faults, first[0]!.what]).toEqual([1, `receipt ${one.receipt.receiptId}`])
    await place.ask('delete from data_key')
  })

  test('a ledger copied to the other engine and back is proven there by the same chain, which goes on', async () => {
    const log = { told: () => {} }
    const [first, last] = [join(await tempDir('proof'), 'ledger.db'), join(await tempDir('proof'), 'ledger.db')]
    const sqlite = (file: string): ProofPlace => ({
      open: () => openSqliteLedger({ file, log: unread }),
      ask: () => Promise.reject(new Error('not asked')),
      check: (asked) => sqliteCheck(file, { ...log, ...asked }),
    })
    const odd = '引号" 反斜杠\\ \u2028 \u0007 😀 \u007f\n/'
    const between = await server.database()
    const { dir, messages } = await history(sqlite(first))
    const signed = (await sqlite(first).check()).signed!
    const note = async (place: ProofPlace) => {
      const ledger = await place.open()
      await ledger.audit({
        at: new Date(),
        who: 'anna',
        action: 'a',
        target: messages[0]!,
        why: odd,
        detail: { odd },
      })
      await sign(ledger, dir)
      await ledger.close()
    }
    await note(sqlite(first))
    const steps = { sourceStays: false, progress: () => {} }
    const copied = async (source: CopySource, target: CopyTarget) => {
      await copyLedger({ source, target, ...steps })
      await Promise.all([source.close(), target.close()])
    }
    await copied(sqliteSource(first), await postgresTarget(between, 'a test'))
    expect((await placeAt(between).check({ head: signed.hash })).first).toEqual([])
    await note(placeAt(between))
    await copied(await postgresSource(between), sqliteTarget(last, 'a test'))
    await note(sqlite(last))
    expect(await sqlite(last).check({ head: signed.hash })).toMatchObject({
      faults: 0,
      first: [],
      heads: 4,
      hasHead: true,
    })
  })
})
