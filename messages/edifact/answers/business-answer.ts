// business-answer — a receipt for a partner who speaks EDIFACT: the CUSRES or APERAK its original is answered by.
import { type CharsetName } from '../charset.js'
import { buildAperak } from './aperak.js'
import { answeredByCusres, buildCusres } from './cusres.js'
import { originalOf } from './original.js'
import { referenceOfAnswer, type Told } from './response.js'

/**
 * @param bytes the message answered, as it was received @param charset what they are, where UNB says otherwise
 * @returns undefined when nobody can be answered: no readable UNB, no message
 */
export function businessAnswer(receipt: Told, bytes: Uint8Array, charset?: CharsetName): Uint8Array | undefined {
  const original = originalOf(bytes, charset)
  if (!original) return undefined
  const input = { receipt, original, at: new Date(receipt.time), reference: referenceOfAnswer(receipt.receiptId) }
  return answeredByCusres.has(original.id.type) ? buildCusres(input) : buildAperak(input)
}
