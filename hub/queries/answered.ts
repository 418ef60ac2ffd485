// answered — what becomes of an answer to a question: joined with what the hub knows where both answer; nothing where
// it comes too late, or answers another question.
import { receiptBody, type Receipt } from '../../messages/receipt.js'
import { readXml, valueAt } from '../../messages/xml-reading.js'
import type { Ledger, NewReply, SubmissionFacts } from '../../store/ledger.js'
import { isAnswered, isQuestion } from './book.js'
import { hubAgency, type QueryMode } from '../agencies/query-mode.js'
import type { Results } from './results.js'

/** Asked by `settle`, before the answer becomes receipts. */
export function createAnswered({
  ledger,
  results,
  mode,
  log,
}: {
  ledger: Pick<Ledger, 'getMessage'>
  results: Pick<Results, 'joined'>
  mode: (agency: string, operation: string, documentType: string) => QueryMode
  log: { warn(ids: object, event: string): void }
}) {
  return async function answered(
    submission: SubmissionFacts,
    reply: NewReply,
  ): Promise<'late' | { body: Receipt['body'] } | undefined> {
    if (!isQuestion(submission.submissionId)) return undefined
    const message = await ledger.getMessage(submission.messageId)
    const known = message?.submissions.find(({ submissionId }) => submissionId === submission.submissionId)
    if (isAnswered(known?.status)) return 'late'
    if (reply.agency === hubAgency) return undefined
    if (answersAnother(submission, reply)) {
      const { submissionId, agency } = submission
      log.warn({ submissionId, agency, replyId: reply.replyId }, 'an answer names another question; nobody is given it')
      return 'late'
    }
    if (mode(submission.agency, submission.operation, submission.documentType) !== 'both') return undefined
    const bytes = await results.joined(submission, reply.bytes)
    return bytes && { body: receiptBody(bytes, 'application/xml') }
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
