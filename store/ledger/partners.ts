// partners — who may send, and the digests of their keys and passwords.
import type { Partner, PartnerSettings } from '../../messages/partner.js'

/**
 * `http`: a key for /v1. `sftp`: a password. `oauth`: a client secret for /oauth2/token. `certificate`: a client
 * certificate; its `sha256` is the fingerprint, or the digest of subject and issuer (adapters/trust).
 */
export type SecretKind = 'http' | 'sftp' | 'oauth' | 'certificate'

/** The partner behind a key, and which of its keys that was. */
export interface KeyOwner extends Partner {
  secretId: string
  expiresAt?: Date
}

/** One key or password of a partner. */
export interface SecretView {
  secretId: string
  kind: SecretKind
  label: string
  createdAt: Date
  lastUsedAt?: Date
  expiresAt?: Date
}

/** A partner as a list shows it. */
export interface PartnerFacts {
  partnerId: string
  name: string
  disabled: boolean
  lastSeen?: string
  undelivered: number
}

/** A partner as it is written whole; `disabled` absent: it is not. */
export interface NewPartner {
  partnerId: string
  name: string
  settings: PartnerSettings
  sshKeys: string[]
  disabled?: boolean
}

/** A secret is kept as its SHA-256 only (secrets are long and random). */
export interface NewSecret {
  partnerId: string
  kind: SecretKind
  /** Hexadecimal. */
  sha256: string
  label: string
  /** Absent: one is given out. */
  secretId?: string
  /** Absent: it holds until it is revoked. */
  expiresAt?: Date
}

/** A secret is never in the ledger, only its digest: what is lost is made new, not looked up. */
export interface Partners {
  putPartner(partner: NewPartner): Promise<void>
  /**
   * Reads and writes in one turn: two who change different things of one partner both do. Resolves with the partner as
   * it is now.
   */
  changePartner(partnerId: string, change: (before: Partner | undefined) => Partner): Promise<Partner>
  getPartner(partnerId: string): Promise<Partner | undefined>
  listPartners(): Promise<Partner[]>
  putSecret(secret: NewSecret): Promise<void>
  /**
   * The partner that owns this secret, unless disabled or the secret has expired. Notes that it was used, to the
   * minute.
   */
  findBySecret(kind: SecretKind, sha256: string, now?: Date): Promise<KeyOwner | undefined>
  /** A partner's keys and passwords, the oldest first; what they are is never known. */
  secrets(partnerId: string): Promise<SecretView[]>
  /** From now on this one opens nothing. False when the partner has none of this id. */
  revokeSecret(partnerId: string, secretId: string): Promise<boolean>
  revokeSecrets(partnerId: string, kind: SecretKind): Promise<number>
  partnerFacts(): Promise<PartnerFacts[]>
}
