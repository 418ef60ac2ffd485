// waiting-rows — what one transaction adds and changes waits, so that many rows share a statement; it is written before
// anything else is asked.
import type pg from 'pg'
import type { Queries, SqlValues } from '../statements.js'
import { insertsFor, type NewRow, type Table } from '../tables.js'

type ChangedRow = Record<string, string | number | boolean | null>

export type WaitingRows = ReturnType<typeof createWaitingRows>

/** @param ask one statement, without waiting for those before it */
export function createWaitingRows(ask: (statement: string, values?: SqlValues) => Promise<pg.QueryResult>) {
  const added = new Map<Table, NewRow[]>()
  /** By the row they make whole, where they do. */
  const gathered = new Map<string, Map<unknown, ChangedRow>>()

  /**
   * In the order the tables were first added to: what refers to a row comes behind it in any case. All of it is asked
   * in the turn of the call; of several that fail the first is told, the others only say that the transaction is over.
   */
  function flush(): Promise<unknown> {
    const inserts = [...added].flatMap(([table, rows]) => insertsFor(table, rows))
    const changes = [...gathered]
    added.clear()
    gathered.clear()
    return Promise.all([
      ...inserts.map(({ sql: insert, values }) => ask(insert, values)),
      ...changes.map(([statement, byRow]) => {
        const rows = [...byRow.values()]
        const columns = Object.keys(rows[0]!)
        return ask(statement, Object.fromEntries(columns.map((name) => [name, rows.map((row) => row[name]!)])))
      }),
    ])
  }

  /** Behind all that was added and gathered so far. */
  async function askBehind(statement: string, values?: SqlValues): Promise<pg.QueryResult> {
    const [, found] = await Promise.all([flush(), ask(statement, values)])
    return found
  }

  const all = async <Row>(statement: string, values?: SqlValues): Promise<Row[]> =>
    (await askBehind(statement, values)).rows as Row[]

  const queries: Queries = {
    all,
    get: async <Row>(statement: string, values?: SqlValues) => (await all<Row>(statement, values))[0],
    run: async (statement, values) => (await askBehind(statement, values)).rowCount ?? 0,
  }

  return {
    ...queries,
    flush,
    gather(statement: string, row: ChangedRow, of: string | number | ChangedRow = row): void {
      const rows = gathered.get(statement)
      if (rows) rows.set(of, row)
      else gathered.set(statement, new Map([[of, row]]))
    },
    /** Payloads are large: many of them do not wait for the end. */
    async add<T extends Table>(table: T, row: NewRow<T>): Promise<void> {
      const rows = added.get(table)
      if (!rows) added.set(table, [row as NewRow])
      else if (rows.push(row as NewRow) >= 64 && table === 'payload') await flush()
    },
  }
}
