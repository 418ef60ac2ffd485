// xml-reading — bytes of one XML document → a plain tree by local names, and values by path. For what comes off the hot
// path: agencies' receipts, and the simulator. Strict where half a document could pass for a whole one (not
// well-formed: not read), lenient where agencies are (namespaces, a wrong encoding declaration, blanks before the
// declaration).
import { isUtf8 } from 'node:buffer'
import { SaxesParser } from 'saxes'
import { atOnce } from './turns.js'

/**
 * An element: attributes as `@name`, children by local name (an array when repeated), text beside either as `#text`.
 */
export interface XmlElement {
  [name: string]: XmlValue
}
/** A leaf without attributes is its text. */
export type XmlNode = string | XmlElement
/** An element, or all of one name. */
export type XmlValue = XmlNode | XmlNode[]

/** A document that was read whole. */
export interface XmlDocument {
  /** Local name of the root. */
  root: string
  /** Namespace of the root, '' for none. */
  namespace: string
  tree: XmlElement
}

/** The bytes are no document this reader takes. */
export class XmlReadError extends Error {
  override name = 'XmlReadError'
}

const MAX_DEPTH = 256

/**
 * Reads a document. Character references and the five named entities are resolved; a DOCTYPE is refused, so there are
 * no others. Text is trimmed; blanks between elements vanish.
 * @throws XmlReadError for anything that is not one well-formed document, or is nested deeper than 256 levels.
 */
export const readXml = (bytes: Uint8Array): XmlDocument => atOnce(readingXml(bytes))

/** Characters that are read between two steps of readingXml: a millisecond or two. */
const stepLength = 64 * 1024

/** The same as a work that can be interrupted (messages/turns.ts). */
export function* readingXml(bytes: Uint8Array): Generator<void, XmlDocument, void> {
  const parser = new SaxesParser({ position: false })
  const open: { name: string; element: XmlElement; text: string }[] = []
  let document: XmlDocument | undefined

  parser.on('error', (error) => {
    throw new XmlReadError(error.message)
  })
  parser.on('doctype', () => {
    throw new XmlReadError('a DOCTYPE is not allowed')
  })
  parser.on('opentag', (tag) => {
    if (open.length >= MAX_DEPTH) throw new XmlReadError(`nested deeper than ${MAX_DEPTH} levels`)
    // No prototype: a document may name an element `constructor` or `__proto__`.
    const element = Object.create(null) as XmlElement
    for (const [name, value] of Object.entries(tag.attributes as Record<string, string>)) {
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) element[`@${local(name)}`] = value
    }
    if (open.length === 0)
      document = {
        root: local(tag.name),
        namespace: namespaceOf(tag.name, tag.attributes as Record<string, string>),
        tree: element,
      }
    open.push({ name: local(tag.name), element, text: '' })
  })
  const text = (part: string) => {
    if (open.length > 0) open.at(-1)!.text += part
  }
  parser.on('text', text)
  parser.on('cdata', text)
  parser.on('closetag', () => {
    const { name, element, text } = open.pop()!
    const value = text.trim()
    const parent = open.at(-1)?.element
    if (parent && Object.keys(element).length === 0) return add(parent, name, value)
    if (value !== '') element['#text'] = value
    if (parent) add(parent, name, element)
  })

  try {
    const whole = decodeXml(bytes).trimStart()
    for (let at = 0; at < whole.length; at += stepLength) {
      parser.write(whole.slice(at, at + stepLength))
      yield
    }
    parser.close()
  } catch (error) {
    throw error instanceof XmlReadError
      ? error
      : new XmlReadError(error instanceof Error ? error.message : String(error))
  }
  if (!document) throw new XmlReadError('there is no element in it')
  return document
}

function add(parent: XmlElement, name: string, node: XmlNode): void {
  const there = parent[name]
  if (there === undefined) parent[name] = node
  else if (Array.isArray(there)) there.push(node)
  else parent[name] = [there, node]
}

const local = (name: string) => name.slice(name.indexOf(':') + 1)

function namespaceOf(name: string, attributes: Record<string, string>): string {
  const colon = name.indexOf(':')
  return attributes[colon < 0 ? 'xmlns' : `xmlns:${name.slice(0, colon)}`] ?? ''
}

/**
 * The characters of an XML document: by its byte order mark, else by its declaration, else UTF-8. GBK and GB2312 are
 * read as GB18030, which holds both. Bytes that do not fit what they declare are tried as GB18030 before they are given
 * up: the numbers a receipt cites are ASCII in both.
 * @throws XmlReadError when no reading fits.
 */
export function decodeXml(bytes: Uint8Array): string {
  const declared = encodingOf(bytes)
  for (const encoding of new Set([declared, 'gb18030'])) {
    try {
      return new TextDecoder(encoding, { fatal: true }).decode(bytes)
    } catch {
      // The next one.
    }
  }
  throw new XmlReadError(`the bytes are not in the encoding ${declared}`)
}

/**
 * The same characters as UTF-8; the bytes themselves where they are.
 * @throws XmlReadError when no reading fits.
 */
export function utf8Of(bytes: Uint8Array): Buffer {
  if (encodingOf(bytes) === 'utf-8' && isUtf8(bytes))
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Buffer.from(decodeXml(bytes))
}

function encodingOf(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8'
  if (bytes[0] === 0x3c && bytes[1] === 0x00) return 'utf-16le'
  if (bytes[0] === 0x00 && bytes[1] === 0x3c) return 'utf-16be'
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(200, bytes.length)).toString('latin1')
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(head)?.[1]?.toLowerCase() ?? 'utf-8'
  // A document whose declaration can be read byte by byte is not in UTF-16, whatever it says.
  if (declared.startsWith('utf-16')) return 'utf-8'
  return /^(gb|cp936|ms936|x-gbk)/.test(declared) ? 'gb18030' : declared
}

/** Every node a path leads to, in document order. Path syntax: messages/document-type.ts; `.` is the node itself. */
export function nodesAt(from: XmlNode, path: string): XmlNode[] {
  let nodes: XmlNode[] = [from]
  for (const step of stepsOf(path)) {
    nodes = nodes.flatMap<XmlNode>((node) => {
      const found = typeof node === 'string' ? undefined : node[step]
      return found === undefined ? [] : found
    })
  }
  return nodes
}

const knownSteps = new Map<string, string[]>()
function stepsOf(path: string): string[] {
  let steps = knownSteps.get(path)
  if (!steps)
    knownSteps.set(
      path,
      (steps = path
        .replace(/(?<=[^/])@/g, '/@')
        .split('/')
        .filter((step) => step !== '' && step !== '.')),
    )
  return steps
}

/** The text of every node a path leads to; '' for an element that holds elements only. */
export function valuesAt(from: XmlNode, path: string): string[] {
  return nodesAt(from, path).map((node) =>
    typeof node === 'string' ? node : typeof node['#text'] === 'string' ? node['#text'] : '',
  )
}

/** The text of the first node a path leads to; undefined when there is none. */
export function valueAt(from: XmlNode, path: string): string | undefined {
  return valuesAt(from, path)[0]
}

/**
 * What a key's path says: every value it leads to, or of `A+B` the first of each as one value; none when one of them is
 * missing.
 */
export function keyValues(path: string, at: (path: string) => string[]): string[] {
  const parts = path.split('+')
  if (parts.length === 1) return at(path)
  const values = parts.map((part) => at(part)[0]?.trim() ?? '')
  return values.includes('') ? [] : [values.join('|')]
}
