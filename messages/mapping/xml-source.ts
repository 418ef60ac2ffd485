// xml-source — a document in published XML as a mapping reads it: elements by their local names, attributes as `@name`
// beneath them, each with its path and line in the document. Of what came in an envelope, the document inside.
import { SaxesParser } from 'saxes'
import { bytesInside, type Envelope } from '../envelope.js'
import type { SourceNode } from './source-tree.js'

interface Open {
  node: SourceNode
  text: string
  /** How often each name has stood below it so far. */
  seen: Map<string, number>
}

/**
 * @param xml well-formed, without a DOCTYPE: it was looked at before
 * @throws Error for what is not
 */
export function xmlSource(xml: string, envelopes: readonly Envelope[] = []): SourceNode {
  const root = treeOf(xml)
  const envelope = envelopes.find((one) => one.root === root.name)
  const inner = envelope?.inner
    .split('/')
    .reduce<SourceNode | undefined>((node, name) => node?.children.find((child) => child.name === name), root)
  if (!envelope || !inner) return root
  return envelope.holds === 'base64' ? treeOf(bytesInside(inner.text ?? '').toString()) : inner
}

/** Namespaces and hints where a schema lies are no part of what is said. */
const says = ({ uri, value }: { uri: string; value: string }) =>
  value.trim() !== '' && !/^http:\/\/www\.w3\.org\/(2000\/xmlns\/|2001\/XMLSchema-instance)$/.test(uri)

function treeOf(xml: string): SourceNode {
  const parser = new SaxesParser({ xmlns: true, position: true })
  const open: Open[] = []
  let root: SourceNode | undefined
  parser.on('error', (error) => {
    throw error
  })
  parser.on('opentag', ({ local, attributes }) => {
    const above = open.at(-1)
    const line = parser.line
    const turn = (above?.seen.get(local) ?? 0) + 1
    above?.seen.set(local, turn)
    const node: SourceNode = {
      name: local,
      children: [],
      place: `${above?.node.place ?? ''}/${local}${turn > 1 ? `[${turn}]` : ''}`,
      line,
    }
    for (const one of Object.values(attributes))
      if (says(one))
        node.children.push({
          name: `@${one.local}`,
          text: one.value,
          children: [],
          place: `${node.place}/@${one.local}`,
          line,
        })
    above?.node.children.push(node)
    root ??= node
    open.push({ node, text: '', seen: new Map() })
  })
  const text = (part: string) => {
    const here = open.at(-1)
    if (here) here.text += part
  }
  parser.on('text', text)
  parser.on('cdata', text)
  parser.on('closetag', () => {
    const { node, text: said } = open.pop()!
    // Blanks between elements say nothing; neither does an empty element.
    if (said.trim() !== '') node.text = said
  })
  parser.write(xml).close()
  return root!
}
