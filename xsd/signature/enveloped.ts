// enveloped — the XML signature of a message (W3C XML Signature, enveloped, Canonical XML 1.0), as far as it is XML:
// what of a message is signed, and what a signature says it signed. Keys and digests are made elsewhere. The message's
// own bytes stay as they are: the signature is put before the end tag of the root, in the message's own encoding.
import { ParseOption, XmlDocument, XmlElement, type XmlNode } from 'libxml2-wasm'
import { decodeXml } from '../../messages/charset.js'
import { hasDoctype } from '../prolog.js'

const ds = 'http://www.w3.org/2000/09/xmldsig#'
export const canonicalXml = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315'
const envelopedSignature = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'

/** The bytes are no XML a signature can be put into, or read out of. */
export class SignatureFormError extends Error {
  override name = 'SignatureFormError'
}

export interface SignatureTemplate {
  /** URIs as XML Signature has them. */
  signatureMethod: string
  digestMethod: string
  /** The number of the certificate. */
  keyName: string
  /** Base64 of its DER; absent: it does not go with the signature. */
  certificate?: string
  digest: (bytes: Uint8Array) => Buffer
}

export interface Prepared {
  /** Canonical SignedInfo: what the key signs. */
  signedInfo: Buffer
  /** The message with the signature in its place. `value`: what the key made of it. */
  complete: (value: Buffer) => Buffer
}

/** A message that bears no signature yet, or an empty one, made ready. @throws SignatureFormError */
export function prepareSignature(message: Uint8Array, template: SignatureTemplate): Prepared {
  const bytes = withoutEmptySignature(message)
  const digest = withDocument(bytes, (doc) => template.digest(canonical(doc)))
  const at = endOfRoot(bytes)
  const complete = (value: Buffer): Buffer =>
    Buffer.concat([
      bytes.subarray(0, at),
      Buffer.from(signatureXml(template, digest, value.toString('base64')), 'latin1'),
      bytes.subarray(at),
    ])
  const signedInfo = withDocument(complete(Buffer.alloc(0)), (doc) =>
    canonical(childOf(signatureOf(doc)!, 'SignedInfo')),
  )
  return { signedInfo, complete }
}

function signatureXml(
  { signatureMethod, digestMethod, keyName, certificate }: SignatureTemplate,
  digest: Buffer,
  value: string,
) {
  const method = (name: string, uri: string, inside = '') =>
    `<ds:${name} Algorithm="${escaped(uri)}"${inside === '' ? '/>' : `>${inside}</ds:${name}>`}`
  const transforms = `<ds:Transforms>${method('Transform', envelopedSignature)}</ds:Transforms>`
  const reference = `<ds:Reference URI="">${transforms}${method('DigestMethod', digestMethod)}<ds:DigestValue>${digest.toString('base64')}</ds:DigestValue></ds:Reference>`
  const methods = method('CanonicalizationMethod', canonicalXml) + method('SignatureMethod', signatureMethod)
  const x509 = certificate ? `<ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data>` : ''
  return `<ds:Signature xmlns:ds="${ds}"><ds:SignedInfo>${methods}${reference}</ds:SignedInfo><ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo><ds:KeyName>${escaped(keyName)}</ds:KeyName>${x509}</ds:KeyInfo></ds:Signature>`
}

