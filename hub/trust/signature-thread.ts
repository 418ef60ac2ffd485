// signature-thread — the thread that makes and reads XML signatures: canonical XML of megabytes holds up nobody.
import { parentPort } from 'node:worker_threads'
import { algorithmsOf, type KeyKind } from '../../adapters/trust/algorithms.js'
import { readSigningCertificate, signedBy, type SigningCertificate } from '../../adapters/trust/signing-certificate.js'
import { prepareSignature, readSignature, SignatureFormError } from '../../xsd/signature/enveloped.js'

export type SignatureThreadInput =
  | { ask: 'prepare'; bytes: Uint8Array; kind: KeyKind; keyName: string; certificate?: string }
  /** `certificates`: PEM, those a partner may sign with. */
  | { ask: 'verify'; bytes: Uint8Array; certificates: string[]; now: number }

/** Whether a signature holds, and why not. */
export type Verified =
  | { outcome: 'unsigned' }
  | { outcome: 'good'; certificate: string; subject: string }
  | { outcome: 'bad'; why: 'form' | 'algorithm' | 'unknown' | 'expired' | 'content' | 'value'; detail: string }

export type SignatureThreadOutput =
  | { made: 'prepared'; signedInfo: Uint8Array; before: Uint8Array; after: Uint8Array }
  | { made: 'verified'; verified: Verified }
  | { made: 'nothing'; why: string; form: boolean }

/** Stands where the value will: nothing else in a signature reads so. */
const mark = Buffer.from('0'.repeat(48), 'hex')

function answer(input: SignatureThreadInput): SignatureThreadOutput {
  switch (input.ask) {
    case 'prepare': {
      const { signatureMethod, digestMethod, digest } = algorithmsOf[input.kind]
      const { keyName, certificate } = input
      const template = { signatureMethod, digestMethod, digest, keyName, ...(certificate ? { certificate } : {}) }
      const { signedInfo, complete } = prepareSignature(input.bytes, template)
      const whole = complete(mark)
      const at = whole.lastIndexOf(mark.toString('base64'))
      return {
        made: 'prepared',
        signedInfo: new Uint8Array(signedInfo),
        before: new Uint8Array(whole.subarray(0, at)),
        after: new Uint8Array(whole.subarray(at + mark.toString('base64').length)),
      }
    }
    case 'verify':
      return { made: 'verified', verified: verify(input.bytes, input.certificates, input.now) }
    default:
      return input satisfies never
  }
}

function verify(bytes: Uint8Array, pems: string[], now: number): Verified {
  const bad = (why: Extract<Verified, { outcome: 'bad' }>['why'], detail: string): Verified => ({
    outcome: 'bad',
    why,
    detail,
  })
  let read: ReturnType<typeof readSignature>
  try {
    read = readSignature(bytes)
  } catch (error) {
    if (error instanceof SignatureFormError) return bad('form', error.message)
    throw error
  }
  if (!read) return { outcome: 'unsigned' }
  const registered = pems.map((pem) => readSigningCertificate(pem))
  const certificate = chosen(registered, read)
  if (!certificate) return bad('unknown', read.keyName ?? 'no KeyName and no certificate')
  // The key says by what it signs; a signature that says otherwise is not taken at its word (algorithm confusion).
  const { algorithms } = certificate
  if (read.signatureMethod !== algorithms.signatureMethod) return bad('algorithm', read.signatureMethod)
  if (read.digestMethod !== algorithms.digestMethod) return bad('algorithm', read.digestMethod)
  if (now < certificate.notBefore.getTime() || now > certificate.notAfter.getTime())
    return bad(
      'expired',
      `${certificate.number}: ${certificate.notBefore.toISOString()} – ${certificate.notAfter.toISOString()}`,
    )
  if (!algorithms.digest(read.content).equals(read.digest)) return bad('content', certificate.number)
  if (!signedBy(certificate, read.signedInfo, read.value)) return bad('value', certificate.number)
  return { outcome: 'good', certificate: certificate.number, subject: certificate.subject }
}

/** By the certificate itself where it came along, else by its number. */
function chosen(
  registered: SigningCertificate[],
  { certificate, keyName }: { certificate?: Buffer; keyName?: string },
) {
  if (certificate) return registered.find(({ base64 }) => base64 === certificate.toString('base64'))
  const number = (text: string) => text.toUpperCase().replace(/^0+/, '')
  return keyName === undefined ? undefined : registered.find((one) => number(one.number) === number(keyName))
}

parentPort?.on('message', (input: SignatureThreadInput) => {
  let said: SignatureThreadOutput
  try {
    said = answer(input)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    said = { made: 'nothing', why, form: error instanceof SignatureFormError }
  }
  parentPort!.postMessage(said)
})
