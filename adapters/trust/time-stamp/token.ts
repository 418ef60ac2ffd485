// token — a time stamp of RFC 3161: what it says, and whether it holds. It imports nothing but what Node has: the file
// goes into evidence as it is built, and verifies there without the hub.
import { createHash, verify, X509Certificate } from 'node:crypto'

/** What a token proves. */
export interface TimeStamp {
  /** When the authority saw the hash, by its own clock. */
  time: Date
  /** The subject of the authority's certificate, on one line. */
  by: string
  /** SHA-256 of that certificate, in lower-case hexadecimal digits. */
  fingerprint: string
}

/** Why a time stamp, or an answer of an authority, proves nothing. */
export class TimeStampError extends Error {
  override name = 'TimeStampError'
}

/** A value of DER, with where it stands. */
interface DerValue {
  tag: number
  /** From its tag to its end. */
  whole: Buffer
  content: Buffer
}

/** Tags of DER (X.690) that tokens are made of. */
export const der = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30, set: 0x31 }

/** The values that stand one behind the other. @throws TimeStampError when it is no DER */
export function derValues(bytes: Buffer): DerValue[] {
  const found: DerValue[] = []
  for (let at = 0; at < bytes.length;) {
    const [tag, first] = [bytes[at]!, bytes[at + 1] ?? 0x80]
    const lengthBytes = first < 0x80 ? 0 : first - 0x80
    // One of no length known beforehand (0x80) is no DER, and none is longer than four bytes of length say.
    if ((tag & 0x1f) === 0x1f || first === 0x80 || lengthBytes > 4) throw new TimeStampError('it is no DER')
    const begin = at + 2 + lengthBytes
    const length = lengthBytes === 0 ? first : bytes.subarray(at + 2, begin).readUIntBE(0, lengthBytes)
    if (begin + length > bytes.length) throw new TimeStampError('it is cut off')
    found.push({ tag, whole: bytes.subarray(at, begin + length), content: bytes.subarray(begin, begin + length) })
    at = begin + length
  }
  return found
}

/** The parts of a value of this kind. @throws TimeStampError when it is another, or not there */
export function partsOf(value: DerValue | undefined, tag = der.sequence): DerValue[] {
  if (value?.tag !== tag) throw new TimeStampError('it is not built as RFC 3161 says')
  return derValues(value.content)
}

function oidOf(value: DerValue | undefined): string {
  if (value?.tag !== der.oid || value.content.length === 0) throw new TimeStampError('an identifier is missing')
  const numbers: number[] = []
  let number = 0
  for (const byte of value.content) {
    number = number * 128 + (byte & 0x7f)
    if (byte < 0x80) {
      numbers.push(number)
      number = 0
    }
  }
  const first = Math.min(2, Math.floor(numbers[0]! / 40))
  return [first, numbers[0]! - first * 40, ...numbers.slice(1)].join('.')
}

const oid = {
  signedData: '1.2.840.113549.1.7.2',
  timeStampInfo: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  timeStamping: '1.3.6.1.5.5.7.3.8',
}
const hashes: Record<string, string> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
/** With the hash it is made with; empty: that of the signer's digest; null: it has none of its own. */
const signatures: Record<string, string | null> = {
  '1.2.840.113549.1.1.1': '',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
}

function hashOf(algorithm: DerValue | undefined): string {
  const id = oidOf(partsOf(algorithm)[0])
  const name = hashes[id]
  if (name === undefined) throw new TimeStampError(`its hash ${id} is not known`)
  return name
}

const digest = (name: string, bytes: Buffer) => createHash(name).update(bytes).digest()

/** What the authority says of the hash it was given. */
function infoOf(content: Buffer) {
  const [, , imprint, , time, ...more] = partsOf(derValues(content)[0])
  const [algorithm, hash] = partsOf(imprint)
  const text = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d(?:\.\d+)?)Z$/.exec(time?.content.toString('latin1') ?? '')
  if (time?.tag !== 0x18 || !text || hash?.tag !== der.octets) throw new TimeStampError('it names no time')
  const nonce = more.find(({ tag }) => tag === der.integer)
  return {
    hashName: hashOf(algorithm),
    hash: hash.content,
    time: new Date(`${text[1]}-${text[2]}-${text[3]}T${text[4]}:${text[5]}:${text[6]}Z`),
    ...(nonce ? { nonce: nonce.content } : {}),
  }
}

/**
 * @param token the time stamp, DER
 * @param of what was stamped
 * @param authorities certificates the authority's own must lead to; none: any certificate will do
 * @throws TimeStampError when it is no time stamp of that, or its signature is wrong
 */
