// receipt-signatures — the hub signs what it gives back, so that a partner can prove to a third party what it was told:
// a detached JWS (RFC 7515, appendix F, and RFC 7797) over the very bytes of a file or an answer, by Ed25519 (RFC 8037)
// and nothing else. The public keys are a JWK Set (RFC 7517).
import { createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { existsSync, linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, createLocalJWKSet, errors, flattenedVerify } from 'jose'

/** `receipt`: the hub says it. `enclosure`: an agency's own bytes, as the hub had them. */
type SignedAs = 'receipt' | 'enclosure'

/** A public key, and since when it signs. `kid` is its thumbprint (RFC 7638), so it names this key and no other. */
export interface PublicJwk {
  kty: 'OKP'
  crv: 'Ed25519'
  /** Base64url of the 32 bytes. */
  x: string
  kid: string
  use: 'sig'
  alg: 'EdDSA'
  /** Seconds since 1970. */
  iat?: number
}
interface KeptJwk extends PublicJwk {
  /** The secret half: of the key that signs alone. */
  d?: string
}

/** Signs receipts with the newest key. It verifies nothing. */
export interface ReceiptSigner {
  /** `<protected>..<signature>`. The same bytes and key give the same text, however often they are given out. */
  jws(bytes: Uint8Array, as?: SignedAs): Promise<string>
  /** `v1a,<base64>` over `<id>.<unix seconds>.<body>`: the asymmetric form of Standard Webhooks. */
  webhook(id: string, timestamp: number, body: Uint8Array): Promise<string>
  /** All keys that have signed, the one that signs first. */
  keys(): PublicJwk[]
}

const algorithm = 'EdDSA'
const typeOf: Record<SignedAs, string> = { receipt: 'hub-receipt+jws', enclosure: 'hub-enclosure+jws' }
/** How soon a key that another process has put into the file is used. */
const lookAgainMs = 1_000
/** A file of keys is a few hundred bytes a key. */
const mostFileBytes = 1 << 20
const signLater = promisify<null, Uint8Array, KeyObject, Buffer>(sign)

/**
 * @param keyFile a private JWK Set, made at the first start (mode 0600). Hubs that share a ledger share it
 * @param trouble told when the file can no longer be read: the keys of before go on
 * @throws Error when the file is there and is not such a set
 */
export async function createReceiptSigner({
  keyFile,
  trouble = () => {},
}: {
  keyFile: string
  trouble?: (error: unknown) => void
}): Promise<ReceiptSigner> {
  if (!existsSync(keyFile)) await makeFirst(keyFile)
  let current = read(keyFile)
  let looked = performance.now()
  const upToDate = () => {
    if (performance.now() - looked < lookAgainMs) return current
    looked = performance.now()
    try {
      if (stateOf(keyFile) !== current.state) current = read(keyFile)
    } catch (error) {
      trouble(error)
    }
    return current
  }
  return {
    async jws(bytes, as = 'receipt') {
      const { secret, keys } = upToDate()
      const head = protectedHead({ alg: algorithm, typ: typeOf[as], kid: keys[0]!.kid, b64: false, crit: ['b64'] })
      const signature = await signLater(null, Buffer.concat([Buffer.from(`${head}.`), bytes]), secret)
      return `${head}..${signature.toString('base64url')}`
    },
    async webhook(id, timestamp, body) {
      const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body])
      return `v1a,${(await signLater(null, signed, upToDate().secret)).toString('base64')}`
    },
    keys: () => upToDate().keys.map(opened),
  }
}

const protectedHead = (head: object) => Buffer.from(JSON.stringify(head)).toString('base64url')

interface VerifiedReceipt {
  as: SignedAs
  /** Of the key that signed. */
  kid: string
}

/** Why a signature proves nothing. */
export class ReceiptNotProved extends Error {
  override name = 'ReceiptNotProved'
}

/**
 * Did the owner of these keys sign these bytes? The algorithm is Ed25519 whatever the signature's head says, and a key
 * that the head brings along is not looked at.
 * @throws ReceiptNotProved
 */
