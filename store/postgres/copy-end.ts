// copy-end — a ledger in PostgreSQL as one end of a copy. Whoever copies holds the lock of writes all the while, and
// reads in one snapshot: no hub writes to either end.
import type pg from 'pg'
import type { CopiedRow, CopiedValue, CopySource, CopyTarget, LedgerShape, SourceChoice } from '../copying.js'
import { LedgerCopyError, LedgerInUseError, notCutOff } from '../ledger-errors.js'
import { mark, markedError, readMark, unmark } from './copy-mark.js'
import { migrate } from './schema.js'
import { createServer, unreachable, withoutPassword } from './server.js'
import { writeLockNumber } from './write-lock.js'

const sql = {
  lock: `select pg_try_advisory_lock(${writeLockNumber}) as mine`,
  // Of the hubs' own connections; whoever looks on with another tool is no matter.
  hubs: `select count(*)::integer as n from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name like 'edi-hub%'`,
  late: 'select 1 as there from hub_late_fact limit 1',
  // Not what a table is divided into: its rows are read and written by the whole.
  shape: `select c.relname as table, a.attname as column, format_type(a.atttypid, null) as type,
    pg_get_serial_sequence(c.relname, a.attname) as numbers
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by c.relname, a.attnum`,
}

/** Rows of one reading: fewer where they are large. */
const [fewestRows, mostRows] = [8, 500]
const bytesAtOnce = 4 * 1024 * 1024

interface Opened {
  client: pg.Client
  name: string
  close(): Promise<void>
}

async function opened(url: string): Promise<Opened> {
  const server = createServer({ url, log: { error: () => {} } })
  const client = await server.connect('migrating').catch(async (error: unknown) => {
    await server.close()
    throw unreachable(url, error)
  })
  client.on('error', () => {})
  const close = async () => {
    await client.end().catch(() => {})
    await server.close()
  }
  const name = withoutPassword(url)
  try {
    // Rows are copied with the links that speak of them: no fact is new.
    await client.query(`set hub.proof = 'off'`)
    await mustBeStill(client, name)
    if (!(await client.query<{ mine: boolean }>(sql.lock)).rows[0]!.mine)
      throw new LedgerInUseError(`the ledger ${name} is being written or copied. Stop what does it.`)
    return { client, name, close }
  } catch (error) {
    await close()
    throw error
  }
}

async function mustBeStill(client: pg.Client, name: string): Promise<void> {
  const { rows } = await client.query<{ n: number }>(sql.hubs)
  if (rows[0]!.n > 0)
    throw new LedgerInUseError(
      `a hub works by the ledger ${name}. Stop it: what it takes while it is copied would be in one of the two only.`,
    )
}

interface Tables {
  shape: LedgerShape
  /** `table.column` */
  types: Map<string, string>
  /** Sequences by their table. */
  sequences: Map<string, string>
}

async function tablesOf(client: pg.Client): Promise<Tables> {
  const found: Tables = { shape: new Map(), types: new Map(), sequences: new Map() }
  const { rows } = await client.query<{ table: string; column: string; type: string; numbers: string | null }>(
    sql.shape,
  )
  for (const { table, column, type, numbers } of rows) {
    found.shape.set(table, [...(found.shape.get(table) ?? []), column])
    found.types.set(`${table}.${column}`, type)
    if (numbers !== null) found.sequences.set(table, numbers)
  }
  return found
}

