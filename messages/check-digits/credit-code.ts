// credit-code — the unified social credit code (统一社会信用代码) of GB 32100-2015: 18 characters, the last a check character
// modulo 31. Its 9th to 17th character are the organisation code of GB 11714-1997, whose own check digit some early
// codes do not keep: not asked.
import type { CheckDigit } from './check-digit.js'

/** Digits and capitals without I O S V Z; the place is the value (GB 32100-2015, table 3). */
const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'

/** The check character that belongs after the first seventeen (weights 3^i modulo 31). */
export function creditCodeDigit(seventeen: string): string {
  let sum = 0
  let weight = 1
  for (const char of seventeen) {
    sum += alphabet.indexOf(char) * weight
    weight = (weight * 3) % 31
  }
  return alphabet[(31 - (sum % 31)) % 31]!
}

/**
 * An identity card number has eighteen characters too, and stands where a person acts: region, date of birth, serial.
 */
const identityCard = /^[1-6]\d{5}(19|20)\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])\d{3}[\dX]$/

/**
 * Registering department and category, six digits of administrative division, nine of organisation, one check
 * character; manifests write `USCI+` before it.
 */
export const creditCode: CheckDigit = {
  applies: (value) =>
    /^(USCI\+)?[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/.test(value) && !identityCard.test(value),
  right: (value) => creditCodeDigit(value.slice(-18, -1)) === value.at(-1),
}
