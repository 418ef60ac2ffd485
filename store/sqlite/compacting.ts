// compacting — the ledger's file written anew: what was deleted, or encrypted since, stands in it no more, not even
// between the rows.
import { existsSync, statSync } from 'node:fs'
import { openDatabase } from './database.js'

/** @throws LedgerInUseError while a hub runs on it; Error when there is none. @returns bytes before and after */
export function compactLedger(file: string): { before: number; after: number } {
  if (!existsSync(file)) throw new Error(`there is no ledger ${file}`)
  const before = statSync(file).size
  const db = openDatabase(file)
  try {
    db.exec('vacuum')
    db.pragma('wal_checkpoint(TRUNCATE)')
  } finally {
    db.close()
  }
  return { before, after: statSync(file).size }
}
