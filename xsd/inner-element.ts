// inner-element — the element of an envelope that holds the message: found in one way by whoever checks the message and
// by whoever checks its signature, so that both mean the same.
import { XmlElement, type XmlDocument } from 'libxml2-wasm'
import type { Envelope } from '../messages/envelope.js'

/** By local name alone; the first where there are several. Undefined: it is not there. */
export function innerElement(doc: XmlDocument, { inner }: Pick<Envelope, 'inner'>): XmlElement | undefined {
  const steps = inner.split('/').map((name) => `*[local-name()="${name}"]`)
  const node = doc.get(`/*/${steps.join('/')}`)
  return node instanceof XmlElement ? node : undefined
}
