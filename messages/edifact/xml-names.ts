// xml-names — the one rule by which EDIFACT is XML, after ISO/TS 20625: M_ message, G_ group, S_ segment, C_ composite,
// D_ data element. What stands a second time in the same parent is numbered: `C_C212`, `C_C212_2`. So every position
// has a name of its own and the way back is certain.
import { type ItemSpec, type MessageSpec, type SegmentSpec } from './directory/spec.js'

/** `urn:singlewindow:edifact:CUSCAR:D95B` */
export const namespaceOf = (type: string, release: string) => `urn:singlewindow:edifact:${type}:${release}`

/** The root element of a message: `M_CUSCAR`. */
export const rootOf = (type: string) => `M_${type}`

/** Names of a segment's elements, and of each element's components. */
interface SegmentNames {
  readonly items: readonly ItemNames[]
}

/** The XML names of one position of a segment: `C_C002`, and what is inside. */
interface ItemNames {
  readonly name: string
  /** Of a composite; of a simple element empty. */
  readonly components: readonly string[]
}

const known = new WeakMap<SegmentSpec, SegmentNames>()

/** The XML names of a segment’s elements and components, worked out once for each segment of a directory. */
export function namesOf(spec: SegmentSpec): SegmentNames {
  let names = known.get(spec)
  if (!names) known.set(spec, (names = { items: nameItems(spec.items) }))
  return names
}

function nameItems(items: readonly ItemSpec[]): ItemNames[] {
  const number = numbering()
  return items.map((item) => {
    const inside = numbering()
    return {
      name: number(`${item.composite ? 'C' : 'D'}_${item.id}`),
      components: item.composite ? item.components.map((component) => inside(`D_${component.id}`)) : [],
    }
  })
}

function numbering(): (name: string) => string {
  const seen = new Map<string, number>()
  return (name) => {
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return times === 1 ? name : `${name}_${times}`
  }
}

/**
 * Of an element or component no table tells, `at` from 0: `C_3` the third element, a composite always; `D_2` its second
 * component.
 */
export const placeName = (letter: 'C' | 'D', at: number): string => `${letter}_${at + 1}`

/** The place such a name is of, from 0; -1 for what is none. A segment has 4,096 separators at most. */
export function placeNamed(letter: 'C' | 'D', name: string): number {
  const at = new RegExp(`^${letter}_([1-9][0-9]{0,3})$`).exec(name)?.[1]
  return at === undefined || Number(at) > 4097 ? -1 : Number(at) - 1
}

/** Where a message's XML and schema belong. */
export function xmlIdentity(spec: Pick<MessageSpec, 'type' | 'release'>): { root: string; namespace: string } {
  return { root: rootOf(spec.type), namespace: namespaceOf(spec.type, spec.release) }
}
