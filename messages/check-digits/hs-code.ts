// hs-code — goods codes of the China customs tariff: 8 digits, 10 with the additional number of customs, 13 with that
// of inspection. There is no check digit; what can be wrong is the length and the chapter (01–97, 98 and 99 of the
// national part; 77 is kept free).
import type { CheckDigit } from './check-digit.js'

const goods = (length: number): CheckDigit => ({
  applies: (value) => value !== '',
  right: (value) =>
    value.length === length && /^\d+$/.test(value) && value.slice(0, 2) !== '00' && value.slice(0, 2) !== '77',
})

/** A tariff heading of 8 digits: what trade statistics and the tariff itself use. */
export const hsCode8 = goods(8)
/** 8 digits of the tariff and 2 of customs' additional number: the goods code of a declaration. */
export const hsCode10 = goods(10)
/** 10 digits and the 3 of the inspection and quarantine code: the CIQ goods code. */
export const hsCode13 = goods(13)
