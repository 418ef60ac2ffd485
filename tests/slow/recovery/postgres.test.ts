// The hub with its ledger in PostgreSQL: the way of a message, kills, a database that goes away, and a second hub.
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../../messages/receipt.js'
import { cli, cleanEnv, root, startHub } from '../../support/hub.js'
import { freePort, ownAgency, ownRedis } from '../../support/neighbours.js'
import { freshOrder } from '../../support/orders.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../../support/postgres.js'
import { run } from '../../support/process.js'
import { tempDir } from '../../support/temp.js'
import { until } from '../../support/until.js'

const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')

describe.skipIf(withoutPostgres())('a hub on PostgreSQL', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres({ durable: true })
  })
  afterAll(() => server?.remove())

  async function hubOn(url: string) {
    const httpPort = await freePort()
    const redis = await ownRedis()
    const agency = await ownAgency({ hubPort: httpPort })
    const dataDir = await tempDir('hub')
    const start = () =>
      startHub({
        dataDir,
        config: agency.config,
        httpPort,
        env: { ...agency.env, REDIS_URL: redis.url, DATABASE_URL: url },
      })
    return { hub: await start(), start, agency }
  }

  test('killed under load and started again it lost nothing and sent nothing twice (promises 1–3, 8)', async () => {
    const url = await server.database()
    const { hub, start, agency } = await hubOn(url)
    const first = freshOrder()
    const [taken] = (await hub.send(first)).receipts
    await hub.receiptsOf(taken!.messageId, approved)
    const again = await hub.send(first)
    expect([again.status, again.receipts[0]!.messageId]).toEqual([200, taken!.messageId])
    expect((await hub.send('<no-document/>')).status).toBe(422)

    // What must have the ledger for itself does not start beside it.
    const beside = await run(process.execPath, [cli, 'ledger', 'restored', '--why', 'x'], {
      env: { ...cleanEnv(), DATABASE_URL: url, HUB_DATA: await tempDir('hub') },
      cwd: root,
    })
    expect(beside.code).not.toBe(0)
    expect(beside.stderr + beside.stdout).toContain('in use by another hub')
    expect(beside.stderr + beside.stdout).not.toContain(new URL(url).password)

    const accepted: string[] = []
    let sending = true
    const senders = Array.from({ length: 8 }, async () => {
      while (sending) {
        const answer = await hub.send(freshOrder()).catch(() => undefined)
        if (answer?.status === 202) accepted.push(answer.receipts[0]!.messageId)
        else if (!answer) return
      }
    })
    await until('messages under way', () => accepted.length >= 40)
    await hub.stop('SIGKILL')
    sending = false
    await Promise.all(senders)
    const next = await start()
    for (const messageId of accepted) await next.receiptsOf(messageId, approved, 60_000)
    const counts = await server.ask<{ n: number }>('select count(*)::integer as n from submission', url)
    const sent = await agency.taken()
    expect(sent.filter(({ times }) => times !== 1)).toEqual([])
    expect(sent.length).toBe(counts[0]!.n)
    const log = (await Promise.all([hub.log(), next.log()])).flat()
    expect(JSON.stringify(log)).not.toContain(`:${new URL(url).password}@`)
    await next.stop()
  })

  test('a database cut off under load: senders hear 503, and what was accepted is sent once', async () => {
    const url = await server.database()
    const { hub, agency } = await hubOn(url)
    const accepted: string[] = []
    const refused: number[] = []
    let sending = true
    const senders = Array.from({ length: 6 }, async () => {
      while (sending) {
        const { status, receipts } = await hub.send(freshOrder())
        if (status === 202) accepted.push(receipts[0]!.messageId)
        else {
          refused.push(status)
          await new Promise((wait) => setTimeout(wait, 50))
        }
      }
    })
    const more = (n: number) => {
      const from = accepted.length
      return until(`${n} more accepted`, () => accepted.length >= from + n, 60_000)
    }
    await more(20)
    await server.stop('crash')
    await until('a sender that hears of it', () => refused.length > 0)
    expect((await hub.get('/readyz')).status).toBe(503)
    // Who opens the monitor meanwhile reads why, and the page opens itself when the ledger is back.
    const opened = await hub.get('/monitor', { key: hub.env.HUB_OPS_KEY!, accept: 'text/html' })
    expect([opened.status, opened.headers.get('content-type')]).toEqual([503, 'text/html; charset=utf-8'])
    expect(await opened.text()).toMatch(/http-equiv="refresh".*账本.*ledger/s)
    await server.start()
    await more(20)
    await server.ask(
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
        and pid <> pg_backend_pid()`,
      url,
    )
    await more(20)
    sending = false
    await Promise.all(senders)
    expect(new Set(refused)).toEqual(new Set([503]))
    for (const messageId of accepted) await hub.receiptsOf(messageId, approved, 90_000)
    expect((await agency.taken()).filter(({ times }) => times !== 1)).toEqual([])
    await until('readiness', async () => (await hub.get('/readyz')).ok)
    await hub.stop()
  })

  test('a backup that was put back: what waits in it is in doubt, and is not sent by itself', async () => {
    const url = await server.database()
    const env = { ...cleanEnv(), DATABASE_URL: url, HUB_DATA: await tempDir('hub') }
    const migrated = await run(process.execPath, [cli, 'migrate', '--json'], { env })
    const { before, now } = JSON.parse(migrated.stdout) as { before: number; now: number }
    expect([before, now]).toEqual([0, (await readdir(join(root, 'store/postgres/migrations'))).length])
    await server.ask(
      `insert into message (message_id, interchange_id, partner_id, channel, reference, state, size, sha256,
        received_at) values ('msg_1', 'int_1', 'a', 'http', 'R', 'accepted', 1, '', 1);
       insert into submission (submission_id, message_id, partner_id, agency, state, accepted_at, next_at)
         values ('sub_1', 'msg_1', 'a', 'gacc', 'queued', 1, 1)`,
      url,
    )
    const restored = await run(process.execPath, [cli, 'ledger', 'restored', '--why', 'a disk', '--json'], { env })
    expect([restored.stderr, JSON.parse(restored.stdout)]).toEqual(['', { doubted: 1 }])
    expect(
      await server.ask('select s.state, m.state as shown, a.why from submission s, message m, audit a', url),
    ).toEqual([{ state: 'unclear', shown: 'unclear', why: 'a disk' }])
    const refused = await run(process.execPath, [cli, 'restore', 'any.db', '--why', 'x'], { env })
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('hub ledger restored') as string])
  })
})
