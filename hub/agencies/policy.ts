// policy — how the hub behaves towards one agency: how long it waits, how often it tries, how much at once, when not at
// all, when it gives up.
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { days } from '../../messages/agency-hold.js'
import type { ValueFault } from '../../messages/value-fault.js'
import { queryModes } from './query-mode.js'
import { defaultTimeZone, neverOpen, windowFault } from '../../queues/windows.js'

const strict = { additionalProperties: false }
const Seconds = Type.Number({ minimum: 0 })
const Clock = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$', description: 'HH:MM' })
const Moment = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d$',
  description: 'YYYY-MM-DDTHH:MM',
})
const common = {
  timeZone: Type.String({ default: defaultTimeZone, description: 'IANA name' }),
  why: Type.Optional(Type.String({ maxLength: 200 })),
}

/**
 * When the agency takes nothing: every week, or once. One table with both kinds of words: a fault then names the word,
 * not a choice of shapes.
 */
export const Window = Type.Object(
  {
    days: Type.Optional(Type.Array(Type.Enum(days), { minItems: 1 })),
    from: Type.Optional(Clock),
    to: Type.Optional(Clock),
    start: Type.Optional(Moment),
    end: Type.Optional(Moment),
    ...common,
  },
  strict,
)
/** What `windowFaults` has passed. */
export type Window = { timeZone: string; why?: string } & (
  { days?: (typeof days)[number][]; from: string; to: string } | { start: string; end: string }
)

/** When the hub stops trying an agency that fails, and how it finds out that it is well again. */
export const Breaker = Type.Object(
  {
    enabled: Type.Boolean({ default: true }),
    /** Share of failed tries at which it opens. */
    failureRatio: Type.Number({ default: 0.5, exclusiveMinimum: 0, maximum: 1 }),
    /** Fewer tries than this say nothing. */
    minimum: Type.Integer({ default: 20, minimum: 1 }),
    windowSeconds: Type.Number({ default: 60, minimum: 1 }),
    /** How long it stays open, the first time, the second in a row …; the last repeats. */
    openSeconds: Type.Array(Type.Number({ minimum: 0.1 }), { default: [10, 30, 60, 300], minItems: 1 }),
    /** Let through to find out; all must go well. */
    probes: Type.Integer({ default: 3, minimum: 1 }),
  },
  strict,
)

/** Questions to it. They have places of their own beside the filings'. */
export const Queries = Type.Object(
  {
    /**
     * Who answers: the agency, the hub from its ledger, or both. Absent: both where the agency is reached by calls,
     * else the hub.
     */
    answeredBy: Type.Optional(Type.Enum(queryModes)),
    /** The same for one operation: catalogue code, or the beginning of one. */
    operations: Type.Record(Type.String({ pattern: '^\\d+(\\.\\d+){0,4}$' }), Type.Enum(queryModes), { default: {} }),
    concurrency: Type.Integer({ default: 4, minimum: 1, maximum: 1000 }),
    rate: Type.Optional(
      Type.Object({ max: Type.Integer({ minimum: 1 }), seconds: Type.Number({ minimum: 0.1 }) }, strict),
    ),
  },
  strict,
)

/** The rules for one agency, with their defaults; the table of docs/configuration.md is printed from it. */
export const AgencyPolicy = Type.Object({
  /** True only when the agency itself recognises a repeated submission id and takes it once (promise 3). */
  idempotent: Type.Boolean({ default: false }),
  /**
   * A key that another partner has under way at this agency: `flag` takes the message and tells the operator, `refuse`
   * turns it down. Receipts go by what they say of their addressee, else to whoever had the key first.
   */
  sharedKeys: Type.Enum(['flag', 'refuse'], { default: 'flag' }),
  /** Who signs a declaration that comes unsigned, on its way to this agency; absent: nobody, so it is refused. */
  signs: Type.Optional(Type.Enum(['hub', 'client'])),
  /** How many submissions may be under way at once, in each hub process. */
  concurrency: Type.Integer({ default: 8, minimum: 1, maximum: 1000 }),
  /** At most so many in so long, all hub processes together. */
  rate: Type.Optional(
    Type.Object({ max: Type.Integer({ minimum: 1 }), seconds: Type.Number({ minimum: 0.1 }) }, strict),
  ),
  /** How long one try may take before it counts as `ambiguous`. */
  deadlineSeconds: Type.Number({ default: 30, minimum: 1 }),
  /** Waits after tries that surely did not arrive, in seconds; the last one repeats until `giveUpHours`. */
  retrySeconds: Type.Array(Seconds, { default: [1, 2, 5, 15, 60, 300, 900], minItems: 1 }),
  /** Waits after tries that may have arrived, for an idempotent agency. */
  doubtSeconds: Type.Array(Seconds, { default: [5, 15, 60, 300, 900], minItems: 1 }),
  /**
   * An unclear submission is asked about after the first of these, and then after each second one, where the agency can
   * be asked.
   */
  askSeconds: Type.Tuple([Seconds, Type.Number({ minimum: 1 })], { default: [3, 30] }),
  /** Up to this share is added to every wait, so that a thousand waiters do not come back at once. */
  jitter: Type.Number({ default: 0.2, minimum: 0, maximum: 1 }),
  /** After this long without delivery a submission becomes a dead letter. */
  giveUpHours: Type.Number({ default: 72, exclusiveMinimum: 0 }),
  breaker: Type.Object(Breaker.properties, { ...strict, default: {} }),
  queries: Type.Object(Queries.properties, { ...strict, default: {} }),
  windows: Type.Array(Window, { default: [] }),
  /**
   * Catalogue code or prefix of one, `*` for any one part → how urgent, 1 first. The longest counts; what is not named
   * has `ordinary`.
   */
  priorities: Type.Record(
    Type.String({ pattern: '^\\d+(\\.(\\d+|\\*))*$' }),
    Type.Integer({ minimum: 1, maximum: 1000 }),
    { default: {} },
  ),
})
type Read = Static<typeof AgencyPolicy>
export type AgencyPolicy = Omit<Read, 'windows'> & { windows: Window[] }
/** The rules as hub.yaml may write them: every rule may be left out. */
export type PolicySettings = Partial<Omit<Read, 'breaker' | 'queries'>> & {
  breaker?: Partial<Static<typeof Breaker>>
  queries?: Partial<Static<typeof Queries>>
}

