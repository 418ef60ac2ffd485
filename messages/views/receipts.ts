// receipts — receipts as they are read: the answer to an interchange, the mailbox, and a receipt with its delivery.
import { Type, type Static } from 'typebox'
import { described } from '../described.js'
import { Receipt } from '../receipt.js'
import * as field from './fields.js'

/** Receipts, of what was sent or of one message. */
export const ReceiptList = Type.Object(
  {
    interchangeId: Type.Optional(described(field.InterchangeId, 'Of what was sent; absent where nothing was')),
    receipts: Type.Array(Receipt),
  },
  { title: 'ReceiptList', description: 'Receipts 回执' },
)
export type ReceiptList = Static<typeof ReceiptList>

/** Receipts that wait to be acknowledged. */
export const MailboxPage = Type.Object(
  {
    receipts: Type.Array(Receipt),
    cursor: Type.Integer({ description: 'Send it as `after` to get only later receipts', examples: [42] }),
  },
  { title: 'MailboxPage', description: 'Receipts that wait to be acknowledged 待确认回执' },
)
export type MailboxPage = Static<typeof MailboxPage>

/** A receipt with its way back to the partner. */
export const ReceiptView = Type.Object(
  {
    receipt: Receipt,
    partnerId: field.PartnerId,
    seq: Type.Integer({ description: 'Grows with every receipt', examples: [42] }),
    channel: field.WayBack,
    returnState: field.ReturnStateName,
    returnedAt: Type.Optional(field.Moment('When the partner got it')),
    returnAttempts: field.Count('Number of attempts'),
    lastError: Type.Optional(field.Text('Error of the last attempt', 'HTTP 503')),
  },
  { title: 'ReceiptWithWayBack', description: 'A receipt and its delivery to the partner' },
)
export type ReceiptView = Static<typeof ReceiptView>

/**
 * Undelivered receipts: given up, or still retried; the answer to `GET /ops/receipts/undelivered` and `GET
 * /v1/receipts/undelivered`.
 */
export const UndeliveredList = Type.Object(
  { undelivered: Type.Array(ReceiptView) },
  { title: 'UndeliveredList', description: 'Undelivered receipts: given up, or still retried 未送达回执' },
)
export type UndeliveredList = Static<typeof UndeliveredList>

/** Undelivered receipts that are sent again; the answer to `POST /v1/receipts/replay`. */
export const Replayed = Type.Object(
  { replayed: field.Count('Number of receipts that are sent again', 2) },
  { title: 'Replayed', description: 'Undelivered receipts that are sent again' },
)
/** A receipt that is sent again; the answer to `POST /ops/receipts/:id/resend` and `POST /v1/receipts/:id/resend`. */
export const Resent = Type.Object(
  { receiptId: field.ReceiptId, resent: field.Mark('It is sent again') },
  { title: 'Resent', description: 'A receipt that is sent again 补发' },
)
/** A receipt that was acknowledged; the answer to `POST /v1/receipts/:id/ack`. */
export const Acknowledged = Type.Object(
  { receiptId: field.ReceiptId, acknowledged: field.Mark('It has left the mailbox') },
  { title: 'Acknowledged', description: 'A receipt that was acknowledged 确认回执' },
)
/** Receipts that were acknowledged in one call; the answer to `POST /v1/receipts/ack`. */
export const SeveralAcknowledged = Type.Object(
  {
    acknowledged: Type.Array(field.ReceiptId, { description: 'Including those that were acknowledged before' }),
    unknown: Type.Array(field.ReceiptId, { description: 'Ids that are no receipts of yours' }),
  },
  { title: 'SeveralAcknowledged', description: 'Receipts that were acknowledged in one call 批量确认' },
)

/** A public key that receipts are signed with, as a JWK (RFC 8037). */
export const ReceiptKey = Type.Object(
  {
    kty: Type.Literal('OKP', { description: 'Octet key pair (RFC 8037)' }),
    crv: Type.Literal('Ed25519', { description: 'Its curve' }),
    x: Type.String({ description: 'The public key, 32 bytes as base64url' }),
    kid: Type.String({ description: 'Its thumbprint (RFC 7638); signatures name it' }),
    use: Type.Literal('sig', { description: 'For signatures' }),
    alg: Type.Literal('EdDSA', { description: 'The one algorithm it is for' }),
    iat: Type.Optional(Type.Integer({ description: 'When it began to sign, in seconds since 1970' })),
  },
  { title: 'ReceiptKey', description: 'A public key that receipts are signed with 回执验签公钥' },
)
export type ReceiptKey = Static<typeof ReceiptKey>

/**
 * The public keys that receipts are signed with, as a JWK Set (RFC 7517); the answer to `GET /.well-known/jwks.json`.
 */
export const ReceiptKeys = Type.Object(
  { keys: Type.Array(ReceiptKey, { description: 'The first key signs now; the others signed before' }) },
  { title: 'ReceiptKeys', description: 'A JWK Set (RFC 7517)' },
)
export type ReceiptKeys = Static<typeof ReceiptKeys>

/** Receipts that wait in a partner's mailbox until the partner acknowledges them. */
export const MailboxFacts = Type.Object(
  {
    partnerId: field.PartnerId,
    waiting: field.Count('Number of receipts that wait', 3),
    oldestAt: field.Moment('When the oldest of them was made'),
  },
  { title: 'MailboxFacts', description: 'The mailbox of one partner, in numbers' },
)
export type MailboxFacts = Static<typeof MailboxFacts>

/** All mailboxes with receipts that wait; the answer to `GET /ops/mailboxes`. */
export const MailboxList = Type.Object(
  { mailboxes: Type.Array(MailboxFacts) },
  { title: 'MailboxList', description: 'All mailboxes with receipts that wait' },
)
export type MailboxList = Static<typeof MailboxList>
