// structure — puts the segments of a message into their places in the branching diagram, one by one and without looking
// ahead. Reading goes on after a fault: what is missing is named and passed over, what does not belong is named and
// left out.
import { type GroupNode, type MessageSpec, type SegmentNode, type StructureNode } from './directory/spec.js'
import { placeOf, type FaultPlace } from './fault.js'
import { type ReportSyntaxError } from './fault-list.js'
import { type Segment } from './segment.js'

/** Hears of every place that is taken. `node` is undefined for a segment that has none. */
export interface StructureSink {
  open(group: GroupNode): void
  close(group: GroupNode): void
  segment(node: SegmentNode | undefined, segment: Segment, position: number): void
}

interface Frame {
  group: GroupNode | undefined
  nodes: readonly StructureNode[]
  /** The node that was taken last, and how often in a row. */
  at: number
  count: number
}

/** Finds the place of each segment in the structure of its message type. */
export class StructureMatcher {
  readonly #spec: MessageSpec
  readonly #report: ReportSyntaxError
  readonly #sink: StructureSink | undefined
  readonly #frames: Frame[]
  readonly #tags: ReadonlySet<string>
  #position = 0
  #last: Segment | undefined

  constructor(spec: MessageSpec, report: ReportSyntaxError, sink?: StructureSink) {
    this.#spec = spec
    this.#report = report
    this.#sink = sink
    this.#frames = [{ group: undefined, nodes: spec.structure, at: -1, count: 0 }]
    this.#tags = tagsOf(spec.structure)
  }

  /**
   * The next segment. Its place, be it one time too many; undefined when it has none. Places are sought in the order of
   * the diagram: further on in the innermost open group, then a new repetition of that group, then further on in the
   * group around it.
   */
  next(s: Segment): SegmentNode | undefined {
    this.#position++
    this.#last = s
    let overflow: [level: number, at: number] | undefined
    for (let level = this.#frames.length - 1; level >= 0; level--) {
      const frame = this.#frames[level] as Frame
      for (let at = Math.max(frame.at, 0); at < frame.nodes.length; at++) {
        const node = frame.nodes[at] as StructureNode
        if (!takes(node, s.tag, frame.group)) continue
        if (at !== frame.at || frame.count < node.max) return this.#take(level, at, s)
        // A trigger that comes again is a repetition of its group, which is for the level above to count.
        if (overflow === undefined && !(at === 0 && level > 0)) overflow = [level, at]
      }
    }
    if (overflow) {
      const node = this.#frames[overflow[0]]?.nodes[overflow[1]] as StructureNode
      const what =
        node.kind === 'group'
          ? { zh: `${s.tag}（${node.name}）`, en: `${s.tag} (${node.name})` }
          : { zh: s.tag, en: s.tag }
      this.#report(node.kind === 'group' ? '36' : '35', 'message', placeOf(s, this.#position), {
        rule: `max ${node.max}`,
        what,
      })
      return this.#take(overflow[0], overflow[1], s)
    }
    const known = this.#tags.has(s.tag) || this.#tags.has('*')
    const detail = known
      ? {
          zh: `顺序不符，前一段为 ${this.#before()}`,
          en: `out of order; the segment before it belongs to ${this.#before()}`,
        }
      : {
          zh: `不属于 ${this.#spec.type} ${this.#spec.release}`,
          en: `not part of ${this.#spec.type} ${this.#spec.release}`,
        }
    this.#report('15', 'message', placeOf(s, this.#position), {
      detail,
      rule: known ? 'order' : `${this.#spec.type} ${this.#spec.release}`,
    })
    this.#sink?.segment(undefined, s, this.#position)
    return undefined
  }

  /** The message is over: what is still missing is named. `UNT` is left to the reader, who has said so already. */
  end(): void {
    const last = this.#last
    const place = {
      segment: this.#position,
      element: 0,
      component: 0,
      repetition: 0,
      offset: last ? last.offset + last.length : 0,
      line: last?.line ?? 1,
    }
    while (this.#frames.length > 0) this.#leave(place)
  }

  #before(): string {
    const frame = this.#frames[this.#frames.length - 1]
    return frame?.group
      ? `${frame.group.name} (${frame.group.trigger})`
      : (frame?.nodes[Math.max(0, frame.at)] as SegmentNode).tag
  }

  #take(level: number, at: number, s: Segment): SegmentNode {
    // Something missing is reported behind the last segment that was in order (UCS 0096 of a missing segment).
    const place = {
      segment: this.#position - 1,
      element: 0,
      component: 0,
      repetition: 0,
      offset: s.offset,
      line: s.line,
    }
    while (this.#frames.length > level + 1) this.#leave(place)
    const frame = this.#frames[level] as Frame
    for (let i = frame.at + 1; i < at; i++) this.#missing(frame.nodes[i] as StructureNode, place)
    frame.count = at === frame.at ? frame.count + 1 : 1
    frame.at = at
    const node = frame.nodes[at] as StructureNode
    if (node.kind === 'segment') {
      this.#sink?.segment(node, s, this.#position)
      return node
    }
    this.#sink?.open(node)
    this.#frames.push({ group: node, nodes: node.children, at: 0, count: 1 })
    const trigger = node.children[0] as SegmentNode
    this.#sink?.segment(trigger, s, this.#position)
    return trigger
  }

  /** The innermost group ends here. */
  #leave(place: Omit<FaultPlace, 'tag'>): void {
    const frame = this.#frames.pop() as Frame
    for (let i = frame.at + 1; i < frame.nodes.length; i++) this.#missing(frame.nodes[i] as StructureNode, place)
    if (frame.group) this.#sink?.close(frame.group)
  }

  #missing(node: StructureNode, place: Omit<FaultPlace, 'tag'>): void {
    if (!node.mandatory) return
    if (node.kind === 'segment') {
      if (node.tag === 'UNT') return
      this.#report(
        '13',
        'message',
        { ...place, tag: node.tag },
        { rule: 'M', what: { zh: `${node.tag} 段`, en: `Segment ${node.tag}` } },
      )
    } else
      this.#report(
        '13',
        'message',
        { ...place, tag: node.trigger },
        {
          rule: 'M',
          what: { zh: `${node.name} 段组（${node.trigger}）`, en: `Segment group ${node.name} (${node.trigger})` },
        },
      )
  }
}

const takes = (node: StructureNode, tag: string, group: GroupNode | undefined): boolean => {
  const wanted = node.kind === 'segment' ? node.tag : node.trigger
  return wanted === tag || (wanted === '*' && tag !== group?.trigger && tag !== 'UNT')
}

const tags = new WeakMap<readonly StructureNode[], ReadonlySet<string>>()

function tagsOf(structure: readonly StructureNode[]): ReadonlySet<string> {
  const known = tags.get(structure)
  if (known) return known
  const found = new Set<string>()
  const walk = (nodes: readonly StructureNode[]): void => {
    for (const node of nodes)
      if (node.kind === 'segment') found.add(node.tag)
      else walk(node.children)
  }
  walk(structure)
  tags.set(structure, found)
  return found
}
