// check-digit — what every algorithm of this folder gives. Strict about the digit, careful about when to ask: a value
// of another form (a number of an older kind, a placeholder the agency allows) is none of its business.

/** Two questions, asked in this order. Neither throws, whatever the value. */
export interface CheckDigit {
  /** Does the value have the exact form of such a number? Only then is `right` asked. */
  applies(value: string): boolean
  /** Of a value that applies: is it one that can exist? */
  right(value: string): boolean
}
