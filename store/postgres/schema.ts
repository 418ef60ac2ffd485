// schema — the ledger's tables, brought up to the newest migration under a lock, so that hubs that start together do
// not both do it. Old and new hubs run side by side: a migration only ever adds what the older one can live with, and
// says which older one still can.
import type pg from 'pg'
import { LedgerTooNewError } from '../ledger-errors.js'
import { markedError, readMark } from './copy-mark.js'
import { migration001 } from './migrations/001-ledger.js'
import { migration002 } from './migrations/002-data-keys.js'
import { migration003 } from './migrations/003-payload-objects.js'
import { migration004 } from './migrations/004-questions.js'
import { migration005 } from './migrations/005-hubs.js'
import { migration006 } from './migrations/006-operators.js'
import { migration007 } from './migrations/007-proof.js'
import { migration008 } from './migrations/008-time-stamps.js'
import { migration009 } from './migrations/009-agent-filings.js'
import { migration010 } from './migrations/010-session-browser.js'
import { migration011 } from './migrations/011-what-hubs-know.js'
import { migration012 } from './migrations/012-counting.js'

interface Migration {
  sql: string
  /** The least version of a hub that goes on when this was made: it knows that many migrations. */
  least: number
}

/** Append only: a migration's place in this list is its number. */
const migrations: readonly Migration[] = [
  { sql: migration001, least: 1 },
  { sql: migration002, least: 1 },
  { sql: migration003, least: 1 },
  { sql: migration004, least: 1 },
  { sql: migration005, least: 1 },
  { sql: migration006, least: 1 },
  { sql: migration007, least: 1 },
  { sql: migration008, least: 1 },
  { sql: migration009, least: 1 },
  { sql: migration010, least: 1 },
  { sql: migration011, least: 1 },
  { sql: migration012, least: 1 },
]

/** The version this hub brings a ledger to. */
export const newestVersion = migrations.length

/** Of this ledger alone among the locks of a database: migrations, and writes (write.ts). */
const migrating = 4_739_201

const sql = {
  table: `create table if not exists hub_migration (version integer primary key, least integer not null,
    made_at timestamptz not null default now())`,
  there: `select to_regclass('hub_migration') is not null as there`,
  made: 'select coalesce(max(version), 0) as version, coalesce(max(least), 0) as least from hub_migration',
  note: 'insert into hub_migration (version, least) values ($1, $2)',
}

/**
 * Makes the migrations that are missing. @returns the version before and now
 * @throws LedgerTooNewError when a newer hub has written it and says that this one cannot go on; LedgerCopyError when
 *   it is an unfinished copy, or a copy has taken its place: not for `copying`
 */
export async function migrate(
  client: pg.Client,
  { copying = false }: { copying?: boolean } = {},
): Promise<{ before: number; now: number }> {
  await client.query(`select pg_advisory_lock(${migrating})`)
  try {
    const mark = copying ? undefined : await readMark(client)
    if (mark) throw markedError(mark)
    await client.query(sql.table)
    const { rows } = await client.query<{ version: number; least: number }>(sql.made)
    const { version: before, least } = rows[0]!
    if (least > migrations.length)
      throw new LedgerTooNewError(
        `the ledger was written by a newer hub (version ${before}, this hub knows ${migrations.length}). Start ` +
          'that one, or restore a backup.',
      )
    for (let version = before + 1; version <= migrations.length; version++) {
      const migration = migrations[version - 1]!
      await client.query('begin')
      try {
        await client.query(migration.sql)
        await client.query(sql.note, [version, migration.least])
        await client.query('commit')
      } catch (error) {
        await client.query('rollback')
        throw error
      }
    }
    return { before, now: Math.max(before, migrations.length) }
  } finally {
    await client.query(`select pg_advisory_unlock(${migrating})`)
  }
}

/** How many migrations it has seen; 0: no hub has written it. */
export async function versionOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>(sql.there)
  if (!rows[0]!.there) return 0
  return (await client.query<{ version: number }>(sql.made)).rows[0]!.version
}
