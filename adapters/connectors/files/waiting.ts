// waiting — what lies in the out directories and is not fetched. A Single Window client that hangs answers nothing; its
// OutBox tells. Ages are counted by our own clock from the first look: two machines need not agree what time it is.
import { at } from './drop.js'

interface WaitingFiles {
  /** Files in all out directories. */
  files: number
  /** How long the oldest has been lying there, in seconds. */
  oldestSeconds: number
  /** What is wrong, when the other side has stopped fetching. */
  stuck?: string
}

/** @param stuckMs from this age on the other side counts as hanging */
export function createWaiting(stuckMs: number) {
  let since = new Map<string, number>()

  /** The names found in each out directory, all of them, just now. */
  function look(found: readonly { dir: string; names: readonly string[] }[], now: number): void {
    const next: typeof since = new Map()
    for (const { dir, names } of found)
      for (const name of names) next.set(at(dir, name), since.get(at(dir, name)) ?? now)
    since = next
  }

  function stuck(dir: string, now: number): string | undefined {
    const oldest = oldestOf(since, (path) => path.startsWith(at(dir, '')))
    if (!oldest || now - oldest.since < stuckMs) return undefined
    return (
      `${oldest.path} has not been fetched for ${Math.round((now - oldest.since) / 1000)} s: ` +
      `the other side hangs or is not running`
    )
  }

  function state(now: number): WaitingFiles {
    const oldest = oldestOf(since, () => true)
    const why =
      oldest && now - oldest.since >= stuckMs
        ? stuck(oldest.path.slice(0, oldest.path.lastIndexOf('/')), now)
        : undefined
    return {
      files: since.size,
      oldestSeconds: oldest ? (now - oldest.since) / 1000 : 0,
      ...(why === undefined ? {} : { stuck: why }),
    }
  }

  return { look, stuck, state }
}

function oldestOf(
  since: Map<string, number>,
  wanted: (path: string) => boolean,
): { path: string; since: number } | undefined {
  let oldest: { path: string; since: number } | undefined
  for (const [path, at] of since) if (wanted(path) && (!oldest || at < oldest.since)) oldest = { path, since: at }
  return oldest
}
