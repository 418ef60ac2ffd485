// session — one SFTP channel of one partner: turns the client's requests into work on its mailbox and answers each
// exactly once. What a request does is in requests.ts; here is the order they run in, their bounds, and the end of the
// session.
import type { SFTPWrapper } from 'ssh2'
import { createFileRequests, type FileRequestParts, type OpenThing } from './requests.js'
import type { Room } from '../../../messages/memory-budget.js'
import type { Flow } from './flow.js'
import type { Handles } from './handles.js'
import { createLanes } from './lanes.js'
import { denied, failure, statusOf, STATUS_CODE } from './refusal.js'
import { virtualPath } from './virtual-path.js'

/** @see [startSftpDoor](./door.ts) */
interface SessionParts extends Omit<FileRequestParts, 'uploads'> {
  sftp: SFTPWrapper
  flow: Flow
  /** Room in memory for what the client writes, from its coming in until it is on disk. */
  room: Room
  /** Called at every request; keeps the connection from being ended as idle. */
  touched: () => void
  handles: Handles
}

/** A session under way. */
export interface Session {
  /** Resolves when all requests received are answered and what was not complete is deleted. */
  end(): Promise<void>
  /**
   * The partner may not go on: what it has asked for and is not begun yet is refused, and nothing unfinished is kept.
   */
  withdraw(): void
}

/** What an answer is made with. Exactly one of these is called per request; none may throw when the client is gone. */
export interface SftpReply {
  ok(): void
  eof(): void
  handle(thing: OpenThing): void
  data(bytes: Buffer): void
  name(entries: { filename: string; longname: string; attrs: object }[]): void
  attrs(attrs: object): void
}

