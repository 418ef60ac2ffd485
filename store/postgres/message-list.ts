// message-list — messages newest first, by whatever is asked of them. A list must cost what it shows, never what it
// passes over.
import type { Ledger } from '../ledger.js'
import { createFindMessages, mostAlike, type ListedBy, type Bounds } from '../message-query.js'
import type { Queries, SqlValues } from './statements.js'
import { isBefore, summary, type Cursor, type MessageRow } from '../rows/message.js'

/** Entries of an index looked at in one question, when what fits is sought among them. */
const atOneLook = 1000

const within = '(received_at, n) < (@beforeAt, @beforeN) and (received_at, n) >= (@fromAt, @fromN)'
const order = 'order by received_at desc, n desc'
const columns = 'm.*, i.filename, i.content_type'
const joined = 'message m join interchange i on i.interchange_id = m.interchange_id'

/** Every statement by its name; `places` is one for each combination of questions, some dozens. */
export const messageListSql = {
  rows: `select ${columns} from unnest(@numbers::bigint[]) with ordinality as a (n, place) join message m on m.n = a.n
    join interchange i on i.interchange_id = m.interchange_id order by a.place`,
  alike: `select ${columns} from (select * from message where reference >= @start and reference < @end
    order by reference, partner_id, received_at limit @limit) m
    join interchange i on i.interchange_id = m.interchange_id`,
  places: (asked: ListedBy) =>
    `select received_at, n from message where ${equal(asked)}${within} ${order} limit @limit`,
  /** The end of the next stretch of one index. */
  stretch: (asked: ListedBy) =>
    `select received_at, n from message where ${equal(asked)}${within} ${order} limit 1 offset ${atOneLook - 1}`,
  /**
   * Of a stretch of one index what the other question holds for too; fenced, so that the stretch itself is read along
   * its index.
   */
  fitting: (scarce: ListedBy, all: ListedBy) =>
    `select received_at, n from (select * from message where ${equal(scarce)}${within} ${order} offset 0) message
    where ${equal(all)}true ${order} limit @limit`,
}
const sql = messageListSql

function equal(asked: ListedBy): string {
  return Object.keys(asked)
    .map((column) => `${column} = @${column} and `)
    .join('')
}

/** `findMessages` of the ledger on PostgreSQL; what it promises: [Reading](../ledger/reading.ts). */
export function createMessageList({ reading }: { reading: Queries }): Pick<Ledger, 'findMessages'> {
  /**
   * An operation that is often sent and a state few are in, or none, or the other way about. Of the next stretch of
   * each, the one that reaches further back has fewer entries for the time: its are looked at. So what is passed over
   * is never more than the rarer of the two has.
   */
  async function inBoth(bounds: Bounds, { operation, state, ...whose }: ListedBy): Promise<Cursor[]> {
    const ways: ListedBy[] = [
      { ...whose, operation: operation! },
      { ...whose, state: state! },
    ]
    const all = { ...whose, operation: operation!, state: state! }
    const found: Cursor[] = []
    for (let before: Cursor = { received_at: bounds.beforeAt, n: bounds.beforeN }; ;) {
      const next: Bounds = { ...bounds, beforeAt: before.received_at, beforeN: before.n }
      const [first, second] = await Promise.all(ways.map((way) => reading.get<Cursor>(sql.stretch(way), values(next))))
      const sparse = first === undefined || (second !== undefined && isBefore(second, first)) ? 0 : 1
      const end = sparse === 0 ? first : second
      found.push(
        ...(await reading.all<Cursor>(
          sql.fitting(ways[sparse]!, all),
          values({
            ...next,
            limit: bounds.limit - found.length,
            ...(end === undefined ? {} : { fromAt: end.received_at, fromN: end.n }),
          }),
        )),
      )
      if (end === undefined || found.length >= bounds.limit) return found
      before = end
    }
  }

  const inOrder = (bounds: Bounds, asked: ListedBy): Promise<Cursor[]> =>
    asked.reference === undefined && asked.operation !== undefined && asked.state !== undefined
      ? inBoth(bounds, asked)
      : reading.all<Cursor>(sql.places(asked), values(bounds))

  return {
    findMessages: createFindMessages({
      inOrder,
      async alike(start, fits) {
        const rows = await reading.all<MessageRow>(sql.alike, { start, end: `${start}\u{10ffff}`, limit: mostAlike })
        return { found: rows.filter(fits), more: rows.length >= mostAlike }
      },
      summaries: async (places) =>
        (await reading.all<MessageRow>(sql.rows, { numbers: places.map(({ n }) => n) })).map(summary),
      // The server reads; nobody here waits for it.
      turn: async () => {},
    }),
  }
}

/** Of one message with its interchange: what every reader of one asks. */
export const messageRow = (where: string) => `select ${columns} from ${joined} where ${where}`

const values = (bounds: Bounds): SqlValues => ({ ...bounds })
