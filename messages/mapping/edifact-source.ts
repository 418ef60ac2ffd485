// edifact-source — an EDIFACT message as a mapping reads it. A group and the segment that opens it are one node: what a
// segment tells is found at the same path whether a release has it alone or as the head of a group.
import type { GroupNode, MessageSpec, SegmentNode, SegmentSpec } from '../edifact/directory/spec.js'
import type { Interchange } from '../edifact/envelope.js'
import { placeNotation } from '../edifact/hub-fault.js'
import { placeOf } from '../edifact/fault.js'
import { itemsAt } from '../edifact/repeated-elements.js'
import { significant, type Segment } from '../edifact/segment.js'
import type { StructureSink } from '../edifact/structure.js'
import type { SourceNode } from './source-tree.js'

/** Makes of a message the tree that mappings read. */
export class TreeSink implements StructureSink {
  /** The message: UNB, then UNH to UNT. */
  readonly root: SourceNode
  readonly #open: SourceNode[]

  constructor(
    readonly spec: MessageSpec,
    { unb }: Interchange,
  ) {
    this.root = { name: spec.type, children: nodesOf(unb, 0), place: 'UNH(1)', line: unb.line }
    this.#open = [this.root]
  }

  /** A group begins. */
  open(group: GroupNode): void {
    const node: SourceNode = { name: group.trigger, children: [], place: '', line: 0 }
    this.#open.at(-1)!.children.push(node)
    this.#open.push(node)
  }

  /** The innermost group ends. */
  close(): void {
    this.#open.pop()
  }

  /** A segment at its place; `at` is undefined where the structure has none for it. `position`: UNH is 1. */
  segment(at: SegmentNode | undefined, s: Segment, position: number): void {
    const here = this.#open.at(-1)!
    const [node, ...more] = nodesOf(s, position, this.spec.segment(at?.tag ?? s.tag))
    // The head of a group becomes the group's own values.
    if (here !== this.root && here.place === '' && here.name === s.tag)
      Object.assign(here, { children: node.children, place: node.place, line: node.line })
    else here.children.push(node, ...more)
  }
}

/**
 * A segment as a node. One that is nothing but an item that repeats (COM) is a node for each repetition, as if each had
 * come in a segment of its own; elsewhere repetitions stand at the place of their item, however they are written.
 */
function nodesOf(s: Segment, position: number, spec?: SegmentSpec): [SourceNode, ...SourceNode[]] {
  const places = spec && itemsAt(spec, s.elements)
  const name = (e: number) => (places ? (places[e] ?? e) : e)
  const whole = nodeOf(s, position, name)
  if (spec?.items.length !== 1 || spec.items[0]!.max === 1) return [whole]
  const [first = whole, ...more] = s.elements.flatMap((element, e) =>
    element.map((_, r) => nodeOf(s, position, name, { e, r })).filter(({ children }) => children.length > 0),
  )
  return [first, ...more]
}

/** @param item the place (from 0) of the item an element holds @param only this repetition of this element */
function nodeOf(
  s: Segment,
  position: number,
  item: (element: number) => number,
  only?: { e: number; r: number },
): SourceNode {
  const children: SourceNode[] = []
  s.elements.forEach((element, e) =>
    element.forEach((components, r) =>
      components.forEach((text, c) => {
        const said = significant(text)
        if (said.trim() !== '' && (!only || (only.e === e && only.r === r)))
          children.push({
            name: `${item(e) + 1}:${c + 1}`,
            text: said,
            children: [],
            place: placeNotation(placeOf(s, position, { element: e + 1, component: c + 1, repetition: r + 1 })),
            line: s.line,
          })
      }),
    ),
  )
  return { name: s.tag, children, place: placeNotation(placeOf(s, position)), line: s.line }
}
