// planned-once — statements are planned when they are prepared, and never again. SQLite looks at a value that is
// compared with a column, or bounds how many rows come; where it has looked, better-sqlite3's clearing of the values
// makes it plan the statement again at each run, which was a tenth of the hub's processor time on Node 22 and 24.
// The ledger's plans are the same for all values (its tests hold them), so SQLite is not let look: a value behind a
// plus sign is the same value, and no longer a bare parameter.
import type Sqlite from 'better-sqlite3'

/** `= @x`, `is @x`, `limit @x`, also with `?`. */
const lookedAt = /((?:[^<>!]=|\bis|\blimit|\boffset)\s*)(?=[@?])/gi

/** The statement with its values hidden from SQLite's planner. */
export const plannedOnce = (sql: string): string => sql.replace(lookedAt, '$1+')

/** From now on each statement that is prepared on `db` is planned once. */
export function planOnce(db: Sqlite.Database): void {
  const prepare = db.prepare.bind(db) as (sql: string) => Sqlite.Statement
  db.prepare = ((sql: string) => prepare(plannedOnce(sql))) as Sqlite.Database['prepare']
}
