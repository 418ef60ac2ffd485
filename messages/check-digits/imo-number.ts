// imo-number — the ship identification number of IMO resolution A.1117(30): six digits and a check digit, with or
// without `IMO` or the `UN` of the manifests before.
import type { CheckDigit } from './check-digit.js'

/** The digit that belongs after the first six: the last of the sum of each by 7 … 2. */
const imoDigit = (six: string): number => [...six].reduce((sum, digit, i) => sum + Number(digit) * (7 - i), 0) % 10

/** IMO resolution A.1117(30), also written with `IMO` or `UN` before it. */
export const imoNumber: CheckDigit = {
  applies: (value) => /^(IMO ?|UN)?[1-9]\d{6}$/.test(value),
  right: (value) => imoDigit(value.slice(-7, -1)) === Number(value.at(-1)),
}
