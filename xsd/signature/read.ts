// read — the signature that a message bears, and exactly what of the message it is of. Two forms are taken: enveloped
// (the signature is a child of the root and of the whole document) and, where the root itself is the signature as in
// the bonded messages, of its one Object. What is signed is then all that is read of the message, so nothing can be
// moved, doubled or wrapped around it (signature wrapping).
import { XmlAttribute, XmlElement, type XmlDocument } from 'libxml2-wasm'
import {
  canonical,
  canonicalXml,
  childOf,
  ds,
  elementsOf,
  envelopedSignature,
  isSignature,
  SignatureFormError,
  withDocument,
} from './nodes.js'

/** A signature taken apart. Nothing is verified yet: digest and value are as the sender wrote them. */
export interface ReadSignature {
  signatureMethod: string
  digestMethod: string
  /** As the signature says it. */
  digest: Buffer
  value: Buffer
  keyName?: string
  /** DER, in their order. */
  certificates: Buffer[]
  /** Canonical SignedInfo, which the value is of. */
  signedInfo: Buffer
  /** Canonical, what the digest is of: the whole message without its signature, or the Object that the message is. */
  content: Buffer
}

/** Where the signature stands, or would: for whoever is told what is wrong with it. */
export interface SignaturePlace {
  path: string
  line?: number
}

/** What a message bears; `form`: a signature that is none of the two forms, and why. */
type FoundSignature =
  | { found: 'none'; place: SignaturePlace }
  | { found: 'form'; place: SignaturePlace; en: string; zh: string }
  | { found: 'signature'; place: SignaturePlace; signature: ReadSignature }

/** @throws SignatureFormError, when the bytes are no XML */
export function readSignature(message: Uint8Array): FoundSignature {
  return withDocument(Buffer.from(message), (doc) => {
    const { root } = doc
    const all = doc.find('//*[local-name()="Signature"]').filter((one) => one instanceof XmlElement)
    const found = all.filter(isSignature)
    const first = found[0] ?? (root.name === 'Signature' ? root : undefined)
    const path = root.name === 'Signature' ? '/Signature' : `/${root.name}/Signature`
    const place: SignaturePlace = { path, ...(first ? { line: first.line } : {}) }
    try {
      const signature = soundSignature(doc, found)
      return signature ? { found: 'signature', place, signature } : { found: 'none', place }
    } catch (error) {
      if (!(error instanceof SignatureFormError)) throw error
      return { found: 'form', place, en: error.message, zh: error.zh }
    }
  })
}

function soundSignature(doc: XmlDocument, found: XmlElement[]): ReadSignature | undefined {
  const { root } = doc
  if (root.name === 'Signature' && root.namespaceUri === '') {
    // The Single Window client takes its files without the namespace; it signs them itself.
    if (valueIn(root) !== '') throw fault('its Signature is in no namespace', '签名没有 xmldsig 命名空间')
    if (found.length === 0) return undefined
  }
  if (found.length === 0) return undefined
  if (found.length > 1) throw fault(`it bears ${found.length} signatures, not one`, `报文有 ${found.length} 个签名`)
  const signature = found[0]!
  const enveloping = isSignature(root)
  if (!enveloping && !elementsOf(root).some(isSignature))
    throw fault('its signature does not stand directly below the root', '签名不在根元素之下')
  if (valueIn(signature) === '') return undefined
  mustHold(signature, ['SignedInfo', 'SignatureValue', 'KeyInfo', ...(enveloping ? ['Object'] : [])])
  const info = childOf(signature, 'SignedInfo')
  mustHold(info, ['CanonicalizationMethod', 'SignatureMethod', 'Reference'])
  const references = elementsOf(info).filter(({ name }) => name === 'Reference')
  if (references.length !== 1)
    throw fault(
      `it signs ${references.length} things, not the message`,
      `签名引用了 ${references.length} 处，应为报文本身`,
    )
  const reference = references[0]!
  mustHold(reference, ['Transforms', 'DigestMethod', 'DigestValue'])
  const canonicalization = algorithm(info, 'CanonicalizationMethod')
  if (canonicalization !== canonicalXml)
    throw fault(
      `its canonicalization is ${canonicalization}; it must be ${canonicalXml}`,
      `规范化算法为 ${canonicalization}，应为 ${canonicalXml}`,
    )
  const object = enveloping ? signedObject(doc, signature, reference) : undefined
  if (!object) mustBeOfAll(reference)
  mustTransform(reference, object ? [] : [envelopedSignature])
  const keyInfo = elementsOf(signature).find(({ name }) => name === 'KeyInfo')
  const inside = (name: string) => (keyInfo ? textsOf(keyInfo, name) : [])
  const keyName = inside('KeyName')[0]?.trim()
  const read = {
    signatureMethod: algorithm(info, 'SignatureMethod'),
    digestMethod: algorithm(reference, 'DigestMethod'),
    digest: base64(childOf(reference, 'DigestValue').content),
    value: base64(childOf(signature, 'SignatureValue').content),
    ...(keyName ? { keyName } : {}),
    certificates: inside('X509Certificate').map(base64),
    signedInfo: canonical(info),
  }
  if (object) return { ...read, content: canonical(object) }
  signature.remove()
  return { ...read, content: canonical(doc) }
}