const escaped = (text: string) =>
  text
    .replace(/[&<"]/g, (c) => `&${{ '&': 'amp', '<': 'lt', '"': 'quot' }[c]};`)
    .replace(/[^ -~]/gu, (c) => `&#${c.codePointAt(0)};`)

export interface ReadSignature {
  signatureMethod: string
  digestMethod: string
  /** As the signature says it. */
  digest: Buffer
  value: Buffer
  keyName?: string
  /** DER. */
  certificate?: Buffer
  /** Canonical SignedInfo, which the value is of. */
  signedInfo: Buffer
  /** Canonical, the whole message without its signature: what the digest is of. */
  content: Buffer
}

/**
 * The signature of a message. It is the one child of the root, it is of the whole document and of nothing else, by the
 * transforms customs use: so what is signed is what is read (no signature wrapping). Undefined: there is none. @throws
 * SignatureFormError, says why where it is another.
 */
export function readSignature(message: Uint8Array): ReadSignature | undefined {
  return withDocument(Buffer.from(message), (doc) => {
    const found = elementsOf(doc.root).filter(isSignature)
    if (found.length === 0) return undefined
    if (found.length > 1) throw new SignatureFormError('it bears more than one signature')
    const signature = found[0]!
    const info = childOf(signature, 'SignedInfo')
    const references = elementsOf(info).filter(({ name }) => name === 'Reference')
    if (references.length !== 1) throw new SignatureFormError(`it signs ${references.length} things, not the message`)
    const reference = references[0]!
    const uri = reference.attr('URI')?.value
    if (uri !== '') throw new SignatureFormError(`it is of ${uri ?? 'nothing named'}, not of the whole message`)
    const transforms = elementsOf(childOf(reference, 'Transforms')).map((one) => one.attr('Algorithm')?.value)
    if (
      transforms[0] !== envelopedSignature ||
      transforms.length > 2 ||
      (transforms[1] ?? canonicalXml) !== canonicalXml
    )
      throw new SignatureFormError(`its transforms are ${transforms.join(', ')}; only enveloped-signature is taken`)
    const canonicalization = algorithm(info, 'CanonicalizationMethod')
    if (canonicalization !== canonicalXml)
      throw new SignatureFormError(`its canonicalization is ${canonicalization}; it must be ${canonicalXml}`)
    const keyInfo = elementsOf(signature).find(({ name }) => name === 'KeyInfo')
    const inside = (name: string) => keyInfo && textsOf(keyInfo, name)[0]
    const certificate = inside('X509Certificate')
    const keyName = inside('KeyName')?.trim()
    const signedInfo = canonical(info)
    const read = {
      signatureMethod: algorithm(info, 'SignatureMethod'),
      digestMethod: algorithm(reference, 'DigestMethod'),
      digest: base64(childOf(reference, 'DigestValue').content),
      value: base64(childOf(signature, 'SignatureValue').content),
      ...(keyName ? { keyName } : {}),
      ...(certificate ? { certificate: base64(certificate) } : {}),
      signedInfo,
    }
    signature.remove()
    return { ...read, content: canonical(doc) }
  })
}

function withDocument<T>(bytes: Buffer, work: (doc: XmlDocument) => T): T {
  const decoded = decodeXml(bytes)
  if ('fault' in decoded) throw new SignatureFormError(`its encoding ${decoded.encoding} cannot be read`)
  if (hasDoctype(decoded.utf8)) throw new SignatureFormError('it has a DOCTYPE')
  let doc: XmlDocument
  try {
    const option = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_BIG_LINES
    doc = XmlDocument.fromBuffer(decoded.utf8, {
      option: decoded.asDeclared ? option : option | ParseOption.XML_PARSE_IGNORE_ENC,
    })
  } catch {
    throw new SignatureFormError('it is not well-formed XML')
  }
  try {
    return work(doc)
  } finally {
    doc.dispose()
  }
}

/** Comments are no part of what is signed (XML Signature 1.1, 4.4.3.3: a reference to the same document). */
const canonical = (what: XmlDocument | XmlNode): Buffer =>
  Buffer.from(what.canonicalizeToString({ withComments: false }))

const isSignature = ({ name, namespaceUri }: XmlElement) => name === 'Signature' && namespaceUri === ds

const signatureOf = (doc: XmlDocument): XmlElement | undefined => elementsOf(doc.root).find(isSignature)

function elementsOf(parent: XmlElement): XmlElement[] {
  const found: XmlElement[] = []
  for (let node = parent.firstChild; node; node = node.next) if (node instanceof XmlElement) found.push(node)
  return found
}

function childOf(parent: XmlElement, name: string): XmlElement {
  const found = elementsOf(parent).filter((one) => one.name === name && one.namespaceUri === ds)
  if (found.length !== 1) throw new SignatureFormError(`its ${parent.name} has ${found.length} ${name}, not one`)
  return found[0]!
}

const algorithm = (parent: XmlElement, name: string): string => childOf(parent, name).attr('Algorithm')?.value ?? ''

const textsOf = (parent: XmlElement, name: string): string[] =>
  elementsOf(parent).flatMap((one) => (one.name === name ? [one.content] : textsOf(one, name)))

const base64 = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ''), 'base64')

/** Where the end tag of the root begins. In UTF-16 a signature of single bytes cannot be put. */
function endOfRoot(bytes: Buffer): number {
  const at = bytes.lastIndexOf('</')
  if (bytes.includes(0)) throw new SignatureFormError('it is in UTF-16; a signature is put into UTF-8 or GBK')
  if (at === -1) throw new SignatureFormError('its root is empty')
  return at
}

/** A place kept for the signature: the element without a value in it. */
function withoutEmptySignature(message: Uint8Array): Buffer {
  const bytes = Buffer.from(message)
  const signature = withDocument(bytes, (doc) => {
    const found = signatureOf(doc)
    const value = found && elementsOf(found).find(({ name }) => name === 'SignatureValue')
    return found && { filled: (value?.content.trim() ?? '') !== '' }
  })
  if (!signature) return bytes
  if (signature.filled) throw new SignatureFormError('it bears a signature already')
  const text = bytes.toString('latin1')
  const empty = /<((?:[\w.-]+:)?Signature)(?=[\s/>])(?:[^>]*\/>|[\s\S]*?<\/\1\s*>)/g
  const places = [...text.matchAll(empty)]
  if (places.length !== 1) throw new SignatureFormError('the place of its signature cannot be told')
  const { index, 0: whole } = places[0]!
  return Buffer.concat([bytes.subarray(0, index), bytes.subarray(index + whole.length)])
}
