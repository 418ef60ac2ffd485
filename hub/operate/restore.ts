// restore — an older copy of the ledger in the place of the one that is there. What waits in the copy may have been
// sent since it was made, and sending it again is the one thing that must not happen: it becomes `unclear`, to be asked
// about or decided, before the copy takes its place. The ledger that was there is kept under another name.
import { existsSync } from 'node:fs'
import { chmod, copyFile, link, open, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { datedFile } from '../../store/dated-file.js'
import type { Encryption } from '../../store/sealing/master-keys.js'
import { prepareDataFolder } from '../base/private-folder.js'
import {
  lockLedger,
  inspectLedger,
  keepStill,
  LedgerInUseError,
  openSqliteLedger,
  type LedgerLog,
} from '../../store/sqlite/open.js'

interface Restored {
  /** Submissions that waited in the copy. */
  doubted: number
  /** Where the ledger that was there is now. */
  replaced?: string
}

/** It cannot be restored: why, and what to do. */
class RestoreError extends Error {
  override name = 'RestoreError'
}

/**
 * @throws RestoreError when the file is no ledger, is damaged, is the one in use, or a hub runs on it
 * @throws LedgerInUseError while a hub runs on the folder; LedgerTooNewError when a newer hub made the copy
 */
export async function restoreLedger({
  from,
  dataDir,
  encryption,
  who,
  why,
  log,
  now = new Date(),
}: {
  from: string
  dataDir: string
  /** The key of the copy, where that is encrypted. */
  encryption?: Encryption | undefined
  who: string
  why: string
  /** Told of a disk that fails. */
  log: LedgerLog
  now?: Date
}): Promise<Restored> {
  const file = join(dataDir, 'ledger.db')
  if (resolve(from) === resolve(file)) throw new RestoreError(`${from} is the ledger itself. Name a copy.`)
  prepareDataFolder(dataDir)
  await mustBeLedger(from)
  const aside = join(dataDir, await datedFile(dataDir, { word: 'ledger-replaced', ending: '.db' }, now))
  const replaces = existsSync(file)
  // A supervisor may start the hub in the middle: it would take messages into the ledger that is about to be replaced.
  const release = replaces ? lockUnlessDamaged(file) : () => {}
  // Everything is done to the copy of the copy. A crash up to the last rename leaves the old ledger in its place.
  const fresh = `${file}.restoring`
  try {
    await clear(fresh)
    await copyStill(from, fresh)
    // Of the copy with its log: a hub killed soon after its first start has all it took in the log.
    const { version, fault } = inspectLedger(fresh)
    if (fault !== undefined)
      throw new RestoreError(`${from} is damaged (${fault}). Take another copy; the ledger is as it was.`)
    if (version === 0) throw noLedger(from)
    const ledger = await openSqliteLedger({ file: fresh, log, encryption, payloads: 'elsewhere' })
    const doubted = await ledger
      .doubtWaiting(now, 'waited in the copy that was restored; it may have been sent since')
      .finally(async () => {
        await ledger
          .audit({
            at: now,
            who,
            action: 'ledger.restore',
            target: from,
            why,
            ...(replaces ? { detail: { replaced: aside } } : {}),
          })
          .catch(() => {})
        await ledger.close()
      })
    // Closing writes the log into the file, and says nothing when it cannot: what is in doubt would stand in a log
    // nobody reads.
    if (await hasLog(fresh))
      throw new RestoreError(`the copy could not be written to ${dataDir}: is the disk full? The ledger is as it was.`)

    if (replaces) await link(file, aside)
    else if (existsSync(file)) throw startedMeanwhile(file)
    // Left by a ledger too damaged to be opened, or taken away: SQLite would read it into the copy.
    for (const end of ['-wal', '-shm']) if (existsSync(file + end)) await rename(file + end, aside + end)
    if (replaces) await rename(fresh, file)
    // Where no ledger was, there is none to be held: a hub started just now has made its own, and keeps it.
    else
      await link(fresh, file).catch((error: NodeJS.ErrnoException) =>
        Promise.reject(error.code === 'EEXIST' ? startedMeanwhile(file) : error),
      )
    const dir = await open(dataDir)
    await dir.sync().finally(() => dir.close())
    return { doubted, ...(replaces ? { replaced: aside } : {}) }
  } finally {
    release()
    await clear(fresh)
  }
}

/**
 * A ledger a hub writes to meanwhile would come out as pages of two moments. Its log goes first: whoever opens a file
 * and closes it again gives up the lock on it.
 */
async function copyStill(from: string, to: string): Promise<void> {
  const release = stillOrRefused(from)
  try {
    // A copy has the mode of what it is a copy of, which may be anybody's.
    for (const end of existsSync(`${from}-wal`) ? ['-wal', ''] : ['']) {
      await copyFile(from + end, to + end)
      await chmod(to + end, 0o600)
    }
  } finally {
    release()
  }
}

function stillOrRefused(from: string): () => void {
  try {
    return keepStill(from)
  } catch (error) {
    throw error instanceof LedgerInUseError
      ? new RestoreError(`a hub runs on ${from}. Stop it, or restore a copy that \`hub backup\` makes of it.`)
      : error
  }
}

const startedMeanwhile = (file: string) =>
  new LedgerInUseError(`a hub was started meanwhile and has made the ledger ${file}. Stop it first.`)

async function clear(file: string): Promise<void> {
  for (const end of ['', '-wal', '-shm']) await rm(file + end, { force: true })
}

async function hasLog(file: string): Promise<boolean> {
  return existsSync(`${file}-wal`) && (await stat(`${file}-wal`)).size > 0
}

/**
 * Keeps everybody else out of the ledger. Opening it also writes what is left in its log into the file itself. A
 * damaged ledger, which a restore is for, is not locked.
 */
function lockUnlessDamaged(file: string): () => void {
  try {
    return lockLedger(file)
  } catch (error) {
    if (error instanceof LedgerInUseError) throw error
    return () => {}
  }
}

/** By the header of the file: "SQLite format 3" (SQLite file format, section 1.3). */
async function mustBeLedger(from: string): Promise<void> {
  if (!existsSync(from))
    throw new RestoreError(`there is no file ${from}. \`hub backup\` says where it puts its copies.`)
  const handle = await open(from)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(100), 0, 100, 0).finally(() => handle.close())
  if (bytesRead < 100 || buffer.toString('latin1', 0, 15) !== 'SQLite format 3') throw noLedger(from)
}

const noLedger = (from: string) =>
  new RestoreError(`${from} is no ledger. Name the file \`hub backup\` made, or the ledger.db of a stopped hub.`)
