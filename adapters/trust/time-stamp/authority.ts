// authority — asks a time-stamp authority (RFC 3161, over HTTP) when something was there. It is sent a hash, and a
// number by chance so that nobody plays an older answer.
import { createHash, randomBytes, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Type, type Static } from 'typebox'
import { der, derValues, partsOf, TimeStampError, verifyTimeStamp, type TimeStamp } from './token.js'

/** `timeStamps` of hub.yaml. */
export const TimeStampSettings = Type.Object(
  {
    url: Type.String({
      pattern: '^https?://',
      description:
        'The authority (TSA, RFC 3161 over HTTP) that [stamps](operations.md#time-stamps-时间戳) the signed history. ' +
        'It is sent a hash, nothing else',
      zh: '时间戳服务（TSA）地址，仅发送摘要',
    }),
    caFile: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Certificates (PEM) the authority’s own must lead to. Absent: any certificate for time stamps will do, ' +
          'and whoever verifies compares its fingerprint',
        zh: '时间戳服务的 CA 证书文件',
      }),
    ),
    seconds: Type.Number({
      default: 10,
      exclusiveMinimum: 0,
      maximum: 120,
      description: 'Seconds an answer may take',
      zh: '应答超时（秒）',
    }),
  },
  { additionalProperties: false },
)
export type TimeStampSettings = Static<typeof TimeStampSettings>

/** One authority; each answer is verified before it is given back. */
export interface TimeStampAuthority {
  url: string
  /** @throws TimeStampError, or what `fetch` throws: nothing was stamped then, and it may be asked again */
  stamp(bytes: Buffer): Promise<{ token: Buffer } & TimeStamp>
}

/** Beyond any answer with its certificates. */
const mostBytes = 256 * 1024

/** @throws Error (ENOENT …) when `caFile` cannot be read */
export function createTimeStampAuthority({ url, caFile, seconds }: TimeStampSettings): TimeStampAuthority {
  const authorities = caFile === undefined ? [] : certificatesOf(readFileSync(caFile, 'utf8'))
  return {
    url,
    async stamp(bytes) {
      // The first bit stays 0: a positive number.
      const nonce = randomBytes(8)
      nonce[0] = (nonce[0]! & 0x3f) | 0x40
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/timestamp-query', accept: 'application/timestamp-reply' },
        body: new Uint8Array(request(bytes, nonce)),
        redirect: 'error',
        signal: AbortSignal.timeout(seconds * 1000),
      })
      const answer = await bodyOf(response)
      if (!response.ok) throw new TimeStampError(`it answers ${response.status}`)
      const token = tokenOf(answer)
      return { token, ...verifyTimeStamp(token, bytes, { authorities, nonce }) }
    },
  }
}

/** All certificates of a PEM file, in their order. @throws TimeStampError where there is none */
export function certificatesOf(pem: string): X509Certificate[] {
  const all = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  if (all.length === 0) throw new TimeStampError('the file holds no certificate (PEM)')
  return all.map((one) => new X509Certificate(one))
}

async function bodyOf(response: Response): Promise<Buffer> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += part.length
    if (size > mostBytes) throw new TimeStampError('its answer has no end')
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** Of a TimeStampResp. @throws TimeStampError when the authority refuses */
function tokenOf(answer: Buffer): Buffer {
  const [status, token] = partsOf(derValues(answer)[0])
  const [code] = partsOf(status)
  // 0: granted; 1: granted with modifications.
  if (code?.tag !== der.integer || code.content.length !== 1 || code.content[0]! > 1 || !token)
    throw new TimeStampError(`it refuses: status ${code?.content.toString('hex') ?? 'unknown'}`)
  return token.whole
}

const encode = (tag: number, ...contents: Buffer[]): Buffer => {
  const content = Buffer.concat(contents)
  // None of ours is longer than a byte of length says.
  return Buffer.concat([Buffer.from([tag, content.length]), content])
}

/** TimeStampReq of a SHA-256, which asks for the certificate too. */
function request(bytes: Buffer, nonce: Buffer): Buffer {
  const sha256 = encode(der.sequence, Buffer.from('0609608648016503040201' + '0500', 'hex'))
  const imprint = encode(der.sequence, sha256, encode(der.octets, createHash('sha256').update(bytes).digest()))
  const version = encode(der.integer, Buffer.from([1]))
  const withCertificate = encode(0x01, Buffer.from([0xff]))
  return encode(der.sequence, version, imprint, encode(der.integer, nonce), withCertificate)
}
