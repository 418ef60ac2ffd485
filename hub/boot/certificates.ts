// certificates — every certificate whose end stops something: of the door, of signers, those shown to agencies, and
// those partners sign with. Metrics, the monitor and `hub doctor` show them; the log says once a day what ends soon.
import type { Overview } from '../../messages/views/index.js'
import type { SigningCertificateSetting } from '../../messages/signing-certificates.js'
import type { Ledger } from '../../store/ledger.js'
import type { Agencies } from '../agencies/agencies.js'
import { signingCertificateViews } from '../operate/signing-certificates.js'
import type { Signers } from '../trust/signers.js'
import { certificateDays, fewDays, type DoorTls } from './tls.js'

/** One certificate, and the days it has left: below zero it has ended. */
type Ending = Overview['certificates'][number]

/** @see [startOperating](./operating.ts) */
interface CertificatesParts {
  tls: Pick<DoorTls, 'current' | 'trouble'> | undefined
  agencies: Pick<Agencies, 'certificates'>
  signers: Pick<Signers, 'views'>
  ledger: Pick<Ledger, 'listPartners'>
  now?: () => Date
}

/** The function that lists them as they are at that moment. */
export function listCertificates({ tls, agencies, signers, ledger, now = () => new Date() }: CertificatesParts) {
  return async (): Promise<Ending[]> => [
    ...certificateDays(tls),
    ...agencies.certificates(),
    ...signers.views().map(({ name, certificate: { subject, notAfter, daysLeft } }): Ending => ({
      of: `signer ${name}`,
      subject,
      validTo: notAfter,
      daysLeft,
    })),
    ...(await ledger.listPartners()).flatMap(({ partnerId, disabled, settings }) =>
      disabled || (settings.signatures ?? 'off') === 'off'
        ? []
        : ofPartner(partnerId, settings.signingCertificates, now()),
    ),
  ]
}

/** Those in force, without one that was renewed: another of the same subject ends later. */
function ofPartner(partnerId: string, all: readonly SigningCertificateSetting[] | undefined, now: Date): Ending[] {
  const inForce = signingCertificateViews(all, now).filter(({ revokedAt }) => revokedAt === undefined)
  return inForce
    .filter((one) => !inForce.some(({ subject, notAfter }) => subject === one.subject && notAfter > one.notAfter))
    .map(({ number, subject, notAfter, daysLeft }) => ({
      of: `partner ${partnerId} ${number}`,
      subject,
      validTo: notAfter,
      daysLeft,
    }))
}

const everyMs = 3_600_000
const dayMs = 24 * everyMs

/** @see [listCertificates](./certificates.ts) */
interface WatchParts {
  list: () => Promise<readonly Ending[]>
  log: { warn(ids: object, event: string): void; error(ids: object, event: string): void }
  /** By a clock that nobody sets, in milliseconds. */
  now?: () => number
}

/** Looks at once and every hour; each certificate that ends soon or has ended is told once a day. */
export function watchCertificates({ list, log, now = () => performance.now() }: WatchParts) {
  const told = new Map<string, number>()

  async function look(): Promise<void> {
    // A ledger that is away is told elsewhere; the next look is soon.
    const all = await list().catch(() => [])
    for (const { of, subject, validTo, daysLeft } of all) {
      const key = `${of} ${validTo} ${daysLeft < 0}`
      if (daysLeft >= fewDays || now() - (told.get(key) ?? -Infinity) < dayMs) continue
      told.set(key, now())
      if (daysLeft < 0) log.error({ of, subject, validTo, daysLeft }, 'a certificate has ended')
      else log.warn({ of, subject, validTo, daysLeft }, 'a certificate ends soon')
    }
  }

  const timer = setInterval(() => void look(), everyMs).unref()
  void look()
  return { look, stop: () => clearInterval(timer) }
}
