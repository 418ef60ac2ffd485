// listing — a port flat file as a person reads it: every record with its number and title, every field under its name in the table, and
// each fault right under the record it is about. A broken file is listed as far as it can be read.
import type { Fault } from '../fault.js'
import { noteLines, printable, type Note } from '../listing-lines.js'
import { decideCharset } from './charset.js'
import { FlatFaults } from './faults.js'
import { headerOf } from './inspect.js'
import { readFlat } from './reader.js'
import { fieldText, type FlatRecord } from './record.js'
import { StructureReader } from './structure.js'
import type { FlatTables, RecordSpec } from './table.js'

export interface FlatListingSettings {
  /** Records listed whatever is in them; behind these only faulty ones are. Default 2,000. */
  most?: number
}

/**
 * @param faults what was found in the file, at places such as `51(12):3`
 * @returns lines of text, the last one with the totals. Of bytes that are no flat file: what is wrong with them
 */
export function listFlat(bytes: Uint8Array, tables: FlatTables, faults: readonly Fault[], { most = 2_000 }: FlatListingSettings = {}): string {
  const charset = decideCharset(bytes)
  const under = new Map<number, Note[]>()
  const loose: Note[] = []
  for (const { code, path = '', rule, text } of faults) {
    const note: Note = { mark: '✗', place: path, rule: rule === undefined ? code : `${code} ${rule}`, ...text }
    const record = Number(/^[0-9?]{2}\((\d+)\)/.exec(path)?.[1] ?? 0)
    if (record > 0) under.set(record, [...(under.get(record) ?? []), note])
    // What is not there, or the file as a whole.
    else loose.push(note)
  }
  const lines: string[] = []
  let structure: StructureReader | undefined
  let records = 0
  let hidden = 0
  const hide = () => {
    if (hidden > 0) lines.push(`      … ${hidden} records without a fault left out`)
    hidden = 0
  }
  for (const { record, fault } of readFlat(bytes, {}, charset)) {
    const number = record ? record.number : fault.record
    records = Math.max(records, number)
    if (record && number === 1) {
      const { type } = headerOf(record)
      const table = record.tag === '00' ? tables.get(type) : undefined
      lines.push(`File 文件  ${printable(type)}${table ? `  ${table.title.zh} ${table.title.en}` : ''}  ·  ${charset}`)
      // What is wrong with the order of records is known already: here it only says which record is which.
      if (table) structure = new StructureReader(table, new FlatFaults(0))
    }
    const spec = record ? structure?.add(record).spec : undefined
    // A record that cannot be read has a fault, and is told by it.
    const notes = under.get(number) ?? []
    under.delete(number)
    if (records > most && notes.length === 0) hidden++
    else {
      hide()
      lines.push(...(record ? recordLines(record, spec) : []), ...notes.flatMap(noteLines))
    }
  }
  hide()
  lines.push(...[...[...under.values()].flat(), ...loose].flatMap(noteLines))
  return `${lines.join('\n')}\n\n合计 ${records} 条记录，${faults.length} 处错误\nTotal: ${records} record${records === 1 ? '' : 's'}, ${faults.length} error${faults.length === 1 ? '' : 's'}\n`
}

function recordLines(record: FlatRecord, spec: RecordSpec | undefined): string[] {
  const head = `${String(record.number).padStart(5)} ${printable(record.tag)}${spec ? `  ${spec.title.zh} ${spec.title.en}` : ''}  (line ${record.line})`
  const values = record.fields.slice(1).flatMap((_, i) => {
    const text = fieldText(record, i + 2)
    if (text === '') return []
    const field = spec?.fields.find(({ position }) => position === i + 2)
    const meaning = field?.codes?.[text]
    return [`        :${String(i + 2).padEnd(4)} ${padded(field ? `${field.zh} ${field.name}` : '—', 44)} ${printable(text)}${meaning === undefined ? '' : `  (${meaning})`}`]
  })
  return [head, ...values]
}

/** To a width: a Chinese character is two columns wide. */
const padded = (text: string, width: number) => text + ' '.repeat(Math.max(0, width - [...text].reduce((sum, c) => sum + (c > '\u2e7f' ? 2 : 1), 0)))
