// attempt-end — what becomes of a submission when a try of it ends, or when somebody decides what became of it.
import { awaited } from '../../messages/expectation.js'
import type { ReceiptStatus, SubmissionState } from '../../messages/states.js'
import type { AttemptEnd, UnclearDecision } from '../ledger/sending.js'

/** What the ledger knows when a try ends. */
export interface AttemptEndFacts {
  state: SubmissionState
  /** Who may end it now: the fence of its last claim. */
  fence: string | null
  /** Its last try. */
  last: { fence: string; outcome: string | null } | undefined
  /** Of the worker that comes back. */
  by: string
  /** What the agency has said of it already, while nobody knew whether it has it. */
  saidInDoubt: () => ReceiptStatus | null
}

/** What a submission is from now on. Absent fields stay as they are; null empties one. */
export interface SubmissionChange {
  state: SubmissionState
  nextAt: number
  fence: string | null
  status?: ReceiptStatus | null
  agencyReference?: string
  /** The answer awaited now; null: none. */
  awaited: { step: number; by: number } | null
}

const stateAfter: Record<AttemptEnd['outcome'], SubmissionState> = {
  submitted: 'submitted',
  retry: 'queued',
  unclear: 'unclear',
  dead: 'dead',
}

/** What becomes of a submission when its attempt ends; undefined where the worker is too late and changes nothing. */
export function attemptEnd(facts: AttemptEndFacts, end: AttemptEnd, now: number): SubmissionChange | undefined {
  if (!mayEnd(facts, end)) return undefined
  const taken = end.outcome === 'submitted' ? end : undefined
  const saidInDoubt = taken ? facts.saidInDoubt() : null
  return {
    state: stateAfter[end.outcome],
    nextAt: end.outcome === 'retry' ? end.at.getTime() : now,
    // Who parked it may still come to know better.
    fence: end.outcome === 'unclear' ? facts.by : null,
    // A status given before the agency has it is the hub's own word (given up), and ends with it.
    ...(end.outcome === 'dead' ? {} : { status: saidInDoubt }),
    ...(taken?.agencyReference === undefined ? {} : { agencyReference: taken.agencyReference }),
    awaited: taken ? nextAnswer(taken.expects, saidInDoubt, now) : null,
  }
}

/**
 * Knowledge beats doubt: whoever made the last attempt, or looked into it, and comes back with `submitted` is believed,
 * even after somebody decided in its absence to send again or give up: sending again would file it twice (promise 3).
 */
function mayEnd({ state, fence, last, by }: AttemptEndFacts, end: AttemptEnd): boolean {
  if (!last) return false
  if (state === 'submitting' && fence === by) return true
  const own = last.fence === by || fence === by
  const doubted =
    state === 'submitting' ||
    state === 'unclear' ||
    (state !== 'submitted' && last.outcome?.startsWith('resolved') === true)
  return end.outcome === 'submitted' && own && doubted
}

/** What the agency has answered while nobody knew whether it has the message is awaited no more. */
function nextAnswer(expects: UnclearDecision['expects'], saidInDoubt: ReceiptStatus | null, now: number) {
  const next = awaited(expects, saidInDoubt ?? undefined, new Date(now))
  return next ? { step: next.step, by: next.by.getTime() } : null
}

/** Undefined: nothing is unclear about it, or that is not what the decision is about. */
export function resolved(
  {
    state,
    fence,
    saidInDoubt,
    last,
  }: Pick<AttemptEndFacts, 'state' | 'fence' | 'saidInDoubt'> & { last: { fence: string } | undefined },
  { decision, expects, attemptId }: UnclearDecision,
  now: number,
): SubmissionChange | undefined {
  if (state !== 'unclear') return undefined
  // A question that hung while it was tried again: what the agency had not then, it may have now.
  if (decision === 'resend' && attemptId !== undefined && attemptId !== last?.fence) return undefined
  const taken = decision === 'taken'
  const said = taken ? saidInDoubt() : null
  return {
    state: taken ? 'submitted' : decision === 'resend' ? 'queued' : 'dead',
    nextAt: now,
    // Who tried it last may still come to know better than who decided.
    fence: taken ? null : fence,
    ...(decision === 'dead' ? {} : { status: said }),
    awaited: taken ? nextAnswer(expects, said, now) : null,
  }
}
