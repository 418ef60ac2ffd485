// tls — the certificate of the HTTP door: read at the start, watched, and read again when its files change, without a
// closed connection.
import type { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  CertificateError,
  daysLeft,
  readCertificate,
  type Certificate,
  type CertificateFacts,
} from '../../adapters/trust/certificate.js'
import { bindingOf, certificatesIn, type BoundBy } from '../../adapters/trust/client-certificate.js'
import { HubError } from '../../messages/errors.js'
import { watchFiles } from '../agencies/watch-files.js'
import type { Config } from '../config/config.js'
import type { Start } from './start.js'

/** A certificate that ends: whose it is, and in how many whole days. */
interface CertificateDays {
  /** `http`: of the HTTP door. */
  of: string
  subject: string
  validTo: string
  daysLeft: number
  /** Why its new files cannot be used. */
  trouble?: string
}

/** Certificate and key of the HTTP door. */
export interface DoorTls {
  /** The one that new connections get now. */
  current(): Certificate
  /** Told of every certificate that replaces another. */
  onRenewed(listener: (certificate: Certificate) => void): void
  /** Whose clients may be known by the subject of their certificate. */
  clientAuthorities(): readonly X509Certificate[]
  clientCa(): Buffer | undefined
  /**
   * Why the files as they are now cannot be served; undefined while they can. The certificate of before is served
   * meanwhile.
   */
  trouble(): string | undefined
}

/** With fewer days left the log warns, as the alert `CertificateEnds` does. */
export const fewDays = 14

/** Loads and watches the door's certificate; undefined where the door speaks plain HTTP. @throws CertificateError */
export function startTls({ config, env, life, log }: Pick<Start, 'config' | 'env' | 'life' | 'log'>) {
  const { tls } = config
  if (!tls) return undefined
  let certificate = readCertificate(filesOf(tls, env))
  let trouble: string | undefined
  const listeners: ((certificate: Certificate) => void)[] = []
  const told = ({ facts }: Certificate) => ({ ...seen(facts), daysLeft: daysLeft(facts) })
  const logged = (one: Certificate, event: string) => {
    const days = daysLeft(one.facts)
    if (days < 0) log.error(told(one), 'the certificate of the HTTP door has expired')
    else if (days < fewDays) log.warn(told(one), `${event}: it ends soon`)
    else log.info(told(one), event)
  }
  logged(certificate, 'certificate of the HTTP door')

  // Those of the start: whom to believe is a setting, and changes with the next start like all others.
  const clientCa = tls.clientCaFile === undefined ? undefined : readFileSync(tls.clientCaFile)
  const authorities = clientCa === undefined ? [] : certificatesIn(clientCa)
  const read = () => {
    try {
      const next = readCertificate(filesOf(tls, env))
      trouble = undefined
      if (next.facts.fingerprint === certificate.facts.fingerprint && next.key.equals(certificate.key)) return
      certificate = next
      for (const listener of listeners) listener(next)
      logged(next, 'certificate of the HTTP door renewed')
    } catch (error) {
      // Files are replaced one after the other: between the two they do not belong together, and the next look finds
      // that they do.
      trouble = error instanceof Error ? error.message : String(error)
      log.error({ reason: trouble }, 'the new certificate of the HTTP door cannot be used; the old one is served')
    }
  }
  life.started(watchFiles([tls.certFile, tls.keyFile], read), (stop) => stop())
  return {
    current: () => certificate,
    onRenewed: (listener) => void listeners.push(listener),
    clientAuthorities: () => authorities,
    clientCa: () => clientCa,
    trouble: () => trouble,
  } satisfies DoorTls
}

/** The files of `tls`, with the passphrase from the environment. */
export const filesOf = (tls: NonNullable<Config['tls']>, env: NodeJS.ProcessEnv) => ({
  certFile: tls.certFile,
  keyFile: tls.keyFile,
  passphrase: tls.passphraseEnv === undefined ? undefined : env[tls.passphraseEnv],
})

const seen = ({ subject, names, validTo, fingerprint }: CertificateFacts) => ({
  subject,
  names,
  validTo: validTo.toISOString(),
  fingerprint,
})

/** @throws HubError HUB_REQUEST_INVALID */
export function certificateBinding(pem: string, by: BoundBy, authorities: readonly X509Certificate[]) {
  try {
    return bindingOf(pem, by, authorities)
  } catch (error) {
    if (!(error instanceof CertificateError)) throw error
    throw new HubError('HUB_REQUEST_INVALID', { detail: `/certificate: ${error.en}` })
  }
}

/** What metrics, `hub doctor` and the monitor show. */
export function certificateDays(tls: Pick<DoorTls, 'current' | 'trouble'> | undefined): CertificateDays[] {
  if (!tls) return []
  const { facts } = tls.current()
  const trouble = tls.trouble()
  return [
    {
      of: 'http',
      subject: facts.subject,
      validTo: facts.validTo.toISOString(),
      daysLeft: daysLeft(facts),
      ...(trouble === undefined ? {} : { trouble }),
    },
  ]
}
