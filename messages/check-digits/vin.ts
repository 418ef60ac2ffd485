// vin — 车辆识别代号, GB 16735 (ISO 3779): seventeen characters without I, O and Q, the ninth of which is the check digit.
import type { CheckDigit } from './check-digit.js'

const values: Readonly<Record<string, number>> = Object.fromEntries(
  'A1 B2 C3 D4 E5 F6 G7 H8 J1 K2 L3 M4 N5 P7 R9 S2 T3 U4 V5 W6 X7 Y8 Z9'
    .split(' ')
    .map((pair) => [pair[0]!, Number(pair[1])]),
)
const weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2]

/** The ninth character that belongs to the other sixteen. */
function vinDigit(value: string): string {
  const sum = [...value].reduce((total, char, i) => total + (values[char] ?? Number(char)) * weights[i]!, 0)
  return sum % 11 === 10 ? 'X' : String(sum % 11)
}

/** GB 16735 (ISO 3779): the ninth place checks the other sixteen. */
export const vin: CheckDigit = {
  applies: (value) => /^[A-HJ-NPR-Z0-9]{8}[0-9X][A-HJ-NPR-Z0-9]{8}$/.test(value),
  right: (value) => vinDigit(value) === value[8],
}
