// tail — what happens, as it happens, told to whoever looks on. Nobody looking costs nothing; a flood is cut to what
// can be read.
import type { SkippedEvents, TailEvent } from '../messages/views/index.js'

/** Events a second a listener is told; the rest are counted in one line. */
const most = 50
/** Events somebody who begins to look on is shown. */
const mostRecent = 50

/** The last events of this process, and those who look on. */
export function createTail(now: () => number = Date.now) {
  const listeners = new Set<(event: TailEvent | SkippedEvents) => void>()
  let second = 0
  let told = 0
  let skipped = 0
  const recent: TailEvent[] = []
  return {
    tell(event: Omit<TailEvent, 'at'>): void {
      const whole: TailEvent = { at: new Date(now()).toISOString(), ...event }
      recent.push(whole)
      if (recent.length > mostRecent) recent.shift()
      if (listeners.size === 0) return
      const current = Math.floor(now() / 1000)
      if (current !== second) {
        const missed = skipped
        ;[second, told, skipped] = [current, 0, 0]
        if (missed > 0) listeners.forEach((listener) => listener({ skipped: missed }))
      }
      if (++told > most) return void skipped++
      listeners.forEach((listener) => listener(whole))
    },
    /** What happened last in this process, the oldest first. */
    recent: (): readonly TailEvent[] => [...recent],
    listen(listener: (event: TailEvent | SkippedEvents) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export type Tail = ReturnType<typeof createTail>
