// mutate — a good message with one thing wrong, as clerks and programs get them wrong: an element dropped, doubled, out
// of order, too long, or with a code nobody knows. The seed chooses which; the same seed gives the same messages.

export const mutations = ['dropped', 'doubled', 'reordered', 'over-long', 'bad code'] as const
export type Mutation = (typeof mutations)[number]

interface Element {
  name: string
  /** Offsets of the whole element, and of what is in it. */
  start: number
  end: number
  from: number
  to: number
  parent: Element | undefined
  children: Element[]
}

/** Numbers from 0 to 1 that depend on the seed alone. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** @returns the message with the mutation, or undefined where there is nothing it could be done to */
export function mutate(
  xml: string,
  mutation: Mutation,
  random: () => number,
): { xml: string; what: string } | undefined {
  const all = elementsOf(xml).filter((e) => e.parent !== undefined)
  const pick = <T>(list: T[]): T | undefined => list[Math.floor(random() * list.length)]
  const whole = (e: Element) => xml.slice(e.start, e.end)
  switch (mutation) {
    case 'dropped': {
      const one = pick(all)
      return one && { xml: xml.slice(0, one.start) + xml.slice(one.end), what: one.name }
    }
    case 'doubled': {
      const one = pick(all)
      return one && { xml: xml.slice(0, one.end) + whole(one) + xml.slice(one.end), what: one.name }
    }
    case 'reordered': {
      const one = pick(all.filter((e) => next(e) !== undefined))
      const other = one && next(one)
      return (
        one &&
        other && {
          xml:
            xml.slice(0, one.start) +
            whole(other) +
            xml.slice(one.end, other.start) +
            whole(one) +
            xml.slice(other.end),
          what: `${one.name}, ${other.name}`,
        }
      )
    }
    case 'over-long':
    case 'bad code': {
      const one = pick(all.filter((e) => e.children.length === 0 && e.to > e.from))
      return (
        one && {
          xml:
            xml.slice(0, one.from) +
            (mutation === 'bad code' ? '?~' : xml.slice(one.from, one.to).repeat(2) + 'X'.repeat(4100)) +
            xml.slice(one.to),
          what: one.name,
        }
      )
    }
  }
}

/** The next sibling of another name. */
function next(one: Element): Element | undefined {
  const siblings = one.parent!.children
  const other = siblings[siblings.indexOf(one) + 1]
  return other && other.name !== one.name ? other : undefined
}

function elementsOf(xml: string): Element[] {
  const all: Element[] = []
  let open: Element | undefined
  for (const match of xml.matchAll(
    /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<(\/?)([^\s/>]+)(?:"[^"]*"|'[^']*'|[^>"'])*>/g,
  )) {
    const [tag, closing, name] = match
    if (name === undefined) continue
    const end = match.index + tag.length
    if (closing === '/') {
      open!.to = match.index
      open!.end = end
      open = open!.parent
      continue
    }
    const element: Element = { name, start: match.index, end, from: end, to: end, parent: open, children: [] }
    open?.children.push(element)
    all.push(element)
    if (!tag.endsWith('/>')) open = element
  }
  return all
}
