// access-tokens — short-lived proofs that a partner's client has shown its secret (RFC 6749 section 4.4, RFC 9068):
// signed with Ed25519 and nothing else, so that no token can choose how it is checked. The keys live in one file of
// this user's alone and are replaced every day.
import { createHash, randomBytes } from 'node:crypto'
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { errors, exportJWK, generateKeyPair, importJWK, jwtVerify, SignJWT, type CryptoKey, type JWK } from 'jose'

/** Whom a token speaks for: what is in its claims. */
interface TokenOwner {
  partnerId: string
  /** The id of the client's secret. */
  clientId: string
  /** Digest of the certificate the token was asked for with; then it is good only together with it (RFC 8705). */
  certificate?: string
}

interface AccessTokensParts {
  /** Made at the first start, mode 0600. Hubs that share a ledger share it. */
  keyFile: string
  /** How long a token is good for. */
  seconds: number
  now?: () => number
}

/** Neither verb looks at the ledger: whether the client's secret still holds is for the caller to ask. */
export interface AccessTokens {
  issue(owner: TokenOwner): Promise<{ token: string; seconds: number }>
  /** `expired`: it was one of ours. Undefined: it is none. */
  read(token: string): Promise<TokenOwner | 'expired' | undefined>
}

const algorithm = 'EdDSA'
const type = 'at+jwt'
const issuer = 'urn:singlewindow:hub'
/** A key signs for a day; the one before it is kept for the tokens it has signed. */
const signsMs = 24 * 3_600_000
const keysKept = 2
/** How far two machines' clocks may be apart. */
const clockSeconds = 5
/**
 * Another process may have made a new key; a stranger who invents names of keys makes nobody read the file all the
 * time.
 */
const rereadMs = 1_000
const longestToken = 2_000
const mostRemembered = 10_000

interface KeptKey {
  kid: string
  createdAt: number
  jwk: JWK
}
interface Key extends KeptKey {
  secret: CryptoKey
  open: CryptoKey
}

/** Three parts in base64url: nothing else that opens a door looks like this. */
export const looksLikeToken = (text: string) => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text)

/** The key file is read when a token needs a key that is not known, at most once a second, and written once a day. */
export function createAccessTokens({ keyFile, seconds, now = Date.now }: AccessTokensParts): AccessTokens {
  let keys: Promise<Key[]> | undefined
  /** By a clock that nobody sets: set back, the wall's would keep a key that another hub has made unknown here. */
  let readAt = 0
  /** Tokens that were verified, by their digest: the claims stay true until they end. */
  const verified = new Map<string, { owner: TokenOwner; until: number }>()

  const load = (): Promise<Key[]> => {
    readAt = performance.now()
    return Promise.all(readKeys(keyFile).map(usable))
  }

  /** The newest one, made now where there is none or it has signed for a day. */
  async function signing(): Promise<Key> {
    keys ??= load()
    const fresh = (all: Key[]) => all.find(({ createdAt }) => now() - createdAt < signsMs)
    const found = fresh(await keys) ?? fresh(await (keys = load()))
    if (found) return found
    const { privateKey } = await generateKeyPair(algorithm, { crv: 'Ed25519', extractable: true })
    const made: KeptKey = {
      kid: randomBytes(9).toString('base64url'),
      createdAt: now(),
      jwk: await exportJWK(privateKey),
    }
    writeKeys(keyFile, [made, ...readKeys(keyFile)].slice(0, keysKept))
    // Another process may have written at the same moment: what stands in the file now is what all use.
    return fresh(await (keys = load())) ?? usable(made)
  }

  async function keyNamed(kid: string | undefined): Promise<CryptoKey | undefined> {
    keys ??= load()
    const named = async () => (await keys!).find((key) => key.kid === kid)?.open
    const found = await named()
    if (found || performance.now() - readAt < rereadMs) return found
    keys = load()
    return named()
  }

  return {
    async issue({ partnerId, clientId, certificate }) {
      const { kid, secret } = await signing()
      const at = Math.floor(now() / 1000)
      const token = await new SignJWT({
        client_id: clientId,
        ...(certificate === undefined ? {} : { cnf: { 'x5t#S256': certificate } }),
      })
        .setProtectedHeader({ alg: algorithm, typ: type, kid })
        .setIssuer(issuer)
        .setAudience(issuer)
        .setSubject(partnerId)
        .setIssuedAt(at)
        .setExpirationTime(at + seconds)
        .setJti(randomBytes(12).toString('base64url'))
        .sign(secret)
      return { token, seconds }
    },
    async read(token) {
      if (token.length > longestToken) return undefined
      const digest = createHash('sha256').update(token).digest('base64')
      const known = verified.get(digest)
      if (known) return known.until > now() ? known.owner : 'expired'
      try {
        const { payload } = await jwtVerify(
          token,
          async ({ kid }) => {
            const key = await keyNamed(kid)
            if (!key) throw new errors.JWKSNoMatchingKey()
            return key
          },
          {
            algorithms: [algorithm],
            typ: type,
            issuer,
            audience: issuer,
            requiredClaims: ['sub', 'client_id', 'exp', 'iat'],
            clockTolerance: clockSeconds,
            currentDate: new Date(now()),
          },
        )
        const { sub, client_id: clientId, cnf, exp } = payload
        if (typeof sub !== 'string' || typeof clientId !== 'string') return undefined
        const certificate = (cnf as { 'x5t#S256'?: unknown } | undefined)?.['x5t#S256']
        const owner = { partnerId: sub, clientId, ...(typeof certificate === 'string' ? { certificate } : {}) }
        if (verified.size >= mostRemembered) verified.clear()
        verified.set(digest, { owner, until: (exp! + clockSeconds) * 1000 })
        return owner
      } catch (error) {
        // Its signature was verified before its time was looked at.
        if (error instanceof errors.JWTExpired) return 'expired'
        if (error instanceof errors.JOSEError) return undefined
        throw error
      }
    },
  }
}

async function usable(kept: KeptKey): Promise<Key> {
  const { d: _secret, ...open } = kept.jwk
  return {
    ...kept,
    secret: (await importJWK(kept.jwk, algorithm)) as CryptoKey,
    open: (await importJWK(open, algorithm)) as CryptoKey,
  }
}

function readKeys(file: string): KeptKey[] {
  try {
    return (JSON.parse(readFileSync(file, 'utf8')) as { keys: KeptKey[] }).keys
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Under another name until it is whole. */
function writeKeys(file: string, keys: KeptKey[]): void {
  const part = `${file}.${process.pid}.part`
  writeFileSync(part, `${JSON.stringify({ keys }, null, 1)}\n`, { mode: 0o600 })
  renameSync(part, file)
}
