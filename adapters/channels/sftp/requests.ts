// requests — what each SFTP request means for a partner's mailbox. Every refusal is thrown; the session turns it into a
// status.
//
//   OPEN for writing, OutBox only ─ WRITE… ─ CLOSE ─ final name: taken before CLOSE is answered
//                                                  └ temporary name: waits in OutBox ─ RENAME to a final name: taken
import { constants, open, rename as renameFile, rm, lstat, type FileHandle } from 'node:fs/promises'
import { isTemporary as isTemporaryName } from '../../temporary-names.js'
import {
  attributesOf,
  fileAttributes,
  folderAttributes,
  listBox,
  listRoot,
  type Attributes,
  type Entry,
  type Listing,
} from './listing.js'
import type { Log } from '../log.js'
import type { SftpLimits } from './limits.js'
import { syncFolder, type Mailbox } from './mailbox.js'
import { denied, failure, noSuchFile, unsupported, STATUS_CODE, SftpRefusal } from './refusal.js'
import type { Run } from './run.js'
import type { Take } from './take.js'
import { openUpload, type Budget, type Upload } from './upload.js'
import { filePath, outBoxPath, virtualPath } from './virtual-path.js'

/** What a handle of a client stands for. */
export type OpenThing =
  | { kind: 'folder'; listing: Listing }
  | { kind: 'file'; path: string; file: FileHandle }
  | { kind: 'upload'; path: string; name: string; upload: Upload; deadline: NodeJS.Timeout }

/** SSH_FXF_… (draft-ietf-secsh-filexfer-02, 6.3) */
const flag = { read: 1, write: 2, append: 4, create: 8, truncate: 16, exclusive: 32 }
/** Largest answer to one READ; what OpenSSH takes as its packet limit, less overhead. */
const maxRead = 255 * 1024
/** How long after CLOSE the client's own check of the size (paramiko and others STAT once) still finds the file. */
const echoMs = 10_000

/** @see [createSession](./session.ts), [startSftpDoor](./door.ts) */
export interface FileRequestParts {
  mailbox: Mailbox
  budget: Budget
  run: Run
  take: Take
  limits: SftpLimits
  log: Log
  /** True once the hub is closing: nothing new is begun. */
  stopping: () => boolean
  /** What this session has open. */
  uploads: () => OpenThing[]
}

