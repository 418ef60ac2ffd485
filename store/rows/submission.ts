// submission — a submission and its attempts as both engines keep them, as they are read, and how many are in which
// state.
import type { ReceiptStatus, SubmissionState } from '../../messages/states.js'
import type { ChannelKind } from '../../messages/inbound.js'
import type {
  AgencyCounts,
  AttemptView,
  NewMessage,
  SubmissionFacts,
  SubmissionRef,
  SubmissionView,
} from '../ledger.js'
import type { UnderWay } from '../rules/shared-keys.js'

/** `next_at` in milliseconds since 1970; it counts only of one that is queued. */
export interface SubmissionRow {
  submission_id: string
  agency: string
  state: SubmissionState
  status: ReceiptStatus | null
  agency_reference: string | null
  next_at: number
  expect_step: number | null
  expect_at: number | null
  overdue: number
}

/** Times in milliseconds since 1970; without `ended_at` the attempt is under way, or its worker is gone. */
export interface AttemptRow {
  submission_id: string
  attempt: number
  started_at: number
  ended_at: number | null
  outcome: string | null
  code: string | null
  detail: string | null
}

const iso = (ms: number) => new Date(ms).toISOString()

const attemptView = (a: AttemptRow): AttemptView => ({
  attempt: a.attempt,
  startedAt: iso(a.started_at),
  ...(a.ended_at === null ? {} : { endedAt: iso(a.ended_at) }),
  ...(a.outcome === null ? {} : { outcome: a.outcome }),
  ...(a.code === null ? {} : { code: a.code }),
  ...(a.detail === null ? {} : { detail: a.detail }),
})

/** With its attempts, in their order. `nextAt` is shown only of one that is queued. */
export const submissionView = (s: SubmissionRow, attempts: readonly AttemptRow[]): SubmissionView => ({
  submissionId: s.submission_id,
  agency: s.agency,
  state: s.state,
  ...(s.status === null ? {} : { status: s.status }),
  ...(s.agency_reference === null ? {} : { agencyReference: s.agency_reference }),
  ...(s.state === 'queued' ? { nextAt: iso(s.next_at) } : {}),
  ...(s.expect_at === null
    ? {}
    : { awaited: { step: s.expect_step!, by: iso(s.expect_at), overdue: s.overdue === 1 } }),
  attempts: attempts.map(attemptView),
})

/**
 * Counters by their names: `submission <agency> <state>`, and others of one word.
 * @returns those of each agency, and the others by name
 */
export function readCounters(rows: readonly { name: string; value: number }[]): {
  agencies: AgencyCounts[]
  plain: Record<string, number>
} {
  const agencies = new Map<string, AgencyCounts>()
  const plain: Record<string, number> = {}
  for (const { name, value } of rows) {
    const [kind, agency, state] = name.split(' ') as [string, string?, SubmissionState?]
    if (kind !== 'submission' || !agency || !state) plain[name] = value
    else agencies.set(agency, { ...(agencies.get(agency) ?? { agency, ...none }), [state]: value })
  }
  return { agencies: [...agencies.values()], plain }
}

const none = { queued: 0, held: 0, submitting: 0, submitted: 0, unclear: 0, dead: 0, dropped: 0 }

/** Which submission, whose it is, and whose queue it goes to. */
export interface SubmissionRefRow {
  submission_id: string
  agency: string
  partner_id: string
}

/** What a job in a queue needs. */
export const submissionRef = ({ submission_id, agency, partner_id }: SubmissionRefRow): SubmissionRef => ({
  submissionId: submission_id,
  agency,
  partnerId: partner_id,
})

/** A submission `s` with what its message `m` is. */
export interface SubmissionFactsRow {
  submission_id: string
  message_id: string
  partner_id: string
  agency: string
  channel: ChannelKind
  reference: string
  operation: string
  document_type: string
}

/** A row as the steps that read answers see it. */
export const toSubmissionFacts = (row: SubmissionFactsRow): SubmissionFacts => ({
  submissionId: row.submission_id,
  messageId: row.message_id,
  partnerId: row.partner_id,
  agency: row.agency,
  channel: row.channel,
  reference: row.reference,
  operation: row.operation,
  documentType: row.document_type,
})

/** `senders`: JSON, as `sendersText` writes it. */
export interface UnderWayRow {
  n: number
  senders: string | null
}

/** The codes of the company that files, as JSON; null where the message names none. */
export const sendersText = ({ senders = [] }: Pick<NewMessage, 'senders'>): string | null =>
  senders.length > 0 ? JSON.stringify(senders) : null

/** A submission that another partner has under way, as rules compare it. */
export const toUnderWay = ({ n, senders }: UnderWayRow): UnderWay => ({
  n,
  senders: senders === null ? [] : (JSON.parse(senders) as string[]),
})
