// door — the hub's own SFTP server: connections, their bounds and their end. Each connection stands alone: whatever one client
// sends, the others and the process go on.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { mkdir } from 'node:fs/promises'
import ssh2, { type Connection } from 'ssh2'
import type { Accept } from '../../../messages/inbound.js'
import { isPlainName } from '../boxes.js'
import type { Log } from '../log.js'
import type { RenderReceipt } from '../offer.js'
import { createFlow } from './flow.js'
import { hostKeys } from './host-key.js'
import { sftpLimits, type SftpLimits } from './limits.js'
import { createLogin, type Authenticate } from './login.js'
import { openMailbox, type Mailbox } from './mailbox.js'
import { createRecovery } from './recover.js'
import { startRun } from './run.js'
import { createSession, type Session } from './session.js'
import { createSweep } from './sweep.js'
import { createTake } from './take.js'
import type { Budget } from './upload.js'

export interface SftpDoorParts {
  host: string
  /** 0 picks a free one. */
  port: number
  /** The door's private key; made when absent. `<file>.rsa` beside it is served too. */
  hostKeyFile: string
  /** Holds one folder per partner, and `.hub`. One file system. */
  root: string
  accept: Accept
  authenticate: Authenticate
  renderReceipt: RenderReceipt
  limits: Partial<SftpLimits> & { maxBytes: number }
  log: Log
}

export interface SftpDoor {
  port: number
  /** Puts a receipt into a partner's InBox: complete under its final name, flushed, or not at all. Idempotent. */
  deliver(receipt: { partnerId: string; fileName: string; bytes: Buffer }): Promise<void>
  /** Ends a partner's connections at once (its access was withdrawn). */
  disconnect(partnerId: string): void
  /** Waits for files being taken, ends every connection, deletes what was not complete. */
  close(): Promise<void>
}

interface Guest {
  socket: Socket
  partnerId?: string
  mailbox?: Mailbox
  sessions: Set<Session>
  login: NodeJS.Timeout
  idle?: NodeJS.Timeout
  gone: Promise<void>
}

const sessionsPerConnection = 8

