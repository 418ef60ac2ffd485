// partner — a partner as an operator reads it: its settings, its keys, its webhook, its subscriptions.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import { PartnerSettings } from '../partner.js'
import { SubscriptionView } from '../subscription.js'
import * as field from './fields.js'

const { rights, edifact, companies, rate, returns, webhook, poll } = PartnerSettings.properties
/** Its settings, each group described by what it is for. */
const settings = Type.Object(
  {
    ...PartnerSettings.properties,
    rights: Object.assign(described(rights, 'What it may send: catalogue codes or their beginnings, `*` for all'), {
      examples: [['10.1']],
    }),
    edifact: described(edifact, 'How its EDIFACT is read, where that is not what its envelope says'),
    companies: described(companies, 'The companies it may file as, and for. Absent: any'),
    rate: described(rate, 'How much it may send in a second. What is absent is as for all'),
    returns: described(
      returns,
      'Which way receipts of a stage go. A technical one is always the answer of the door too; ' +
        'a way named here gets it as well',
    ),
    webhook: described(
      webhook,
      "Where the hub posts receipts, signed. The secret is made from the hub's own key and `generation`",
    ),
    poll: described(poll, "The partner's own SFTP server to fetch from and return to (channel sftp-poll)"),
  },
  {
    title: 'PartnerSettings',
    description: 'What it may do and how it wants its receipts: docs/configuration.md, "Partners"',
    additionalProperties: false,
  },
)

/**
 * Those an operator names: what is not named stays as it is. Certificates are looked at when they are registered, by
 * their own call.
 */
export const NamedSettings = Type.Partial(Type.Omit(settings, ['signingCertificates']), {
  title: 'NamedPartnerSettings',
  description: 'The settings to change; the others stay as they are: docs/configuration.md, "Partners"',
  additionalProperties: false,
})

const partner = {
  partnerId: field.PartnerId,
  name: field.Text('Name of the company', '测试货运代理有限公司'),
  settings,
  sshKeys: Type.Array(field.Text('OpenSSH public key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA hub')),
  disabled: field.Flag('It is disabled and cannot connect'),
}

/** A partner with its settings; the answer to `POST /ops/partners`. */
export const PartnerView = Type.Object(partner, { title: 'Partner', description: 'A partner with its settings 企业' })
export type PartnerView = Static<typeof PartnerView>

/** Every partner; the answer to `GET /ops/partners`. */
export const PartnerList = Type.Object(
  { partners: Type.Array(PartnerView) },
  { title: 'PartnerList', description: 'Every partner' },
)
export type PartnerList = Static<typeof PartnerList>

/** A partner as it is now; the answer to `POST /ops/partners`. */
export const ChangedPartner = Type.Object(
  { ...partner, created: field.Flag('It is new', true) },
  { title: 'ChangedPartner', description: 'A partner as it is now' },
)
export type ChangedPartner = Static<typeof ChangedPartner>

/** A key, a password, or an SSH public key. */
export const KeyFacts = Type.Object(
  {
    id: field.KeyId,
    kind: Type.Enum(['http', 'sftp', 'oauth', 'certificate', 'ssh'], {
      description: 'HTTP key, SFTP password, client secret for /oauth2/token, client certificate, SSH public key',
    }),
    label: field.Text('What it is for', 'first key'),
    createdAt: Type.Optional(field.Moment('When it was made')),
    lastUsedAt: Type.Optional(field.Moment('Last use, to the minute')),
    expiresAt: Type.Optional(field.Moment('When it expires')),
    expired: Type.Optional(field.Flag('It is no longer valid')),
  },
  { title: 'PartnerKey', description: 'A key of a partner, without the secret 密钥' },
)
export type KeyFacts = Static<typeof KeyFacts>

/** The keys of one partner; the answer to `GET /ops/partners/:id/keys`. */
export const KeyList = Type.Object(
  { keys: Type.Array(KeyFacts) },
  { title: 'PartnerKeyList', description: 'The keys of one partner' },
)
export type KeyList = Static<typeof KeyList>

/** A new key, shown once; the answer to `POST /ops/partners/:id/keys`. */
export const NewKey = Type.Object(
  {
    partnerId: field.PartnerId,
    kind: Type.Enum(['http', 'sftp', 'oauth'], { description: 'HTTP key, SFTP password, or client secret' }),
    id: field.KeyId,
    secret: field.Text('The secret; shown only once', 'hub_example-only-not-a-key'),
    expiresAt: Type.Optional(field.Moment('When it expires')),
  },
  { title: 'NewPartnerKey', description: 'A new key, shown once' },
)
export type NewKey = Static<typeof NewKey>

const certificate = {
  id: field.KeyId,
  by: Type.Enum(['fingerprint', 'subject'], { description: 'What the certificate must match' }),
  subject: field.Text('Whose it is', 'CN=edi.example'),
  issuer: field.Text('Who issued it', 'CN=Test CA'),
  fingerprint: Type.Optional(field.Text('SHA-256 of it', 'AA:BB:CC')),
  expiresAt: Type.Optional(field.Moment('When it expires')),
}
/** A client certificate as it is bound to a partner: by its fingerprint, or by subject and issuer. */
export const CertificateBound = Type.Object(certificate)
export type CertificateBound = Static<typeof CertificateBound>

/** A client certificate that is valid from now on. */
export const NewCertificate = Type.Object(
  {
    partnerId: field.PartnerId,
    kind: Type.Literal('certificate', { description: 'A client certificate' }),
    ...certificate,
  },
  { title: 'NewPartnerCertificate', description: 'A client certificate that is valid from now on 客户端证书' },
)
export type NewCertificate = Static<typeof NewCertificate>

