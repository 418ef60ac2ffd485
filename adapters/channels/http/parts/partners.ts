// partners — what an operator does about partners: settings, keys and certificates, webhook, subscriptions.
import type { Operator } from '../../../../messages/operator.js'
import type { Partner, PartnerSettings } from '../../../../messages/partner.js'
import type { Receipt } from '../../../../messages/receipt.js'
import type { Subscription } from '../../../../messages/subscription.js'
import type * as view from '../../../../messages/views/index.js'

/** What of a partner is to be changed. A member that is not there stays as it is; so does a setting. */
export interface NamedPartner {
  partnerId: string
  name?: string | undefined
  settings?: Partial<PartnerSettings> | undefined
  sshKeys?: string[] | undefined
  disabled?: boolean | undefined
}

/** Where a partner's receipts of these stages are to be posted. `overlapHours`: how long the old secret stays good. */
export interface WebhookWish {
  url: string
  newSecret: boolean
  overlapHours: number
  stages: Receipt['stage'][]
}

/** @see [buildHttpDoor](../../../../hub/boot/http.ts), [createOperator](../../../../hub/operate/operator.ts) */
export interface PartnersParts {
  partners: () => Promise<Partner[]>
  /** Adds a partner, or changes what is named of one. Rejects with a HubError that names every fault. */
  changePartner: (named: NamedPartner, by: Operator) => Promise<{ partner: Partner; created: boolean }>
  /** Undefined when there is no such partner. */
  disablePartner: (partnerId: string, disabled: boolean, by: Operator) => Promise<Partner | undefined>
  /** A partner's keys, never what they are. Undefined when there is no such partner. */
  keys: (partnerId: string) => Promise<view.KeyFacts[] | undefined>
  /** Makes a secret; it is never seen again. Undefined when there is no such partner. */
  newSecret: (
    partnerId: string,
    key: { kind: 'http' | 'sftp' | 'oauth'; label: string; expiresAt?: Date | undefined },
    by: Operator,
  ) => Promise<{ id: string; secret: string } | undefined>
  /**
   * Lets a certificate in, by its fingerprint, or by its subject and issuer. Undefined when there is no such partner.
   * Rejects with HUB_REQUEST_INVALID.
   */
  newCertificate: (
    partnerId: string,
    certificate: { pem: string; by: 'fingerprint' | 'subject'; label: string; expiresAt?: Date | undefined },
    by: Operator,
  ) => Promise<view.CertificateBound | undefined>
  /**
   * A signature of this certificate holds from now on. Undefined when there is no such partner. Rejects with
   * HUB_REQUEST_INVALID.
   */
  addSigningCertificate: (
    partnerId: string,
    certificate: { pem: string; label: string },
    by: Operator,
  ) => Promise<view.SigningCertificateView | undefined>
  signingCertificates: (partnerId: string) => Promise<view.SigningCertificateView[] | undefined>
  revokeSigningCertificate: (partnerId: string, id: string, by: Operator) => Promise<boolean>
  revokeKey: (partnerId: string, id: string, by: Operator) => Promise<boolean>
  /** Undefined when there is no such partner. The secret is the partner's to know. */
  setWebhook: (
    partnerId: string,
    webhook: WebhookWish,
    by: Operator,
  ) => Promise<Omit<view.WebhookSet, 'partnerId'> | undefined>
  removeWebhook: (partnerId: string, by: Operator) => Promise<boolean>
  grantSubscription: (partnerId: string, subscription: Subscription, by: Operator) => Promise<void>
  /** Rejects with HUB_NOT_FOUND when the partner did not ask for it. */
  grantWish: (partnerId: string, which: { operation: string; reference?: string }, by: Operator) => Promise<void>
  endSubscription: (partnerId: string, which: { operation: string; reference?: string }, by: Operator) => Promise<void>
}
