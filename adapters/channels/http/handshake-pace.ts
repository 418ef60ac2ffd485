// handshake-pace — in a flood TLS handshakes begin in turn by address, and so many in a second.
import { createFairQueue } from '../../../messages/fair-queue.js'

/** A handshake costs the hub more than its caller: this many begin in a second, this many at once after a rest. */
const handshakesPerSecond = 300
const handshakesAtOnce = 60
const paceMs = 10

/**
 * Handshakes begin at once while there are few. In a flood they begin in turn by address, so that the one that floods
 * waits behind itself. How many may wait is bounded by the door's connections.
 */
export function createHandshakePace({ now = () => performance.now() }: { now?: () => number } = {}) {
  const waiting = createFairQueue<() => void>()
  let left = handshakesAtOnce
  let since = now()
  let timer: NodeJS.Timeout | undefined

  function turn(): void {
    timer = undefined
    left = Math.min(handshakesAtOnce, left + ((now() - since) * handshakesPerSecond) / 1000)
    since = now()
    while (left >= 1) {
      const next = waiting.next()
      if (!next) return
      left -= 1
      next.item()
    }
    timer = setTimeout(turn, paceMs)
  }

  return {
    begin(address: string, handshake: () => void): void {
      waiting.push(address, handshake, 1)
      if (timer === undefined) turn()
    },
    stop: () => clearTimeout(timer),
    get waiting() {
      return waiting.size
    },
  }
}
