// ids — one way to name things: a three-letter kind, then a ULID, so ids sort by the time they were made.
import { randomFillSync } from 'node:crypto'
import { decodeTime, encodeTime, monotonicFactory } from 'ulid'

// Randomness is drawn from the system a page at a time: a call for every character would cost more than the rest of the
// id.
const page = new Uint8Array(8192)
let used = page.length
const ulid = monotonicFactory(() => {
  if (used === page.length) {
    randomFillSync(page)
    used = 0
  }
  return page[used++]! / 256
})

/**
 * What an id names: interchange, message, submission, question to an agency, attempt, receipt, reply (an agency's
 * answer), notice, key of a partner, certificate it signs with, act
 * that waits for a second person.
 */
type IdKind = 'int' | 'msg' | 'sub' | 'qry' | 'att' | 'rcp' | 'rep' | 'ntc' | 'key' | 'crt' | 'act'

/**
 * A new id such as `msg_01JD8Z…` (30 characters, letters, digits and one underscore).
 * Holds no colon and is never an integer, so it may serve as a BullMQ job id.
 */
export function newId(kind: IdKind): string {
  return `${kind}_${ulid()}`
}

/** When an id was made, in milliseconds since 1970. */
export function timeOfId(id: string): number {
  return decodeTime(id.slice(4, 30))
}

/** What every id of this kind that was made at `time` or later is greater than, and every earlier one less. */
export function idsFrom(kind: IdKind, time: Date): string {
  return `${kind}_${encodeTime(Math.max(0, time.getTime()), 10)}`
}
