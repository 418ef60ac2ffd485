// gate — may anything be sent to an agency now? One answer from five reasons: a person has paused it, a window is
// closed, the breaker is open, the agency itself has asked for a rest, or our own side is not ready. Each process
// decides for itself: its own tries feed its own breaker, so that one machine's broken line does not stop the others;
// windows and pauses are the same for all because all read the same ones.
//
// While held, the worker fetches no jobs. A job fetched in the very moment is given back by `admit` and comes again a
// little later.
import type { AgencyHold, ClosedWindow } from '../messages/agency-hold.js'
import { createBreaker, type Breaker, type BreakerRules, type BreakerView } from './breaker.js'
import { closedAt, nextClosing, type Closing } from './windows.js'

/** The rules of one agency (docs/configuration.md), as its gate reads them. */
export interface GateRules {
  windows: readonly ClosedWindow[]
  /** Not enabled: failures never hold the queue. */
  breaker: BreakerRules & { enabled: boolean }
  /** Submissions under way at once. */
  concurrency: number
  /** So many in so long, all processes together. */
  rate?: { max: number; seconds: number } | undefined
}

/** What the worker of an agency shall do. */
export interface WorkerOrder {
  held: boolean
  concurrency: number
  rate?: { max: number; seconds: number } | undefined
}

/**
 * `busy`: the agency asked for a rest. `unready`: our own side is not ready for it (no connector, a folder that is
 * missing).
 */
type HoldReason = 'paused' | 'window' | 'breaker' | 'busy' | 'unready'
/** One reason why nothing is sent now; several may hold at once. */
interface GateHold {
  reason: HoldReason
  since: Date
  /** Absent: until somebody ends it. */
  until?: Date
  why: string
}

/** How an agency stands in this process. `open`: no hold at all. */
export interface GateView {
  agency: string
  open: boolean
  holds: GateHold[]
  breaker: BreakerView
  /** The tries since the last good one, when the last one failed: also too few for the breaker. */
  failing?: FailingTries
  nextClosing?: Closing
}

/** Tries that failed one after the other. */
interface FailingTries {
  tries: number
  /** The first of them. */
  since: Date
  /** What went wrong last. */
  why: string
}

/** How a try went, as far as the agency is concerned: `none` when nothing was sent. */
type TryOutcome = 'ok' | 'failed' | 'none'
/** A place among those that may send now; given back by `end`. */
export interface Admitted {
  /**
   * Only the first call counts. `restSeconds`: nothing is tried for so long, because the agency asked for it, or, with
   * `none`, because our own side is not ready; `why` says what is missing, or what went wrong.
   */
  end(outcome: TryOutcome, restSeconds?: number, why?: string): void
}

/** @see [createTraffic](../hub/agencies/traffic.ts) */
interface GateParts {
  agencies: readonly string[]
  /** @see [createAgencies](../hub/agencies/agencies.ts) */
  rulesOf: (agency: string) => GateRules
  /** Called when it changes. */
  apply: (agency: string, order: WorkerOrder) => void
  changed?: (agency: string, view: GateView, what: string) => void
  now?: () => Date
}

/** Nobody is asked to rest longer: a wrong header must not stop an agency for a day. */
export const longestRestMs = 15 * 60_000
/** Still to come, and no further ahead than it can have been set: else it is of a clock that has been set back. */
const isAhead = (until: Date, at: Date, longestMs: number) => until > at && until.getTime() - at.getTime() <= longestMs

/** Characters of what went wrong last that are told as the reason of a breaker. */
const longestWhy = 200
/** A job that came through all the same asks again after this long at most. */
const ASK_AGAIN_MS = 5000

/**
 * One gate for each agency, of this process alone. `apply` is called when what its worker shall do has changed. A
 * window opens or closes when `tick` or `admit` looks at the clock: somebody calls `tick` again and again.
 */
