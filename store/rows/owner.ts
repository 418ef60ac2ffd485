// owner — a submission an answer may be of, as both engines keep it.
import type { Receipt } from '../../messages/receipt.js'
import type { ChannelKind } from '../../messages/inbound.js'
import type { ReceiptStatus, SubmissionState } from '../../messages/states.js'
import type { OwnerFacts, OwnerView } from '../ledger.js'
import { isApproved, isFinal } from '../rules/business-status.js'

/** A submission with what its message says of itself. */
export interface OwnerRow {
  n: number
  submission_id: string
  message_id: string
  partner_id: string
  state: SubmissionState
  status: ReceiptStatus | null
  expect_step: number | null
  expect_at: number | null
  senders: string | null
  learnt: number
  document_type: string
  reference: string
}

/** A row as the views of shared keys and held answers show it. */
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
    awaits: row.expect_at !== null || (row.expect_step === null && !isApproved(row.status)),
    finished: row.state === 'dead' || row.state === 'dropped' || isFinal(row.status),
  }
}

/** The same, with what its message is. */
export interface OwnerFactsRow extends OwnerRow {
  agency: string
  operation: string
  channel: ChannelKind
  changes: number
  /** 1: it waits for another try, and an earlier one was in doubt. */
  doubted: number
}

/** Who has a number, with what `settle` decides by. */
export const ownerFactsOf = (row: OwnerFactsRow): OwnerFacts => ({
  ...ownerOf(row),
  agency: row.agency,
  operation: row.operation,
  channel: row.channel,
  changes: row.changes === 1,
  inDoubt: row.state === 'submitting' || row.state === 'unclear' || row.doubted === 1,
})

/** The agency's code, of a receipt as it is kept. */
export const codeSaid = ({ receipt }: { receipt: string }): string => (JSON.parse(receipt) as Receipt).code
