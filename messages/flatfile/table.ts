// table — what a flat file of one type may hold, as data: xsd/families/flatfile/tables/<TYPE>.yaml. A field is one
// line, written as the published tables write it: `VesselCode X(9) C/M 船名代码`. Everything else here (check, XML, XSD)
// reads these tables and knows no message.
import { Type, type Static } from 'typebox'
import { Bilingual } from './../text.js'

const recordShape = {
  tag: Type.String({ pattern: '^[0-9]{2}$' }),
  name: Type.String({ pattern: '^[A-Z][A-Za-z0-9]*$', description: 'Name of its element in XML' }),
  title: Bilingual,
  use: Type.Optional(Type.Union([Type.Literal('M'), Type.Literal('C')])),
  /** How often under its parent. Default 1. */
  max: Type.Optional(Type.Integer({ minimum: 1 })),
  /** Members may stand without it: the group is then opened for them, with no fields of its own. */
  implied: Type.Optional(Type.Boolean()),
  fields: Type.Optional(Type.Array(Type.String())),
  /** Further fields beyond the named ones, read as text and called F<n>. Default 0. */
  more: Type.Optional(Type.Integer({ minimum: 0, maximum: 60 })),
}

/** `xsd/families/flatfile/tables/<TYPE>.yaml` as it is written. */
export const FlatTableFile = Type.Object({
  type: Type.String({ pattern: '^[A-Z]{3,6}$' }),
  title: Bilingual,
  /** The usual text of field 3 of record 00. */
  description: Type.String(),
  /** The specification the facts come from, and how far they go. */
  edition: Type.String(),
  codes: Type.Optional(Type.Record(Type.String(), Type.Record(Type.String(), Type.String()))),
  records: Type.Array(
    Type.Object({
      ...recordShape,
      records: Type.Optional(
        Type.Array(Type.Object({ ...recordShape, records: Type.Optional(Type.Array(Type.Object(recordShape))) })),
      ),
    }),
  ),
})
export type FlatTableFile = Static<typeof FlatTableFile>

/** One field, as the published table has it. */
export interface FieldSpec {
  /** Element in XML. The same name in neighbouring fields is a repetition. */
  readonly name: string
  /** Its number in the published table, the tag being 1. */
  readonly position: number
  /** `X` text, `9` number, `date` CCYYMMDD (YYMMDD is seen), `time` YYMMDDHHMM, CCYYMMDDHHMM or CCYYMMDDHHMMSS. */
  readonly kind: 'X' | '9' | 'date' | 'time'
  /** Characters, or digits before the point. */
  readonly length: number
  readonly decimals: number
  /** The format as the table writes it: `X(35)`, `9(9).9(3)`. */
  readonly format: string
  /** Mandatory, conditional, or one of a pair (`M/C` beside `C/M`: code or name, at least one). */
  readonly use: 'M' | 'C' | 'pair'
  /** The two positions of the pair. */
  readonly pair?: readonly [number, number]
  readonly zh: string
  /** Allowed values and what they mean. */
  readonly codes?: Readonly<Record<string, string>>
  /** How many `^` lines it may have; 1: `^` is text. */
  readonly lines: number
  /** Written `~`: a number that repeats that of the record it hangs under (51 names its 41). 0 names none. */
  readonly asAbove: boolean
}

/** One record, as the published table has it. */
export interface RecordSpec {
  readonly tag: string
  readonly name: string
  readonly title: { readonly zh: string; readonly en: string }
  readonly mandatory: boolean
  readonly max: number
  readonly implied: boolean
  /** In order; the first is field 2. */
  readonly fields: readonly FieldSpec[]
  readonly more: number
  readonly records: readonly RecordSpec[]
}

/** The record table of one kind of flat file. */
export interface FlatTable {
  readonly type: string
  readonly title: { readonly zh: string; readonly en: string }
  readonly description: string
  readonly edition: string
  readonly records: readonly RecordSpec[]
}

/** The record tables of flat files, by message type. */
export type FlatTables = ReadonlyMap<string, FlatTable>

const fieldLine =
  /^([A-Z][A-Za-z0-9]*)\s+(X\((\d+)\)|9\((\d+)\)(?:\.9\((\d+)\))?|DATE|TIME)\s+(M|C|M\/C|C\/M)(?:\s+x(\d+))?(?:\s+\^(\d+))?(?:\s+(~))?(?:\s+=(\w+))?\s+(\S.*)$/

/**
 * @throws Error naming the type, record and line that cannot be read: a table is the hub's own data, not a sender's.
 */
function readFlatTable(file: FlatTableFile): FlatTable {
  const fail = (what: string): never => {
    throw new Error(`flat file table ${file.type}: ${what}`)
  }
  type RecordLines = FlatTableFile['records'][number]
  const recordSpec = (line: RecordLines): RecordSpec => {
    const fields: FieldSpec[] = []
    for (const text of line.fields ?? []) {
      const found = fieldLine.exec(text) ?? fail(`record ${line.tag}: cannot read "${text}"`)
      const [, name = '', format = '', x, nine, decimals, use, times, lines, up, list, zh = ''] = found as unknown as (
        string | undefined
      )[]
      const codes =
        list === undefined ? undefined : (file.codes?.[list] ?? fail(`record ${line.tag}: no code list ${list}`))
      for (let i = 0; i < Number(times ?? 1); i++)
        fields.push({
          name,
          position: fields.length + 2,
          kind: format === 'DATE' ? 'date' : format === 'TIME' ? 'time' : x === undefined ? '9' : 'X',
          length: format === 'DATE' ? 8 : format === 'TIME' ? 14 : Number(x ?? nine),
          decimals: Number(decimals ?? 0),
          format,
          use: use === 'M' || use === 'C' ? use : 'pair',
          zh,
          ...(codes === undefined ? {} : { codes }),
          lines: Number(lines ?? 1),
          asAbove: up !== undefined,
        })
    }
    for (let i = 0; i < fields.length; i++) {
      if (fields[i]?.use !== 'pair') continue
      const other = fields[i + 1]
      if (other?.use !== 'pair') fail(`record ${line.tag}: ${fields[i]?.name ?? ''} has no partner field`)
      const pair = [i + 2, i + 3] as const
      fields[i] = { ...(fields[i] as FieldSpec), pair }
      fields[i + 1] = { ...(other as FieldSpec), pair }
      i++
    }
    const names = fields.map((f) => f.name).filter((name, i, all) => name !== all[i - 1])
    if (new Set(names).size !== names.length) fail(`record ${line.tag}: a field name stands twice`)
    const inside: readonly RecordLines[] = line.records ?? []
    return {
      tag: line.tag,
      name: line.name,
      title: line.title,
      mandatory: line.use === 'M',
      max: line.max ?? 1,
      implied: line.implied ?? false,
      fields,
      more: line.more ?? 0,
      records: inside.map(recordSpec),
    }
  }
  const records = file.records.map(recordSpec)
  if (records[0]?.tag !== '00' || records.at(-1)?.tag !== '99') fail('the first record is 00, the last 99')
  return { type: file.type, title: file.title, description: file.description, edition: file.edition, records }
}

/** The tables of all types. */
export function openFlatTables(files: readonly FlatTableFile[]): FlatTables {
  return new Map(files.map((file) => [file.type, readFlatTable(file)]))
}
