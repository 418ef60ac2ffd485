// redis-cluster — a Redis Cluster of three masters and a replica of the first, which has the hub's slot: processes on
// loopback, in folders of their own. Its nodes know each other by ports of their own choice, not by the usual +10000.
import { Redis, type RedisOptions } from 'ioredis'
import { onTestFinished } from 'vitest'
import { freePort } from './free-port.js'
import { begin, ended } from './process.js'
import { tempDir } from './temp.js'
import { until } from './until.js'

export interface ClusterNode {
  port: number
  id: string
  /** A connection to this node alone, which follows nothing. */
  redis: Redis
  signal(signal: NodeJS.Signals): void
  stop(): Promise<void>
}

export interface TestCluster {
  /** Three that have slots in the beginning, the first the hub's. */
  masters: ClusterNode[]
  /** Of the first master. */
  replica: ClusterNode
  /** For REDIS_URL. */
  url: string
  /** The node that has a slot now, as this one says. */
  ownerOf(slot: number, asked: ClusterNode): Promise<number | undefined>
  /** Moves a slot with all its keys, as `redis-cli --cluster reshard` does, while others use it. How many keys? */
  moveSlot(slot: number, from: ClusterNode, to: ClusterNode): Promise<number>
}

const ends = [5460, 10_922, 16_383]
/** Of another node a node hears in time, also on a busy machine. */
const nodeTimeoutMs = 3000

export async function startCluster({
  password = '',
  serverArgs = [],
  clientOptions = {},
}: { password?: string; serverArgs?: string[]; clientOptions?: RedisOptions } = {}): Promise<TestCluster> {
  const secret = password === '' ? [] : ['--requirepass', password, '--masterauth', password]
  const secured = serverArgs.length > 0

  async function start(): Promise<ClusterNode & { bus: number }> {
    const [port, bus] = [await freePort(), await freePort()]
    const child = begin('redis-server', [
      ...(secured ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)]),
      ...['--bind', '127.0.0.1', '--dir', await tempDir('redis'), '--save', '', ...secret, ...serverArgs],
      ...['--cluster-enabled', 'yes', '--cluster-port', String(bus)],
      ...['--cluster-node-timeout', String(nodeTimeoutMs), '--repl-diskless-sync-delay', '0'],
    ])
    child.stdout!.resume()
    child.stderr!.resume()
    const redis = new Redis({ host: '127.0.0.1', port, password, maxRetriesPerRequest: null, ...clientOptions })
    redis.on('error', () => {})
    const stop = async () => {
      redis.disconnect()
      child.kill('SIGKILL')
      await ended(child)
    }
    onTestFinished(stop)
    await until('a node to answer', async () => (await redis.ping()) === 'PONG')
    const id = String(await redis.call('cluster', 'myid'))
    return { port, bus, id, redis, stop, signal: (signal) => void child.kill(signal) }
  }

  const all = await Promise.all([start(), start(), start(), start()])
  const [first, second, third, replica] = all
  const masters = [first, second, third]
  for (const [i, { redis }] of masters.entries()) {
    await redis.call('cluster', 'set-config-epoch', String(i + 1))
    await redis.call('cluster', 'addslotsrange', String((ends[i - 1] ?? -1) + 1), String(ends[i]))
  }
  for (const { port, bus } of all.slice(1))
    await first.redis.call('cluster', 'meet', '127.0.0.1', String(port), String(bus))
  const says = async ({ redis }: ClusterNode) =>
    String(await redis.call('cluster', 'nodes'))
      .trim()
      .split('\n')
  for (const node of all)
    await until('all nodes to know each other', async () => (await says(node)).length === all.length)
  await replica.redis.call('cluster', 'replicate', first.id)
  for (const node of all)
    await until('the cluster to be whole', async () => {
      const knows = (await says(node)).some((line) => line.startsWith(replica.id) && line.includes(first.id))
      return knows && String(await node.redis.call('cluster', 'info')).includes('cluster_state:ok')
    })
  await until('the copy of the first', async () =>
    (await replica.redis.info('replication')).includes('master_link_status:up'),
  )

  return {
    masters,
    replica,
    url: `redis${secured ? 's' : ''}+cluster://${password === '' ? '' : `:${encodeURIComponent(password)}@`}${masters
      .map(({ port }) => `127.0.0.1:${port}`)
      .join(',')}`,
    async ownerOf(slot, asked) {
      const ranges = (await asked.redis.call('cluster', 'slots')) as [number, number, [string, number]][]
      return ranges.find(([from, to]) => from <= slot && slot <= to)?.[2][1]
    },
    async moveSlot(slot, from, to) {
      let moved = 0
      const setSlot = (node: ClusterNode, ...what: string[]) =>
        node.redis.call('cluster', 'setslot', String(slot), ...what)
      await setSlot(to, 'importing', from.id)
      await setSlot(from, 'migrating', to.id)
      for (;;) {
        const keys = (await from.redis.call('cluster', 'getkeysinslot', String(slot), '10')) as string[]
        if (keys.length === 0) break
        const auth = password === '' ? [] : ['auth', password]
        await from.redis.call('migrate', '127.0.0.1', String(to.port), '', '0', '5000', ...auth, 'keys', ...keys)
        moved += keys.length
      }
      for (const node of [to, from]) await setSlot(node, 'node', to.id)
      return moved
    },
  }
}
