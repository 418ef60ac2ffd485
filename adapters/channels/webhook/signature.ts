// signature — how a partner knows that a call to its webhook is the hub's and is new: HMAC-SHA256 over time and body.
import { createHmac, timingSafeEqual } from 'node:crypto'

export const timestampHeader = 'x-hub-timestamp'
export const signatureHeader = 'x-hub-signature'

/** `v1=<hex>`: HMAC-SHA256 with the shared secret over `<unix seconds>.<body bytes>`. */
export function sign(secret: string, timestamp: number, body: Uint8Array): string {
  return `v1=${createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest('hex')}`
}

/**
 * Is the call genuine? Older than `toleranceSeconds` (or that far ahead) it is not: a recorded call cannot be played
 * again later. For the receiving side: tests, and partners who write theirs in JavaScript.
 */
export function verify(
  secret: string,
  headers: { timestamp?: string | undefined; signature?: string | undefined },
  body: Uint8Array,
  now: Date = new Date(),
  toleranceSeconds = 300,
): boolean {
  const timestamp = Number(headers.timestamp)
  if (!Number.isInteger(timestamp) || Math.abs(now.getTime() / 1000 - timestamp) > toleranceSeconds) return false
  const [expected, given] = [Buffer.from(sign(secret, timestamp, body)), Buffer.from(headers.signature ?? '')]
  return expected.length === given.length && timingSafeEqual(expected, given)
}
