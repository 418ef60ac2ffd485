// structure — what is wrong with the content of one element and of all below it: every unknown field, every missing
// one, every one that stands twice or out of its place. libxml2 stops at the first of these and skips what follows; a
// sender wants them all at once.
import { XmlElement } from 'libxml2-wasm'
import { closest, distance } from 'fastest-levenshtein'
import type { ExplainedFault } from './faults.js'
import type { Declared, Particle } from './model.js'
import { broken } from './value.js'

/** One thing that is wrong: where, and what it is. */
export interface ContentFault {
  node: XmlElement
  reading: ExplainedFault
  /** It is the content of this element that is wrong, not a value in it. */
  structural: boolean
}

/** Elements looked at for one message: it is broken anyway, and its sender need not hear everything. */
const mostElements = 20_000
const instance = 'http://www.w3.org/2001/XMLSchema-instance'

/** @param limit told at most */
export function explainContent(start: XmlElement, declared: Declared, limit: number): ContentFault[] {
  const told: ContentFault[] = []
  let left = mostElements
  const visit = (node: XmlElement, what: Declared): void => {
    if (left-- <= 0 || told.length > limit) return
    const attribute = (name: string) => node.attrs.find((one) => one.name === name)
    const isNil = node.attrs.some(
      (one) => one.namespaceUri === instance && one.name === 'nil' && /^(true|1)$/.test(one.content),
    )
    const retyped = node.attrs.some((one) => one.namespaceUri === instance && one.name === 'type')
    const content = what.content()
    if (content.kind === 'any' || retyped || isNil) return
    for (const name of content.attributes)
      if (!attribute(name))
        told.push({
          node,
          structural: false,
          reading: { code: 'HUB_XSD_ATTRIBUTE_MISSING', values: { attribute: name }, rule: `required=@${name}` },
        })
    const children = elementsIn(node)
    if (content.kind === 'simple') {
      const found = children.length > 0 ? undefined : broken(content.type, node.content)
      if (found) told.push({ node, structural: false, reading: found })
      return
    }
    const known = declaredIn(content.particle)
    told.push(...faultsOf(node, { children, particle: content.particle, required: what.required, known }))
    for (const child of children) {
      const next = known.get(child.name)
      if (next) visit(child, next)
    }
  }
  visit(start, declared)
  return told
}

/** The declaration of an element, found by the names of those around it. */
export function declarationOf(root: Declared | undefined, node: XmlElement): Declared | undefined {
  const names: string[] = []
  for (let one: XmlElement | null = node; one; one = one.parent) names.unshift(one.name)
  let found = root
  for (const name of names.slice(1)) {
    const content = found?.content()
    found = content?.kind === 'complex' ? declaredIn(content.particle).get(name) : undefined
  }
  return found
}

function elementsIn(node: XmlElement): XmlElement[] {
  const all: XmlElement[] = []
  for (let child = node.firstChild; child; child = child.next) if (child instanceof XmlElement) all.push(child)
  return all
}

/** By name; of two of one name the first. */
function declaredIn(particle: Particle, into = new Map<string, Declared>()): Map<string, Declared> {
  if (particle.kind === 'element') {
    if (!into.has(particle.declared.name)) into.set(particle.declared.name, particle.declared)
  } else if (particle.kind !== 'any') for (const part of particle.parts) declaredIn(part, into)
  return into
}

function faultsOf(
  node: XmlElement,
  {
    children,
    particle,
    required,
    known,
  }: {
    children: XmlElement[]
    particle: Particle
    required: Declared['required']
    known: ReadonlyMap<string, Declared>
  },
): ContentFault[] {
  const told: ContentFault[] = []
  const unexpected = (child: XmlElement, rule: string, zh: string, en: string) =>
    told.push({
      node: child,
      structural: true,
      reading: { code: 'HUB_XSD_ELEMENT_UNEXPECTED', values: { zh, en }, rule },
    })
  const counts = new Map<string, number>()
  for (const { name } of children) counts.set(name, (counts.get(name) ?? 0) + 1)

  if (!hasAny(particle))
    for (const child of children)
      if (!known.has(child.name)) {
        const meant = similar(child.name, [...known.keys()], counts)
        unexpected(
          child,
          'unknown',
          `${node.name} 中没有该字段${meant ? `（是否应为 ${meant}？）` : ''}`,
          `there is no such field in ${node.name}${meant ? ` (did you mean ${meant}?)` : ''}`,
        )
      }
  const seen = new Map<string, number>()
  const most = mostOf(particle)
  const placed: XmlElement[] = []
  for (const child of children) {
    const nth = (seen.get(child.name) ?? 0) + 1
    seen.set(child.name, nth)
    const limit = most.get(child.name)
    if (limit === undefined) continue
    if (nth > limit)
      unexpected(
        child,
        `maxOccurs=${limit}`,
        `最多出现 ${limit} 次`,
        limit === 1 ? 'it may stand only once' : `it may stand at most ${limit} times`,
      )
    else placed.push(child)
  }
  const needed = neededBy(particle, counts)
  for (const name of required) needed.set(name, Math.max(needed.get(name) ?? 0, 1))
  for (const [name, count] of needed)
    if ((counts.get(name.split(' | ')[0]!) ?? 0) < count || name.includes(' | '))
      told.push({
        node,
        structural: true,
        reading: {
          code: 'HUB_XSD_ELEMENT_MISSING',
          values: { expected: name },
          rule: `required=${name.replaceAll(' | ', '|')}`,
        },
      })
  const order = orderOf(particle)
  if (order) {
    const inPlace = longestInOrder(placed.map(({ name }) => order.get(name)))
    placed.forEach((child, i) => {
      if (inPlace.has(i) || !order.has(child.name)) return
      const before = placed.find((other, j) => inPlace.has(j) && order.get(other.name)! > order.get(child.name)!)
      const after = placed.findLast((other, j) => inPlace.has(j) && order.get(other.name)! < order.get(child.name)!)
      if (before && placed.indexOf(before) < i)
        unexpected(child, 'order', `应位于 ${before.name} 之前`, `it must stand before ${before.name}`)
      else unexpected(child, 'order', `应位于 ${after?.name} 之后`, `it must stand after ${after?.name}`)
    })
  }
  return told
}

