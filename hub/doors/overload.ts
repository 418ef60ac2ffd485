// overload — may more be taken? A hub that is full says so while it still can, and keeps what it has: when too much
// waits for the agencies, or the disk runs low, new work is turned away with 503 and a time to come back. An upload is
// told to come again. So it is by a hub that was started without doors, to be emptied.
import { statfs } from 'node:fs/promises'
import { HubError } from '../../messages/errors.js'
import type { Ledger } from '../../store/ledger.js'
import type { Log } from '../base/log.js'

interface OverloadParts {
  dataDir: string
  ledger: Pick<Ledger, 'counts' | 'size'>
  limits: { mostQueued: number; minFreeMegabytes: number }
  /** Whether anything is to be taken at all. Default: yes. */
  takes?: boolean
  log: Log
  everyMs?: number
}

/** Looked at before anything new is taken; the last look counts for a moment. */
export interface Overload {
  /** @throws what `refusal` tells */
  check(): void
  /** HUB_FULL or HUB_DRAINING while nothing more may be taken; undefined else. */
  refusal(): HubError | undefined
  /** Bytes what comes can still use on the disk of the data folder, as of the last look; and the limit. */
  disk(): { freeBytes: number; leastBytes: number } | undefined
  stop(): void
}

/** Taken again only below this share of the limit, so that the door does not flutter. */
const release = 0.9

/** With less than this many times the limit free the disk is low: time to act before anything is turned away. */
export const lowDiskShare = 3

/** Looks once a second; between two looks the answer is the last one's. */
export function watchOverload({
  dataDir,
  ledger,
  limits: { mostQueued, minFreeMegabytes },
  takes = true,
  log,
  everyMs = 1000,
}: OverloadParts): Overload {
  let full: { reason: string; seconds: number } | undefined
  let freeBytes: number | undefined
  let low = false
  const leastBytes = minFreeMegabytes * 1024 * 1024

  async function look(): Promise<void> {
    const [{ agencies }, { bavail, bsize }] = await Promise.all([ledger.counts(), statfs(dataDir)])
    const waiting = agencies.reduce((sum, { queued, submitting }) => sum + queued + submitting, 0)
    // What the ledger has let go of it can use again, whatever the disk says.
    freeBytes = bavail * bsize + ledger.size().spare
    const free = Math.floor(freeBytes / 1024 / 1024)
    const hold = full ? release : 1
    const wasLow = low
    low = freeBytes < (lowDiskShare * leastBytes) / (low ? release : 1)
    if (low && !wasLow)
      log.warn({ freeMegabytes: free, minFreeMegabytes, dataDir }, 'the disk is low: with less new work is turned away')
    const found =
      freeBytes < leastBytes / hold
        ? { reason: `the disk has ${free} MB left`, seconds: 60 }
        : waiting >= mostQueued * hold
          ? { reason: `${waiting} submissions wait for the agencies`, seconds: 10 }
          : undefined
    if (found && !full) log.error({ reason: found.reason }, 'full: new work is turned away until it has gone down')
    if (!found && full) log.warn({ reason: full.reason }, 'work is taken again')
    full = found
  }
  // What cannot be looked at is no reason to turn work away: the ledger says for itself when it cannot be written.
  const timer = setInterval(() => void look().catch(() => {}), everyMs)
  timer.unref()
  void look().catch(() => {})
  function refusal(): HubError | undefined {
    if (!takes) return new HubError('HUB_DRAINING', {}, { retryAfterSeconds: 60 })
    return full && new HubError('HUB_FULL', { detail: full.reason }, { retryAfterSeconds: full.seconds })
  }
  return {
    check() {
      const refused = refusal()
      if (refused) throw refused
    },
    refusal,
    disk: () => (freeBytes === undefined ? undefined : { freeBytes, leastBytes }),
    stop: () => clearInterval(timer),
  }
}
