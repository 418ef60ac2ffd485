// listing — a port flat file as a person reads it: every record with its number and title, every field under its name
// in the table, and each fault right under the record it is about. A broken file is listed as far as it can be read.
import { isWarning, type Fault } from '../fault.js'
import { noteLines, printable, type ListingNote } from '../listing-lines.js'
import { decideCharset } from './charset.js'
import { FlatFaults } from './faults.js'
import { headerOf } from './inspect.js'
import { readFlat } from './reader.js'
import { fieldText, type FlatRecord } from './record.js'
import { StructureReader } from './structure.js'
import type { FlatTables, RecordSpec } from './table.js'

interface FlatListingSettings {
  /** Records listed whole; behind these only faulty ones are, by their tags and faults. Default 2,000. */
  most?: number
  /** The same by lines. Default 20,000. */
  mostLines?: number
}

/**
 * @param faults what was found in the file, at places such as `51(12):3`
 * @returns lines of text, the last one with the totals. Of bytes that are no flat file: what is wrong with them
 */
export function listFlat(
  bytes: Uint8Array,
  tables: FlatTables,
  faults: readonly Fault[],
  { most = 2_000, mostLines = 20_000 }: FlatListingSettings = {},
): string {
  const charset = decideCharset(bytes)
  const { under, loose, all } = notesOf(faults)
  const lines: string[] = []
  let structure: StructureReader | undefined
  let records = 0
  let hidden = 0
  let next = 0
  const hide = () => {
    if (hidden > 0) lines.push(`      … ${hidden} records${all ? ' without a fault' : ''} left out`)
    hidden = 0
  }
  const upTo = (number: number) => {
    const from = next
    while (next < under.length && under[next]!.record <= number) next++
    return under.slice(from, next).map(({ note }) => note)
  }
  for (const { record, fault } of readFlat(bytes, {}, charset)) {
    records = Math.max(records, record ? record.number : fault.record)
    // Where it can be read at all, the record itself comes after what is wrong with its form.
    if (!record) continue
    if (record.number === 1) {
      const { type } = headerOf(record)
      const table = record.tag === '00' ? tables.get(type) : undefined
      lines.push(`File 文件  ${printable(type)}${table ? `  ${table.title.zh} ${table.title.en}` : ''}  ·  ${charset}`)
      // What is wrong with the order of records is known already: here it only says which record is which.
      if (table) structure = new StructureReader(table, new FlatFaults(0))
    }
    const long = records > most || lines.length > mostLines
    // It keeps every record it is given: no more than are listed whole.
    const spec = long ? undefined : structure?.add(record).spec
    const before = upTo(record.number - 1)
    const here = upTo(record.number)
    if (before.length + here.length > 0) hide()
    lines.push(...before.flatMap(noteLines))
    if (long && here.length === 0) hidden++
    else lines.push(...(long ? [head(record, spec)] : recordLines(record, spec)), ...here.flatMap(noteLines))
  }
  hide()
  lines.push(...[...upTo(Infinity), ...loose].flatMap(noteLines))
  const errors = faults.filter((one) => !isWarning(one)).length
  return (
    `${lines.join('\n')}\n\n合计 ${records} 条记录，${errors} 处错误\nTotal: ${records} ` +
    `record${records === 1 ? '' : 's'}, ${errors} error${errors === 1 ? '' : 's'}\n`
  )
}

/** By record; loose is what is not there, or the file as a whole. `all`: nothing was found beyond these. */
function notesOf(faults: readonly Fault[]) {
  const notes = faults.map(({ code, path = '', rule, text, level }) => ({
    record: Number(/^[0-9?]{2}\((\d+)\)/.exec(path)?.[1] ?? 0),
    note: {
      mark: level === 'warn' ? '!' : '✗',
      place: path,
      rule: rule === undefined ? code : `${code} ${rule}`,
      ...text,
    } satisfies ListingNote,
  }))
  return {
    under: notes.filter(({ record }) => record > 0).sort((a, b) => a.record - b.record),
    loose: notes.flatMap(({ record, note }) => (record > 0 ? [] : [note])),
    all: !faults.some(({ code }) => code === 'HUB_FAULT_LIMIT'),
  }
}

const head = (record: FlatRecord, spec: RecordSpec | undefined) =>
  `${String(record.number).padStart(5)} ${printable(record.tag)}` +
  `${spec ? `  ${spec.title.zh} ${spec.title.en}` : ''}  (line ${record.line})`

function recordLines(record: FlatRecord, spec: RecordSpec | undefined): string[] {
  const values = record.fields.slice(1).flatMap((_, i) => {
    const text = fieldText(record, i + 2)
    if (text === '') return []
    const field = spec?.fields.find(({ position }) => position === i + 2)
    const meaning = field?.codes?.[text]
    return [
      `        :${String(i + 2).padEnd(4)} ${padded(field ? `${field.zh} ${field.name}` : '—', 44)} ` +
        `${printable(text)}${meaning === undefined ? '' : `  (${meaning})`}`,
    ]
  })
  return [head(record, spec), ...values]
}

/** To a width: a Chinese character is two columns wide. */
const padded = (text: string, width: number) =>
  text + ' '.repeat(Math.max(0, width - [...text].reduce((sum, c) => sum + (c > '\u2e7f' ? 2 : 1), 0)))
