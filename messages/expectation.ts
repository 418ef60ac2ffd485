// expectation — which answer is awaited next of an agency, and until when.
import type { Expectation } from './document-type.js'
import type { ReceiptStatus } from './states.js'

export interface Awaited {
  /** Which of the document type's expectations, from 0. */
  step: number
  by: Date
}

/**
 * What is awaited once a submission has this status (none: just handed over). Undefined when nothing is: all was
 * answered, or nothing was expected. A status that jumps ahead answers every step before it.
 */
export function awaited(
  expects: readonly Expectation[] | undefined,
  status: ReceiptStatus | undefined,
  now: Date,
): Awaited | undefined {
  const steps = expects ?? []
  const answered = status === undefined ? -1 : steps.findLastIndex((step) => step.status.includes(status))
  const step = answered + 1
  const next = steps[step]
  return next && { step, by: new Date(now.getTime() + next.withinMinutes * 60_000) }
}
