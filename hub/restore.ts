// restore — an older copy of the ledger in the place of the one that is there. What waits in the copy may have been sent since it was made,
// and sending it again is the one thing that must not happen: it becomes `unclear`, to be asked about or decided, before the copy
// takes its place. The ledger that was there is kept under another name.
import { existsSync } from 'node:fs'
import { copyFile, link, mkdir, open, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { LedgerInUseError, openSqliteLedger } from '../store/sqlite/open.js'

export interface Restored {
  /** Submissions that waited in the copy. */
  doubted: number
  /** Where the ledger that was there is now. */
  replaced?: string
}

/** It cannot be restored: why, and what to do. */
export class RestoreError extends Error {
  override name = 'RestoreError'
}

/**
 * @throws RestoreError when the file is no ledger, or is the one in use
 * @throws LedgerInUseError while a hub runs on the folder; LedgerTooNewError when a newer hub made the copy
 */
export async function restoreLedger({ from, dataDir, who, why, now = new Date() }: { from: string; dataDir: string; who: string; why: string; now?: Date }): Promise<Restored> {
  const file = join(dataDir, 'ledger.db')
  if (resolve(from) === resolve(file)) throw new RestoreError(`${from} is the ledger itself. Name a copy.`)
  await mustBeLedger(from)
  await mkdir(dataDir, { recursive: true })
  const aside = join(dataDir, `ledger-replaced-${now.toISOString().replace(/[-:]|\.\d+/g, '')}.db`)
  const replaces = existsSync(file)
  if (replaces) await notInUse(file)

  // Everything is done to the copy of the copy. A crash up to the last rename leaves the old ledger in its place.
  const fresh = `${file}.restoring`
  for (const end of ['', '-wal', '-shm']) await rm(fresh + end, { force: true })
  await copyFile(from, fresh)
  if (existsSync(`${from}-wal`)) await copyFile(`${from}-wal`, `${fresh}-wal`)
  const ledger = await openSqliteLedger({ file: fresh })
  const doubted = await ledger.doubtWaiting(now, 'waited in the copy that was restored; it may have been sent since').finally(async () => {
    await ledger.audit({ at: now, who, action: 'ledger.restore', target: from, why, ...(replaces ? { detail: { replaced: aside } } : {}) }).catch(() => {})
    await ledger.close()
  })

  if (replaces) await link(file, aside)
  // Left by a ledger too damaged to be opened, or taken away: SQLite would read it into the copy.
  for (const end of ['-wal', '-shm']) if (existsSync(file + end)) await rename(file + end, aside + end)
  await rename(fresh, file)
  const dir = await open(dataDir)
  await dir.sync().finally(() => dir.close())
  return { doubted, ...(replaces ? { replaced: aside } : {}) }
}

/** Opening also writes what is left in its log into the file itself. A damaged one is what a restore is for. */
async function notInUse(file: string): Promise<void> {
  try {
    await (await openSqliteLedger({ file })).close()
  } catch (error) {
    if (error instanceof LedgerInUseError) throw error
  }
}

/** By the header of the file: "SQLite format 3" and, at byte 60, the version our migrations write (SQLite file format, section 1.3). */
async function mustBeLedger(from: string): Promise<void> {
  if (!existsSync(from)) throw new RestoreError(`there is no file ${from}. \`hub backup\` says where it puts its copies.`)
  const handle = await open(from)
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(100), 0, 100, 0).finally(() => handle.close())
  if (bytesRead < 100 || buffer.toString('latin1', 0, 15) !== 'SQLite format 3' || buffer.readUInt32BE(60) === 0) throw new RestoreError(`${from} is no ledger. Name the file \`hub backup\` made, or the ledger.db of a stopped hub.`)
}
