// edifact-random — messages nobody thought of: any message of any release, walked along its branching diagram, its
// elements filled by their formats.
import { bindingElements } from '../../messages/edifact/directory/codes.js'
import {
  type ComponentSpec,
  type ItemSpec,
  type MessageSpec,
  type StructureNode,
} from '../../messages/edifact/directory/spec.js'
import { type DataElement, type Segment } from '../../messages/edifact/segment.js'
import { directories } from './edifact.js'
import { type Random } from './seeded.js'

/**
 * Characters a value may hold in an interchange of this kind. Separators and the release character among them: they
 * must come through.
 */
export const repertoires: Record<string, string> = {
  UNOA: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-()/=+:?\'!"%&*;<>',
  UNOB: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,-()/=+:?\'!"%&*;<>',
  UNOC: "abcXYZ 0123456789+:?*'~^|_@#$[]{}\\`éàüñßØ£¥",
  UNOD: "abcXYZ 012+:?*'ąćęłńóśźżŐ",
  UNOE: "abcXYZ 012+:?*'ЖяЮщЫ",
  UNOF: "abcXYZ 012+:?*'Ωαβγδ",
  UNOW: "abcXYZ 012+:?*'~|海关舱单é𠮷😀Ω",
  gb18030: "ABCXYZ 012+:?*'~|海关舱单丂亐㐀𠮷",
}

export function text(random: Random, alphabet: readonly string[], min: number, max: number): string {
  const length = random.chance(0.1) ? max : random.int(min, Math.min(max, Math.max(min, 12)))
  const characters = Array.from({ length }, () => random.pick(alphabet))
  // A blank at the end says nothing (ISO 9735) and is gone in XML; a value of blanks alone is none.
  const letters = alphabet.filter((c) => c !== ' ')
  if (characters[length - 1] === ' ') characters[length - 1] = random.pick(letters)
  return characters.join('')
}

function number(random: Random, { min, max }: ComponentSpec): string {
  const digits = Array.from({ length: random.int(min, Math.min(max, Math.max(min, 6))) }, () => random.int(0, 9)).join(
    '',
  )
  const whole = digits.length > 1 && random.chance(0.3) ? `${digits.slice(0, 1)}.${digits.slice(1)}` : digits
  return random.chance(0.15) ? `-${whole}` : whole
}

interface Frame {
  nodes: readonly StructureNode[]
  at: number
  count: number
}

export class RandomMessage {
  /** What stands between UNH and UNT. */
  readonly body: Segment[] = []
  /** `places[i]`: the node body[i] was made for. */
  readonly places: StructureNode[] = []
  /** `before[i]`: what a reader had open when body[i] came. */
  readonly before: Frame[][] = []
  readonly #alphabet: readonly string[]
  /** What a reader has open, innermost last: where the next segment may belong. */
  readonly #open: Frame[]

  constructor(
    readonly random: Random,
    readonly spec: MessageSpec,
    characters: string,
    readonly most = 60,
    /** Whether items are repeated that may be: `*` is there from version 4 on. */
    readonly repeats = false,
  ) {
    this.#alphabet = [...characters]
    this.#open = [{ nodes: spec.structure, at: 0, count: 1 }]
    this.#level(spec.structure, 0, 0.45)
  }

  #level(nodes: readonly StructureNode[], from: number, likely: number): void {
    const { random } = this
    for (let at = from; at < nodes.length; at++) {
      const node = nodes[at]!
      const tag = tagOf(node)
      if (tag === 'UNH' || tag === 'UNT') continue
      const more = random.chance(0.2) ? 3 : 1
      const wanted =
        node.mandatory || (this.body.length < this.most && random.chance(likely))
          ? random.int(1, Math.min(node.max, more))
          : 0
      for (let time = 0; time < wanted; time++) {
        // A directory may leave two places for one tag; what a reader would take at the other place is not sent from
        // here.
        if (!this.#take(tag, nodes, at)) {
          if (node.mandatory && time === 0) throw new Ambiguous(`${this.spec.type} ${this.spec.release} ${tag}`)
          break
        }
        this.body.push(this.#segment(tag))
        this.places.push(node)
        if (node.kind === 'group') this.#level(node.children, 1, likely * 0.8)
      }
    }
  }

  /** Taken if the first open place with room for the tag is the one that is meant. */
  #take(tag: string, nodes: readonly StructureNode[], at: number): boolean {
    const found = firstPlace(this.#open, tag)
    if (!found || found.at !== at || this.#open[found.level]!.nodes !== nodes) return false
    this.before.push(this.#open.map((frame) => ({ ...frame })))
    const frame = this.#open[found.level]!
    const node = nodes[at]!
    this.#open.length = found.level + 1
    frame.count = at === frame.at ? frame.count + 1 : 1
    frame.at = at
    if (node.kind === 'group') this.#open.push({ nodes: node.children, at: 0, count: 1 })
    return true
  }

  #segment(tag: string): Segment {
    const { items } = this.spec.segment(tag)!
    const elements: DataElement[] = items.map((item) =>
      item.mandatory || this.random.chance(0.5)
        ? Array.from(
            { length: this.repeats && this.random.chance(0.5) ? Math.min(item.max, this.random.int(1, 4)) : 1 },
            () => this.#filled(item),
          )
        : [['']],
    )
    while (elements.length > 0 && elements[elements.length - 1]!.every((one) => one.every((value) => value === '')))
      elements.pop()
    return { tag, elements, number: 0, offset: 0, length: 0, line: 0, flaws: undefined }
  }

  /** Of an item that repeats each repetition holds something: one that is blank is none. */
  #filled(item: ItemSpec): string[] {
    const values = this.#item(item)
    return item.max > 1 && values.join('') === '' ? [this.#value(item.components[0]!, false)] : values
  }

  #item(item: ItemSpec): string[] {
    const open = item.components.some(({ id }) => id === '1131' || id === '3055')
    const values: string[] = item.components.map((component) =>
      component.mandatory || !item.composite || this.random.chance(0.5) ? this.#value(component, open) : '',
    )
    if (item.mandatory && !values.some((value) => value !== '')) values[0] = this.#value(item.components[0]!, open)
    while (values.length > 1 && values[values.length - 1] === '') values.pop()
    return values
  }

  #value(component: ComponentSpec, open: boolean): string {
    const { id, type, min, max } = component
    if (bindingElements.has(id) && !open) {
      const codes = directories()
        .codes.all(id)
        .filter((code) => code.length >= min && code.length <= max)
      return this.random.pick(codes)
    }
    if (type === 'n') return number(this.random, component)
    const allowed = type === 'a' ? this.#alphabet.filter((c) => !/[0-9]/.test(c)) : this.#alphabet
    return text(this.random, allowed, min, max)
  }
}

/** Where a reader puts a tag: the innermost group first, then outwards; further on in the diagram, never back. */
export function firstPlace(open: readonly Frame[], tag: string): { level: number; at: number } | undefined {
  for (let level = open.length - 1; level >= 0; level--) {
    const { nodes, at, count } = open[level]!
    for (let i = at; i < nodes.length; i++)
      if (tagOf(nodes[i]!) === tag && (i !== at || count < nodes[i]!.max)) return { level, at: i }
  }
  return undefined
}

const tagOf = (node: StructureNode) => (node.kind === 'segment' ? node.tag : node.trigger)

/** The directory itself leaves open where a segment belongs. */
export class Ambiguous extends Error {}
