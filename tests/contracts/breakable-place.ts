// breakable-place — a place that breaks where a test says: at the hand-over itself, or before or after any call, for
// good (as a killed process leaves it).
import type { FilePlace } from '../../adapters/connectors/files/place.js'

export interface Breaks {
  /** The next rename fails: before it happened, or after. */
  rename?: 'before' | 'after' | undefined
  /** The next write takes this long. */
  slowMs?: number | undefined
  /**
   * After this many calls that change something every call hangs for ever; `half` of the last one happens, or `all` of
   * it.
   */
  dieAfter?: { calls: number; last: 'not at all' | 'done' } | undefined
}

export class Died extends Error {}

export function breakable(place: FilePlace, breaks: Breaks): FilePlace {
  let calls = 0
  const changing = async <T>(work: () => Promise<T>): Promise<T> => {
    if (!breaks.dieAfter) return work()
    if (++calls < breaks.dieAfter.calls) return work()
    if (calls === breaks.dieAfter.calls && breaks.dieAfter.last === 'done') await work()
    throw new Died('killed here')
  }
  return {
    ...place,
    async write(path, bytes) {
      const { slowMs } = breaks
      breaks.slowMs = undefined
      if (slowMs !== undefined) await new Promise((resolve) => setTimeout(resolve, slowMs))
      return changing(() => place.write(path, bytes))
    },
    rename(from, to) {
      const when = breaks.rename
      breaks.rename = undefined
      return changing(async () => {
        if (when === 'before') throw new Error('cut before')
        const moved = await place.rename(from, to)
        if (when === 'after') throw new Error('cut after')
        return moved
      })
    },
    remove: (path) => changing(() => place.remove(path)),
    sync: (dir) => changing(() => place.sync(dir)),
    makeDirectory: (path) => changing(() => place.makeDirectory(path)),
  }
}
