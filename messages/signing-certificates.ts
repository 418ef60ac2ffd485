// signing-certificates — the certificates a partner signs its messages with (验签证书), as its settings hold them: public,
// and kept after they were taken back, so that a signature of one is told to be of a revoked certificate.
import { Type, type Static } from 'typebox'

/** A certificate by which a partner's signatures are verified. */
export const SigningCertificateSetting = Type.Object(
  {
    id: Type.String(),
    /** The certificate, PEM. */
    pem: Type.String({ maxLength: 20_000 }),
    label: Type.String({ maxLength: 200 }),
    /** When it was registered, and taken back: ISO 8601. */
    addedAt: Type.String(),
    revokedAt: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
)
export type SigningCertificateSetting = Static<typeof SigningCertificateSetting>

/** What a look at a signature needs to know of one. */
export type RegisteredCertificate = Pick<SigningCertificateSetting, 'pem' | 'revokedAt'>

/** Of one partner, revoked ones counted: they make room, the oldest first. */
export const mostSigningCertificates = 50
