// persons — invented persons for tests: numbers that are built when the test runs, so that none stands in the
// repository.
import { idCardDigit } from '../../messages/check-digits/id-card.js'

/** A resident identity number with its right check character, of a region that does not exist. */
export function inventedId(n = 1): string {
  const seventeen = `11010019${70 + (n % 30)}0${1 + (n % 9)}1${n % 10}${String(n % 1000).padStart(3, '0')}`
  return `${seventeen}${idCardDigit(seventeen)}`
}

/** Eleven digits of a mobile telephone, in a range no operator has given out. */
export const inventedMobile = (n = 1): string => `1${3 + (n % 7)}${String(n % 1000).padStart(9, '0')}`
