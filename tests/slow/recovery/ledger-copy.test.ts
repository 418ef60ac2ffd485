// A ledger that moves from one engine to the other and back, in the middle of everything: the hub goes on where it
// stopped.
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../../messages/receipt.js'
import { postgresSource, postgresTarget } from '../../../store/postgres/copy-end.js'
import { sqliteSource, sqliteTarget } from '../../../store/sqlite/copy-end.js'
import { cli, cleanEnv, root, startHub, type RunningHub } from '../../support/hub.js'
import { freePort, ownAgency, ownRedis } from '../../support/neighbours.js'
import { freshOrder } from '../../support/orders.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../../support/postgres.js'
import { run } from '../../support/process.js'
import { tempDir } from '../../support/temp.js'
import { until } from '../../support/until.js'

const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')
const hubCommand = (...args: string[]) => run(process.execPath, [cli, ...args], { env: cleanEnv(), cwd: root })
const ledgerCopy = (from: string, to: string, ...more: string[]) =>
  hubCommand('ledger', 'copy', '--from', from, '--to', to, '--why', 'a move', ...more)

interface Report {
  rows: number
  tables: { table: string; rows: number; sha256: string }[]
}

/** Everything a partner and an operator can read of these messages, whatever keeps it. */
async function told(hub: RunningHub, ids: readonly string[]) {
  const messages = []
  for (const id of ids) {
    const { receipts } = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${id}/receipts`)
    const content = await (await hub.get(`/v1/messages/${id}/content`)).text()
    messages.push({ ...(await hub.read(`/v1/messages/${id}`)), receipts, content })
  }
  const mailbox = await hub.read<{ receipts: Receipt[] }>('/v1/receipts?limit=500')
  const { partners } = await hub.ops<{ partners: object[] }>('/ops/partners')
  return { messages, mailbox, partners: partners.length }
}

describe.skipIf(withoutPostgres())('a ledger taken to another engine', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres({ durable: true })
  })
  afterAll(() => server?.remove())

  test('SQLite to PostgreSQL and back: nothing is lost, nothing is sent again (promises 1–4, 8)', async () => {
    const httpPort = await freePort()
    const redis = await ownRedis()
    const agency = await ownAgency({ hubPort: httpPort })
    const dataDir = await tempDir('hub')
    const start = (env: Record<string, string> = {}) =>
      startHub({
        dataDir,
        config: agency.config,
        httpPort,
        env: { ...agency.env, REDIS_URL: redis.url, ...env },
      })
    let hub = await start()
    const send = async (bytes: Buffer | string = freshOrder()) => (await hub.send(bytes)).receipts[0]!.messageId

    const first = freshOrder()
    const done = await send(first)
    await hub.receiptsOf(done, approved)
    const { receipts } = await hub.read<{ receipts: Receipt[] }>('/v1/receipts')
    const acked = receipts[0]!.receiptId
    await fetch(`${hub.url}/v1/receipts/${acked}/ack`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.env.HUB_KEY}` },
    })
    const refused = await send('<no-document/>')
    await agency.control({ refuse: '测试退单', times: 1 })
    const rejected = await send()
    await hub.receiptsOf(rejected, (all) => all.some((r) => r.status === 'rejected'))
    await agency.control({ fail: 400, times: 1 })
    const dead = await send()
    await until('a dead letter', async () => (await hub.state(dead)) === 'failed')
    await agency.control({ hold: true })
    const silent = await send()
    await until('one whose receipts are held back', async () =>
      (await hub.read<{ submissions: { state: string }[] }>(`/v1/messages/${silent}`)).submissions.every(
        ({ state }) => state === 'submitted',
      ),
    )
    await fetch(`${hub.url}/agency/gacc/receipts`, {
      method: 'POST',
      headers: { authorization: `Bearer ${agency.env.AGENCY_TOKEN}`, 'content-type': 'application/xml' },
      body: '<Unknown><guid>nobody</guid></Unknown>',
    })
    await hub.ops('/ops/agencies/gacc/pause', { why: 'so that some wait' })
    const waiting = [await send(), await send(), await send()]
    const all = [done, refused, rejected, dead, silent, ...waiting]

    const postgres = await server.database()
    // While a hub runs on it nothing is copied.
    const early = await ledgerCopy(dataDir, postgres)
    expect([early.code, early.stderr]).toEqual([1, expect.stringContaining('in use by another hub') as string])
    const before = await told(hub, all)
    // Evidence asks for a signed head.
    expect((await hub.cli('evidence', done, '--out', join(dataDir, 'evidence.zip'))).code).toBe(0)
    await hub.stop()

    const there = await ledgerCopy(dataDir, postgres, '--json')
    expect([there.stderr, there.code]).toEqual(['', 0])
    const report = JSON.parse(there.stdout) as Report
    expect(report.tables.find(({ table }) => table === 'message')).toMatchObject({ rows: all.length })
    expect(there.stdout).not.toContain(new URL(postgres).password)
    // Nobody starts on the ledger it was made of.
    const old = await run(process.execPath, [cli, 'start', '--data', dataDir, '--http-port', '0', '--sftp-port', '0'], {
      env: { ...cleanEnv(), ...agency.env },
      cwd: root,
    })
    expect([old.code, old.stderr]).toEqual([1, expect.stringContaining('filed twice') as string])

    // The chain of hashes goes over with its signed heads, and is proven there.
    const proven = await hubCommand('audit', 'verify', '--ledger', postgres, '--json')
    expect([proven.code, JSON.parse(proven.stdout)]).toEqual([0, expect.objectContaining({ faults: 0 })])
    const { signed } = JSON.parse(proven.stdout) as { signed: { hash: string } }

    hub = await start({ DATABASE_URL: postgres })
    expect(await told(hub, all)).toEqual(before)
    // The first one again gets its first answer again (promise 8).
    const again = await hub.send(first)
    expect([again.status, again.receipts[0]!.messageId]).toEqual([200, done])
    const numbersBefore = before.mailbox.receipts.length
    await hub.ops('/ops/agencies/gacc/resume', { why: 'on the copy' })
    await agency.clear()
    // Those that waited, and the one that was sent by the hub on SQLite.
    for (const id of [silent, ...waiting]) await hub.receiptsOf(id, approved)
    const onPostgres = await send()
    await hub.receiptsOf(onPostgres, approved)
    expect((await hub.read<{ receipts: Receipt[] }>('/v1/receipts?limit=500')).receipts.length).toBeGreaterThan(
      numbersBefore,
    )
    const every = [...all, onPostgres]
    const middle = await told(hub, every)
    await hub.stop()

    // The first one is not opened again: what was filed by the copy would be filed by it once more.
    const reopened = await hubCommand('ledger', 'reopen', dataDir, '--copy', postgres, '--why', 'back')
    expect([reopened.code, reopened.stderr]).toEqual([1, expect.stringContaining('a hub has worked by') as string])
    expect(reopened.stderr).not.toContain(new URL(postgres).password)

    // And back, into another folder; a full one is not written over.
    const full = await ledgerCopy(postgres, dataDir)
    expect([full.code, full.stderr]).toEqual([1, expect.stringContaining('already') as string])
    const newDir = await tempDir('hub')
    const back = await ledgerCopy(postgres, newDir, '--json')
    expect([back.stderr, back.code]).toEqual(['', 0])
    hub = await startHub({
      dataDir: newDir,
      config: agency.config,
      httpPort,
      env: { ...agency.env, REDIS_URL: redis.url },
    })
    const after = await told(hub, every)
    // Another folder's demo partner is the same partner with one key more.
    expect(after.messages).toEqual(middle.messages)
    expect(after.mailbox).toEqual(middle.mailbox)
    const onSqlite = await send()
    await hub.receiptsOf(onSqlite, approved)
    const still = await hub.cli('audit', 'verify', '--head', signed.hash, '--json')
    expect([still.code, JSON.parse(still.stdout)]).toEqual([0, expect.objectContaining({ faults: 0, hasHead: true })])
    expect((await agency.taken()).filter(({ times }) => times !== 1)).toEqual([])
    await hub.stop()
  })

  test('what one engine keeps has its place in the other, table by table and column by column', async () => {
    const file = join(await tempDir('ledger'), 'ledger.db')
    const [url, made] = [await server.database(), sqliteTarget(file, 'a test')]
    const target = await postgresTarget(url, 'a test')
    await Promise.all([made.whole(), target.whole()])
    await Promise.all([made.close(), target.close()])
    const [sqlite, postgres] = [sqliteSource(file), await postgresSource(url)]
    /** Locks, leases and counts are an engine's own. */
    const kept = ({ shape }: typeof sqlite) =>
      new Map(
        [...shape]
          .filter(([table]) => !/^hub_|^counter$/.test(table))
          .map(([table, columns]) => [table, [...columns].sort()] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      )
    expect(kept(sqlite)).toEqual(kept(postgres))
    await sqlite.close()
    await postgres.close()
  })
})
