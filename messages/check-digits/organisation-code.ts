// organisation-code — the nine characters of an organisation (组织机构代码), GB 11714-1997: eight, and a check character
// modulo 11.
import type { CheckDigit } from './check-digit.js'

const weights = [3, 7, 9, 10, 5, 8, 4, 2]
const value = (char: string) => (char <= '9' ? Number(char) : char.charCodeAt(0) - 55)

/** The check character that belongs after the first eight; ten is written X. */
function organisationDigit(eight: string): string {
  const digit = 11 - ([...eight].reduce((sum, char, i) => sum + value(char) * weights[i]!, 0) % 11)
  return digit === 11 ? '0' : digit === 10 ? 'X' : String(digit)
}

/** Written with or without the hyphen before the check character. */
export const organisationCode: CheckDigit = {
  applies: (code) => /^[0-9A-Z]{8}-?[0-9X]$/.test(code),
  right: (code) => organisationDigit(code.slice(0, 8)) === code.at(-1),
}
