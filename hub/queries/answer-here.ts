// answer-here — a question the hub alone answers, for a caller who waits: answered in the call, from the ledger. It is
// no message: nothing is queued, and nothing waits in a mailbox. Its record is written after the answer.
import { HubError } from '../../messages/errors.js'
import { newId } from '../../messages/ids.js'
import type { QueryShape } from '../../messages/queries/shape.js'
import type { QueryAnswer } from '../../messages/views/index.js'
import { answeredView } from './answer-view.js'
import type { QueryBook } from './book.js'
import type { QuestionRecord } from './question-record.js'
import type { PageStart } from './from-ledger.js'
import type { Results } from './results.js'

/** A question whose criteria are checked. Pages are counted from 1. */
export interface HereAsked {
  partnerId: string
  operation: string
  documentType: string
  shape: QueryShape
  criteria: Record<string, string[]>
  page: number
  size: number
  /** Where the page begins, in place of its number. */
  start?: PageStart | undefined
}

/** Told of every answer. */
export interface AnsweredEvent {
  messageId: string
  partnerId: string
  operation: string
  documentType: string
  total: number
  seconds: number
}

/** The longest a question waits for a moment without filings, in milliseconds. A filing takes about ten. */
export const questionPatienceMs = 25

/**
 * Questions answered at once while no filing is being taken. A ledger in SQLite reads one after the other: of two, one
 * is read while the other is written down; a third would only be in the way of the filing that comes next.
 */
export const mostQuestionsAtOnce = { sqlite: 2, postgres: 4 }

/**
 * How many questions are answered at once. Filings go first: while one is being taken none is begun, until the first in
 * line has waited its time; then one at a time, so that each step of the filing waits behind a part of one answer.
 * @param waitedMs how long the first in line has waited
 */
export const questionsAtOnce = (filingsUnderWay: number, waitedMs: number, most: number): number =>
  filingsUnderWay === 0 ? most : waitedMs < questionPatienceMs ? 0 : 1

/** The answer comes with the promise; its record is written after it. */
export function createAnswerHere({
  book,
  results,
  record,
  observe,
  now = () => new Date(),
}: {
  book: Pick<QueryBook, 'meaningsOf'>
  results: Pick<Results, 'known'>
  record: Pick<QuestionRecord, 'hasRoom' | 'keep'>
  observe: (event: AnsweredEvent) => void
  now?: () => Date
}) {
  /** @throws HubError HUB_LEDGER_UNAVAILABLE while the record of earlier ones cannot be written */
  return async function answerHere(asked: HereAsked): Promise<QueryAnswer> {
    if (!record.hasRoom()) throw new HubError('HUB_LEDGER_UNAVAILABLE', {}, { retryAfterSeconds: 5 })
    const begun = performance.now()
    const { partnerId, operation, documentType, shape, criteria } = asked
    const ids = { messageId: newId('msg'), partnerId, operation, documentType }
    const askedAt = now()
    const result = await results.known(ids, shape, asked)
    const view = answeredView({ shape, meanings: book.meaningsOf(shape) }, ids, [result])
    const total = view.page!.total
    record.keep({
      ...ids,
      askedAt,
      criteria: Object.fromEntries(Object.entries(criteria).map(([name, [value = '']]) => [name, value])),
      total,
      answer: JSON.stringify(view),
    })
    observe({ ...ids, total, seconds: (performance.now() - begun) / 1000 })
    return view
  }
}