export async function startSftpDoor(parts: SftpDoorParts): Promise<SftpDoor> {
  const { root, log } = parts
  const limits = sftpLimits(parts.limits)
  await mkdir(root, { recursive: true, mode: 0o700 })
  const run = await startRun(root)
  const take = createTake({
    accept: parts.accept,
    renderReceipt: parts.renderReceipt,
    maxBytes: limits.maxBytes,
    maxBytesInMemory: limits.maxBytesInMemory,
    log,
  })
  const recovery = createRecovery({ root, run, take, retryMs: limits.retryMs, log })
  const sweep = createSweep({ root, run, keepMs: limits.keepSentMs, log })
  const login = createLogin({ authenticate: parts.authenticate, limits, log })
  const guests = new Map<string, Guest>()
  const budgets = new Map<string, Budget>()
  let stopping = false

  const budgetOf = (partnerId: string): Budget => {
    const budget = budgets.get(partnerId) ?? { used: 0, limit: limits.maxBytesUnderWay }
    budgets.set(partnerId, budget)
    return budget
  }

  const ssh = new ssh2.Server({ hostKeys: await hostKeys(parts.hostKeyFile), ident: 'SingleWindowHub' })
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const ip = socket.remoteAddress ?? ''
    const key = `${ip}|${socket.remotePort}`
    if (stopping || guests.size >= limits.maxConnections || !login.welcome(ip)) return void socket.destroy()
    const guest: Guest = {
      socket,
      sessions: new Set(),
      // Also for those who never say hello: ssh2 tells of a connection only after its first line.
      login: setTimeout(() => socket.destroy(), limits.loginMs),
      gone: new Promise((resolve) => {
        socket.once('close', () => {
          clearTimeout(guest.login)
          clearTimeout(guest.idle)
          void Promise.all([...guest.sessions].map((session) => session.end())).then(() => {
            guests.delete(key)
            resolve()
          })
        })
      }),
    }
    guests.set(key, guest)
    socket.on('error', () => socket.destroy())
    ssh.injectSocket(socket)
  })

  ssh.on('connection', (client, { ip, port }) => {
    const guest = guests.get(`${ip}|${port}`)
    if (!guest) return void client.end()
    const { socket } = guest
    const cut = (): void => void socket.destroy()
    client.on('error', (error: Error) => {
      log.info(
        { ip, ...(guest.partnerId === undefined ? {} : { partnerId: guest.partnerId }), err: error },
        'sftp connection broke',
      )
      // ssh2 only half-closes; a hostile client would keep its end open for ever.
      setTimeout(cut, 1_000).unref()
    })
    // The folders are there before the login succeeds: clients send their first request together with the subsystem's name,
    // and ssh2 drops what arrives before the subsystem is accepted.
    login.attend(client, ip, cut, async (partnerId) => {
      guest.mailbox = await openMailbox({ root, partnerId, run })
      guest.partnerId = partnerId
    })
    client.once('ready', () => {
      clearTimeout(guest.login)
      const { partnerId, mailbox } = guest
      const siblings = [...guests.values()].filter((other) => other.partnerId === partnerId).length
      if (!mailbox || siblings > limits.maxConnectionsPerPartner) {
        log.warn({ ip, partnerId }, 'sftp: too many connections of one partner')
        return cut()
      }
      log.info({ ip, partnerId }, 'sftp login')
      serve(client, guest, mailbox)
    })
  })

  const serve = (client: Connection, guest: Guest, mailbox: Mailbox): void => {
    const flow = createFlow(guest.socket)
    const idle = (guest.idle = setTimeout(() => {
      // Waiting for the ledger is not idling.
      if (flow.pending > 0) return void idle.refresh()
      client.end()
      setTimeout(() => guest.socket.destroy(), 1_000).unref()
    }, limits.idleMs))
    const touched = (): void => void idle.refresh()
    // Shells, commands and tunnels have no listener, so ssh2 refuses them.
    client.on('session', (acceptSession, rejectSession) => {
      if (guest.sessions.size >= sessionsPerConnection) return rejectSession()
      acceptSession().once('sftp', (acceptSftp) => {
        const sftp = acceptSftp()
        const session = createSession({
          sftp,
          mailbox,
          budget: budgetOf(mailbox.partnerId),
          run,
          take,
          flow,
          limits,
          log,
          stopping: () => stopping,
          touched,
        })
        guest.sessions.add(session)
        // The client has said its last word and waits for the channel to be closed, once everything is answered.
        const over = (): void =>
          void session.end().then(() => {
            guest.sessions.delete(session)
            if (!guest.socket.destroyed) sftp.end()
          })
        sftp.once('end', over)
        sftp.once('close', over)
      })
    })
  }

  // Before the first partner can come in: what the last run left behind is claimed now, and taken in the background.
  await recovery.start()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(parts.port, parts.host, () => {
      server.off('error', reject)
      server.on('error', (error) => log.error({ err: error }, 'sftp door'))
      resolve()
    })
  }).catch(async (error: unknown) => {
    await recovery.stop()
    await run.close()
    throw error
  })
  sweep.start()
  const { port } = server.address() as AddressInfo
  log.info({ host: parts.host, port }, 'sftp door open')

  let closed: Promise<void> | undefined
  return {
    port,
    async deliver({ partnerId, fileName, bytes }) {
      if (!isPlainName(fileName, 255))
        throw new Error(`receipt name ${JSON.stringify(fileName)} is not a plain file name`)
      const mailbox = await openMailbox({ root, partnerId, run })
      await mailbox.place('InBox', fileName, bytes)
    },
    disconnect(partnerId) {
      for (const guest of guests.values()) if (guest.partnerId === partnerId) guest.socket.destroy()
    },
    close: () =>
      (closed ??= (async () => {
        stopping = true
        const unlistened = new Promise<void>((resolve) => server.close(() => resolve()))
        const all = [...guests.values()]
        const finished = Promise.all([
          recovery.stop(),
          ...all.flatMap((guest) => [...guest.sessions]).map((session) => session.end()),
        ])
        await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, limits.closeMs).unref())])
        for (const { socket } of all) socket.destroy()
        await unlistened
        await Promise.race([
          Promise.all(all.map(({ gone }) => gone)),
          new Promise((resolve) => setTimeout(resolve, limits.closeMs).unref()),
        ])
        await sweep.stop()
        await run.close()
      })()),
  }
}
