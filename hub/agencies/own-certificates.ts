// own-certificates — the certificates the hub shows to agencies (`tls.certFile` of an entry), and the days that are
// left.
import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { daysLeft, factsOf } from '../../adapters/trust/certificate.js'
import type { Overview } from '../../messages/views/index.js'
import type { AgencySettings } from './settings.js'

type OwnCertificate = Overview['certificates'][number]

/**
 * One an entry, by the name of the entry. Read anew each time, as every new connection does. A file that cannot be read
 * is left out: the tries fail, and say so.
 */
export function ownCertificates(settings: Record<string, AgencySettings>): OwnCertificate[] {
  return Object.entries(settings).flatMap(([name, { tls }]): OwnCertificate[] => {
    const file = (tls as { certFile?: unknown } | undefined)?.certFile
    if (typeof file !== 'string') return []
    try {
      const facts = factsOf(new X509Certificate(readFileSync(file)))
      return [
        {
          of: `agency ${name}`,
          subject: facts.subject,
          validTo: facts.validTo.toISOString(),
          daysLeft: daysLeft(facts),
        },
      ]
    } catch {
      return []
    }
  })
}
