// limit-headers — what a partner may ask and send, and how much of it is left, on every answer
// (draft-ietf-httpapi-ratelimit-headers-10).
import type { RatesLeft } from '../../../messages/rates.js'

/**
 * `RateLimit-Policy` has the limits a second, `RateLimit` what is left now. A debt of bytes reads as nothing left, and
 * `t` says for how long.
 */
export function limitHeaders({ calls, bytes }: RatesLeft): [string, string][] {
  const policy = (name: string, { perSecond }: RatesLeft['calls'], unit = '') => `"${name}";q=${perSecond};w=1${unit}`
  const left = (name: string, { left, perSecond }: RatesLeft['calls']) =>
    `"${name}";r=${Math.max(0, Math.floor(left))};t=${Math.max(1, Math.ceil((1 - left) / perSecond))}`
  return [
    ['ratelimit-policy', `${policy('calls', calls)}, ${policy('bytes', bytes, ';qu="content-bytes"')}`],
    ['ratelimit', `${left('calls', calls)}, ${left('bytes', bytes)}`],
  ]
}