/** Answers requests until the channel closes; the client hears each answer once, in whatever order they are done. */
export function createSession(parts: SessionParts): Session {
  const { sftp, flow, handles: descriptors, room: memory, limits, log, mailbox, touched } = parts
  const lanes = createLanes()
  const things = new Map<string, OpenThing>()
  let handles = 0
  /** Handles given out, and those about to be. */
  let open = 0
  let over = false
  let withdrawn = false

  const serve = (id: number, keys: string[], bytes: number, work: (reply: SftpReply) => Promise<void> | void): void => {
    touched()
    flow.enter(bytes)
    lanes.run(keys, async () => {
      try {
        if (withdrawn) throw denied('Access was withdrawn')
        await work(replyTo(id))
      } catch (error) {
        const { status, message } = statusOf(error)
        if (!(error instanceof Error && error.name === 'SftpRefusal'))
          log.warn({ partnerId: mailbox.partnerId, err: error }, 'sftp request failed')
        safely(() => sftp.status(id, status, message))
      } finally {
        // An answer that is left unread counts as a request under way: whoever reads none is read no further.
        if (unsent()) await drained().catch(() => undefined)
        flow.leave(bytes)
        touched()
      }
    })
  }
  const safely = (send: () => void): void => {
    try {
      send()
    } catch (error) {
      // The channel is gone; the work stands.
      log.info({ partnerId: mailbox.partnerId, err: error }, 'sftp answer not sent')
    }
  }
  const replyTo = (id: number): SftpReply => ({
    ok: () => safely(() => sftp.status(id, STATUS_CODE.OK)),
    eof: () => safely(() => sftp.status(id, STATUS_CODE.EOF)),
    data: (bytes) => safely(() => sftp.data(id, bytes)),
    name: (entries) => safely(() => sftp.name(id, entries as Parameters<SFTPWrapper['name']>[1])),
    attrs: (attrs) => safely(() => sftp.attrs(id, attrs as Parameters<SFTPWrapper['attrs']>[1])),
    handle: (thing) => {
      const handle = Buffer.alloc(4)
      handle.writeUInt32BE((handles = (handles + 1) >>> 0))
      things.set(handle.toString('hex'), thing)
      safely(() => sftp.handle(id, handle))
    },
  })

  /** Answers wait while the client leaves earlier ones unread; a thousand that wait look together. */
  const unread = (): boolean => {
    const { _buffer: left, outgoing } = sftp as unknown as { _buffer?: unknown[]; outgoing: { state: string } }
    return outgoing.state === 'open' && (left?.length ?? 0) > 0
  }
  const unsent = (): boolean => flow.clogged(unread)
  let draining: Promise<void> | undefined
  const drained = (): Promise<void> =>
    (draining ??= flow.drained(unread, limits.idleMs).finally(() => (draining = undefined)))
  /** Opens one thing more, if there is room; counted before it is begun, since requests for many may be under way. */
  const openThing = async (reply: SftpReply, opening: () => Promise<OpenThing>): Promise<void> => {
    if (over) throw failure('The session is over')
    if (open >= limits.maxHandles) throw failure(`No more than ${limits.maxHandles} files may be open in one session`)
    const giveBack = descriptors.take(mailbox.partnerId)
    open += 1
    const leave = (): void => {
      open -= 1
      giveBack()
    }
    try {
      const found = await opening()
      closers.set(found, leave)
      reply.handle(found)
    } catch (error) {
      leave()
      throw error
    }
  }
  const closers = new Map<OpenThing, () => void>()
  const closed = (thing: OpenThing): void => {
    closers.get(thing)?.()
    closers.delete(thing)
  }
  /**
   * Paths are read before queuing, so that two spellings of one file share a lane. A bad path gets a lane of its own.
   */
  const lane = (raw: string): string => {
    try {
      return virtualPath(raw).path
    } catch {
      return `?${raw.slice(0, 64)}`
    }
  }
  const thing = (handle: Buffer): OpenThing => {
    const found = things.get(handle.toString('hex'))
    if (!found) throw failure('No such handle')
    return found
  }
  const laneOf = (handle: Buffer): string => `#${handle.toString('hex')}`
  const pathLaneOf = (handle: Buffer): string[] => {
    const found = things.get(handle.toString('hex'))
    return found && found.kind !== 'folder' ? [found.path] : []
  }

  /**
   * While there is no room the write waits, and with it the socket; in the end it fails, and nothing of the file is
   * taken.
   */
  const writeWithin = async (into: OpenThing, offset: number, data: Buffer): Promise<void> => {
    await memory.take(data.length)
    try {
      await requests.write(into, offset, data)
    } finally {
      memory.give(data.length)
    }
  }

  const requests = createFileRequests({ ...parts, uploads: () => [...things.values()] })
  sftp.on('OPEN', (id, path, flags, attrs) =>
    serve(id, [lane(path)], 0, (reply) => openThing(reply, () => requests.open(path, flags, attrs.size))),
  )
  sftp.on('OPENDIR', (id, path) =>
    serve(id, [lane(path)], 0, (reply) => openThing(reply, () => requests.openFolder(path))),
  )
  sftp.on('WRITE', (id, handle, offset, data) =>
    serve(
      id,
      [laneOf(handle)],
      data.length,
      async (reply) => (await writeWithin(thing(handle), offset, data), reply.ok()),
    ),
  )
  sftp.on('READ', (id, handle, offset, length) =>
    serve(id, [laneOf(handle)], 0, async (reply) => {
      await drained()
      const bytes = await requests.read(thing(handle), offset, length)
      if (bytes.length === 0) reply.eof()
      else reply.data(bytes)
    }),
  )
  sftp.on('READDIR', (id, handle) =>
    serve(id, [laneOf(handle)], 0, async (reply) => {
      await drained()
      const page = await requests.page(thing(handle))
      if (page.length === 0) reply.eof()
      else reply.name(page)
    }),
  )
  // The path's lane too: what names this file next waits until it has been taken.
  sftp.on('CLOSE', (id, handle) =>
    serve(id, [laneOf(handle), ...pathLaneOf(handle)], 0, async (reply) => {
      const closing = thing(handle)
      things.delete(handle.toString('hex'))
      await requests.close(closing).finally(() => closed(closing))
      reply.ok()
    }),
  )
  sftp.on('FSTAT', (id, handle) =>
    serve(id, [laneOf(handle)], 0, async (reply) => reply.attrs(await requests.statOpen(thing(handle)))),
  )
  sftp.on('FSETSTAT', (id, handle, attrs) =>
    serve(id, [laneOf(handle)], 0, async (reply) => (await requests.setOpen(thing(handle), attrs.size), reply.ok())),
  )
  sftp.on('STAT', (id, path) =>
    serve(id, [lane(path)], 0, async (reply) => reply.attrs(await requests.stat(path, true))),
  )
  sftp.on('LSTAT', (id, path) =>
    serve(id, [lane(path)], 0, async (reply) => reply.attrs(await requests.stat(path, false))),
  )
  sftp.on('SETSTAT', (id, path, attrs) =>
    serve(id, [lane(path)], 0, async (reply) => (await requests.set(path, attrs.size), reply.ok())),
  )
  sftp.on('REMOVE', (id, path) =>
    serve(id, [lane(path)], 0, async (reply) => (await requests.remove(path), reply.ok())),
  )
  const rename = (id: number, from: string, to: string, over: boolean): void =>
    serve(id, [...new Set([lane(from), lane(to)])], 0, async (reply) => {
      // A file that is taken by its rename is open meanwhile.
      const giveBack = descriptors.take(mailbox.partnerId)
      await requests.rename(from, to, over).finally(giveBack)
      reply.ok()
    })
  sftp.on('RENAME', (id, from, to) => rename(id, from, to, false))
  sftp.on('REALPATH', (id, path) =>
    serve(id, [], 0, (reply) => reply.name([{ filename: requests.realPath(path), longname: '', attrs: {} }])),
  )
  sftp.on('MKDIR', (id) => serve(id, [], 0, () => requests.refuseFolders()))
  sftp.on('RMDIR', (id) => serve(id, [], 0, () => requests.refuseFolders()))
  sftp.on('EXTENDED', (id, name, data: Buffer | undefined) => {
    const strings = data ? stringsIn(data) : []
    const [first, second] = strings
    if (name === 'posix-rename@openssh.com' && strings.length === 2)
      rename(id, first!.toString(), second!.toString(), true)
    else if (name === 'fsync@openssh.com' && strings.length === 1)
      serve(id, [laneOf(first!)], 0, async (reply) => (await requests.flush(thing(first!)), reply.ok()))
    else safely(() => sftp.status(id, STATUS_CODE.OP_UNSUPPORTED, 'Not supported'))
  })
  // SYMLINK, READLINK and everything else without a listener is answered OP_UNSUPPORTED by ssh2.
  sftp.on('error', (error: unknown) => log.info({ partnerId: mailbox.partnerId, err: error }, 'sftp channel broke'))

  let ended: Promise<void> | undefined
  return {
    end: () =>
      (ended ??= (async () => {
        over = true
        // A CLOSE that was received is carried out even when nobody waits for its answer: its sender will come again,
        // and gets the first answer. What was not closed is not complete, and goes.
        await lanes.idle()
        memory.release()
        for (const [key, left] of things) {
          things.delete(key)
          await requests
            .drop(left, withdrawn)
            .catch((error: unknown) => log.warn({ partnerId: mailbox.partnerId, err: error }, 'leftover not cleaned'))
          closed(left)
        }
      })()),
    withdraw() {
      withdrawn = true
    },
  }
}

/** The strings an extended request carries (OpenSSH PROTOCOL, section 4); none when it is malformed. */
function stringsIn(data: Buffer): Buffer[] {
  const found: Buffer[] = []
  for (let at = 0; at < data.length;) {
    const next = at + 4 > data.length ? data.length + 1 : at + 4 + data.readUInt32BE(at)
    if (next > data.length) return []
    found.push(Buffer.from(data.subarray(at + 4, next)))
    at = next
  }
  return found
}
