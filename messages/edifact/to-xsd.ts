// to-xsd — the XSD of a message, from the same tables the structure check reads: what one takes the other takes.
// Made when it is asked for; some 1,700 of them (60 releases, up to 43 messages) are not worth keeping as files.
import { measurements } from './check-elements.js'
import { bindingElements, foreignLists, mutuallyDefined, type CodeLists } from './directory/codes.js'
import {
  valueForms,
  type ComponentSpec,
  type ItemSpec,
  type MessageSpec,
  type SegmentSpec,
  type StructureNode,
} from './directory/spec.js'
import { occurs, schemaOf, simpleType } from '../xsd-frame.js'
import { escapeEdiValue } from '../escape-xml.js'
import { namesOf, xmlIdentity } from './xml-names.js'

/** What the schema takes beyond its directory. */
export interface SchemaSettings {
  /** As `CodeSettings.agreed`: codes taken beyond the directories. */
  agreed?: Readonly<Record<string, readonly string[]>>
}

/** The schema document, UTF-8. Its target namespace and root are `xmlIdentity(spec)`. */
export function messageSchema(spec: MessageSpec, codes: CodeLists, settings: SchemaSettings = {}): string {
  const { root, namespace } = xmlIdentity(spec)
  const types = new Types(codes, settings.agreed ?? {}, spec.ownCodes === true)
  const body = spec.structure.map((node) => nodeXsd(node, spec, types, 4))
  const about =
    `EDIFACT ${spec.type} ${spec.release}, after ISO/TS 20625. Made from the directory; ` + `not written by hand.`
  return schemaOf({ root, namespace, about, body, types: types.made })
}

function nodeXsd(node: StructureNode, spec: MessageSpec, types: Types, depth: number): string {
  const pad = '  '.repeat(depth)
  if (node.kind === 'segment' && node.tag === '*')
    return `${pad}<xs:any namespace="##targetNamespace" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>`
  if (node.kind === 'segment')
    return (
      `${pad}<xs:element name="${node.element}" ` +
      `type="${types.segment(spec.segment(node.tag), node.tag)}"${occurs(node.mandatory, node.max)}/>`
    )
  const inside = node.children.map((child) => nodeXsd(child, spec, types, depth + 3)).join('\n')
  return `${pad}<xs:element name="${node.element}"${occurs(node.mandatory, node.max)}>
${pad}  <xs:complexType>
${pad}    <xs:sequence>
${inside}
${pad}    </xs:sequence>
${pad}  </xs:complexType>
${pad}</xs:element>`
}

/** The named types a schema needs, each once: `S_BGM`, `C_C002`, `an..35`, `code_2005`. */
class Types {
  readonly made = new Map<string, string>()
  constructor(
    readonly codes: CodeLists,
    readonly agreed: Readonly<Record<string, readonly string[]>>,
    readonly ownCodes: boolean,
  ) {}

  #once(name: string, make: () => string): string {
    if (!this.made.has(name)) {
      // Named before it is made: making it may need others.
      this.made.set(name, '')
      this.made.set(name, make())
    }
    return name
  }

  segment(spec: SegmentSpec | undefined, tag: string): string {
    return this.#once(`S_${tag}`, () => {
      if (spec?.free)
        return complex(`S_${tag}`, spec.name, [
          '      <xs:any namespace="##targetNamespace" processContents="lax" minOccurs="0" maxOccurs="unbounded"/>',
        ])
      const names = spec ? namesOf(spec).items : []
      const items = (spec?.items ?? []).map((item, i) => this.#item(item, names[i]?.name ?? ''))
      return complex(`S_${tag}`, spec?.name, items)
    })
  }

  #item(item: ItemSpec, name: string): string {
    if (!item.composite) return this.#element(item.components[0] as ComponentSpec, { ...item, name, text: item.name })
    return (
      `      <xs:element name="${name}" ` +
      `type="${this.#composite(item)}"${occurs(item.mandatory, item.max)}>${label(item.name)}</xs:element>`
    )
  }

  #composite(item: ItemSpec): string {
    return this.#once(`C_${item.id}`, () => {
      const names = namesOf({ tag: '', name: '', items: [item] }).items[0]?.components ?? []
      return complex(
        `C_${item.id}`,
        item.name,
        item.components.map((component, i) =>
          this.#element(component, { name: names[i] ?? '', text: component.name, mandatory: component.mandatory }),
        ),
      )
    })
  }

  /** @param as `text`: its label */
  #element(
    component: ComponentSpec,
    { name, text, mandatory, max = 1 }: { name: string; text: string; mandatory: boolean; max?: number },
  ): string {
    return (
      `      <xs:element name="${name}" ` +
      `type="${this.#value(component)}"${occurs(mandatory, max)}>${label(text)}</xs:element>`
    )
  }

  #value(component: ComponentSpec): string {
    const base = this.#format(component)
    const { id, codes } = component
    if (codes) return this.#codes(id, base, `codes of element ${id}`, codes)
    if (this.ownCodes) return base
    const list = bindingElements.has(id) && !foreignLists.has(id) ? this.codes.all(id) : []
    if (list.length === 0) return base
    return this.#codes(id, base, `${bindingElements.get(id) ?? ''}: every code of element ${id} in any release`, [
      ...list,
      mutuallyDefined,
    ])
  }

  #codes(id: string, base: string, text: string, list: readonly string[]): string {
    return this.#once(`code_${id}`, () => {
      const values = [...new Set([...list, ...(this.agreed[id] ?? [])])].sort()
      return `  <xs:simpleType name="code_${id}">
    <xs:annotation><xs:documentation>${text}</xs:documentation></xs:annotation>
    <xs:restriction base="${base}">
${values.map((code) => `      <xs:enumeration value="${escapeEdiValue(code)}"/>`).join('\n')}
    </xs:restriction>
  </xs:simpleType>`
    })
  }

  /**
   * `an..35` as a type of that name. Lengths of numbers count digits, neither sign nor decimal mark; measurements need
   * not be filled up.
   */
  #format({ id, type, max, form, ...spec }: ComponentSpec): string {
    const min = type === 'n' && measurements.has(id) ? 1 : spec.min
    if (form) return this.#once(form, () => simpleType(form, 'xs:string', `<xs:pattern value="${valueForms[form]}"/>`))
    const name = `${type}${min === max && max > 1 ? '' : '..'}${max}`
    return this.#once(name, () => {
      if (type === 'n') {
        this.#once('n', () => simpleType('n', 'xs:string', '<xs:pattern value="-?[0-9]+(\\.[0-9]+)?"/>'))
        return simpleType(name, 'n', `<xs:pattern value="-?([0-9]\\.?){${min},${max}}"/>`)
      }
      const length =
        min === max ? `<xs:length value="${max}"/>` : `<xs:minLength value="${min}"/><xs:maxLength value="${max}"/>`
      return simpleType(name, 'xs:string', type === 'a' ? `<xs:pattern value="[^0-9]*"/>${length}` : length)
    })
  }
}

function complex(name: string, text: string | undefined, items: readonly string[]): string {
  const inside =
    items.length === 0 ? '    <xs:sequence/>' : `    <xs:sequence>\n${items.join('\n')}\n    </xs:sequence>`
  return `  <xs:complexType name="${name}">
    <xs:annotation><xs:documentation>${escapeEdiValue(text ?? '')}</xs:documentation></xs:annotation>
${inside}
  </xs:complexType>`
}

const label = (text: string) =>
  `<xs:annotation><xs:documentation>${escapeEdiValue(text)}</xs:documentation></xs:annotation>`
