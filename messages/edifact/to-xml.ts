// to-xml — a message as XML, segment by segment as the structure check places them. One segment a line, so that a line of the XML is a
// segment of the message again. Numbers have a full stop for decimal mark; insignificant trailing blanks are gone.
import { checkMessage, type CheckedMessage, type CheckSettings } from './check-message.js'
import { type Directories } from './directory/directories.js'
import { type GroupNode, type ItemSpec, type MessageSpec, type SegmentNode } from './directory/spec.js'
import { type EdifactMessage } from './envelope.js'
import { significant, type DataElement, type Segment } from './segment.js'
import { type StructureSink } from './structure.js'
import { namesOf, xmlIdentity } from './xml-names.js'

export interface MessageXml {
  readonly xml: string
  /** `lines[n]` is the position in the message (UNH is 1) of the segment on line n of the XML, 0 for lines that hold none. */
  readonly lines: readonly number[]
}

/** Writes what the structure check hears. What has no place is written where it stood, under names no schema has, so that no schema takes it. */
export class XmlSink implements StructureSink {
  readonly #spec: MessageSpec
  readonly #parts: string[]
  readonly #lines: number[] = [0, 0, 0]
  #depth = 1

  constructor(spec: MessageSpec) {
    const { root, namespace } = xmlIdentity(spec)
    this.#spec = spec
    this.#parts = ['<?xml version="1.0" encoding="UTF-8"?>', `<${root} xmlns="${namespace}">`]
  }

  open(group: GroupNode): void {
    this.#line(`<${group.element}>`, 0)
    this.#depth++
  }

  close(group: GroupNode): void {
    this.#depth--
    this.#line(`</${group.element}>`, 0)
  }

  segment(node: SegmentNode | undefined, s: Segment, position: number): void {
    const name = node?.element ?? `S_${/^[A-Z][A-Z0-9]{2}$/.test(s.tag) ? s.tag : 'unknown'}`
    const spec = this.#spec.segment(s.tag)
    const inside = spec ? s.elements.map((element, e) => elementXml(element, spec.items[e], namesOf(spec).items[e], e)).join('') : ''
    this.#line(inside === '' ? `<${name}/>` : `<${name}>${inside}</${name}>`, position)
  }

  finish(): MessageXml {
    this.#parts.push(`</${xmlIdentity(this.#spec).root}>`, '')
    this.#lines.push(0)
    return { xml: this.#parts.join('\n'), lines: this.#lines }
  }

  #line(text: string, position: number): void {
    this.#parts.push('  '.repeat(this.#depth) + text)
    this.#lines.push(position)
  }
}

function elementXml(element: DataElement, item: ItemSpec | undefined, names: { name: string; components: readonly string[] } | undefined, at: number): string {
  let out = ''
  for (const values of element) {
    if (!item || !names) {
      for (const value of values) if (significant(value) !== '') out += `<X_${at + 1}>${escapeXml(significant(value))}</X_${at + 1}>`
    } else if (item.composite) {
      const inside = values.map((value, c) => valueXml(value, names.components[c] ?? `X_${c + 1}`, item.components[c]?.type)).join('')
      if (inside !== '') out += `<${names.name}>${inside}</${names.name}>`
    } else {
      for (const [c, value] of values.entries()) out += valueXml(value, c === 0 ? names.name : `X_${c + 1}`, item.components[0]?.type)
    }
  }
  return out
}

const decimal = /^-?[0-9]+,[0-9]+$/

function valueXml(value: string, name: string, type: 'an' | 'a' | 'n' | undefined): string {
  const text = significant(value)
  if (text === '') return ''
  return `<${name}>${escapeXml(type === 'n' && decimal.test(text) ? text.replace(',', '.') : text)}</${name}>`
}

/** Characters no XML may hold are faults of the message already; they are shown as U+FFFD and never filed. */
export function escapeXml(text: string): string {
   
  if (!/[&<>\x00-\x1f\ufffe\uffff\ud800-\udfff]/.test(text)) return text
  return text
     
    .replace(/[\x00-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
}

export interface CheckedXml extends CheckedMessage {
  /** Undefined when the message's type or release is not known. Of a message with errors it is for looking at only. */
  readonly xml: MessageXml | undefined
}

/** Checks a message and writes its XML in one pass over its segments. */
export function messageToXml(message: EdifactMessage, directories: Directories, settings: CheckSettings = {}): CheckedXml {
  let sink: XmlSink | undefined
  const checked = checkMessage(message, directories, settings, (spec) => (sink = new XmlSink(spec)))
  return { ...checked, xml: sink?.finish() }
}
