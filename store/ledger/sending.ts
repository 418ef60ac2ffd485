// sending — who may send what, exactly one at a time, and what became of each try.
import type { Expectation } from '../../messages/document-type.js'
import type { ReturnChannel } from '../../messages/inbound.js'
import type { Key } from '../../messages/inspection.js'
import type { SubmissionState } from '../../messages/states.js'
import type { HubReceipt, ReceiptBeside } from './answers.js'
import type { SubmissionFacts } from './owners.js'
import type { NewAttachment } from './taking.js'

/** What the tries before this one leave open. */
export interface EarlierTries {
  /** One may have reached the agency: what the agency calls a duplicate may be that one. */
  mayHaveArrived?: true
  /** One may have been taken, and nobody knows yet: given up, it is unclear and not failed. */
  inDoubt?: true
}

/** All a worker needs to send one message to one agency. */
export interface SubmissionWork extends EarlierTries, Omit<SubmissionFacts, 'channel'> {
  /** How often it has been tried, this time included; from 1. */
  attempt: number
  /** Its bytes are not what they were when they were recorded: they are not sent. */
  damaged?: true
  acceptedAt: Date
  bytes: Buffer
  attachments: NewAttachment[]
}

/** What a worker that wants to send knows itself. */
export interface ClaimAbout {
  /**
   * A try that began later may still be under way in some hub: `later`, and its fence stays. Default: whoever has it is
   * taken for gone.
   */
  abandonedBefore?: Date | undefined
  /** Where the try is to be made; its fence tells it. */
  place?: string | undefined
}

/** The answer to a worker that wants to send. Only `claimed` and `interrupted` make the submission its own. */
export type ClaimOutcome =
  /**
   * Yours: the ledger says `submitting` and the attempt is on disk. `fence` must be shown when settling the attempt.
   */
  | { outcome: 'claimed'; work: SubmissionWork; fence: string }
  /** The next try is due later. */
  | { outcome: 'later'; at: Date }
  /** An earlier message about the same business document has not been taken by the agency yet. */
  | { outcome: 'behind'; submissionId: string }
  /** The original it changes was refused: it is to be held (`holdBack`). Until that is written it stays `queued`. */
  | { outcome: 'held'; work: SubmissionWork; original: { submissionId: string; reference: string } }
  /**
   * A worker claimed it before and did not come back: bytes may have left. `startedAt` tells when, `attemptId` by which
   * fence that was.
   */
  | { outcome: 'interrupted'; work: SubmissionWork; fence: string; attemptId: string; startedAt: Date }
  /**
   * Nothing to do: held, submitted, unclear, dead or unknown. Of one that is unclear: `unclearSince`, when its last try
   * ended in doubt, and `attemptId`, the fence that try was claimed with. `sentSince`: unclear since a copy was
   * restored; it may have been sent at any time from then on.
   */
  | {
      outcome: 'done'
      state: SubmissionState | 'unknown'
      unclearSince?: Date
      sentSince?: Date
      attemptId?: string | undefined
    }

/**
 * How one attempt ended. `expects`: what the agency is to answer, step by step; the first step that it has not answered
 * already is awaited.
 */
export type AttemptEnd = (
  | { outcome: 'submitted'; agencyReference?: string; expects?: readonly Expectation[]; learn?: Key[] }
  | { outcome: 'retry'; at: Date; code: string; detail: string }
  | { outcome: 'unclear'; code: string; detail: string }
  | { outcome: 'dead'; code: string; detail: string }
) &
  ReceiptBeside

/** A submission, the agency it is owed to, and the partner that has handed it in. */
export interface SubmissionRef {
  submissionId: string
  agency: string
  partnerId: string
}

/** One try of one submission: the fence it was claimed with. */
export interface AttemptRef {
  submissionId: string
  fence: string
}

/**
 * What was found out of an `unclear` submission: taken by the agency (which is to answer as `expects` says), to be
 * sent again, or given up.
 */
