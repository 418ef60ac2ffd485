// questions-to — the submissions of a question: one to each agency that answers it itself; where none does, one to the
// hub's own ledger.
import { newId } from '../../messages/ids.js'
import type { NewSubmission } from '../../store/ledger.js'
import { questionId } from './book.js'
import { hubAgency, type QueryMode } from '../agencies/query-mode.js'

/** The submissions of a question, at least one. */
export function questionsTo(agencies: readonly string[], modeOf: (agency: string) => QueryMode): NewSubmission[] {
  const asked = agencies.filter((agency) => modeOf(agency) !== 'hub')
  return (asked.length > 0 ? asked : [hubAgency]).map((agency) => ({ submissionId: newId(questionId), agency }))
}
