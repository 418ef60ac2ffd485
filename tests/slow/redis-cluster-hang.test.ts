// A node of a Redis cluster that stands still and keeps its connections: nothing tells the hub but silence.
import { expect, test } from 'vitest'
import { hubSlot } from '../../queues/connection.js'
import type { Receipt } from '../../messages/receipt.js'
import type { Readiness } from '../../messages/views/index.js'
import { startHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { startCluster, type ClusterNode } from '../support/redis-cluster.js'
import { until } from '../support/until.js'

const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')

test('a node that hangs is left for the replica that has taken over', async () => {
  const cluster = await startCluster()
  const [first, second] = cluster.masters as [ClusterNode, ClusterNode]
  const hub = await startHub({ env: { REDIS_URL: cluster.url } })
  const before = (await hub.send(freshOrder())).receipts[0]!.messageId
  await hub.receiptsOf(before, approved)
  first.signal('SIGSTOP')
  await until('the replica in its place', async () => (await cluster.ownerOf(hubSlot, second)) === cluster.replica.port)
  const after = (await hub.send(freshOrder())).receipts[0]!.messageId
  await hub.receiptsOf(after, approved)
  const { checks } = await hub.read<Readiness>('/readyz')
  expect(checks.find(({ name }) => name === 'redis')!.ok).toBe(true)
})
