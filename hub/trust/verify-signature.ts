// verify-signature — does the signature of a partner's message hold? By the certificates registered for the partner and
// by nothing that the message says of itself: the certificate names key, algorithm and days (no algorithm confusion).
import type { RegisteredCertificate } from '../../messages/signing-certificates.js'
import { readSigningCertificate, signedBy, type SigningCertificate } from '../../adapters/trust/signing-certificate.js'
import type { ReadSignature, SignaturePlace } from '../../xsd/signature/read.js'
import { readSignature } from '../../xsd/signature/read.js'
import { SignatureFormError } from '../../xsd/signature/nodes.js'

/** What is wrong with a signature: its form, its algorithm, its certificate, the message, or its value. */
type WhyBad = 'form' | 'algorithm' | 'unknown' | 'revoked' | 'early' | 'expired' | 'content' | 'value'

/** Whether a signature holds, and why not. */
export type Verified =
  | { outcome: 'unsigned'; place: SignaturePlace }
  | { outcome: 'good'; certificate: string; subject: string }
  | { outcome: 'bad'; why: WhyBad; place: SignaturePlace; value?: string; en: string; zh: string }

/** What a look at a certificate needs of it; a partner has the same ones for months. */
const read = new Map<string, SigningCertificate | undefined>()
const mostRead = 2_000

function certificateOf(pem: string): SigningCertificate | undefined {
  if (!read.has(pem)) {
    if (read.size >= mostRead) read.clear()
    let found: SigningCertificate | undefined
    try {
      found = readSigningCertificate(pem)
    } catch {
      // One that cannot be read signs nothing.
    }
    read.set(pem, found)
  }
  return read.get(pem)
}

/** @param now milliseconds since 1970 */
export function verifySignature(
  bytes: Uint8Array,
  registered: readonly RegisteredCertificate[],
  now: number,
): Verified {
  let found: ReturnType<typeof readSignature>
  try {
    found = readSignature(bytes)
  } catch (error) {
    if (!(error instanceof SignatureFormError)) throw error
    return { outcome: 'bad', why: 'form', place: { path: '/' }, en: error.message, zh: error.zh }
  }
  const { place } = found
  if (found.found === 'none') return { outcome: 'unsigned', place }
  const bad = (why: WhyBad, en: string, zh: string, value?: string): Verified => ({
    ...{ outcome: 'bad', why, place, en, zh },
    ...(value === undefined ? {} : { value: value.slice(0, 200) }),
  })
  if (found.found === 'form') return bad('form', found.en, found.zh)
  const { signature } = found
  const own = chosen(registered, signature)
  if (!own) {
    const said = signature.keyName ?? numberOf(signature.certificates[0]) ?? ''
    const who =
      said === ''
        ? ['it names no certificate', '签名未注明证书']
        : [`certificate ${said} is not registered`, `证书 ${said} 未登记`]
    return bad('unknown', who[0]!, who[1]!, said)
  }
  const { certificate, revokedAt } = own
  const { algorithms, number, notBefore, notAfter } = certificate
  if (revokedAt !== undefined)
    return bad(
      'revoked',
      `certificate ${number} was revoked on ${revokedAt}`,
      `证书 ${number} 已于 ${revokedAt} 撤销`,
      number,
    )
  for (const said of [
    [signature.signatureMethod, algorithms.signatureMethod],
    [signature.digestMethod, algorithms.digestMethod],
  ] as const)
    if (said[0] !== said[1])
      return bad(
        'algorithm',
        `its algorithm is ${said[0] || 'not named'}; with certificate ${number} it must be ${said[1]}`,
        `算法为 ${said[0] || '空'}，证书 ${number} 应使用 ${said[1]}`,
        said[0],
      )
  if (now < notBefore.getTime())
    return bad(
      'early',
      `certificate ${number} is good from ${notBefore.toISOString()} on`,
      `证书 ${number} 自 ${notBefore.toISOString()} 起有效`,
      number,
    )
  if (now > notAfter.getTime())
    return bad(
      'expired',
      `certificate ${number} ended on ${notAfter.toISOString()}`,
      `证书 ${number} 已于 ${notAfter.toISOString()} 到期`,
      number,
    )
  if (!algorithms.digest(signature.content).equals(signature.digest))
    return bad('content', 'the message is not the one that was signed', '报文内容与签名摘要不一致')
  if (!signedBy(certificate, signature.signedInfo, signature.value))
    return bad(
      'value',
      `it was not made with the key of certificate ${number}`,
      `签名值不是证书 ${number} 的私钥所签`,
      number,
    )
  return { outcome: 'good', certificate: number, subject: certificate.subject }
}

/**
 * By a certificate itself where one came along, else by its number. One that is in force comes before a revoked one.
 */
function chosen(registered: readonly RegisteredCertificate[], { certificates, keyName }: ReadSignature) {
  const own = registered.flatMap(({ pem, revokedAt }) => {
    const certificate = certificateOf(pem)
    return certificate ? [{ certificate, revokedAt }] : []
  })
  const came = certificates.map((der) => der.toString('base64'))
  const plain = (number: string) => number.toUpperCase().replace(/^0+/, '')
  const fits = own.filter(({ certificate: { base64, number } }) =>
    came.length > 0 ? came.includes(base64) : keyName !== undefined && plain(number) === plain(keyName),
  )
  return fits.find(({ revokedAt }) => revokedAt === undefined) ?? fits[0]
}

function numberOf(der: Buffer | undefined): string | undefined {
  try {
    return der && readSigningCertificate(der).number
  } catch {
    return undefined
  }
}
