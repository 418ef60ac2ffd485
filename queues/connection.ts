// connection — the two ways the hub talks to Redis: one that gives up at once (offers, counts, health), one that waits
// for ever (workers).
import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { HubCluster, nodeAnswersMs } from './cluster.js'
import type { Log } from './log.js'
import { clusterOf, sentinelsOf, type ClusterAddress } from './redis-address.js'
import { redisTrouble } from './redis-trouble.js'

/**
 * Before every key of the hub's in Redis, where no other is given (the tests give each hub its own). In braces: in a
 * cluster all of them are in one place, as a script that touches several must have them.
 */
export const usualPrefix = '{hub}'

/** Of that prefix: in which of the 16,384 slots of a cluster all keys of the hub are (`CLUSTER KEYSLOT {hub}`). */
export const hubSlot = 2434

/** One server, whoever says which, or a cluster. */
export type HubRedis = Redis | Cluster

/** A cluster is connected while any of its nodes is: those whose node with the hub's keys is away, and why. */
const lost = new WeakMap<HubRedis, string>()
/** Does it take commands now? */
export const isReady = (redis: HubRedis) => redis.status === 'ready' && !lost.has(redis)
/** Why it does not, where more is known than that it is away. */
export const whyAway = (redis: HubRedis) => lost.get(redis)

/** Back within a second of Redis coming back, without hammering it meanwhile. */
const retryStrategy = (times: number) => Math.min(25 * 2 ** Math.min(times, 10), 1000)

/** How often the node with the hub's keys is asked whether it is there. */
const lookEveryMs = 1000
/** Silent for longer, it counts as away. */
const lookPatienceMs = 1000
/** How often the nodes are asked which of them has what: a node that hangs is left for the one that took its place. */
const slotsEveryMs = 5000

/** An address as redis-address.ts says. A command fails at once while Redis is away. */
export function connectImpatient(redisUrl: string, log: Log): HubRedis {
  return connect(redisUrl, { purpose: 'offers', patient: false, log })
}

/** A command waits until Redis is there: BullMQ's workers need it so. */
export function connectPatient(redisUrl: string, log: Log): HubRedis {
  return connect(redisUrl, { purpose: 'workers', patient: true, log })
}

/**
 * Calls the listener each time Redis has become reachable, and when another node of a cluster has taken over: it may
 * have lost what came last. Returns how to stop listening.
 */
export function onReady(redis: HubRedis, listener: () => void): () => void {
  redis.on('ready', listener)
  redis.on(backEvent, listener)
  return () => {
    redis.off('ready', listener)
    redis.off(backEvent, listener)
  }
}

/** Ours: a node of a cluster has the hub's keys, and was away or is another one than before. */
const backEvent = 'hub-slot-back'

interface Purpose {
  purpose: string
  patient: boolean
  log: Log
}

function connect(redisUrl: string, { purpose, patient, log }: Purpose): HubRedis {
  const common = { connectTimeout: 2000, connectionName: `hub-${purpose}` }
  const cluster = clusterOf(redisUrl)
  const redis = cluster
    ? connectCluster(cluster, common, patient)
    : connectServer(redisUrl, {
        ...common,
        retryStrategy,
        ...(patient
          ? { maxRetriesPerRequest: null }
          : { enableOfflineQueue: false, maxRetriesPerRequest: 0, autoResendUnfulfilledCommands: false }),
      })
  // Once when it goes and once when it is back: an outage of an hour is two lines. A cluster that is down as a whole
  // needs somebody, and says so only after a while: a third.
  let away = false
  let down = false
  const gone = (error: unknown) => {
    const text = redisTrouble(error)
    const nowDown = text.includes('CLUSTERDOWN')
    if (!away || (nowDown && !down)) log.warn({ purpose, error: text }, 'redis away')
    away = true
    down ||= nowDown
  }
  const back = () => {
    if (away) log.info({ purpose }, 'redis back')
    away = down = false
  }
  redis.on('error', gone)
  redis.on('ready', () => {
    // One queue an agency shares it, and each listens for its end when it closes.
    if (redis instanceof Redis) redis.stream?.setMaxListeners(0)
    back()
    // Somebody may have named a node of a cluster, a replica …: all goes wrong, and each part sees its own piece.
    if (redis instanceof Redis && !patient)
      redis.exists(`${usualPrefix}:health`).catch((error: unknown) => {
        if (redis.status === 'ready') log.error({ purpose, error: redisTrouble(error) }, 'redis refuses')
      })
  })
  if (redis instanceof Cluster) watchSlot(redis, { gone, back })
  return redis
}

function connectServer(redisUrl: string, how: RedisOptions): Redis {
  const sentinels = sentinelsOf(redisUrl)
  return sentinels
    ? new Redis({ ...sentinels, ...how, sentinelRetryStrategy: retryStrategy })
    : new Redis(redisUrl, how)
}

function connectCluster({ nodes, node, natMap }: ClusterAddress, how: RedisOptions, patient: boolean): Cluster {
  const cluster = new HubCluster(nodes, {
    redisOptions: { ...node, ...how, maxRetriesPerRequest: null },
    ...(natMap ? { natMap } : {}),
    // Names stay names: certificates are for them, and they are looked up at each connection.
    dnsLookup: (name, callback) => callback(null, name),
    clusterRetryStrategy: retryStrategy,
    slotsRefreshTimeout: nodeAnswersMs,
    enableOfflineQueue: patient,
    // Each after a tenth of a second: a patient command follows its slot for as long as it takes. What waits for its
    // node may be sent again; each of the hub's commands may come twice.
    ...(patient ? { maxRedirections: Infinity, retryDelayOnMoved: 10 } : {}),
  })
  cluster.setMaxListeners(0)
  return cluster
}

/** Says when the node with the hub's keys goes and comes back, and leaves one that only hangs. */
function watchSlot(cluster: Cluster, { gone, back }: { gone: (error: unknown) => void; back: () => void }): void {
  let owner: string | undefined
  let looking = false
  const away = (error: unknown) => {
    if (cluster.status !== 'ready') return
    lost.set(cluster, redisTrouble(error))
    gone(error)
  }
  const there = () => {
    const now = cluster.slots[hubSlot]?.[0]
    const other = owner !== undefined && now !== owner
    owner = now
    if (!lost.delete(cluster) && !other) return
    back()
    cluster.emit(backEvent)
  }
  function look(): void {
    // A patient question is asked until it is answered: there is never more than one.
    if (cluster.status !== 'ready' || looking) return
    looking = true
    const late = setTimeout(() => {
      if (!lost.has(cluster)) away(new Error('no answer from the node with the hub’s keys'))
    }, lookPatienceMs)
    cluster
      .exists(`${usualPrefix}:health`)
      .then(there, away)
      .finally(() => {
        clearTimeout(late)
        looking = false
      })
  }
  const timers = [
    setInterval(look, lookEveryMs).unref(),
    setInterval(() => {
      if (cluster.status === 'ready' || cluster.status === 'connect') cluster.refreshSlotsCache()
    }, slotsEveryMs).unref(),
  ]
  cluster.on('ready', look)
  cluster.on('end', () => timers.forEach((timer) => clearInterval(timer)))
}
