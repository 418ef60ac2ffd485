// evidence-key — the key that signs heads of the chain of hashes: Ed25519, made at the first start, in a file of this
// user's alone. Who has noted its public half, or a head, knows later whether the history is still the one that was
// signed.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One hub's key; others that share the ledger have their own. */
export interface EvidenceKey {
  /** PEM. */
  publicKey: string
  /** SHA-256 of its DER, in lower-case hexadecimal digits. */
  fingerprint: string
  /** Base64. */
  sign(text: string): string
}

/** `<dataDir>/evidence.key`, and beside it `evidence.pub` to give away. */
export function evidenceKey(dataDir: string): EvidenceKey {
  const file = join(dataDir, 'evidence.key')
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' })
  }
  const secret = createPrivateKey(readFileSync(file))
  const open = createPublicKey(secret)
  const publicKey = String(open.export({ type: 'spki', format: 'pem' }))
  writeFileSync(join(dataDir, 'evidence.pub'), publicKey, { mode: 0o600 })
  return {
    publicKey,
    fingerprint: keyFingerprint(open),
    sign: (text) => sign(null, Buffer.from(text), secret).toString('base64'),
  }
}

const keyFingerprint = (key: KeyObject) =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
