// xsd-frame — what every schema that is made of a table has around its types: the head, the root and its sequence.
import { escapeEdiValue } from './escape-xml.js'

/** What an XSD that the hub writes consists of. */
interface XsdFrame {
  root: string
  namespace: string
  /** What it is and what it is made of; escaped here. */
  about: string
  /** The elements of the root, indented. */
  body: readonly string[]
  /** The named types by name; they stand in the order of their names. */
  types: ReadonlyMap<string, string>
}

/** The schema document, UTF-8. */
export function schemaOf({ root, namespace, about, body, types }: XsdFrame): string {
  const named = [...types].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text)
  return (
    `<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns="${namespace}" targetNamespace="${namespace}" ` +
    `elementFormDefault="qualified">
  <xs:annotation>
    <xs:documentation>${escapeEdiValue(about)}</xs:documentation>
  </xs:annotation>
  <xs:element name="${root}">
    <xs:complexType>
      <xs:sequence>
${body.join('\n')}
      </xs:sequence>
    </xs:complexType>
  </xs:element>
${named.join('\n')}
</xs:schema>
`
  )
}

/** The attributes that say how often an element stands; none where it stands once. */
export const occurs = (mandatory: boolean, max: number): string =>
  `${mandatory ? '' : ' minOccurs="0"'}${max === 1 ? '' : ` maxOccurs="${max}"`}`

/** A named type of text with these facets, below `base`. */
export const simpleType = (name: string, base: string, facets: string): string =>
  `  <xs:simpleType name="${name}"><xs:restriction base="${base}">${facets}</xs:restriction></xs:simpleType>`
