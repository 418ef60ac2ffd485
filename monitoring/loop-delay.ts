// loop-delay — how long the event loop of this process was not free: the longest pause and the usual ones since they
// were last read.
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** The process wakes this often to look: twenty times a second. A pause is told shorter than it was by this at most. */
const resolutionMs = 50

interface LoopDelay {
  /** Pauses in seconds since the last reading, which begins a new period. */
  read(): { max: number; p99: number; mean: number }
}

/** Begins to measure; the histogram costs a timer of its own for as long as the process lives. */
export function watchLoopDelay(): LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs })
  histogram.enable()
  // The histogram counts from tick to tick of its timer: what is beyond the timer's own interval is delay.
  const beyond = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000)
  return {
    read() {
      const quiet = histogram.count === 0
      const read = quiet
        ? { max: 0, p99: 0, mean: 0 }
        : { max: beyond(histogram.max), p99: beyond(histogram.percentile(99)), mean: beyond(histogram.mean) }
      histogram.reset()
      return read
    },
  }
}
