// envelope — what some channels put around a message: the exchange platform's DxpMsg with the message as base64, the
// Nanjing channel's MFTMessage with the manifest as an element. The message inside is what is identified, checked and
// answered; the envelope is checked by its own XSD, kept, and sent on as it came. Some senders zip the message before
// they write it as base64.
import { Type, type Static } from 'typebox'
import { looksZipped, onlyFileOf } from './one-file-zip.js'
import { Bilingual } from './text.js'
import { nodesAt, readXml, valueAt, type XmlDocument } from './xml-reading.js'

const Path = Type.String({ minLength: 1, pattern: '^[^/].*$' })

/** What may stand around a message (DxpMsg): an entry of a pack's family.yaml. */
export const Envelope = Type.Object({
  id: Type.String(),
  title: Bilingual,
  source: Type.String(),
  root: Type.String(),
  namespace: Type.String(),
  schema: Type.String({ description: 'Name below the schemas/ of its pack' }),
  /** The element that holds the message: its text as base64, or the message's own root as an element. */
  inner: Path,
  holds: Type.Enum(['base64', 'element']),
  /** Correlation keys of the envelope, added to those of the message: what a transport receipt cites. */
  keys: Type.Optional(Type.Record(Type.String(), Path)),
})
export type Envelope = Static<typeof Envelope>

/** No message is larger, zipped or not. */
const MOST = 32 * 1024 * 1024

/** The bytes that stand as base64 in an envelope; out of their zip, if they are the one file of one. */
export function bytesInside(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64')
  return (looksZipped(bytes) ? onlyFileOf(bytes, MOST) : undefined) ?? bytes
}

/**
 * The message inside an envelope as read off the hot path (receipts, the simulator); undefined when it is in none.
 * Matched by local name alone, as receipts are. @throws XmlReadError when what is inside cannot be read
 */
export function openEnvelope(document: XmlDocument, envelopes: readonly Envelope[]): XmlDocument | undefined {
  const envelope = envelopes.find(
    ({ root, inner, holds }) =>
      root === document.root &&
      (holds === 'base64' ? (valueAt(document.tree, inner) ?? '') !== '' : nodesAt(document.tree, inner).length > 0),
  )
  if (!envelope) return undefined
  if (envelope.holds === 'base64') return readXml(bytesInside(valueAt(document.tree, envelope.inner)!))
  const [node] = nodesAt(document.tree, envelope.inner)
  return typeof node === 'object' ? { root: envelope.inner.replace(/^.*\//, ''), namespace: '', tree: node } : undefined
}
