// server — the connections to one PostgreSQL: some for reading, one for writing, one that listens. What breaks is made
// anew when it is needed next; whoever asked meanwhile hears HUB_LEDGER_UNAVAILABLE (503), and no process ends.
import pg from 'pg'
import { HubError } from '../../messages/errors.js'
import { LedgerCopyError, LedgerInUseError, LedgerTooNewError, LedgerUnreachableError } from '../ledger-errors.js'
import { LedgerKeyError } from '../sealing/master-keys.js'
import { sendByTurns } from './send-by-turns.js'
import { bound, type Queries } from './statements.js'

/** What of a log the ledger uses. */
export interface LedgerLog {
  error(fields: object, message: string): void
}

/** One PostgreSQL, whatever becomes of single connections. */
export interface Server {
  /** Each statement on whichever connection is free. */
  reading: Queries
  /** A connection of its own, as this ledger's writes, its look-ups and its listening need one. */
  connect(purpose: Purpose): Promise<pg.Client>
  close(): Promise<void>
}

type Purpose = 'writing' | 'looking up' | 'listening' | 'migrating'

/** Connections for reading that one process has at most. */
const mostReading = 5
const connectTimeoutMs = 5_000
/** A statement that takes longer has met a network that is gone or a disk that hangs: those who wait are told. */
const statementTimeoutMs = 30_000
/** A process that stops in the middle of a write, with all others waiting behind it, loses that write. */
const idleInWriteMs = 15_000

/**
 * Each statement is planned once and not with each list it is given, which took as long as to run it. What was planned
 * for a small table is planned by its indexes all the same: it will be a large one. A small table without an index
 * counts as costly then, and its statement would be compiled each time it runs, for a tenth of a second.
 */
const plannedOnce = 'set plan_cache_mode = force_generic_plan; set enable_seqscan = off; set jit = off'

/** Nothing is acknowledged that a server may still lose, whatever its own settings are; a wait for a standby stays. */
const durable = `select set_config('synchronous_commit', 'on', false)
  where current_setting('synchronous_commit') in ('off', 'local')`

/** Counts, numbers and milliseconds: all of ours are whole numbers a double holds. */
const wholeNumber: number = pg.types.builtins.INT8
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): ((value: never) => unknown) =>
    oid === wholeNumber ? Number : (pg.types.getTypeParser(oid, format) as (value: never) => unknown),
}

/** The address without its password, for logs and messages. */
export function withoutPassword(url: string): string {
  try {
    const known = new URL(url)
    if (known.password !== '') known.password = '***'
    if (known.searchParams.has('password')) known.searchParams.set('password', '***')
    return known.toString()
  } catch {
    return 'postgresql://…'
  }
}

/** Connects when it is first asked something. `url` holds the password and appears in no log. */
export function createServer({ url, log }: { url: string; log: LedgerLog }): Server {
  const options = {
    connectionString: url,
    types,
    keepAlive: true,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'edi-hub',
  }
  const pool = new pg.Pool({
    ...options,
    max: mostReading,
    query_timeout: statementTimeoutMs,
    statement_timeout: statementTimeoutMs,
  })
  // A connection that breaks while nobody uses it: the next one who reads gets another.
  pool.on('error', (err) => log.error({ err: plain(err) }, 'a connection to the ledger broke'))

  async function read<Row extends pg.QueryResultRow>(sql: string, values: Parameters<typeof bound>[1] = {}) {
    const asked = bound(sql, values)
    let [gone, outdated] = [0, 0]
    for (;;) {
      try {
        return await pool.query<Row>(asked)
      } catch (error) {
        // The server may have been started anew since the connection was made: once is tried again, a reading harms
        // nobody twice. Each connection that has the statement from before a migration is found so once, and goes.
        if (isGone(error) && gone++ === 0) continue
        if (isOutdated(error) && outdated++ < mostReading) continue
        throw asHubError(error)
      }
    }
  }

  return {
    reading: {
      all: async (sql, values) => (await read(sql, values)).rows as never[],
      get: async (sql, values) => (await read(sql, values)).rows[0] as never,
      run: async (sql, values) => (await read(sql, values)).rowCount ?? 0,
    },
    async connect(purpose) {
      const piped = purpose === 'writing' || purpose === 'looking up'
      const client = new pg.Client({
        ...options,
        ...(piped && {
          // What is asked together goes over together, and is answered in its order.
          pipeline: true,
          query_timeout: statementTimeoutMs + 5_000,
          statement_timeout: statementTimeoutMs,
          idle_in_transaction_session_timeout: idleInWriteMs,
        }),
      })
      try {
        await client.connect()
        if (piped) sendByTurns(client)
        if (piped) await client.query(plannedOnce)
        if (purpose === 'writing') await client.query(durable)
        return client
      } catch (error) {
        await client.end().catch(() => {})
        throw asHubError(error)
      }
    },
    close: () => pool.end(),
  }
}

const codeOf = (error: unknown) => (error as { code?: unknown } | undefined)?.code

/** The connection is not there, or not any more: nothing can be known by it of what was under way. */
export function isGone(error: unknown): boolean {
  const code = codeOf(error)
  if (
    typeof code === 'string' &&
    /^(08...|57P0[1-5]|25P03|ECONN\w*|EPIPE|ENOENT|ETIMEDOUT|EHOST\w*|ENOTFOUND|EAI_AGAIN)$/.test(code)
  )
    return true
  return (
    error instanceof Error &&
    /Connection terminated|connection timeout|timeout exceeded|Query read timeout|not queryable|connection error/i.test(
      error.message,
    )
  )
}

/**
 * The connection keeps a statement prepared from before its table got another column: a newer hub has added one
 * meanwhile. Told by where the server says it, whatever language it speaks; another connection prepares it anew.
 */
export const isOutdated = (error: unknown): boolean =>
  codeOf(error) === '0A000' && (error as { routine?: unknown }).routine === 'RevalidateCachedQuery'

/**
 * The server cannot do it now: no room, no connection free, no disk, waited too long, only a copy. It is no fault of
 * what was asked.
 */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error)
  return isGone(error) || (typeof code === 'string' && /^(53...|58...|55P03|57014|25006|XX00[012]|40...)$/.test(code))
}

/** @returns HUB_LEDGER_UNAVAILABLE where the server cannot do it now; the error itself otherwise */
export function asHubError(error: unknown): unknown {
  if (error instanceof HubError || !isUnavailable(error)) return error
  return new HubError('HUB_LEDGER_UNAVAILABLE', {}, { cause: plain(error), retryAfterSeconds: 5 })
}

/** The driver's errors carry the connection with them, and the connection its password. */
export function plain(error: unknown): unknown {
  if (!(error instanceof Error)) return error
  const code = codeOf(error)
  return Object.assign(new Error(error.message), {
    name: error.name,
    stack: error.stack,
    ...(typeof code === 'string' ? { code } : {}),
  })
}

/** Why a ledger cannot be opened, as it is told. */
export function unreachable(url: string, error: unknown): unknown {
  if ([LedgerTooNewError, LedgerInUseError, LedgerCopyError, LedgerKeyError].some((kind) => error instanceof kind))
    return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const why = cause instanceof Error ? cause.message || cause.name : String(cause)
  return new LedgerUnreachableError(`the ledger at ${withoutPassword(url)} cannot be opened: ${why}`, {
    cause: plain(cause),
  })
}