export function verifyTimeStamp(
  token: Buffer,
  of: Buffer,
  { authorities = [], nonce }: { authorities?: readonly X509Certificate[]; nonce?: Buffer } = {},
): TimeStamp {
  const [kind, wrapped] = partsOf(derValues(token)[0])
  if (oidOf(kind) !== oid.signedData) throw new TimeStampError('it is not signed')
  const [, , encapsulated, ...rest] = partsOf(partsOf(wrapped, 0xa0)[0])
  const [contentKind, contentWrapped] = partsOf(encapsulated)
  const content = partsOf(contentWrapped, 0xa0)[0]?.content
  if (oidOf(contentKind) !== oid.timeStampInfo || !content) throw new TimeStampError('it holds no time')
  const info = infoOf(content)
  if (info.hashName === 'sha1' || !info.hash.equals(digest(info.hashName, of)))
    throw new TimeStampError('it is of something else')
  if (nonce && !(info.nonce && sameNumber(info.nonce, nonce))) throw new TimeStampError('it answers another request')

  const enclosed = rest.find(({ tag }) => tag === 0xa0)
  const certificates = (enclosed ? derValues(enclosed.content) : []).map(({ whole }) => certificateOf(whole))
  const [signer, ...others] = partsOf(
    rest.findLast(({ tag }) => tag === der.set),
    der.set,
  )
  if (others.length > 0) throw new TimeStampError('it has several signers')
  const certificate = signedBy(signer, content, certificates)
  if (authorities.length > 0 && !leadsTo(certificate, { others: certificates, authorities, time: info.time }))
    throw new TimeStampError(`its certificate ${oneLine(certificate.subject)} is of no authority that is trusted`)
  return {
    time: info.time,
    by: oneLine(certificate.subject),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}

/** The certificate whose key has signed. */
function signedBy(signer: DerValue | undefined, content: Buffer, certificates: readonly X509Certificate[]) {
  const [, , digestAlgorithm, attributes, algorithm, signature] = partsOf(signer)
  const hashName = hashOf(digestAlgorithm)
  if (attributes?.tag !== 0xa0 || signature?.tag !== der.octets) throw new TimeStampError('its signature is missing')
  const named = new Map(
    derValues(attributes.content).map((one) => {
      const [id, values] = partsOf(one)
      return [oidOf(id), partsOf(values, der.set)[0]] as const
    }),
  )
  if (oidOf(named.get(oid.contentType)) !== oid.timeStampInfo)
    throw new TimeStampError('its signature is of another kind')
  if (!named.get(oid.messageDigest)?.content.equals(digest(hashName, content)))
    throw new TimeStampError('what is signed is not what it says')
  const certificate = certificates.find((one) => isNamed(one, named))
  if (!certificate) throw new TimeStampError('the certificate of its signature is missing')
  // The subject's uses, by Node's name for them.
  if (!certificate.keyUsage?.includes(oid.timeStamping))
    throw new TimeStampError(`the certificate ${oneLine(certificate.subject)} is not for time stamps`)
  const id = oidOf(partsOf(algorithm)[0])
  const by = signatures[id]
  if (by === undefined) throw new TimeStampError(`its signature algorithm ${id} is not known`)
  // Signed is the set of the attributes, not the tag under which it is sent.
  const signed = Buffer.concat([Buffer.from([der.set]), attributes.whole.subarray(1)])
  const holds = verify(by === '' ? hashName : by, signed, certificate.publicKey, signature.content)
  if (!holds) throw new TimeStampError('its signature is wrong')
  return certificate
}

/** The attribute that binds the signature to one certificate, by its hash. */
function isNamed(certificate: X509Certificate, named: ReadonlyMap<string, DerValue | undefined>): boolean {
  const [newer, older] = [named.get(oid.signingCertificateV2), named.get(oid.signingCertificate)]
  const [first] = partsOf(partsOf(newer ?? older)[0])
  const parts = partsOf(first)
  const hash = parts.find(({ tag }) => tag === der.octets)
  const hashName = !newer ? 'sha1' : parts[0]!.tag === der.sequence ? hashOf(parts[0]) : 'sha256'
  return hash !== undefined && hash.content.equals(digest(hashName, certificate.raw))
}

function leadsTo(
  certificate: X509Certificate,
  given: { others: readonly X509Certificate[]; authorities: readonly X509Certificate[]; time: Date },
  depth = 0,
): boolean {
  const { others, authorities, time } = given
  const isValid =
    Date.parse(certificate.validFrom) <= time.getTime() && time.getTime() <= Date.parse(certificate.validTo)
  if (!isValid || depth > 8) return false
  if (authorities.some((one) => one.raw.equals(certificate.raw) || isIssuer(one, certificate))) return true
  return others
    .filter((one) => !one.raw.equals(certificate.raw) && one.ca && isIssuer(one, certificate))
    .some((one) => leadsTo(one, given, depth + 1))
}

const isIssuer = (one: X509Certificate, of: X509Certificate) => of.checkIssued(one) && of.verify(one.publicKey)

function certificateOf(whole: Buffer): X509Certificate {
  try {
    return new X509Certificate(whole)
  } catch {
    throw new TimeStampError('a certificate in it cannot be read')
  }
}

const oneLine = (subject: string) => subject.split('\n').join(', ')

/** A number may have a zero before it. */
const sameNumber = (a: Buffer, b: Buffer) => BigInt(`0x0${a.toString('hex')}`) === BigInt(`0x0${b.toString('hex')}`)
