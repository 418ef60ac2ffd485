// id-card — 公民身份号码, GB 11643-1999: six digits of region, eight of birth, three of order, and one check character.
import type { CheckDigit } from './check-digit.js'

const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]

/** The check character that belongs after the first 17 digits (ISO 7064 MOD 11-2). */
export function idCardDigit(seventeen: string): string {
  return '10X98765432'[[...seventeen].reduce((sum, digit, i) => sum + Number(digit) * weights[i]!, 0) % 11]!
}

/** GB 11643: ISO 7064, MOD 11-2. */
export const idCard: CheckDigit = {
  applies: (value) => /^\d{17}[\dX]$/.test(value),
  right: (value) => idCardDigit(value.slice(0, 17)) === value[17],
}
