// question — a question as a row of the ledger, alike in both engines.
import type { AnsweredQuestion } from '../ledger/questions.js'

/** `asked_at` in milliseconds since 1970. */
export interface QuestionRow {
  question_id: string
  partner_id: string
  operation: string
  document_type: string
  asked_at: number
  /** Criteria and values, JSON. */
  bytes: Buffer
  total: number
  answer: Buffer | null
}

/** The newest questions that a list looks through for those that fit. */
export const mostLookedThrough = 20_000

/** What a statement must select to have a QuestionRow without its answer. */
export const questionColumns = 'question_id, partner_id, operation, document_type, asked_at, bytes, total'

/** The values to insert, by the names of `questionColumns` in camel case. */
export const questionValues = (one: Required<AnsweredQuestion>) => ({
  questionId: one.messageId,
  partnerId: one.partnerId,
  operation: one.operation,
  documentType: one.documentType,
  askedAt: one.askedAt.getTime(),
  bytes: Buffer.from(JSON.stringify(one.criteria)),
  total: one.total,
  answer: Buffer.from(one.answer),
})

/** `answer` is there only where the row was read with it. */
export const toQuestion = ({ answer, ...row }: QuestionRow): AnsweredQuestion => ({
  messageId: row.question_id,
  partnerId: row.partner_id,
  operation: row.operation,
  documentType: row.document_type,
  askedAt: new Date(row.asked_at),
  criteria: JSON.parse(row.bytes.toString()) as Record<string, string>,
  total: row.total,
  ...(answer ? { answer: answer.toString() } : {}),
})
