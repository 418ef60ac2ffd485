// One forwarder hands in more than a hundred declarations to an agency that takes few at a time; another has one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { QueueCounts } from '../../messages/views/index.js'
import { startFleet } from '../support/fleet.js'
import { startHub, type RunningHub } from '../support/hub.js'
import { freePort, ownAgency, ownRedis, type OwnAgency } from '../support/neighbours.js'
import { freshOrder } from '../support/orders.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { until } from '../support/until.js'

const flood = 120

/** A second forwarder. @returns its key */
async function anotherForwarder(hub: RunningHub): Promise<string> {
  await hub.ops('/ops/partners', { partnerId: 'other', name: '测试货运代理有限公司', settings: { rights: ['*'] } })
  const { secret } = await hub.ops<{ secret: string }>('/ops/partners/other/keys', { kind: 'http', label: 'x' })
  return secret
}

/** Messages one after another, a few at once. @returns their references */
async function aHundred(hubs: RunningHub[]): Promise<string[]> {
  const references: string[] = []
  for (let sent = 0; sent < flood; sent += 20) {
    const some = await Promise.all(
      Array.from({ length: 20 }, (_, i) => hubs[(sent + i) % hubs.length]!.send(freshOrder())),
    )
    references.push(...some.map(({ receipts }) => receipts[0]!.reference))
  }
  return references
}

/** Jobs of the agency, with the one that was being fetched as it was paused. */
const jobs = async (hub: RunningHub) => {
  const { queues } = await hub.ops<{ queues: QueueCounts[] }>('/ops/queues')
  const { waiting, active, delayed } = queues.find(({ queue }) => queue === 'gacc')!
  return waiting + active + delayed
}

/** How many of the hundred the agency has taken before this one. */
async function takenBefore(agency: OwnAgency, reference: string): Promise<number> {
  const place = async () => (await agency.taken()).findIndex((one) => one.reference === reference)
  await until('the single one with the agency', async () => (await place()) >= 0, 60_000)
  return place()
}

const pause = (hub: RunningHub) => hub.ops('/ops/agencies/gacc/pause', { why: '系统维护' })
const resume = (hub: RunningHub) => hub.ops('/ops/agencies/gacc/resume', { why: '维护完成' })
const single = async (hub: RunningHub, key: string) => (await hub.send(freshOrder(), { key })).receipts[0]!.reference

test('the single one goes out behind one of a hundred, also after Redis has lost them all', async () => {
  const redis = await ownRedis()
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort, policy: { concurrency: 1 } })
  const hub = await startHub({ httpPort, config: agency.config, env: { ...agency.env, REDIS_URL: redis.url } })
  const key = await anotherForwarder(hub)
  await pause(hub)
  await aHundred([hub])
  const first = await single(hub, key)
  await until('all in the queue', async () => (await jobs(hub)) === flood + 1, 60_000)
  await resume(hub)
  // One may have been on its way when the agency was paused.
  expect(await takenBefore(agency, first)).toBeLessThanOrEqual(2)

  await pause(hub)
  const second = await single(hub, key)
  const already = (await agency.taken()).length
  await redis.flush()
  await until('all that is left in the queue again', async () => (await jobs(hub)) >= flood + 1 - already, 60_000)
  await resume(hub)
  expect((await takenBefore(agency, second)) - already).toBeLessThanOrEqual(3)
  await until('everything with the agency', async () => (await agency.taken()).length === flood + 2, 120_000)
  expect((await agency.taken()).filter(({ times }) => times !== 1)).toEqual([])
})

describe.skipIf(withoutPostgres())('at two hubs', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.remove())

  test('the single one goes out behind few of a hundred, whichever hub has taken it', async () => {
    const { hubs, agency } = await startFleet(await server.database(), {
      policy: { concurrency: 2, rate: { max: 10, seconds: 1 } },
    })
    const [a, b] = [hubs[0]!, hubs[1]!]
    await until(
      'hubs that know each other',
      async () => (await a.ops<{ fleet: { hubs: object[] } }>('/ops/status')).fleet.hubs.length === 2,
    )
    const key = await anotherForwarder(a)
    await aHundred([a, b])
    for (const hub of [a, b, a]) {
      const before = (await agency.taken()).length
      const one = await single(hub, key)
      // Of ten a second some have gone before it was there.
      expect((await takenBefore(agency, one)) - before).toBeLessThan(15)
    }
    expect((await agency.taken()).length, 'many of the hundred still wait').toBeLessThan(flood)
    expect((await agency.taken()).filter(({ times }) => times !== 1)).toEqual([])
  })
})
