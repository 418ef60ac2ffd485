// leases — what one hub alone may do of those that share a ledger (sweep, let go, fetch): held by a lease of some
// seconds that is prolonged while the hub lives. Who has lost one stops, and writes nothing more under it. A hub that
// has its ledger for itself holds all of them and asks nobody.
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { HubsView } from '../../messages/views/index.js'
import type { HubAbility, LeaseState, LeaseToken, Neighbours, HubsAndLeases } from '../../store/ledger.js'
import type { Log } from './log.js'

/** How long a lease is good without being prolonged: so long nobody does the work after its holder died. */
const leaseMs = 10_000
const everyMs = 2_500
/** Of its time a holder does not count on the last part: clocks run differently, and a write takes a moment. */
const marginMs = 1_000
/** What this hub understands of what others do. */
const knows: readonly HubAbility[] = ['tries', 'turns']
/** A clock this far from PostgreSQL's is told; deadlines and signatures are by it. */
const clockOffMs = 5_000
const tellClockAgainMs = 3_600_000
/** What nobody has done for so long is not to be done any more: a partner that is not polled now. */
const forgottenMs = 600_000

/** @see [startStorage](../boot/storage.ts) */
interface LeasesParts {
  /** Absent: no other hub can be there. */
  neighbours: Neighbours | undefined
  version: string
  roles: readonly string[]
  log: Pick<Log, 'info' | 'warn'>
  /** Told when one that was held is held no longer, though it is still wanted. */
  lost?: (name: string) => void
}

/** What this hub alone does now. */
export interface Leases {
  /** From now on this hub does what `name` names, if nobody else does. @returns how to stop wanting it */
  want(name: string): () => void
  holds(name: string): boolean
  /**
   * Does the work if this hub has the lease; what it writes is refused once the lease has passed on. Undefined: it has
   * not, or lost it meanwhile.
   */
  under<T>(name: string, work: () => Promise<T>): Promise<T | undefined>
  /** Told when a lease has come to this hub. */
  onTaken(listener: (name: string) => void): () => void
  /** Hubs that live and have one of these roles; at least 1. */
  living(...roles: string[]): number
  /** Whether every hub that lives understands this. */
  allKnow(what: HubAbility): boolean
  view(): HubsView
  /** Counted since the start. */
  lostCount(): number
  /** By how many seconds the clock of this machine is ahead of the ledger's; undefined where the ledger has none. */
  clockAheadSeconds(): number | undefined
  stop(): Promise<void>
}

