// Redis as a cluster of several nodes: the hub's keys are all on one of them, and the hub goes where they go.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { connectImpatient, hubSlot, usualPrefix } from '../../queues/connection.js'
import { checkRedis } from '../../queues/health.js'
import { lookAtRedis } from '../../queues/look-at-redis.js'
import type { Readiness } from '../../messages/views/index.js'
import type { Receipt } from '../../messages/receipt.js'
import { authority } from '../support/certificates.js'
import { startFleet } from '../support/fleet.js'
import { cleanEnv, cli, startHub, type RunningHub } from '../support/hub.js'
import { expectAllOnce, load } from '../support/hubs-under-load.js'
import { ownRedis } from '../support/neighbours.js'
import { freshOrder } from '../support/orders.js'
import { startPostgres, withoutPostgres, type TestPostgres } from '../support/postgres.js'
import { run } from '../support/process.js'
import { startCluster, type ClusterNode } from '../support/redis-cluster.js'
import { until } from '../support/until.js'

const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')
const redisOf = async (hub: RunningHub) =>
  (await hub.read<Readiness>('/readyz')).checks.find(({ name }) => name === 'redis')!
const doctorOf = async ({ dataDir }: RunningHub, env: Record<string, string>) =>
  (await run(process.execPath, [cli, 'doctor'], { env: { ...cleanEnv(), HUB_DATA: dataDir, ...env } })).stdout
const keysOf = async ({ redis }: ClusterNode) => redis.keys('*')

describe.skipIf(withoutPostgres())('two hubs under load', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres({ durable: true })
  })
  afterAll(() => server?.remove())

  test('the node with the hub’s keys is killed, then its slot moves: nothing lost, nothing filed twice', async () => {
    const cluster = await startCluster({ password: 'a password: @/?' })
    const [first, second, third] = cluster.masters as [ClusterNode, ClusterNode, ClusterNode]
    const url = await server.database()
    const { hubs, agency } = await startFleet(url, { policy: { deadlineSeconds: 5 } }, cluster)
    const work = load(hubs)
    await work.more(25)
    expect(await cluster.ownerOf(hubSlot, second)).toBe(first.port)
    expect(await second.redis.call('cluster', 'keyslot', `${usualPrefix}:health`)).toBe(hubSlot)
    expect(await keysOf(first)).not.toEqual([])
    for (const other of [second, third]) expect(await keysOf(other)).toEqual([])

    // The node with the hub's keys is killed. Messages are taken meanwhile; its replica takes over what it has copied.
    await first.stop()
    await work.more(15)
    await until(
      'the replica in its place',
      async () => (await cluster.ownerOf(hubSlot, second)) === cluster.replica.port,
    )
    for (const hub of hubs)
      await until('the hub to see it', async () => {
        const said = (await hub.log()).map(({ msg, purpose }) => `${String(purpose)}: ${String(msg)}`)
        return said.lastIndexOf('offers: redis back') > said.indexOf('offers: redis away') && (await redisOf(hub)).ok
      })
    await work.more(15)

    // The slot moves to another master, key by key, while jobs come and go.
    expect(await cluster.moveSlot(hubSlot, cluster.replica, third)).toBeGreaterThan(0)
    await work.more(15)
    for (const hub of hubs) await until('the hub to follow it', async () => (await redisOf(hub)).ok)
    await work.stop()

    await expectAllOnce(work, { server, url, agency })
    expect(await keysOf(third)).not.toEqual([])
    for (const other of [second, cluster.replica]) expect(await keysOf(other)).toEqual([])
  })
})

test('a cluster behind TLS with a password takes the hub’s jobs', async () => {
  const ca = await authority()
  const { cert, key } = await ca.issue('redis', 'DNS:localhost,IP:127.0.0.1')
  const cluster = await startCluster({
    password: 'secret',
    serverArgs: [
      ...['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca.ca, '--tls-auth-clients', 'no'],
      ...['--tls-cluster', 'yes', '--tls-replication', 'yes'],
    ],
    clientOptions: { tls: { ca: await readFile(ca.ca) } },
  })
  const hub = await startHub({ env: { REDIS_URL: cluster.url, NODE_EXTRA_CA_CERTS: ca.ca } })
  await hub.receiptsOf((await hub.send(freshOrder())).receipts[0]!.messageId, approved)
  expect((await redisOf(hub)).ok).toBe(true)
  expect(await keysOf(cluster.masters[0]!)).not.toEqual([])
  expect(await doctorOf(hub, { REDIS_URL: cluster.url, NODE_EXTRA_CA_CERTS: ca.ca })).toContain(
    `✓ Redis: ${cluster.url.replace(':secret@', '')}: a cluster of 3 masters`,
  )
})

test('a hub that is given one node of a cluster takes messages and says which address it needs', async () => {
  const cluster = await startCluster({ password: 'secret' })
  const url = `redis://:secret@127.0.0.1:${cluster.masters[1]!.port}`
  const hub = await startHub({ env: { REDIS_URL: url } })
  expect((await hub.send(freshOrder())).status).toBe(202)
  const text = /^MOVED .*redis\+cluster:\/\/.*集群的一个节点/
  await until('the log to say it', async () =>
    (await hub.log()).some(({ msg, error }) => msg === 'redis refuses' && text.test(String(error))),
  )
  const { ok, detail } = await until('its readiness to say it', async () => {
    const found = await redisOf(hub)
    return text.test(found.detail ?? '') && found
  })
  expect(ok, detail).toBe(false)
  expect(await doctorOf(hub, { REDIS_URL: url })).toMatch(/✗ Redis: MOVED .*redis\+cluster:\/\/.*集群的一个节点/)
})

test('what keeps a hub from a cluster is said in its log, with what to do', async () => {
  const cluster = await startCluster({ password: 'secret' })
  const [first] = cluster.masters
  const says = async (url: string, text: RegExp, meanwhile = async () => {}) => {
    const said: string[] = []
    const keep = (ids: object, event: string) => void said.push(`${event}: ${(ids as { error: string }).error}`)
    const redis = connectImpatient(url, { info() {}, warn: keep, error: keep })
    onTestFinished(() => redis.disconnect())
    await meanwhile()
    await until(String(text), () => said.some((line) => text.test(line)))
    return redis
  }
  await says(`redis+cluster://:wrong@127.0.0.1:${first!.port}`, /^redis away: .*(NOAUTH|WRONGPASS).*密码缺失或错误/)
  const alone = await ownRedis()
  await says(alone.url.replace('redis:', 'redis+cluster:'), /^redis away: .*support disabled.*不是集群/)
  // The hub's slot is served by nobody: its node is gone, and so is the replica.
  const redis = await says(cluster.url, /^redis away: .*CLUSTERDOWN.*集群不可用/, async () => {
    await until('the hub’s slot', async () => {
      const lines = await lookAtRedis(cluster.url)
      return lines.includes('a cluster of 3 masters')
    })
    await cluster.replica.stop()
    await first!.stop()
  })
  const { ok, detail } = await checkRedis(redis)
  expect(ok).toBe(false)
  expect(detail).toMatch(/^redis is away: /)
})
