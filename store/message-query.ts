// message-query — what a list of messages asks for, as both engines look for it: columns that are equal, and a stretch
// of the list.
import type { Ledger, MessageQuery, MessageSummary } from './ledger.js'
import { cursorAt, isBefore, newest, placeOf, type Cursor, type MessageRow } from './rows/message.js'

/** Columns and their values. */
export type ListedBy = Partial<Record<'partner_id' | 'reference' | 'operation' | 'state', string>>

/** With what is asked: what stands after one place of the list, down to another, `limit` of it. */
export type Bounds = ListedBy & { beforeAt: number; beforeN: number; fromAt: number; fromN: number; limit: number }

/** Of references that begin alike, this many are looked at. */
export const mostAlike = 5_000

/** Messages on a page, at the most. */
const mostOfPage = 500

/**
 * The conditions as columns and values, and the bounds of the page in milliseconds since 1970. A page has at least one
 * message and at most `mostOfPage`.
 */
function wanted(query: MessageQuery) {
  const { partnerId, reference, operation, operations, state, since, until, cursor, limit } = query
  const most = Math.min(mostOfPage, Math.max(1, limit))
  const asked: ListedBy = {
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
    (Object.keys(asked) as (keyof ListedBy)[]).every((column) => row[column] === asked[column]) &&
    (several === undefined || several.includes(row.operation ?? ''))
  return { asked, bounds, most, several, fits }
}

/** How an engine looks for messages in its indexes. */
export interface MessageLooks {
  /** The places within the bounds of what is equal to all that is asked, newest first. */
  inOrder: (bounds: Bounds, asked: ListedBy) => Promise<Cursor[]> | Cursor[]
  /**
   * What fits among the references that begin with `start`, in any order; `more` where others were not looked at.
   * References that begin alike stand together in their index, but in the order of their letters.
   */
  alike: (start: string, fits: (row: MessageRow) => boolean) => Promise<{ found: Cursor[]; more: boolean }>
  /** The messages at these places, in their order. */
  summaries: (places: readonly Cursor[]) => Promise<MessageSummary[]>
  /** Between two looks: lets others have their turn, where they wait for this one. */
  turn: () => Promise<void>
}

/** `findMessages` of a ledger; what it promises: [Reading](./ledger/reading.ts). */
export function createFindMessages({ inOrder, alike, summaries, turn }: MessageLooks): Ledger['findMessages'] {
  /** Of several operations each one's own list; together the newest of all. */
  async function ofAny(operations: readonly string[], bounds: Bounds, asked: ListedBy): Promise<Cursor[]> {
    const found: Cursor[] = []
    for (const operation of new Set(operations)) {
      found.push(...(await inOrder({ ...bounds, operation }, { ...asked, operation })))
      await turn()
    }
    return newestFirst(found).slice(0, bounds.limit)
  }

  return async (query) => {
    const { asked, bounds, most, several, fits } = wanted(query)
    const { reference, referenceStart } = query
    let found: Cursor[]
    let more = false
    if (reference === undefined && referenceStart !== undefined) {
      const read = await alike(referenceStart, fits)
      found = newestFirst(read.found.filter((one) => isWithin(one, bounds))).slice(0, bounds.limit)
      more = read.more
    } else found = await (several === undefined ? inOrder(bounds, asked) : ofAny(several, bounds, asked))
    const page = found.slice(0, most)
    return {
      messages: await summaries(page),
      ...(found.length > most ? { cursor: cursorAt(page.at(-1)!) } : {}),
      ...(more ? { more } : {}),
    }
  }
}

const isWithin = (one: Cursor, { beforeAt, beforeN, fromAt, fromN }: Bounds): boolean =>
  isBefore({ received_at: beforeAt, n: beforeN }, one) && !isBefore({ received_at: fromAt, n: fromN }, one)

const newestFirst = (places: Cursor[]): Cursor[] => places.sort((one, other) => (isBefore(one, other) ? -1 : 1))
