// signature — how a partner knows that a call to its webhook is the hub's and is new: HMAC-SHA256 over time and body.
// In two forms beside each other: the hub's own, and that of Standard Webhooks (standardwebhooks.com, 1.0).
import { createHmac, timingSafeEqual } from 'node:crypto'

/** The header with the time of the call: seconds since 1970, as text. */
export const timestampHeader = 'x-hub-timestamp'
/** `v1=` and the hexadecimal HMAC of time, full stop and body. */
export const signatureHeader = 'x-hub-signature'
/** The header with the signature by the previous secret, while both secrets are valid. */
export const previousHeader = 'x-hub-signature-previous'

/** `v1=<hex>`: HMAC-SHA256 with the shared secret over `<unix seconds>.<body bytes>`. */
export function sign(secret: string, timestamp: number, body: Uint8Array): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`
}

/** The key of a secret: what stands as base64 behind `whsec_`, in either alphabet. */
const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')

/** The same secret as libraries of Standard Webhooks take it: `whsec_` and base64 with `+`, `/` and `=`. */
export const standardSecret = (secret: string): string => `whsec_${keyOf(secret).toString('base64')}`

/**
 * `v1,<base64>` for each secret, the newest first: HMAC-SHA256 over `<id>.<unix seconds>.<body bytes>`, as Standard
 * Webhooks has it. A receiver takes the call when one of them is right.
 */
export function signStandard(secrets: readonly string[], id: string, timestamp: number, body: Uint8Array): string {
  const one = (secret: string) =>
    createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return secrets.map((secret) => `v1,${one(secret)}`).join(' ')
}

/** A call as its receiver sees it. */
interface SignedCall {
  headers: { timestamp?: string | undefined; signature?: string | undefined }
  body: Uint8Array
}

/**
 * Is the call genuine? Older than `toleranceSeconds` (or that far ahead) it is not: a recorded call cannot be played
 * again later. For the receiving side: tests, and partners who write theirs in JavaScript.
 */
export function verify(
  secret: string,
  { headers, body }: SignedCall,
  { now = new Date(), toleranceSeconds = 300 }: { now?: Date; toleranceSeconds?: number } = {},
): boolean {
  const timestamp = Number(headers.timestamp)
  if (!Number.isInteger(timestamp) || Math.abs(now.getTime() / 1000 - timestamp) > toleranceSeconds) return false
  const [expected, given] = [Buffer.from(sign(secret, timestamp, body)), Buffer.from(headers.signature ?? '')]
  return expected.length === given.length && timingSafeEqual(expected, given)
}
