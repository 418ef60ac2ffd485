// answer — what an agency's answer changes in the submission it speaks of. The receipt itself is recorded and given
// back in any case.
import type { ReceiptStatus } from '../../messages/states.js'
import { isFinal, newest, type StateAndStatus } from './business-status.js'

/** What the ledger knows when a receipt of an agency is settled. */
export interface AnswerFacts extends StateAndStatus {
  /** What the answer says. */
  said: ReceiptStatus
  /** What the agency has said while nobody knew whether it has the message. */
  saidInDoubt: () => ReceiptStatus | null
  /** Somebody once decided without knowing that it is sent again, or given up. */
  decidedInDoubt: () => boolean
}

/** What is written beside the receipt. */
export interface AnswerDecision {
  /** It is at the agency, with this status. Absent: its state stays as it is. */
  submitted?: { status: ReceiptStatus }
  /** The try that is open ends with it. */
  endsAttempt: boolean
  /** The agency will teach it no number any more. */
  learnsNothing: boolean
}

/**
 * A receipt from the agency proves it has the message, whatever the hub believed: it wins over every timeout. Not over
 * `queued`: then it surely was not taken, or sending it again does no harm, and the receipt may be an older message's.
 * Unless it was once unclear and somebody decided without knowing: now the agency tells, and sending again would file
 * it twice (promise 3).
 */
export function answer({ state, status, said, saidInDoubt, decidedInDoubt }: AnswerFacts): AnswerDecision {
  const believed = state !== 'queued' || decidedInDoubt()
  // Until the agency has it, a status is the hub's own word (given up), which counts for nothing against the agency's.
  const now = believed ? newest(state === 'submitted' ? status : saidInDoubt(), said) : status
  return {
    ...(believed ? { submitted: { status: now! } } : {}),
    endsAttempt: state === 'submitting',
    learnsNothing: isFinal(now),
  }
}
