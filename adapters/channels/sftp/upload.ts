// upload — one file while a partner is writing it: a fresh inode in the hub's own folder, seen by nobody until it is
// complete. A crash or a lost connection leaves a file in a private folder that the next start deletes; it can never be
// delivered.
import { constants, copyFile, open, rm, type FileHandle } from 'node:fs/promises'
import { createWrittenRanges } from './written-ranges.js'
import { failure, statusOf } from './refusal.js'

/** Bytes one partner may have under way in all its sessions together. */
export interface Budget {
  used: number
  limit: number
}

interface UploadParts {
  /** Where it is written; must not exist. */
  file: string
  /** An earlier part of the same file to go on with (resume). */
  seed?: string
  maxBytes: number
  budget: Budget
  /** APPEND: every write goes to the end, whatever offset it names. */
  append: boolean
}

/** A file that is being written. It is closed once, by `finish` or by `discard`. */
export interface Upload {
  readonly file: string
  readonly size: number
  /** Set when the file grew beyond the limit: it has been emptied, and every further request on it fails. */
  readonly tooLarge: boolean
  write(offset: number, data: Buffer): Promise<void>
  read(offset: number, length: number): Promise<Buffer>
  truncate(size: number): Promise<void>
  /** Everything written so far is on disk. */
  flush(): Promise<void>
  /**
   * Everything written and complete, or it throws. The file is closed either way. Returns the size in bytes.
   * @param durable also on disk: what waits here for its final name; else the ledger has it before anybody is told
   */
  finish({ durable }: { durable: boolean }): Promise<number>
  /** Breaks the upload off: nothing further is written, the file is deleted. */
  discard(why: string): Promise<void>
  /**
   * Closes early, keeping what has come without a hole (temporary names, for a later resume). Returns how much that is.
   */
  abandon(): Promise<number>
}

/** @throws EEXIST where the file is there already: nothing old is ever written over */
export async function openUpload({ file, seed, maxBytes, budget, append }: UploadParts): Promise<Upload> {
  // COPYFILE_EXCL and wx: never an inode somebody else knows, so nothing old can be destroyed by a failed upload.
  if (seed !== undefined) await copyFile(seed, file, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
  const handle: FileHandle = await open(file, seed === undefined ? 'wx+' : 'r+', 0o600)
  const written = createWrittenRanges()
  let size = seed === undefined ? 0 : (await handle.stat()).size
  let counted = 0
  let broken: string | undefined
  let tooLarge = false
  let closed = false
  written.add(0, size)

  const count = (bytes: number): void => {
    budget.used += bytes - counted
    counted = bytes
  }
  const close = async (): Promise<void> => {
    if (closed) return
    closed = true
    count(0)
    await handle.close()
  }
  const usable = (): void => {
    if (broken !== undefined) throw failure(broken)
    if (closed) throw failure('The file is closed')
  }
  const breakOff = async (why: string): Promise<never> => {
    broken = why
    count(0)
    // The disk is given back now, not when the client gets round to closing.
    if (!closed) await handle.truncate(0).catch(() => undefined)
    throw failure(why)
  }
  count(size)

  return {
    file,
    get size() {
      return size
    },
    get tooLarge() {
      return tooLarge
    },
    async write(offset, data) {
      usable()
      const from = append ? size : offset
      const end = from + data.length
      if (!Number.isSafeInteger(end)) throw failure('The offset is out of range')
      if (end > maxBytes) {
        tooLarge = true
        return breakOff(`The file exceeds the limit of ${maxBytes} bytes`)
      }
      if (end > size && budget.used + (end - size) > budget.limit)
        return breakOff('Too many bytes under way at one time')
      try {
        for (let done = 0; done < data.length;) {
          const { bytesWritten } = await handle.write(data, done, data.length - done, from + done)
          if (bytesWritten === 0) throw new Error('nothing could be written')
          done += bytesWritten
        }
      } catch (error) {
        // Disk full, most likely: what has been written is worthless, and the space is needed.
        broken = statusOf(error).message
        count(0)
        if (!closed) await handle.truncate(0).catch(() => undefined)
        throw error
      }
      usable()
      size = Math.max(size, end)
      count(size)
      if (!written.add(from, end)) await breakOff('The writes are too scattered')
    },
    async read(offset, length) {
      usable()
      const buffer = Buffer.alloc(Math.max(0, Math.min(length, size - offset)))
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset)
      return buffer.subarray(0, bytesRead)
    },
    async truncate(to) {
      usable()
      if (to > maxBytes) throw failure(`The file exceeds the limit of ${maxBytes} bytes`)
      if (to > size && budget.used + (to - size) > budget.limit) throw failure('Too many bytes under way at one time')
      await handle.truncate(to)
      if (to < size) written.cut(to)
      size = to
      count(size)
    },
    async flush() {
      usable()
      await handle.sync()
    },
    async finish({ durable }) {
      try {
        usable()
        if (!written.whole(size)) throw failure('Parts of the file were never written')
        if (durable) await handle.sync()
        const { size: onDisk } = await handle.stat()
        if (onDisk !== size) throw failure('The file on disk has another size than was written')
        return size
      } finally {
        await close()
      }
    },
    async discard(why) {
      broken ??= why
      await close().catch(() => undefined)
      await rm(file, { force: true })
    },
    async abandon() {
      try {
        usable()
        const kept = Math.min(size, written.prefix())
        await handle.truncate(kept)
        await handle.sync()
        return kept
      } finally {
        await close()
      }
    },
  }
}
