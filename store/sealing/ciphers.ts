// ciphers — bytes under one key, with a proof that nobody changed them: AES-256-GCM, or SM4 (GB/T 32907) in counter
// mode with HMAC-SM3 over the ciphertext. OpenSSL 3.0, which Node 20 carries, has no SM4-GCM.
import { createCipheriv, createDecipheriv, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** The ciphers, as hub.yaml names them. */
export const cipherNames = ['aes-256-gcm', 'sm4'] as const
/** `aes-256-gcm`, or `sm4` (GB/T 32907). */
export type CipherName = (typeof cipherNames)[number]

/** How long a key is, in bytes; the same for each cipher. */
export const keyBytes = 32
const ivBytes = { 'aes-256-gcm': 12, sm4: 16 } as const
const proofBytes = { 'aes-256-gcm': 16, sm4: 32 } as const

/** Encrypts and decrypts with one key. */
export interface Cipher {
  /** @param bound what the bytes belong to: they open with the same only */
  encrypt(bytes: Uint8Array, bound: Uint8Array): Buffer[]
  /** @throws Error when they are not what was encrypted with this key */
  decrypt(sealed: Buffer, bound: Uint8Array): Buffer
}

/** The length of the key must fit the cipher, see `keyBytes`. */
export const createCipher = (name: CipherName, key: Buffer): Cipher =>
  name === 'sm4' ? sm4Cipher(key) : { encrypt: encryptAes(key), decrypt: decryptAes(key) }

const encryptAes = (key: Buffer) => (bytes: Uint8Array, bound: Uint8Array) => {
  const iv = randomBytes(ivBytes['aes-256-gcm'])
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(bound)
  const encrypted = [cipher.update(bytes), cipher.final()]
  return [iv, cipher.getAuthTag(), ...encrypted]
}

const decryptAes = (key: Buffer) => (sealed: Buffer, bound: Uint8Array) => {
  const [iv, proof, encrypted] = apart('aes-256-gcm', sealed)
  const options = { authTagLength: proofBytes['aes-256-gcm'] }
  const decipher = createDecipheriv('aes-256-gcm', key, iv, options).setAAD(bound).setAuthTag(proof)
  return Buffer.concat([decipher.update(encrypted), decipher.final()])
}

function sm4Cipher(key: Buffer): Cipher {
  const derived = (use: string) => createHmac('sm3', key).update(use).digest()
  const [encrypting, proving] = [derived('encrypt').subarray(0, 16), derived('prove')]
  const proofOf = (parts: readonly Uint8Array[]) =>
    parts.reduce((mac, part) => mac.update(part), createHmac('sm3', proving)).digest()
  return {
    encrypt(bytes, bound) {
      const iv = randomBytes(ivBytes.sm4)
      const cipher = createCipheriv('sm4-ctr', encrypting, iv)
      const encrypted = [cipher.update(bytes), cipher.final()]
      return [iv, proofOf([bound, iv, ...encrypted]), ...encrypted]
    },
    decrypt(sealed, bound) {
      const [iv, proof, encrypted] = apart('sm4', sealed)
      if (!timingSafeEqual(proofOf([bound, iv, encrypted]), proof)) throw new Error('these bytes were changed')
      const decipher = createDecipheriv('sm4-ctr', encrypting, iv)
      return Buffer.concat([decipher.update(encrypted), decipher.final()])
    },
  }
}

function apart(name: CipherName, sealed: Buffer): [iv: Buffer, proof: Buffer, encrypted: Buffer] {
  const [iv, proof] = [ivBytes[name], proofBytes[name]]
  if (sealed.length < iv + proof) throw new Error('these bytes are too short')
  return [sealed.subarray(0, iv), sealed.subarray(iv, iv + proof), sealed.subarray(iv + proof)]
}
