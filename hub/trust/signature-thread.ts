// signature-thread — the thread that makes and reads XML signatures: canonical XML of megabytes holds up nobody.
import { parentPort } from 'node:worker_threads'
import { algorithmsOf, type KeyKind } from '../../adapters/trust/algorithms.js'
import { bytesInside } from '../../messages/envelope.js'
import type { RegisteredCertificate } from '../../messages/signing-certificates.js'
import { innerElement } from '../../xsd/inner-element.js'
import { prepareSignature } from '../../xsd/signature/enveloped.js'
import { SignatureFormError, withDocument } from '../../xsd/signature/nodes.js'
import { verifySignature, type Verified } from './verify-signature.js'

/** A question to the signature thread. */
export type SignatureThreadInput =
  | { ask: 'prepare'; bytes: Uint8Array; kind: KeyKind; keyName: string; certificate?: string }
  /** `certificates`: those of the partner. `inner`: the message stands in there, as base64. */
  | { ask: 'verify'; bytes: Uint8Array; certificates: readonly RegisteredCertificate[]; now: number; inner?: string }

/** What it says; `nothing` where there is no signature to speak of, with the reason. */
export type SignatureThreadOutput =
  | { made: 'prepared'; signedInfo: Uint8Array; before: Uint8Array; after: Uint8Array }
  | { made: 'verified'; verified: Verified }
  | { made: 'nothing'; why: string; form: boolean }

/** Stands where the value will: nothing else in a signature reads so. */
const mark = Buffer.from('0'.repeat(48), 'hex')

function answer(input: SignatureThreadInput): SignatureThreadOutput {
  switch (input.ask) {
    case 'prepare': {
      const { signatureMethod, digestMethod, digest } = algorithmsOf[input.kind]
      const { keyName, certificate } = input
      const template = { signatureMethod, digestMethod, digest, keyName, ...(certificate ? { certificate } : {}) }
      const { signedInfo, complete } = prepareSignature(input.bytes, template)
      const whole = complete(mark)
      const at = whole.lastIndexOf(mark.toString('base64'))
      return {
        made: 'prepared',
        signedInfo: new Uint8Array(signedInfo),
        before: new Uint8Array(whole.subarray(0, at)),
        after: new Uint8Array(whole.subarray(at + mark.toString('base64').length)),
      }
    }
    case 'verify':
      return {
        made: 'verified',
        verified: verifySignature(messageIn(input.bytes, input.inner), input.certificates, input.now),
      }
    default:
      return input satisfies never
  }
}

/** The message itself, or the one that stands as base64 in its envelope: that is the one that is read and filed. */
function messageIn(bytes: Uint8Array, inner: string | undefined): Uint8Array {
  if (inner === undefined) return bytes
  return withDocument(Buffer.from(bytes), (doc) => bytesInside(innerElement(doc, { inner })?.content ?? ''))
}

parentPort?.on('message', (input: SignatureThreadInput) => {
  let said: SignatureThreadOutput
  try {
    said = answer(input)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    said = { made: 'nothing', why, form: error instanceof SignatureFormError }
  }
  parentPort!.postMessage(said)
})
