// health — whether Redis answers, is quick, and can write. A Redis that answers pings but refuses writes is not ready.
import { Redis } from 'ioredis'
import type { Bilingual } from '../messages/text.js'
import { withDeadline } from './deadline.js'
import { isReady, usualPrefix, whyAway, type HubRedis } from './connection.js'
import { redisTrouble } from './redis-trouble.js'

/** `ok` only where Redis also takes a write. */
interface RedisHealth {
  ok: boolean
  /** Round trip of a question about a key, in milliseconds. */
  pingMs?: number
  /** What is wrong, for the ops team. */
  detail?: string
}

/** Why nothing is sent to anybody, while Redis is away or takes no writes; undefined while it works. */
export async function standstillOf(redis: HubRedis): Promise<Bilingual | undefined> {
  const { ok, detail = '' } = await checkRedis(redis)
  if (ok) return undefined
  return {
    zh: `Redis 不可用（${detail}）：报文照常接收，暂不发送；Redis 恢复后自动发送。`,
    en: `Redis does not work (${detail}). Messages are taken and wait; they are sent when it works again.`,
  }
}

/** In a cluster each node has its own: INFO itself has no key, and any node would answer. */
const persistenceOf = async (redis: HubRedis, key: string): Promise<string> =>
  redis instanceof Redis
    ? redis.info('persistence')
    : String(await redis.eval(`return redis.call('info', 'persistence')`, 1, key))

/**
 * Asks and writes: out of memory, a disk that cannot be written and a read-only replica show as refused writes, a
 * failing append-only file in INFO. Never rejects, never waits for Redis to come back.
 */
export async function checkRedis(
  redis: HubRedis,
  { prefix = usualPrefix, patienceMs = 1000 } = {},
): Promise<RedisHealth> {
  if (!isReady(redis))
    return { ok: false, detail: ['redis is away', whyAway(redis)].filter((part) => part !== undefined).join(': ') }
  try {
    const key = `${prefix}:health`
    const started = performance.now()
    // With a key, both go to the node of a cluster that has the hub's.
    await withDeadline(redis.exists(key), patienceMs, 'ping')
    const pingMs = performance.now() - started
    const [, info] = await withDeadline(
      Promise.all([redis.set(key, '1', 'EX', 60), persistenceOf(redis, key)]),
      patienceMs,
      'write',
    )
    const failing = [...info.matchAll(/^(aof_last_write_status|aof_last_bgrewrite_status):err/gm)].map((m) => m[1])
    return failing.length === 0
      ? { ok: true, pingMs }
      : { ok: false, pingMs, detail: `redis cannot write its append-only file: ${failing.join(', ')}` }
  } catch (error) {
    return { ok: false, detail: redisTrouble(error) }
  }
}
