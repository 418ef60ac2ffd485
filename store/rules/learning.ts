// learning — what a submission has to be taught yet is one word: its document type, then the names of the keys it has.
// There are few different ones, whatever the number of submissions.
import type { HeldFor } from '../ledger/answers.js'

/** The word of a submission. Names stand in it once, sorted. */
export const learningOf = (documentType: string, names: Iterable<string>) =>
  [documentType, ...[...new Set(names)].sort()].join(' ')

/** The word of one that has been taught these besides. */
export function learntBesides(word: string, names: readonly string[]): string {
  const [type, ...known] = word.split(' ')
  return learningOf(type!, [...known, ...names])
}

/**
 * May a submission of this word still be taught what the answer cites? One that has a number of the same name has
 * another number.
 */
export function fitsWord(word: string, { types, cited }: HeldFor): boolean {
  const [type, ...names] = word.split(' ')
  return types.includes(type!) && cited.some((entry) => !entry.some((name) => names.includes(name)))
}
