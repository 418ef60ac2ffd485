// reading-leaves — documents made ready for questions: XML in one pass over its bytes, anything else from its tree. A
// tree of XML costs many times as much, and most of it is never asked for.
import { utf8Of, type XmlNode, type XmlValue } from '../xml-reading.js'
import {
  endOfCdata,
  endOfComment,
  endOfEndTag,
  endOfInstruction,
  endOfTag,
  isCdata,
  isComment,
  isDeclaration,
  isEmptyTag,
  isEndTag,
  isInstruction,
  nextTag,
  readName,
  type TagName,
} from '../xml-tags.js'
import { readText } from '../xml-text.js'
import {
  after,
  attributes,
  createLeaves,
  from,
  mixedText,
  noText,
  plainText,
  stride,
  text,
  to,
  type Leaves,
  type LeafValue,
} from './leaves.js'
import { Paths, type Path } from './paths.js'

const mostDepth = 256
/** A document's elements are many; of more than this the first ones are known. */
const mostElements = 200_000

let known = new Paths()
/** Learnt anew once there are many; documents read before keep those they were read with. */
const learning = (): Paths => (known.many ? (known = new Paths()) : known)

/** Used by one document at a time; as long as the longest that was read. */
const outline: number[] = []

/**
 * @param bytes of a document somebody has found well-formed; of another one, what can be made out of it
 * @returns undefined where nothing can, or where it has a DOCTYPE
 */
export function leavesOfXml(bytes: Uint8Array): Leaves | undefined {
  const page = utf8Of(bytes)
  const paths = learning()
  const name: TagName = { from: 0, to: 0, hash: 0 }
  let length = 0
  /** Elements that have not ended: where their numbers begin, and whether there is text of their own in them. */
  const open: number[] = []
  const texts: boolean[] = []
  const end = (at: number) => {
    const begun = open.pop()!
    const has = texts.pop()!
    outline[begun + to] = at
    outline[begun + text] = !has ? noText : length > begun + stride ? mixedText : plainText
    outline[begun + after] = length
  }
  let here = paths.root
  let i = nextTag(page, 0)
  while (i >= 0) {
    if (isEndTag(page, i)) {
      if (open.length === 0) return undefined
      end(i)
      if (open.length === 0) break
      here = here.above!
      i = endOfEndTag(page, i)
    } else if (isDeclaration(page, i)) {
      if (isComment(page, i)) i = endOfComment(page, i)
      else if (!isCdata(page, i) || open.length === 0) return undefined
      else {
        texts[texts.length - 1] = true
        i = endOfCdata(page, i)
      }
    } else if (isInstruction(page, i)) i = endOfInstruction(page, i)
    else {
      const tag = readName(page, i + 1, name)
      const above: Path = here
      if (open.length > 0) here = paths.belowSpelt(above, name, page)
      i = endOfTag(page, tag)
      if (i < 0) return undefined
      if (open.length >= mostDepth) return undefined
      open.push(length)
      texts.push(false)
      outline[length] = here.id
      outline[length + from] = outline[length + to] = i + 1
      outline[length + attributes] = i > tag + 1 ? tag : 0
      outline[length + text] = noText
      outline[length + after] = 0
      length += stride
      if (isEmptyTag(page, i)) {
        end(i + 1)
        if (open.length === 0) break
        here = above
      }
      if (length >= mostElements * stride || paths.full) break
    }
    if (i < 0) return undefined
    const began = ++i
    i = nextTag(page, i)
    if (texts.length > 0 && !texts[texts.length - 1] && !isBlank(page, began, i < 0 ? page.length : i))
      texts[texts.length - 1] = true
  }
  if (length === 0) return undefined
  while (open.length > 0) end(page.length)
  const read = outline.slice(0, length)
  return createLeaves(paths, read, (at) => valueAt(page, read, at))
}

function isBlank(page: Buffer, from: number, to: number): boolean {
  while (from < to && page[from]! <= 0x20) from++
  return from >= to
}

function valueAt(page: Buffer, outline: readonly number[], at: number): LeafValue | undefined {
  const [start, end] = [outline[at + from]!, outline[at + to]!]
  const said = outline[at + text] === mixedText ? ownText(page, outline, at) : readText(page, start, end, false)
  const trimmed = said.trim()
  if (trimmed === '') return undefined
  const tag = outline[at + attributes]!
  const beside = tag === 0 ? undefined : besideIn(page.toString('utf8', tag, start - 1))
  return { text: trimmed, ...(beside === undefined ? {} : { beside }) }
}

/** Without what is said by the elements in it. */
function ownText(page: Buffer, outline: readonly number[], at: number): string {
  let said = ''
  let start = outline[at + from]!
  for (let child = at + stride; child < outline[at + after]!; child = outline[child + after]!) {
    const inside = outline[child + from]!
    said += readText(page, start, page.lastIndexOf('<', inside - 2), false)
    start = isEmptyTag(page, inside - 1) ? inside : endOfEndTag(page, outline[child + to]!) + 1
  }
  return said + readText(page, start, outline[at + to]!, false)
}

const besideAttribute = /(?:^|\s)(?:(?!xmlns:)[^\s:="']*:)?(currency|unit)\s*=\s*(?:"([^"]*)"|'([^']*)')/g

/** @param tag what stands behind the name of the element */
function besideIn(tag: string): string | undefined {
  const said = new Map<string, string>()
  for (const [, name, one, other] of tag.matchAll(besideAttribute)) {
    const bytes = Buffer.from(one ?? other ?? '')
    said.set(name!, readText(bytes, 0, bytes.length, true))
  }
  return said.get('currency') ?? said.get('unit')
}

/** @param tree as readXml gives it */
export function leavesOf(tree: XmlNode): Leaves {
  const paths = learning()
  const read: number[] = []
  const values: LeafValue[] = []
  const walk = (node: XmlValue, here: Path): void => {
    if (Array.isArray(node)) {
      for (const one of node) walk(one, here)
      return
    }
    if (read.length >= mostElements * stride || paths.full) return
    const said = typeof node === 'string' ? node : node['#text']
    const begun = read.length
    read.push(here.id, values.length, 0, 0, noText, 0)
    if (typeof said === 'string' && said !== '') {
      const beside = typeof node === 'string' ? undefined : (node['@currency'] ?? node['@unit'])
      values.push({ text: said, ...(typeof beside === 'string' ? { beside } : {}) })
      read[begun + text] = plainText
    }
    if (typeof node !== 'string')
      for (const child in node)
        if (child !== '#text' && !child.startsWith('@')) walk(node[child]!, paths.below(here, child))
    read[begun + after] = read.length
  }
  walk(tree, paths.root)
  return createLeaves(paths, read, (at) => values[read[at + from]!])
}