const hasAny = (particle: Particle): boolean =>
  particle.kind === 'any' || (particle.kind !== 'element' && particle.parts.some(hasAny))

/** A field of this element whose name is nearly the same; one that is not there yet before one that is. */
function similar(name: string, known: string[], counts: ReadonlyMap<string, number>): string | undefined {
  const alike = known.find((one) => one.toLowerCase() === name.toLowerCase())
  if (alike !== undefined) return alike
  const near = known.filter((one) => distance(one.toLowerCase(), name.toLowerCase()) <= Math.max(1, name.length / 4))
  const free = near.filter((one) => !counts.has(one))
  return near.length === 0 ? undefined : closest(name, free.length > 0 ? free : near)
}

/** How often each name may stand at most. */
function mostOf(particle: Particle, times = 1, into = new Map<string, number>()): Map<string, number> {
  if (particle.kind === 'element') {
    const { name } = particle.declared
    into.set(name, (into.get(name) ?? 0) + times * particle.max)
  } else if (particle.kind === 'choice') {
    // Only one of them is taken each time.
    const each = particle.parts.map((part) => mostOf(part, times * particle.max))
    for (const one of each) for (const [name, most] of one) into.set(name, Math.max(into.get(name) ?? 0, most))
  } else if (particle.kind !== 'any') for (const part of particle.parts) mostOf(part, times * particle.max, into)
  return into
}

/** How often each name must stand at least, given what stands there. Of a choice of which nothing stands: `a | b`. */
function neededBy(particle: Particle, counts: ReadonlyMap<string, number>): Map<string, number> {
  switch (particle.kind) {
    case 'any':
      return new Map<string, number>()
    case 'element':
      return new Map(particle.min > 0 ? [[particle.declared.name, particle.min]] : [])
    case 'choice': {
      const present = particle.parts.filter((part) => stands(part, counts))
      if (present.length > 0) {
        if (particle.max > 1) return new Map<string, number>()
        return present.map((part) => neededBy(part, counts)).sort((a, b) => lacking(a, counts) - lacking(b, counts))[0]!
      }
      const all = particle.parts.map((part) => neededBy(part, counts))
      if (particle.min === 0 || all.some(({ size }) => size === 0)) return new Map<string, number>()
      return new Map([[all.map((one) => [...one.keys()][0]!).join(' | '), 1]])
    }
    default: {
      if (particle.min === 0 && !stands(particle, counts)) return new Map<string, number>()
      const sum = new Map<string, number>()
      for (const part of particle.parts)
        for (const [name, count] of neededBy(part, counts)) sum.set(name, (sum.get(name) ?? 0) + count)
      return sum
    }
  }
}
const stands = (particle: Particle, counts: ReadonlyMap<string, number>): boolean =>
  [...declaredIn(particle).keys()].some((name) => counts.has(name))
const lacking = (needed: ReadonlyMap<string, number>, counts: ReadonlyMap<string, number>): number =>
  [...needed].reduce((sum, [name, count]) => sum + Math.max(0, count - (counts.get(name) ?? 0)), 0)

/**
 * The place of each name that has one; undefined where parts may come again. A name that stands at several places has
 * none.
 */
function orderOf(particle: Particle): Map<string, number> | undefined {
  const order = new Map<string, number>()
  const several = new Set<string>()
  let place = 0
  const put = (name: string, at: number) => {
    if (order.has(name)) several.add(name)
    order.set(name, at)
  }
  const visit = (one: Particle): boolean => {
    if (one.kind === 'any') return false
    if (one.kind === 'element') {
      put(one.declared.name, place++)
      return true
    }
    if (one.max > 1 && one.kind === 'sequence') return false
    if (one.kind === 'sequence') return one.parts.every(visit)
    // Those of a choice or of xs:all share one place.
    const shared = place++
    for (const name of declaredIn(one).keys()) put(name, shared)
    return true
  }
  if (!visit(particle)) return undefined
  for (const name of several) order.delete(name)
  return order
}

/** The positions of the longest run that stands in order. What is in none is out of its place. */
function longestInOrder(places: (number | undefined)[]): Set<number> {
  const tails: number[] = []
  const previous = new Array<number>(places.length).fill(-1)
  places.forEach((place, i) => {
    if (place === undefined) return
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (places[tails[middle]!]! <= place) low = middle + 1
      else high = middle
    }
    previous[i] = low > 0 ? tails[low - 1]! : -1
    tails[low] = i
  })
  const kept = new Set<number>()
  for (let i = tails.at(-1) ?? -1; i >= 0; i = previous[i]!) kept.add(i)
  return kept
}
