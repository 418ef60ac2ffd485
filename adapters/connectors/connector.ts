// connector — the way the hub reaches an agency. One method that sends; the outcome says what is known, never more.
import type { AgencyAnswer, HttpAnswer } from '../../messages/agency-answer.js'
import type { Key } from '../../messages/inspection.js'
import type { AnswerReadView } from '../../messages/views/index.js'

/** One try of one submission. `bytes` are what is on disk: every try of a submission sends the same. */
export interface OutboundMessage {
  submissionId: string
  messageId: string
  /** Who files or asks, by the hub's own name. */
  partnerId?: string | undefined
  operation: string
  documentType: string
  reference: string
  bytes: Buffer
  attachments: { name: string; bytes: Buffer; mediaType?: string }[]
  /**
   * Of this try alone, and fit for the name of a file. Absent: a hub that does not know such names may be asked what
   * became of it.
   */
  attemptId?: string | undefined
  /** Of the trace this try belongs to (W3C Trace Context), where messages are traced. */
  traceparent?: string | undefined
}

/** An answer as the rules of its agency see it. */
export interface AnswerRead {
  verdict: string
  rule?: NonNullable<AnswerReadView['rule']>
  /** Whose rule it is: the operator's, or the one where he says nothing. */
  from?: 'settings' | 'default'
  receipt: boolean
  learn: Key[]
  outcome: SendOutcome
}

/**
 * - `taken`: the agency has it; `answer` is its first receipt when it sent one at once, `learn` the number it gave
 * - `duplicate`: it says that it has the same already. That is success where an earlier try of this submission may
 *   have arrived
 * - `transient`: surely not taken (not connected, 429, 503); trying again cannot duplicate
 * - `ambiguous`: bytes left, and no answer of the agency was seen
 * - `permanent`: the agency refused to take it; `answer` is what it said
 */
export type SendOutcome =
  | { outcome: 'taken'; answer?: AgencyAnswer; learn?: Key[] }
  | { outcome: 'duplicate'; detail: string; answer?: AgencyAnswer; learn?: Key[] }
  | {
      outcome: 'transient'
      code: 'HUB_AGENCY_UNAVAILABLE' | 'HUB_AGENCY_BUSY' | 'HUB_AGENCY_UNCONFIGURED'
      detail: string
      retryAfterSeconds?: number
    }
  | { outcome: 'ambiguous'; code: 'HUB_AGENCY_TIMEOUT' | 'HUB_AGENCY_CUT' | 'HUB_AGENCY_FOREIGN'; detail: string }
  | { outcome: 'permanent'; code: 'HUB_AGENCY_REFUSED'; detail: string; answer?: AgencyAnswer }

/** An answer a connector has fetched by itself. `files`: those it names that lay beside it. */
export interface FetchedAnswer extends AgencyAnswer {
  /** The file's name, for the log. */
  name: string
  /** What the name says: it was taken over, it could not be, or it is any other receipt. */
  kind: 'imported' | 'failed' | 'receipt'
  /** The submission it answers, when its name says so. */
  submissionId?: string
}

/** The other side has put a file of ours among those it could not take. */
export interface FetchedRefusal {
  submissionId: string
  name: string
}

/** How the other side of a connector is doing, as far as it can be seen without sending anything. */
export interface ConnectorHealth {
  ok: boolean
  /** What is wrong, for the ops team. */
  detail?: string
  /** Handed over and not yet fetched by the other side. */
  files?: number
  oldestSeconds?: number
  /** From this age on the other side counts as hanging. */
  limitSeconds?: number
}

/**
 * One way to an agency. Several agencies may share one. tests/contracts holds every kind to what is said here.
 * @see [createConnect](../../hub/agencies/connect.ts)
 */
export interface Connector {
  /** Never rejects for anything the agency or the network does: that is an outcome. Has a deadline of its own. */
  send(message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome>
  /**
   * Asks whether the agency has a submission. Absent when the agency offers no such query. Where what was sent leaves
   * its traces only for a while, the answer to something older than that is `unknown`, never `not-taken`.
   * @param about its last try, by `attemptId`; any try where that is absent. `since`: it may have been sent at any time
   *   from then on, perhaps long ago; absent: the try just now is asked about
   */
  query?(
    submissionId: string,
    signal: AbortSignal,
    about?: { attemptId?: string | undefined; since?: Date | undefined },
  ): Promise<'taken' | 'not-taken' | 'unknown'>
  /** What the agency has answered to a submission so far, where it can be asked for that. */
  receipt?(submissionId: string, signal: AbortSignal): Promise<AgencyAnswer | undefined>
  /** How an answer would be read, and by which rule; for people who try their rules. Absent where answers are files. */
  read?(answer: HttpAnswer): Promise<AnswerRead>
  /** Absent where sending alone tells. */
  health?(): ConnectorHealth
  close(): Promise<void>
}
