// watch-files — tells when one of some files has changed, also when it is replaced, appears, or is a link that is
// turned. By looking at it every second or so: events of file systems do not cross mounts and containers.
import { unwatchFile, watchFile, type Stats } from 'node:fs'

/** Calls once for changes close together. Returns how to stop. */
export function watchFiles(files: readonly string[], changed: () => void, everyMs = 1000): () => void {
  let soon: NodeJS.Timeout | undefined
  const listener = (now: Stats, before: Stats) => {
    // A file that is not there is told once, as if it had just gone.
    if (now.ino === 0 && before.ino === 0) return
    clearTimeout(soon)
    // An editor writes in several steps.
    soon = setTimeout(changed, Math.min(everyMs, 250))
  }
  for (const file of files) watchFile(file, { interval: everyMs, persistent: false }, listener)
  return () => {
    clearTimeout(soon)
    for (const file of files) unwatchFile(file, listener)
  }
}
