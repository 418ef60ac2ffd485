// leaves — the values of a document by the end of their path, in any case: `DecHead/EntryId` and `entryid` both find
// /DecMessage/DecHead/EntryId.
import type { XmlNode, XmlValue } from '../xml-reading.js'

export interface Value {
  text: string
  /** Currency or unit. */
  beside?: string
}
export interface Leaves {
  /**
   * Those of the shortest paths that end so: a field of the head before one of a line. With a `/` before it, the path
   * from the root's children on.
   */
  at(path: string): Value[]
  /** Does any field hold just this, in any case? */
  hold(text: string): boolean
}

interface Leaf {
  /** In lower case, with those above it: its path is put together when it is asked for. */
  name: string
  above: Step | undefined
  depth: number
  value: Value
}
interface Step {
  name: string
  above: Step | undefined
}

/** A document's leaves are many; of more than this the first ones are known. */
const mostLeaves = 5_000

/** Of trees that are kept: a document is walked through once. */
const known = new WeakMap<object, Leaves>()

/** @param tree as readXml gives it; it does not change any more */
export function leavesOf(tree: XmlNode): Leaves {
  if (typeof tree === 'string') return readLeaves(tree)
  const before = known.get(tree)
  if (before) return before
  const leaves = readLeaves(tree)
  known.set(tree, leaves)
  return leaves
}

function readLeaves(tree: XmlNode): Leaves {
  const byName = new Map<string, Leaf[]>()
  let count = 0
  const add = ({ name, above }: Step, depth: number, value: Value) => {
    if (value.text === '' || count++ >= mostLeaves) return
    const leaf = { name, above, depth, value }
    const same = byName.get(name)
    if (same) same.push(leaf)
    else byName.set(name, [leaf])
  }
  const walk = (node: XmlValue, step: Step, depth: number): void => {
    if (Array.isArray(node)) {
      for (const one of node) walk(one, step, depth)
      return
    }
    if (typeof node === 'string') return add(step, depth, { text: node })
    const beside = node['@currency'] ?? node['@unit']
    if (typeof node['#text'] === 'string')
      add(step, depth, { text: node['#text'], ...(typeof beside === 'string' ? { beside } : {}) })
    const above = depth === 0 ? undefined : step
    for (const child in node)
      if (child !== '#text' && !child.startsWith('@'))
        walk(node[child]!, { name: child.toLowerCase(), above }, depth + 1)
  }
  walk(tree, { name: '', above: undefined }, 0)
  return {
    at(path) {
      const end = path.toLowerCase()
      const fits = (byName.get(end.slice(end.lastIndexOf('/') + 1)) ?? []).filter((leaf) =>
        end.startsWith('/') ? pathOf(leaf) === end : pathOf(leaf).endsWith(`/${end}`),
      )
      const nearest = Math.min(...fits.map(({ depth }) => depth))
      return fits.filter(({ depth }) => depth === nearest).map(({ value }) => value)
    },
    hold(text) {
      const wanted = text.toUpperCase()
      return [...byName.values()].some((some) => some.some(({ value }) => value.text.trim().toUpperCase() === wanted))
    },
  }
}

function pathOf(leaf: Step): string {
  let path = ''
  for (let step: Step | undefined = leaf; step; step = step.above) path = `/${step.name}${path}`
  return path
}
