// Two hubs on one PostgreSQL and one Redis: to partners, agencies and operators they are one.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { fleetSeenBy, startFleet } from '../support/fleet.js'
import { changeOf, freshOrder } from '../support/orders.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { run } from '../support/process.js'
import { shortestOf } from '../support/in-time.js'
import { until } from '../support/until.js'
import { unzipped } from '../support/zip.js'

const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')

describe.skipIf(withoutPostgres())('two hubs', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.remove())

  test('are one: a message is filed once, each document in order, one send at a time to an agency', async () => {
    const url = await server.database()
    const { hubs, agency } = await startFleet(url, {
      policy: { concurrency: 1, queries: { operations: { '1.1.7.2': 'hub' } } },
    })
    const [a, b] = [hubs[0]!, hubs[1]!]

    // Both live, and one of them sweeps.
    const seen = await until('two hubs that see each other', async () => {
      const fleet = await fleetSeenBy(a)
      return fleet.hubs.length === 2 && fleet.leases.some(({ name, holder }) => name === 'sweep' && holder) && fleet
    })
    expect(seen.hubs.map(({ process }) => process)).toContain((await fleetSeenBy(b)).self)
    expect((await a.cli('status')).stdout).toMatch(/HUB +VERSION[\s\S]*sweep/)
    expect(await (await a.get('/metrics', { key: a.env.HUB_OPS_KEY! })).text()).toMatch(/hub_fleet_living 2/)

    // The same message at both at once (promise 8).
    const order = freshOrder()
    const both = await Promise.all([a.send(order), b.send(order)])
    expect(both.map(({ status }) => status).sort()).toEqual([200, 202])
    const [{ messageId }] = both[0].receipts as [Receipt]
    expect(both[1].receipts[0]!.messageId).toBe(messageId)
    await a.receiptsOf(messageId, approved)

    // A long poll at one hears of what the other settles: the agency posts to the second.
    const [{ n: last }] = (await server.ask<{ n: number }>('select max(n)::integer as n from receipt', url)) as [
      { n: number },
    ]
    const begun = Date.now()
    const heard = a.read<{ receipts: Receipt[] }>(`/v1/receipts?after=${last}&wait=60`)
    await b.send(freshOrder())
    expect((await heard).receipts[0]).toMatchObject({ stage: 'business' })
    expect(Date.now() - begun).toBeLessThan(50_000)

    // A question asked at one is waited for at the other; what one has answered in the call the other finds again.
    await agency.control({ documentType: 'DeclarationQuery', hold: true })
    const asked = await a.read<{ messageId: string; status: string }>('/v1/queries/1.1.7.1.1')
    expect(asked.status).toBe('processing')
    const address = `/v1/queries/1.1.7.1.1/${asked.messageId}`
    const waited = b.read<{ status: string; rows: object[] }>(`${address}?wait=60`)
    await until('the agency to have the question', async () => (await a.state(asked.messageId)) === 'submitted')
    const answeredAfter = Date.now()
    await agency.clear()
    expect(await waited).toMatchObject({ status: 'answered' })
    expect(Date.now() - answeredAfter, 'it is woken').toBeLessThan(50_000)
    const counted = await a.read<{ messageId: string; status: string }>('/v1/queries/1.1.7.2.1?wait=10')
    expect(counted.status).toBe('answered')
    const found = await until('the record of it', async () => {
      const there = await b.get(`/v1/queries/1.1.7.2.1/${counted.messageId}`)
      return there.status === 200 && ((await there.json()) as object)
    })
    expect(found).toEqual(counted)

    // Changes of one document, sent here and there, go out in the order in which they were taken.
    const first = freshOrder()
    const references: string[] = []
    for (let i = 0; i < 10; i++) {
      const { receipts } = await (i % 2 ? b : a).send(i === 0 ? first : changeOf(first, `第${i}次变更`))
      references.push(receipts[0]!.reference)
    }
    const others = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 ? a : b).send(freshOrder())))
    for (const { receipts } of others) await b.receiptsOf(receipts[0]!.messageId, approved)
    const taken = await until('all changes with the agency', async () => {
      const all = (await agency.taken()).filter(({ reference }) => references.includes(reference))
      return all.length === references.length && all
    })
    expect(taken.map(({ reference }) => reference)).toEqual(references)
    expect((await agency.taken()).filter(({ times }) => times !== 1)).toEqual([])

    // No two tries at the agency overlapped, though both hubs sent.
    const overlapping = await server.ask(
      `select a.submission_id, b.submission_id as other from attempt a
        join attempt b on a.submission_id < b.submission_id
        and a.started_at < b.ended_at and b.started_at < a.ended_at`,
      url,
    )
    expect(overlapping).toEqual([])
    // What an operator says to one, the other knows within a second; so it is with a key that is revoked.
    await a.ops('/ops/agencies/gacc/pause', { why: '系统维护' })
    await until('the pause at the other', async () => {
      const { paused } = await b.ops<{ paused?: { why: string } }>('/ops/agencies/gacc')
      return paused?.why === '系统维护'
    })
    await b.ops('/ops/agencies/gacc/resume', { why: '维护完成' })
    await a.ops('/ops/partners', { partnerId: 'other', name: '测试船务有限公司', settings: { rights: ['*'] } })
    const known = await shortestOf(4_000, async () => {
      const { secret: key, id } = await a.ops<{ secret: string; id: string }>('/ops/partners/other/keys', {
        kind: 'http',
        label: 'x',
      })
      expect((await b.get('/v1/messages', { key })).status).toBe(200)
      await fetch(`${a.url}/ops/partners/other/keys/${id}`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${a.env.HUB_OPS_KEY}` },
      })
      const revoked = Date.now()
      await until(
        'the key that opens nothing at the other',
        async () => (await b.get('/v1/messages', { key })).status === 401,
      )
      return Date.now() - revoked
    })
    // Without being told it would remember the key for five seconds.
    expect(known).toBeLessThan(4_000)

    // They make one chain of hashes; either signs it and gives evidence of what the other has sent.
    for (const hub of [a, b]) {
      const zip = join(hub.dataDir, 'evidence.zip')
      expect((await hub.cli('evidence', messageId, '--out', zip)).code).toBe(0)
      const dir = await unzipped(await readFile(zip), join(hub.dataDir, 'evidence'))
      const proven = await run(process.execPath, [join(dir, 'verify.mjs')], { env: { PATH: process.env.PATH } })
      expect(proven.stdout).toMatch(/^PROVEN 通过验证/)
    }
    const proven = await a.cli('audit', 'verify', '--ledger', url, '--json')
    expect([proven.code, JSON.parse(proven.stdout)]).toEqual([0, expect.objectContaining({ faults: 0 })])

    // One stops: what it did alone is the other's within moments.
    await a.stop()
    await until('the lease with the one that is left', async () => {
      const fleet = await fleetSeenBy(b)
      return fleet.hubs.length === 1 && fleet.leases.find(({ name }) => name === 'sweep')?.holder === fleet.self
    })
    await b.receiptsOf((await b.send(freshOrder())).receipts[0]!.messageId, approved)
    await b.stop()
  })
})
