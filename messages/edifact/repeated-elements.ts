// repeated-elements — an item that a segment's table repeats (COM C076 ×3) is written in two ways: `*` between its
// repetitions, as syntax version 4 has it, or each repetition as a data element of its own, as the versions before it
// have it and airlines' PAXLST writes under 4 too.
import { type ItemSpec, type SegmentSpec } from './directory/spec.js'
import { significant, type DataElement } from './segment.js'

/**
 * The item (its index) that stands at each data element, where repetitions have elements of their own; as many as the
 * table has room for. Undefined: one element an item. A segment with no more elements than items has none of its own
 * for repetitions: `ADR+…+C819+C517`.
 */
export function itemsAt(spec: SegmentSpec, elements: readonly DataElement[]): readonly number[] | undefined {
  const { items } = spec
  if (elements.length <= items.length || !items.some(({ max }) => max > 1)) return undefined
  let last = elements.length
  while (last > 0 && isBlankElement(elements[last - 1]!)) last--
  if (last <= items.length) return undefined
  const places: number[] = []
  for (const [i, { max }] of items.entries()) for (let n = 0; n < max && places.length < last; n++) places.push(i)
  return places
}

/** The item at an element (from 0), by what `itemsAt` gave; undefined where the table has none. */
export function itemAt(spec: SegmentSpec, places: readonly number[] | undefined, at: number): ItemSpec | undefined {
  const place = places ? places[at] : at
  return place === undefined ? undefined : spec.items[place]
}

/**
 * Each repetition as an element of its own, in the places its item has for them: what a writer does where `*` cannot be
 * written. Returned as it is: what has no repetitions, more than the table has room for, or so few (two C819 in ADR and
 * nothing behind) that a reader could not tell them from the items that follow.
 */
export function spread(spec: SegmentSpec | undefined, elements: readonly DataElement[]): readonly DataElement[] {
  const fits = spec && !spec.free && elements.length <= spec.items.length
  if (!fits || !elements.some(({ length }) => length > 1)) return elements
  if (elements.some((element, i) => element.length > spec.items[i]!.max)) return elements
  const apart = elements.flatMap((element, i): DataElement[] => {
    const own = element.map((one): DataElement => [one])
    // What follows stands behind all the places there are.
    const rest = i < elements.length - 1 ? spec.items[i]!.max - own.length : 0
    return [...own, ...Array.from({ length: rest }, (): DataElement => [['']])]
  })
  return apart.length > spec.items.length ? apart : elements
}

function isBlankElement(element: DataElement): boolean {
  return element.every((one) => one.every((text) => significant(text) === ''))
}
