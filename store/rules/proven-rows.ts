// proven-rows — which columns of which tables the chain of hashes covers, and the texts that are hashed of a row. One
// list for both engines, for the writing and for the checking: what one engine has chained the other can prove.

/** Which columns of a table are hashed: those that never change, and those that may. */
export interface ProvenRow {
  kind: string
  table: string
  /** The columns that make its id, and what stands between two of them. */
  key: readonly string[]
  between?: string
  /** The column that names the message it belongs to, or a submission of that message. Absent: it belongs to none. */
  of?: string
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

/** A column that is missing here can be changed on disk and nobody finds it. */
export const provenRows: readonly ProvenRow[] = [
  {
    kind: 'message',
    table: 'message',
    key: ['message_id'],
    of: 'message_id',
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
    key: ['submission_id'],
    of: 'message_id',
    fixed: ['message_id', 'partner_id', 'agency', 'accepted_at'],
    now: ['state', 'status', 'agency_reference'],
    counted: true,
  },
  {
    kind: 'attempt',
    table: 'attempt',
    key: ['submission_id', 'attempt'],
    between: '#',
    of: 'submission_id',
    fixed: ['started_at'],
    now: ['ended_at', 'outcome', 'code', 'detail'],
  },
  {
    kind: 'reply',
    table: 'reply',
    key: ['reply_id'],
    of: 'submission_id',
    fixed: ['agency', 'sha256', 'received_at'],
    now: ['submission_id', 'orphan'],
    counted: true,
  },
  {
    kind: 'receipt',
    table: 'receipt',
    key: ['receipt_id'],
    of: 'message_id',
    fixed: ['message_id', 'submission_id', 'partner_id', 'stage', 'receipt', 'reply_id'],
    now: ['return_state', 'returned_at'],
    counted: true,
  },
  { kind: 'bytes', table: 'digest', key: ['id'], of: 'id', fixed: [], now: ['sums'] },
  { kind: 'let-go', table: 'let_go', key: ['message_id'], of: 'message_id', fixed: ['at', 'file'], now: [] },
  {
    kind: 'audit',
    table: 'audit',
    key: ['n'],
    of: 'target',
    fixed: ['at', 'who', 'action', 'target', 'why', 'detail'],
    now: [],
    counted: true,
  },
  {
    kind: 'agent-filing',
    table: 'agent_filing',
    key: ['n'],
    of: 'message_id',
    fixed: ['message_id', 'owner', 'operation', 'company'],
    now: [],
    counted: true,
  },
  {
    kind: 'partner',
    table: 'partner',
    key: ['partner_id'],
    fixed: [],
    now: ['name', 'settings', 'ssh_keys', 'disabled'],
    removable: true,
  },
  {
    kind: 'secret',
    table: 'secret',
    key: ['kind', 'sha256'],
    between: ' ',
    fixed: ['secret_id', 'partner_id', 'label', 'created_at'],
    now: ['expires_at'],
    removable: true,
  },
]

/** A row as an engine gives it: texts, whole numbers and null by column. */
export type RowValues = Record<string, string | number | null>

/** Columns of keys that are numbers; the others are texts. */
const numbers = new Set(['n', 'attempt'])
/** Whether a column of a key holds numbers: in the id of a fact they stand as text. */
export const isNumber = (column: string) => numbers.has(column)

/** The id of a row in facts. */
export const provenId = ({ key, between = '' }: ProvenRow, row: RowValues) =>
  key.map((column) => String(row[column])).join(between)

/** The values of its key's columns. Undefined: no row can have that id. */
export function keyOf({ key, between }: ProvenRow, id: string): (string | number)[] | undefined {
  const cut = between === undefined ? -1 : id.indexOf(between)
  const parts = between === undefined ? [id] : [id.slice(0, Math.max(cut, 0)), id.slice(cut + 1)]
  const values = key.map((column, i) => (isNumber(column) ? wholeNumber(parts[i]!) : parts[i]!))
  return values.includes(undefined) ? undefined : (values as (string | number)[])
}

const wholeNumber = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined)

/** As SQLite's `json_array` writes it, byte for byte: links of SQLite hold what SQLite has written. */
export const columnsText = (columns: readonly string[], row: RowValues) =>
  JSON.stringify(columns.map((column) => row[column] ?? null))
