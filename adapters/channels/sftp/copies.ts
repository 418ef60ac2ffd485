// copies — which files a partner has sent are kept in its boxes although they are no news: refused ones in FailBox, and
// in SentBox those the hub had already. Whoever may send may send such without end, and must not fill the disk.
import { chinaDay } from '../../../messages/china-time.js'

/**
 * How much that is no news (refused, or sent again) is kept in a partner's boxes today; counted in memory: a restart
 * begins at zero.
 */
export interface Copies {
  /**
   * May so many bytes more of this partner be kept today (in China)? Counted when they may. `first`: none was refused
   * today before.
   */
  keep(partnerId: string, bytes: number): { kept: boolean; first: boolean }
}

/** @param mostBytes of one partner in a day */
export function createCopies(mostBytes: number, now: () => number = Date.now): Copies {
  let today = 0
  const used = new Map<string, number>()
  const told = new Set<string>()
  return {
    keep(partnerId, bytes) {
      const day = chinaDay(now())
      if (day !== today) {
        used.clear()
        told.clear()
        today = day
      }
      const after = (used.get(partnerId) ?? 0) + bytes
      if (after <= mostBytes) {
        used.set(partnerId, after)
        return { kept: true, first: false }
      }
      const first = !told.has(partnerId)
      told.add(partnerId)
      return { kept: false, first }
    },
  }
}
