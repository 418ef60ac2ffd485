// statements — SQL binds by name here too: `@name` becomes `$1`, `$2` …, worked out once for each statement, which the
// server then keeps prepared.

/** What a statement is given, by the names it has for them. Buffers travel as bytes, lists as arrays. */
export type SqlValues = Record<string, SqlValue | readonly SqlValue[]>
/** What a statement may be given, and what a row holds. */
export type SqlValue = string | number | boolean | null | Buffer

interface Prepared {
  /** By which each connection knows it again. */
  name: string
  text: string
  names: string[]
}

const known = new Map<string, Prepared>()

function prepared(sql: string): Prepared {
  const before = known.get(sql)
  if (before) return before
  const names: string[] = []
  const text = sql.replace(/@([a-zA-Z]\w*)/g, (_, name: string) => {
    if (!names.includes(name)) names.push(name)
    return `$${names.indexOf(name) + 1}`
  })
  const one = { name: `hub_${known.size + 1}`, text, names }
  known.set(sql, one)
  return one
}

/** PostgreSQL keeps no NUL in a text. None of ours means anything by it. */
const kept = (value: SqlValues[string] | undefined): unknown =>
  typeof value === 'string' && value.includes('\0')
    ? value.replaceAll('\0', '\ufffd')
    : Array.isArray(value)
      ? value.map((one: SqlValue) => kept(one))
      : value

/** The statement as the driver takes it. */
export function bound(sql: string, values: SqlValues): { name: string; text: string; values: unknown[] } {
  const { name, text, names } = prepared(sql)
  return { name, text, values: names.map((one) => kept(values[one])) }
}

/** Reads, and inside a write also changes. */
export interface Queries {
  all<Row>(sql: string, values?: SqlValues): Promise<Row[]>
  get<Row>(sql: string, values?: SqlValues): Promise<Row | undefined>
  /** How many rows it changed. */
  run(sql: string, values?: SqlValues): Promise<number>
}
