// ids — one way to name things: a three-letter kind, then a ULID, so ids sort by the time they were made.
import { monotonicFactory } from 'ulid'

const ulid = monotonicFactory()

/** What an id names: interchange, message, submission, attempt, receipt, reply (an agency's answer). */
export type IdKind = 'int' | 'msg' | 'sub' | 'att' | 'rcp' | 'rep'

/**
 * A new id such as `msg_01JD8Z…` (30 characters, letters, digits and one underscore).
 * Holds no colon and is never an integer, so it may serve as a BullMQ job id.
 */
export function newId(kind: IdKind): string {
  return `${kind}_${ulid()}`
}
