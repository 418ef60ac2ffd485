// attention — a submission that a person must look at, as both engines read it.
import type { OverdueAnswer, AttentionView } from '../ledger.js'

/** Times in milliseconds since 1970; what is only known of some states is null in the others. */
export interface AttentionRow {
  n: number
  submission_id: string
  message_id: string
  partner_id: string
  agency: string
  operation: string
  document_type: string
  reference: string
  accepted_at: number
  started_at: number | null
  expect_step: number | null
  expect_at: number | null
  code: string | null
  detail: string | null
}

const iso = (ms: number) => new Date(ms).toISOString()

const ids = (row: AttentionRow) => ({
  submissionId: row.submission_id,
  messageId: row.message_id,
  partnerId: row.partner_id,
  agency: row.agency,
  documentType: row.document_type,
  reference: row.reference,
})

/** A row as an overdue submission; only of a row whose answer is awaited. */
export const toOverdue = (row: AttentionRow): OverdueAnswer => ({
  ...ids(row),
  step: row.expect_step!,
  by: iso(row.expect_at!),
})

/** @param original the message that this one corrects, where it waits for a person's decision on that */
export const toAttention = (row: AttentionRow, original: AttentionView['original']): AttentionView => ({
  ...ids(row),
  operation: row.operation,
  since: iso(row.started_at ?? row.accepted_at),
  ...(row.code === null ? {} : { code: row.code }),
  ...(row.detail === null ? {} : { detail: row.detail }),
  ...(original ? { original } : {}),
  ...(row.expect_at === null ? {} : { awaited: { step: row.expect_step!, by: iso(row.expect_at) } }),
})