export async function verifyReceipt({
  bytes,
  jws,
  keys,
}: {
  bytes: Uint8Array
  jws: string
  keys: readonly object[]
}): Promise<VerifiedReceipt> {
  const [head, payload, signature, ...more] = jws.trim().split('.')
  if (!head || payload !== '' || !signature || more.length > 0)
    throw new ReceiptNotProved('it is no detached JWS: <head>..<signature>')
  const kept = keys.filter((key) => isEd25519(key)).map((key) => ({ ...key, use: 'sig', alg: algorithm }))
  try {
    const { protectedHeader } = await flattenedVerify(
      { protected: head, payload: bytes, signature },
      createLocalJWKSet({ keys: kept }),
      { algorithms: [algorithm] },
    )
    const { typ, kid, b64 } = protectedHeader ?? {}
    if (b64 !== false) throw new ReceiptNotProved('it is not over the bytes as they are (b64 must be false)')
    const as = (Object.keys(typeOf) as SignedAs[]).find((one) => typeOf[one] === typ)
    if (as === undefined || kid === undefined) throw new ReceiptNotProved('it is not the signature of a receipt')
    return { as, kid }
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) throw new ReceiptNotProved('none of the keys has made it')
    if (error instanceof errors.JOSEError) throw new ReceiptNotProved(error.message)
    throw error
  }
}

const isEd25519 = (key: object): key is PublicJwk =>
  'kty' in key && key.kty === 'OKP' && 'crv' in key && key.crv === 'Ed25519' && 'x' in key && typeof key.x === 'string'

/**
 * Puts a new key in front. What the old ones have signed is still proved: their public halves stay, their secret halves
 * are gone. Running hubs use it within a second.
 * @returns its `kid`
 */
export async function rotateReceiptKey(keyFile: string): Promise<string> {
  const before = existsSync(keyFile) ? read(keyFile).keys : []
  const made = await newKey()
  const part = partOf(keyFile)
  writeKeys(part, [made, ...before.map(opened)])
  renameSync(part, keyFile)
  return made.kid
}

/** The public halves of a file's keys, the one that signs first. @throws Error as `createReceiptSigner` does */
export const receiptKeysIn = (keyFile: string): PublicJwk[] => read(keyFile).keys.map(opened)

async function newKey(): Promise<KeptJwk> {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as { x: string; d: string }
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x })
  return { kty: 'OKP', crv: 'Ed25519', x, d, kid, use: 'sig', alg: algorithm, iat: Math.floor(Date.now() / 1000) }
}

/** Several hubs may start at one moment: the file of one of them is there, whole, and all read it. */
async function makeFirst(keyFile: string): Promise<void> {
  const part = partOf(keyFile)
  writeKeys(part, [await newKey()])
  try {
    linkSync(part, keyFile)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(part, { force: true })
  }
}

const partOf = (keyFile: string) => `${keyFile}.${process.pid}.${randomBytes(4).toString('hex')}.part`

function writeKeys(file: string, keys: readonly KeptJwk[]): void {
  writeFileSync(file, `${JSON.stringify({ keys }, null, 1)}\n`, { mode: 0o600, flag: 'wx' })
}

const opened = ({ kty, crv, x, kid, use, alg, iat }: KeptJwk): PublicJwk => ({
  ...{ kty, crv, x, kid, use, alg },
  ...(iat === undefined ? {} : { iat }),
})

/** Changes with every rename and every write of the file, also behind a link (as secrets of Kubernetes are). */
function stateOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file)
  return `${ino}:${mtimeMs}:${size}`
}

function read(file: string): { state: string; keys: KeptJwk[]; secret: KeyObject } {
  const state = stateOf(file)
  if (statSync(file).size > mostFileBytes) throw new Error(`${file} is too large for a set of keys`)
  const { keys } = JSON.parse(readFileSync(file, 'utf8')) as { keys?: KeptJwk[] }
  if (!Array.isArray(keys) || keys.length === 0 || !keys.every((key) => isEd25519(key) && typeof key.kid === 'string'))
    throw new Error(`${file} is no set of Ed25519 keys with names (a JWK Set with kty OKP, crv Ed25519, x, kid)`)
  const [first] = keys
  if (typeof first!.d !== 'string') throw new Error(`${file}: the first key has no secret half (d), so it cannot sign`)
  const secret = createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', x: first!.x, d: first!.d }, format: 'jwk' })
  return { state, keys: keys.map((key) => ({ ...key, use: 'sig', alg: algorithm })), secret }
}
