// algorithms — how customs sign: RSA with SHA-256 (W3C), and SM2 with SM3 under the URIs customs gave them (GM/T 0003,
// GM/T 0004). Which of them a signature has is told by the certificate, never chosen.
import { createHash } from 'node:crypto'

/** RSA, or SM2 (GM/T 0003) as customs require of new keys. */
export type KeyKind = 'rsa' | 'sm2'

/** URIs as they stand in a signature, with the digest they name. */
export interface Algorithms {
  kind: KeyKind
  signatureMethod: string
  digestMethod: string
  digest: (bytes: Uint8Array) => Buffer
}

/** @param name as OpenSSL calls it; Node's SM3 is the SM3 of GM/T 0004 (only its SM2 is not that of GM/T 0003) */
const hash = (name: string) => (bytes: Uint8Array) => createHash(name).update(bytes).digest()

/** Source: W3C XML Signature for RSA; for SM2 the URIs of the customs signing notice, with SM3 (GM/T 0004). */
export const algorithmsOf: Readonly<Record<KeyKind, Algorithms>> = {
  rsa: {
    kind: 'rsa',
    signatureMethod: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    digestMethod: 'http://www.w3.org/2001/04/xmlenc#sha256',
    digest: hash('sha256'),
  },
  sm2: {
    kind: 'sm2',
    signatureMethod: 'http://www.chinaport.gov.cn/2022/04/xmldsig#sm2-sm3',
    digestMethod: 'http://www.chinaport.gov.cn/2022/04/xmldsig#sm3',
    digest: hash('sm3'),
  },
}
