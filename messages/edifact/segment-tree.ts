// segment-tree — an EDIFACT message as a plain tree, for reading what agencies answer and what a simulated one is sent:
// every segment under its tag and under tag and qualifier, its values under `element:component`. Needs no directory;
// checks nothing.
import type { XmlDocument, XmlElement } from '../xml-reading.js'
import type { EdifactMessage } from './envelope.js'
import { readInterchanges, type ReaderOptions } from './reader.js'
import { significant, value, type Segment } from './segment.js'

/** `M_CUSRES`: the root of a message of this type, as in its XML. */
const rootOf = (type: string) => `M_${type}`

/**
 * The first message of an interchange: paths into it are those of segment-path.ts, `RFF[ABO]/1:2`.
 * @throws TypeError when there is no message in the bytes
 */
export function readSegmentTree(bytes: Uint8Array, options: Pick<ReaderOptions, 'charset'> = {}): XmlDocument {
  for (const { messages } of readInterchanges(bytes, options)) {
    const [message] = messages
    if (message) return documentOf(message)
  }
  throw new TypeError('there is no EDIFACT message in it')
}

function documentOf({ interchange, id, segments }: EdifactMessage): XmlDocument {
  const tree = Object.create(null) as XmlElement
  for (const s of [interchange.unb, ...segments]) {
    const node = valuesOf(s)
    const qualifier = significant(value(s, 1))
    add(tree, s.tag, node)
    if (qualifier !== '') add(tree, `${s.tag}[${qualifier}]`, node)
  }
  return { root: rootOf(id.type), namespace: `urn:singlewindow:edifact:${id.type}`, tree }
}

function valuesOf(s: Segment): XmlElement {
  const node = Object.create(null) as XmlElement
  s.elements.forEach((element, e) => {
    element[0]?.forEach((text, c) => {
      const said = significant(text)
      if (said !== '') node[`${e + 1}:${c + 1}`] = said
    })
  })
  return node
}

function add(tree: XmlElement, name: string, node: XmlElement): void {
  const there = tree[name]
  if (there === undefined) tree[name] = node
  else if (Array.isArray(there)) there.push(node)
  else tree[name] = [there, node]
}
