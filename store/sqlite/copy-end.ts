// copy-end — a ledger in SQLite as one end of a copy: its rows in the form both engines share, where the bytes of an
// agency's answer stand apart and whether a receipt's body does is a column.
import { existsSync, rmSync } from 'node:fs'
import type Sqlite from 'better-sqlite3'
import type { CopiedRow, CopiedValue, CopySource, CopyTarget, LedgerShape, SourceChoice } from '../copying.js'
import { LedgerCopyError, notCutOff } from '../ledger-errors.js'
import { mark, markedError, readMark, unmark } from './copy-mark.js'
import { openDatabase } from './database.js'
import type { Encryption } from '../sealing/master-keys.js'
import { readingSealed } from './sealed-database.js'

/** Columns that are asked for otherwise than by their name, and the table they stand in. */
const asked: Record<string, string> = {
  'reply.size': 'length(opened(bytes))',
  'receipt.body_apart': `json_extract(opened(receipt), '$.body.size') is not null`,
  'attachment.size': 'coalesce(size, length(opened(bytes)))',
}
const tableOf = (table: string) => (table === 'reply_bytes' ? 'reply' : table)

const rowsAtOnce = 500
const bytesAtOnce = 4 * 1024 * 1024

/** @throws LedgerInUseError while a hub runs on it; LedgerCopyError when there is none, or it is marked */
export function sqliteSource(file: string, encryption?: Encryption, { marked, to }: SourceChoice = {}): CopySource {
  if (!existsSync(file)) throw new LedgerCopyError(`there is no ledger ${file}.`)
  let cutOff = false
  const db = openDatabase(file, undefined, {
    marked: marked ?? to !== undefined,
    first(found) {
      const said = marked ? undefined : readMark(found)
      cutOff = said?.state === 'moved' && said.other === to
      if (said && !cutOff) throw markedError(file, said)
    },
  })
  // What is asked of texts that are sealed needs them open; the rows themselves are copied as they are.
  readingSealed(db, encryption)
  return {
    ...reading(db, file),
    cutOff,
    async numbers() {
      const rows = db.prepare<[], { name: string; seq: number }>('select name, seq from sqlite_sequence').all()
      return new Map(rows.map(({ name, seq }) => [name, seq]))
    },
    async movedTo(other) {
      mark(db, { state: 'moved', other, at: Date.now() })
    },
  }
}

/**
 * A new file, with the mark from its first moment on. One that a copy has left unfinished is begun anew.
 * @throws LedgerInUseError while it is in use; LedgerCopyError when there is a ledger already, or the source has moved
 *   and this is not what was cut off
 */
export function sqliteTarget(file: string, source: string, { cutOff = false } = {}): CopyTarget {
  if (cutOff && !existsSync(file)) throw notCutOff(source, file)
  if (existsSync(file)) {
    const found = openDatabase(file, undefined, {
      marked: true,
      first(db) {
        const unfinished = readMark(db)?.state === 'unfinished'
        if (cutOff && !unfinished) throw notCutOff(source, file)
        if (!unfinished && !isEmpty(db))
          throw new LedgerCopyError(`there is a ledger ${file} already. Name a folder without one.`)
      },
    })
    found.close()
    for (const end of ['-wal', '-shm', '']) rmSync(file + end, { force: true })
  }
  const db = openDatabase(file, undefined, {
    marked: true,
    first: (empty) => mark(empty, { state: 'unfinished', other: source, at: Date.now() }),
  })
  // Nobody relies on it before `whole`.
  db.pragma('synchronous = OFF')
  const inserts = new Map<string, Sqlite.Statement>()

  function insertOf(table: string, columns: readonly string[]): Sqlite.Statement {
    if (table === 'reply_bytes') return db.prepare('update reply set bytes = @bytes where reply_id = @reply_id')
    const own = columns.filter((column) => `${table}.${column}` === 'attachment.size' || !asked[`${table}.${column}`])
    const all = [...own, ...(table === 'reply' ? ['bytes'] : [])]
    const values = [...own.map((column) => `@${column}`), ...(table === 'reply' ? [`x''`] : [])]
    return db.prepare(`insert into ${table} (${all.join(', ')}) values (${values.join(', ')})`)
  }

  return {
    ...reading(db, file),
    kept: (text) => text,
    async put(table, columns, rows) {
      const insert = inserts.get(table) ?? insertOf(table, columns)
      inserts.set(table, insert)
      db.transaction(() => {
        for (const row of rows) insert.run(Object.fromEntries(columns.map((column, i) => [column, row[i]])))
      })()
    },
    async putNumbers(numbers) {
      const has = new Set(
        db
          .prepare<[], { name: string }>(`select name from sqlite_master where sql like '%autoincrement%'`)
          .all()
          .map(({ name }) => name),
      )
      db.transaction(() => {
        for (const [table, last] of numbers) {
          if (!has.has(table)) continue
          db.prepare('delete from sqlite_sequence where name = ?').run(table)
          db.prepare('insert into sqlite_sequence (name, seq) values (@table, @last)').run({ table, last })
        }
      })()
    },
    async whole() {
      db.pragma('synchronous = FULL')
      db.pragma('wal_checkpoint(TRUNCATE)')
      unmark(db)
    },
  }
}

/** Cut off before it had its mark. */
const isEmpty = (db: Sqlite.Database): boolean => db.prepare('select 1 from sqlite_master').get() === undefined

/** Takes the mark `moved` away. @throws LedgerCopyError when it has none, or is unfinished */
export function reopenSqlite(file: string): string {
  if (!existsSync(file)) throw new LedgerCopyError(`there is no ledger ${file}.`)
  const db = openDatabase(file, undefined, { marked: true })
  try {
    const found = readMark(db)
    if (!found) throw new LedgerCopyError(`the ledger ${file} was not copied elsewhere: a hub starts on it as it is.`)
    if (found.state === 'unfinished') throw markedError(file, found)
    unmark(db)
    return found.other
  } finally {
    db.close()
  }
}

function reading(db: Sqlite.Database, file: string) {
  const shape: LedgerShape = new Map()
  for (const { name } of db
    .prepare<[], { name: string }>(`select name from sqlite_master where type = 'table' and name not like 'sqlite_%'`)
    .all())
    shape.set(
      name,
      (db.pragma(`table_info(${name})`) as { name: string }[]).map((column) => column.name),
    )
  shape.set('reply', [...shape.get('reply')!.filter((column) => column !== 'bytes'), 'size'])
  shape.set('reply_bytes', ['reply_id', 'bytes'])
  shape.set('receipt', [...shape.get('receipt')!, 'body_apart'])
  return {
    name: file,
    shape,
    count: async (table: string) =>
      db
        .prepare(`select count(*) from ${tableOf(table)}`)
        .pluck()
        .get() as number,
    async *rows(table: string, columns: readonly string[]): AsyncGenerator<CopiedRow[]> {
      const list = columns.map((column) => asked[`${table}.${column}`] ?? column).join(', ')
      let some: CopiedRow[] = []
      let bytes = 0
      for (const row of db
        .prepare(`select ${list} from ${tableOf(table)}`)
        .raw()
        .iterate() as Iterable<CopiedValue[]>) {
        some.push(row)
        for (const value of row) bytes += typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 8
        if (some.length < rowsAtOnce && bytes < bytesAtOnce) continue
        yield some
        some = []
        bytes = 0
      }
      if (some.length > 0) yield some
    },
    async close() {
      db.close()
    },
  }
}
