// verify — whether the signature of a partner's message holds (验签), where the partner's setting asks for that: what is
// wrong with it refuses the message (`require`) or stands on its receipt (`warn`). Costs nothing where it is `off`.
import type { Envelope } from '../../messages/envelope.js'
import { errorText, HubError } from '../../messages/errors.js'
import type { Fault } from '../../messages/fault.js'
import type { Inspection } from '../../messages/inspection.js'
import type { PartnerSettings } from '../../messages/partner.js'
import { detectSyntax } from '../../messages/syntax.js'
import type { Signatures } from '../trust/signatures.js'

interface VerifyParts {
  signatures: Pick<Signatures, 'verify'>
  /** What may stand around a message. */
  envelopes: readonly Envelope[]
  /** Families whose messages the company that files signs; of others a signature is verified where there is one. */
  signedFamilies: ReadonlySet<string>
  now?: () => Date
}

/** The fault of a message that is valid otherwise; a warning where the setting says so. Undefined: nothing is wrong. */
export type Verify = (
  bytes: Uint8Array,
  inspection: Inspection,
  settings: PartnerSettings,
) => Promise<Fault | undefined>

const namespaceOfSignatures = 'http://www.w3.org/2000/09/xmldsig#'

/**
 * Rejects with HUB_CHECK_UNAVAILABLE when the signature could not be looked at: then nothing is known of the message.
 */
export function createVerify({ signatures, envelopes, signedFamilies, now = () => new Date() }: VerifyParts): Verify {
  return async (bytes, { document, envelope }, { signatures: mode = 'off', signingCertificates = [] }) => {
    // EDIFACT, flat files and JSON have no place for one.
    if (mode === 'off' || !document || detectSyntax(bytes) !== 'xml') return undefined
    const asked = signedFamilies.has(document.family)
    const around = envelopes.find(({ id }) => id === envelope)
    const inner = around?.holds === 'base64' ? around.inner : undefined
    if (
      !asked &&
      inner === undefined &&
      !Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(namespaceOfSignatures)
    )
      return undefined
    const found = await signatures
      .verify(bytes, { certificates: signingCertificates, now: now(), inner })
      .catch((cause: unknown) => {
        throw new HubError('HUB_CHECK_UNAVAILABLE', {}, { cause })
      })
    if (found.outcome === 'good' || (found.outcome === 'unsigned' && !asked)) return undefined
    const level = mode === 'warn' ? { level: 'warn' as const } : {}
    const within = around && inner !== undefined ? `/${around.root}/${inner}` : ''
    const place = { ...found.place, path: `${within}${found.place.path}` }
    if (found.outcome === 'unsigned') {
      const code = 'HUB_SIGNATURE_REQUIRED'
      return { code, ...level, ...place, rule: `signatures=${mode}`, text: errorText(code, { mode }) }
    }
    const code = 'HUB_SIGNATURE_INVALID'
    const text = { zh: errorText(code, { detail: found.zh }).zh, en: errorText(code, { detail: found.en }).en }
    const value = found.value === undefined ? {} : { value: found.value }
    return { code, ...level, ...place, rule: `signature.${found.why}`, ...value, text }
  }
}
