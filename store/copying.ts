// copying — a whole ledger from one engine into another: every row of every table, read at one moment, and compared
// afterwards by count and hash. Until that is done the copy carries a mark with which no hub starts on it; before it
// loses that, the source gets one: two hubs at work by the same submissions would file them twice.
import { createHash } from 'node:crypto'
import { LedgerCopyError } from './ledger-errors.js'

/** As both engines keep it: times and counts are whole numbers, flags 0 and 1. */
export type CopiedValue = string | number | Buffer | null
/** Values in the order of the columns that were asked for. */
export type CopiedRow = readonly CopiedValue[]

/** Tables by name, each with its columns, in the form in which PostgreSQL keeps them. */
export type LedgerShape = Map<string, string[]>

/** The engine that is read. */
export interface CopySource {
  /** For people: the address without its password, or the file. */
  name: string
  shape: LedgerShape
  count(table: string): Promise<number>
  /** All rows of a table as they were when the source was opened, some at a time. */
  rows(table: string, columns: readonly string[]): AsyncIterable<CopiedRow[]>
  /** The last number given out, by table: it is not given out again, though its row may be gone. */
  numbers(): Promise<Map<string, number>>
  /** It was said to have moved to the copy, which was cut off before it was whole: only that may be begun anew. */
  cutOff: boolean
  /** No hub starts on it from now on. @throws LedgerCopyError when one was started meanwhile */
  movedTo(target: string): Promise<void>
  close(): Promise<void>
}

/** The engine that is filled; it must hold no message before. */
export interface CopyTarget {
  name: string
  shape: LedgerShape
  /** A text as this engine keeps it. */
  kept(text: string): string
  put(table: string, columns: readonly string[], rows: readonly CopiedRow[]): Promise<void>
  putNumbers(numbers: ReadonlyMap<string, number>): Promise<void>
  count(table: string): Promise<number>
  rows(table: string, columns: readonly string[]): AsyncIterable<CopiedRow[]>
  /** Makes it durable and takes the mark away. */
  whole(): Promise<void>
  close(): Promise<void>
}

/** What became of one table. */
interface CopiedTable {
  table: string
  rows: number
  /** Of all its rows, whatever their order: equal on both sides. Hexadecimal. */
  sha256: string
}

/** What was copied and compared, table by table. */
export interface CopyReport {
  tables: CopiedTable[]
}

/** Which ledgers may be read. */
export interface SourceChoice {
  /** Also one of which a copy has taken the place, or that is an unfinished copy. */
  marked?: boolean
  /** Also one that has moved to this place, as the copy there says its name: where it was cut off. */
  to?: string
}

type CopyProgress = (step: 'copied' | 'compared', table: string, rows: number, of: number) => void

/** An engine's own: counts it keeps by itself, leases, migrations, marks. */
const isOwn = (table: string) => table === 'counter' || table.startsWith('hub_')
/** Worked out from others, and after retention not the same in both engines. */
const derived = new Set(['reply.size'])
/** Others refer to them. */
const first = ['partner']

/**
 * @throws LedgerCopyError when the two do not have the same shape, or are not the same afterwards: the copy keeps its
 *   mark then, and the source has none
 */
export async function copyLedger({
  source,
  target,
  sourceStays,
  progress,
}: {
  source: CopySource
  target: CopyTarget
  /** A hub may go on with the source. */
  sourceStays: boolean
  progress: CopyProgress
}): Promise<CopyReport> {
  const together = await plan(source, target)
  const given = new Map<string, Sum>()
  for (const { table, columns } of together) {
    const of = await source.count(table)
    const sum = createSum(table, columns)
    for await (const rows of source.rows(table, columns)) {
      const kept = rows.map((row) => row.map((value) => (typeof value === 'string' ? target.kept(value) : value)))
      sum.add(kept)
      await target.put(table, columns, kept)
      progress('copied', table, sum.rows(), of)
    }
    given.set(table, sum)
  }
  const numbers = await source.numbers()
  await target.putNumbers(new Map([...numbers].filter(([table]) => given.has(table))))

  const tables: CopiedTable[] = []
  for (const { table, columns } of together) {
    const sent = given.get(table)!
    const sum = createSum(table, columns)
    for await (const rows of target.rows(table, columns)) {
      sum.add(rows)
      progress('compared', table, sum.rows(), sent.rows())
    }
    if (sum.rows() !== sent.rows() || sum.hash() !== sent.hash())
      throw new LedgerCopyError(
        `the copy is not what the source is: ${table} has ${sum.rows()} rows (${sum.hash().slice(0, 16)}…) in ` +
          `place of ${sent.rows()} (${sent.hash().slice(0, 16)}…). No hub starts on it; copy again.`,
      )
    tables.push({ table, rows: sum.rows(), sha256: sum.hash() })
  }
  await mustCountTheSame(source, target)
  // In this order: cut off in between, a hub starts on neither, and the copy is begun anew. The other way about it
  // would start on both.
  if (!sourceStays) await source.movedTo(target.name)
  await target.whole()
  return { tables }
}