/** The urgency of operations an agency's priorities do not name. */
export const ordinary = 100

/** Wait before the next try: the listed delay with its jitter. `attempt` counts from 1. */
export function retryDelayMs(
  { jitter }: Pick<AgencyPolicy, 'jitter'>,
  waits: readonly number[],
  attempt: number,
  random = Math.random,
): number {
  const seconds = waits[Math.min(Math.max(attempt, 1), waits.length) - 1]!
  return Math.round(seconds * 1000 * (1 + jitter * random()))
}

/** No wait of a submission is set longer, in milliseconds; an agency's own wish is not longer than `longestRestMs`. */
export function longestWaitMs({ retrySeconds, doubtSeconds, askSeconds, jitter }: AgencyPolicy): number {
  return Math.max(Math.max(...retrySeconds, ...doubtSeconds) * (1 + jitter), ...askSeconds) * 1000
}

/**
 * How urgent an operation is to this agency; undefined where no priorities are set: then all go in the order they came.
 */
export function priorityOf(
  { priorities }: Pick<AgencyPolicy, 'priorities'>,
  operation: string | undefined,
): number | undefined {
  const named = Object.keys(priorities)
  if (named.length === 0) return undefined
  const parts = operation?.split('.') ?? []
  const fits = (code: string[]) =>
    code.length <= parts.length && code.every((part, i) => part === '*' || part === parts[i])
  const exact = (code: string[]) => code.filter((part) => part !== '*').length
  // More parts say more; of as many, those that are named.
  const [best] = named
    .filter((code) => fits(code.split('.')))
    .sort((a, b) => b.split('.').length - a.split('.').length || exact(b.split('.')) - exact(a.split('.')))
  return best === undefined ? ordinary : priorities[best]!
}

/** Every urgency an operation can have at this agency; empty where no priorities are set. */
export function urgenciesOf({ priorities }: Pick<AgencyPolicy, 'priorities'>): number[] {
  const named = Object.values(priorities)
  return named.length === 0 ? [] : [...new Set([...named, ordinary])]
}

/**
 * The whole set of rules: an agency's own over those its entry in routing/agencies.yaml brings, over the built-in ones.
 */
export function policyOf(own: PolicySettings = {}, defaults: PolicySettings = {}): AgencyPolicy {
  return Value.Clean(
    AgencyPolicy,
    Value.Default(AgencyPolicy, structuredClone({ ...defaults, ...own })),
  ) as AgencyPolicy
}

/** What is wrong with closed windows, each with its place. */
export function windowFaults(windows: readonly Static<typeof Window>[], now: Date): ValueFault[] {
  const faults = windows.flatMap((window, i): ValueFault[] => {
    const at = `/${i}`
    const every = window.from !== undefined || window.to !== undefined || window.days !== undefined
    const once = window.start !== undefined || window.end !== undefined
    if (every === once)
      return [{ at, en: 'needs either from and to, or start and end', zh: '须填写 from 和 to，或 start 和 end' }]
    if (every && (window.from === undefined || window.to === undefined))
      return [{ at, en: 'needs from and to', zh: '须同时填写 from 和 to' }]
    if (once && (window.start === undefined || window.end === undefined))
      return [{ at, en: 'needs start and end', zh: '须同时填写 start 和 end' }]
    const fault = windowFault(window as Window)
    return fault === undefined ? [] : [{ at, en: fault, zh: '时段填写有误' }]
  })
  return faults.length === 0 && neverOpen(windows as Window[], now)
    ? [{ at: '', en: 'together they leave no time to send', zh: '所有时段合起来没有可申报的时间' }]
    : faults
}
