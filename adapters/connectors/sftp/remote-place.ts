// remote-place — directories of an agency's SFTP server as a place to hand files over.
import { entriesOf, readWhole, TooLarge } from '../../ssh/reading.js'
import { isGone, statusOf, type SftpSession } from '../../ssh/session.js'
import { PlaceRefusal, type FileSeen, type FilePlace } from '../files/place.js'

/** Every call has an end; one that passes it breaks the connection off. `transferMs` is for a whole file. */
export function remotePlace(session: SftpSession, transferMs: number): FilePlace {
  const { client, sftp, call, promised } = session

  const entries = (dir: string) => entriesOf(session, dir)

  async function sync(path: string): Promise<void> {
    try {
      const handle = await call(
        `open ${path}`,
        promised<Buffer>((done) => sftp.open(path, 'r+', done)),
      )
      if (!handle) return
      // An extension of OpenSSH's; a server without it says so at once.
      await call(
        `sync ${path}`,
        promised((done) => sftp.ext_openssh_fsync(handle, done)),
      ).catch(unlessLost)
      await call(
        `close ${path}`,
        promised((done) => sftp.close(handle, done)),
      )
    } catch (error) {
      unlessLost(error)
    }
  }
  /** What the server cannot do is left; a lost connection is not. */
  function unlessLost(error: unknown): void {
    if (session.lost) throw error
  }

  const place: FilePlace = {
    async list(dir, wanted, most) {
      const found: FileSeen[] = []
      for await (const { filename: name, attrs } of entries(dir)) {
        if (attrs.isFile() && wanted(name)) found.push({ name, size: attrs.size, mtime: attrs.mtime * 1000 })
        if (found.length >= most) break
      }
      return found
    },
    async directories(dir) {
      const names: string[] = []
      try {
        for await (const { filename, attrs } of entries(dir))
          if (attrs.isDirectory() && !filename.startsWith('.')) names.push(filename)
      } catch (error) {
        if (!isGone(error)) throw error
      }
      return names
    },
    async has(path) {
      try {
        await call(
          `stat ${path}`,
          promised((done) => sftp.lstat(path, done)),
        )
        return true
      } catch (error) {
        if (isGone(error)) return false
        throw error
      }
    },
    async stat(path) {
      try {
        const stat = await call(
          `stat ${path}`,
          promised<{ size: number; mtime: number }>((done) => sftp.lstat(path, done)),
        )
        return stat && { name: path.slice(path.lastIndexOf('/') + 1), size: stat.size, mtime: stat.mtime * 1000 }
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },
    async read(path, most) {
      try {
        return await readWhole(session, path, { most, ms: transferMs })
      } catch (error) {
        if (isGone(error)) return undefined
        if (error instanceof TooLarge) throw new PlaceRefusal(error.message)
        throw error
      }
    },
    async write(path, bytes) {
      await call(`write ${path}`, client.put(bytes, path), transferMs)
      const there = await call(
        `stat ${path}`,
        promised<{ size: number }>((done) => sftp.lstat(path, done)),
      )
      if (there?.size !== bytes.length)
        throw new Error(`${path}: ${there?.size ?? 'nothing'} bytes arrived instead of ${bytes.length}`)
      await sync(path)
    },
    async rename(from, to) {
      if (await place.has(to)) return 'taken'
      try {
        await call(`rename to ${to}`, renamed(from, to))
        return 'moved'
      } catch (error) {
        if (isGone(error)) return 'gone'
        // The server's own no. Silence, or a broken connection, says nothing.
        if (statusOf(error) !== undefined && !session.lost) throw new PlaceRefusal(messageOf(error))
        throw error
      }
    },
    async remove(path) {
      try {
        await call(
          `delete ${path}`,
          promised((done) => sftp.unlink(path, done)),
        )
        return true
      } catch (error) {
        if (isGone(error)) return false
        throw error
      }
    },
    async makeDirectory(path) {
      await call(
        `make ${path}`,
        promised((done) => sftp.mkdir(path, done)),
      )
    },
    // The server's own business; nothing in the protocol asks for it.
    sync: async () => {},
    close: () => session.end(),
  }

  /** In one step where the server can: SSH_FXP_RENAME links and unlinks, which leaves both names for a moment. */
  async function renamed(from: string, to: string): Promise<void> {
    let started = false
    try {
      await promised((done) => {
        sftp.ext_openssh_rename(from, to, done)
        started = true
      })
    } catch (error) {
      if (started) throw error
      await promised((done) => sftp.rename(from, to, done))
    }
  }

  return place
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
