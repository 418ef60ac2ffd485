// door — the hub's own SFTP server: connections, their bounds and their end. Each connection stands alone: whatever one
// client sends, the others and the process go on.
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { lstat, mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from 'ssh2'
import { createBrake, type Brake } from '../../ssh/brake.js'
import { inRanges } from '../../trust/address-ranges.js'
import { leastPacketBytes, ssh2 } from '../../ssh/library.js'
import type { Accept } from '../../../messages/inbound.js'
import type { MemoryBudget } from '../../../messages/memory-budget.js'
import type { SignBytes } from '../../../messages/sign-bytes.js'
import type { Rates } from '../../../messages/rates.js'
import { isPartnerFolder, isPlainName } from '../boxes.js'
import type { Log } from '../log.js'
import type { RenderReceipt } from '../offer.js'
import { createStrangers, stage, type Stranger } from '../strangers.js'
import { algorithms, servedKeys } from './algorithms.js'
import { announceExtensions, endChannel } from './extensions.js'
import { createFlow } from './flow.js'
import { createHandles } from './handles.js'
import { hostKeys } from './host-key.js'
import { sftpLimits, type SftpLimits } from './limits.js'
import { createLogin, type Authenticate, type Pass } from './login.js'
import { openMailbox, type Mailbox } from './mailbox.js'
import { callerBehind } from './proxied.js'
import { createRecovery } from './recover.js'
import { startRun } from './run.js'
import { createSession, type Session } from './session.js'
import { createSweep } from './sweep.js'
import { createTake } from './take.js'
import type { Budget } from './upload.js'

/** @see [startFileDoors](../../../hub/doors/file-doors.ts) */
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
  /** @see [receiptToXml](../../../messages/receipt-xml.ts) */
  renderReceipt: RenderReceipt
  /** Receipts get a signature beside them; absent: they get none. */
  sign?: SignBytes | undefined
  /** Where room in memory comes from for files that are taken, and for what is written to them. */
  memory: MemoryBudget
  rates: Pick<Rates, 'turn'>
  limits: Partial<SftpLimits> & { maxBytes: number }
  /**
   * Addresses and ranges of the load balancers whose connections begin with who calls, by the PROXY protocol. None: the
   * caller is who connects.
   */
  trustedProxies?: readonly string[] | undefined
  log: Log
}

/** The door while it listens. */
export interface SftpDoor {
  port: number
  /** Puts a receipt into a partner's InBox: complete under its final name, flushed, or not at all. Idempotent. */
  deliver(receipt: { partnerId: string; fileName: string; bytes: Buffer }): Promise<void>
  /** The partner has been here: its mailbox is in this folder. */
  hasMailbox(partnerId: string): Promise<boolean>
  /** Some partner has. */
  hasMailboxes(): Promise<boolean>
  /**
   * Ends at once the connections of all whose key, password or partner opens the door no longer. What they were
   * uploading is discarded. Resolves when all have been looked at.
   */
  recheck(): Promise<void>
  /** How many of what there is a bound for. */
  usage(): { connections: number; strangers: number; strangersDropped: number; handles: number }
  /** Waits for files being taken, ends every connection, deletes what was not complete. */
  close(): Promise<void>
}

interface Guest {
  socket: Socket
  /** The caller's address, also behind a balancer. */
  ip: string
  stranger: Stranger
  /** Set once it has shown who it is; the client hears of it a moment later. */
  pass?: Pass
  /** Which look at all passes was the last when this one was read. */
  checked: number
  loggedIn?: boolean
  mailbox?: Mailbox
  sessions: Set<Session>
  brake: Brake
  login: NodeJS.Timeout
  idle?: NodeJS.Timeout
  gone: Promise<void>
}

const sessionsPerConnection = 8
/** A client says its first line at once; a slow line and a busy hub may take this long. */
const silentMs = 1_000
const fewStrangersPerAddress = 10
/** A balancer says who calls as soon as it has connected. */
const balancerMs = 5_000

/** The other end of a connection: two that are open at one time never share it. */
const endOf = (ip: string | undefined, port: number | undefined): string => `${ip ?? ''}|${port}`
const balancerSilent =
  'sftp: a balancer did not say who calls. Let it send the PROXY protocol (HAProxy: send-proxy-v2), or take its ' +
  'address out of sftp.trustedProxies'

