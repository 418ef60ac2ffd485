// to-json — a message of a form as JSON, for samples: the names and the structure of its XML.
import type { Element } from './tree.js'

type Json = string | { [name: string]: Json } | Json[]

/** As a partner may send it: one member for each element, a list where there may be several. */
export function toJson(root: Element): string {
  return `${JSON.stringify({ [root.node.name]: valueOf(root) }, null, 2)}\n`
}

function valueOf(one: Element): Json {
  const { node } = one
  if (node.leaf?.attribute) return { value: one.text, [node.leaf.attribute.name]: one.attribute ?? '' }
  if (!node.fields) return one.text
  const members: Record<string, Json> = {}
  for (const child of one.children) {
    const { name, max } = child.node
    if (max === 1) members[name] = valueOf(child)
    else members[name] = [...((members[name] as Json[] | undefined) ?? []), valueOf(child)]
  }
  return members
}
