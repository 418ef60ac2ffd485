// guesses — a caller who tries one key after another is answered later and later; his neighbours behind the same
// address are not.
//
// What is counted is how many different wrong keys came lately from an address, and under a name where there is one:
// the same wrong key again (a client nobody has set right) tells its sender nothing new. From an address with many of
// them, a key that has never been right stands in line, one look a second; a key that has been right is looked at at
// once. Hubs that share a Redis count together and have one line; without it each counts for itself, as it does beside.
import { createHash } from 'node:crypto'
import { HubError } from '../../../messages/errors.js'
import { addressGroup } from '../strangers.js'

/** Somebody shows a key or a password: from where, and which. */
export interface Attempt {
  address: string
  /** Who the caller says it is, where a door asks. */
  name?: string
  secret: string
}

const freeGuesses = 10
/** How long a wrong key counts against its source. */
export const rememberMs = 60_000
/** In the line of a source one key is looked at in this time. */
export const lookEveryMs = 1_000
/** Longer lines are not kept: the caller comes back later. */
const longestLine = 10
/** Nobody waits longer in that line; who would is answered 429. */
export const longestWaitMs = longestLine * lookEveryMs
const mostSources = 20_000
const mostRight = 20_000

interface Source {
  /** Digests of the wrong keys, each with the time of its last try. */
  wrong: Map<string, number>
  waiting: number
  /** When the next of the line is looked at. */
  next: number
}

/**
 * What all hubs together know of wrong keys; each answer is undefined where nobody can say.
 * @see [createWrongKeys](../../../queues/wrong-keys.ts)
 */
export interface SharedWrongKeys {
  look(source: string, digest: string): Promise<{ wrong: number; known: boolean } | undefined>
  note(source: string, digest: string): Promise<void>
  turn(source: string): Promise<number | 'full' | undefined>
}

const alone: SharedWrongKeys = {
  look: async () => undefined,
  note: async () => {},
  turn: async () => undefined,
}

/**
 * Slows guesses.
 * @param shared what other hubs have counted; default: this hub counts alone
 */
export function createGuesses({
  now = () => performance.now(),
  shared = alone,
}: { now?: () => number; shared?: SharedWrongKeys | undefined } = {}) {
  const sources = new Map<string, Source>()
  const right = new Set<string>()
  const digestOf = (secret: string) => createHash('sha256').update(secret).digest('base64')

  function sourceOf(key: string): Source {
    const source = sources.get(key) ?? { wrong: new Map<string, number>(), waiting: 0, next: 0 }
    sources.delete(key)
    sources.set(key, source)
    const [oldest] = sources.keys()
    if (sources.size > mostSources && oldest !== undefined) sources.delete(oldest)
    return source
  }
  const sourcesOf = ({ address, name }: Attempt) => [
    `address ${addressGroup(address)}`,
    ...(name === undefined ? [] : [`name ${name}`]),
  ]

  function guesses(key: string): number {
    const source = sources.get(key)
    if (!source) return 0
    for (const [digest, at] of source.wrong) if (at < now() - rememberMs) source.wrong.delete(digest)
    if (source.wrong.size === 0 && source.waiting === 0) sources.delete(key)
    return source.wrong.size
  }

  /** The source that has sent too many wrong keys, here or at all hubs, and not yet this one. */
  async function hotSource(keys: readonly string[], digest: string): Promise<string | undefined> {
    const here = keys.find((key) => guesses(key) >= freeGuesses)
    if (here !== undefined) return sources.get(here)!.wrong.has(digest) ? undefined : here
    const seen = await Promise.all(keys.map((key) => shared.look(key, digest)))
    const hot = seen.findIndex((one) => one !== undefined && one.wrong >= freeGuesses)
    return hot === -1 || seen[hot]!.known ? undefined : keys[hot]
  }

  /** @throws HubError HUB_RATE_LIMITED */
  async function waitInLine(key: string): Promise<void> {
    const full = () => new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: longestLine })
    const line = sourceOf(key)
    if (line.waiting >= longestLine) throw full()
    line.waiting += 1
    try {
      line.next = Math.max(now(), line.next) + lookEveryMs
      const until = line.next
      const place = await shared.turn(key)
      if (place === 'full') throw full()
      await new Promise((resolve) => setTimeout(resolve, Math.max(until - now(), place ?? 0)))
    } finally {
      line.waiting -= 1
    }
  }

  return {
    /**
     * Undefined when `check` finds nobody. `failed` is told of it.
     * @throws HubError HUB_RATE_LIMITED while too many wait already
     */
    async attempt<T>(
      attempt: Attempt,
      check: () => Promise<T | undefined> | T | undefined,
      failed: () => void,
    ): Promise<T | undefined> {
      const digest = digestOf(attempt.secret)
      const keys = sourcesOf(attempt)
      const hot = right.has(digest) ? undefined : await hotSource(keys, digest)
      if (hot !== undefined) await waitInLine(hot)
      const found = await check()
      if (found !== undefined) {
        if (right.size >= mostRight) right.clear()
        right.add(digest)
        return found
      }
      right.delete(digest)
      for (const key of keys) {
        const { wrong } = sourceOf(key)
        if (wrong.size < 10 * freeGuesses || wrong.has(digest)) wrong.set(digest, now())
        void shared.note(key, digest)
      }
      failed()
      return undefined
    },
  }
}
