// to-xsd — the XSD of a form and of the answers to it: every element with its labels, every limit as a facet. Needs no
// other file.
import { escapeXml } from '../../messages/escape-xml.js'
import { codeLabel } from './codes.js'
import { walk, type Leaf, type Node } from './node.js'

/** @param root the document's element with all that is in it */
export function toXsd(root: Node, namespace: string, source: string): string {
  // What has a currency or a unit beside it extends a type that must have a name.
  const measures = new Map<string, Leaf>()
  for (const { node } of walk(root.fields ?? []))
    if (node.leaf?.attribute) measures.set(measureName(node.leaf), node.leaf)
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<!-- ${source.replaceAll('--', '—')} -->`,
    `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="${namespace}" ` +
      `targetNamespace="${namespace}" elementFormDefault="qualified" version="1.0">`,
    ...[...measures].flatMap(([name, one]) => simple(one, '  ', ` name="${name}"`)),
    ...element(root, '  ', true),
    '</xs:schema>',
  ]
  return `${lines.join('\n')}\n`
}

function element(node: Node, indent: string, root = false): string[] {
  const least = node.min === 1 ? '' : ` minOccurs="${node.min}"`
  const most = node.max === 1 ? '' : ` maxOccurs="${node.max === Infinity ? 'unbounded' : node.max}"`
  const occurs = root ? '' : `${least}${most}`
  const note =
    node.note === undefined
      ? []
      : [`${indent}    <xs:documentation xml:lang="zh">${escapeXml(node.note)}</xs:documentation>`]
  const label = [
    `${indent}  <xs:annotation>`,
    `${indent}    <xs:documentation xml:lang="zh">${escapeXml(node.zh)}</xs:documentation>`,
    `${indent}    <xs:documentation xml:lang="en">${escapeXml(node.en)}</xs:documentation>`,
    ...note,
    `${indent}  </xs:annotation>`,
  ]
  const body = node.fields
    ? [
        `${indent}  <xs:complexType>`,
        `${indent}    <xs:sequence>`,
        ...node.fields.flatMap((one) => element(one, `${indent}      `)),
        `${indent}    </xs:sequence>`,
        `${indent}  </xs:complexType>`,
      ]
    : leaf(node.leaf!, `${indent}  `)
  return [`${indent}<xs:element name="${node.name}"${occurs}>`, ...label, ...body, `${indent}</xs:element>`]
}

function leaf(one: Leaf, indent: string): string[] {
  if (!one.attribute) return simple(one, indent)
  const { name, pattern, codes } = one.attribute
  return [
    `${indent}<xs:complexType>`,
    `${indent}  <xs:simpleContent>`,
    `${indent}    <xs:extension base="${measureName(one)}">`,
    `${indent}      <xs:attribute name="${name}" use="required">`,
    ...simple(
      { type: name, base: 'string', ...(pattern ? { pattern } : {}), ...(codes ? { codes } : {}) },
      `${indent}        `,
    ),
    `${indent}      </xs:attribute>`,
    `${indent}    </xs:extension>`,
    `${indent}  </xs:simpleContent>`,
    `${indent}</xs:complexType>`,
  ]
}

const measureName = ({ type }: Leaf) => type.replace(/\W+/g, '').replace(/^./, (c) => c.toUpperCase())

function simple(one: Leaf, indent: string, name = ''): string[] {
  const facet = (name: string, value: string | number, label?: string) =>
    label === undefined
      ? `${indent}    <xs:${name} value="${escapeXml(String(value))}"/>`
      : `${indent}    <xs:${name} value="${escapeXml(String(value))}"><xs:annotation><xs:documentation ` +
        `xml:lang="zh">${escapeXml(label)}</xs:documentation></xs:annotation></xs:${name}>`
  // Blank is not filled in.
  const spaced = one.base === 'string' && one.pattern === undefined && !one.codes
  return [
    `${indent}<xs:simpleType${name}>`,
    `${indent}  <xs:restriction base="xs:${one.base === 'string' ? (spaced ? 'string' : 'token') : one.base}">`,
    ...(one.minLength === undefined ? [] : [facet('minLength', one.minLength)]),
    ...(one.maxLength === undefined ? [] : [facet('maxLength', one.maxLength)]),
    ...(one.pattern === undefined ? [] : [facet('pattern', xsdPattern(one.pattern))]),
    ...(spaced ? [facet('pattern', '[\\s\\S]*\\S[\\s\\S]*')] : []),
    ...(one.min === undefined ? [] : [facet('minInclusive', one.min)]),
    ...(one.max === undefined ? [] : [facet('maxInclusive', one.max)]),
    ...(one.digits === undefined ? [] : [facet('totalDigits', one.digits)]),
    ...(one.fraction === undefined || one.base === 'integer' ? [] : [facet('fractionDigits', one.fraction)]),
    ...(one.codes ?? []).map((code) => facet('enumeration', code.code, codeLabel(code))),
    `${indent}  </xs:restriction>`,
    `${indent}</xs:simpleType>`,
  ]
}

/** XSD has no groups that do not capture, and `-` at the end of a class is written with a backslash. */
const xsdPattern = (pattern: string) => pattern.replaceAll('(?:', '(').replace(/([^\\[(-])-\]/g, '$1\\-]')
