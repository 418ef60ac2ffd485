// strangers — connections of nobody we know yet, counted by address and in all. When there are too many, those go first
// who have come least far, and of these the oldest: a caller who says at once who he is gets in while somebody else
// fills the door with silent connections.
import { isIPv6 } from 'node:net'

/** How far a connection has come: nothing said, said hello, agreed on keys (or sent a whole request). */
export const stage = { silent: 0, greeted: 1, agreed: 2 } as const
export type LoginStage = (typeof stage)[keyof typeof stage]

/** How many connections may be open of callers nobody knows yet. Times in milliseconds. */
interface StrangerLimits {
  /** From so many of one address on, its silent ones go when they have been silent for `graceMs`. */
  fewPerAddress: number
  /** Most of one address. */
  mostPerAddress: number
  /** Most of all addresses together. */
  most: number
  /** So long a connection may be silent without being taken for an empty one. */
  graceMs: number
}

/** One connection that is not known yet. */
export interface Stranger {
  /** It has come further. */
  reached(stage: LoginStage): void
  /** It is known now, or gone. */
  leave(): void
}

interface Strangers {
  /** `drop` ends the connection; it may be called at once, for this one or for others. */
  enter(address: string, drop: () => void): Stranger
  readonly count: number
  /** How many were dropped to make room, since the start. */
  readonly dropped: number
}

/** A caller's first line takes a moment, also when he is next door. */
const justNowMs = 20

interface Known {
  address: string
  stage: LoginStage
  since: number
  drop: () => void
}

/** @param now by which clock the oldest is found, in milliseconds */
export function createStrangers(limits: StrangerLimits, now: () => number = () => performance.now()): Strangers {
  /** In the order they came. */
  const byAddress = new Map<string, Set<Known>>()
  let count = 0
  let dropped = 0

  const remove = (one: Known): void => {
    const siblings = byAddress.get(one.address)
    if (!siblings?.delete(one)) return
    count -= 1
    if (siblings.size === 0) byAddress.delete(one.address)
  }
  const drop = (one: Known | undefined): void => {
    if (!one) return
    remove(one)
    dropped += 1
    one.drop()
  }
  /**
   * The one that has come least far; of several the oldest, which stands first. One that came just now cannot have come
   * far.
   */
  const least = (candidates: Iterable<Known>): Known | undefined => {
    let [first] = candidates
    if (!first || now() - first.since < justNowMs) return first
    for (const one of candidates) if (one.stage < first.stage && now() - one.since >= justNowMs) first = one
    return first
  }
  const crowded = (): Set<Known> => {
    let largest = new Set<Known>()
    for (const siblings of byAddress.values()) if (siblings.size > largest.size) largest = siblings
    return largest
  }
  const trim = (address: string): void => {
    const siblings = byAddress.get(address)
    for (const one of siblings ?? []) {
      if (siblings!.size <= limits.fewPerAddress) break
      if (one.stage === stage.silent && now() - one.since >= limits.graceMs) drop(one)
    }
    if (siblings && siblings.size > limits.mostPerAddress) drop(least(siblings))
    // The address with the most pays, whoever came last.
    while (count > limits.most) drop(least(crowded()))
  }

  return {
    get count() {
      return count
    },
    get dropped() {
      return dropped
    },
    enter(ip, end) {
      const address = addressGroup(ip)
      const one: Known = { address, stage: stage.silent, since: now(), drop: end }
      const siblings = byAddress.get(address) ?? new Set()
      byAddress.set(address, siblings.add(one))
      count += 1
      trim(address)
      const look = setTimeout(() => trim(address), limits.graceMs).unref()
      return {
        reached(to) {
          if (to > one.stage) one.stage = to
        },
        leave() {
          clearTimeout(look)
          remove(one)
        },
      }
    },
  }
}

/**
 * What one caller can be expected to have only one of: an IPv4 address, or the first 64 bits of an IPv6 one (RFC 6177:
 * a site has at least that).
 */
export function addressGroup(ip: string): string {
  const plain = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '')
  if (!isIPv6(plain)) return plain
  const [head = '', tail] = plain.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined ? left : [...left, ...Array<string>(8 - left.length - right.length).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
    .join(':')}::/64`
}
