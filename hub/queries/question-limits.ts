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
  /** Undefined while there is none. */
  take(agency: string): { end(): void } | undefined
}

/**
 * Limits of the questions an agency gets; its rules are looked up at each question, so that a change counts at once.
 */
export function createQuestionLimits(
  rulesOf: (agency: string) => QuestionLimitRules,
  now: () => number = Date.now,
): QuestionLimits {
  const lanes = new Map<string, { underWay: number; begun: number[] }>()
  return {
    take(agency) {
      const { concurrency, rate } = rulesOf(agency)
      const lane = lanes.get(agency) ?? { underWay: 0, begun: [] }
      lanes.set(agency, lane)
      if (lane.underWay >= concurrency) return undefined
      if (rate) {
        const since = now() - rate.seconds * 1000
        while (lane.begun.length > 0 && lane.begun[0]! <= since) lane.begun.shift()
        if (lane.begun.length >= rate.max) return undefined
        lane.begun.push(now())
      }
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
