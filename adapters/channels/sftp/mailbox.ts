// mailbox — one partner's four folders on disk, and how files get into them: complete and flushed, or not at all.
//
//   <root>/<partnerId>/{OutBox,SentBox,InBox,FailBox}   what the partner sees
//   <root>/.hub/<run>/                                   what only the hub sees (see run.ts); same file system, so rename is atomic
import { mkdir, open, readdir, rename, rm, lstat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { boxes, isPartnerFolder, isPlainName, type Box } from '../boxes.js'
import { isTemporary } from '../../temporary-names.js'
import type { Run } from './run.js'

/** The four folders of one partner. Names are plain file names; any other throws before the disk is touched. */
export interface Mailbox {
  readonly partnerId: string
  path(box: Box, name: string): string
  folder(box: Box): string
  /** Writes a whole file into a box under its final name; an older file of that name is replaced. Idempotent. */
  place(box: Box, name: string, bytes: Buffer): Promise<void>
  /** Moves a complete file of the hub's own folder into a box; an older file of that name is replaced. */
  keep(box: Box, name: string, file: string): Promise<void>
  /** The files that wait in OutBox under temporary names. */
  waiting(endings: readonly string[]): Promise<{ files: number; bytes: number }>
}

/** Opens (and creates, when it is new) the mailbox of a partner. */
export async function openMailbox({
  root,
  partnerId,
  run,
}: {
  root: string
  partnerId: string
  run: Run
}): Promise<Mailbox> {
  if (!isPartnerFolder(partnerId)) throw new Error(`partner id ${JSON.stringify(partnerId)} cannot be a folder name`)
  const home = join(root, partnerId)
  for (const box of boxes) await mkdir(join(home, box), { recursive: true, mode: 0o700 })

  const path = (box: Box, name: string): string => {
    // The last line of defence: whatever a caller got wrong, no file outside the box is named.
    if (!isPlainName(name, 255)) throw new Error('not a plain file name')
    return join(home, box, name)
  }
  return {
    partnerId,
    path,
    folder: (box) => join(home, box),
    async place(box, name, bytes) {
      const target = path(box, name)
      const temporary = run.newFile()
      try {
        const handle = await open(temporary, 'wx', 0o600)
        try {
          await handle.writeFile(bytes)
          await handle.sync()
        } finally {
          await handle.close()
        }
        await rename(temporary, target)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
      await syncFolder(dirname(target))
    },
    async keep(box, name, file) {
      const target = path(box, name)
      await rename(file, target)
      await syncFolder(dirname(target))
    },
    async waiting(endings) {
      let files = 0
      let bytes = 0
      for (const name of await readdir(join(home, 'OutBox'))) {
        if (!isTemporary(name, endings)) continue
        files += 1
        bytes += await lstat(join(home, 'OutBox', name)).then(
          (stat) => stat.size,
          () => 0,
        )
      }
      return { files, bytes }
    },
  }
}

interface Flush {
  running: Promise<void>
  /** The one behind it, that waits for company. */
  next?: Promise<void>
}
const flushes = new Map<string, Flush>()

/**
 * A rename is durable only once its folder is flushed. Those that come while it is being flushed share the flush behind
 * that one.
 */
export function syncFolder(folder: string): Promise<void> {
  const before = flushes.get(folder)
  if (!before) return beginFlush(folder)
  const again = () => beginFlush(folder)
  return (before.next ??= before.running.then(again, again))
}

function beginFlush(folder: string): Promise<void> {
  const flush: Flush = { running: flushed(folder) }
  flushes.set(folder, flush)
  const over = () => void (flush.next ?? flushes.delete(folder))
  flush.running.then(over, over)
  return flush.running
}

async function flushed(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
