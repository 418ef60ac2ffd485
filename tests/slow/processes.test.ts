// How much 1, 2 and 4 hub processes on one PostgreSQL take and send, beside one on SQLite, in one run on one machine.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startFleet } from '../support/fleet.js'
import { startHub, type RunningHub } from '../support/hub.js'
import { freePort, ownAgency, ownRedis } from '../support/neighbours.js'
import { freshOrder } from '../support/orders.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { until } from '../support/until.js'

const seconds = Number(process.env.PROCESSES_SECONDS ?? 10)
const senders = 32

describe.skipIf(withoutPostgres())('measured by processes', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres({ durable: true })
  })
  afterAll(() => server?.remove())

  /** Messages a second that were taken, and that were approved by the time all were. */
  async function measured(hubs: RunningHub[], done: () => Promise<number>) {
    await Promise.all(hubs.map((hub) => hub.send(freshOrder())))
    const before = hubs.length
    const begun = performance.now()
    let accepted = 0
    await Promise.all(
      Array.from({ length: senders }, async (_, i) => {
        while (performance.now() - begun < seconds * 1000)
          if ((await hubs[i % hubs.length]!.send(freshOrder())).status === 202) accepted++
      }),
    )
    const taking = (performance.now() - begun) / 1000
    await until('all with the agency', async () => (await done()) >= accepted + before, 300_000)
    const all = (performance.now() - begun) / 1000
    return { taken: accepted / taking, through: accepted / all }
  }

  test('one on SQLite, then 1, 2 and 4 on PostgreSQL', async () => {
    const lines: Record<string, { taken: number; through: number }> = {}
    const httpPort = await freePort()
    const [redis, agency] = [await ownRedis(), await ownAgency({ hubPort: httpPort })]
    const one = await startHub({ config: agency.config, httpPort, env: { ...agency.env, REDIS_URL: redis.url } })
    lines['SQLite, 1'] = await measured([one], async () => (await agency.taken()).length)
    await one.stop()
    for (const count of [1, 2, 4]) {
      const fleet = await startFleet(await server.database(), { count })
      lines[`PostgreSQL, ${count}`] = await measured(fleet.hubs, async () => (await fleet.agency.taken()).length)
      for (const hub of fleet.hubs) await hub.stop()
      expect((await fleet.agency.taken()).filter(({ times }) => times !== 1)).toEqual([])
    }
    const base = lines['SQLite, 1']
    for (const [name, { taken, through }] of Object.entries(lines))
      console.log(
        `${name}: taken ${taken.toFixed(0)}/s (${(taken / base.taken).toFixed(2)}), through ` +
          `${through.toFixed(0)}/s (${(through / base.through).toFixed(2)})`,
      )
  })
})
