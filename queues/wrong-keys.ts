// wrong-keys — how many different wrong keys came lately from an address or under a name, over all hubs of one Redis,
// and the one line in which further keys of that source wait. With Redis away it says nothing, and each hub counts for
// itself.
import { isReady, usualPrefix, type HubRedis } from './connection.js'
import { withDeadline } from './deadline.js'

interface WrongKeysParts {
  redis: HubRedis
  prefix?: string
  /** How long a wrong key counts, in milliseconds. */
  rememberMs: number
  /** One key of a source is looked at in this time, in milliseconds. */
  lookEveryMs: number
  /** Longer than this nobody waits, in milliseconds. */
  longestWaitMs: number
  patienceMs?: number
}

/** Of one source no more are kept. */
const mostKept = 100

/** KEYS[1] the source. ARGV: what is kept of the key, oldest time that counts. @returns how many, 1: one of them */
const lookScript = `
redis.call('zremrangebyscore', KEYS[1], '-inf', ARGV[2])
return { redis.call('zcard', KEYS[1]), redis.call('zscore', KEYS[1], ARGV[1]) and 1 or 0 }`

/** KEYS[1] the source. ARGV: what is kept of the key, now, how long it counts, most that are kept. */
const noteScript = `
if redis.call('zscore', KEYS[1], ARGV[1]) or redis.call('zcard', KEYS[1]) < tonumber(ARGV[4]) then
  redis.call('zadd', KEYS[1], ARGV[2], ARGV[1])
  redis.call('pexpire', KEYS[1], ARGV[3])
end
return 1`

/** KEYS[1] the line. ARGV: now, time between two, longest wait. @returns how long to wait; -1: the line is full */
const turnScript = `
local now = tonumber(ARGV[1])
local at = math.max(now, tonumber(redis.call('get', KEYS[1]) or '0')) + tonumber(ARGV[2])
if at - now > tonumber(ARGV[3]) then return -1 end
redis.call('set', KEYS[1], at, 'PX', at - now + 1000)
return at - now`

/** Times are in milliseconds. Of a key only the first characters of its digest are in Redis. */
export function createWrongKeys({
  redis,
  prefix = usualPrefix,
  rememberMs,
  lookEveryMs,
  longestWaitMs,
  patienceMs = 500,
}: WrongKeysParts) {
  /** Undefined: Redis is away, slow or full. Never rejects. */
  async function ask(script: string, key: string, ...values: (string | number)[]): Promise<unknown> {
    if (!isReady(redis)) return undefined
    return withDeadline(redis.eval(script, 1, key, ...values), patienceMs, 'wrong keys').catch(() => undefined)
  }
  const keysOf = (source: string) => `${prefix}:wrong-keys:${source}`
  /** Enough to tell different keys apart, too little to find one by. */
  const kept = (digest: string) => digest.slice(0, 3)

  return {
    /** How many different wrong keys came lately, and is this one of them? Undefined: nobody can say. */
    async look(source: string, digest: string): Promise<{ wrong: number; known: boolean } | undefined> {
      const found = await ask(lookScript, keysOf(source), kept(digest), Date.now() - rememberMs)
      if (!Array.isArray(found)) return undefined
      return { wrong: Number(found[0]), known: found[1] === 1 }
    },
    /** Counts a wrong key. */
    note: async (source: string, digest: string): Promise<void> =>
      void (await ask(noteScript, keysOf(source), kept(digest), Date.now(), rememberMs, mostKept)),
    /** The next place in the line of a source: milliseconds to wait, or `full`. Undefined: nobody can say. */
    async turn(source: string): Promise<number | 'full' | undefined> {
      const wait = await ask(turnScript, `${prefix}:wrong-keys-line:${source}`, Date.now(), lookEveryMs, longestWaitMs)
      return typeof wait !== 'number' ? undefined : wait < 0 ? 'full' : wait
    },
  }
}
