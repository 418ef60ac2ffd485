// answered — what becomes of an answer to a question: given as it came, or joined with what the hub knows where both
// answer, and without rows of other companies; nothing where it comes too late, or answers another question.
import { readXml, valueAt } from '../../messages/xml-reading.js'
import type { Ledger, NewReply, SubmissionFacts } from '../../store/ledger.js'
import { isAnswered, isQuestion } from './book.js'
import { hubAgency, type QueryMode } from '../agencies/query-mode.js'
import type { Results } from './results.js'

/** The hub's own answer, given in the place of an agency's. */
export type JoinedAnswer = Pick<NewReply, 'agency' | 'mediaType' | 'bytes'> & { submissionId: string }

/**
 * What becomes of an answer to a question. `join` makes what is given in its place; undefined: it cannot be joined, and
 * is given as it came.
 */
export type Answered = 'late' | 'as it came' | { join: () => Promise<JoinedAnswer | undefined> }

/** Asked by `settle`, before the answer becomes receipts; undefined: it answers no question. */
export function createAnswered({
  ledger,
  results,
  mode,
  log,
}: {
  ledger: Pick<Ledger, 'getMessage'>
  results: Pick<Results, 'joined' | 'screens'>
  mode: (agency: string, operation: string, documentType: string) => QueryMode
  log: { warn(ids: object, event: string): void }
}) {
  return async function answered(submission: SubmissionFacts, reply: NewReply): Promise<Answered | undefined> {
    if (!isQuestion(submission.submissionId)) return undefined
    const message = await ledger.getMessage(submission.messageId)
    const known = message?.submissions.find(({ submissionId }) => submissionId === submission.submissionId)
    if (isAnswered(known?.status)) return 'late'
    if (reply.agency === hubAgency) return 'as it came'
    if (answersAnother(submission, reply)) {
      const { submissionId, agency } = submission
      log.warn({ submissionId, agency, replyId: reply.replyId }, 'an answer names another question; nobody is given it')
      return 'late'
    }
    const { submissionId, agency, operation, documentType } = submission
    const fillIn = mode(agency, operation, documentType) === 'both'
    if (!fillIn && !(await results.screens(submission))) return 'as it came'
    return {
      async join() {
        const bytes = await results.joined(submission, reply.bytes, { fillIn })
        return bytes && { agency: hubAgency, submissionId, mediaType: 'application/xml', bytes }
      },
    }
  }
}

/** An agency that mixes its answers up would show one company what another asked for. */
function answersAnother({ reference }: SubmissionFacts, { bytes }: NewReply): boolean {
  try {
    const named = valueAt(readXml(bytes).tree, 'OriginalMessageID')?.trim()
    return named !== undefined && named !== reference
  } catch {
    return false
  }
}
