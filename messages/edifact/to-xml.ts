// to-xml — a message as XML, segment by segment as the structure check places them. One segment a line, so that a line
// of the XML is a segment of the message again. Numbers have a full stop for decimal mark; insignificant trailing
// blanks are gone.
import { escapeEdiValue } from '../escape-xml.js'
import { checkMessage, type CheckedMessage, type CheckSettings } from './check-message.js'
import { type Directories } from './directory/directories.js'
import {
  type GroupNode,
  type ItemSpec,
  type MessageSpec,
  type SegmentNode,
  type SegmentSpec,
} from './directory/spec.js'
import { type EdifactMessage } from './envelope.js'
import { itemsAt } from './repeated-elements.js'
import { significant, type DataElement, type Segment } from './segment.js'
import { type StructureSink } from './structure.js'
import { Utf8Builder } from './utf8-builder.js'
import { namesOf, placeName, xmlIdentity } from './xml-names.js'

/** The XML of one message, and the way from its lines back to segments. */
interface MessageXml {
  /** The document, UTF-8. */
  readonly utf8: Buffer
  /** The same as a string, made each time it is asked for. */
  readonly xml: string
  /**
   * `lines[n]` is the position in the message (UNH is 1) of the segment on line n of the XML, 0 for lines that hold
   * none.
   */
  readonly lines: readonly number[]
}

/**
 * Writes what the structure check hears. What has no place is written where it stood, under names no schema has, so
 * that no schema takes it.
 */
class XmlSink implements StructureSink {
  readonly #spec: MessageSpec
  readonly #out = new Utf8Builder()
  readonly #lines: number[] = [0, 0, 0]
  #depth = 1

  constructor(spec: MessageSpec) {
    const { root, namespace } = xmlIdentity(spec)
    this.#spec = spec
    this.#out.ascii(`<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">`)
  }

  open(group: GroupNode): void {
    this.#line(0)
    this.#out.ascii(tagNamed(group.element).open)
    this.#depth++
  }

  close(group: GroupNode): void {
    this.#depth--
    this.#line(0)
    this.#out.ascii(tagNamed(group.element).close)
  }

  segment(node: SegmentNode | undefined, s: Segment, position: number): void {
    const { open, close, empty } = tagNamed(
      node && node.tag !== '*' ? node.element : `S_${/^[A-Z][A-Z0-9]{2}$/.test(s.tag) ? s.tag : 'unknown'}`,
    )
    const out = this.#out
    this.#line(position)
    const before = out.length
    out.ascii(open)
    const inside = out.length
    const spec = this.#spec.segment(node?.tag ?? s.tag)
    if (spec?.free) putFree(out, s)
    else if (spec) {
      const tags = tagsOf(spec)
      const { elements } = s
      const places = itemsAt(spec, elements)
      for (let e = 0; e < elements.length; e++) {
        const at = places ? (places[e] ?? -1) : e
        putElement(out, elements[e] as DataElement, spec.items[at], tags[at], e)
      }
    }
    if (out.length !== inside) return out.ascii(close)
    out.length = before
    out.ascii(empty)
  }

  finish(): MessageXml {
    this.#out.ascii(`\n</${xmlIdentity(this.#spec).root}>\n`)
    this.#lines.push(0)
    const utf8 = this.#out.finish()
    return {
      utf8,
      get xml() {
        return utf8.toString()
      },
      lines: this.#lines,
    }
  }

  #line(position: number): void {
    this.#out.ascii((indents[this.#depth] ??= `\n${'  '.repeat(this.#depth)}`))
    this.#lines.push(position)
  }
}

const indents: string[] = []

/** `<C_C517>` and `</C_C517>`, and those of its components; of a simple element itself alone. */
interface Tags {
  readonly open: string
  readonly close: string
  readonly empty: string
  readonly components: readonly Tags[]
}

const tagsOfSegments = new WeakMap<SegmentSpec, readonly Tags[]>()

function tagsOf(spec: SegmentSpec): readonly Tags[] {
  let tags = tagsOfSegments.get(spec)
  if (!tags) {
    tags = namesOf(spec).items.map(({ name, components }) => ({
      ...tagNamed(name),
      components: components.length === 0 ? [tagNamed(name)] : components.map(tagNamed),
    }))
    tagsOfSegments.set(spec, tags)
  }
  return tags
}

/** Names come from the directory and from tags of three characters: there are only so many. */
const named = new Map<string, Tags>()

function tagNamed(name: string): Tags {
  let tags = named.get(name)
  if (!tags) {
    tags = { open: `<${name}>`, close: `</${name}>`, empty: `<${name}/>`, components: [] }
    if (named.size < 20_000) named.set(name, tags)
  }
  return tags
}

/** Elements no table tells: `C_3`, and in it `D_1`, `D_2` … */
function putFree(out: Utf8Builder, { elements }: Segment): void {
  for (const [e, element] of elements.entries())
    for (const values of element) {
      const { open, close } = tagNamed(placeName('C', e))
      const before = out.length
      out.ascii(open)
      const inside = out.length
      for (const [c, text] of values.entries()) putValue(out, text, tagNamed(placeName('D', c)), 'an')
      if (out.length === inside) out.length = before
      else out.ascii(close)
    }
}

function putElement(
  out: Utf8Builder,
  element: DataElement,
  item: ItemSpec | undefined,
  tags: Tags | undefined,
  at: number,
): void {
  for (const values of element) {
    if (!item || !tags) {
      for (const value of values) putValue(out, value, tagNamed(`X_${at + 1}`), 'an')
      continue
    }
    const before = out.length
    if (item.composite) out.ascii(tags.open)
    const inside = out.length
    for (let c = 0; c < values.length; c++)
      putValue(out, values[c] as string, tags.components[c] ?? tagNamed(`X_${c + 1}`), item.components[c]?.type)
    if (!item.composite) continue
    if (out.length === inside) out.length = before
    else out.ascii(tags.close)
  }
}

const decimal = /^-?[0-9]+,[0-9]+$/

function putValue(out: Utf8Builder, value: string, { open, close }: Tags, type: 'an' | 'a' | 'n' | undefined): void {
  const text = significant(value)
  if (text === '') return
  out.ascii(open)
  out.value(type === 'n' && decimal.test(text) ? text.replace(',', '.') : text, escapeEdiValue)
  out.ascii(close)
}

/** A message that was checked, and the XML it is. */
interface CheckedXml extends CheckedMessage {
  /** Undefined when the message's type or release is not known. Of a message with errors it is for looking at only. */
  readonly xml: MessageXml | undefined
}

/** Checks a message and writes its XML in one pass over its segments. */
export function messageToXml(
  message: EdifactMessage,
  directories: Directories,
  settings: CheckSettings = {},
): CheckedXml {
  let sink: XmlSink | undefined
  const checked = checkMessage(message, directories, settings, (spec) => (sink = new XmlSink(spec)))
  return { ...checked, xml: sink?.finish() }
}
