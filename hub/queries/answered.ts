// answered — what becomes of an answer to a question: joined with what the hub knows where both answer; nothing where
// it comes too late.
import { receiptBody, type Receipt } from '../../messages/receipt.js'
import type { Ledger, NewReply, SubmissionFacts } from '../../store/ledger.js'
import { isAnswered, isQuestion } from './book.js'
import { hubAgency, type QueryMode } from '../agencies/query-mode.js'
import type { Results } from './results.js'

export function createAnswered({
  ledger,
  results,
  mode,
}: {
  ledger: Pick<Ledger, 'getMessage'>
  results: Pick<Results, 'joined'>
  mode: (agency: string, operation: string, documentType: string) => QueryMode
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
    if (mode(submission.agency, submission.operation, submission.documentType) !== 'both') return undefined
    const bytes = await results.joined(submission, reply.bytes)
    return bytes && { body: receiptBody(bytes, 'application/xml') }
  }
}
