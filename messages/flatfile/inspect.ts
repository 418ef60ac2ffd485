// inspect — one flat file looked at as a whole: read, checked against its table, made into a tree and XML. One function
// for the hub.
import type { Fault } from '../fault.js'
import type { SourceNode } from '../mapping/source-tree.js'
import { decideCharset } from './charset.js'
import { checkFields } from './check.js'
import { FlatFaults } from './faults.js'
import { readFlat, type FlatLimits } from './reader.js'
import { fieldText, type FlatCharset, type FlatRecord } from './record.js'
import { StructureReader } from './structure.js'
import type { FlatTables } from './table.js'
import { flatXml, sourceTree } from './to-xml.js'

/** What record 00 says, as written; '' where it says nothing. */
export interface FlatHeader {
  type: string
  description: string
  /** 9 original, 2 add, 3 delete, 4 change. */
  function: string
  sender: string
  receiver: string
  created: string
}

/** What is found in one file, whether it is right or not. */
export interface FlatInspection {
  /** Undefined: not a flat file of a known type. */
  type: string | undefined
  header: FlatHeader | undefined
  charset: FlatCharset
  /** Of a file with faults, tree and XML are for looking at only. */
  source: SourceNode | undefined
  xml: string | undefined
  /** `lines[n]`: the record on line n of the XML, 0 for none. */
  lines: readonly number[]
  /** Records read. */
  records: number
  /** Empty: the file is right. */
  faults: Fault[]
}

interface FlatSettings {
  limits?: FlatLimits
  /** Faults listed. Default 500. */
  faults?: number
}

/** Never throws for what a file holds. */
export function inspectFlat(bytes: Uint8Array, tables: FlatTables, settings: FlatSettings = {}): FlatInspection {
  const charset = decideCharset(bytes)
  const faults = new FlatFaults(settings.faults)
  const nothing = { type: undefined, header: undefined, charset, source: undefined, xml: undefined, lines: [] }
  let header: FlatHeader | undefined
  let structure: StructureReader | undefined
  let trailer: FlatRecord | undefined
  let records = 0
  for (const { record, fault } of readFlat(bytes, settings.limits, charset)) {
    // A hostile file is read no further than its faults are told.
    if (faults.full) break
    if (fault) {
      records = Math.max(records, fault.record)
      faults.add(fault.kind === 'charset' ? 'HUB_FLAT_CHARSET' : 'HUB_FLAT_SYNTAX', { ...fault }, { rule: fault.rule })
      continue
    }
    records = Math.max(records, record.number)
    if (!structure) {
      header = record.tag === '00' ? headerOf(record) : undefined
      const table = header && tables.get(header.type)
      if (!header || !table) {
        faults.add(
          header ? 'HUB_FLAT_MESSAGE' : 'HUB_FLAT_MISSING',
          { tag: '00', record: header ? 1 : 0, line: record.line, ...(header ? { field: 2 } : {}) },
          header ? { value: header.type } : {},
        )
        return { ...nothing, header, records, faults: faults.list }
      }
      structure = new StructureReader(table, faults)
    }
    if (trailer) {
      faults.add(
        'HUB_FLAT_UNEXPECTED',
        { tag: record.tag, record: record.number, line: record.line },
        { rule: 'after 99' },
      )
      continue
    }
    const node = structure.add(record)
    if (node.spec) checkFields(record, node.spec, faults)
    if (record.tag === '99') trailer = record
  }
  if (!structure || !header) {
    if (!faults.any) faults.add('HUB_FLAT_MISSING', { tag: '00', record: 0, line: 1 })
    return { ...nothing, records, faults: faults.list }
  }
  if (faults.full) return { ...nothing, type: header.type, header, records, faults: faults.list }
  const root = structure.finish()
  // 99 counts every record, itself and 00 included. A count that is not the file's is the one sign that a file was cut
  // or joined.
  const told = trailer && fieldText(trailer, 2)
  if (trailer && told !== undefined && /^[0-9]+$/.test(told) && Number(told) !== trailer.number)
    faults.add(
      'HUB_FLAT_COUNT',
      { tag: '99', record: trailer.number, line: trailer.line, field: 2 },
      { value: told, rule: `= ${trailer.number}` },
    )
  return {
    type: header.type,
    header,
    charset,
    source: sourceTree(header.type, root),
    ...flatXml(header.type, root),
    records,
    faults: faults.list,
  }
}

/** What a 00 record says. */
export function headerOf(record: FlatRecord): FlatHeader {
  const [type, description, fn, sender, receiver, created] = [2, 3, 4, 5, 6, 7].map((n) => fieldText(record, n)) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  return { type, description, function: fn, sender, receiver, created }
}
