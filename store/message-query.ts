// message-query — what a list of messages asks for, as both engines look for it: columns that are equal, and a stretch
// of the list.
import type { MessageQuery } from './ledger.js'
import { isBefore, newest, placeOf, type MessageRow } from './rows/message.js'

/** Columns and their values. */
export type Asked = Partial<Record<'partner_id' | 'reference' | 'operation' | 'state', string>>

/** With what is asked: what stands after one place of the list, down to another, `limit` of it. */
export type Bounds = Asked & { beforeAt: number; beforeN: number; fromAt: number; fromN: number; limit: number }

/** Messages on a page, at the most. */
const mostOfPage = 500

/**
 * The conditions as columns and values, and the bounds of the page in milliseconds since 1970. A page has at least one
 * message and at most `mostOfPage`.
 */
export function wanted(query: MessageQuery) {
  const { partnerId, reference, operation, operations, state, since, until, cursor, limit } = query
  const most = Math.min(mostOfPage, Math.max(1, limit))
  const asked: Asked = {
    ...(partnerId === undefined ? {} : { partner_id: partnerId }),
    ...(reference === undefined ? {} : { reference }),
    ...(operation === undefined ? {} : { operation }),
    ...(state === undefined ? {} : { state }),
  }
  const after = cursor === undefined ? newest : placeOf(cursor)
  const end = until === undefined ? newest : { received_at: until.getTime(), n: 0 }
  const before = isBefore(after, end) ? end : after
  // One more than the page shows whether another page follows.
  const bounds: Bounds = {
    ...asked,
    beforeAt: before.received_at,
    beforeN: before.n,
    fromAt: since?.getTime() ?? 0,
    fromN: 0,
    limit: most + 1,
  }
  const several = operation === undefined ? operations : undefined
  const fits = (row: MessageRow): boolean =>
    (Object.keys(asked) as (keyof Asked)[]).every((column) => row[column] === asked[column]) &&
    (several === undefined || several.includes(row.operation ?? ''))
  return { asked, bounds, most, several, fits }
}
