// signed-messages — messages as a partner signs them: enveloped (CEB and others), and of the Object of a root that is
// the signature itself (bonded trade).
import { createPrivateKey, sign } from 'node:crypto'
import { XmlDocument, type XmlElement } from 'libxml2-wasm'
import { algorithmsOf } from '../../adapters/trust/algorithms.js'
import { readSigningCertificate } from '../../adapters/trust/signing-certificate.js'
import { signSm2 } from '../../adapters/trust/sm2.js'
import { prepareSignature } from '../../xsd/signature/enveloped.js'
import type { SigningKey } from './signing-certificates.js'

const ownSignature = /<((?:\w+:)?Signature)[\s>][\s\S]*<\/\1>/
/** The samples bear a signature that is one in form only. */
export const unsigned = (message: Buffer | string): string =>
  Buffer.from(message).toString('utf8').replace(ownSignature, '')

const valueOf = (key: SigningKey, bytes: Buffer) => {
  const secret = createPrivateKey(key.key)
  return readSigningCertificate(key.cert).algorithms.kind === 'sm2'
    ? signSm2(bytes, secret)
    : sign('sha256', bytes, secret)
}

export function signedMessage(message: string, key: SigningKey): string {
  const { algorithms, number, base64 } = readSigningCertificate(key.cert)
  const { signedInfo, complete } = prepareSignature(Buffer.from(message), {
    ...algorithms,
    keyName: number,
    certificate: base64,
  })
  return complete(valueOf(key, signedInfo)).toString('utf8')
}

/** `uri`: what its reference says; as customs publish it, the id without a `#`. */
export function signedBonded(message: string, key: SigningKey, { uri = 'String' } = {}): string {
  const { algorithms, number } = readSigningCertificate(key.cert)
  const canonical = (xml: string, name: string) => {
    const doc = XmlDocument.fromString(xml)
    try {
      return Buffer.from((doc.get(`//*[local-name()="${name}"]`) as XmlElement).canonicalizeToString())
    } finally {
      doc.dispose()
    }
  }
  const { signatureMethod, digestMethod } = algorithmsOf[algorithms.kind]
  const digest = algorithms.digest(canonical(message, 'Object')).toString('base64')
  const filled = message
    .replace(/(<SignatureMethod Algorithm=")[^"]*/, `$1${signatureMethod}`)
    .replace(/(<DigestMethod Algorithm=")[^"]*/, `$1${digestMethod}`)
    .replace(/<Reference URI="[^"]*"/, `<Reference URI="${uri}"`)
    .replace('<DigestValue/>', `<DigestValue>${digest}</DigestValue>`)
    .replace(/<KeyName>[^<]*/, `<KeyName>${number}`)
  const value = valueOf(key, canonical(filled, 'SignedInfo')).toString('base64')
  return filled.replace('<SignatureValue/>', `<SignatureValue>${value}</SignatureValue>`)
}