export interface UnclearDecision extends ReceiptBeside {
  decision: 'taken' | 'resend' | 'dead'
  why: string
  /**
   * Whoever found that the agency has nothing asked about this try, by its fence: what was tried again since is not
   * sent for that. Absent: about whichever was the last.
   */
  attemptId?: string | undefined
  expects?: readonly Expectation[] | undefined
}

/** In milliseconds. */
interface LongestWaits {
  /** Until the next try. */
  retryMs: number
  /** One try. */
  tryMs: number
  /** Until a receipt is given back again. */
  returnMs: number
  /** Until an agency's answer is overdue. */
  answerMs: number
}

/**
 * A try begins with `claim` and ends with `endAttempt`. Between the two the fence tells who has the submission: who
 * shows an older one changes nothing, and must not send.
 */
export interface Sending {
  claim(submissionId: string, now: Date, about?: ClaimAbout): Promise<ClaimOutcome>
  /**
   * Holds a change whose original was refused, and tells its partner, in one write. False when there is nothing to
   * hold any more: another worker has done it, or its original goes on. Then nobody is told.
   */
  holdBack(submissionId: string, told: HubReceipt, now: Date): Promise<boolean>
  /**
   * The try goes on, as if it began now. False when the fence is stale: somebody has taken it for abandoned, and
   * nothing may be sent.
   */
  renewAttempt(attempt: AttemptRef, now: Date): Promise<boolean>
  /**
   * Ends the attempt the fence belongs to. False when the fence is stale: nothing was changed, nobody is told.
   * A `submitted` end is taken even when the submission was parked `unclear` meanwhile: knowledge beats doubt.
   */
  endAttempt(attempt: AttemptRef, end: AttemptEnd, now: Date): Promise<boolean>
  /**
   * What this try is about to send, where that is not what was recorded: a signature was put in. Kept before a byte
   * leaves; every later try sends the same. False when the fence is stale: then nothing was kept, and nothing may be
   * sent.
   */
  keepSentForm(attempt: AttemptRef, bytes: Buffer): Promise<boolean>
  /** Submissions that are owed and due (`queued`, next try not after `dueBy`), oldest first, for the sweeper. */
  dueSubmissions(dueBy: Date, limit: number, after?: string): Promise<SubmissionRef[]>
  /**
   * Submissions to these agencies `submitting` since before `startedBefore`: their worker is gone. Those of agencies
   * nobody serves any more would crowd out the rest.
   */
  interruptedSubmissions(startedBefore: Date, limit: number, agencies: string[]): Promise<SubmissionRef[]>
  /**
   * Times further ahead than any that can have been set are of a clock that was ahead and has been set back: what was
   * to wait until then is due now, of submissions and of receipts owed by these channels; a try that began then began
   * now. An answer that was to be there by then may have been asked for a moment ago: it is overdue after the longest
   * time an agency has, never too early. How many that were.
   */
  boundWaits(longest: LongestWaits, channels: ReturnChannel[], now: Date): Promise<number>
  /** The next queued submission with the same partner, agency and order key, once this one is out of the way. */
  nextBehind(submissionId: string): Promise<SubmissionRef | undefined>
  /** A person or a status query decides an `unclear` one. */
  resolveUnclear(submissionId: string, resolution: UnclearDecision, now: Date): Promise<boolean>
  /**
   * For an older copy put back in place: all that waits in it (queued, being sent, held) becomes `unclear`, since it
   * may have been sent after the copy was made; what is unclear in it is so for this reason now. How many that were.
   * Questions, whose ids begin with `qry_`, are left as they are: they may be asked twice.
   * Receipts go on with numbers that were never given out.
   */
  doubtWaiting(now: Date, why: string): Promise<number>
  /** Unclear ones, those longest so first, from after the given submission on. */
  unclearSubmissions(limit: number, after?: string): Promise<SubmissionRef[]>
  /**
   * Submissions between these two ids, in their order, that their agency has taken and has not answered to the end.
   * For questions, whose ids are in a range of their own, and of which there are few in a time.
   */
  unanswered(after: string, before: string, limit: number): Promise<SubmissionRef[]>
  /** A dead letter back into the queue (attempts start again). */
  replay(submissionId: string, now: Date): Promise<boolean>
}
