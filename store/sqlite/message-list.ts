// message-list — messages newest first, by whatever is asked of them. The door waits meanwhile, so a list must cost
// what it shows, never what it passes over: for each combination of questions the indexes are named that lead to the
// answers.
import type Database from 'better-sqlite3'
import type { Ledger, MessageSummary } from '../ledger.js'
import { createFindMessages, mostAlike, type ListedBy, type Bounds } from '../message-query.js'
import { atOneGo, nextTurn } from './next-turn.js'
import { isBefore, summary, type Cursor, type MessageRow } from '../rows/message.js'

/**
 * An index whose entries are in the list's order once the columns before the time are given; and which columns those
 * are.
 */
interface Order {
  index: string
  columns: readonly string[]
}

/** Entries of an index looked at between two turns, when what fits is sought among them. */
const atOneLook = 1000

const within = '(received_at, n) < (@beforeAt, @beforeN) and (received_at, n) >= (@fromAt, @fromN)'
const order = 'order by received_at desc, n desc'
const equal = (columns: readonly string[], of = '') =>
  columns.map((column) => `${of}${column} = @${column} and `).join('')

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const messageListSql = {
  row: 'select m.*, i.filename, i.content_type from message m join interchange i using (interchange_id) where m.n = ?',
  range: `select n from message indexed by message_reference where reference >= @from and reference < @until
    order by reference, partner_id, received_at limit @limit offset @offset`,
}
const sql = messageListSql

/** `findMessages` of the ledger on SQLite; what it promises: [Reading](../ledger/reading.ts). */
export function createMessageList({ db }: { db: Database.Database }): Pick<Ledger, 'findMessages'> {
  const row = db.prepare<[number], MessageRow>(sql.row)
  /** One for each combination of questions that was asked so far; there are some dozens. */
  const statements = new Map<string, Database.Statement<[Bounds], Cursor>>()
  const prepared = (sql: string) => {
    const statement = statements.get(sql) ?? db.prepare<[Bounds], Cursor>(sql)
    statements.set(sql, statement)
    return statement
  }

  /** Straight down one index. */
  function along({ index }: Order, bounds: Bounds, asked: ListedBy): Cursor[] {
    return prepared(
      `select received_at, n from message indexed by ${index} where ${equal(Object.keys(asked))}${within} ${order}
      limit @limit`,
    ).all(bounds)
  }

  /**
   * What stands in two indexes at once: an operation that is often sent and a state few are in, or none, or the other
   * way about. Of the next stretch of each, the one that reaches further back has fewer entries for the time: its are
   * looked up in the other. So what is passed over is never more than the rarer of the two has, no row is read for it,
   * and in between others have their turn.
   */
  async function inBoth(orders: [Order, Order], bounds: Bounds): Promise<Cursor[]> {
    const found: Cursor[] = []
    for (let before: Cursor = { received_at: bounds.beforeAt, n: bounds.beforeN }; ; await nextTurn()) {
      const next = { ...bounds, beforeAt: before.received_at, beforeN: before.n }
      const [first, second] = orders.map(({ index, columns }) =>
        prepared(
          `select received_at, n from message indexed by ${index} where ${equal(columns)}${within} ${order}
          limit 1 offset ${atOneLook - 1}`,
        ).get(next),
      ) as [Cursor | undefined, Cursor | undefined]
      const sparse = first === undefined || (second !== undefined && isBefore(second, first)) ? 0 : 1
      const end = sparse === 0 ? first : second
      const [scarce, other] = [orders[sparse], orders[1 - sparse]!]
      const fits = prepared(`select received_at, n from message a indexed by ${scarce.index}
          where ${equal(scarce.columns)}${within}
        and exists (select 1 from message b indexed by ${other.index}
        where ${equal(other.columns, 'b.')}b.received_at = a.received_at and b.n = a.n) ${order} limit @limit`)
      found.push(
        ...fits.all({
          ...next,
          limit: bounds.limit - found.length,
          ...(end === undefined ? {} : { fromAt: end.received_at, fromN: end.n }),
        }),
      )
      if (end === undefined || found.length >= bounds.limit) return found
      before = end
    }
  }

  async function alike(start: string, fits: (row: MessageRow) => boolean) {
    const found: Cursor[] = []
    const range = db.prepare<[{ from: string; until: string; limit: number; offset: number }], { n: number }>(sql.range)
    let looked = 0
    for (; looked < mostAlike; await nextTurn()) {
      const stretch = range.all({ from: start, until: `${start}\u{10ffff}`, limit: atOneLook, offset: looked })
      looked += stretch.length
      for (const { n } of stretch) {
        if (found.length % atOneGo === atOneGo - 1) await nextTurn()
        const known = row.get(n)
        if (known && fits(known)) found.push({ received_at: known.received_at, n })
      }
      if (stretch.length < atOneLook) break
    }
    return { found, more: looked >= mostAlike }
  }

  async function inOrder(bounds: Bounds, asked: ListedBy): Promise<Cursor[]> {
    const orders = ordersFor(asked)
    return orders.length === 2 ? inBoth(orders, bounds) : along(orders[0], bounds, asked)
  }

  async function summaries(places: readonly Cursor[]): Promise<MessageSummary[]> {
    const messages: MessageSummary[] = []
    for (const { n } of places) {
      if (messages.length % atOneGo === atOneGo - 1) await nextTurn()
      messages.push(summary(row.get(n)!))
    }
    return messages
  }

  return { findMessages: createFindMessages({ inOrder, alike, summaries, turn: nextTurn }) }
}

/**
 * Named, because without being told how rare what is, SQLite may take any index of which it knows as many columns: a
 * reference together with a state was looked for among all messages of that state.
 */
function ordersFor({ partner_id, reference, operation, state }: ListedBy): [Order] | [Order, Order] {
  const whose = partner_id === undefined ? [] : ['partner_id']
  const named = (name: string, ...columns: string[]): Order => ({
    index: partner_id === undefined ? `${name}_all` : name,
    columns: [...whose, ...columns],
  })
  // Few messages bear one reference; what else is asked is compared with each.
  if (reference !== undefined) return [{ index: 'message_reference', columns: ['reference', ...whose] }]
  const [byOperation, byState] = [named('message_operation', 'operation'), named('message_state', 'state')]
  if (operation !== undefined && state !== undefined) return [byOperation, byState]
  return [operation !== undefined ? byOperation : state !== undefined ? byState : named('message_newest')]
}
