// rates — how many calls and how many bytes a partner may send in a second: two buckets for each partner, filled as
// time goes by. What a body came to is known only once it is read and unpacked, so bytes are counted afterwards:
// whoever is in debt waits until time has paid it.
import { HubError } from './errors.js'
import type { Partner } from './partner.js'

/** What every partner may, where its settings say nothing else. */
interface RateLimits {
  /** Calls and bytes (after inflation) of one partner in a second, where its settings do not say it. */
  callsPerSecond: number
  bytesPerSecond: number
  /** Milliseconds of a clock that only goes forward. */
  now?: () => number
  /** The longest wait of `turn`. Default 15,000. */
  waitMs?: number
}

type Limited = Pick<Partner, 'partnerId' | 'settings'>

/** Of each bucket: how much is left now (below zero: a debt), and how much it fills with in a second. */
export interface RatesLeft {
  calls: { left: number; perSecond: number }
  bytes: { left: number; perSecond: number }
}

/** Counts calls and bytes of partners by the second. */
export interface Rates {
  /** Counts a call. Throws HUB_RATE_LIMITED, with the seconds to wait, when calls or bytes are used up. */
  call(partner: Limited): void
  /** What this partner has left. */
  left(partner: Limited): RatesLeft
  /** Counts bytes that came in, after inflation; more than are left makes a debt. */
  bytes(partner: Limited, bytes: number): void
  /**
   * Resolves when this partner has no debt of bytes; rejects with HUB_RATE_LIMITED when that takes longer than the
   * longest wait.
   */
  turn(partnerId: string): Promise<void>
}

interface Bucket {
  left: number
  perSecond: number
  at: number
}

/** Partners who are remembered although their buckets are full. */
const mostRemembered = 10_000

/** The buckets of a partner are full when it comes for the first time. */
export function createRates({
  callsPerSecond,
  bytesPerSecond,
  now = () => performance.now(),
  waitMs = 15_000,
}: RateLimits): Rates {
  const calls = new Map<string, Bucket>()
  const bytes = new Map<string, Bucket>()

  function filled(of: Map<string, Bucket>, partnerId: string, perSecond?: number): Bucket | undefined {
    const at = now()
    const known = of.get(partnerId)
    if (!known && perSecond === undefined) return undefined
    const bucket = known ?? { left: perSecond!, perSecond: perSecond!, at }
    bucket.perSecond = perSecond ?? bucket.perSecond
    bucket.left = Math.min(bucket.perSecond, bucket.left + ((at - bucket.at) / 1000) * bucket.perSecond)
    bucket.at = at
    if (!known) forgetFull(of, at)
    of.set(partnerId, bucket)
    return bucket
  }
  const callsOf = ({ partnerId, settings }: Limited) =>
    filled(calls, partnerId, settings.rate?.callsPerSecond ?? callsPerSecond)!
  const bytesOf = ({ partnerId, settings }: Limited) =>
    filled(bytes, partnerId, settings.rate?.bytesPerSecond ?? bytesPerSecond)!

  return {
    call(partner) {
      const own = callsOf(partner)
      const debt = secondsOfDebt(bytesOf(partner))
      if (debt > 0) throw limited(debt)
      if (own.left < 1) throw limited((1 - own.left) / own.perSecond)
      own.left -= 1
    },
    left: (partner) => ({ calls: callsOf(partner), bytes: bytesOf(partner) }),
    bytes(partner, count) {
      bytesOf(partner).left -= count
    },
    async turn(partnerId) {
      const until = now() + waitMs
      for (;;) {
        const bucket = filled(bytes, partnerId)
        const debt = bucket ? secondsOfDebt(bucket) : 0
        if (debt <= 0) return
        if (now() + debt * 1000 > until) throw limited(debt)
        await new Promise((resolve) => setTimeout(resolve, Math.ceil(debt * 1000)))
      }
    },
  }
}

const secondsOfDebt = ({ left, perSecond }: Bucket) => -left / perSecond

const limited = (seconds: number) =>
  new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: Math.max(1, Math.ceil(seconds)) })

function forgetFull(of: Map<string, Bucket>, at: number): void {
  if (of.size < mostRemembered) return
  for (const [partnerId, { left, perSecond, at: then }] of of)
    if (left + ((at - then) / 1000) * perSecond >= perSecond) of.delete(partnerId)
}
