// same-again — is a message new, the same again, or in conflict with an earlier one (promise 8)? The table of
// docs/lifecycle.md, "The same message again".
import type { Receipt } from '../../messages/receipt.js'
import type { Recorded } from '../ledger.js'
import { isRefused, type StateAndStatus } from './business-status.js'

interface SameAgainFacts {
  /** Of the message that came. */
  sha256: string
  /** It is refused for a reason of its own. */
  refused: boolean
  /** The message that has its identity now. */
  first: { messageId: string; sha256: string } | undefined
  /** The message with these very bytes that had the identity before, until a correction took its place. */
  replaced: () => string | undefined
  /** The submissions of the first. */
  submissions: () => readonly StateAndStatus[]
}

type SameAgain =
  | { outcome: 'new' }
  /** It gets the first answer of this message again. */
  | { outcome: 'same'; messageId: string }
  /** This one has its reference, with other bytes, and may still come to something. */
  | { outcome: 'conflict'; messageId: string }

/** Asked of every message; the rest of the write follows its answer. */
export function sameAgain({ sha256, refused, first, replaced, submissions }: SameAgainFacts): SameAgain {
  if (!first) return { outcome: 'new' }
  // Bytes a correction has replaced since still get their own first answer: an old file sent once more is not filed
  // once more.
  const same = first.sha256 === sha256 ? first.messageId : replaced()
  if (same !== undefined) return { outcome: 'same', messageId: same }
  // A refused message claims nothing, so it conflicts with nothing. A first one that came to nothing may be corrected.
  if (refused || submissions().every(isRefused)) return { outcome: 'new' }
  return { outcome: 'conflict', messageId: first.messageId }
}

/** The same again is answered with the first receipt of the message it is; `receipt` is that receipt's JSON. */
export const answeredAgain = (
  { messageId }: Extract<SameAgain, { outcome: 'same' }>,
  { receipt }: { receipt: string },
): Extract<Recorded, { outcome: 'duplicate' }> => ({
  outcome: 'duplicate',
  messageId,
  receipt: JSON.parse(receipt) as Receipt,
})
