// proof-triggers — how SQLite tells of each change of a row that the chain of hashes covers, and the SQL of the texts
// that are hashed.
import { isNumber, type ProvenRow } from '../rules/proven-rows.js'

/** The name of the function that triggers tell of each fact: kind, id, message, fixed, now. */
export const noteFunction = 'proof_note'

const columns = (names: readonly string[], row: string) =>
  `json_array(${names.map((name) => `${row}.${name}`).join(', ')})`

/** SQL of the row's id, with `row` for the row. */
export function idSql({ key, between }: ProvenRow, row: string): string {
  const [first = '', ...others] = key.map((column) => `${row}.${column}`)
  if (others.length === 0) return isNumber(key[0]!) ? `cast(${first} as text)` : first
  return [first, ...others].join(` || '${between}' || `)
}

/** SQL of the message it belongs to; empty when it belongs to none. */
function ofSql({ of }: ProvenRow, row: string): string {
  if (of === undefined) return `''`
  if (of === 'message_id') return `${row}.message_id`
  return `case when ${row}.${of} glob 'msg_*' then ${row}.${of} else ifnull((select s.message_id from main.submission s
    where s.submission_id = ${row}.${of}), '') end`
}

/** What is hashed of a row: `id`, `message_id`, `fixed`, `now`. */
export const hashed = (proven: ProvenRow, row: string) =>
  `${idSql(proven, row)}, ${ofSql(proven, row)}, ${columns(proven.fixed, row)}, ${columns(proven.now, row)}`

/**
 * Triggers of the connection alone: they see every change whatever code makes it, and are not in the file, where
 * another program would run into them.
 */
export function triggersOf(row: ProvenRow): string[] {
  const { kind, table, now, removable } = row
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
            `main.${table} ${tell(`${idSql(row, 'old')}, ${ofSql(row, 'old')}, ${columns(row.fixed, 'old')}, 'null'`)}`,
        ]
      : []),
  ]
}
