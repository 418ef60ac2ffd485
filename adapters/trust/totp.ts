// totp — codes of six digits from a person's own device (RFC 6238), the picture it is enrolled by, and the codes for
// the day it is lost.
import { createHash, randomBytes } from 'node:crypto'
import { Secret, TOTP } from 'otpauth'
import { renderSVG } from 'uqr'

const periodSeconds = 30
/** A code of the step before or after is taken too: clocks differ. */
const window = 1
const recoveryCodes = 10

/** 20 random bytes (RFC 4226, section 4) in base32, as devices take them. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32

const totp = (secret: string, label = '') =>
  new TOTP({ issuer: 'Single Window hub', label, secret: Secret.fromBase32(secret), period: periodSeconds })

/** What a device reads: as an address, and as a picture of it. */
export function totpEnrolment(secret: string, label: string): { uri: string; qr: string } {
  const uri = totp(secret, label).toString()
  return { uri, qr: renderSVG(uri, { border: 2 }) }
}

/**
 * The time step a code is of. Undefined: it is none, or it is of a step for which a code was taken already.
 * @param lastStep the newest step a code was taken for
 */
export function totpStep(
  code: string,
  { secret, lastStep, now }: { secret: string; lastStep: number; now: Date },
): number | undefined {
  const delta = totp(secret).validate({ token: code, window, timestamp: now.getTime() })
  if (delta === null) return undefined
  const step = Math.floor(now.getTime() / 1000 / periodSeconds) + delta
  return step > lastStep ? step : undefined
}

const plain = (code: string) => code.toUpperCase().replace(/[^0-9A-Z]/g, '')
/** SHA-256, hexadecimal; blanks, dashes and case of the code do not count. */
export const recoveryDigest = (code: string): string => createHash('sha256').update(plain(code)).digest('hex')

/** So long that nobody guesses one from its digest: 128 bits need no slow hash (OWASP ASVS 6.5.2). */
const recoveryBytes = 16

/** New codes for who has lost the second factor; each is good once. They are kept as digests (`recoveryDigest`). */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodes }, () => {
    const text = new Secret({ buffer: new Uint8Array(randomBytes(recoveryBytes)).buffer }).base32.replace(/=/g, '')
    return text.match(/.{1,7}/g)!.join('-')
  })
}
