// inner-element — the element of an envelope that holds the message: found in one way by whoever checks the message and
// by whoever checks its signature, so that both mean the same.
import { XmlElement, type XmlDocument } from 'libxml2-wasm'
import type { Envelope } from '../messages/envelope.js'

/** The first element of this local name, in any namespace; undefined where there is none. */
export function innerElement(doc: XmlDocument, { inner }: Pick<Envelope, 'inner'>): XmlElement | undefined {
  const steps = inner.split('/').map((name) => `*[local-name()="${name}"]`)
  const node = doc.get(`/*/${steps.join('/')}`)
  return node instanceof XmlElement ? node : undefined
}
