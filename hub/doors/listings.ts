// listings — annotated listings of what was sent, for people, made in a thread of their own: one after another, so that
// a file of megabytes holds up nobody but who else wants one.
import { isShared } from '../../messages/shared-bytes.js'
import type { ListingThreadData, ListingThreadInput } from './listing-thread.js'
import type { Log } from '../base/log.js'
import { createOneThread } from '../base/one-thread.js'

/** After this long without one the thread is ended, and the memory of its directories is free. */
const idleMs = 60_000

interface ListingsParts extends ListingThreadData {
  /** Memory of the thread, in megabytes. */
  memoryMb: number
  /** The longest a listing may take. Default 30,000. */
  deadlineMs?: number
  log: Pick<Log, 'warn'>
}

/** Lists EDIFACT with its faults, one interchange at a time. */
export interface Listings {
  /** Undefined when it takes too long or too much memory: no person reads such a one. */
  list(input: ListingThreadInput): Promise<string | undefined>
  close(): Promise<void>
}

/** Its thread starts with the first question. */
export function createListings({ flatTables, memoryMb, deadlineMs = 30_000, log }: ListingsParts): Listings {
  const thread = createOneThread<ListingThreadInput, string>({
    file: new URL('./listing-thread.js', import.meta.url),
    data: { flatTables } satisfies ListingThreadData,
    memoryMb,
    deadlineMs,
  })
  let idle: NodeJS.Timeout | undefined

  async function listOne(input: ListingThreadInput): Promise<string | undefined> {
    clearTimeout(idle)
    const shared = isShared(input.bytes)
    const bytes = shared ? input.bytes : new Uint8Array(input.bytes)
    try {
      return await thread.ask({ ...input, bytes }, shared ? [] : [bytes.buffer as ArrayBuffer])
    } catch (err) {
      log.warn({ err, bytes: input.bytes.length }, 'a listing could not be made')
      await thread.end()
      return undefined
    } finally {
      idle = setTimeout(() => void thread.inLine(thread.end), idleMs).unref()
    }
  }

  return {
    list: (input) => thread.inLine(() => listOne(input)),
    close() {
      clearTimeout(idle)
      return thread.close()
    },
  }
}
