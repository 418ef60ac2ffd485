// signing-certificates — the certificates a partner signs its messages with (验签证书): registered, listed with the days
// that are left, and taken back. They stand in its settings; a revoked one stays there, so that a signature of it is
// told to be just that.
import { daysLeft, readSigningCertificate, type SigningCertificate } from '../../adapters/trust/signing-certificate.js'
import { HubError } from '../../messages/errors.js'
import { newId } from '../../messages/ids.js'
import type { Operator } from '../../messages/operator.js'
import { mostSigningCertificates, type SigningCertificateSetting } from '../../messages/signing-certificates.js'
import type { SigningCertificateView } from '../../messages/views/index.js'
import type { Ledger } from '../../store/ledger.js'
import type { RecordAct } from './recorded.js'

/** @see [createOperator](./operator.ts) */
interface SigningCertificatesParts {
  ledger: Pick<Ledger, 'getPartner' | 'changePartner'>
  recorded: RecordAct
  partnersChanged: () => Promise<void>
  now: () => Date
}

/** Shorter RSA keys can be broken. */
const leastRsaBits = 2048

const refused = (why: string) => new HubError('HUB_REQUEST_INVALID', { detail: `/certificate: ${why}` })

/** Registers, lists and revokes the certificates a partner signs with; each change is in the audit. */
export function createSigningCertificates({ ledger, recorded, partnersChanged, now }: SigningCertificatesParts) {
  async function change(
    partnerId: string,
    next: (old: readonly SigningCertificateSetting[]) => SigningCertificateSetting[],
  ): Promise<true> {
    await ledger.changePartner(partnerId, (old) => {
      const { signingCertificates = [], ...others } = old!.settings
      return { ...old!, settings: { ...others, signingCertificates: next(signingCertificates) } }
    })
    return true
  }

  return {
    /**
     * From now on a signature of this certificate holds. Undefined when there is no such partner.
     * @throws HubError HUB_REQUEST_INVALID
     */
    async addSigningCertificate(
      partnerId: string,
      { pem, label }: { pem: string; label: string },
      by: Operator,
    ): Promise<SigningCertificateView | undefined> {
      const partner = await ledger.getPartner(partnerId)
      if (!partner) return undefined
      const certificate = sound(pem, now())
      const old = partner.settings.signingCertificates ?? []
      const known = old.map((one) => ({ one, base64: readOr(one.pem)?.base64 }))
      if (known.some(({ one, base64 }) => base64 === certificate.base64 && one.revokedAt === undefined))
        throw refused('it is registered already')
      if (old.filter(({ revokedAt }) => revokedAt === undefined).length >= mostSigningCertificates)
        throw refused(`${mostSigningCertificates} are registered; revoke one first`)
      const entry = { id: newId('crt'), pem: certificate.pem, label, addedAt: now().toISOString() }
      const { id } = entry
      const { number, subject } = certificate
      const detail = { use: 'signature', id, number, subject, label, expiresAt: certificate.notAfter.toISOString() }
      await recorded({ by, action: 'partner.certificate', target: partnerId, detail }, () =>
        change(partnerId, (now) => room([...now, entry])),
      )
      await partnersChanged()
      return viewOf(entry, now())
    },
    /** Every one, revoked ones too. Undefined when there is no such partner. */
    async signingCertificates(partnerId: string): Promise<SigningCertificateView[] | undefined> {
      const partner = await ledger.getPartner(partnerId)
      return partner && signingCertificateViews(partner.settings.signingCertificates, now())
    },
    /** From now on no signature of it holds. False when the partner has none of this id in force. */
    async revokeSigningCertificate(partnerId: string, id: string, by: Operator): Promise<boolean> {
      const partner = await ledger.getPartner(partnerId)
      const inForce = ({ id: own, revokedAt }: SigningCertificateSetting) => own === id && revokedAt === undefined
      const found = partner?.settings.signingCertificates?.find(inForce)
      if (!found) return false
      const detail = { id, kind: 'signature', number: readOr(found.pem)?.number ?? '' }
      const revokedAt = now().toISOString()
      await recorded({ by, action: 'partner.revoke', target: partnerId, detail }, () =>
        change(partnerId, (all) => all.map((one) => (inForce(one) ? { ...one, revokedAt } : one))),
      )
      await partnersChanged()
      return true
    },
  }
}

/** Those in force all stay; revoked ones make room, the oldest first. */
function room(all: SigningCertificateSetting[]): SigningCertificateSetting[] {
  const kept = [...all]
  while (kept.length > mostSigningCertificates) {
    const oldest = kept.findIndex(({ revokedAt }) => revokedAt !== undefined)
    if (oldest === -1) break
    kept.splice(oldest, 1)
  }
  return kept
}

/** @throws HubError HUB_REQUEST_INVALID */
function sound(pem: string, now: Date): SigningCertificate & { pem: string } {
  let certificate: SigningCertificate
  try {
    certificate = readSigningCertificate(pem)
  } catch (error) {
    throw refused(error instanceof Error ? error.message : String(error))
  }
  const { algorithms, publicKey, notAfter, base64 } = certificate
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0
  if (algorithms.kind === 'rsa' && bits < leastRsaBits)
    throw refused(`its RSA key has ${bits} bits; at least ${leastRsaBits} are needed`)
  if (notAfter <= now) throw refused(`it ended on ${notAfter.toISOString()}`)
  const lines = base64.match(/.{1,64}/g)!.join('\n')
  // The certificate alone: what else stood in the file is nobody's business.
  return { ...certificate, pem: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n` }
}

function readOr(pem: string): SigningCertificate | undefined {
  try {
    return readSigningCertificate(pem)
  } catch {
    return undefined
  }
}

/** Those that can be read, with the days that are left; one that cannot is left out. */
export const signingCertificateViews = (all: readonly SigningCertificateSetting[] = [], now: Date) =>
  all.flatMap((one) => viewOf(one, now) ?? [])

function viewOf(
  { id, pem, label, addedAt, revokedAt }: SigningCertificateSetting,
  now: Date,
): SigningCertificateView | undefined {
  const certificate = readOr(pem)
  return (
    certificate && {
      id,
      number: certificate.number,
      subject: certificate.subject,
      algorithm: certificate.algorithms.kind,
      label,
      notBefore: certificate.notBefore.toISOString(),
      notAfter: certificate.notAfter.toISOString(),
      daysLeft: daysLeft(certificate, now),
      addedAt,
      ...(revokedAt === undefined ? {} : { revokedAt }),
    }
  )
}
