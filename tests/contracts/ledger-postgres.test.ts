// The promises that a ledger in PostgreSQL keeps for several hubs, one sentence each. The whole contract, and what
// happens while the server is away: tests/slow/recovery/ledger-postgres.test.ts.
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Ledger } from '../../store/ledger.js'
import { openPostgresLedger } from '../../store/postgres/open.js'
import { createServer } from '../../store/postgres/server.js'
import { unread } from '../support/ledger-log.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { at, given, interchange, message, receiptOf, submissionOf } from './ledger-given.js'

describe.skipIf(withoutPostgres())('on a real server, two hubs', () => {
  let server: TestPostgres
  let url: string
  let one: Ledger
  let other: Ledger
  const hub = () => openPostgresLedger({ url, log: unread })
  beforeAll(async () => {
    server = await startPostgres()
    url = await server.database()
    one = await hub()
    other = await hub()
  })
  afterAll(async () => {
    await Promise.all([one?.close(), other?.close()])
    await server?.remove()
  })

  test('take the same message once, and other bytes under its reference not at all (promise 8)', async () => {
    const mine = message()
    const again = { ...message({ reference: mine.reference, bytes: mine.bytes }), sha256: mine.sha256 }
    const both = (await Promise.all([one.record(interchange([mine])), other.record(interchange([again]))])).flat()
    expect(both.map(({ outcome }) => outcome).sort()).toEqual(['duplicate', 'recorded'])
    const changed = message({ reference: mine.reference, bytes: Buffer.from('<b/>') })
    expect(await other.record(interchange([changed]))).toMatchObject([{ outcome: 'conflict' }])
  })

  test('send it once: one wins the claim, and what it heard is the other’s to read (promise 3)', async () => {
    const mine = await given(() => one).accepted()
    const claims = await Promise.all(
      [one, other].map((each) => each.claim(submissionOf(mine), at(1), { abandonedBefore: at(0) })),
    )
    expect(claims.map(({ outcome }) => outcome).sort()).toEqual(['claimed', 'later'])
    const { fence } = claims.find((claim) => claim.outcome === 'claimed')!
    expect(await other.endAttempt({ submissionId: submissionOf(mine), fence }, { outcome: 'submitted' }, at(2))).toBe(
      true,
    )
    expect(await one.claim(submissionOf(mine), at(3))).toEqual({ outcome: 'done', state: 'submitted' })
  })

  test('settle an answer once, for its own partner alone (promises 7, 9)', async () => {
    const mine = await given(() => one).accepted()
    const receipt = { ...receiptOf(mine.messageId, mine.reference), stage: 'business' as const, agency: 'gacc' }
    const { replyId } = await one.recordReply({
      replyId: `rep_${mine.messageId}`,
      agency: 'gacc',
      mediaType: 'application/xml',
      bytes: Buffer.from(mine.messageId),
      receivedAt: at(2),
    })
    const entry = {
      submissionId: submissionOf(mine),
      status: 'approved' as const,
      learn: [],
      receiptReturn: 'owed' as const,
    }
    const settlement = { replyId, orphan: false, entries: [{ ...entry, receipt }] }
    await Promise.all([one.settle(settlement, at(3)), other.settle(settlement, at(3))])
    const { receipts } = (await other.getMessage(mine.messageId, 'a'))!
    expect(receipts.map(({ receipt: { stage } }) => stage)).toEqual(['technical', 'business'])
    expect(await other.getMessage(mine.messageId, 'b')).toBeUndefined()
  })

  test('plan what they write and look up once, by indexes, uncompiled; lists as the server does', async () => {
    const settings = `select name, setting from pg_settings where name in ('plan_cache_mode', 'enable_seqscan', 'jit')`
    const connections = createServer({ url: await server.database(), log: unread })
    onTestFinished(() => connections.close())
    for (const purpose of ['writing', 'looking up'] as const) {
      const client = await connections.connect(purpose)
      onTestFinished(() => client.end())
      const { rows } = await client.query<{ name: string; setting: string }>(`${settings} order by name`)
      expect([purpose, ...rows.map(({ name, setting }) => `${name} = ${setting}`)]).toEqual([
        purpose,
        'enable_seqscan = off',
        'jit = off',
        'plan_cache_mode = force_generic_plan',
      ])
    }
    expect(await connections.reading.all(`${settings} and setting <> boot_val`)).toEqual([])
  })

  test('find everything that was acknowledged after the server was killed (promises 1, 2)', async () => {
    const mine = await given(() => one).accepted()
    await server.restart('crash')
    const after = await hub()
    onTestFinished(() => after.close())
    expect((await after.getContent(mine.messageId))!.bytes).toEqual(mine.bytes)
    const due = await after.dueSubmissions(at(10), 100)
    expect(due.map(({ submissionId }) => submissionId)).toContain(submissionOf(mine))
  })
})
