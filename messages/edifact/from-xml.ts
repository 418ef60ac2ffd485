// from-xml — XML by the rule of xml-names becomes segments again, in the order in which they stand.
import { SaxesParser } from 'saxes'
import { type Directories } from './directory/directories.js'
import { type MessageSpec, type SegmentSpec, type StructureNode } from './directory/spec.js'
import { spread } from './repeated-elements.js'
import { type Segment } from './segment.js'
import { namesOf, placeNamed } from './xml-names.js'

/** The XML is not a message by the rule: not well-formed, of no known release, or with an element that has no place. */
class MessageXmlError extends Error {
  override name = 'MessageXmlError'
  constructor(
    message: string,
    /** From 1. */
    readonly line: number,
  ) {
    super(`line ${line}: ${message}`)
  }
}

/** What of the interchange decides how values are written in it. */
interface FromXmlOptions {
  /** Decimal mark of the interchange the segments are for. Default full stop. */
  decimal?: '.' | ','
  /** The interchange is of a syntax version without `*`: each repetition of an item is an element of its own. */
  spread?: boolean
}

/** Segments from UNH to UNT, as the XML has them: order and counts are for `checkMessage` to look at. */
export function messageFromXml(
  xml: string,
  directories: Directories,
  options: FromXmlOptions = {},
): { spec: MessageSpec; segments: Segment[] } {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const fail = (message: string): never => {
    throw new MessageXmlError(message, parser.line)
  }
  const segments: Segment[] = []
  let spec: MessageSpec | undefined
  let depth = 0
  let current: Building | undefined
  // The diagram as far as the groups that are open: only it tells a segment of its own table from any other of that
  // tag.
  const levels: (readonly StructureNode[])[] = []

  parser.on('error', (error) => fail(error.message))
  parser.on('doctype', () => fail('a DOCTYPE is not allowed'))
  parser.on('opentag', (tag) => {
    const { local, uri } = tag as { local: string; uri: string }
    if (depth++ > 64) fail('nested too deep')
    if (!spec) {
      const [, type = '', release = ''] = /^urn:singlewindow:edifact:([A-Z]+):([A-Z0-9]+)$/.exec(uri) ?? []
      spec = directories.message(type, release)
      if (!spec || local !== `M_${type}`) fail(`no EDIFACT message: ${local} in ${uri}`)
      else levels.push(spec.structure)
    } else if (current) current.open(local, fail)
    else if (local.startsWith('S_')) {
      const name = /^S_([A-Z][A-Z0-9]{2})(?:_[1-9][0-9]*)?$/.exec(local)?.[1] ?? fail(`no segment: ${local}`)
      const here =
        levels.at(-1)?.some((node) => node.element === local) === false &&
        levels.at(-1)?.some((node) => node.kind === 'segment' && node.tag === '*')
          ? '*'
          : name
      current = new Building(
        spec.segment(here) ?? fail(`no segment of ${spec.release}: ${name}`),
        name,
        depth,
        options.decimal ?? '.',
      )
    } else if (!/^G_SG[0-9]+$/.test(local)) fail(`no group and no segment: ${local}`)
    else
      levels.push(
        levels.at(-1)?.flatMap((node) => (node.kind === 'group' && node.element === local ? node.children : [])) ?? [],
      )
  })
  const text = (part: string) => {
    if (current) current.text(part, fail)
    else if (part.trim() !== '') fail('text between segments')
  }
  parser.on('text', text)
  parser.on('cdata', text)
  parser.on('closetag', () => {
    if (current?.depth === depth) {
      const read = current.segment()
      segments.push(options.spread ? { ...read, elements: spread(current.spec, read.elements) } : read)
      current = undefined
    } else if (current) current.close()
    else levels.pop()
    depth--
  })
  parser.write(xml).close()
  return { spec: spec ?? fail('nothing in it'), segments }
}

/** One segment while its XML is read. */
class Building {
  readonly #elements: string[][][] = []
  #item = -1
  #component = -1

  constructor(
    readonly spec: SegmentSpec,
    readonly tag: string,
    readonly depth: number,
    readonly decimal: '.' | ',',
  ) {}

  open(name: string, fail: (message: string) => never): void {
    const names = namesOf(this.spec).items
    const { free } = this.spec
    if (this.#item === -1) {
      const at = free ? placeNamed('C', name) : names.findIndex((item) => item.name === name)
      if (at === -1) fail(`${this.tag} has no element ${name}`)
      this.#item = at
      while (this.#elements.length <= at) this.#elements.push([])
      this.#elements[at]?.push([])
      if (names[at]?.components.length === 0) this.#component = 0
      return
    }
    const at = free ? placeNamed('D', name) : (names[this.#item]?.components.indexOf(name) ?? -1)
    if (this.#component !== -1 || at === -1) fail(`element ${this.#item + 1} of ${this.tag} has no component ${name}`)
    this.#component = at
  }

  text(part: string, fail: (message: string) => never): void {
    if (this.#component === -1) {
      if (part.trim() !== '') fail('text outside a data element')
      return
    }
    const values = this.#elements[this.#item]?.at(-1)
    if (!values) return
    while (values.length <= this.#component) values.push('')
    values[this.#component] += part
  }

  close(): void {
    if (this.#component !== -1 && (this.spec.free ?? this.spec.items[this.#item]?.composite)) this.#component = -1
    else {
      this.#component = -1
      this.#item = -1
    }
  }

  segment(): Segment {
    const elements = this.#elements.map((repetitions, i) =>
      repetitions.length === 0 ? [['']] : repetitions.map((values) => this.#values(values, i)),
    )
    return { tag: this.tag, elements, number: 0, offset: 0, length: 0, line: 0, flaws: undefined }
  }

  #values(values: readonly string[], item: number): readonly string[] {
    if (values.length === 0) return ['']
    if (this.decimal === '.') return values
    const { components = [] } = this.spec.items[item] ?? {}
    return values.map((value, c) => (components[c]?.type === 'n' ? value.replace('.', ',') : value))
  }
}
