// policy — how the hub behaves towards one agency: how long it waits, how often it tries, when it gives up.
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'

export const AgencyPolicy = Type.Object({
  /** True only when the agency itself recognises a repeated submission id and takes it once (promise 3). */
  idempotent: Type.Boolean({ default: false }),
  /** How many submissions may be under way at once. */
  concurrency: Type.Integer({ default: 8, minimum: 1, maximum: 1000 }),
  /** How long one try may take before it counts as `ambiguous`. */
  deadlineSeconds: Type.Number({ default: 30, minimum: 1 }),
  /** Waits between tries, in seconds; the last one repeats until `giveUpHours`. */
  retrySeconds: Type.Array(Type.Number({ minimum: 0 }), { default: [1, 2, 5, 15, 60, 300, 900], minItems: 1 }),
  /** After this long without delivery a submission becomes a dead letter. */
  giveUpHours: Type.Number({ default: 72 }),
})
export type AgencyPolicy = Static<typeof AgencyPolicy>

/** Wait before the next try: the listed delay with up to a fifth of jitter, so that a thousand waiters do not come back at once. */
export function retryDelayMs(policy: Pick<AgencyPolicy, 'retrySeconds'>, attempt: number, random = Math.random): number {
  const { retrySeconds } = policy
  const seconds = retrySeconds[Math.min(Math.max(attempt, 1), retrySeconds.length) - 1]!
  return Math.round(seconds * 1000 * (1 + 0.2 * random()))
}

/** The whole set of rules from what an agency's settings say. */
export function policyOf(own: Partial<AgencyPolicy> | undefined): AgencyPolicy {
  return Value.Clean(AgencyPolicy, Value.Default(AgencyPolicy, { ...own })) as AgencyPolicy
}