/** `lost` is told when another hub has the ledger for itself. Without `neighbours` every lease is held at once. */
export async function startLeases({ neighbours, version, roles, log, lost }: LeasesParts): Promise<Leases> {
  const process_ = `${hostname()}:${process.pid}:${randomBytes(3).toString('hex')}`
  const startedAt = new Date()
  /** How many here want each: a connector that is let go late leaves it to the one in its place. */
  const wanted = new Map<string, number>()
  const listeners = new Set<(name: string) => void>()
  let held = new Map<string, LeaseToken>()
  /** By a clock that no one sets: until then what is held is held. */
  let until = 0
  let hubsNow: HubsAndLeases | undefined
  let losses = 0
  let clockAheadMs: number | undefined
  let clockToldAt = -Infinity
  let beating: Promise<void> = Promise.resolve()
  let ended = false

  const holds = (name: string) =>
    wanted.has(name) && (!neighbours || (held.has(name) && performance.now() < until - marginMs))

  function noteLost(name: string): void {
    if (!held.delete(name)) return
    losses++
    log.warn({ lease: name, process: process_ }, 'lease lost: another hub does it now')
    lost?.(name)
  }

  const matters = ({ name, until: end }: LeaseState) => wanted.has(name) || Date.now() - end.getTime() < forgottenMs

  /** The ledger has written down, by its own clock, when it heard of this hub: within the time the call took. */
  function lookAtClock(tookMs: number): void {
    const seenAt = hubsNow?.hubs.find((hub) => hub.process === process_)?.seenAt
    if (!seenAt) return
    clockAheadMs = Date.now() - seenAt.getTime()
    if (clockAheadMs >= -clockOffMs && clockAheadMs - tookMs <= clockOffMs) return void (clockToldAt = -Infinity)
    if (performance.now() - clockToldAt < tellClockAgainMs) return
    clockToldAt = performance.now()
    log.warn(
      { process: process_, aheadSeconds: Math.round(clockAheadMs / 1000) },
      'the clock of this machine differs from the ledger’s: set it (NTP)',
    )
  }

  async function beat(): Promise<void> {
    if (!neighbours || ended) return
    const asked = performance.now()
    hubsNow = await neighbours.beat({ process: process_, version, roles, knows }, [...wanted.keys()], leaseMs)
    lookAtClock(performance.now() - asked)
    const before = held
    held = new Map(before)
    until = asked + leaseMs
    const mine = new Map(hubsNow.held.map((lease) => [lease.name, lease]))
    for (const [name, { token }] of before) {
      if (!wanted.has(name)) held.delete(name)
      // Another token: it was another's in between.
      else if (mine.get(name)?.token !== token) noteLost(name)
    }
    for (const [name, lease] of mine) {
      if (held.has(name)) continue
      held.set(name, lease)
      log.info({ lease: name, holders: lease.token, process: process_ }, 'lease taken')
      for (const listener of listeners) listener(name)
    }
  }

  /** One after the other. A ledger that cannot be reached is told elsewhere; the lease runs out by itself. */
  const soon = () => (beating = beating.then(beat).catch(() => {}))
  const timer = neighbours && setInterval(() => void soon(), everyMs).unref()
  await soon()

  return {
    want(name) {
      const before = wanted.get(name) ?? 0
      wanted.set(name, before + 1)
      if (before === 0 && neighbours) void soon()
      let over = false
      return () => {
        if (over) return
        over = true
        const left = (wanted.get(name) ?? 1) - 1
        if (left > 0) wanted.set(name, left)
        else wanted.delete(name)
      }
    },
    holds,
    async under(name, work) {
      // Wanted a moment ago, it may be on its way.
      if (wanted.has(name) && !holds(name)) await beating
      if (!holds(name)) return undefined
      const lease = held.get(name)
      if (!neighbours || !lease) return work()
      try {
        return await neighbours.underLease(lease, work)
      } catch (error) {
        if (!(error instanceof Error && error.name === 'LeaseLostError')) throw error
        if (held.get(name) === lease) noteLost(name)
        return undefined
      }
    },
    onTaken(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    living: (...any) =>
      Math.max(1, hubsNow?.hubs.filter((hub) => any.some((role) => hub.roles.includes(role))).length ?? 1),
    allKnow: (what) => !neighbours || (hubsNow?.hubs.every((hub) => hub.knows.includes(what)) ?? false),
    lostCount: () => losses,
    clockAheadSeconds: () => (clockAheadMs === undefined ? undefined : clockAheadMs / 1000),
    view() {
      const hubs = hubsNow?.hubs ?? [{ process: process_, version, roles, startedAt, seenAt: new Date() }]
      return {
        self: process_,
        shared: neighbours !== undefined,
        hubs: hubs.map((one) => ({
          process: one.process,
          version: one.version,
          roles: [...one.roles],
          startedAt: one.startedAt.toISOString(),
          seenAt: one.seenAt.toISOString(),
        })),
        leases: (hubsNow?.leases ?? []).filter(matters).map((lease) => ({
          name: lease.name,
          token: lease.token,
          takenAt: lease.takenAt.toISOString(),
          until: lease.until.toISOString(),
          ...(lease.over ? {} : { holder: lease.holder }),
        })),
      }
    },
    async stop() {
      clearInterval(timer)
      await beating
      ended = true
      wanted.clear()
      await neighbours?.leave(process_).catch(() => {})
    },
  }
}
