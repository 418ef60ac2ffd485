// login — who is at the door? Keys are compared as raw blobs and signatures verified; guessing is slow and soon over,
// for the guesser alone.
import { createHash } from 'node:crypto'
import type { AuthContext, AuthenticationType, Connection, ParsedKey } from 'ssh2'
import { ssh2 } from '../../ssh/library.js'
import { isPartnerFolder } from '../boxes.js'
import type { Log } from '../log.js'
import { addressGroup } from '../strangers.js'
import type { SftpLimits } from './limits.js'

/** What a partner has come in with, so that it can be asked later whether that still opens the door. */
export type Pass = { partnerId: string; address: string } & ({ publicKey: Buffer } | { passwordSha256: string })

/**
 * The first two answer with the partner, or undefined for any reason at all. `publicKey` is the raw key blob (RFC 4253,
 * 6.6).
 */
export interface Authenticate {
  byKey(username: string, publicKey: Buffer, address: string): Promise<string | undefined>
  byPassword(username: string, password: string, address: string): Promise<string | undefined>
  /** Told of every login that failed. */
  failed?(who: { address: string; name: string }): void
  /** Would it still let its bearer in? `passwordSha256`: of the password's UTF-8 bytes, in hexadecimal. */
  still(pass: Pass): Promise<boolean>
}

/** Is this key blob one of these `authorized_keys` lines? Options before the key type are not read. */
export function ownsKey(openSshKeys: readonly string[], publicKey: Buffer): boolean {
  return openSshKeys.some((line) => {
    const blob = /(?:^|\s)(?:ssh-|ecdsa-sha2-|sk-)\S+\s+([A-Za-z0-9+/=]+)/.exec(line)?.[1]
    return blob !== undefined && Buffer.from(blob, 'base64').equals(publicKey)
  })
}

const methods: AuthenticationType[] = ['publickey', 'password']
/** Clients with a full agent offer one key after another before the right one. */
const maxOffers = 20
/** So long a failure is remembered against this name at this address. */
const rememberMs = 60_000
const mostRemembered = 100_000

interface Login {
  /** `onPartner` is awaited before the client hears of its success; the connection is cut after too many failures. */
  attend(client: Connection, ip: string, cut: () => void, onPartner: (pass: Pass) => Promise<void>): void
}

/** Makes the check of logins for one door: wrong keys are counted over all its connections. */
export function createLogin({
  authenticate,
  limits,
  log,
}: {
  authenticate: Authenticate
  limits: SftpLimits
  log: Log
}): Login {
  const slow = createSlowDown(limits)

  return {
    attend(client, ip, cut, onPartner) {
      let bad = 0
      let offers = 0

      const decide = async (context: AuthContext): Promise<void> => {
        // By name and address: one wrong client behind a shared address slows itself, and none of its neighbours.
        const who = `${addressGroup(ip)}|${context.username.slice(0, 256)}`
        // Guesses are answered late whatever they are. A key cannot be guessed.
        if (context.method === 'password') await slow.wait(who)
        const pass = await identify(context, authenticate, ip)
        if (pass !== undefined && isPartnerFolder(pass.partnerId)) {
          // An offered key without a signature is only told "would do"; the login comes with the signature.
          if (context.method !== 'publickey' || context.signature) await onPartner(pass)
          return context.accept()
        }
        if (context.method === 'none') return context.reject(methods)
        const offered = context.method === 'publickey' && !context.signature
        if (offered && ++offers <= maxOffers) return context.reject(methods)
        bad += 1
        const inMinute = slow.failed(who)
        log.warn(
          { ip, username: context.username.slice(0, 64), method: context.method, bad, inMinute },
          'sftp login failed',
        )
        authenticate.failed?.({ address: ip, name: context.username })
        await new Promise((resolve) => setTimeout(resolve, limits.failDelayMs).unref())
        if (bad >= limits.maxLoginFailures) return cut()
        context.reject(methods)
      }

      client.on('authentication', (context) => {
        decide(context).catch((error: unknown) => {
          // The ledger is away: nobody's fault at the other end, so it is not counted. The client tries again later.
          log.error({ ip, err: error }, 'sftp login could not be decided')
          cut()
        })
      })
    },
  }
}

/**
 * Counts failures by who it was, and lets those who have many wait: from `maxLoginFailures` in a minute on, twice as
 * long each time.
 */
function createSlowDown({ failDelayMs, maxLoginFailures, loginMs }: SftpLimits) {
  const failures = new Map<string, { count: number; until: number }>()
  const known = (who: string): number => {
    const entry = failures.get(who)
    return entry && entry.until > Date.now() ? entry.count : 0
  }
  return {
    async wait(who: string): Promise<void> {
      const over = known(who) - maxLoginFailures
      if (over < 0) return
      // Below the time a login may take: the right password still gets in.
      const ms = Math.min(failDelayMs * 2 ** Math.min(over, 10), loginMs / 2)
      await new Promise((resolve) => setTimeout(resolve, ms).unref())
    },
    failed(who: string): number {
      const count = known(who) + 1
      failures.delete(who)
      failures.set(who, { count, until: Date.now() + rememberMs })
      const [oldest] = failures.keys()
      if (failures.size > mostRemembered && oldest !== undefined) failures.delete(oldest)
      return count
    },
  }
}

async function identify(context: AuthContext, authenticate: Authenticate, address: string): Promise<Pass | undefined> {
  if (context.method === 'password') {
    if (context.username.length > 256 || context.password.length > 1024) return undefined
    const partnerId = await authenticate.byPassword(context.username, context.password, address)
    const passwordSha256 = createHash('sha256').update(context.password).digest('hex')
    return partnerId === undefined ? undefined : { partnerId, address, passwordSha256 }
  }
  if (context.method !== 'publickey' || context.username.length > 256) return undefined
  // The key is looked up first: one that anybody makes up may take a second to read, or to verify with. Whether it
  // would do is told without a signature anyway.
  const partnerId = await authenticate.byKey(context.username, context.key.data, address)
  if (context.signature && (partnerId === undefined || !isSigned(context))) return undefined
  return partnerId === undefined ? undefined : { partnerId, address, publicKey: Buffer.from(context.key.data) }
}

function isSigned({ key, blob, signature, hashAlgo }: Extract<AuthContext, { method: 'publickey' }>): boolean {
  const parsed: unknown = ssh2.utils.parseKey(key.data)
  const publicKey = (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey | Error
  if (publicKey instanceof Error || !blob || !signature || publicKey.type === 'ssh-dss') return false
  // An RSA key without a hash named for it has signed with SHA-1.
  if (publicKey.type === 'ssh-rsa' && hashAlgo !== 'sha256' && hashAlgo !== 'sha512') return false
  // The signature must be of the very key that is looked up, and `verify` may answer with an Error, which is not true.
  return publicKey.getPublicSSH().equals(key.data) && publicKey.verify(blob, signature, hashAlgo) === true
}
