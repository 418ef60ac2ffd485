// handles — how many files partners may have open, per partner and in all: each costs the process a file descriptor,
// and without any left nobody could so much as connect.
import { failure } from './refusal.js'

/** How many files are open, counted over all sessions of this process. */
export interface Handles {
  /**
   * Counts one file about to be opened for this partner; the answer counts it off again (once, however often it is
   * called).
   * @throws SftpRefusal when the partner, or all partners together, have as many open as they may
   */
  take(partnerId: string): () => void
  readonly open: number
}

/** One for the whole door: a partner's sessions share its number. */
export function createHandles({ perPartner, inAll }: { perPartner: number; inAll: number }): Handles {
  const byPartner = new Map<string, number>()
  let open = 0
  return {
    get open() {
      return open
    },
    take(partnerId) {
      const own = byPartner.get(partnerId) ?? 0
      if (own >= perPartner) throw failure(`No more than ${perPartner} files may be open in all your sessions together`)
      if (open >= inAll) throw failure('Too many files are open at this server; try again later')
      byPartner.set(partnerId, own + 1)
      open += 1
      let left = false
      return () => {
        if (left) return
        left = true
        open -= 1
        const rest = (byPartner.get(partnerId) ?? 1) - 1
        if (rest > 0) byPartner.set(partnerId, rest)
        else byPartner.delete(partnerId)
      }
    },
  }
}
