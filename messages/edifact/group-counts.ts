// group-counts — where a message says how many of its groups there are (EQN of PNRGOV: its PNRs), that number against
// those that came.
import { type CountRule, type SegmentNode, type StructureNode } from './directory/spec.js'
import { placeOf } from './fault.js'
import { type ReportSyntaxError } from './fault-list.js'
import { significant, value, type Segment } from './segment.js'

/** Counts the groups that come against what the message says of them. */
export class GroupCounts {
  readonly #counts: {
    rule: CountRule
    trigger: StructureNode | undefined
    came: number
    said?: { s: Segment; position: number }
  }[]
  #series = false

  constructor(rules: readonly CountRule[], structure: readonly StructureNode[]) {
    this.#counts = rules.map((rule) => ({ rule, trigger: triggerOf(structure, rule.group), came: 0 }))
  }

  /** Counts a segment of the message by its place in the structure. `position`: UNH is 1. */
  take(node: SegmentNode, s: Segment, position: number): void {
    // S010: the sequence number of this message of the series, and C or F for the first and the last. One that is both
    // is whole.
    if (position === 1)
      this.#series =
        significant(value(s, 4, 1)) !== '' && !(Number(value(s, 4, 1)) === 1 && significant(value(s, 4, 2)) === 'F')
    for (const count of this.#counts) {
      if (node === count.trigger) count.came++
      // The same tag inside a group is another thing.
      else if (node.tag === count.rule.tag) count.said ??= { s, position }
    }
  }

  /**
   * Reports every count that differs. Of a message that is one of a series (UNH S010) fewer groups than said are no
   * fault.
   */
  end(report: ReportSyntaxError): void {
    for (const { rule, came, said } of this.#counts) {
      if (!said) continue
      const { element, component, item } = rule
      const given = significant(value(said.s, element, component))
      // What is no number is a fault already.
      if (!/^-?[0-9]+([.,][0-9]+)?$/.test(given)) continue
      const number = Number(given.replace(',', '.'))
      if (this.#series ? came <= number : came === number) continue
      report('29', 'message', placeOf(said.s, said.position, { element, component, repetition: 1 }), {
        item,
        value: given,
        rule: String(came),
      })
    }
  }
}

function triggerOf(nodes: readonly StructureNode[], group: string): StructureNode | undefined {
  for (const node of nodes) {
    if (node.kind !== 'group') continue
    const found = node.name === group ? node.children[0] : triggerOf(node.children, group)
    if (found) return found
  }
  return undefined
}
