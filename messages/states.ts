// states — two axes, never one: a message's own journey, and its receipts' way back (docs/lifecycle.md).
// A receipt that cannot be returned never touches the journey, so it can never cause a second submission (promise 4).
import { Type } from 'typebox'

/**
 * What a receipt says happened. `accepted`/`refused` come from the hub, the others from an agency or from the
 * submission.
 */
export const receiptStatuses = [
  'accepted',
  'refused',
  'submitted',
  'processing',
  'approved',
  'rejected',
  'released',
  'failed',
] as const
/** What a receipt says of its message, in one word. */
export const ReceiptStatus = Type.Enum(receiptStatuses, { description: 'The status that the receipt reports' })
export type ReceiptStatus = (typeof receiptStatuses)[number]

const weights: Record<ReceiptStatus, number> = {
  accepted: 0,
  submitted: 1,
  processing: 2,
  approved: 3,
  released: 4,
  rejected: 4,
  refused: 4,
  failed: 4,
}

/** How far a status is on the way from taken to decided. */
export const weighs = (status: ReceiptStatus): number => weights[status]

/** One message's way to one agency. */
export const submissionStates = ['queued', 'held', 'submitting', 'submitted', 'unclear', 'dead', 'dropped'] as const
/**
 * - `queued`: owed to the agency; also while waiting to try again
 * - `held`: a change or deletion whose original was refused: it waits for a corrected original, or for a person
 * - `submitting`: a worker has claimed it and bytes may have left
 * - `submitted`: the agency has taken it; what it thinks of it is in `status`
 * - `unclear`: bytes may have reached the agency and nobody knows; a person or a status query decides
 * - `dead`: given up (permanent failure, or too old); a dead letter a person sees
 * - `dropped`: a dead letter a person has looked at and closed
 */
export type SubmissionState = (typeof submissionStates)[number]

/** A message as its partner sees it: the combined state of its submissions. */
export const messageStates = [
  'refused',
  'accepted',
  'held',
  'submitted',
  'processing',
  'approved',
  'released',
  'rejected',
  'failed',
  'unclear',
] as const
/** Where a message stands, in one word, as doors show it. */
export const MessageState = Type.Enum(messageStates, { description: 'State of the message' })
export type MessageState = (typeof messageStates)[number]

/** A receipt's way back to its partner. `replied`: it was the answer to the call or file that brought the message. */
export const returnStates = ['owed', 'replied', 'delivered', 'acknowledged', 'abandoned'] as const
/** Where one receipt stands on its way back (docs/lifecycle.md). */
export type ReturnState = (typeof returnStates)[number]

/**
 * The state of an accepted message from all its submissions: the worst news first (a person must see it),
 * else the step the slowest agency has reached.
 */
export function combineStates(
  submissions: readonly { state: SubmissionState; status?: ReceiptStatus | null }[],
): MessageState {
  const each = submissions.map(stateOfSubmission)
  const bad = (['unclear', 'failed', 'rejected', 'held'] as const).find((s) => each.includes(s))
  if (bad) return bad
  return (
    (['accepted', 'submitted', 'processing', 'approved', 'released'] as const).find((s) => each.includes(s)) ??
    'accepted'
  )
}

function stateOfSubmission({ state, status }: { state: SubmissionState; status?: ReceiptStatus | null }): MessageState {
  switch (state) {
    case 'queued':
    case 'submitting':
      return 'accepted'
    case 'held':
      return 'held'
    case 'unclear':
      return 'unclear'
    case 'dead':
    case 'dropped':
      return 'failed'
    case 'submitted':
      switch (status) {
        case 'processing':
        case 'approved':
        case 'released':
        case 'rejected':
        case 'failed':
          return status
        case 'refused':
          return 'rejected'
        case 'accepted':
        case 'submitted':
        case null:
        case undefined:
          return 'submitted'
        default:
          return status satisfies never
      }
    default:
      return state satisfies never
  }
}
