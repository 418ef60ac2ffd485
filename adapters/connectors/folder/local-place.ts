// local-place — directories of this machine, or of a share mounted on it, as a place to hand files over.
import { constants, type Dirent } from 'node:fs'
import { access, lstat, mkdir, open, opendir, readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { PlaceRefusal, type FileSeen, type FilePlace } from '../files/place.js'

/** Renames within one file system; each file and its folder are flushed before it counts as there. */
export const localPlace: FilePlace = {
  async list(dir, wanted, most) {
    const found: FileSeen[] = []
    // Closes itself, also when the loop is left early.
    for await (const entry of await opendir(dir)) {
      if (!entry.isFile() || !wanted(entry.name)) continue
      const stat = await gone(lstat(join(dir, entry.name)))
      if (stat) found.push({ name: entry.name, size: stat.size, mtime: stat.mtimeMs })
      if (found.length >= most) break
    }
    return found
  },

  async directories(dir) {
    const entries: Dirent[] = (await gone(readdir(dir, { withFileTypes: true }))) ?? []
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  },

  async has(path) {
    return (await gone(access(path, constants.F_OK).then(() => true))) ?? false
  },

  async read(path, most) {
    // Neither a link, nor a pipe on which opening or reading would wait for ever.
    const file = await gone(open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK))
    if (!file) return undefined
    try {
      const stat = await file.stat()
      if (!stat.isFile()) throw new PlaceRefusal(`${path} is no file`)
      if (stat.size > most) throw new PlaceRefusal(`${path} has ${stat.size} bytes, more than ${most}`)
      // Not to its end, which somebody may still be moving.
      const bytes = Buffer.alloc(stat.size)
      let got = 0
      for (let more = 1; more > 0 && got < bytes.length; got += more)
        more = (await file.read(bytes, got, bytes.length - got, got)).bytesRead
      return bytes.subarray(0, got)
    } finally {
      await file.close()
    }
  },

  async write(path, bytes) {
    // Whoever else may write to the share could put a link there, to a file of the hub.
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
    const file = await open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o660)
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  },

  async rename(from, to) {
    // One step, so that the staged file is gone exactly when the final one is there. A link would refuse to replace a
    // file of this name, but leaves both for a moment; only this submission's own file could have the name, so a look
    // is enough.
    let asked = false
    try {
      if (await localPlace.has(to)) return 'taken'
      asked = true
      await rename(from, to)
      return 'moved'
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return 'gone'
      if (!asked || refusals.has(codeOf(error) ?? '')) throw new PlaceRefusal(messageOf(error))
      throw error
    }
  },

  async stat(path) {
    const stat = await gone(lstat(path))
    return stat && { name: path.slice(path.lastIndexOf('/') + 1), size: stat.size, mtime: stat.mtimeMs }
  },

  async remove(path) {
    return (await gone(unlink(path).then(() => true))) ?? false
  },

  async makeDirectory(path) {
    await mkdir(path).catch((error: unknown) =>
      codeOf(error) === 'EEXIST' ? undefined : Promise.reject(error as Error),
    )
  },

  async sync(dir) {
    const handle = await unable(open(dir, 'r'))
    if (!handle) return
    try {
      await unable(handle.sync())
    } finally {
      await handle.close()
    }
  },

  close: async () => {},
}

/** Undefined when there is no such file. */
async function gone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** Windows, and some shares, cannot sync a directory; a disk that fails to is an error. */
async function unable<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (
      ['EPERM', 'EACCES', 'EISDIR', 'EINVAL', 'EBADF', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(codeOf(error) ?? '')
    )
      return undefined
    throw error
  }
}

/**
 * The system's own no: nothing happened. Any other (EIO, ETIMEDOUT, ESTALE, EHOSTDOWN …) a share says whose server is
 * gone, and its server may have done what was asked.
 */
const refusals = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EXDEV', 'EMLINK', 'EBUSY', 'ETXTBSY', 'EINVAL'],
  ...['EEXIST', 'ENOTEMPTY', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'],
])

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code
const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
