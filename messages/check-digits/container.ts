// container — the number on a freight container, ISO 6346:2022: three letters of owner, one of category, six digits,
// one check digit.
import type { CheckDigit } from './check-digit.js'

/** 10 … 38 without the multiples of 11, which would leave two letters with one remainder (ISO 6346, annex A). */
const letters: Readonly<Record<string, number>> = Object.fromEntries(
  [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter, i) => [letter, 10 + i + Math.floor((i + 9) / 10)]),
)

/** The digit that belongs after the first ten characters. */
export function containerDigit(ten: string): number {
  const sum = [...ten].reduce((total, char, i) => total + (letters[char] ?? Number(char)) * 2 ** i, 0)
  return (sum % 11) % 10
}

/**
 * Categories: U freight container, J detachable equipment, Z trailer or chassis. Numbers a shipper invented for his own
 * box have another form and are left alone.
 */
export const container: CheckDigit = {
  applies: (value) => /^[A-Z]{3}[UJZ]\d{7}$/.test(value),
  right: (value) => containerDigit(value.slice(0, 10)) === Number(value[10]),
}
