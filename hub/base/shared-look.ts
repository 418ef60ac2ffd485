// shared-look — one look for all who ask meanwhile: what anybody may ask as often as they like, without a key, costs
// the hub a few looks a second.
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Each caller gets the answer of a look that began after it asked; looks follow each other, at least `everyMs` from
 * begin to begin.
 */
export function sharedLook<T>(look: () => Promise<T>, everyMs: number): () => Promise<T> {
  /** Has not begun yet. */
  let next: Promise<T> | undefined
  let last: Promise<unknown> = Promise.resolve()
  let begunAt = -Infinity

  async function inTurn(): Promise<T> {
    await last.catch(() => undefined)
    const waitMs = begunAt + everyMs - performance.now()
    if (waitMs > 0) await sleep(waitMs)
    begunAt = performance.now()
    next = undefined
    const mine = look()
    last = mine
    return mine
  }

  return () => (next ??= inTurn())
}
