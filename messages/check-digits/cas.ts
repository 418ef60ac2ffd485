// cas — CAS Registry Number of a chemical: up to seven digits, two digits, one check digit.
import type { CheckDigit } from './check-digit.js'

/** A CAS registry number: each digit times its place from the right, modulo 10. */
export const cas: CheckDigit = {
  applies: (value) => /^[1-9]\d{1,6}-\d\d-\d$/.test(value),
  right(value) {
    const digits = [...value.replaceAll('-', '')].map(Number)
    const check = digits.pop()
    return digits.reverse().reduce((sum, digit, i) => sum + digit * (i + 1), 0) % 10 === check
  },
}
