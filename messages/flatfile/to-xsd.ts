// to-xsd — the XSD of a flat file type, from the same table the check reads. Kept as files in
// xsd/families/flatfile/schemas; a test makes them anew and compares, so a table and its schema cannot drift apart.
import { escapeEdiValue } from '../escape-xml.js'
import { occurs, schemaOf, simpleType } from '../xsd-frame.js'
import { extraField, flatNamespace } from './names.js'
import type { FieldSpec, FlatTable, RecordSpec } from './table.js'

/** The schema document, UTF-8. */
export function flatSchema(table: FlatTable): string {
  const types = new Map<string, string>()
  const body = table.records.map((record) => recordXsd(record, types, 4))
  const made = `Made from xsd/families/flatfile/tables/${table.type}.yaml; not written by hand.`
  const about = `${table.title.zh} ${table.type}. ${table.edition} ${made}`
  return schemaOf({ root: table.type, namespace: flatNamespace(table.type), about, body, types })
}

function recordXsd(record: RecordSpec, types: Map<string, string>, depth: number): string {
  const pad = '  '.repeat(depth)
  // An implied group may stand without fields of its own, so none of them can be demanded here; the check demands them
  // of the record.
  const fields = fieldsXsd(record.fields, types, depth + 3, record.implied)
  const more = Array.from(
    { length: record.more },
    (_, i) =>
      `${pad}      <xs:element name="${extraField(record.fields.length + 2 + i)}" ` +
      `type="${textType(types, 256)}" minOccurs="0"/>`,
  )
  const inside = [...fields, ...more, ...record.records.map((inner) => recordXsd(inner, types, depth + 3))]
  const title = escapeEdiValue(`${record.tag} ${record.title.zh}`)
  return `${pad}<xs:element name="${record.name}"${occurs(record.mandatory, record.max)}>
${pad}  <xs:annotation><xs:documentation>${title}</xs:documentation></xs:annotation>
${pad}  <xs:complexType>
${pad}    <xs:sequence>
${inside.join('\n')}
${pad}    </xs:sequence>
${pad}  </xs:complexType>
${pad}</xs:element>`
}

function fieldsXsd(fields: readonly FieldSpec[], types: Map<string, string>, depth: number, lax: boolean): string[] {
  const pad = '  '.repeat(depth)
  const out: string[] = []
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as FieldSpec
    const next = fields[i + 1]
    if (field.pair?.[0] === field.position && next && !lax) {
      // Code, name or both.
      out.push(`${pad}<xs:choice>
${pad}  <xs:sequence>
${elementXsd(field, types, { depth: depth + 2, mandatory: true })}
${elementXsd(next, types, { depth: depth + 2, mandatory: false })}
${pad}  </xs:sequence>
${elementXsd(next, types, { depth: depth + 1, mandatory: true })}
${pad}</xs:choice>`)
      i++
      continue
    }
    let times = field.lines
    while (fields[i + 1]?.name === field.name) {
      times += fields[i + 1]?.lines ?? 1
      i++
    }
    out.push(elementXsd(field, types, { depth, mandatory: field.use === 'M' && !lax, times }))
  }
  return out
}

function elementXsd(
  field: FieldSpec,
  types: Map<string, string>,
  { depth, mandatory, times = 1 }: { depth: number; mandatory: boolean; times?: number },
): string {
  const pad = '  '.repeat(depth)
  const zh = escapeEdiValue(field.zh)
  const label = `${pad}  <xs:annotation><xs:documentation>${zh}</xs:documentation></xs:annotation>`
  const open = `${pad}<xs:element name="${field.name}"`
  if (!field.codes)
    return `${open} type="${valueType(field, types)}"${occurs(mandatory, times)}>\n${label}\n${pad}</xs:element>`
  const codes = Object.entries(field.codes).map(
    ([code, zh]) =>
      `${pad}      <xs:enumeration ` +
      `value="${escapeEdiValue(code)}"><xs:annotation><xs:documentation>${escapeEdiValue(zh)}</xs:documentation>` +
      '</xs:annotation></xs:enumeration>',
  )
  return `${open}${occurs(mandatory, times)}>
${label}
${pad}  <xs:simpleType>
${pad}    <xs:restriction base="xs:string">
${codes.join('\n')}
${pad}    </xs:restriction>
${pad}  </xs:simpleType>
${pad}</xs:element>`
}

function textType(types: Map<string, string>, length: number): string {
  return made(types, `X..${length}`, `<xs:minLength value="1"/><xs:maxLength value="${length}"/>`)
}

function valueType(field: FieldSpec, types: Map<string, string>): string {
  if (field.kind === 'X') return textType(types, field.length)
  if (field.kind === 'date') return made(types, 'DATE', '<xs:pattern value="[0-9]{6}|[0-9]{8}"/>')
  if (field.kind === 'time') return made(types, 'TIME', '<xs:pattern value="[0-9]{10}|[0-9]{12}|[0-9]{14}"/>')
  const point =
    field.decimals > 0
      ? `[0-9]{1,${field.length}}(\\.[0-9]{0,${field.decimals}})?|\\.[0-9]{1,${field.decimals}}`
      : `[0-9]{1,${field.length}}`
  return made(types, `N${field.length}.${field.decimals}`, `<xs:pattern value="${point}"/>`)
}

function made(types: Map<string, string>, name: string, facets: string): string {
  if (!types.has(name)) types.set(name, simpleType(name, 'xs:string', facets))
  return name
}
