// question-limits — how many questions go to an agency at once and in a time, beside its filings: these have places and
// a rate of their own and wait for none.
interface QuestionLimitRules {
  /** Under way at once. */
  concurrency: number
  /** At most `max` questions in `seconds`. */
  rate?: { max: number; seconds: number } | undefined
}

/** One hub's share of what is allowed to all: at least one at a time each, and a rate that adds up to the whole. */
export function shareOf({ concurrency, rate }: QuestionLimitRules, hubs: number): QuestionLimitRules {
  const max = rate && Math.floor(rate.max / hubs)
  return {
    concurrency: Math.max(1, Math.floor(concurrency / hubs)),
    ...(rate
      ? { rate: max ? { max, seconds: rate.seconds } : { max: 1, seconds: (rate.seconds * hubs) / rate.max } }
      : {}),
  }
}

/** Places for questions, of this process. */
export interface QuestionLimits {
  /** Its place, or how long it waits until it asks for one again. */
  take(question: WaitingQuestion): { end(): void } | { waitMs: number }
}

/** Who asks for a place. */
export interface WaitingQuestion {
  agency: string
  partnerId: string
  submissionId: string
}

/** Between two looks for a place. */
const againMs = 200
/** Between two questions of one partner that look for a place: thousands of them would be busy with looking. */
const apartMs = 10
/** One that has not come by so long after its time has been answered by another hub, or given up. */
const goneMs = 1_000

interface Asker {
  /** Places it has had, beyond those that all who wait have had. Who comes in begins with the fewest of them. */
  served: number
  /** When the last of its questions looks for a place again. */
  lineEndsAt: number
  /** Its questions that have no place, by the time they look again. */
  waiting: Map<string, number>
}

interface Lane {
  underWay: number
  /** When questions of the time of the rate began. */
  begun: number[]
  /** What one begins with who waits alone. */
  floor: number
  askers: Map<string, Asker>
}

/**
 * Limits of the questions an agency gets; its rules are looked up at each question, so that a change counts at once.
 * Partners that wait have as many places each, however many questions they have.
 * @param now in milliseconds, by a clock that nobody sets back
 */
export function createQuestionLimits(
  rulesOf: (agency: string) => QuestionLimitRules,
  now: () => number = () => performance.now(),
): QuestionLimits {
  const lanes = new Map<string, Lane>()

  function laneOf(agency: string): Lane {
    const known = lanes.get(agency) ?? { underWay: 0, begun: [], floor: 0, askers: new Map<string, Asker>() }
    lanes.set(agency, known)
    return known
  }

  function isFull(lane: Lane, { concurrency, rate }: QuestionLimitRules): boolean {
    if (lane.underWay >= concurrency) return true
    if (!rate) return false
    const since = now() - rate.seconds * 1000
    while (lane.begun.length > 0 && lane.begun[0]! <= since) lane.begun.shift()
    return lane.begun.length >= rate.max
  }

  function waits({ waiting }: Asker): boolean {
    for (const [submissionId, at] of waiting) {
      if (at + goneMs > now()) return true
      waiting.delete(submissionId)
    }
    return false
  }

  /** The fewest places that one of the others who wait has had; undefined: nobody else waits. */
  function fewest({ askers }: Lane, partnerId: string): number | undefined {
    let found: number | undefined
    for (const [other, asker] of askers) {
      if (other === partnerId) continue
      if (waits(asker)) found = Math.min(found ?? Infinity, asker.served)
      else if (asker.lineEndsAt + goneMs <= now()) askers.delete(other)
    }
    return found
  }

  return {
    take({ agency, partnerId, submissionId }) {
      const rules = rulesOf(agency)
      const lane = laneOf(agency)
      const asker = lane.askers.get(partnerId) ?? { served: 0, lineEndsAt: 0, waiting: new Map<string, number>() }
      lane.askers.set(partnerId, asker)
      const others = fewest(lane, partnerId)
      if (!waits(asker)) asker.served = Math.max(asker.served, others ?? lane.floor)
      asker.waiting.delete(submissionId)
      if (isFull(lane, rules) || (others !== undefined && asker.served > others)) {
        asker.lineEndsAt = Math.max(now() + againMs, asker.lineEndsAt + apartMs)
        asker.waiting.set(submissionId, asker.lineEndsAt)
        return { waitMs: asker.lineEndsAt - now() }
      }
      lane.floor = Math.max(lane.floor, asker.served)
      asker.served++
      if (rules.rate) lane.begun.push(now())
      lane.underWay++
      let ended = false
      return {
        end() {
          if (!ended) lane.underWay--
          ended = true
        },
      }
    },
  }
}