export function createGate({ agencies, rulesOf, apply, changed, now = () => new Date() }: GateParts) {
  const breakerRules = (agency: string): BreakerRules => {
    const { breaker } = rulesOf(agency)
    return breaker.enabled ? breaker : never
  }
  const gates = new Map(agencies.map((agency) => [agency, gateOf(agency)]))

  function gateOf(agency: string) {
    let byPeople: AgencyHold = { windows: [] }
    let rest: { reason: 'busy' | 'unready'; since: Date; until: Date; why: string } | undefined
    let applied = ''
    let told = ''
    let closing: Closing | undefined
    let failing: FailingTries | undefined
    const breaker: Breaker = createBreaker(breakerRules(agency), now, (view) => {
      // Told at once, and the worker with it: the next job is fetched within the millisecond.
      applyNow()
      changed?.(agency, gate.view(), `breaker ${view.state}`)
    })

    function holds(): GateHold[] {
      const at = now()
      const found: GateHold[] = []
      if (byPeople.paused)
        found.push({ reason: 'paused', since: new Date(byPeople.paused.since), why: byPeople.paused.why })
      if (closing) found.push({ reason: 'window', since: closing.since, until: closing.opensAt, why: closing.why })
      const { state, since, until, why = '' } = breaker.view()
      if (state === 'open' && until && isAhead(until, at, Math.max(...breakerRules(agency).openSeconds) * 1000))
        found.push({ reason: 'breaker', since, until, why })
      if (rest && isAhead(rest.until, at, longestRestMs)) found.push(rest)
      return found
    }

    const gate = {
      view(): GateView {
        const found = holds()
        return {
          agency,
          open: found.length === 0,
          holds: found,
          breaker: breaker.view(),
          ...(failing ? { failing } : {}),
        }
      },
      admit(): Admitted | { until: Date } {
        gate.look()
        const [hold] = holds()
        const soon = now().getTime() + ASK_AGAIN_MS
        if (hold) return { until: new Date(Math.min(hold.until?.getTime() ?? soon, soon)) }
        const permit = breaker.admit()
        if ('until' in permit) return permit
        let ended = false
        return {
          end(outcome, restSeconds = 0, why = '') {
            if (ended) return
            ended = true
            if (restSeconds > 0)
              rest = {
                reason: outcome === 'none' ? 'unready' : 'busy',
                why: outcome === 'none' ? why : 'the agency asked to wait',
                since: now(),
                until: new Date(
                  Math.max(
                    rest && isAhead(rest.until, now(), longestRestMs) ? rest.until.getTime() : 0,
                    now().getTime() + Math.min(restSeconds * 1000, longestRestMs),
                  ),
                ),
              }
            if (outcome === 'ok') failing = undefined
            else if (outcome === 'failed')
              failing = {
                tries: (failing?.tries ?? 0) + 1,
                since: failing?.since ?? now(),
                why: why.slice(0, longestWhy),
              }
            permit.end(outcome === 'none' ? undefined : outcome === 'ok', why.slice(0, longestWhy))
            applyNow()
          },
        }
      },
      /** What the calendar says now, and what the breaker knows no more. */
      look(): void {
        breaker.tick()
        const windows = [...rulesOf(agency).windows, ...byPeople.windows]
        closing = windows.length === 0 ? undefined : closedAt(windows, now())
      },
      hold(next: AgencyHold): void {
        byPeople = next
      },
      rules(): void {
        breaker.change(breakerRules(agency))
      },
      next: () => nextClosing([...rulesOf(agency).windows, ...byPeople.windows], now()),
      applyRules: () => applyNow(),
    }

    function applyNow(): void {
      const found = holds()
      const { concurrency, breaker: rules, rate } = rulesOf(agency)
      const { state } = breaker.view()
      const trial = state !== 'closed' && rules.enabled ? Math.min(rules.probes, concurrency) : concurrency
      const order: WorkerOrder = { held: found.length > 0, concurrency: trial, rate }
      const key = JSON.stringify(order)
      if (key !== applied) {
        applied = key
        apply(agency, order)
      }
      const reasons = found.map(({ reason }) => reason).join(' ')
      if (reasons !== told) {
        const before = told
        told = reasons
        changed?.(agency, gate.view(), reasons === '' ? `open again after ${before}` : `held: ${reasons}`)
      }
    }
    return gate
  }

  const of = (agency: string) => {
    const gate = gates.get(agency)
    if (!gate) throw new Error(`there is no agency ${agency}`)
    return gate
  }

  /** Rules or what people have said has changed, or time has passed: workers are told what follows. */
  function tick(): void {
    for (const gate of gates.values()) {
      gate.look()
      gate.applyRules()
    }
  }

  return {
    admit: (agency: string) => of(agency).admit(),
    /** How it stands, with the next closing known. */
    view(agency: string): GateView {
      const next = of(agency).next()
      return { ...of(agency).view(), ...(next ? { nextClosing: next } : {}) }
    },
    /** As `view`, without looking ahead in the calendar: cheap. */
    views: (): GateView[] => [...gates.values()].map((gate) => gate.view()),
    tick,
    rulesChanged(): void {
      for (const gate of gates.values()) gate.rules()
      tick()
    },
    holdsChanged(holds: ReadonlyMap<string, AgencyHold>): void {
      for (const [agency, gate] of gates) gate.hold(holds.get(agency) ?? { windows: [] })
      tick()
    },
  }
}

export type Gate = ReturnType<typeof createGate>

/** No share is so large. */
const never: BreakerRules = { failureRatio: 2, minimum: 1, windowSeconds: 60, openSeconds: [1], probes: 1 }
