// structure — where each record belongs: records come flat and their tags alone tell what they hang under (12 a bill,
// 51 a container of its cargo). The tree that comes out is what XML, XSD and mappings see.
import type { FlatFaults } from './faults.js'
import { fieldText, type FlatRecord } from './record.js'
import type { FlatTable, RecordSpec } from './table.js'

/** A record, or a group, in its place. */
export interface FlatNode {
  /** Undefined: the table has no place for it here. */
  readonly spec: RecordSpec | undefined
  /** Undefined: a group opened for its members. */
  readonly record: FlatRecord | undefined
  readonly children: FlatNode[]
}

/** One open level: a node whose members may still come. */
interface Level {
  readonly node: FlatNode
  readonly members: readonly RecordSpec[]
  readonly counts: number[]
  /** Members before this one are over. */
  cursor: number
  /** The last record seen inside, for the place of what is missing. */
  last: FlatRecord | undefined
}

/** Places records one after another. */
export class StructureReader {
  /** The tree of all records placed so far. */
  readonly root: FlatNode = { spec: undefined, record: undefined, children: [] }
  readonly #open: Level[]
  readonly #faults: FlatFaults

  constructor(table: FlatTable, faults: FlatFaults) {
    this.#faults = faults
    this.#open = [level(this.root, table.records)]
  }

  /**
   * Places the next record of the file and gives its node. One that fits nowhere is a fault (HUB_FLAT_UNEXPECTED) and
   * hangs under what is open.
   */
  add(record: FlatRecord): FlatNode {
    for (let depth = this.#open.length - 1; depth >= 0; depth--) {
      const at = this.#open[depth] as Level
      const found = this.#find(at, record.tag, depth === this.#open.length - 1)
      if (!found) continue
      while (this.#open.length - 1 > depth) this.#close()
      return this.#put(at, found.index, record, found.through)
    }
    return this.#misplaced(record)
  }

  /** Closes what is open and tells what never came. */
  finish(): FlatNode {
    while (this.#open.length > 0) this.#close()
    return this.root
  }

  /**
   * A member of this level by its tag, or a group that may be opened for it: only the innermost level opens one, and
   * only its first.
   */
  #find(at: Level, tag: string, innermost: boolean): { index: number; through?: RecordSpec } | undefined {
    const index = at.members.findIndex((m, i) => i >= at.cursor && m.tag === tag)
    if (index >= 0) return { index }
    if (!innermost) return undefined
    const group = at.members.findIndex(
      (m, i) => i >= at.cursor && m.implied && at.counts[i] === 0 && m.records.some((r) => r.tag === tag),
    )
    return group < 0 ? undefined : { index: group, through: at.members[group] as RecordSpec }
  }

  #put(at: Level, index: number, record: FlatRecord, through: RecordSpec | undefined): FlatNode {
    const spec = at.members[index] as RecordSpec
    at.cursor = index
    at.last = record
    const count = (at.counts[index] = (at.counts[index] ?? 0) + 1)
    if (count === spec.max + 1)
      this.#faults.add(
        'HUB_FLAT_TOO_MANY',
        { tag: record.tag, record: record.number, line: record.line, name: spec.title },
        { rule: `max ${spec.max}` },
      )
    const node: FlatNode = { spec, record: through ? undefined : record, children: [] }
    at.node.children.push(node)
    if (!through) this.#compare(node, at.node)
    if (spec.records.length > 0) this.#open.push(level(node, spec.records, record))
    return through ? this.add(record) : node
  }

  /** A container that names another cargo than the one it stands under would be declared with the wrong goods. */
  #compare({ spec, record }: FlatNode, above: FlatNode): void {
    for (const field of spec?.fields ?? []) {
      const there = field.asAbove ? above.spec?.fields.find(({ name }) => name === field.name) : undefined
      if (!there || !record || !above.record) continue
      const [own, wanted] = [fieldText(record, field.position), fieldText(above.record, there.position)]
      if (Number(own) > 0 && Number(wanted) > 0 && Number(own) !== Number(wanted))
        this.#faults.add(
          'HUB_FLAT_VALUE',
          {
            tag: record.tag,
            record: record.number,
            line: record.line,
            field: field.position,
            name: { zh: field.zh, en: field.name },
          },
          { value: own, rule: `${above.record.tag}(${above.record.number}): ${wanted}` },
        )
    }
  }

  #misplaced(record: FlatRecord): FlatNode {
    const at = this.#open.at(-1) as Level
    this.#faults.add('HUB_FLAT_UNEXPECTED', { tag: record.tag, record: record.number, line: record.line })
    const node: FlatNode = { spec: undefined, record, children: [] }
    at.node.children.push(node)
    return node
  }

  #close(): void {
    const at = this.#open.pop() as Level
    const outer = this.#open.at(-1)
    if (outer && at.last) outer.last = at.last
    for (const [i, spec] of at.members.entries())
      if (spec.mandatory && at.counts[i] === 0)
        this.#faults.add(
          'HUB_FLAT_MISSING',
          { tag: spec.tag, record: 0, line: at.last?.line ?? 1, name: spec.title },
          at.last ? { rule: `after ${at.last.tag}(${at.last.number})` } : {},
        )
  }
}

function level(node: FlatNode, members: readonly RecordSpec[], last?: FlatRecord): Level {
  return { node, members, counts: members.map(() => 0), cursor: 0, last }
}
