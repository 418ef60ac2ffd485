// to-xml — a message as XML, segment by segment as the structure check places them. One segment a line, so that a line of the XML is a
// segment of the message again. Numbers have a full stop for decimal mark; insignificant trailing blanks are gone.
import { checkMessage, type CheckedMessage, type CheckSettings } from './check-message.js'
import { type Directories } from './directory/directories.js'
import { type GroupNode, type ItemSpec, type MessageSpec, type SegmentNode, type SegmentSpec } from './directory/spec.js'
import { type EdifactMessage } from './envelope.js'
import { significant, type DataElement, type Segment } from './segment.js'
import { type StructureSink } from './structure.js'
import { namesOf, xmlIdentity } from './xml-names.js'

export interface MessageXml {
  readonly xml: string
  /** `lines[n]` is the position in the message (UNH is 1) of the segment on line n of the XML, 0 for lines that hold none. */
  readonly lines: readonly number[]
}

/**
 * Writes what the structure check hears. What has no place is written where it stood, under names no schema has, so that no schema takes it.
 * All pieces lie in one list that is joined once: strings put together on the way would be most of the work.
 */
export class XmlSink implements StructureSink {
  readonly #spec: MessageSpec
  readonly #out: string[]
  readonly #lines: number[] = [0, 0, 0]
  #depth = 1

  constructor(spec: MessageSpec) {
    const { root, namespace } = xmlIdentity(spec)
    this.#spec = spec
    this.#out = [`<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">`]
  }

  open(group: GroupNode): void {
    this.#line(0)
    this.#out.push(`<${group.element}>`)
    this.#depth++
  }

  close(group: GroupNode): void {
    this.#depth--
    this.#line(0)
    this.#out.push(`</${group.element}>`)
  }

  segment(node: SegmentNode | undefined, s: Segment, position: number): void {
    const name = node?.element ?? `S_${/^[A-Z][A-Z0-9]{2}$/.test(s.tag) ? s.tag : 'unknown'}`
    const out = this.#out
    this.#line(position)
    out.push(`<${name}>`)
    const empty = out.length
    const spec = this.#spec.segment(s.tag)
    if (spec) {
      const tags = tagsOf(spec)
      const { elements } = s
      for (let e = 0; e < elements.length; e++) putElement(out, elements[e] as DataElement, spec.items[e], tags[e], e)
    }
    if (out.length === empty) out[empty - 1] = `<${name}/>`
    else out.push(`</${name}>`)
  }

  finish(): MessageXml {
    this.#out.push(`\n</${xmlIdentity(this.#spec).root}>\n`)
    this.#lines.push(0)
    return { xml: this.#out.join(''), lines: this.#lines }
  }

  #line(position: number): void {
    this.#out.push((indents[this.#depth] ??= `\n${'  '.repeat(this.#depth)}`))
    this.#lines.push(position)
  }
}

const indents: string[] = []

/** `<C_C517>` and `</C_C517>`, and those of its components; of a simple element itself alone. */
interface Tags {
  readonly open: string
  readonly close: string
  readonly components: readonly Tags[]
}

const known = new WeakMap<SegmentSpec, readonly Tags[]>()

function tagsOf(spec: SegmentSpec): readonly Tags[] {
  let tags = known.get(spec)
  if (!tags) known.set(spec, (tags = namesOf(spec).items.map(({ name, components }) => tag(name, components.length === 0 ? [tag(name)] : components.map((one) => tag(one))))))
  return tags
}

const tag = (name: string, components: readonly Tags[] = []): Tags => ({ open: `<${name}>`, close: `</${name}>`, components })

function putElement(out: string[], element: DataElement, item: ItemSpec | undefined, tags: Tags | undefined, at: number): void {
  for (const values of element) {
    if (!item || !tags) {
      for (const value of values) putValue(out, value, tag(`X_${at + 1}`), 'an')
      continue
    }
    if (item.composite) out.push(tags.open)
    const empty = out.length
    for (let c = 0; c < values.length; c++) putValue(out, values[c] as string, tags.components[c] ?? tag(`X_${c + 1}`), item.components[c]?.type)
    if (!item.composite) continue
    if (out.length === empty) out.pop()
    else out.push(tags.close)
  }
}

const decimal = /^-?[0-9]+,[0-9]+$/

function putValue(out: string[], value: string, { open, close }: Tags, type: 'an' | 'a' | 'n' | undefined): void {
  const text = significant(value)
  if (text !== '') out.push(open, escapeXml(type === 'n' && decimal.test(text) ? text.replace(',', '.') : text), close)
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
