// session — one SFTP connection to somebody else's server: the host is pinned, and every word with it has an end.
import { createHash } from 'node:crypto'
import { connect as connectSocket, type LookupFunction, type Socket } from 'node:net'
import type { Algorithms, SFTPWrapper } from 'ssh2'
import SftpClient from 'ssh2-sftp-client'
import { createBrake } from './brake.js'
import { beforeDeadline } from './deadline.js'
import { handlersOf, leastPacketBytes } from './library.js'

/** Who logs in where. Key or password; times in milliseconds. */
export interface SessionSettings {
  host: string
  port: number
  username: string
  privateKey?: Buffer | string | undefined
  passphrase?: string | undefined
  password?: string | undefined
  /** `SHA256:…` as ssh-keygen -l prints it; several while a server changes its key. */
  hostKeys: string[]
  connectMs: number
  /** One short call. */
  callMs: number
  /** How the host's name is looked up. Default: as the system does it. */
  lookup?: LookupFunction | undefined
}

/**
 * What ssh2 speaks as a client, without what lets the other side choose how much work it is. A group of its choosing
 * (group exchange) is looked through for primes before anybody has shown a host key: seconds to minutes of everybody's
 * time. A packet that is inflated may become a thousand times as large.
 */
const algorithms: Algorithms = {
  kex: [
    'curve25519-sha256@libssh.org',
    'curve25519-sha256',
    'ecdh-sha2-nistp256',
    'ecdh-sha2-nistp384',
    'ecdh-sha2-nistp521',
    'diffie-hellman-group14-sha256',
    'diffie-hellman-group16-sha512',
  ],
  compress: ['none'],
}

/**
 * An open connection. After one call that passed its deadline it is lost: what was under way may or may not have
 * happened.
 */
export interface SftpSession {
  client: SftpClient
  sftp: SFTPWrapper
  /** The promise's own outcome, or a DeadlineError; then the connection is lost. */
  call<T>(what: string, promise: Promise<T>, ms?: number): Promise<T>
  /** A call of the raw protocol as a promise. */
  promised<T>(start: (done: (error: Error | null | undefined, value?: T) => void) => void): Promise<T | undefined>
  /** True once the connection is lost or a deadline has passed. */
  readonly lost: boolean
  /** Breaks it off. */
  drop(): void
  /** Ends it in order. */
  end(): Promise<void>
}

const plain = (key: string) => key.replace(/=+$/, '')

/** Connects, checks the host key and logs in. Everything it opened is closed when it rejects. */
export async function openSession({
  host,
  port,
  username,
  privateKey,
  passphrase,
  password,
  hostKeys,
  connectMs,
  callMs,
  lookup,
}: SessionSettings): Promise<SftpSession> {
  const socket: Socket = connectSocket({ host, port, noDelay: true, ...(lookup ? { lookup } : {}) })
  let lost = false
  const drop = (): void => {
    lost = true
    socket.destroy()
  }
  socket.once('close', drop).on('error', drop)
  const call = <T>(what: string, promise: Promise<T>, ms = callMs): Promise<T> =>
    beforeDeadline(what, ms, promise, drop)

  const pinned = new Set(hostKeys.map(plain))
  let seen: string | undefined
  const client = new SftpClient('hub', { error: drop, end: drop, close: drop })
  const connecting = async (): Promise<SFTPWrapper> => {
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    const connected = client.connect({
      sock: socket,
      username,
      algorithms,
      ...(privateKey === undefined ? {} : { privateKey }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(password === undefined ? {} : { password }),
      readyTimeout: connectMs,
      keepaliveInterval: 10_000,
      keepaliveCountMax: 3,
      hostVerifier: (key: Buffer) =>
        pinned.has((seen = plain(`SHA256:${createHash('sha256').update(key).digest('base64')}`))),
    })
    createBrake(socket)
    refuseTinyPackets(client, drop)
    return connected
  }
  let sftp: SFTPWrapper
  try {
    sftp = await call(`connect to ${host}:${port}`, connecting(), connectMs)
  } catch (error) {
    drop()
    if (seen !== undefined && !pinned.has(seen))
      throw new Error(`host key of ${host}:${port} is ${seen}, not the pinned ${hostKeys.join(', ')}`, { cause: error })
    throw error
  }
  return {
    client,
    sftp,
    call,
    promised: (start) =>
      new Promise((resolve, reject) => start((error, value) => (error ? reject(error) : resolve(value)))),
    get lost() {
      return lost
    },
    drop,
    async end() {
      if (!lost) await beforeDeadline('end', callMs, client.end(), drop).catch(() => undefined)
      drop()
    },
  }
}

/** A server that takes nothing, or a byte at a time, is left before the first packet goes out to it. */
function refuseTinyPackets(client: SftpClient, drop: () => void): void {
  const handlers = handlersOf((client as unknown as { client: unknown }).client)
  if (!handlers) return
  const opened = handlers.CHANNEL_OPEN_CONFIRMATION
  handlers.CHANNEL_OPEN_CONFIRMATION = (protocol, channel) => {
    if (channel.packetSize < leastPacketBytes) drop()
    else opened?.(protocol, channel)
  }
}

/** SSH_FX_NO_SUCH_FILE (draft-ietf-secsh-filexfer-02, 7). */
export const isGone = (error: unknown): boolean => statusOf(error) === 2

/** The server's own status code; undefined when the error is no answer of the server. */
export function statusOf(error: unknown): number | undefined {
  const { code } = (error ?? {}) as { code?: unknown }
  return typeof code === 'number' ? code : undefined
}
