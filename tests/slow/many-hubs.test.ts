// Three hubs on one PostgreSQL under load: one is killed, one stands still for longer than its lease, and the agency's
// own record says that each message came once, in the order of its document.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fleetSeenBy, startFleet } from '../support/fleet.js'
import type { RunningHub } from '../support/hub.js'
import { expectAllOnce, load } from '../support/hubs-under-load.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { until } from '../support/until.js'

describe.skipIf(withoutPostgres())('three hubs under load', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres({ durable: true })
  })
  afterAll(() => server?.remove())

  test('a killed and a frozen hub: nothing lost, nothing filed twice, order holds (promises 1–4)', async () => {
    const url = await server.database()
    const { hubs, agency } = await startFleet(url, { count: 3, policy: { deadlineSeconds: 5 } })
    const sweeper = async (seenBy: RunningHub) => {
      const { leases } = await fleetSeenBy(seenBy)
      return leases.find(({ name }) => name === 'sweep')
    }
    const first = await until('a hub that sweeps', async () => {
      const lease = await sweeper(hubs[2]!)
      return lease?.holder !== undefined && lease
    })
    const work = load(hubs)
    await work.more(25)

    // The first hub, which sweeps, is killed.
    expect(first.holder).toBe((await fleetSeenBy(hubs[0]!)).self)
    await hubs[0]!.stop('SIGKILL')
    const killed = Date.now()
    const second = await until('the lease with another hub', async () => {
      const lease = await sweeper(hubs[2]!)
      return lease?.holder !== undefined && lease.holder !== first.holder && lease
    })
    // On a busy machine a lease may change hands once more.
    expect(second.token).toBeGreaterThan(first.token)
    // Ten seconds, and the next beat of another; a busy machine takes longer.
    expect(Date.now() - killed).toBeLessThan(100_000)
    await work.more(15)

    // The one that sweeps now stands still until its lease has passed on, and wakes up again. The agency posts to the
    // third: should that be the one, only the wait for its answers is longer.
    const still = second.holder === (await fleetSeenBy(hubs[1]!)).self ? hubs[1]! : hubs[2]!
    const other = still === hubs[1] ? hubs[2]! : hubs[1]!
    process.kill(still.pid, 'SIGSTOP')
    const third = await until('the lease with the last one', async () => {
      const lease = await sweeper(other)
      return lease?.holder !== undefined && lease.holder !== second.holder && lease
    })
    expect(third.token).toBeGreaterThan(second.token)
    await work.more(10)
    process.kill(still.pid, 'SIGCONT')
    await until('the hub that finds its lease lost', async () =>
      (await still.log()).some(({ msg, lease }) => lease === 'sweep' && String(msg).startsWith('lease lost')),
    )
    await work.more(20)
    await work.stop()
    expect((await sweeper(other))!.token).toBeGreaterThanOrEqual(third.token)

    await expectAllOnce(work, { server, url, agency })
  })
})