const fault = (en: string, zh: string) => new SignatureFormError(en, zh)

const valueIn = (signature: XmlElement): string =>
  elementsOf(signature)
    .find(({ name }) => name === 'SignatureValue')
    ?.content.trim() ?? ''

/** Nothing else stands in it, where something could be hidden that is not signed and is read. */
function mustHold(parent: XmlElement, names: readonly string[]): void {
  const stranger = elementsOf(parent).find((one) => one.namespaceUri !== ds || !names.includes(one.name))
  if (stranger) throw fault(`its ${parent.name} holds ${stranger.name}`, `${parent.name} 中不得有 ${stranger.name}`)
}

function mustBeOfAll(reference: XmlElement): void {
  const uri = reference.attr('URI')?.value
  if (uri !== '')
    throw fault(`it is of ${uri ?? 'nothing named'}, not of the whole message`, `签名引用“${uri ?? ''}”，应为整个报文`)
}

/** The one Object of a signature that is the root; the id is its own and nobody else's. */
function signedObject(doc: XmlDocument, signature: XmlElement, reference: XmlElement): XmlElement {
  const object = childOf(signature, 'Object')
  const id = object.attr('Id')?.value ?? ''
  const uri = reference.attr('URI')?.value ?? ''
  // Customs publish the id without the `#` that the standard has.
  if (id === '' || (uri !== `#${id}` && uri !== id))
    throw fault(`it is of “${uri}”, not of its Object “${id}”`, `签名引用“${uri}”，应为 Object“${id}”`)
  const ids = doc.find('//@*[local-name()="Id" or local-name()="ID" or local-name()="id"]')
  const same = ids.filter((one) => one instanceof XmlAttribute && one.value === id)
  if (same.length !== 1) throw fault(`the id “${id}” stands ${same.length} times`, `标识“${id}”出现 ${same.length} 次`)
  return object
}

/** These and, after them, Canonical XML at most. */
function mustTransform(reference: XmlElement, wanted: readonly string[]): void {
  const transforms = elementsOf(reference).filter(({ name }) => name === 'Transforms')
  const said = transforms.flatMap((one) => (mustHold(one, ['Transform']), elementsOf(one)))
  const uris = said.map((one) => (mustBeEmpty(one), one.attr('Algorithm')?.value ?? ''))
  const rest = uris.slice(wanted.length)
  if (!wanted.every((uri, i) => uris[i] === uri) || rest.length > 1 || rest.some((uri) => uri !== canonicalXml))
    throw fault(
      `its transforms are ${uris.join(', ') || 'none'}; only ${wanted[0] ?? canonicalXml} is taken`,
      `变换算法为 ${uris.join('、') || '无'}，只接受 ${wanted[0] ?? canonicalXml}`,
    )
}

/** An algorithm with parameters is another algorithm (XPath, HMACOutputLength). */
function mustBeEmpty(method: XmlElement): void {
  if (elementsOf(method).length > 0) throw fault(`its ${method.name} has parameters`, `${method.name} 不得带参数`)
}

function algorithm(parent: XmlElement, name: string): string {
  const method = childOf(parent, name)
  mustBeEmpty(method)
  return method.attr('Algorithm')?.value ?? ''
}

const textsOf = (parent: XmlElement, name: string): string[] =>
  elementsOf(parent).flatMap((one) =>
    one.name === name && one.namespaceUri === ds ? [one.content] : textsOf(one, name),
  )

const base64 = (text: string): Buffer => Buffer.from(text.replace(/\s+/g, ''), 'base64')
