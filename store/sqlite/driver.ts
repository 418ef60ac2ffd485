// driver — the SQLite library for the Node that runs. Two lines of one library, the same to those who use it: 13 needs
// Node-API 10, which Node 20 never got (it would end the process); 12, compiled for Node 24.19 or later, ends the
// process when a statement is garbage-collected.
import { createRequire } from 'node:module'
import type BetterSqlite3 from 'better-sqlite3'

/** The packages are not whole: what to do about it. */
export class SetupError extends Error {
  override name = 'SetupError'
}

const load = createRequire(import.meta.url)

function driver(): typeof BetterSqlite3 {
  if (Number(process.versions.napi) >= 10) return load('better-sqlite3') as typeof BetterSqlite3
  try {
    return load('better-sqlite3-node20') as typeof BetterSqlite3
  } catch (cause) {
    throw new SetupError(
      `no SQLite for Node ${process.versions.node}: it could not be downloaded or compiled when the packages ` +
        `were installed. Install python3, make and g++, then \`npm ci\`; or use Node 22.14 or later, ` +
        `which needs neither.`,
      { cause },
    )
  }
}

/** @throws SetupError, when this file is loaded, where neither is there */
export const Database: typeof BetterSqlite3 = driver()

/** The version of SQLite itself, such as 3.53.2. */
export function sqliteVersion(): string {
  const db = new Database(':memory:')
  try {
    return db.prepare('select sqlite_version()').pluck().get() as string
  } finally {
    db.close()
  }
}
