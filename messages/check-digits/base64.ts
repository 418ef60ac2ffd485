// base64 — bytes as text, RFC 4648 section 4, white space between allowed. Here because libxml2, unlike Xerces and what
// XML Schema says, takes `?~` for base64 of nothing (it skips foreign characters, as RFC 2045 has it), and an XSD
// pattern over a certificate costs 75 µs.
import type { CheckDigit } from './check-digit.js'

/** Base64 (RFC 4648, section 4): white space aside, whole groups of four. */
export const base64: CheckDigit = {
  applies: (value) => value !== '',
  right: (value) => {
    const text = value.replace(/\s+/g, '')
    return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
  },
}
