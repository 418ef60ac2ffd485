// connections — how many the HTTP door has open: each costs the process a file descriptor, so no caller may have them
// all. Those that have shown no key are counted apart (strangers.ts); of those that have, one address may have half,
// one partner half from however many addresses, and an idle one gives way to a new one. And how many requests each has
// under way: one connection may bring thousands before the first is answered (pipelining), each of which holds memory,
// and some a file. And how long an answer may lie unread.
import type { Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { addressGroup, createStrangers, stage, type Stranger } from '../strangers.js'

/** How many connections may be open. */
export interface ConnectionLimits {
  /** All together. */
  most: number
  /** Of one address, without a key. */
  strangersPerAddress: number
  /** For so long a caller may read nothing of an answer, in milliseconds. Default: five minutes. */
  unreadMs?: number
}

/** The connections of a door. */
export interface Connections {
  /**
   * The caller of this connection has shown a key that is good.
   * @param partner whose key it is; absent: no partner's. A proxy brings several by one connection: the last counts
   */
  known(socket: Socket, partner?: string): void
  readonly open: number
}

interface Caller {
  socket: Socket
  address: string
  stranger: Stranger
  known: boolean
  partner: string | undefined
  /** Answers that are not given yet, in the order of their requests. */
  owed: Set<ServerResponse>
}

/**
 * From so many silent ones of one address on, those go that have been silent for long: browsers open a few ahead of
 * need, and a busy sender of large files opens a hundred at once and needs seconds before the last of them has said a
 * word.
 */
const fewSilent = 32
const graceMs = 8_000

/** Requests that one connection may have under way. Clients wait for each answer; few send more before it. */
const mostOwed = 6
/** The same of one that has shown no key. The next request may be here before the last answer is noted as sent. */
const mostOwedToStranger = 2

/** A slow line takes some bytes in that time. */
const usualUnreadMs = 300_000

/** Before the server listens. */
export function boundConnections(
  server: Server,
  { most, strangersPerAddress, unreadMs = usualUnreadMs }: ConnectionLimits,
): Connections {
  /** In the order they came. */
  const callers = new Map<Socket, Caller>()
  /**
   * TLS wraps the socket of a connection in one of its own, which requests name. The two have the same caller at the
   * other end.
   */
  const wrapped = new WeakMap<Socket, Caller>()
  const byEnd = new Map<string, Caller>()
  const callerOf = (socket: Socket) => callers.get(socket) ?? wrapped.get(socket)
  const strangers = createStrangers({
    fewPerAddress: Math.min(fewSilent, strangersPerAddress),
    mostPerAddress: strangersPerAddress,
    most: Math.max(2, Math.floor(most / 2)),
    graceMs,
  })
  const fair = Math.max(2, Math.floor(most / 2))

  /** How many each partner has. */
  const partners = new Map<string, number>()

  /** The oldest of these that is doing nothing is ended; the newcomer, when none is. */
  const makeRoom = (newcomer: Caller, among: (one: Caller) => boolean = () => true): void => {
    for (const one of callers.values()) if (one !== newcomer && one.owed.size === 0 && among(one)) return void end(one)
    end(newcomer)
  }
  const end = (one: Caller): void => {
    forget(one)
    one.socket.destroy()
  }
  const forget = (one: Caller): void => {
    callers.delete(one.socket)
    one.stranger.leave()
    belongs(one, undefined)
  }
  const belongs = (one: Caller, partner: string | undefined): void => {
    if (one.partner !== undefined) {
      const left = partners.get(one.partner)! - 1
      if (left > 0) partners.set(one.partner, left)
      else partners.delete(one.partner)
    }
    one.partner = partner
    if (partner !== undefined) partners.set(partner, (partners.get(partner) ?? 0) + 1)
  }

  server.on('connection', (socket) => {
    const address = addressGroup(socket.remoteAddress ?? '')
    const caller: Caller = {
      socket,
      address,
      stranger: strangers.enter(address, () => socket.destroy()),
      known: false,
      partner: undefined,
      owed: new Set(),
    }
    if (socket.destroyed) return
    callers.set(socket, caller)
    const end = endOf(socket)
    byEnd.set(end, caller)
    socket.once('close', () => {
      forget(caller)
      if (byEnd.get(end) === caller) byEnd.delete(end)
      for (const answer of caller.owed) lost(answer)
    })
    if (callers.size > most) makeRoom(caller)
  })
  server.on('secureConnection', (secure: Socket) => {
    const caller = byEnd.get(endOf(secure))
    if (!caller) return
    wrapped.set(secure, caller)
    caller.stranger.reached(stage.greeted)
  })
  // Before anybody works on it.
  server.prependListener('request', ({ socket }, answer) => {
    const caller = callerOf(socket)
    // Sent away, with more requests in the same breath.
    if (!caller || caller.socket.destroyed) return lost(answer)
    caller.owed.add(answer)
    caller.stranger.reached(stage.agreed)
    answer.once('close', () => caller.owed.delete(answer))
    if (caller.owed.size <= (caller.known ? mostOwed : mostOwedToStranger)) return
    end(caller)
    lost(answer)
  })

  // Node tells it of a connection on which nothing moves; since it is heard here, Node ends none by itself.
  server.timeout = unreadMs
  server.on('timeout', (socket: Socket) => {
    const isWorkedFor = callerOf(socket)?.owed.size && socket.writableLength === 0
    if (!isWorkedFor) socket.destroy()
  })

  return {
    known(socket, partner) {
      const caller = callerOf(socket)
      if (!caller || caller.socket.destroyed) return
      if (partner !== undefined && partner !== caller.partner) {
        belongs(caller, partner)
        if (partners.get(partner)! > fair) makeRoom(caller, (one) => one.partner === partner)
      }
      if (caller.known || caller.socket.destroyed) return
      caller.known = true
      caller.stranger.leave()
      const { address } = caller
      let own = 0
      for (const one of callers.values()) if (one.known && one.address === address) own += 1
      if (own > fair) makeRoom(caller, (one) => one.address === address)
    },
    get open() {
      return callers.size
    },
  }
}

/**
 * Of the end of its connection Node tells an answer only when it is the next to go out. Those behind it would never
 * give back what they hold: they hear of it here, in the words of Node itself.
 */
function lost(answer: ServerResponse): void {
  if (answer.socket !== null) return
  Object.assign(answer, { destroyed: true, _closed: true })
  answer.emit('close')
}

/** The caller's end of a connection: two that are open at one time never share it. */
const endOf = ({ remoteAddress, remotePort }: Socket) => `${remoteAddress} ${remotePort}`
