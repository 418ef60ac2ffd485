// envelope — what some channels put around a message: the exchange platform's DxpMsg with the message as base64, the Nanjing channel's
// MFTMessage with the manifest as an element. The message inside is what is identified, checked and answered; the envelope is checked
// by its own XSD, kept, and sent on as it came.
import { Type, type Static } from 'typebox'
import { Bilingual } from './text.js'
import { nodesAt, readXml, valueAt, type XmlDocument } from './xml-reading.js'

const Path = Type.String({ minLength: 1, pattern: '^[^/].*$' })

export const Envelope = Type.Object({
  id: Type.String(),
  title: Bilingual,
  source: Type.String(),
  root: Type.String(),
  namespace: Type.String(),
  schema: Type.String({ description: 'Path below xsd/schemas' }),
  /** The element that holds the message: its text as base64, or the message's own root as an element. */
  inner: Path,
  holds: Type.Enum(['base64', 'element']),
  /** Correlation keys of the envelope, added to those of the message: what a transport receipt cites. */
  keys: Type.Optional(Type.Record(Type.String(), Path)),
})
export type Envelope = Static<typeof Envelope>

/**
 * The message inside an envelope as read off the hot path (receipts, the simulator); undefined when it is in none.
 * Matched by local name alone, as receipts are. @throws XmlReadError when what is inside cannot be read
 */
export function openEnvelope(document: XmlDocument, envelopes: readonly Envelope[]): XmlDocument | undefined {
  const envelope = envelopes.find(({ root, inner, holds }) => root === document.root && (holds === 'base64' ? (valueAt(document.tree, inner) ?? '') !== '' : nodesAt(document.tree, inner).length > 0))
  if (!envelope) return undefined
  if (envelope.holds === 'base64') return readXml(Buffer.from(valueAt(document.tree, envelope.inner)!, 'base64'))
  const [node] = nodesAt(document.tree, envelope.inner)
  return typeof node === 'object' ? { root: envelope.inner.replace(/^.*\//, ''), namespace: '', tree: node } : undefined
}