/** The largest packet the client takes on this channel, as it says. */
const packetBytesOf = (asked: object): number =>
  (asked as { _chanInfo: { outgoing: { packetSize: number } } })._chanInfo.outgoing.packetSize

/**
 * Listens when it resolves. What a dead run left in the folder of mailboxes is claimed before the first partner can
 * come in.
 * @throws the error of the port, with nothing left running
 */
export async function startSftpDoor(parts: SftpDoorParts): Promise<SftpDoor> {
  const { root, log } = parts
  const limits = sftpLimits(parts.limits)
  await mkdir(root, { recursive: true, mode: 0o700 })
  const run = await startRun(root, limits.silenceMs)
  const take = createTake({
    accept: parts.accept,
    renderReceipt: parts.renderReceipt,
    sign: parts.sign,
    maxBytes: limits.maxBytes,
    maxCopiesPerDay: limits.maxCopiesPerDay,
    maxUnread: limits.maxUnread,
    memory: parts.memory,
    rates: parts.rates,
    log,
  })
  const recovery = createRecovery({
    root,
    run,
    take,
    retryMs: limits.retryMs,
    lookMs: limits.lookMs,
    temporaryEndings: limits.temporaryEndings,
    log,
  })
  const sweep = createSweep({ root, keepMs: limits.keepSentMs, temporaryEndings: limits.temporaryEndings, log })
  const login = createLogin({ authenticate: parts.authenticate, limits, log })
  const guests = new Map<string, Guest>()
  const budgets = new Map<string, Budget>()
  const handles = createHandles({ perPartner: limits.maxHandlesPerPartner, inAll: limits.maxHandlesInAll })
  const strangers = createStrangers({
    fewPerAddress: Math.min(fewStrangersPerAddress, limits.maxStrangersPerAddress),
    mostPerAddress: limits.maxStrangersPerAddress,
    most: limits.maxStrangers,
    graceMs: silentMs,
  })
  let stopping = false
  let checks = 0

  const budgetOf = (partnerId: string): Budget => {
    const budget = budgets.get(partnerId) ?? { used: 0, limit: limits.maxBytesUnderWay }
    budgets.set(partnerId, budget)
    return budget
  }

  const ssh = new ssh2.Server({
    hostKeys: servedKeys(await hostKeys(parts.hostKeyFile)),
    algorithms,
    ident: 'SingleWindowHub',
  })
  /** Of balancers that have not said yet who calls. */
  const arriving = new Set<Socket>()
  const isBalancer = (ip: string): boolean =>
    (parts.trustedProxies?.length ?? 0) > 0 && inRanges(parts.trustedProxies, ip)
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    const ip = socket.remoteAddress ?? ''
    socket.on('error', () => socket.destroy())
    if (stopping) return void socket.destroy()
    if (!isBalancer(ip)) return welcome(socket, ip)
    arriving.add(socket)
    callerBehind(socket, balancerMs)
      .then(
        (caller) => {
          if (stopping || socket.destroyed) return void socket.destroy()
          welcome(socket, caller?.address ?? ip)
          socket.resume()
        },
        (err: unknown) => {
          log.warn({ ip, err }, balancerSilent)
          socket.destroy()
        },
      )
      .finally(() => arriving.delete(socket))
  })

  const welcome = (socket: Socket, ip: string): void => {
    const key = endOf(socket.remoteAddress, socket.remotePort)
    const guest: Guest = {
      socket,
      ip,
      stranger: strangers.enter(ip, () => socket.destroy()),
      checked: checks,
      sessions: new Set(),
      brake: createBrake(socket),
      // Also for those who never say hello: ssh2 tells of a connection only after its first line.
      login: setTimeout(() => socket.destroy(), limits.loginMs),
      gone: new Promise((resolve) => {
        socket.once('close', () => {
          clearTimeout(guest.login)
          clearTimeout(guest.idle)
          guest.stranger.leave()
          void Promise.all([...guest.sessions].map((session) => session.end())).then(() => {
            guests.delete(key)
            resolve()
          })
        })
      }),
    }
    // Crowded out by those before it.
    if (socket.destroyed) return
    guests.set(key, guest)
    ssh.injectSocket(socket)
  }

  ssh.on('connection', (client, end) => {
    const guest = guests.get(endOf(end.ip, end.port))
    if (!guest) return void client.end()
    const { socket, stranger, ip } = guest
    stranger.reached(stage.greeted)
    client.once('handshake', () => stranger.reached(stage.agreed))
    const cut = (): void => void socket.destroy()
    client.on('error', (error: Error) => {
      log.info({ ip, ...(guest.pass ? { partnerId: guest.pass.partnerId } : {}), err: error }, 'sftp connection broke')
      // ssh2 only half-closes; a hostile client would keep its end open for ever.
      setTimeout(cut, 1_000).unref()
    })
    // The folders are there before the login succeeds: clients send their first request together with the subsystem's
    // name, and ssh2 drops what arrives before the subsystem is accepted.
    client.on('authentication', () => void (guest.checked = checks))
    login.attend(client, ip, cut, async (pass) => {
      guest.mailbox = await openMailbox({ root, partnerId: pass.partnerId, run })
      guest.pass = pass
    })
    client.once('ready', () => {
      clearTimeout(guest.login)
      stranger.leave()
      guest.loggedIn = true
      const { pass, mailbox } = guest
      const others = [...guests.values()].filter(({ loggedIn }) => loggedIn)
      const siblings = others.filter((other) => other.pass?.partnerId === pass?.partnerId)
      if (
        !pass ||
        !mailbox ||
        siblings.length > limits.maxConnectionsPerPartner ||
        others.length > limits.maxConnections
      ) {
        log.warn(
          { ip, partnerId: pass?.partnerId, own: siblings.length, all: others.length },
          'sftp: too many connections',
        )
        return cut()
      }
      log.info({ ip, partnerId: pass.partnerId }, 'sftp login')
      serve(client, guest, mailbox)
      // Access may have been withdrawn while the login was under way.
      if (guest.checked !== checks) void recheckOne(guest)
    })
  })

  const recheckOne = async (guest: Guest): Promise<void> => {
    const { pass } = guest
    if (!pass || guest.socket.destroyed) return
    // A ledger that is away withdraws nothing; the next look is soon.
    const welcome = await parts.authenticate.still(pass).catch((error: unknown) => {
      log.warn({ partnerId: pass.partnerId, err: error }, 'sftp: access could not be looked at again')
      return true
    })
    if (welcome || guest.socket.destroyed) return
    log.warn({ partnerId: pass.partnerId }, 'sftp: access withdrawn, connection ended')
    for (const session of guest.sessions) session.withdraw()
    guest.socket.destroy()
  }

  const serve = (client: Connection, guest: Guest, mailbox: Mailbox): void => {
    const flow = createFlow(guest.socket, guest.brake)
    const idle = (guest.idle = setTimeout(() => {
      // Waiting for the ledger is not idling.
      if (flow.pending > 0) return void idle.refresh()
      // Who reads no answers reads no farewell either; and until it is gone it would be read on.
      if (guest.socket.writableLength > 0) return void guest.socket.destroy()
      client.end()
      setTimeout(() => guest.socket.destroy(), 1_000).unref()
    }, limits.idleMs))
    const touched = (): void => void idle.refresh()
    // Shells, commands and tunnels have no listener, so ssh2 refuses them.
    // Counted from when they are open: a thousand may be asked for before the first one says what it is for.
    let open = 0
    client.on('session', (acceptSession, rejectSession) => {
      if (open >= sessionsPerConnection) return rejectSession()
      open++
      const asked = acceptSession()
      if (packetBytesOf(asked) < leastPacketBytes) {
        log.warn({ partnerId: mailbox.partnerId }, 'sftp: a client that takes no packets, connection ended')
        return guest.socket.destroy()
      }
      asked.once('close', () => open--)
      asked.once('sftp', (acceptSftp) => {
        const sftp = acceptSftp()
        announceExtensions(sftp)
        const session = createSession({
          sftp,
          mailbox,
          budget: budgetOf(mailbox.partnerId),
          room: parts.memory.room(mailbox.partnerId),
          run,
          take,
          flow,
          handles,
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
            if (!guest.socket.destroyed) endChannel(sftp)
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
    hasMailbox: (partnerId) =>
      lstat(join(root, partnerId, 'InBox')).then(
        () => true,
        () => false,
      ),
    hasMailboxes: async () => (await readdir(root)).some(isPartnerFolder),
    async recheck() {
      checks += 1
      await Promise.all([...guests.values()].map(recheckOne))
    },
    usage: () => ({
      connections: [...guests.values()].filter(({ loggedIn }) => loggedIn).length,
      strangers: strangers.count,
      strangersDropped: strangers.dropped,
      handles: handles.open,
    }),
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
        for (const socket of arriving) socket.destroy()
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
