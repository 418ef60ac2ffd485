// settled — a file is whole when two looks, some time apart by our own clock, see the same size and the same time of
// change.
import type { FileSeen } from './place.js'

/**
 * Takes a look at all there is in one directory; returns those that have not changed for `settleMs`. Files that are
 * gone are forgotten.
 */
export function createSettled(settleMs: number): (files: readonly FileSeen[], now: number) => FileSeen[] {
  let seen = new Map<string, { size: number; mtime: number; since: number }>()
  return (files, now) => {
    const next: typeof seen = new Map()
    const still = files.filter(({ name, size, mtime }) => {
      const before = seen.get(name)
      const same = before !== undefined && before.size === size && before.mtime === mtime
      next.set(name, same ? before : { size, mtime, since: now })
      return same && now - before.since >= settleMs
    })
    seen = next
    return still
  }
}
