// settled — a file is whole when two looks, some time apart by our own clock, see the same size and the same time.
// The other side's clock is compared with itself only; two machines need not agree what time it is.
import type { RemoteFile } from './remote.js'

interface SettledFile {
  /**
   * Takes a look at all there is; returns those that have not changed for `settleMs`. Files no longer there are
   * forgotten.
   */
  look(files: readonly RemoteFile[], now: number): RemoteFile[]
}

/** @param settleMs how long a file must stay as it is */
export function createSettled(settleMs: number): SettledFile {
  let seen = new Map<string, { size: number; mtime: number; since: number }>()
  return {
    look(files, now) {
      const next: typeof seen = new Map()
      const still: RemoteFile[] = []
      for (const file of files) {
        const before = seen.get(file.name)
        const same = before !== undefined && before.size === file.size && before.mtime === file.mtime
        next.set(file.name, same ? before : { size: file.size, mtime: file.mtime, since: now })
        if (same && now - before.since >= settleMs) still.push(file)
      }
      seen = next
      return still
    },
  }
}
