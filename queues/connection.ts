// connection — the two ways the hub talks to Redis: one that gives up at once (offers, counts, health), one that waits
// for ever (workers).
import { Redis, type RedisOptions } from 'ioredis'
import type { Log } from './log.js'

/** Before every key of the hub's in Redis, where no other is given (the tests give each hub its own). */
export const usualPrefix = 'hub'

/** Back within a second of Redis coming back, without hammering it meanwhile. */
const retryStrategy = (times: number) => Math.min(25 * 2 ** Math.min(times, 10), 1000)

/** `redis://…`, `rediss://…`, or the path of a Unix socket. A command fails at once while Redis is away. */
export function connectImpatient(redisUrl: string, log: Log): Redis {
  return connect(
    redisUrl,
    { enableOfflineQueue: false, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false },
    'offers',
    log,
  )
}

/** A command waits until Redis is there: BullMQ's workers need it so. */
export function connectPatient(redisUrl: string, log: Log): Redis {
  return connect(redisUrl, { maxRetriesPerRequest: null }, 'workers', log)
}

function connect(redisUrl: string, options: RedisOptions, purpose: string, log: Log): Redis {
  const redis = new Redis(redisUrl, {
    ...options,
    connectTimeout: 2000,
    retryStrategy,
    connectionName: `hub-${purpose}`,
  })
  // Once when it goes and once when it is back: an outage of an hour is two lines.
  let away = false
  redis.on('error', (error: Error) => {
    if (!away) log.warn({ purpose, error: error.message }, 'redis away')
    away = true
  })
  redis.on('ready', () => {
    // One queue an agency shares it, and each listens for its end when it closes.
    redis.stream?.setMaxListeners(0)
    if (away) log.info({ purpose }, 'redis back')
    away = false
  })
  return redis
}
