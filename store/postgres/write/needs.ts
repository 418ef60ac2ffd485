// needs — what a write says beforehand it is likely to ask: it is asked for all writes of one transaction at once.
import type { SameReply } from '../foresight.js'

/** What one write is likely to ask. Nothing of it must be said; what was not is asked when it is needed. */
export interface Needs {
  /** About what it writes, when that is much. */
  bytes?: number
  /** Who has these identities. */
  identities?: readonly { partnerId: string; identity: string }[]
  /** Has another partner one of these keys under way? */
  keys?: readonly { partnerId: string; agency: string; name: string; value: string }[]
  /** Numbers of new submissions. */
  numbers?: number
  submissions?: readonly string[]
  /** Submissions that may be claimed: who is ahead of them? */
  claims?: readonly string[]
  /** Numbers a submission learns: has a notice cited them? */
  learns?: readonly { name: string; value: string }[]
  /** A reply to be settled, with the receipts it becomes. */
  settles?: { replyId: string; receipts: readonly string[] }
  /** An answer to be kept: did it come before? */
  keeps?: SameReply
  /** Receipts that somebody takes out: whose are they? */
  takesOut?: readonly string[]
}
