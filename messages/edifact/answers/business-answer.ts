// business-answer — a receipt for a partner who speaks EDIFACT: the CUSRES or APERAK its original is answered by.
import { type CharsetName } from '../charset.js'
import { buildAperak } from './aperak.js'
import { answeredByCusres, buildCusres } from './cusres.js'
import { originalOf } from './original.js'
import { referenceOfAnswer, type AnsweredReceipt } from './response.js'

/** What answers something itself is never answered, or two systems would answer each other for ever. */
const unanswered: ReadonlySet<string> = new Set(['CONTRL', 'APERAK', 'CUSRES'])

/**
 * @param bytes the message answered, as it was received @param charset what they are, where UNB says otherwise
 * @returns undefined when nobody can be answered (no readable UNB, no message) or nobody should: the message is an
 *   answer itself
 */
export function businessAnswer(
  receipt: AnsweredReceipt,
  bytes: Uint8Array,
  charset?: CharsetName,
): Uint8Array | undefined {
  const original = originalOf(bytes, charset)
  if (!original || unanswered.has(original.id.type)) return undefined
  const input = { receipt, original, at: new Date(receipt.time), reference: referenceOfAnswer(receipt.receiptId) }
  return answeredByCusres.has(original.id.type) ? buildCusres(input) : buildAperak(input)
}
