// expectation — which answer is awaited next of an agency, and until when.
import type { Expectation } from './document-type.js'
import { weighs, type ReceiptStatus } from './states.js'

/** The step that is awaited next; after `by` it is overdue. */
export interface Awaited {
  /** Which of the document type's expectations, from 0. */
  step: number
  by: Date
}

/**
 * What is awaited once a submission has this status (none: just handed over). Undefined when nothing is: all was
 * answered, or nothing was expected. A status answers every step that awaits no more than it says, and those before it:
 * what was approved is not awaited to be stored, though the step names nothing but `processing`.
 */
export function awaited(
  expects: readonly Expectation[] | undefined,
  status: ReceiptStatus | undefined,
  now: Date,
): Awaited | undefined {
  const steps = expects ?? []
  const answered = status === undefined ? -1 : steps.findLastIndex((step) => answers(status, step))
  const step = answered + 1
  const next = steps[step]
  return next && { step, by: new Date(now.getTime() + answerWithinMs(next)) }
}

/** How long the agency has for a step, in milliseconds. */
export const answerWithinMs = ({ withinMinutes }: Expectation): number => withinMinutes * 60_000

const answers = (said: ReceiptStatus, { status }: Expectation): boolean =>
  status.some((one) => weighs(one) <= weighs(said))
