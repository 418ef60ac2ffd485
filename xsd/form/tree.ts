// tree — a message of a form as it is being made: elements with their nodes, to write out as XML. For samples, good and
// broken.
import { escapeXml } from '../../messages/escape-xml.js'
import type { Node } from './node.js'

/** `attribute`: the value of its one attribute, a currency or a unit. */
export interface Element {
  node: Node
  parent: Element | undefined
  children: Element[]
  text: string
  attribute: string | undefined
}

/** Everything the node has, or (`all` false) only what it must have. */
export function grow(node: Node, parent: Element | undefined, all: boolean): Element {
  const made: Element = { node, parent, children: [], text: node.eg ?? '', attribute: node.egAttribute }
  for (const child of node.fields ?? []) {
    // The lines of an example belong together: their shares and sums do.
    const least = child.usual ?? child.min
    const lines = all || (child.lines && least > 0) ? 1 + (child.lines?.length ?? 0) : 0
    for (let i = 0; i < Math.max(lines, least); i++) {
      const one = grow(child, made, all)
      made.children.push(one)
      for (const [path, value] of Object.entries(child.lines?.[i - 1] ?? {}))
        for (const leaf of elementsAt(one, path)) {
          if (value === null) remove(leaf)
          else leaf.text = value
        }
    }
  }
  return made
}

/** `/Root/Items[2]/Quantity` and `/Root/Items/Quantity/@unit` as the hub's faults write them. */
export function pathOf(element: Element): string {
  if (!element.parent) return `/${element.node.name}`
  const same = element.parent.children.filter((one) => one.node === element.node)
  return `${pathOf(element.parent)}/${element.node.name}${same.length > 1 ? `[${same.indexOf(element) + 1}]` : ''}`
}

/** The element such a path names, its attribute left away. */
export function elementAt(root: Element, path: string): Element | undefined {
  const [, ...steps] = path
    .replace(/\/?@.*$/, '')
    .replace(/^\//, '')
    .split('/')
  let at: Element | undefined = root
  for (const step of steps) {
    const [, name, position] = /^([^[]+)(?:\[(\d+)\])?$/.exec(step) ?? []
    at = at?.children.filter((one) => one.node.name === name)[Number(position ?? 1) - 1]
  }
  return at
}

/** Every element at a form's own path: `Items/Quantity`. */
export function elementsAt(root: Element, path: string): Element[] {
  return path
    .replace(/@.*$/, '')
    .replace(/^\//, '')
    .split('/')
    .reduce((all, step) => all.flatMap((one) => one.children.filter((child) => child.node.name === step)), [root])
}

/** Takes an element, which must have one above it, out of the message, with all below it. */
export function remove(element: Element): void {
  const siblings = element.parent!.children
  siblings.splice(siblings.indexOf(element), 1)
}

/** Puts a child of that node where its place is, behind those of the same name. */
export function insert(parent: Element, node: Node, all = false): Element {
  const order = parent.node.fields!
  const made = grow(node, parent, all)
  const behind = parent.children.findLastIndex((one) => order.indexOf(one.node) <= order.indexOf(node))
  parent.children.splice(behind + 1, 0, made)
  return made
}

/** The element with all below it once more, under `parent`; it is not put among its children. */
export function copy(element: Element, parent: Element | undefined): Element {
  const made: Element = { ...element, parent, children: [] }
  made.children = element.children.map((one) => copy(one, made))
  return made
}

/** The message as XML of two spaces an indent. Only the root names the namespace. */
export function toXml(root: Element, namespace: string): string {
  const write = (one: Element, indent: string): string => {
    const { node } = one
    const attribute =
      node.leaf?.attribute && one.attribute !== undefined
        ? ` ${node.leaf.attribute.name}="${escapeXml(one.attribute)}"`
        : ''
    const open = `${node.name}${one.parent ? '' : ` xmlns="${namespace}"`}${attribute}`
    if (!node.fields) return `${indent}<${open}>${escapeXml(one.text)}</${node.name}>`
    return [
      `${indent}<${open}>`,
      ...one.children.map((child) => write(child, `${indent}  `)),
      `${indent}</${node.name}>`,
    ].join('\n')
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${write(root, '')}\n`
}
