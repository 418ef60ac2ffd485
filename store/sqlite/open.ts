// open — a ledger in one SQLite file: WAL, synchronous=FULL, one process at a time. Everything else is in the parts put together here.
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import type { Ledger, LedgerEvents } from '../ledger.js'
import { createAnswers } from './answers.js'
import { createGroupCommit } from './group-commit.js'
import { migration001 } from './migrations/001-ledger.js'
import { createPartners } from './partners.js'
import { createReading } from './reading.js'
import { createRecord } from './record.js'
import { createReturning, type ReceiptEvent } from './returning.js'
import { createSending } from './sending.js'

const migrations = [migration001]

/** The file is in use by another process. */
export class LedgerInUseError extends Error {
  override name = 'LedgerInUseError'
}

/**
 * Opens (or makes) the ledger in `file`.
 * @throws LedgerInUseError while another process has it open. After a kill -9 it opens again at once: the lock is the process's.
 */
export async function openSqliteLedger({ file }: { file: string }): Promise<Ledger & LedgerEvents> {
  mkdirSync(dirname(file), { recursive: true })
  const db = lock(new Database(file, { timeout: 500 }), file)
  migrate(db)

  const listeners = new Set<(event: ReceiptEvent) => void>()
  const tell = (event: ReceiptEvent) => listeners.forEach((listener) => listener(event))
  const commit = createGroupCommit(db)
  const parts = { db, commit, tell }
  return {
    ...createPartners(parts),
    ...createRecord(parts),
    ...createSending(parts),
    ...createAnswers(parts),
    ...createReturning(parts),
    ...createReading(parts),
    receipts(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async ping() {
      await commit(() => db.prepare(`insert into counter values ('ping', 1) on conflict do update set value = value + 1`).run())
    },
    async backup(to) {
      await db.backup(to)
    },
    async close() {
      await commit.drained()
      db.close()
    },
  }
}

/** Exclusive for the life of the process: two hubs on one file would each believe the other's claims lost. */
function lock(db: Database.Database, file: string): Database.Database {
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('cache_size = -32000')
    db.exec('begin immediate; commit')
    return db
  } catch (error) {
    db.close()
    if ((error as { code?: string }).code?.startsWith('SQLITE_BUSY')) throw new LedgerInUseError(`the ledger ${file} is in use by another hub. Stop it, or choose another folder with HUB_DATA.`)
    throw error
  }
}

function migrate(db: Database.Database): void {
  const done = db.pragma('user_version', { simple: true }) as number
  migrations.slice(done).forEach((sql, i) =>
    db.transaction(() => {
      db.exec(sql)
      db.pragma(`user_version = ${done + i + 1}`)
    })(),
  )
}
