// content — may these elements stand in this order? The model of a type is made into a function over the numbers of
// the elements that were found. It takes what it can from left to right, as the rule of XML Schema allows (each element
// fits one place only, part 1, 3.8.6): what it finds a way through certainly fits; of all else nothing is said.
import { NotKnown, type Part, type Parts } from './parts.js'

/**
 * @param ids numbers of the elements, in their order
 * @returns the place behind what was taken, from `from` to at most `to`; -1: it does not fit
 */
export type ContentModel = (ids: Int32Array, from: number, to: number) => number

/** Which number an element of a model has: the same for the same name. */
export interface Numbers {
  element(part: Part): number
  any(part: Part): number
}

const groups = new Set(['sequence', 'choice', 'all', 'group'])
/** What else stands in a type. */
export const notContent = new Set(['attribute', 'attributeGroup', 'anyAttribute'])

/** The model of a complex type. @throws NotKnown of what is no model known here */
export function modelOf(type: Part, parts: Parts, numbers: Numbers): ContentModel {
  const [content, ...more] = type.inside.filter(({ kind }) => !notContent.has(kind))
  if (!content) return (_, from) => from
  if (more.length > 0 || !groups.has(content.kind)) throw new NotKnown(`${content.kind} in a type`)
  return particle(content, parts, numbers)
}

/** @param again it stands in a group that may come again */
function particle(part: Part, parts: Parts, numbers: Numbers, again = false): ContentModel {
  const [min, max] = [count(part.at.minOccurs), count(part.at.maxOccurs)]
  if (max === 0 || min > max || (again && max > 1)) throw new NotKnown(`${part.kind} ${min} to ${max} times`)
  if (part.kind === 'element') return one(numbers.element(part), min, max)
  if (part.kind === 'any') return one(numbers.any(part), min, max)
  // libxml2 has ways of its own where groups that come again hold what comes again, or come a number of times.
  if (min > 1 || (max > 1 && max < Infinity)) throw new NotKnown(`a group ${min} to ${max} times`)
  const within = again || max > 1
  if (part.kind === 'group') {
    const [inner, ...more] = parts.named('group', part.at.ref ?? '', part)?.inside ?? []
    if (!inner || more.length > 0) throw new NotKnown(`group ${part.at.ref}`)
    return repeated(particle(inner, parts, numbers, within), min, max)
  }
  if (!groups.has(part.kind)) throw new NotKnown(`${part.kind} in a model`)
  if (part.kind === 'all') return inAnyOrder(part, numbers)
  const inner = part.inside.map((each) => particle(each, parts, numbers, within))
  return repeated(part.kind === 'sequence' ? inOrder(inner) : oneOf(inner), min, max)
}

function count(text = '1'): number {
  if (text === 'unbounded') return Infinity
  if (!/^\d{1,9}$/.test(text)) throw new NotKnown(`occurs ${text}`)
  return Number(text)
}

function one(id: number, min: number, max: number): ContentModel {
  return (ids, from, to) => {
    let i = from
    while (i < to && i - from < max && ids[i] === id) i++
    return i - from < min ? -1 : i
  }
}

function inOrder(inner: readonly ContentModel[]): ContentModel {
  return (ids, from, to) => {
    let i = from
    for (const model of inner) if ((i = model(ids, i, to)) < 0) return -1
    return i
  }
}

/** The first that takes something; else one that may be empty. */
function oneOf(inner: readonly ContentModel[]): ContentModel {
  return (ids, from, to) => {
    let empty = -1
    for (const model of inner) {
      const i = model(ids, from, to)
      if (i > from) return i
      if (i === from) empty = from
    }
    return empty
  }
}

function repeated(inner: ContentModel, min: number, max: number): ContentModel {
  if (min === 1 && max === 1) return inner
  return (ids, from, to) => {
    let i = from
    for (let times = 0; times < max; times++) {
      const next = inner(ids, i, to)
      // What may be empty may be empty as often as is asked for.
      if (next === i) return i
      if (next < 0) return times < min ? -1 : i
      i = next
    }
    return i
  }
}

function inAnyOrder(all: Part, numbers: Numbers): ContentModel {
  const needed = new Map<number, boolean>()
  for (const part of all.inside) {
    const [min, max] = [count(part.at.minOccurs), count(part.at.maxOccurs)]
    if (part.kind !== 'element' || min > 1 || max !== 1) throw new NotKnown('all')
    needed.set(numbers.element(part), min === 1)
  }
  const must = [...needed.values()].filter(Boolean).length
  return (ids, from, to) => {
    const found = new Set<number>()
    let had = 0
    let i = from
    for (; i < to && needed.has(ids[i]!) && !found.has(ids[i]!); i++) {
      found.add(ids[i]!)
      if (needed.get(ids[i]!)) had++
    }
    return had === must ? i : -1
  }
}
