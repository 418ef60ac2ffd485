// overload — may more be taken? A hub that is full says so while it still can, and keeps what it has: when too much
// waits for the agencies, or the disk runs low, new work is turned away with 503 and a time to come back. An upload is
// told to come again. So it is by a hub that was started without doors, to be emptied. A volume of the mailboxes' own
// is watched too: while that is full uploads fail and receipts wait, but other doors go on.
import { HubError } from '../../messages/errors.js'
import type { Ledger } from '../../store/ledger.js'
import type { Log } from '../base/log.js'
import { volumeOf, type Volume } from '../base/volume.js'

interface OverloadParts {
  dataDir: string
  /** The SFTP mailboxes; they may lie on a volume of their own, which is then watched too. */
  mailboxesDir: string
  ledger: Pick<Ledger, 'counts' | 'size'>
  limits: { mostQueued: number; minFreeMegabytes: number }
  /** Whether anything is to be taken at all. Default: yes. */
  takes?: boolean
  log: Log
  everyMs?: number
}

/** What is left of a disk, as of the last look. */
export interface DiskView {
  /** What lies there: the data folder, or the SFTP mailboxes on a volume of their own. */
  folder: 'data' | 'sftp'
  /** Bytes what comes can still use. */
  freeBytes: number
  /** With fewer in the data folder new work is turned away. */
  leastBytes: number
}

/** Looked at before anything new is taken; the last look counts for a moment. */
export interface Overload {
  /** @throws what `refusal` tells */
  check(): void
  /** HUB_FULL or HUB_DRAINING while nothing more may be taken; undefined else. */
  refusal(): HubError | undefined
  /** Each disk that is watched, the data folder's first; empty before the first look. */
  disks(): DiskView[]
  stop(): void
}

/** Taken again only below this share of the limit, so that the door does not flutter. */
const release = 0.9

/** With less than this many times the limit free the disk is low: time to act before anything is turned away. */
export const lowDiskShare = 3

/** Looks once a second; between two looks the answer is the last one's. */
export function watchOverload({
  dataDir,
  mailboxesDir,
  ledger,
  limits: { mostQueued, minFreeMegabytes },
  takes = true,
  log,
  everyMs = 1000,
}: OverloadParts): Overload {
  let full: { reason: string; seconds: number } | undefined
  let disks: DiskView[] = []
  const low = new Set<string>()
  const leastBytes = minFreeMegabytes * 1024 * 1024
  const megabytes = (bytes: number) => Math.floor(bytes / 1024 / 1024)

  let mailboxes: Volume | undefined
  let looksThere = false

  /** By itself, and not again before it has come back: a share that hangs holds up no look at the data folder. */
  async function lookAtMailboxes(): Promise<void> {
    if (looksThere) return
    looksThere = true
    // Made by the SFTP door, so it may not be there yet.
    mailboxes = await volumeOf(mailboxesDir).catch(() => undefined)
    looksThere = false
  }

  async function look(): Promise<void> {
    void lookAtMailboxes()
    const [{ agencies }, data] = await Promise.all([ledger.counts(), volumeOf(dataDir)])
    const waiting = agencies.reduce((sum, { queued, submitting }) => sum + queued + submitting, 0)
    // What the ledger has let go of it can use again, whatever the disk says.
    const freeBytes = data.freeBytes + ledger.size().spare
    const apart = mailboxes?.device === data.device ? undefined : mailboxes
    disks = [
      { folder: 'data', freeBytes, leastBytes },
      ...(apart ? [{ folder: 'sftp' as const, freeBytes: apart.freeBytes, leastBytes }] : []),
    ]
    for (const disk of disks) sayWhetherLow(disk)
    const hold = full ? release : 1
    const found =
      freeBytes < leastBytes / hold
        ? { reason: `the disk has ${megabytes(freeBytes)} MB left`, seconds: 60 }
        : waiting >= mostQueued * hold
          ? { reason: `${waiting} submissions wait for the agencies`, seconds: 10 }
          : undefined
    if (found && !full) log.error({ reason: found.reason }, 'full: new work is turned away until it has gone down')
    if (!found && full) log.warn({ reason: full.reason }, 'work is taken again')
    full = found
  }

  function sayWhetherLow({ folder, freeBytes }: DiskView): void {
    const wasLow = low.has(folder)
    if (freeBytes >= (lowDiskShare * leastBytes) / (wasLow ? release : 1)) return void low.delete(folder)
    low.add(folder)
    if (wasLow) return
    const about = { freeMegabytes: megabytes(freeBytes), minFreeMegabytes, folder }
    if (folder === 'data') log.warn({ ...about, dataDir }, 'the disk is low: with less new work is turned away')
    else log.warn({ ...about, mailboxesDir }, 'the disk of the mailboxes is low: full, no file is taken or put there')
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
    disks: () => disks,
    stop: () => clearInterval(timer),
  }
}
