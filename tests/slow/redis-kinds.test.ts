// Redis as it is run elsewhere: behind TLS of the company's own authority, and as a cluster. A whole hub works by it.
import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test } from 'vitest'
import { Redis } from 'ioredis'
import type { Receipt } from '../../messages/receipt.js'
import { authority } from '../support/certificates.js'
import { freePort } from '../support/free-port.js'
import { startHub, type RunningHub } from '../support/hub.js'
import { freshOrder } from '../support/orders.js'
import { begin, ended } from '../support/process.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

const approved = (receipts: Receipt[]) => receipts.some((r) => r.status === 'approved')

async function redisServer(...args: string[]): Promise<void> {
  const dir = await tempDir('redis')
  const child = begin('redis-server', ['--bind', '127.0.0.1', '--dir', dir, '--save', '', ...args])
  child.stdout!.resume()
  child.stderr!.resume()
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended(child)
  })
}

/** A message goes its whole way, and its jobs were in that Redis. */
async function works(hub: RunningHub, redis: Redis): Promise<void> {
  const { receipts } = await hub.send(freshOrder())
  await hub.receiptsOf(receipts[0]!.messageId, approved, 60_000)
  expect((await hub.ops<{ reachable: boolean }>('/ops/queues')).reachable).toBe(true)
  expect((await redis.keys('*')).length).toBeGreaterThan(0)
}

test('Redis behind TLS of the company’s own authority takes the hub’s jobs, if that is known', async () => {
  const ca = await authority()
  const { cert, key } = await ca.issue('redis', 'DNS:localhost,IP:127.0.0.1')
  const port = await freePort()
  const secured = ['--tls-port', String(port), '--port', '0', '--tls-auth-clients', 'no']
  await redisServer(
    ...secured,
    ...['--tls-cert-file', cert, '--tls-key-file', key, '--tls-ca-cert-file', ca.ca, '--requirepass', 'secret'],
  )
  const url = `rediss://:secret@localhost:${port}`
  const redis = new Redis(url, { tls: { ca: await readFile(ca.ca) } })
  onTestFinished(() => redis.disconnect())
  await until('Redis to answer', async () => (await redis.ping()) === 'PONG')

  await works(await startHub({ env: { REDIS_URL: url, NODE_EXTRA_CA_CERTS: ca.ca } }), redis)
  // An authority that is not known: the hub takes messages, and trusts nobody with its jobs.
  const careful = await startHub({ env: { REDIS_URL: url } })
  expect((await careful.ops<{ reachable: boolean }>('/ops/queues')).reachable).toBe(false)
  expect((await careful.send(freshOrder())).status).toBe(202)
  expect((await careful.log()).filter(({ msg }) => msg === 'redis away').length).toBeGreaterThan(0)
})

test('a cluster of one server takes the hub’s jobs: all keys are in one slot', async () => {
  const port = await freePort()
  await redisServer('--port', String(port), '--cluster-enabled', 'yes')
  const url = `redis://127.0.0.1:${port}`
  const redis = new Redis(url)
  onTestFinished(() => redis.disconnect())
  await until('Redis to answer', async () => (await redis.ping()) === 'PONG')
  await redis.call('cluster', 'addslotsrange', '0', '16383')
  await until('the cluster to be whole', async () =>
    String(await redis.call('cluster', 'info')).includes('cluster_state:ok'),
  )
  // It refuses what touches keys of two slots.
  await expect(redis.mset('a', '1', 'b', '2')).rejects.toThrow('CROSSSLOT')

  await works(await startHub({ env: { REDIS_URL: url } }), redis)
  const slots = await Promise.all((await redis.keys('*')).map((key) => redis.call('cluster', 'keyslot', key)))
  expect(new Set(slots).size).toBe(1)
})
