// tables — rows that a write adds, gathered and inserted together: one statement for all of a table, or for up to 64
// where they hold bytes, instead of one for each.
import type { SqlValue, SqlValues } from './statements.js'

/** The tables whose rows come in numbers, with what is written of them. A row that is there already stays as it is. */
export const tables = {
  interchange: ['interchange_id', 'partner_id', 'channel', 'filename', 'content_type', 'received_at', 'size', 'sha256'],
  message: [
    'message_id',
    'interchange_id',
    'partner_id',
    'channel',
    'reference',
    'document_type',
    'operation',
    'schema_file',
    'schema_version',
    'state',
    'size',
    'sha256',
    'received_at',
    'order_key',
  ],
  payload: ['message_id', 'bytes', 'packed'],
  forwarded: ['message_id', 'bytes'],
  sent_form: ['submission_id', 'bytes'],
  attachment: ['message_id', 'position', 'name', 'media_type', 'bytes', 'packed', 'size'],
  payload_object: ['message_id', 'position', 'object'],
  digest: ['id', 'sums'],
  let_go: ['message_id', 'at'],
  refused_kept: ['message_id'],
  submission: [
    'n',
    'submission_id',
    'message_id',
    'partner_id',
    'agency',
    'order_key',
    'state',
    'accepted_at',
    'next_at',
    'changes',
    'original',
    'senders',
    'learning',
  ],
  reply: ['reply_id', 'agency', 'submission_id', 'media_type', 'import_failed', 'size', 'sha256', 'received_at'],
  reply_bytes: ['reply_id', 'bytes'],
  correlation: ['agency', 'name', 'value', 'submission_n'],
  shared_key: ['agency', 'name', 'value', 'first_n', 'second_n', 'at'],
  receipt: [
    'receipt_id',
    'message_id',
    'submission_id',
    'partner_id',
    'channel',
    'stage',
    'receipt',
    'body_apart',
    'reply_id',
    'return_state',
    'return_next_at',
    'owed_at',
  ],
  attempt: ['submission_id', 'attempt', 'fence', 'started_at'],
  identity: ['partner_id', 'identity', 'message_id'],
  superseded: ['partner_id', 'identity', 'sha256', 'message_id'],
  repeat: ['message_id', 'interchange_id', 'at'],
  orphan_key: ['reply_id', 'name', 'value'],
  notice_key: ['name', 'value', 'reply_id'],
  agent_filing: ['message_id', 'owner', 'operation', 'company'],
} as const satisfies Record<string, readonly string[]>

export type Table = keyof typeof tables
/** One row to add: every column named in `tables`, or null. */
export type NewRow<T extends Table = Table> = Record<(typeof tables)[T][number], string | number | null | Buffer>

/**
 * Keys of which a row may be there already, and is left as it is. A message or a receipt that is there twice is a
 * fault, and is told.
 */
const mayBeThere = new Set<Table>([
  'digest',
  'correlation',
  'shared_key',
  'superseded',
  'repeat',
  'orphan_key',
  'notice_key',
])

/** Their rows hold bytes, which travel as they are only one by one. */
const withBytes = new Set<Table>(['payload', 'forwarded', 'sent_form', 'attachment', 'reply_bytes'])

/** Columns that are no texts. */
const numbers = new Set(
  (
    'n size position received_at at accepted_at next_at changes original submission_n first_n second_n body_apart ' +
    'return_next_at owed_at attempt started_at import_failed'
  ).split(' '),
)

/** Numbers of rows for which there is a statement, so that the server prepares each once. */
const sizes = [64, 32, 16, 8, 4, 2, 1]

/** The insert for so many rows: its values are named by column and place. */
function insertOf(table: Table, rows: number): string {
  const columns = tables[table]
  const row = (i: number) => `(${columns.map((column) => `@${column}_${i}`).join(', ')})`
  const all = Array.from({ length: rows }, (_, i) => row(i)).join(', ')
  return `insert into ${table} (${columns.join(', ')})
    values ${all}${mayBeThere.has(table) ? ' on conflict do nothing' : ''}`
}

/** The insert for any number of rows, in their order: its values are lists, named by column. */
function insertOfLists(table: Table): string {
  const columns = tables[table]
  const lists = columns.map((column) => `@${column}::${numbers.has(column) ? 'bigint' : 'text'}[]`).join(', ')
  return `insert into ${table} (${columns.join(', ')}) select *
    from unnest(${lists})${mayBeThere.has(table) ? ' on conflict do nothing' : ''}`
}

const inserts = new Map<string, string>()

/** What inserts these rows, in their order. */
export function insertsFor(table: Table, rows: readonly NewRow[]): { sql: string; values: SqlValues }[] {
  if (!withBytes.has(table)) {
    const sql = inserts.get(table) ?? insertOfLists(table)
    inserts.set(table, sql)
    const values = Object.fromEntries(
      tables[table].map((column) => [column, rows.map((row) => (row as Record<string, SqlValue>)[column]!)]),
    )
    return [{ sql, values }]
  }
  const found: { sql: string; values: Record<string, NewRow[keyof NewRow]> }[] = []
  for (let at = 0; at < rows.length;) {
    const size = sizes.find((one) => one <= rows.length - at)!
    const key = `${table} ${size}`
    const sql = inserts.get(key) ?? insertOf(table, size)
    inserts.set(key, sql)
    const values: Record<string, NewRow[keyof NewRow]> = {}
    for (let i = 0; i < size; i++) {
      const row = rows[at + i] as Record<string, NewRow[keyof NewRow]>
      for (const column of tables[table]) values[`${column}_${i}`] = row[column]!
    }
    found.push({ sql, values })
    at += size
  }
  return found
}
