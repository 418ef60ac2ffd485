// ledger — the real ledger in the real SQLite engine, in memory: one file a process, and each history goes back to the
// empty one it began with. A hub that dies loses what was not committed, and the next one opens what is there.
//
// A history stands in one transaction that is rolled back in the end; the ledger's own transactions are savepoints in
// it. Statements are prepared once: that is most of what opening a ledger costs.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type Sqlite from 'better-sqlite3'
import type { Partner } from '../../messages/partner.js'
import type { Ledger, LedgerEvents, Proof } from '../../store/ledger.js'
import { openDatabase } from '../../store/sqlite/database.js'
import { Database } from '../../store/sqlite/driver.js'
import { ledgerOn } from '../../store/sqlite/open.js'
import { defineOpened } from '../../store/sqlite/sealed-database.js'
import type { Owner } from './world.js'

export type OpenLedger = Ledger & LedgerEvents & Proof

const savepointFor: Record<string, string> = {
  'begin immediate': 'savepoint writes',
  commit: 'release writes',
  rollback: 'rollback to writes',
}

/**
 * Does the disk take the next write, or the commit? `full`: it fails, and nothing else. `gone`: the whole transaction
 * is taken back with it, as SQLite does when it cannot go on.
 */
export type Disk = (what: 'write' | 'commit') => 'well' | 'full' | 'gone'

/** An empty ledger with these partners, which every history begins with. */
export function shelfOf(image: Buffer) {
  const db: Sqlite.Database = new Database(image)
  db.pragma('foreign_keys = ON')
  db.pragma('temp_store = MEMORY')
  db.pragma('cache_size = -32000')
  defineOpened(db)
  const statements = new Map<string, Sqlite.Statement>()
  const functions = new Map<string, (...values: unknown[]) => unknown>()
  let inWrite = false

  function prepare(sql: string): Sqlite.Statement {
    const known = statements.get(sql)
    if (known) return known
    const statement = db.prepare(sql)
    statements.set(sql, statement)
    return statement
  }

  /** A statement that may fail, as the disk says. */
  function watched(statement: Sqlite.Statement, place: Place): Sqlite.Statement {
    if (statement.readonly) return statement
    const pass = () => {
      if (!inWrite) return
      const how = place.disk('write')
      if (how === 'well') return
      if (how === 'gone') {
        prepare('rollback to writes').run()
        prepare('release writes').run()
        inWrite = false
      }
      throw Object.assign(new Error('disk I/O error'), { code: how === 'full' ? 'SQLITE_FULL' : 'SQLITE_IOERR' })
    }
    const methods = new Map<string | symbol, unknown>()
    const methodOf = (name: string | symbol) => {
      const value: unknown = Reflect.get(statement, name)
      if (typeof value !== 'function') return value
      const call = (value as (...given: unknown[]) => unknown).bind(statement)
      if (name !== 'run' && name !== 'get' && name !== 'all') return call
      return (...given: unknown[]) => {
        pass()
        return call(...given)
      }
    }
    return new Proxy(statement, {
      get(_, name) {
        if (!methods.has(name)) methods.set(name, methodOf(name))
        return methods.get(name)
      },
    })
  }

  interface Place {
    owner: Owner
    disk: Disk
  }

  /** The database as one hub sees it: when that is dead, nothing of what it still holds is written. */
  function seenBy(place: Place): Sqlite.Database {
    const own = {
      prepare(sql: string) {
        const inside = savepointFor[sql]
        if (inside === undefined) return watched(prepare(sql), place)
        return {
          run() {
            if (place.owner.dead) throw new Error('this hub is dead')
            if (sql === 'commit' && place.disk('commit') !== 'well')
              throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' })
            prepare(inside).run()
            inWrite = sql === 'begin immediate'
            if (sql === 'rollback') prepare('release writes').run()
          },
        }
      },
      exec(sql: string) {
        // The chain of hashes is not looked at here: each ledger holds its end in memory, and these live for
        // thousands of histories.
        if (!/^create temp trigger proof_/.test(sql.trim())) db.exec(sql)
      },
      function(name: string, options: Sqlite.RegistrationOptions, fn: (...values: unknown[]) => unknown) {
        if (!functions.has(name)) db.function(name, options, (...values: unknown[]) => functions.get(name)!(...values))
        functions.set(name, fn)
      },
      transaction: (work: () => unknown) => () => {
        db.exec('savepoint inside')
        const value = work()
        db.exec('release inside')
        return value
      },
      get inTransaction() {
        return inWrite
      },
      name: ':memory:',
    }
    return new Proxy(db, {
      get: (target, name) => {
        if (name in own) return own[name as keyof typeof own]
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value
      },
    })
  }

  /** Made when they are first needed, and used again in the next history: opening one costs more than a history. */
  const places: (Place & { ledger: OpenLedger; deaf: (() => void)[] })[] = []
  let used = 0

  return {
    /** For whoever looks at what is committed. */
    db,
    prepare,
    begin(): void {
      prepare('begin').run()
      used = 0
    },
    /** Takes back all that was written. Whoever opened a ledger is dead by now. */
    rollback(): void {
      prepare('rollback').run()
      inWrite = false
      for (const { deaf } of places) for (const end of deaf.splice(0)) end()
    },
    open(owner: Owner, disk: Disk): OpenLedger {
      const known = places[used++]
      if (known) {
        known.owner = owner
        known.disk = disk
        return known.ledger
      }
      const place: Place = { owner, disk }
      const deaf: (() => void)[] = []
      const ledger = ledgerOn(seenBy(place), { error: () => {} })
      const opened = {
        ...ledger,
        receipts(listener: Parameters<OpenLedger['receipts']>[0]) {
          const end = ledger.receipts(listener)
          deaf.push(end)
          return end
        },
      }
      places.push(Object.assign(place, { ledger: opened, deaf }))
      return opened
    },
  }
}
export type Shelf = ReturnType<typeof shelfOf>

/** The image of an empty ledger with these partners. */
export async function emptyLedger(partners: readonly Partner[]): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'seeds-'))
  try {
    const db = openDatabase(join(folder, 'ledger.db'))
    const ledger = ledgerOn(db, { error: () => {} })
    for (const one of partners) await ledger.putPartner(one)
    // A file in memory has no log beside it.
    db.pragma('journal_mode = DELETE')
    const image = db.serialize()
    await ledger.close()
    return image
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
