// nodes — the XML that a signature is made of and found in: parsed once, in any encoding, without a DOCTYPE; its
// elements by name and namespace; its canonical form.
import { ParseOption, XmlDocument, XmlElement, type XmlNode } from 'libxml2-wasm'
import { decodeXml } from '../../messages/charset.js'
import { hasDoctype } from '../prolog.js'

/** The namespace of W3C XML Signature. */
export const ds = 'http://www.w3.org/2000/09/xmldsig#'
/** Canonical XML 1.0, without comments. */
export const canonicalXml = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
/**
 * The transform that leaves the signature itself out of what it signs. Source: W3C XML Signature Syntax and Processing,
 * 6.6.4.
 */
export const envelopedSignature = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

/** The bytes are no XML a signature can be put into, or read out of. */
export class SignatureFormError extends Error {
  override name = 'SignatureFormError'
  constructor(
    message: string,
    /** The same in Chinese. */
    readonly zh: string,
  ) {
    super(message)
  }
}

/**
 * Canonical form sorts what an element has in scope: its cost grows with the square of these. No published message
 * comes near.
 */
const mostPrefixes = 64
const mostAttributes = 256

function mustHaveFewPrefixes(utf8: Uint8Array): void {
  const text = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength).toString('latin1')
  const prefixes = new Set<string>()
  for (const [, prefix] of text.matchAll(/xmlns:([^\s=]{1,200})/g))
    if (prefixes.add(prefix!).size > mostPrefixes)
      throw new SignatureFormError(
        `it declares more than ${mostPrefixes} namespace prefixes`,
        `命名空间前缀超过 ${mostPrefixes} 个`,
      )
}

function mustHaveFewAttributes(doc: XmlDocument): void {
  if (doc.get(`//*[count(@*) > ${mostAttributes}]`))
    throw new SignatureFormError(
      `an element has more than ${mostAttributes} attributes`,
      `有元素的属性超过 ${mostAttributes} 个`,
    )
}

/** @throws SignatureFormError, when the bytes are no XML that is taken; what `work` throws */
export function withDocument<T>(bytes: Buffer, work: (doc: XmlDocument) => T): T {
  const decoded = decodeXml(bytes)
  if ('fault' in decoded)
    throw new SignatureFormError(`its encoding ${decoded.encoding} cannot be read`, `无法识别编码 ${decoded.encoding}`)
  if (hasDoctype(decoded.utf8)) throw new SignatureFormError('it has a DOCTYPE', '报文含有 DOCTYPE')
  mustHaveFewPrefixes(decoded.utf8)
  let doc: XmlDocument
  try {
    const option = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_BIG_LINES
    doc = XmlDocument.fromBuffer(decoded.utf8, {
      option: decoded.asDeclared ? option : option | ParseOption.XML_PARSE_IGNORE_ENC,
    })
  } catch {
    throw new SignatureFormError('it is not well-formed XML', '报文不是格式良好的 XML')
  }
  try {
    mustHaveFewAttributes(doc)
    return work(doc)
  } finally {
    doc.dispose()
  }
}

/** Comments are no part of what is signed (XML Signature 1.1, 4.4.3.3: a reference to the same document). */
export function canonical(what: XmlDocument | XmlNode): Buffer {
  let text: string
  try {
    text = what.canonicalizeToString({ withComments: false })
  } catch {
    // Canonical XML 1.0 has no form for a namespace that is a relative URI.
    throw new SignatureFormError(
      'it has no canonical form (a namespace is a relative URI)',
      '命名空间为相对 URI，无法规范化',
    )
  }
  return Buffer.from(text)
}

/** Whether the element is a `ds:Signature`, whatever its prefix is. */
export const isSignature = ({ name, namespaceUri }: XmlElement) => name === 'Signature' && namespaceUri === ds

/** The elements right below this one; texts and comments are passed over. */
export function elementsOf(parent: XmlElement): XmlElement[] {
  const found: XmlElement[] = []
  for (let node = parent.firstChild; node; node = node.next) if (node instanceof XmlElement) found.push(node)
  return found
}

/** The one child of this name, in the namespace of signatures. @throws SignatureFormError where there is not one */
export function childOf(parent: XmlElement, name: string): XmlElement {
  const found = elementsOf(parent).filter((one) => one.name === name && one.namespaceUri === ds)
  if (found.length !== 1)
    throw new SignatureFormError(
      `its ${parent.name} has ${found.length} ${name}, not one`,
      `${parent.name} 中有 ${found.length} 个 ${name}，应为一个`,
    )
  return found[0]!
}
