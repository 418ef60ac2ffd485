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
  path: string
  depth: number
  value: Value
}

/** A document's leaves are many; of more than this the first ones are known. */
const mostLeaves = 5_000

/** @param tree as readXml gives it */
export function leavesOf(tree: XmlNode): Leaves {
  const byName = new Map<string, Leaf[]>()
  let count = 0
  const add = (path: string, depth: number, name: string, value: Value) => {
    if (value.text === '' || count++ >= mostLeaves) return
    const leaf = { path: path.toLowerCase(), depth, value }
    const key = name.toLowerCase()
    const known = byName.get(key)
    if (known) known.push(leaf)
    else byName.set(key, [leaf])
  }
  const walk = (node: XmlValue, path: string, depth: number, name: string): void => {
    if (Array.isArray(node)) return node.forEach((one) => walk(one, path, depth, name))
    if (typeof node === 'string') return add(path, depth, name, { text: node })
    const beside = node['@currency'] ?? node['@unit']
    if (typeof node['#text'] === 'string')
      add(path, depth, name, { text: node['#text'], ...(typeof beside === 'string' ? { beside } : {}) })
    for (const [child, value] of Object.entries(node))
      if (child !== '#text' && !child.startsWith('@')) walk(value, `${path}/${child}`, depth + 1, child)
  }
  walk(tree, '', 0, '')
  return {
    at(path) {
      const end = path.toLowerCase()
      const fits = (byName.get(end.slice(end.lastIndexOf('/') + 1)) ?? []).filter((leaf) =>
        end.startsWith('/') ? leaf.path === end : leaf.path.endsWith(`/${end}`),
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
