// breaker — keeps a failing agency from being tried by everyone at once, and finds out by itself when it is well again.
// A state machine with the clock as a parameter; it knows no queue and no agency.
//
//              enough tries in the window, too many of them failed
//   closed ──────────────────────────────────────────────────────────▶ open ◀─┐
//      ▲                                                               │      │ a probe failed:
//      │ as many probes went well as are let through                   │      │ the next, longer wait
//      └────────────────────────────────────────────── half-open ◀─────┘──────┘
//                                                       its wait is over
//
// Few messages may follow an outage. What a breaker knows gets old: half-open it closes when a probe went well and none
// has failed for a window since; open, when its wait is long over and nothing has been tried.
//
// What was begun before the breaker opened may still end afterwards: it counts for nothing then, either way.

/** When it opens, and for how long. As `breaker` of an agency's rules (docs/configuration.md). */
export interface BreakerRules {
  /** It opens when at least this share of the tries failed … */
  failureRatio: number
  /** … and there were at least so many … */
  minimum: number
  /** … within this time. */
  windowSeconds: number
  /** How long it stays open, the first time, the second in a row …; the last repeats. */
  openSeconds: number[]
  /** So many are let through to find out, and all must go well. */
  probes: number
}

/** `half-open`: its wait is over, and a few probes find out whether the agency is well again. */
type BreakerName = 'closed' | 'open' | 'half-open'

/** A breaker as people see it. */
export interface BreakerView {
  state: BreakerName
  since: Date
  /** When the next probe may go. */
  until?: Date
  /** Why it opened, with what the last failure was. */
  why?: string
  /** Within the window, while closed; afterwards those that opened it. */
  tries: number
  failures: number
  /** How often it opened without closing in between. */
  openings: number
}

/** Leave for one try. Whoever has it calls `end` in any case, or a place among the probes is lost. */
export interface Permit {
  probe: boolean
  /**
   * How the try ended; `undefined`: it was none (nothing was sent), and its place is free again. Only the first call
   * counts. `failure`: what went wrong, for whoever asks why the breaker is open.
   */
  end(ok: boolean | undefined, failure?: string): void
}

/** The breaker of one agency in one process. */
export interface Breaker {
  /** Let through, or not before this time. */
  admit(): Permit | { until: Date }
  view(): BreakerView
  /** Time has passed: what is known may be too old to stand. To be called again and again. */
  tick(): void
  /** Other rules from now on; the state stays. */
  change(rules: BreakerRules): void
}

const BUCKETS = 10
/**
 * Whatever waits for an agency is tried again within a quarter of an hour, and a fifth: what is open for so long after
 * its wait, and was not asked, keeps nobody waiting.
 */
const forgottenMs = 20 * 60_000

const withFailure = (why: string, failure: string | undefined) => (failure ? `${why}: ${failure}` : why)

/** Closed at first. `changed` hears of every change of state, in the call that made it. */
export function createBreaker(
  first: BreakerRules,
  now: () => Date = () => new Date(),
  changed: (view: BreakerView) => void = () => {},
): Breaker {
  let rules = first
  let state: BreakerName = 'closed'
  let since = now()
  let until: Date | undefined
  let openings = 0
  let why: string | undefined
  /** Tries by slice of the window. */
  let slices: { slice: number; tries: number; failures: number }[] = []
  /** What opened it, until it is closed again. */
  let opening = { tries: 0, failures: 0 }
  let probing = 0
  let passed = 0
  /** When the last probe ended well. */
  let passedAt = since
  /** Grows with every change of state: a try that began in another one tells nothing any more. */
  let era = 0

  const sliceNow = () => Math.floor(now().getTime() / ((rules.windowSeconds * 1000) / BUCKETS))
  const inWindow = () => {
    const oldest = sliceNow() - BUCKETS
    // Of a clock that was ahead and has been set back: not of this window.
    slices = slices.filter(({ slice }) => slice > oldest && slice <= oldest + BUCKETS)
    return slices.reduce((sum, one) => ({ tries: sum.tries + one.tries, failures: sum.failures + one.failures }), {
      tries: 0,
      failures: 0,
    })
  }

  function turn(next: BreakerName, because?: string): void {
    state = next
    since = now()
    era++
    slices = []
    probing = 0
    passed = 0
    if (next === 'open') {
      const wait = rules.openSeconds[Math.min(openings, rules.openSeconds.length - 1)]!
      openings++
      until = new Date(since.getTime() + wait * 1000)
    } else until = undefined
    if (next !== 'half-open') why = because
    if (next === 'closed') openings = 0
    changed(view())
  }

  function count(ok: boolean, failure?: string): void {
    const slice = sliceNow()
    let one = slices.at(-1)
    if (one?.slice !== slice) slices.push((one = { slice, tries: 0, failures: 0 }))
    one.tries++
    if (!ok) one.failures++
    const { tries, failures } = inWindow()
    if (tries < rules.minimum || failures / tries < rules.failureRatio) return
    opening = { tries, failures }
    turn('open', withFailure(`${failures} of ${tries} tries failed within ${rules.windowSeconds} s`, failure))
  }

  /** Further ahead than it can have been set, its end is of a clock that has been set back: its wait is over. */
  function isOpen(): boolean {
    const left = until ? until.getTime() - now().getTime() : 0
    return left > 0 && left <= Math.max(...rules.openSeconds) * 1000
  }

  function admit(): Permit | { until: Date } {
    if (state === 'open') {
      if (isOpen()) return { until: until! }
      turn('half-open')
    }
    if (state === 'half-open' && probing + passed >= rules.probes) {
      // Whoever is probing tells soon; asked again in a second.
      return { until: new Date(now().getTime() + 1000) }
    }
    const mine = era
    const probe = state === 'half-open'
    if (probe) probing++
    let ended = false
    return {
      probe,
      end(ok, failure) {
        if (ended || mine !== era) return
        ended = true
        if (!probe) return void (ok !== undefined && count(ok, failure))
        probing--
        if (ok === false) turn('open', withFailure('a probe failed', failure))
        else if (ok && ++passed >= rules.probes) turn('closed')
        else if (ok) passedAt = now()
      },
    }
  }

  function tick(): void {
    if (state === 'closed' || probing > 0) return
    const [from, ms] =
      passed > 0
        ? [passedAt, rules.windowSeconds * 1000]
        : // Half-open without a probe that ended: it turned so when the wait was over.
          [until ?? since, forgottenMs]
    // A clock that was ahead and has been set back makes nothing older.
    if (now().getTime() - from.getTime() >= ms) turn('closed')
  }

  const view = (): BreakerView => ({
    state,
    since,
    ...(until ? { until } : {}),
    ...(why === undefined ? {} : { why }),
    ...(state === 'closed' ? inWindow() : opening),
    openings,
  })

  return {
    admit,
    view,
    tick,
    change(next) {
      // Slices of another length would be counted wrongly.
      if (next.windowSeconds !== rules.windowSeconds) slices = []
      rules = next
    },
  }
}
