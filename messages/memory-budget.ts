// memory-budget — how many bytes of messages may be in memory at one time, of each owner and in all. Whoever reads a
// body, a file or an answer asks for room first and waits until there is some, without reading on: so the sender waits
// at his socket. Room is given in turn by owner. After a bounded wait the answer is HUB_MEMORY_BUSY, and the sender
// comes again.
//
// Those who hold room and ask for more could wait for each other for ever: one at a time of them may go beyond the
// limits.
import { HubError } from './errors.js'

/** How much may be held. */
interface MemoryLimits {
  /** Bytes of all owners together. */
  mostBytes: number
  /** Bytes of one owner. One room alone may always be given. */
  mostOfOwner: number
  /** The longest wait for room. Default 15,000. */
  waitMs?: number
}

/** The room of one delivery. */
export interface Room {
  /**
   * Asks for `bytes` more. Undefined: they are given; else a promise that resolves when they are, and rejects with
   * HUB_MEMORY_BUSY after the longest wait, or when the room is released meanwhile.
   */
  take(bytes: number): Promise<void> | undefined
  /** Gives some back before the end. */
  give(bytes: number): void
  /** Gives all back; nothing more is given to this room. Twice is fine. */
  release(): void
  readonly held: number
}

/** How much is held now. */
export interface MemoryView {
  mostBytes: number
  heldBytes: number
  /** Rooms that wait now, all that ever waited, and all that waited in vain. */
  waiting: number
  waits: number
  refused: number
}

/** Room in memory for what is being taken, shared out fairly. */
export interface MemoryBudget {
  /** A new room for one delivery of this owner; it holds nothing yet. */
  room(owner: string): Room
  view(): MemoryView
}

/** A small first room may be given beyond the limit of all: up to this share of it more. */
const smallBytes = 1024 * 1024
const reserveShare = 1 / 16

interface Waiting {
  room: object
  bytes: number
  grows: boolean
  go: () => void
  fail: (error: HubError) => void
}

/** Limits in bytes; `waitMs`: how long somebody waits for room before HUB_MEMORY_BUSY. */
export function createMemoryBudget({ mostBytes, mostOfOwner, waitMs = 15_000 }: MemoryLimits): MemoryBudget {
  const lanes = new Map<string, Waiting[]>()
  const heldBy = new Map<string, number>()
  let held = 0
  let waiting = 0
  let waits = 0
  let refused = 0
  /** The room that may go beyond the limits. */
  let beyond: object | undefined

  const heldOf = (owner: string) => heldBy.get(owner) ?? 0
  function count(owner: string, bytes: number): void {
    held += bytes
    const now = heldOf(owner) + bytes
    if (now > 0) heldBy.set(owner, now)
    else heldBy.delete(owner)
  }

  /** @returns what stands against it: the owner's own share, or that of all */
  function against(owner: string, { bytes, grows, room }: Pick<Waiting, 'bytes' | 'grows' | 'room'>) {
    const own = heldOf(owner) > 0 && heldOf(owner) + bytes > mostOfOwner
    // Those who fill it, and are slow to give it back, do not keep out a small message of somebody who has nothing in
    // it.
    const limit = heldOf(owner) === 0 && bytes <= smallBytes ? mostBytes * (1 + reserveShare) : mostBytes
    const all = held > 0 && held + bytes > limit
    if (!own && !all) return undefined
    if (grows && (beyond === undefined || beyond === room)) {
      beyond = room
      return undefined
    }
    return own ? 'own' : 'all'
  }

  function pump(): void {
    for (let given = true; given;) {
      given = false
      for (const [owner, lane] of lanes) {
        const first = lane[0]!
        const why = against(owner, first)
        // Whoever is next, and has room in its own share, is waited for: else large ones would never have their turn.
        if (why === 'all') return
        if (why === 'own') continue
        lane.shift()
        lanes.delete(owner)
        if (lane.length > 0) lanes.set(owner, lane)
        count(owner, first.bytes)
        first.go()
        given = true
        break
      }
    }
  }

  function room(owner: string): Room {
    const self = {}
    let own = 0
    let released = false
    const mine = new Set<Waiting>()

    function forget(one: Waiting): void {
      const lane = lanes.get(owner)
      const at = lane?.indexOf(one) ?? -1
      if (lane && at >= 0) lane.splice(at, 1)
      if (lane?.length === 0) lanes.delete(owner)
    }

    function wait(bytes: number): Promise<void> {
      waits++
      waiting++
      return new Promise<void>((resolve, reject) => {
        const one: Waiting = {
          room: self,
          bytes,
          grows: own > 0,
          go() {
            own += bytes
            end(resolve)
          },
          fail: (error) => end(() => reject(error)),
        }
        const timer = setTimeout(() => {
          refused++
          forget(one)
          one.fail(busy())
          pump()
        }, waitMs)
        const end = (then: () => void) => {
          clearTimeout(timer)
          mine.delete(one)
          waiting--
          then()
        }
        mine.add(one)
        const lane = lanes.get(owner) ?? []
        // Who holds something already is nearer to giving it back.
        if (one.grows) lane.splice(lane.filter(({ grows }) => grows).length, 0, one)
        else lane.push(one)
        lanes.set(owner, lane)
      })
    }

    return {
      get held() {
        return own
      },
      take(bytes) {
        if (released) return Promise.reject(busy())
        const asked = { bytes, grows: own > 0, room: self }
        const ahead = lanes.has(owner) && !asked.grows
        if (ahead || against(owner, asked)) return wait(bytes)
        own += bytes
        count(owner, bytes)
        return undefined
      },
      give(bytes) {
        const back = Math.min(bytes, own)
        own -= back
        count(owner, -back)
        pump()
      },
      release() {
        if (released) return
        released = true
        for (const one of [...mine]) {
          forget(one)
          one.fail(busy())
        }
        count(owner, -own)
        own = 0
        if (beyond === self) beyond = undefined
        pump()
      },
    }
  }

  return { room, view: () => ({ mostBytes, heldBytes: held, waiting, waits, refused }) }
}

const busy = () => new HubError('HUB_MEMORY_BUSY', {}, { retryAfterSeconds: 5 })
