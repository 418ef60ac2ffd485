// ping — can the ledger be written? Asked every few milliseconds it writes once a second.
import type { Ledger } from './ledger.js'

const freshMs = 1000

/**
 * `ping` of a ledger. A page that cannot be read stays so: until it is repaired, the hub says that it is not ready.
 * @param written a small write of the ledger, and a look at where its bytes go
 * @param corrupt what was said of a damaged page, once one was found
 */
export function createPing({
  written,
  corrupt,
}: {
  written: () => Promise<unknown>
  corrupt: () => unknown
}): Ledger['ping'] {
  let last: { at: number; result: Promise<void> } | undefined
  return () => {
    if (last && performance.now() - last.at < freshMs) return last.result
    const result = written().then(() => {
      const cause = corrupt()
      if (cause) throw new Error('pages of the ledger are damaged: restore a backup', { cause })
    })
    last = { at: performance.now(), result }
    return result
  }
}
