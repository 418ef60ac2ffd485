// login — who is at the door? Keys are compared as raw blobs and signatures verified; guessing is slow and soon over.
import ssh2, { type AuthContext, type Connection } from 'ssh2'
import { isPartnerFolder } from '../boxes.js'
import type { Log } from '../log.js'
import type { SftpLimits } from './limits.js'

/** Both answer with the partner, or undefined for any reason at all. `publicKey` is the raw key blob (RFC 4253, 6.6). */
export interface Authenticate {
  byKey(username: string, publicKey: Buffer): Promise<string | undefined>
  byPassword(username: string, password: string): Promise<string | undefined>
}

/** Is this key blob one of these `authorized_keys` lines? Options before the key type are not read. */
export function ownsKey(openSshKeys: readonly string[], publicKey: Buffer): boolean {
  return openSshKeys.some((line) => {
    const blob = /(?:^|\s)(?:ssh-|ecdsa-sha2-|sk-)\S+\s+([A-Za-z0-9+/=]+)/.exec(line)?.[1]
    return blob !== undefined && Buffer.from(blob, 'base64').equals(publicKey)
  })
}

const methods: ssh2.AuthenticationType[] = ['publickey', 'password']
/** Clients with a full agent offer one key after another before the right one. */
const maxOffers = 20

export interface Login {
  /** May this address connect at all? */
  welcome(ip: string): boolean
  /** `onPartner` is awaited before the client hears of its success; the connection is cut after too many failures. */
  attend(client: Connection, ip: string, cut: () => void, onPartner: (partnerId: string) => Promise<void>): void
}

export function createLogin({
  authenticate,
  limits,
  log,
}: {
  authenticate: Authenticate
  limits: SftpLimits
  log: Log
}): Login {
  /** Failures by address within the minute. */
  let failures = new Map<string, number>()
  let minute = 0

  const failed = (ip: string): number => {
    const now = Math.floor(Date.now() / 60_000)
    if (now !== minute || failures.size > 100_000) failures = new Map()
    minute = now
    const count = (failures.get(ip) ?? 0) + 1
    failures.set(ip, count)
    return count
  }

  return {
    welcome: (ip) =>
      minute !== Math.floor(Date.now() / 60_000) || (failures.get(ip) ?? 0) < limits.maxLoginFailures * 4,
    attend(client, ip, cut, onPartner) {
      let bad = 0
      let offers = 0

      const decide = async (context: AuthContext): Promise<void> => {
        const partnerId = await identify(context, authenticate)
        if (partnerId !== undefined && isPartnerFolder(partnerId)) {
          // An offered key without a signature is only told "would do"; the login comes with the signature.
          if (context.method !== 'publickey' || context.signature) await onPartner(partnerId)
          return context.accept()
        }
        if (context.method === 'none') return context.reject(methods)
        const offered = context.method === 'publickey' && !context.signature
        if (offered && ++offers <= maxOffers) return context.reject(methods)
        bad += 1
        const inMinute = failed(ip)
        log.warn(
          { ip, username: context.username.slice(0, 64), method: context.method, bad, inMinute },
          'sftp login failed',
        )
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

async function identify(context: AuthContext, authenticate: Authenticate): Promise<string | undefined> {
  if (context.method === 'password') {
    if (context.username.length > 256 || context.password.length > 1024) return undefined
    return authenticate.byPassword(context.username, context.password)
  }
  if (context.method !== 'publickey' || context.username.length > 256) return undefined
  if (context.signature && !isSigned(context)) return undefined
  return authenticate.byKey(context.username, context.key.data)
}

function isSigned({ key, blob, signature, hashAlgo }: Extract<AuthContext, { method: 'publickey' }>): boolean {
  const parsed: unknown = ssh2.utils.parseKey(key.data)
  const publicKey = (Array.isArray(parsed) ? parsed[0] : parsed) as ssh2.ParsedKey | Error
  if (publicKey instanceof Error || !blob || !signature || publicKey.type === 'ssh-dss') return false
  // The signature must be of the very key that is looked up, and `verify` may answer with an Error, which is not true.
  return publicKey.getPublicSSH().equals(key.data) && publicKey.verify(blob, signature, hashAlgo) === true
}
