// signing-certificate — what a certificate says: its number, whose it is, until when, and by which algorithms its key
// signs.
import { verify as verifyBytes, X509Certificate, type KeyObject } from 'node:crypto'
import { algorithmsOf, type Algorithms } from './algorithms.js'
import { isSm2, verifySm2 } from './sm2.js'

/** A certificate read, not verified: whose it is, a person has decided. */
export interface SigningCertificate {
  /** Its serial number as customs write it: hexadecimal, capital letters. */
  number: string
  subject: string
  algorithms: Algorithms
  notBefore: Date
  notAfter: Date
  /** Base64 of its DER. */
  base64: string
  publicKey: KeyObject
}

/** @throws Error in words, when it is none, or its key is neither RSA nor SM2 */
export function readSigningCertificate(pemOrDer: string | Buffer): SigningCertificate {
  let read: X509Certificate
  try {
    read = new X509Certificate(pemOrDer)
  } catch {
    throw new Error('it is no certificate (PEM)')
  }
  const { publicKey } = read
  const kind = publicKey.asymmetricKeyType === 'rsa' ? 'rsa' : isSm2(publicKey) ? 'sm2' : undefined
  if (!kind) throw new Error('its key is neither RSA nor SM2')
  return {
    number: read.serialNumber.toUpperCase(),
    subject: read.subject.split('\n').join(', '),
    algorithms: algorithmsOf[kind],
    notBefore: new Date(read.validFrom),
    notAfter: new Date(read.validTo),
    base64: read.raw.toString('base64'),
    publicKey,
  }
}

/** Is this value of the key the certificate is for? */
export function signedBy({ algorithms, publicKey }: SigningCertificate, data: Uint8Array, value: Buffer): boolean {
  return algorithms.kind === 'rsa' ? verifyBytes('sha256', data, publicKey, value) : verifySm2(data, value, publicKey)
}

/** Whole days until the certificate ends; below zero once it has. */
export const daysLeft = ({ notAfter }: Pick<SigningCertificate, 'notAfter'>, now: Date): number =>
  Math.floor((notAfter.getTime() - now.getTime()) / 86_400_000)
