// retention-rules — how long the bytes of a message are kept: by what it is about, and by whether it was refused.
import { RetentionSetting } from '../../messages/views/index.js'
import type { KeptMessage } from '../../store/kept.js'

export { RetentionSetting }

/** A sender finds out within days what was wrong with a message. */
const usualRefusedDays = 14

/** How long refused messages are kept. */
export const refusedDaysOf = ({
  days = Infinity,
  refusedDays = Math.min(usualRefusedDays, days),
}: RetentionSetting): number => refusedDays

/** An answer is wanted when it is asked for. */
const usualQueryDays = 7

/** How long queries and their answers are kept. */
export const queryDaysOf = ({
  days = Infinity,
  queryDays = Math.min(usualQueryDays, days),
}: RetentionSetting): number => queryDays

/** Refused ones by that; of the others the longest beginning of its code decides. */
export function daysBy(rules: RetentionSetting) {
  const { days: usual = Infinity, operationDays = {} } = rules
  const refusedDays = refusedDaysOf(rules)
  const prefixes = Object.entries(operationDays).sort(([a], [b]) => b.length - a.length)
  return ({ state, operation }: Pick<KeptMessage, 'state' | 'operation'>): number => {
    if (state === 'refused') return refusedDays
    return prefixes.find(([code]) => operation === code || operation?.startsWith(`${code}.`))?.[1] ?? usual
  }
}
