// enveloped — the XML signature of a message (W3C XML Signature, enveloped, Canonical XML 1.0), as far as it is XML:
// what of a message is signed, and where the signature is put. Keys and digests are made elsewhere. The message's own
// bytes stay as they are: the signature is put before the end tag of the root, in the message's own encoding.
import { canonical, canonicalXml, childOf, ds, elementsOf, envelopedSignature, isSignature } from './nodes.js'
import { SignatureFormError, withDocument } from './nodes.js'
import type { XmlDocument, XmlElement } from 'libxml2-wasm'

/** What a signature says beside its digest and value. */
interface SignatureTemplate {
  /** URIs as XML Signature has them. */
  signatureMethod: string
  digestMethod: string
  /** The number of the certificate. */
  keyName: string
  /** Base64 of its DER; absent: it does not go with the signature. */
  certificate?: string
  digest: (bytes: Uint8Array) => Buffer
}

/** Two steps, for the key may be on another machine: sign `signedInfo`, then `complete` the message. */
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
  const reference =
    `<ds:Reference URI="">${transforms}${method('DigestMethod', digestMethod)}<ds:DigestValue>` +
    `${digest.toString('base64')}</ds:DigestValue></ds:Reference>`
  const methods = method('CanonicalizationMethod', canonicalXml) + method('SignatureMethod', signatureMethod)
  const x509 = certificate ? `<ds:X509Data><ds:X509Certificate>${certificate}</ds:X509Certificate></ds:X509Data>` : ''
  return (
    `<ds:Signature xmlns:ds="${ds}"><ds:SignedInfo>${methods}${reference}</ds:SignedInfo>` +
    `<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo>` +
    `<ds:KeyName>${escaped(keyName)}</ds:KeyName>${x509}</ds:KeyInfo></ds:Signature>`
  )
}

const escaped = (text: string) =>
  text
    .replace(/[&<"]/g, (c) => `&${{ '&': 'amp', '<': 'lt', '"': 'quot' }[c]};`)
    .replace(/[^ -~]/gu, (c) => `&#${c.codePointAt(0)};`)

const signatureOf = (doc: XmlDocument): XmlElement | undefined => elementsOf(doc.root).find(isSignature)

/** Where the end tag of the root begins. In UTF-16 a signature of single bytes cannot be put. */
function endOfRoot(bytes: Buffer): number {
  const at = bytes.lastIndexOf('</')
  if (bytes.includes(0))
    throw new SignatureFormError(
      'it is in UTF-16; a signature is put into UTF-8 or GBK',
      '报文为 UTF-16 编码，仅可对 UTF-8 或 GBK 报文加签',
    )
  if (at === -1) throw new SignatureFormError('its root is empty', '根元素为空')
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
  if (signature.filled) throw new SignatureFormError('it bears a signature already', '报文已有签名')
  const text = bytes.toString('latin1')
  const place = onlySignature(text)
  if (!place) throw new SignatureFormError('the place of its signature cannot be told', '无法确定签名位置')
  return Buffer.concat([bytes.subarray(0, place.from), bytes.subarray(place.to)])
}

/**
 * Where the one element of this name stands in the text; undefined when something else looks like one: a comment, say.
 * Looked for from left to right, once: a message may hold a hundred thousand beginnings of it that do not end.
 */
function onlySignature(text: string): { from: number; to: number } | undefined {
  const opening = /<((?:[\w.-]+:)?Signature)(?=[\s/>])/g
  const found = opening.exec(text)
  if (!found) return undefined
  const from = found.index
  const tagEnd = text.indexOf('>', from)
  let to = tagEnd + 1
  if (text[tagEnd - 1] !== '/') {
    const closing = new RegExp(`</${found[1]!.replaceAll('.', '\\.')}\\s*>`, 'g')
    closing.lastIndex = to
    if (!closing.exec(text)) return undefined
    to = closing.lastIndex
  }
  opening.lastIndex = to
  return opening.exec(text) ? undefined : { from, to }
}
