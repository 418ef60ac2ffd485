// connection — the two ways the hub talks to Redis: one that gives up at once (offers, counts, health), one that waits
// for ever (workers).
import { Redis, type RedisOptions } from 'ioredis'
import type { Log } from './log.js'
import { sentinelsOf } from './redis-address.js'

/**
 * Before every key of the hub's in Redis, where no other is given (the tests give each hub its own). In braces: in a
 * cluster all of them are in one place, as a script that touches several must have them.
 */
export const usualPrefix = '{hub}'

/** Back within a second of Redis coming back, without hammering it meanwhile. */
const retryStrategy = (times: number) => Math.min(25 * 2 ** Math.min(times, 10), 1000)

/** An address as redis-address.ts says. A command fails at once while Redis is away. */
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
  const how = { ...options, connectTimeout: 2000, retryStrategy, connectionName: `hub-${purpose}` }
  const sentinels = sentinelsOf(redisUrl)
  const redis = sentinels
    ? new Redis({ ...sentinels, ...how, sentinelRetryStrategy: retryStrategy })
    : new Redis(redisUrl, how)
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
