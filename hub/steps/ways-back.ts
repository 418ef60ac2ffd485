// ways-back — which ways back to partners are silent: a webhook or a server that takes a connection and says nothing
// holds a place until its deadline is over. Partners share the places in which receipts are given back, so such a way
// has four of them until somebody has waited in vain, and after that one, now and then.
import type { ReturnChannel } from '../../messages/inbound.js'

/** From so long on a try is a slow one: while it lasts, and when it fails. */
const slowMs = 2_000
/** Tries of one way that are under way at most while one of them is slow. */
const placesOfSlow = 4
const firstRestMs = 5_000
const longestRestMs = 120_000

interface Way {
  /** When each try that is under way began. */
  underWay: Set<{ since: number }>
  /** Rests that followed each other. */
  rests: number
  restUntil: number
}

/** Still to come, and no further ahead than it can have been set: else it is of a clock that has been set back. */
const isAhead = (until: number, at: number) => until > at && until - at <= longestRestMs

type Entered = { later: number } | { leave: (answered: boolean) => void }

/** The ways of this process; what another hub has seen it finds out by itself. */
export function createWaysBack() {
  const ways = new Map<string, Way>()
  const restMs = (rests: number) => Math.min(firstRestMs * 2 ** Math.min(rests - 1, 10), longestRestMs)

  return {
    /**
     * A try may begin; `leave` says how it ended. Or `later`: in how many milliseconds to come again. The receipt is
     * then as it was, and no try has failed.
     */
    enter({ partnerId, channel }: { partnerId: string; channel: ReturnChannel }, now: () => number): Entered {
      const key = `${channel} ${partnerId}`
      const way = ways.get(key) ?? { underWay: new Set(), rests: 0, restUntil: 0 }
      const at = now()
      if (isAhead(way.restUntil, at)) return { later: way.restUntil - at }
      const isSlow = [...way.underWay].some(({ since }) => at - since > slowMs)
      if (way.rests > 0 && way.underWay.size > 0) return { later: restMs(way.rests) }
      if (isSlow && way.underWay.size >= placesOfSlow) return { later: firstRestMs }
      ways.set(key, way)
      const mine = { since: at }
      way.underWay.add(mine)
      return {
        leave(answered) {
          way.underWay.delete(mine)
          const over = now()
          if (answered || over - mine.since <= slowMs) {
            way.rests = 0
            way.restUntil = 0
          } else if (!isAhead(way.restUntil, mine.since)) {
            // Of those that waited together one is counted.
            way.rests += 1
            way.restUntil = over + restMs(way.rests)
          }
          if (way.rests === 0 && way.underWay.size === 0) ways.delete(key)
        },
      }
    },
  }
}
