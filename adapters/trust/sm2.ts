// sm2 — the signature of GM/T 0003.2 over SM3, with the usual identity of GM/T 0009. Node signs with keys of this curve
// too, but by ECDSA: nobody who checks by the standard takes that. A value is the DER of GM/T 0009 (SEQUENCE of two
// integers), or 64 bytes where somebody sends those.
import type { KeyObject } from 'node:crypto'
import { sm2 } from 'sm-crypto-v2'

const userId = '1234567812345678'

/** The object identifier of the curve (GM/T 0006: 1.2.156.10197.1.301), in DER. */
const curve = Buffer.from('06082a811ccf5501822d', 'hex')

/** Node gives keys of this curve no name. */
export const isSm2 = (publicKey: KeyObject): boolean =>
  publicKey.export({ type: 'spki', format: 'der' }).includes(curve)

/** @throws Error where it is no key of this curve */
export function signSm2(data: Uint8Array, key: KeyObject): Buffer {
  const privateKey = secretOf(key)
  const value = sm2.doSignature(data, privateKey, { hash: true, der: true, userId })
  return Buffer.from(value, 'hex')
}

/** False also for what is no signature, or no key of this curve: it never throws. */
export function verifySm2(data: Uint8Array, signature: Buffer, key: KeyObject): boolean {
  try {
    const der = signature.length !== 64
    return sm2.doVerifySignature(data, signature.toString('hex'), pointOf(key), { hash: true, der, userId })
  } catch {
    return false
  }
}

/** The uncompressed point stands at the end of what describes the key (RFC 5480). */
const pointOf = (publicKey: KeyObject): string =>
  publicKey.export({ type: 'spki', format: 'der' }).subarray(-65).toString('hex')

/**
 * PKCS #8 holds the key as RFC 5915 writes it: version 1, then 32 bytes. (Asked for SEC1, Node 20 ends the process.)
 * @throws Error where it is no key of this curve
 */
function secretOf(privateKey: KeyObject): string {
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  const at = der.indexOf(Buffer.from('0201010420', 'hex'))
  if (!der.includes(curve) || at === -1) throw new Error('it is no SM2 key')
  return der.subarray(at + 5, at + 37).toString('hex')
}
