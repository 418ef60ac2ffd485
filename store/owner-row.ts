// owner-row — a submission an answer may be of, as both engines keep it.
import type { ReceiptStatus, SubmissionState } from '../messages/states.js'
import type { OwnerView } from './ledger.js'
import { isFinal } from './rules/business-status.js'

export interface OwnerRow {
  n: number
  submission_id: string
  message_id: string
  partner_id: string
  state: SubmissionState
  status: ReceiptStatus | null
  senders: string | null
  learnt: number
  document_type: string
  reference: string
}

export function ownerOf(row: OwnerRow): OwnerView {
  return {
    submissionId: row.submission_id,
    messageId: row.message_id,
    partnerId: row.partner_id,
    documentType: row.document_type,
    reference: row.reference,
    order: row.n,
    state: row.state,
    ...(row.status === null ? {} : { status: row.status }),
    learnt: row.learnt === 1,
    senders: row.senders === null ? [] : (JSON.parse(row.senders) as string[]),
    finished: row.state === 'dead' || row.state === 'dropped' || isFinal(row.status),
  }
}
