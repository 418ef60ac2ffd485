// remote — one connection to a partner's own SFTP server: a handful of calls, each with a deadline, each on a pinned
// host.
import { randomBytes } from 'node:crypto'
import { posix } from 'node:path'
import type { PartnerSettings } from '../../../messages/partner.js'
import { lookupOf, namesOfOthers } from '../../names-of-others.js'
import { boxes, type Box } from '../boxes.js'
import { entriesOf, readWhole } from '../../ssh/reading.js'
import { isGone, openSession } from '../../ssh/session.js'

type PollSettings = NonNullable<PartnerSettings['poll']>

/** Deadlines in milliseconds; who passes one has lost the connection. */
export interface RemoteLimits {
  connectMs: number
  /** One short call: list a page, rename, stat. */
  callMs: number
  /** One whole file, either way. */
  transferMs: number
}

/** A file as a listing shows it. */
export interface RemoteFile {
  name: string
  size: number
  /** As the other side says it, in seconds. Compared with itself only, never with our clock. */
  mtime: number
}

/** What a poll asks of the partner's server. Every call rejects once the connection is lost. */
export interface Remote {
  /** False once the connection is lost or a deadline has passed. */
  readonly alive: boolean
  /** Plain files of a box that `wanted` names, at most `most`; reads no further than it must. */
  list(box: Box, wanted: (name: string) => boolean, most: number): Promise<RemoteFile[]>
  /** Undefined when there is no such file. */
  stat(box: Box, name: string): Promise<RemoteFile | undefined>
  /** The whole file, never more than `maxBytes` of it: a longer one rejects. */
  read(box: Box, name: string, maxBytes: number): Promise<Buffer>
  /** Fails when the target exists, on servers that keep to the draft. False when the source is gone. */
  claim(box: Box, from: string, to: string): Promise<boolean>
  /** Moves, replacing what is there. Nothing to do when the source is gone. */
  move(from: { box: Box; name: string }, to: { box: Box; name: string }): Promise<void>
  /** A whole file under its final name: written under a temporary one, its size checked, then renamed. */
  write(box: Box, name: string, bytes: Buffer): Promise<void>
  close(): Promise<void>
}

/**
 * Connects, checks the host key, logs in and makes the boxes that are missing. Everything it opened is closed when it
 * rejects.
 */
export async function connectRemote({
  settings,
  limits,
  secret,
  readKey,
}: {
  settings: PollSettings
  limits: RemoteLimits
  secret: (name: string) => string | undefined
  readKey: (keyFile: string) => Promise<Buffer>
}): Promise<Remote> {
  const { host, port, username } = settings
  const privateKey = settings.keyFile === undefined ? undefined : await readKey(settings.keyFile)
  const password = settings.passwordEnv === undefined ? undefined : secret(settings.passwordEnv)
  const session = await openSession({
    host,
    port,
    username,
    privateKey,
    password,
    hostKeys: [settings.hostKey],
    lookup: lookupOf(namesOfOthers),
    ...limits,
  })
  const { client, sftp, call, promised } = session

  const path = (box: Box, name: string): string => posix.join(settings.directory, box, name)
  const replace = async (from: string, to: string): Promise<void> => {
    try {
      // Atomic, where the server has OpenSSH's extension.
      await call(
        `replace ${to}`,
        promised((done) => sftp.ext_openssh_rename(from, to, done)),
      )
    } catch (error) {
      if (session.lost || isGone(error)) throw error
      await call(`delete ${to}`, client.delete(to, true)).catch(() => undefined)
      await call(
        `rename to ${to}`,
        promised((done) => sftp.rename(from, to, done)),
      )
    }
  }

  const remote: Remote = {
    get alive() {
      return !session.lost
    },
    async list(box, wanted, most) {
      const found: RemoteFile[] = []
      if (most <= 0) return found
      for await (const { filename: name, attrs } of entriesOf(session, path(box, ''))) {
        if (attrs.isFile() && wanted(name)) found.push({ name, size: attrs.size, mtime: attrs.mtime })
        if (found.length >= most) break
      }
      return found
    },
    async stat(box, name) {
      try {
        const stat = await call(
          `stat ${name}`,
          promised<{ size: number; mtime: number }>((done) => sftp.lstat(path(box, name), done)),
        )
        return stat && { name, size: stat.size, mtime: stat.mtime }
      } catch (error) {
        if (isGone(error)) return undefined
        throw error
      }
    },
    read: (box, name, maxBytes) => readWhole(session, path(box, name), { most: maxBytes, ms: limits.transferMs }),
    async claim(box, from, to) {
      try {
        await call(
          `claim ${from}`,
          promised((done) => sftp.rename(path(box, from), path(box, to), done)),
        )
        return true
      } catch (error) {
        if (isGone(error)) return false
        throw error
      }
    },
    async move(from, to) {
      try {
        await replace(path(from.box, from.name), path(to.box, to.name))
      } catch (error) {
        if (!isGone(error)) throw error
      }
    },
    async write(box, name, bytes) {
      const temporary = `.hub-${randomBytes(8).toString('hex')}.part`
      try {
        await call(`write ${name}`, client.put(bytes, path(box, temporary)), limits.transferMs)
        const there = await remote.stat(box, temporary)
        if (there?.size !== bytes.length)
          throw new Error(`${name}: ${there?.size ?? 'nothing'} bytes arrived instead of ${bytes.length}`)
        await replace(path(box, temporary), path(box, name))
      } catch (error) {
        if (!session.lost)
          await call(`delete ${temporary}`, client.delete(path(box, temporary), true)).catch(() => undefined)
        throw error
      }
    },
    close: () => session.end(),
  }
  try {
    for (const box of boxes) {
      if (await remote.stat(box, '')) continue
      await call(
        `make ${box}`,
        promised((done) => sftp.mkdir(path(box, ''), done)),
      )
    }
  } catch (error) {
    await remote.close()
    throw error
  }
  return remote
}
