// secrets — keys, passwords and tokens that the hub makes: what they look like, and what is kept of them.
import { createHash, randomBytes } from 'node:crypto'
import type { SecretKind } from '../../store/ledger.js'

/** The form a secret is kept in. Secrets are long and random, so a plain digest serves. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex')
}

/** 32 random bytes, URL-safe, with a prefix by which a leaked one is recognised. */
export function newSecret(kind: SecretKind | 'ops' | 'agency'): string {
  return `hub_${kind}_${randomBytes(32).toString('base64url')}`
}
