// look-at-redis — one look at a Redis somebody has named, before a hub works with it: which kind it is, and whether it
// takes what the hub does.
import { Cluster } from 'ioredis'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectImpatient, hubSlot, isReady } from './connection.js'
import { checkRedis } from './health.js'

/** How long a server may take to be reached. */
const patienceMs = 5000

/** What it is, in a few words. @throws Error that says what is wrong, in Redis's words and with what to do */
export async function lookAtRedis(redisUrl: string): Promise<string> {
  let said = 'no answer'
  const keep = (ids: object) => void (said = (ids as { error: string }).error)
  const redis = connectImpatient(redisUrl, { info() {}, warn: keep, error: keep })
  try {
    const until = Date.now() + patienceMs
    while (!isReady(redis)) {
      if (Date.now() > until) throw new Error(said)
      await sleep(20)
    }
    const { ok, detail, pingMs } = await checkRedis(redis, { patienceMs })
    if (!ok) throw new Error(detail)
    const kind =
      redis instanceof Cluster
        ? `a cluster of ${redis.nodes('master').length} masters, the hub's keys on ${redis.slots[hubSlot]?.[0]},`
        : 'it'
    return `${kind} answers in ${pingMs!.toFixed(1)} ms and takes writes`
  } finally {
    redis.disconnect()
  }
}
