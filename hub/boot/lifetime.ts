// lifetime — what was started is stopped in the reverse order; that one part does not stop cleanly keeps no other from
// stopping.
import type { Log } from '../base/log.js'

/** Everything that was started, in its order. */
export interface Lifetime {
  /** Remembers how a part that has just been started is stopped. @returns the part */
  started<T>(part: T, stop: (part: T) => unknown): T
  /**
   * A part that is still starting; stopped when it has started. @returns the same promise, whose failure is its
   * reader's
   */
  starting<T extends { stop(): Promise<unknown> }>(part: Promise<T> | undefined): Promise<T> | undefined
  stop(): Promise<void>
}

/** Makes the list of started parts of one hub. */
export function createLifetime(log: Log): Lifetime {
  const undo: (() => unknown)[] = []
  return {
    started(part, stop) {
      undo.push(() => stop(part))
      return part
    },
    starting(part) {
      // Whoever awaits it hears of a failure; until then it is nobody's.
      part?.catch(() => {})
      undo.push(async () => (await part?.catch(() => undefined))?.stop())
      return part
    },
    async stop() {
      for (const step of undo.splice(0).reverse())
        try {
          await step()
        } catch (error) {
          log.error({ err: error }, 'a part did not stop cleanly')
        }
    },
  }
}
