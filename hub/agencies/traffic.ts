// traffic — the gates of this process kept in step with the rules, the calendar and what people say; and how everything
// stands, for people.
import { hostname } from 'node:os'
import type { AgencyHold } from '../../messages/agency-hold.js'
import type { AgencyView } from '../../messages/views/index.js'
import { createGate, type GateView, type WorkerOrder } from '../../queues/gate.js'
import type { ProcessStates, StateBoard } from '../../queues/state-board.js'
import type { Agencies } from './agencies.js'

/** @see [startAgencies](../boot/agencies.ts) */
interface TrafficParts {
  agencies: Pick<Agencies, 'policy' | 'connectors' | 'settingsOf'>
  codes: string[]
  holds: () => Promise<Map<string, AgencyHold>>
  board: StateBoard
  /** False in a process that only has doors: it shows what the others say. */
  works: boolean
  /** @see [createObserve](../steps/observe.ts) */
  changed?: (agency: string, view: GateView, what: string) => void
  log: {
    info(ids: object, event: string): void
    warn(ids: object, event: string): void
    error(ids: object, event: string): void
  }
  everyMs?: number
}

/** Host and process number: as people tell hubs apart. */
export const processName = `${hostname()}:${process.pid}`

/** Keeps the gates by what `everyMs` milliseconds bring, until it is stopped. */
export function createTraffic({ agencies, codes, holds, board, works, changed, log, everyMs = 500 }: TrafficParts) {
  let worker: ((agency: string, order: WorkerOrder) => void) | undefined
  const orders = new Map<string, WorkerOrder>()
  const gate = createGate({
    agencies: codes,
    rulesOf: agencies.policy,
    apply(agency, order) {
      orders.set(agency, order)
      worker?.(agency, order)
    },
    changed(agency, view, what) {
      log[view.open ? 'info' : 'warn'](
        {
          agency,
          holds: view.holds.map(({ reason, until, why }) => ({ reason, until, why })),
          breaker: view.breaker.state,
        },
        `agency ${what}`,
      )
      changed?.(agency, view, what)
    },
  })
  let known = new Map<string, AgencyHold>()
  let rounds = 0
  /** What the other processes said last. */
  let others: ProcessStates[] = []

  /** An agency's gate in this process and in each other one. */
  const seenBy = (agency: string) => [
    ...(works ? [{ process: processName, ...gate.view(agency) }] : []),
    ...others.flatMap(({ process, agencies: views }) =>
      views.filter((view) => view.agency === agency).map((view) => ({ process, ...view })),
    ),
  ]

  /**
   * A pause or a window is the same for every process; what one said before it learnt of it, or before it died, does
   * not count against it.
   */
  const heldEverywhere = (agency: string) =>
    gate.view(agency).holds.some(({ reason }) => reason === 'paused' || reason === 'window')

  /** What keeps our own side from reaching an agency; undefined when nothing does. */
  function troubleOf(agency: string): string | undefined {
    if (agencies.settingsOf(agency) === undefined) return 'no connector is configured'
    const shared = agencies.connectors().find(({ agencies: sharing }) => sharing.includes(agency))
    const health = shared?.connector.health?.()
    return health && !health.ok ? (health.detail ?? 'the connector is in trouble') : undefined
  }

  /** What people have said is the same for all processes: each looks every second or two. */
  async function learn(): Promise<void> {
    try {
      known = await holds()
      gate.holdsChanged(known)
    } catch (error) {
      log.error({ error: String(error) }, 'what is paused cannot be read; it stays as it was')
    }
  }

  const ticking = setInterval(() => {
    gate.tick()
    if (rounds++ % 4 === 0) {
      void learn()
      if (works) void board.say(gate.views())
      void board.read().then((said) => (others = said.filter(({ process }) => process !== processName)))
    }
  }, everyMs)

  return {
    admit: gate.admit,
    learn,
    /** From now on this worker is told what to do, beginning with what holds now. */
    drive(order: (agency: string, order: WorkerOrder) => void): void {
      worker = order
      for (const [agency, now] of orders) order(agency, now)
    },
    rulesChanged: () => gate.rulesChanged(),
    views: gate.views,
    /** In one word, for the overview: one process that sends is a queue that moves. */
    gateOf(agency: string): {
      gate: 'open' | 'paused' | 'window' | 'broken' | 'busy' | 'unready' | 'probing' | 'unworked'
      why?: string
      until?: string
    } {
      const seen = seenBy(agency)
      // A missing or broken connector is our own to fix, whatever the gate says while nothing is tried.
      const trouble = troubleOf(agency)
      if (trouble && !heldEverywhere(agency)) return { gate: 'unready', why: trouble }
      if (seen.length === 0 && !heldEverywhere(agency)) return { gate: 'unworked' }
      const best = heldEverywhere(agency)
        ? gate.view(agency)
        : (seen.find(({ open, breaker }) => open && breaker.state === 'closed') ??
          seen.find(({ open }) => open) ??
          seen[0] ??
          gate.view(agency))
      const hold = best.holds[0]
      if (!hold) return best.breaker.state === 'closed' ? { gate: 'open' } : { gate: 'probing' }
      // Another process's view has come through Redis as text.
      return {
        gate: hold.reason === 'breaker' ? 'broken' : hold.reason,
        why: hold.why,
        ...(hold.until ? { until: new Date(hold.until).toISOString() } : {}),
      }
    },
    /** The longest row of failed tries that any process has now. */
    failingAt(agency: string): { tries: number; since: string; detail: string } | undefined {
      const [worst] = seenBy(agency)
        .flatMap(({ failing }) => (failing ? [failing] : []))
        .sort((a, b) => b.tries - a.tries)
      return worst && { tries: worst.tries, since: new Date(worst.since).toISOString(), detail: worst.why }
    },
    /** Every agency: its rules, who works it and what each says, how its connector is doing. */
    overview(): AgencyView[] {
      const health = agencies
        .connectors()
        .flatMap(({ connector, agencies: sharing }) => sharing.map((code) => [code, connector.health?.()] as const))
      const healthOf = new Map(health)
      return codes.map((agency) => {
        const { nextClosing, breaker } = gate.view(agency)
        const seen = seenBy(agency).map(({ process, open, holds: why, breaker: state, failing }) => ({
          process,
          open,
          holds: why.map(shownTimes),
          breaker: shownTimes(state),
          ...(failing ? { failing: shownTimes(failing) } : {}),
        }))
        const said = known.get(agency)
        const connector = healthOf.get(agency)
        return {
          agency,
          connector: agencies.settingsOf(agency)?.connector ?? 'none',
          // One process that sends is a queue that moves.
          open: !heldEverywhere(agency) && seen.some(({ open }) => open),
          ...(said?.paused ? { paused: said.paused } : {}),
          announced: said?.windows ?? [],
          ...(nextClosing
            ? {
                nextClosing: {
                  since: nextClosing.since.toISOString(),
                  opensAt: nextClosing.opensAt.toISOString(),
                  why: nextClosing.why,
                },
              }
            : {}),
          breaker: worst([breaker.state, ...seen.map((one) => one.breaker.state)]),
          processes: seen,
          ...(connector ? { health: connector } : {}),
        }
      })
    },
    async close() {
      clearInterval(ticking)
      if (works) await board.leave()
    },
  }
}

export type Traffic = ReturnType<typeof createTraffic>

const worst = (states: string[]) => (['open', 'half-open', 'closed'] as const).find((state) => states.includes(state))!

/** As it is shown. Another process's times have come through Redis as text. */
function shownTimes<T extends { since: Date; until?: Date }>({ since, until, ...rest }: T) {
  return {
    ...rest,
    since: new Date(since).toISOString(),
    ...(until ? { until: new Date(until).toISOString() } : {}),
  }
}
