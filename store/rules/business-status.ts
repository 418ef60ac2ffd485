// business-status — which of two statuses counts, and what a submission's state and status say of it.
import { weighs, type ReceiptStatus, type SubmissionState } from '../../messages/states.js'

/** The agency has said yes, or more: where nothing is known of its further answers, none is waited for. */
export const isApproved = (status: ReceiptStatus | null): boolean =>
  status !== null && weighs(status) >= weighs('approved')

/**
 * The one that counts: of two that weigh the same, the first. A status never goes back: news that arrives out of
 * order is recorded as a receipt and changes no state.
 */
export const newest = (known: ReceiptStatus | null, said: ReceiptStatus): ReceiptStatus =>
  known !== null && weighs(known) >= weighs(said) ? known : said

/** The status that counts of several that were said one after the other. */
export const newestOf = (said: readonly ReceiptStatus[]): ReceiptStatus | null =>
  said.reduce<ReceiptStatus | null>(newest, null)

/** What an agency says last: nothing more is awaited of it. */
export const finalStatuses: readonly ReceiptStatus[] = ['released', 'rejected', 'refused', 'failed']
/** Whether no later answer is awaited. Null: the agency has said nothing yet. */
export const isFinal = (status: ReceiptStatus | null): boolean => status !== null && finalStatuses.includes(status)

/** The hub would end the wait for an agency that has decided meanwhile. */
export const comesTooLate = ({ ends }: { ends?: true }, { status }: Pick<StateAndStatus, 'status'>): boolean =>
  ends === true && isApproved(status)

/** A submission's own journey, and what the agency has said of it. */
export interface StateAndStatus {
  state: SubmissionState
  status: ReceiptStatus | null
}

/**
 * Given up, turned away at the door, or rejected by the agency afterwards. All others may still come to something, or
 * have.
 */
export function isRefused({ state, status }: StateAndStatus): boolean {
  return (
    state === 'dead' ||
    state === 'dropped' ||
    (state === 'submitted' && (status === 'rejected' || status === 'failed' || status === 'refused'))
  )
}

/** Is the submission on its way to the agency, or in doubt? */
export const isUnderWay = ({ state }: Pick<StateAndStatus, 'state'>): boolean =>
  state === 'queued' || state === 'submitting' || state === 'unclear'
