// whose-answer — an original and its changes share their numbers, and an agency that is late answers them all by the
// same ones. Which of them does an answer speak of?
import { weighs, type ReceiptStatus, type SubmissionState } from '../../messages/states.js'
import { isRefused } from './business-status.js'

/** One of several submissions of one partner that an answer may be of. */
export interface MaybeOwner {
  /** Grows with every submission. */
  order: number
  state: SubmissionState
  /** What the agency has said of it last. */
  status?: ReceiptStatus
  /** The agency may have it, and nobody knows. */
  inDoubt: boolean
  /** Something more is awaited of the agency. */
  awaits: boolean
  /** Nothing more can come. */
  finished: boolean
  /** It changes another one; else it files the document. */
  changes: boolean
}

/** Of those the agency surely has, the ones it still owes an answer. */
export const stillWaiting = <T extends MaybeOwner>(candidates: readonly T[]): T[] =>
  notReplaced(candidates).filter(({ awaits }) => awaits)

/** Once a change is approved, the agency is done with what was changed: it speaks of the document as it is now. */
function notReplaced<T extends MaybeOwner>(candidates: readonly T[]): T[] {
  const approved = surely(candidates).filter(({ status }) => status === 'approved' || status === 'released')
  const newestApproved = Math.max(...approved.map(({ order }) => order))
  return mayHear(candidates).filter(({ order }) => !(order < newestApproved))
}

/**
 * A document filed anew under its number though it was not refused was only saved before: once that has had the answer
 * it waited for, the agency speaks of what was declared, and of its changes.
 */
function notOnlySaved<T extends MaybeOwner>(candidates: readonly T[]): T[] {
  const newest = Math.max(...surely(candidates).flatMap(({ changes, order }) => (changes ? [] : [order])))
  return candidates.filter((one) => one.changes || isRefused({ status: null, ...one }) || !(one.order < newest))
}

/** Those an answer may be news to, whatever it says: with two or more, what each has heard must be known. */
export const mayHear = <T extends MaybeOwner>(candidates: readonly T[]): T[] =>
  surely(candidates).filter(({ finished }) => !finished)

type Said = { status: ReceiptStatus; code: string }

/**
 * Those the agency may have, and to which this would be news. Where it is news to none that it surely has, one of them
 * may be meant: but only their own way tells whether they are there, and taking this for theirs might lose them.
 */
export const doubtfulToHear = <T extends MaybeOwner>(candidates: readonly T[], { status }: Said): T[] =>
  candidates.filter((one) => one.inDoubt && further(one, status) > 0)

/**
 * An agency works off one document's messages one after the other: the oldest that still waits and to which this is
 * news, else the oldest that is not at its end and has come less far, or as far and has not heard this; none that was
 * only saved. Undefined where it is news to none.
 * @param codesHad codes of the answers each has had
 */
export function oldestToHear<T extends MaybeOwner>(
  candidates: readonly T[],
  { status, code }: Said,
  codesHad: (one: T) => readonly string[],
): T | undefined {
  const ahead = (one: T) => further(one, status) > 0
  const beside = (one: T) => further(one, status) === 0 && !codesHad(one).includes(code)
  return (
    oldest(stillWaiting(candidates).filter((one) => ahead(one) || beside(one))) ??
    oldest(notOnlySaved([...notReplaced(candidates).filter(ahead), ...mayHear(candidates).filter(beside)]))
  )
}

/** What is news to none comes late: of those the agency surely has, it is of the oldest that has not heard it. */
export const oldestUnaware = <T extends MaybeOwner>(
  candidates: readonly T[],
  { code }: Pick<Said, 'code'>,
  codesHad: (one: T) => readonly string[],
): T | undefined => oldest(notOnlySaved(surely(candidates)).filter((one) => !codesHad(one).includes(code)))

const further = (one: MaybeOwner, said: ReceiptStatus): number =>
  one.status === undefined ? 1 : weighs(said) - weighs(one.status)

/** Those of which an answer of the agency may speak without a doubt. */
export const surely = <T extends MaybeOwner>(candidates: readonly T[]): T[] =>
  candidates.filter(({ state }) => state === 'submitted')

const oldest = <T extends MaybeOwner>(some: readonly T[]): T | undefined =>
  some.reduce<T | undefined>((a, b) => (a && a.order < b.order ? a : b), undefined)
