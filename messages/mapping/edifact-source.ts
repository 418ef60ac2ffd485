// edifact-source — an EDIFACT message as a mapping reads it. A group and the segment that opens it are one node: what a segment tells is
// found at the same path whether a release has it alone or as the head of a group.
import type { GroupNode, SegmentNode } from '../edifact/directory/spec.js'
import type { Interchange } from '../edifact/envelope.js'
import { placeNotation } from '../edifact/hub-fault.js'
import { placeOf } from '../edifact/fault.js'
import { significant, type Segment } from '../edifact/segment.js'
import type { StructureSink } from '../edifact/structure.js'
import type { SourceNode } from './source-tree.js'

export class TreeSink implements StructureSink {
  /** The message: UNB, then UNH to UNT. */
  readonly root: SourceNode
  readonly #open: SourceNode[]

  constructor(type: string, { unb }: Interchange) {
    this.root = { name: type, children: [nodeOf(unb, 0)], place: 'UNH(1)', line: unb.line }
    this.#open = [this.root]
  }

  open(group: GroupNode): void {
    const node: SourceNode = { name: group.trigger, children: [], place: '', line: 0 }
    this.#open.at(-1)!.children.push(node)
    this.#open.push(node)
  }

  close(): void {
    this.#open.pop()
  }

  segment(_: SegmentNode | undefined, s: Segment, position: number): void {
    const here = this.#open.at(-1)!
    const node = nodeOf(s, position)
    // The head of a group becomes the group's own values.
    if (here !== this.root && here.place === '' && here.name === s.tag)
      Object.assign(here, { children: node.children, place: node.place, line: node.line })
    else here.children.push(node)
  }
}

function nodeOf(s: Segment, position: number): SourceNode {
  const children: SourceNode[] = []
  s.elements.forEach((element, e) =>
    element.forEach((components, r) =>
      components.forEach((text, c) => {
        const said = significant(text)
        if (said.trim() !== '')
          children.push({
            name: `${e + 1}:${c + 1}`,
            text: said,
            children: [],
            place: placeNotation(placeOf(s, position, e + 1, c + 1, r + 1)),
            line: s.line,
          })
      }),
    ),
  )
  return { name: s.tag, children, place: placeNotation(placeOf(s, position)), line: s.line }
}
