// questions — what was asked and answered in one call: who asked what and when, and for some days the answer. Such a
// question is no message: it has no identity, no order and no receipt.
import type { QuestionFilter } from '../../messages/filters.js'

/** Who asked what. `answer` is absent in lists, and once it was let go. */
export interface AnsweredQuestion {
  /** `msg_…`, as every question is called. */
  messageId: string
  partnerId: string
  operation: string
  /** Its query. */
  documentType: string
  askedAt: Date
  /** Criterion → value. */
  criteria: Readonly<Record<string, string>>
  /** Rows there are. */
  total: number
  /** JSON, as it was given. Absent: it was let go of. */
  answer?: string
}

/** Written a moment after the answer: a crash may lose the record of a question, never of a message. */
export interface Questions {
  /** In one write. The same one twice is there once. */
  keepQuestions(questions: readonly Required<AnsweredQuestion>[]): Promise<void>
  /** One with its answer; of another partner's nothing (promise 9). */
  questionById(messageId: string, partnerId: string): Promise<AnsweredQuestion | undefined>
  /** Without their answers. */
  questionsAsked(filter: QuestionFilter): Promise<AnsweredQuestion[]>
  /** Answers to questions asked before then, at most so many. How many; the record of them stays. */
  letGoOfAnswers(before: Date, most: number): Promise<number>
}