/** What is written whenever a hub takes, sends or settles anything, or a partner acknowledges. */
const work = ['interchange', 'message', 'submission', 'attempt', 'reply', 'receipt']

/**
 * Has a hub worked by the copy (or, since, by the source)? @returns the first table in which they differ; undefined:
 * in none
 */
export async function differingWork(source: CopySource, copy: CopySource): Promise<string | undefined> {
  // PostgreSQL keeps no NUL in a text.
  const alike = (value: CopiedValue) => (typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value)
  for (const table of work) {
    const columns = source.shape.get(table)!.filter((column) => copy.shape.get(table)!.includes(column))
    const sumOf = async (end: CopySource) => {
      const sum = createSum(table, columns)
      for await (const rows of end.rows(table, columns)) sum.add(rows.map((row) => row.map(alike)))
      return `${sum.rows()} ${sum.hash()}`
    }
    if ((await sumOf(source)) !== (await sumOf(copy))) return table
  }
  return undefined
}

/** Which tables go over, with the columns both have. */
async function plan(source: CopySource, target: CopyTarget) {
  const together: { table: string; columns: string[] }[] = []
  const order = (table: string) => (first.includes(table) ? 0 : 1)
  const names = [...source.shape.keys()].filter((table) => !isOwn(table))
  for (const table of names.sort((a, b) => order(a) - order(b) || (a < b ? -1 : 1))) {
    const [columns, there] = [source.shape.get(table)!, target.shape.get(table)]
    const missing = there === undefined ? columns : columns.filter((column) => !there.includes(column))
    if (missing.length === 0) together.push({ table, columns })
    else if ((await source.count(table)) > 0)
      throw new LedgerCopyError(
        `${table} (${missing.join(', ')}) of ${source.name} has no place in ${target.name}: nothing was copied.`,
      )
  }
  return together
}

/** The counts an engine keeps by itself, made anew by the copy: what waits, what is owed. */
async function mustCountTheSame(source: CopySource, target: CopyTarget): Promise<void> {
  const counts = async (end: CopySource | CopyTarget) => {
    const found = new Map<string, CopiedValue>()
    for await (const rows of end.rows('counter', ['name', 'value']))
      for (const [name, value] of rows) if (name !== 'ping' && value !== 0) found.set(name as string, value!)
    return found
  }
  const [before, now] = [await counts(source), await counts(target)]
  const other = [...new Set([...before.keys(), ...now.keys()])].find((name) => before.get(name) !== now.get(name))
  if (other !== undefined)
    throw new LedgerCopyError(
      `the copy counts "${other}" ${now.get(other) ?? 0} times, the source ${before.get(other) ?? 0} times. ` +
        `No hub starts on it; copy again.`,
    )
}

interface Sum {
  add(rows: readonly CopiedRow[]): void
  rows(): number
  hash(): string
}

const width = 1n << 256n

/**
 * The sum of the SHA-256 of the rows: the same in any order, and another when a row is missing, changed or there twice.
 */
function createSum(table: string, columns: readonly string[]): Sum {
  const hashed = columns.map((column) => !derived.has(`${table}.${column}`))
  let count = 0
  let sum = 0n
  return {
    add(rows) {
      for (const row of rows) {
        const hash = createHash('sha256')
        row.forEach((value, i) => {
          if (!hashed[i]) return
          // Its kind and its length before it: no two rows are written the same.
          if (value === null) hash.update('n;')
          else if (Buffer.isBuffer(value)) hash.update(`b${value.length};`).update(value)
          else hash.update(`${typeof value === 'string' ? 's' : 'i'}${String(value).length};${value}`)
        })
        sum = (sum + BigInt(`0x${hash.digest('hex')}`)) % width
        count++
      }
    },
    rows: () => count,
    hash: () => sum.toString(16).padStart(64, '0'),
  }
}
