// database — the ledger's SQLite file: WAL, synchronous=FULL, held by one process, brought up to the newest migration.
import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type Sqlite from 'better-sqlite3'
import { LedgerInUseError, LedgerTooNewError } from '../ledger-errors.js'
import { markedError, readMark } from './copy-mark.js'
import { Database } from './driver.js'
import { planOnce } from './planned-once.js'
import { migration001 } from './migrations/001-ledger.js'
import { migration002 } from './migrations/002-finding.js'
import { migration003 } from './migrations/003-notices.js'
import { migration004 } from './migrations/004-returns.js'
import { migration005 } from './migrations/005-order.js'
import { migration006 } from './migrations/006-holds.js'
import { migration007 } from './migrations/007-edi.js'
import { migration008 } from './migrations/008-sent-form.js'
import { migration009 } from './migrations/009-let-go.js'
import { migration010 } from './migrations/010-keys.js'
import { migration011 } from './migrations/011-owners.js'
import { migration012 } from './migrations/012-packed.js'
import { migration013 } from './migrations/013-digests.js'
import { migration014 } from './migrations/014-grants.js'
import { migration015 } from './migrations/015-damaged.js'
import { migration016 } from './migrations/016-receipt-attachments.js'
import { migration017 } from './migrations/017-notice-keys.js'
import { migration018 } from './migrations/018-import-failed.js'
import { migration019 } from './migrations/019-filing-grants.js'
import { migration020 } from './migrations/020-proof.js'
import { migration021 } from './migrations/021-data-keys.js'
import { migration022 } from './migrations/022-payload-objects.js'
import { migration023 } from './migrations/023-questions.js'
import { defineOpened } from './sealed-database.js'
import { migration024 } from './migrations/024-operators.js'
import { migration025 } from './migrations/025-time-stamps.js'
import { migration026 } from './migrations/026-agent-filings.js'
import { migration027 } from './migrations/027-session-browser.js'
import { migration028 } from './migrations/028-operation-type.js'

/**
 * Append only: a migration's place in this list is its number, and `user_version` in the file's header says how many
 * were made.
 */
const migrations = [
  migration001,
  migration002,
  migration003,
  migration004,
  migration005,
  migration006,
  migration007,
  migration008,
  migration009,
  migration010,
  migration011,
  migration012,
  migration013,
  migration014,
  migration015,
  migration016,
  migration017,
  migration018,
  migration019,
  migration020,
  migration021,
  migration022,
  migration023,
  migration024,
  migration025,
  migration026,
  migration027,
  migration028,
]

export { LedgerInUseError, LedgerTooNewError }

/**
 * Opens (or makes) the file. `trace` is told every statement that runs, with its values: for tests that look at query
 * plans.
 * @throws LedgerInUseError while another process has it open. After a kill -9 it opens again at once: the lock is the
 *   process's.
 * @throws LedgerTooNewError when a newer hub has written it.
 * @throws LedgerCopyError when it is an unfinished copy, or a copy has taken its place: not with `marked`.
 * @param options.first what is done with the file before anything of a ledger is made in it
 */
export function openDatabase(
  file: string,
  trace?: (sql: string) => void,
  { marked = false, first }: { marked?: boolean; first?: (db: Sqlite.Database) => void } = {},
): Sqlite.Database {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  // SQLite gives its log the rights of the file, so that both are this user's alone, whatever the umask.
  // Only one that is not there: closing a file that is open elsewhere in this process would give up SQLite's lock on
  // it.
  if (!existsSync(file)) makePrivate(file)
  const db = new Database(file, { timeout: 500, ...(trace ? { verbose: (sql) => trace(String(sql)) } : {}) })
  planOnce(db)
  try {
    lock(db)
    const mark = marked ? undefined : readMark(db)
    if (mark) throw markedError(file, mark)
    first?.(db)
    migrate(db, file)
    defineOpened(db)
    return db
  } catch (error) {
    db.close()
    throw isBusy(error) ? inUse(file) : error
  }
}

function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

const isBusy = (error: unknown) => (error as { code?: string }).code?.startsWith('SQLITE_BUSY') === true
const inUse = (file: string) =>
  new LedgerInUseError(`the ledger ${file} is in use by another hub. Stop it, or choose another folder with HUB_DATA.`)

/**
 * Keeps everybody else out of the file until the returned function is called, also while it is given another name and
 * another file takes its old one. It is left without a log of its own: SQLite takes logs away by name, and by then that
 * is the other file's.
 * @throws as openDatabase does
 */
export function lockDatabase(file: string): () => void {
  const db = openDatabase(file)
  try {
    for (const pragma of ['journal_mode = DELETE', 'locking_mode = NORMAL', 'user_version']) db.pragma(pragma)
    db.exec('begin exclusive')
    return () => db.close()
  } catch (error) {
    db.close()
    throw isBusy(error) ? inUse(file) : error
  }
}

/**
 * Keeps hubs from a file that is read as it is, until the returned function is called. It may be damaged, or on a
 * medium that cannot be written: that is not looked at here.
 * @throws LedgerInUseError while another process has it open
 */
export function keepStill(file: string): () => void {
  let db: Sqlite.Database | undefined
  try {
    db = new Database(file, { timeout: 500, fileMustExist: true })
    db.exec('begin; select count(*) from sqlite_master')
  } catch (error) {
    if (!isBusy(error)) return () => db?.close()
    db?.close()
    throw inUse(file)
  }
  return () => db.close()
}

/**
 * How many migrations it has seen (0: no hub has written it), and what SQLite finds broken. It reads the whole file:
 * some seconds a gigabyte.
 */
export function inspectDatabase(file: string): { version: number; fault?: string } {
  let db: Sqlite.Database | undefined
  try {
    db = new Database(file, { fileMustExist: true })
    const found = db.pragma('quick_check(1)', { simple: true }) as string
    return { version: versionOf(db), ...(found === 'ok' ? {} : { fault: found }) }
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error
    return { version: 0, fault: error.message }
  } finally {
    db?.close()
  }
}

const versionOf = (db: Sqlite.Database) => db.pragma('user_version', { simple: true }) as number

/** Exclusive for the life of the process: two hubs on one file would each believe the other's claims lost. */
function lock(db: Sqlite.Database): void {
  db.pragma('locking_mode = EXCLUSIVE')
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('foreign_keys = ON')
  db.pragma('cache_size = -32000')
  // What a savepoint needs to go back is otherwise written to a file beside the ledger: three pages for each one of the
  // log, and nobody ever reads them.
  db.pragma('temp_store = MEMORY')
  // One huge interchange would otherwise leave a log file of its size behind for good.
  db.pragma('journal_size_limit = 67108864')
  db.exec('begin immediate; commit')
}

function migrate(db: Sqlite.Database, file: string): void {
  const done = versionOf(db)
  if (done > migrations.length)
    throw new LedgerTooNewError(
      `the ledger ${file} was written by a newer hub (version ${done}, this hub knows ${migrations.length}). Start ` +
        'that one, or restore a backup.',
    )
  if (done === migrations.length) return
  // All in one: each commit waits for the disk, and a new ledger has all of them before it.
  db.transaction(() => {
    migrations.slice(done).forEach((sql) => db.exec(sql))
    db.pragma(`user_version = ${migrations.length}`)
  })()
}
