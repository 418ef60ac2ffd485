// correction — what a message that is new takes over from the one that had its identity before.
import type { NewMessage } from '../ledger.js'

interface CorrectionFacts {
  refused: boolean
  /** It changes or deletes an original, and is none itself. */
  changes: boolean
  /** The message that had its identity until now. */
  first: string | undefined
}

interface Correction {
  /** The identity is this message's from now on. */
  claims: boolean
  /** This message is never sent again; its bytes still get its own first answer (promises 3, 8). */
  supersedes: string | undefined
  /** What waits to change this message waits for the new one. */
  takesChangesOf: string | undefined
}

/** Asked only of a message that is new. */
export function correction({ refused, changes, first }: CorrectionFacts): Correction {
  if (refused) return { claims: false, supersedes: undefined, takesChangesOf: undefined }
  return { claims: true, supersedes: first, takesChangesOf: changes ? undefined : first }
}

/** The same, of a message and the row of the one that had its identity. */
export const correctionBy = (
  { receipt, changes }: Pick<NewMessage, 'receipt' | 'changes'>,
  first: { message_id: string } | undefined,
): Correction =>
  correction({ refused: receipt.status === 'refused', changes: changes === true, first: first?.message_id })