/** What each request of one session does to files. Each call throws SftpRefusal for what is refused. */
export function createFileRequests({ mailbox, budget, run, take, limits, log, stopping, uploads }: FileRequestParts) {
  /**
   * Files of this session that were taken: gone from OutBox, yet the client may want to set their times or look at
   * their size.
   */
  const taken = new Map<string, { size: number; at: number; asked: boolean }>()
  const remember = (path: string, size: number): void => {
    taken.delete(path)
    taken.set(path, { size, at: Date.now(), asked: false })
    const [oldest] = taken.keys()
    if (taken.size > 1000 && oldest !== undefined) taken.delete(oldest)
  }
  const { partnerId } = mailbox
  const isTemporary = (name: string): boolean => isTemporaryName(name, limits.temporaryEndings)

  const openForWriting = async (raw: string, flags: number): Promise<OpenThing> => {
    const { name, path } = outBoxPath(raw)
    const box = 'OutBox'
    if (stopping()) throw failure('The hub is stopping; send it again later')
    if (await take.isFull(mailbox))
      throw failure('InBox is full of receipts of refused files: read and delete them, then send again')
    const there = isTemporary(name) ? await lstat(mailbox.path(box, name)).catch(() => undefined) : undefined
    if (there && flags & flag.create && flags & flag.exclusive) throw failure('The file exists')
    if (!there && !(flags & flag.create)) throw noSuchFile()
    const waiting = await mailbox.waiting(limits.temporaryEndings)
    if (!there && waiting.files >= limits.maxFiles)
      throw failure(`More than ${limits.maxFiles} files wait in OutBox under temporary names`)
    const seed = there?.isFile() && !(flags & flag.truncate) ? mailbox.path(box, name) : undefined
    const room = { used: budget.used + waiting.bytes, limit: budget.limit }
    if (room.used >= room.limit) throw failure('Too many bytes under way; rename or remove what waits in OutBox')
    const upload = await openUpload({
      file: run.newFile(),
      ...(seed === undefined ? {} : { seed }),
      maxBytes: limits.maxBytes,
      budget,
      append: (flags & flag.append) !== 0,
    })
    const deadline = setTimeout(() => {
      log.warn({ partnerId, name, size: upload.size }, 'upload took too long')
      upload
        .discard('The upload took too long')
        .catch((error: unknown) => log.warn({ partnerId, name, err: error }, 'upload not cleaned'))
    }, limits.uploadMs).unref()
    return { kind: 'upload', path, name, upload, deadline }
  }

  const openForReading = async (raw: string): Promise<OpenThing> => {
    const { box, name, path } = filePath(raw)
    const file = await open(mailbox.path(box, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    if ((await file.stat()).isFile()) return { kind: 'file', path, file }
    await file.close()
    throw denied('This is no file')
  }

  /**
   * A complete upload under its final name. Whatever happens, the client knows: OK is said only after the ledger has
   * it.
   */
  const takeUpload = async (upload: Upload, name: string, path: string, size: number): Promise<void> => {
    try {
      await take.take(mailbox, upload.file, name)
      remember(path, size)
    } catch (error) {
      log.warn({ partnerId, name, size, err: error }, 'file not taken; the partner was told to send it again')
      throw failure('Not taken, send it again later')
    } finally {
      await rm(upload.file, { force: true })
    }
  }

  return {
    async open(raw: string, flags: number, _size?: number): Promise<OpenThing> {
      return flags & (flag.write | flag.append) ? openForWriting(raw, flags) : openForReading(raw)
    },
    async openFolder(raw: string): Promise<OpenThing> {
      const found = virtualPath(raw)
      if (found.kind === 'file') throw noSuchFile()
      return { kind: 'folder', listing: found.kind === 'root' ? listRoot() : await listBox(mailbox, found.box) }
    },
    async page(thing: OpenThing): Promise<Entry[]> {
      if (thing.kind !== 'folder') throw failure('This is no folder')
      return thing.listing.page()
    },
    async write(thing: OpenThing, offset: number, data: Buffer): Promise<void> {
      if (thing.kind !== 'upload') throw denied('This handle is not open for writing')
      await thing.upload.write(offset, data)
    },
    async read(thing: OpenThing, offset: number, length: number): Promise<Buffer> {
      if (thing.kind === 'folder') throw failure('This is a folder')
      if (!Number.isSafeInteger(offset)) throw failure('The offset is out of range')
      if (thing.kind === 'upload') return thing.upload.read(offset, Math.min(length, maxRead))
      const buffer = Buffer.alloc(Math.min(length, maxRead))
      const { bytesRead } = await thing.file.read(buffer, 0, buffer.length, offset)
      return buffer.subarray(0, bytesRead)
    },
    async close(thing: OpenThing): Promise<void> {
      if (thing.kind === 'folder') return thing.listing.close()
      if (thing.kind === 'file') return thing.file.close()
      const { upload, name, path, deadline } = thing
      clearTimeout(deadline)
      let size: number
      try {
        size = await upload.finish({ durable: isTemporary(name) })
      } catch (error) {
        await upload.discard('broken')
        // OpenSSH's client does not show why a write failed, so the reason also waits in FailBox and InBox.
        if (upload.tooLarge) await take.tellTooLarge(mailbox, name)
        throw error
      }
      if (!isTemporary(name)) return takeUpload(upload, name, path, size)
      await mailbox.keep('OutBox', name, upload.file).finally(() => rm(upload.file, { force: true }))
    },
    async statOpen(thing: OpenThing): Promise<Attributes> {
      if (thing.kind === 'folder') return folderAttributes()
      return thing.kind === 'upload'
        ? fileAttributes(thing.upload.size, Date.now())
        : attributesOf(await thing.file.stat())
    },
    /** What has come is on disk (fsync@openssh.com). */
    async flush(thing: OpenThing): Promise<void> {
      if (thing.kind !== 'upload') throw failure('This handle is not open for writing')
      await thing.upload.flush()
    },
    /** Times, owners and modes are heard and forgotten; a size counts while the file is being written. */
    async setOpen(thing: OpenThing, size?: number): Promise<void> {
      if (thing.kind === 'folder' || size === undefined) return
      if (thing.kind === 'file') throw denied('This handle is not open for writing')
      await thing.upload.truncate(size)
    },
    /** `check`: STAT, which some clients use once after CLOSE to compare sizes. LSTAT sees only what is there. */
    async stat(raw: string, check: boolean): Promise<Attributes> {
      const found = virtualPath(raw)
      if (found.kind !== 'file') return folderAttributes()
      const writing = uploads().find((thing) => thing.kind === 'upload' && thing.path === found.path)
      if (writing?.kind === 'upload') return fileAttributes(writing.upload.size, Date.now())
      const stat = await lstat(mailbox.path(found.box, found.name)).catch(() => undefined)
      if (stat?.isFile()) return attributesOf(stat)
      const echo = taken.get(found.path)
      if (!check || !echo || echo.asked || Date.now() - echo.at > echoMs) throw noSuchFile()
      echo.asked = true
      return fileAttributes(echo.size, echo.at)
    },
    /**
     * WinSCP and `put -p` set times after CLOSE, when the file has long been taken: that succeeds and changes nothing.
     */
    async set(raw: string, size?: number): Promise<void> {
      const found = virtualPath(raw)
      if (found.kind !== 'file' || taken.has(found.path)) return
      const writing = uploads().find((thing) => thing.kind === 'upload' && thing.path === found.path)
      if (writing?.kind === 'upload') return size === undefined ? undefined : writing.upload.truncate(size)
      const stat = await lstat(mailbox.path(found.box, found.name))
      if (size !== undefined && size !== stat.size) throw unsupported()
    },
    async remove(raw: string): Promise<void> {
      const { box, name } = filePath(raw)
      // unlink removes a link, never what it points to. Receipts and copies are the partner's to tidy: the ledger keeps
      // all.
      await rm(mailbox.path(box, name))
    },
    async rename(rawFrom: string, rawTo: string, replace: boolean): Promise<void> {
      const from = filePath(rawFrom)
      const to = filePath(rawTo)
      if (from.box !== 'OutBox' || to.box !== 'OutBox') throw denied('Files may be renamed within OutBox only')
      const source = mailbox.path('OutBox', from.name)
      const stat = await lstat(source).catch(() => undefined)
      if (!stat?.isFile()) {
        // Uploaded under what the hub holds for a final name and taken at CLOSE: there is nothing left to rename, and
        // no harm done.
        if (taken.has(from.path)) return remember(to.path, taken.get(from.path)?.size ?? 0)
        throw noSuchFile()
      }
      if (isTemporary(to.name)) {
        const there = await lstat(mailbox.path('OutBox', to.name)).catch(() => undefined)
        if (there && !replace) throw new SftpRefusal(STATUS_CODE.FAILURE, 'A file of that name exists')
        await renameFile(source, mailbox.path('OutBox', to.name))
        return syncFolder(mailbox.folder('OutBox'))
      }
      if (stopping()) throw failure('The hub is stopping; rename it again later')
      // From here on the file is the hub's alone. A crash before the ledger has it: the next start finds and takes it.
      const claimed = await run.claim(source, partnerId, to.name)
      try {
        await take.take(mailbox, claimed.file, to.name)
        remember(to.path, stat.size)
      } catch (error) {
        log.warn(
          { partnerId, name: to.name, err: error },
          'file not taken; it waits in OutBox under its temporary name',
        )
        await renameFile(claimed.file, source)
        throw failure('Not taken, rename it again later')
      }
    },
    realPath(raw: string): string {
      return virtualPath(raw).path
    },
    refuseFolders(): never {
      throw denied('The four folders are all there are; put files into OutBox 请将文件放入 OutBox')
    },
    /**
     * The session is over and this was still open: what was not complete is no message. A temporary file may be
     * resumed, unless its sender may not come again (`withdrawn`).
     */
    async drop(thing: OpenThing, withdrawn: boolean): Promise<void> {
      if (thing.kind === 'folder') return thing.listing.close()
      if (thing.kind === 'file') return thing.file.close()
      clearTimeout(thing.deadline)
      const { upload, name } = thing
      try {
        if (!withdrawn && isTemporary(name) && (await upload.abandon()) > 0)
          return await mailbox.keep('OutBox', name, upload.file)
      } catch (error) {
        log.warn({ partnerId, name, err: error }, 'partial upload not kept')
      }
      await upload.discard('the connection was lost')
    },
  }
}
