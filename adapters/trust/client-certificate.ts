// client-certificate — what a caller's certificate is known by: its own fingerprint, or its subject together with the
// authority that issued it. Both are kept as one SHA-256, like every other secret of a partner.
import { createHash, X509Certificate } from 'node:crypto'
import { CertificateError, factsOf, type CertificateFacts } from './certificate.js'

/**
 * `fingerprint`: this very certificate. `subject`: any of this subject from this authority, so that a renewed one fits.
 */
export type BoundBy = 'fingerprint' | 'subject'

/** What is kept of a client certificate. */
export interface Binding {
  /** In lower-case hexadecimal digits. */
  sha256: string
  facts: CertificateFacts
}

/** Every certificate of a PEM file, in its order. @throws CertificateError */
export function certificatesIn(pem: string | Buffer): X509Certificate[] {
  const blocks = String(pem).match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  try {
    return blocks.map((block) => new X509Certificate(block))
  } catch {
    throw new CertificateError('certFile', 'this is no certificate in PEM form', '不是 PEM 格式的证书')
  }
}

/**
 * What is kept of a certificate that is to open the door. By subject it opens for every later certificate of the same
 * name and issuer, so that a renewed one needs no new entry; the issuer must be one of `authorities`.
 * @throws CertificateError
 */
export function bindingOf(pem: string, by: BoundBy, authorities: readonly X509Certificate[]): Binding {
  const [leaf] = certificatesIn(pem)
  if (!leaf) throw new CertificateError('certFile', 'this is no certificate in PEM form', '不是 PEM 格式的证书')
  if (by === 'fingerprint') return { sha256: factsOf(leaf).fingerprint, facts: factsOf(leaf) }
  const issuer = issuerOf(leaf, authorities)
  if (!issuer)
    throw new CertificateError(
      'certFile',
      `${factsOf(leaf).subject}: its issuer is not among the authorities in tls.clientCaFile`,
      '签发该证书的 CA 不在 tls.clientCaFile 中',
    )
  return { sha256: digestOfName(leaf, issuer), facts: factsOf(leaf) }
}

/**
 * What the certificate of a connection may be known by; none when it is not valid at this time. `trusted`: TLS has
 * verified its chain up to one of `authorities`, its days and that it is meant for clients.
 */
export function digestsOf(
  leaf: X509Certificate,
  {
    trusted,
    authorities,
    now = Date.now(),
  }: { trusted: boolean; authorities: readonly X509Certificate[]; now?: number },
): string[] {
  const { fingerprint, validFrom, validTo } = factsOf(leaf)
  if (now < validFrom.getTime() || now > validTo.getTime()) return []
  const issuer = trusted ? issuerOf(leaf, authorities) : undefined
  return issuer ? [fingerprint, digestOfName(leaf, issuer)] : [fingerprint]
}

/** Names can be copied, signatures cannot. */
const issuerOf = (leaf: X509Certificate, authorities: readonly X509Certificate[]) =>
  authorities.find((authority) => authority.ca && leaf.checkIssued(authority) && leaf.verify(authority.publicKey))

const digestOfName = (leaf: X509Certificate, issuer: X509Certificate) =>
  createHash('sha256')
    .update(`subject\n${factsOf(issuer).fingerprint}\n${leaf.subject}`)
    .digest('hex')
