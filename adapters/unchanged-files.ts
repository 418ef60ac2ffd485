// unchanged-files — a file is whole when two looks, some time apart by our own clock, see the same size and the same
// time of change. The other side's clock is compared with itself only: two machines need not agree what time it is.

/**
 * Of the files of one directory, those nobody writes any more. The function takes a look at all there is and returns
 * those that have not changed for `settleMs`; files that are gone are forgotten.
 */
export function createUnchangedFiles<File extends { name: string; size: number; mtime: number }>(
  settleMs: number,
): (files: readonly File[], now: number) => File[] {
  let seen = new Map<string, { size: number; mtime: number; since: number }>()
  return (files, now) => {
    const next: typeof seen = new Map()
    const unchanged = files.filter(({ name, size, mtime }) => {
      const before = seen.get(name)
      const same = before !== undefined && before.size === size && before.mtime === mtime
      next.set(name, same ? before : { size, mtime, since: now })
      return same && now - before.since >= settleMs
    })
    seen = next
    return unchanged
  }
}
