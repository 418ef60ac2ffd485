// health — whether Redis answers, is quick, and can write. A Redis that answers pings but refuses writes is not ready.
import type { Redis } from 'ioredis'
import { withDeadline } from './deadline.js'
import { usualPrefix } from './connection.js'

/** `ok` only where Redis also takes a write. */
export interface RedisHealth {
  ok: boolean
  /** Round trip of a ping, in milliseconds. */
  pingMs?: number
  /** What is wrong, for the ops team. */
  detail?: string
}

/**
 * Asks and writes: out of memory, a disk that cannot be written and a read-only replica show as refused writes, a
 * failing append-only file in INFO. Never rejects, never waits for Redis to come back.
 */
export async function checkRedis(redis: Redis, { prefix = usualPrefix, patienceMs = 1000 } = {}): Promise<RedisHealth> {
  if (redis.status !== 'ready') return { ok: false, detail: 'redis is away' }
  try {
    const started = performance.now()
    await withDeadline(redis.ping(), patienceMs, 'ping')
    const pingMs = performance.now() - started
    const [, info] = await withDeadline(
      Promise.all([redis.set(`${prefix}:health`, '1', 'EX', 60), redis.info('persistence')]),
      patienceMs,
      'write',
    )
    const failing = [...info.matchAll(/^(aof_last_write_status|aof_last_bgrewrite_status):err/gm)].map((m) => m[1])
    return failing.length === 0
      ? { ok: true, pingMs }
      : { ok: false, pingMs, detail: `redis cannot write its append-only file: ${failing.join(', ')}` }
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) }
  }
}
