// guesses — a caller who tries one key after another is answered later and later; his neighbours behind the same
// address are not.
//
// What is counted is how many different wrong keys came lately from an address, and under a name where there is one:
// the same wrong key again (a client nobody has set right) tells its sender nothing new. From an address with many of
// them, a key that has never been right stands in line, one look a second; a key that has been right is looked at at
// once.
import { createHash } from 'node:crypto'
import { HubError } from '../../../messages/errors.js'

export interface Attempt {
  address: string
  /** Who the caller says it is, where a door asks. */
  name?: string
  secret: string
}

const freeGuesses = 10
const rememberMs = 60_000
const lookEveryMs = 1_000
/** Longer lines are not kept: the caller comes back later. */
const longestLine = 10
const mostSources = 20_000
const mostRight = 20_000

interface Source {
  /** Digests of the wrong keys, each with the time of its last try. */
  wrong: Map<string, number>
  waiting: number
  /** When the next of the line is looked at. */
  next: number
}

export function createGuesses({ now = Date.now }: { now?: () => number } = {}) {
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
    `address ${address}`,
    ...(name === undefined ? [] : [`name ${name}`]),
  ]

  function guesses(key: string): number {
    const source = sources.get(key)
    if (!source) return 0
    for (const [digest, at] of source.wrong) if (at < now() - rememberMs) source.wrong.delete(digest)
    if (source.wrong.size === 0 && source.waiting === 0) sources.delete(key)
    return source.wrong.size
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
      const hot = right.has(digest) ? undefined : keys.find((key) => guesses(key) >= freeGuesses)
      if (hot !== undefined && !sources.get(hot)!.wrong.has(digest)) {
        const line = sourceOf(hot)
        if (line.waiting >= longestLine) throw new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: longestLine })
        line.waiting += 1
        line.next = Math.max(now(), line.next) + lookEveryMs
        await new Promise((resolve) => setTimeout(resolve, line.next - now()))
        line.waiting -= 1
      }
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
      }
      failed()
      return undefined
    },
  }
}
