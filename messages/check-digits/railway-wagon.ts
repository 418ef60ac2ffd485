// railway-wagon — the number of a wagon of the 1520 mm railways: seven digits and one check digit (Luhn, from the
// left).
import type { CheckDigit } from './check-digit.js'

/** Eight digits, every other one doubled, modulo 10. */
export const railwayWagon: CheckDigit = {
  applies: (value) => /^\d{8}$/.test(value),
  right(value) {
    const sum = [...value.slice(0, 7)].reduce((total, digit, i) => {
      const product = Number(digit) * (i % 2 === 0 ? 2 : 1)
      return total + (product > 9 ? product - 9 : product)
    }, 0)
    return (10 - (sum % 10)) % 10 === Number(value[7])
  },
}