/** A certificate its messages are signed with. */
export const SigningCertificateView = Type.Object(
  {
    id: field.Text('The entry', 'crt_01M8HDCT03W7WQK0ZT6SHXSF8D'),
    number: field.Text('Its serial number, hexadecimal', '5A3C09'),
    subject: field.Text('Whose it is', 'CN=测试电商有限公司'),
    algorithm: Type.Enum(['rsa', 'sm2'], { description: 'RSA with SHA-256, or SM2 with SM3' }),
    label: field.Text('What it is for', 'CEB'),
    notBefore: field.Moment('Valid from'),
    notAfter: field.Moment('When it ends'),
    daysLeft: Type.Integer({ description: 'Days until then; negative after it has expired', examples: [311] }),
    addedAt: field.Moment('When it was registered'),
    revokedAt: Type.Optional(field.Moment('When it was revoked: its signatures are no longer valid')),
  },
  { title: 'SigningCertificate', description: "A certificate that verifies a partner's messages 验签证书" },
)
export type SigningCertificateView = Static<typeof SigningCertificateView>

/**
 * The signing certificates of one partner, including revoked ones; the answer to `GET /ops/partners/:id/certificates`.
 */
export const SigningCertificateList = Type.Object(
  { partnerId: field.PartnerId, certificates: Type.Array(SigningCertificateView) },
  { title: 'SigningCertificateList', description: 'The signing certificates of one partner, including revoked ones' },
)
export type SigningCertificateList = Static<typeof SigningCertificateList>

/** A certificate whose signatures are valid from now on. */
export const NewSigningCertificate = Type.Object(
  {
    partnerId: field.PartnerId,
    kind: Type.Literal('signature', { description: 'A certificate to sign with' }),
    ...SigningCertificateView.properties,
  },
  { title: 'NewSigningCertificate', description: 'A certificate whose signatures are valid from now on 验签证书' },
)
export type NewSigningCertificate = Static<typeof NewSigningCertificate>

/** As RFC 6749, section 5.1, has it. */
export const AccessToken = Type.Object(
  {
    access_token: field.Text('Send it in Authorization: Bearer', 'example-only-not-a-token'),
    token_type: Type.Literal('Bearer', { description: 'Token type' }),
    expires_in: Type.Integer({ description: 'Seconds until it expires', examples: [600] }),
  },
  { title: 'AccessToken', description: 'A token for a few minutes 访问令牌' },
)
/** As RFC 6749, section 5.2, has it. */
export const TokenRefused = Type.Object(
  {
    error: Type.Enum(['invalid_request', 'invalid_client', 'unsupported_grant_type', 'invalid_scope'], {
      description: 'A code of RFC 6749',
    }),
    error_description: field.Text('What is wrong', 'grant_type is missing'),
  },
  { title: 'TokenRefused', description: 'No token: the call is at fault' },
)

/**
 * A revoked key; the answer to `DELETE /ops/partners/:id/certificates/:certificate` and `DELETE
 * /ops/partners/:id/keys/:key`.
 */
export const KeyRevoked = Type.Object(
  { partnerId: field.PartnerId, id: field.KeyId, revoked: field.Mark('It is no longer valid') },
  { title: 'PartnerKeyRevoked', description: 'A revoked key' },
)
export type KeyRevoked = Static<typeof KeyRevoked>

/** A webhook that is set and enabled; the answer to `POST /ops/partners/:id/webhook`. */
export const WebhookSet = Type.Object(
  {
    partnerId: field.PartnerId,
    url: field.Text('Where receipts are posted', 'https://partner.example/receipts'),
    secret: field.Text('The secret that signs the calls; give it to the partner', 'whsec_example-only-not-a-secret'),
    standardSecret: field.Text(
      'The same secret, in the form that Standard Webhooks libraries use',
      'whsec_ZXhhbXBsZS1vbmx5',
    ),
    previousUntil: Type.Optional(field.Moment('Until then, calls are also signed with the old secret')),
  },
  { title: 'WebhookSet', description: 'A webhook that is set and enabled 回调' },
)
export type WebhookSet = Static<typeof WebhookSet>

/** A partner without a webhook; its receipts wait in the mailbox; the answer to `DELETE /ops/partners/:id/webhook`. */
export const WebhookRemoved = Type.Object(
  { partnerId: field.PartnerId, webhook: Type.Null({ description: 'None' }) },
  { title: 'WebhookRemoved', description: 'A partner without a webhook; its receipts wait in the mailbox' },
)
export type WebhookRemoved = Static<typeof WebhookRemoved>

/** Subscriptions of a partner. */
export const SubscriptionList = Type.Object(
  { subscriptions: Type.Array(SubscriptionView) },
  { title: 'SubscriptionList', description: 'Subscriptions of a partner 订阅' },
)
export type SubscriptionList = Static<typeof SubscriptionList>

/** Your subscriptions; the answer to `GET /v1/subscriptions` and `DELETE /v1/subscriptions`. */
export const OwnSubscriptionList = Type.Object(
  {
    ...SubscriptionList.properties,
    waiting: Type.Optional(
      Type.Object(
        {
          zh: field.Text('In Chinese', '该订阅尚待运维授权。'),
          en: field.Text('In English', 'It waits for an operator.'),
        },
        { description: 'For a new subscription that no operator has granted yet: what you get until then' },
      ),
    ),
  },
  { title: 'OwnSubscriptionList', description: 'Your subscriptions 订阅列表' },
)
export type OwnSubscriptionList = Static<typeof OwnSubscriptionList>
