// redis-clock — what Redis keeps by its own clock, the lock of a job under way, the time of the last look for lost
// workers, the count of a rate, ends at a time of day. Where that clock is set back, or the replica that takes over has
// one that is behind, they would be kept for as much longer: the job of a killed hub, and an agency with a rate, would
// stand still for hours.
import type { HubRedis } from './connection.js'

/**
 * KEYS: jobs under way, the last look for lost workers, the count of a rate. ARGV: the longest each may be kept (lock,
 * look, rate; 0: there is no rate), what job keys begin with. @returns how many were kept for too long
 */
const boundScript = `
local bounded = 0
local function bound(key, most)
  if most > 0 and redis.call('pttl', key) > most then
    redis.call('pexpire', key, most)
    bounded = bounded + 1
  end
end
for _, id in ipairs(redis.call('lrange', KEYS[1], 0, 999)) do
  bound(ARGV[4] .. id .. ':lock', tonumber(ARGV[1]))
end
bound(KEYS[2], tonumber(ARGV[2]))
bound(KEYS[3], tonumber(ARGV[3]))
return bounded`

/** Of one queue, in milliseconds. */
interface LongestKept {
  lockMs: number
  stalledEveryMs: number
  /** Absent: work of this queue goes out at any rate. */
  rateMs?: number | undefined
}

/**
 * Nothing of a queue is kept for longer than it may be. A worker that lives prolongs its lock, so that nothing is taken
 * from it. @returns how much was kept for too long
 */
export async function boundKept(
  redis: HubRedis,
  queueKey: string,
  { lockMs, stalledEveryMs, rateMs = 0 }: LongestKept,
): Promise<number> {
  const keys = ['active', 'stalled-check', 'limiter'].map((name) => `${queueKey}:${name}`)
  return Number(
    await redis.eval(boundScript, keys.length, ...keys, lockMs, stalledEveryMs, Math.ceil(rateMs), `${queueKey}:`),
  )
}
