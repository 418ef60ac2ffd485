// customs-registration — the ten characters under which a company is known to customs (海关备案编码): four digits of region,
// one of the zone, one of the kind of company, then a serial of four, which may hold capitals. It has no check digit;
// its form is all there is.
import type { CheckDigit } from './check-digit.js'

/** Ten places: there is no check digit, only a form. */
export const customsRegistration: CheckDigit = {
  applies: (value) => value.length === 10,
  right: (value) => /^\d{4}[0-9A-Z]{6}$/.test(value),
}
