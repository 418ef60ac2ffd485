// shared-keys — two partners have the same key under way at one agency: could an answer be given to the wrong one
// (promise 9)?

import type { Key } from '../../messages/inspection.js'

/** A key of a message that another partner has under way at the agency too, by the submission numbered `n`. */
export interface Rival {
  key: Key
  n: number
}

/** A submission that bears the key. */
export interface UnderWay {
  n: number
  /** Codes of the company that files; empty: nothing is known of it. */
  senders: readonly string[]
}

/** The first of them whose receipts could not be told from those of a message of these senders. */
export function rivalOf(senders: readonly string[], underWay: readonly UnderWay[]): number | undefined {
  return underWay.find((one) => mayBeMistaken(senders, one.senders))?.n
}

/**
 * Nothing in the senders' codes differs: every code of the shorter list stands in the other, or one of them names
 * nobody.
 */
function mayBeMistaken(a: readonly string[], b: readonly string[]): boolean {
  const [few, many] = a.length <= b.length ? [a, b] : [b, a]
  return few.every((code) => many.includes(code))
}
