// conflict — a message that is right in itself and cannot be taken beside an earlier one becomes a refusal like any
// other, with its bytes and its receipt.
import { errorText, type ErrorCode } from '../../messages/errors.js'
import type { Key } from '../../messages/inspection.js'
import type { Receipt } from '../../messages/receipt.js'
import type { NewMessage, NewSubmission, Recorded } from '../ledger.js'
import type { Rival } from './shared-keys.js'

/** Why a message that is right is refused all the same. */
export type Conflict =
  /** An earlier message of the same partner has the reference. */
  | { outcome: 'conflict'; messageId: string }
  /**
   * Another partner has the key under way at an agency that takes no second one. Whose it is, is nobody's business
   * (promise 9).
   */
  | { outcome: 'key-in-use'; agency: string; key: Key }

/**
 * The first agency that takes no second message under a key which another partner has under way there.
 * @param rivals of each submission, in their order
 */
export function keyInUse(
  submissions: readonly NewSubmission[],
  rivals: readonly (readonly Rival[])[],
): Conflict | undefined {
  for (const [i, { agency, refuseShared }] of submissions.entries()) {
    const [rival] = refuseShared ? rivals[i]! : []
    if (rival) return { outcome: 'key-in-use', agency, key: rival.key }
  }
  return undefined
}

/**
 * What is told of a message that was written and taken.
 * @param receipt as it was written: without the bytes that were not kept
 * @param rivals of each submission, in their order
 */
export function recordedOf(
  message: NewMessage,
  receipt: Receipt,
  rivals: readonly (readonly Rival[])[],
): Extract<Recorded, { outcome: 'recorded' }> {
  const shared = message.submissions.flatMap(({ agency }, i) => rivals[i]!.map(({ key }) => ({ agency, key })))
  return {
    outcome: 'recorded',
    ...(receipt === message.receipt ? {} : { receipt }),
    ...(shared.length > 0 ? { shared } : {}),
  }
}

/** The receipt of the message, refused. */
export function conflictReceipt(receipt: Receipt, conflict: Conflict): Receipt {
  const { reference } = receipt
  const [code, value, values]: [ErrorCode, string, Record<string, string>] =
    conflict.outcome === 'conflict'
      ? ['HUB_REFERENCE_CONFLICT', reference, { reference, messageId: conflict.messageId }]
      : ['HUB_KEY_IN_USE', conflict.key.value, { value: conflict.key.value, agency: conflict.agency }]
  const text = errorText(code, values)
  return { ...receipt, status: 'refused', code, text, faults: [{ code, value: value.slice(0, 200), text }] }
}

/** Was a message written with a receipt of its own: a new one, or one refused for its conflict? */
export const isWritten = (one: Recorded): boolean =>
  one.outcome === 'recorded' || (one.outcome !== 'duplicate' && one.receipt !== undefined)
