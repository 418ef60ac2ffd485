// copy-mark — what is said of a ledger that is being copied into, or of which a copy has taken the place: a table that
// is there only then. No hub starts on a ledger that has it.
import type Sqlite from 'better-sqlite3'
import { LedgerCopyError } from '../ledger-errors.js'

/** `unfinished`: a copy of `other` that is not whole. `moved`: `other` is the ledger now. */
export interface CopyMark {
  state: 'unfinished' | 'moved'
  other: string
  /** Milliseconds since 1970. */
  at: number
}

const sql = {
  there: `select 1 from sqlite_master where name = 'hub_copy'`,
  read: 'select state, other, at from hub_copy',
  make: 'create table hub_copy (state text not null, other text not null, at integer not null)',
  put: 'insert into hub_copy (state, other, at) values (@state, @other, @at)',
  drop: 'drop table if exists hub_copy',
}

/** Undefined: it is a ledger like any other. */
export function readMark(db: Sqlite.Database): CopyMark | undefined {
  if (db.prepare(sql.there).get() === undefined) return undefined
  return db.prepare<[], CopyMark>(sql.read).get()
}

/** Puts the mark in the place of one that was there. */
export function mark(db: Sqlite.Database, { state, other, at }: CopyMark): void {
  db.transaction(() => {
    db.exec(sql.drop)
    db.exec(sql.make)
    db.prepare(sql.put).run({ state, other, at })
  })()
}

/** Takes the mark away; nothing happens where there is none. */
export const unmark = (db: Sqlite.Database): void => void db.exec(sql.drop)

/** Why no hub may work by it. */
export function markedError(name: string, { state, other, at }: CopyMark): LedgerCopyError {
  const when = new Date(at).toISOString()
  return new LedgerCopyError(
    state === 'unfinished'
      ? `the ledger ${name} is an unfinished copy of ${other}, begun ${when}. Run \`hub ledger copy\` again ` +
          `until it says that all is there. 账本复制未完成，请重新执行 hub ledger copy。`
      : `the ledger ${name} was copied to ${other} on ${when}, and the hub works by that one now: ` +
          `with both at work everything would be filed twice. If no hub has worked by the copy, ` +
          `\`hub ledger reopen\` lets one start here again. 账本已迁移，请使用新账本；若新账本从未启用，可用 hub ledger reopen 恢复本账本。`,
  )
}
