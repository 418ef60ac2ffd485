// claim — may this submission be sent now? A worker that asks is the only one to be told yes (promise 3).
import { isRefused, isUnderWay, type StateAndStatus } from './business-status.js'
import type { SubmissionState } from '../../messages/states.js'
import type { ClaimOutcome } from '../ledger/sending.js'

/** What the ledger knows when a worker asks. `ahead` and `original` are looked up only where they can matter. */
export interface ClaimFacts {
  state: SubmissionState
  /** When it may be tried, in milliseconds since 1970. */
  nextAt: number
  now: number
  /** Of one being sent: when that began, in milliseconds since 1970. */
  startedAt?: number | null
  /** A try that began later may still be under way, here or in another hub: it is left alone. Default: none is. */
  abandonedBefore?: number | undefined
  /** The code its last try ended with. */
  lastCode: () => string | null | undefined
  /** An earlier message about the same business document that the agency has not taken yet. */
  ahead: () => string | undefined
  /** Of a change: its original. */
  original: () => ({ submissionId: string; reference: string } & StateAndStatus) | undefined
  /** A try of it may have been taken, and nobody knows yet. Asked only where its original was refused. */
  inDoubt: () => boolean
}

/** What the worker is told. */
export type ClaimDecision =
  | { outcome: 'claimed' }
  /** A worker claimed it before and did not come back. */
  | { outcome: 'interrupted' }
  | { outcome: 'later'; at: number }
  | { outcome: 'behind'; submissionId: string }
  | { outcome: 'held'; original: { submissionId: string; reference: string } }
  /** `doubtedByRestore`: unclear since a copy was put back; it may have been sent at any time since it was accepted. */
  | { outcome: 'done'; doubtedByRestore: boolean }

/**
 * What a worker that may not send is told: nothing is written for it. Times of the row in milliseconds since 1970.
 * @param attemptId of an unclear one, its last try by its fence
 */
export function notClaimed(
  decision: Extract<ClaimDecision, { outcome: 'later' | 'behind' | 'done' }>,
  { state, accepted_at, next_at }: { state: SubmissionState; accepted_at: number; next_at: number },
  attemptId: string | undefined,
): Extract<ClaimOutcome, { outcome: 'later' | 'behind' | 'done' }> {
  if (decision.outcome === 'later') return { outcome: 'later', at: new Date(decision.at) }
  if (decision.outcome === 'behind') return decision
  if (decision.doubtedByRestore) return { outcome: 'done', state, attemptId, sentSince: new Date(accepted_at) }
  return { outcome: 'done', state, ...(state === 'unclear' ? { attemptId, unclearSince: new Date(next_at) } : {}) }
}

/** Decides by the facts alone; the ledger applies it in the transaction that read them. */
export function claim(facts: ClaimFacts): ClaimDecision {
  const { state, nextAt, now, lastCode, ahead, original, inDoubt, startedAt, abandonedBefore = Infinity } = facts
  if (state === 'submitting') {
    const early = (startedAt ?? 0) - abandonedBefore
    return early > 0 ? { outcome: 'later', at: now + early } : { outcome: 'interrupted' }
  }
  if (state !== 'queued')
    return { outcome: 'done', doubtedByRestore: state === 'unclear' && lastCode() === 'HUB_RESTORED' }
  if (nextAt > now) return { outcome: 'later', at: nextAt }
  const before = ahead()
  if (before !== undefined) return { outcome: 'behind', submissionId: before }
  // A change is nothing without its original: it waits for one under way, and is held by one that was refused.
  const changed = original()
  if (changed && isUnderWay(changed)) return { outcome: 'behind', submissionId: changed.submissionId }
  // One that the agency may have is no longer to be held: the next try tells.
  if (changed && isRefused(changed) && !inDoubt()) return { outcome: 'held', original: changed }
  return { outcome: 'claimed' }
}
