// proven-rows — which columns of which tables the chain of hashes covers. One list for the writing and for the
// checking, and the same SQL of both: the texts that are hashed are made by SQLite alone.

export interface ProvenRow {
  kind: string
  table: string
  /** SQL of the row's id and of the message it belongs to, with `@` for the row. */
  id: string
  of: string
  /**
   * Columns that are never changed, and those that are. What is left out (fences, times of the next try) is the hub's
   * own housekeeping.
   */
  fixed: readonly string[]
  now: readonly string[]
  /** Rows of it may be removed. */
  removable?: true
  /** It counts its rows, so that one that was put in beside the chain is found. */
  counted?: true
}

const ofSubmission = `ifnull((select s.message_id from main.submission s where s.submission_id = @.submission_id), '')`

export const provenRows: readonly ProvenRow[] = [
  {
    kind: 'message',
    table: 'message',
    id: '@.message_id',
    of: '@.message_id',
    fixed: [
      'interchange_id',
      'partner_id',
      'channel',
      'reference',
      'document_type',
      'operation',
      'schema_file',
      'schema_version',
      'size',
      'sha256',
      'received_at',
    ],
    now: ['state'],
    counted: true,
  },
  {
    kind: 'submission',
    table: 'submission',
    id: '@.submission_id',
    of: '@.message_id',
    fixed: ['message_id', 'partner_id', 'agency', 'accepted_at'],
    now: ['state', 'status', 'agency_reference'],
    counted: true,
  },
  {
    kind: 'attempt',
    table: 'attempt',
    id: `@.submission_id || '#' || @.attempt`,
    of: ofSubmission,
    fixed: ['started_at'],
    now: ['ended_at', 'outcome', 'code', 'detail'],
  },
  {
    kind: 'reply',
    table: 'reply',
    id: '@.reply_id',
    of: ofSubmission,
    fixed: ['agency', 'sha256', 'received_at'],
    now: ['submission_id', 'orphan'],
    counted: true,
  },
  {
    kind: 'receipt',
    table: 'receipt',
    id: '@.receipt_id',
    of: '@.message_id',
    fixed: ['message_id', 'submission_id', 'partner_id', 'stage', 'receipt', 'reply_id'],
    now: ['return_state', 'returned_at'],
    counted: true,
  },
  {
    kind: 'bytes',
    table: 'digest',
    id: '@.id',
    of: `case when @.id glob 'msg_*' then @.id else ifnull((select s.message_id from main.submission s
      where s.submission_id = @.id), '') end`,
    fixed: [],
    now: ['sums'],
  },
  { kind: 'let-go', table: 'let_go', id: '@.message_id', of: '@.message_id', fixed: ['at', 'file'], now: [] },
  {
    kind: 'audit',
    table: 'audit',
    id: 'cast(@.n as text)',
    of: `case when @.target glob 'msg_*' then @.target else ifnull((select s.message_id from main.submission s
      where s.submission_id = @.target), '') end`,
    fixed: ['at', 'who', 'action', 'target', 'why', 'detail'],
    now: [],
    counted: true,
  },
  {
    kind: 'partner',
    table: 'partner',
    id: '@.partner_id',
    of: `''`,
    fixed: [],
    now: ['name', 'settings', 'ssh_keys', 'disabled'],
    removable: true,
  },
  {
    kind: 'secret',
    table: 'secret',
    id: `@.kind || ' ' || @.sha256`,
    of: `''`,
    fixed: ['secret_id', 'partner_id', 'label', 'created_at'],
    now: ['expires_at'],
    removable: true,
  },
]

const columns = (names: readonly string[], row: string) =>
  `json_array(${names.map((name) => `${row}.${name}`).join(', ')})`
const on = (sql: string, row: string) => sql.replaceAll('@', row)

/** What is hashed of a row: `id`, `message_id`, `fixed`, `now`. */
export const hashed = ({ id, of, fixed, now }: ProvenRow, row: string) =>
  `${on(id, row)}, ${on(of, row)}, ${columns(fixed, row)}, ${columns(now, row)}`

/** The name of the function that triggers tell of each fact: kind, id, message, fixed, now. */
export const noteFunction = 'proof_note'

/**
 * Triggers of the connection alone: they see every change whatever code makes it, and are not in the file, where
 * another program would run into them.
 */
export function triggersOf(row: ProvenRow): string[] {
  const { kind, table, id, of, now, removable } = row
  const tell = (values: string) => `begin select ${noteFunction}('${kind}', ${values}); end`
  const changed = now.map((name) => `old.${name} is not new.${name}`).join(' or ')
  const name = (what: string) => `proof_${table}_${what}`
  return [
    `create temp trigger ${name('put')} after insert on main.${table} ${tell(hashed(row, 'new'))}`,
    ...(now.length === 0
      ? []
      : [
          `create temp trigger ${name('changed')} after update of ${now.join(', ')} on main.${table} when ${changed}
          ${tell(hashed(row, 'new'))}`,
        ]),
    ...(removable
      ? [
          `create temp trigger ${name('gone')} after delete on ` +
            `main.${table} ${tell(`${on(id, 'old')}, ${on(of, 'old')}, ${columns(row.fixed, 'old')}, 'null'`)}`,
        ]
      : []),
  ]
}
