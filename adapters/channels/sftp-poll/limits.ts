// limits — how long and how much, for one partner's server.
import type { RemoteLimits } from './remote.js'

/** Times in milliseconds. What is over a bound waits for the next round, or is refused with a receipt. */
export interface PollLimits extends RemoteLimits {
  /** Largest file, in bytes. */
  maxBytes: number
  /** Most files looked at in one round; the rest wait for the next. */
  maxFiles: number
  /** A file must look the same for this long, by our clock. */
  settleMs: number
  /** A file claimed by another run is taken over when it has not moved for this long. */
  claimMs: number
  /** First wait after a file could not be fetched; doubles each time, at most ten minutes. */
  retryMs: number
  /** An unused connection is kept this long. */
  lingerMs: number
  closeMs: number
  /** A receipt waits so long for files that are fetched before it. */
  turnMs: number
  /** Endings of names that are still being written. */
  temporaryEndings: readonly string[]
}