/** @throws LedgerInUseError while a hub works by it; LedgerCopyError when it holds no ledger, or is marked */
export async function postgresSource(url: string, { marked, to }: SourceChoice = {}): Promise<CopySource> {
  const { client, name, close } = await opened(url)
  try {
    const said = marked ? undefined : await readMark(client)
    const cutOff = said?.state === 'moved' && said.other === to
    if (said && !cutOff) throw markedError(said)
    const { rows } = await client.query<{ there: boolean }>(`select to_regclass('hub_migration') is not null as there`)
    if (!rows[0]!.there) throw new LedgerCopyError(`there is no ledger in ${name}.`)
    await migrate(client, { copying: marked === true || cutOff })
    if ((await client.query(sql.late)).rows.length > 0)
      throw new LedgerCopyError(
        `hubs of an older version have left facts in ${name} that are not in the chain of hashes yet. Start a hub ` +
          `of this version on it once, stop it, and copy again.`,
      )
    const tables = await tablesOf(client)
    await client.query('begin isolation level repeatable read read only')
    return {
      ...reading(client, tables),
      name,
      cutOff,
      async numbers() {
        const last = new Map<string, number>()
        for (const [table, sequence] of tables.sequences) {
          const asked = `select case when is_called then last_value else last_value - 1 end as last from ${sequence}`
          last.set(table, (await client.query<{ last: number }>(asked)).rows[0]!.last)
        }
        return last
      },
      async movedTo(other) {
        await client.query('commit')
        await mustBeStill(client, name)
        await mark(client, { state: 'moved', other })
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * Has the mark from its first table on. One that a copy has left unfinished is emptied and begun anew.
 * @throws LedgerInUseError while a hub works by it; LedgerCopyError when it has rows already, or the source has moved
 *   and this is not what was cut off
 */
export async function postgresTarget(url: string, source: string, { cutOff = false } = {}): Promise<CopyTarget> {
  const { client, name, close } = await opened(url)
  try {
    const marked = await readMark(client)
    if (cutOff && marked?.state !== 'unfinished') throw notCutOff(source, name)
    if (marked?.state === 'moved') throw markedError(marked)
    if (marked) await emptied(client)
    else {
      await mustBeEmpty(client, name)
      await mark(client, { state: 'unfinished', other: source })
    }
    await migrate(client, { copying: true })
    const tables = await tablesOf(client)
    // Nobody relies on it before `whole`.
    await client.query('set synchronous_commit = off')
    return {
      ...reading(client, tables),
      name,
      // PostgreSQL keeps no NUL in a text.
      kept: (text) => (text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text),
      async put(table, columns, rows) {
        const lists = columns.map((column, i) => `$${i + 1}::${tables.types.get(`${table}.${column}`)!}[]`).join(', ')
        const insert = `insert into ${table} (${columns.join(', ')}) select * from unnest(${lists})`
        await client.query(
          insert,
          columns.map((_, i) => rows.map((row) => row[i])),
        )
      },
      async putNumbers(numbers) {
        for (const [table, last] of numbers) {
          const sequence = tables.sequences.get(table)
          if (sequence !== undefined)
            await client.query('select setval($1::regclass, $2, $3)', [sequence, Math.max(last, 1), last > 0])
        }
      },
      async whole() {
        await mustBeStill(client, name)
        // What is committed last takes all before it to the disk.
        await client.query('set synchronous_commit = on')
        await unmark(client)
        await client.query('analyze')
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

const isOwn = (table: string) => table.startsWith('hub_')

async function emptied(client: pg.Client): Promise<void> {
  const all = [...(await tablesOf(client)).shape.keys()].filter((table) => !isOwn(table))
  if (all.length > 0) await client.query(`truncate ${all.join(', ')} restart identity`)
}

async function mustBeEmpty(client: pg.Client, name: string): Promise<void> {
  for (const table of (await tablesOf(client)).shape.keys()) {
    if (isOwn(table) || table === 'counter') continue
    const { rows } = await client.query<{ there: boolean }>(`select exists (select 1 from ${table}) as there`)
    if (rows[0]!.there)
      throw new LedgerCopyError(`the database ${name} is not empty (${table} has rows). Name one that is.`)
  }
}

/** Takes the mark `moved` away. @throws LedgerCopyError when it has none, or is unfinished */
export async function reopenPostgres(url: string): Promise<string> {
  const { client, name, close } = await opened(url)
  try {
    const found = await readMark(client)
    if (!found) throw new LedgerCopyError(`the ledger ${name} was not copied elsewhere: a hub starts on it as it is.`)
    if (found.state === 'unfinished') throw markedError(found)
    await unmark(client)
    return found.other
  } finally {
    await close()
  }
}

function reading(client: pg.Client, { shape }: Tables) {
  return {
    shape,
    async count(table: string) {
      return (await client.query<{ n: number }>(`select count(*) as n from ${table}`)).rows[0]!.n
    },
    async *rows(table: string, columns: readonly string[]): AsyncGenerator<CopiedRow[]> {
      const inSnapshot = (await client.query<{ it: string }>('show transaction_isolation')).rows[0]!.it
      const own = inSnapshot !== 'repeatable read'
      if (own) await client.query('begin read only')
      // An answer without bytes has a row for them on SQLite too.
      const from =
        table === 'reply_bytes'
          ? `(select r.reply_id, coalesce(b.bytes, '') as bytes
            from reply r left join reply_bytes b on b.reply_id = r.reply_id) as every`
          : table
      await client.query(`declare copied no scroll cursor for select ${columns.join(', ')} from ${from}`)
      try {
        for (let size = fewestRows; ;) {
          const { rows } = await client.query<CopiedValue[]>({
            text: `fetch forward ${size} from copied`,
            rowMode: 'array',
          })
          if (rows.length === 0) break
          yield rows
          const bytes = rows.reduce((sum, row) => sum + row.reduce((all: number, value) => all + bytesOf(value), 0), 0)
          if (bytes * 2 < bytesAtOnce) size = Math.min(mostRows, size * 2)
          else if (bytes > bytesAtOnce) size = Math.max(1, Math.floor(size / 2))
        }
      } finally {
        await client.query('close copied').catch(() => {})
        if (own) await client.query('commit').catch(() => {})
      }
    },
  }
}

const bytesOf = (value: CopiedValue) => (typeof value === 'string' || Buffer.isBuffer(value) ? value.length : 8)
