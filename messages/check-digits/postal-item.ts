// postal-item — the number of a postal item, UPU standard S10: two letters, eight digits, one check digit, the country
// of origin.
import type { CheckDigit } from './check-digit.js'

const weights = [8, 6, 4, 2, 3, 5, 9, 7]

/** UPU S10: weights 8 6 4 2 3 5 9 7, modulo 11. */
export const postalItem: CheckDigit = {
  applies: (value) => /^[A-Z]{2}\d{9}[A-Z]{2}$/.test(value),
  right(value) {
    const rest = 11 - ([...value.slice(2, 10)].reduce((sum, digit, i) => sum + Number(digit) * weights[i]!, 0) % 11)
    return (rest === 10 ? 0 : rest === 11 ? 5 : rest) === Number(value[10])
  },
}
