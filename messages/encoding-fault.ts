// encoding-fault — bytes that are not text, as a fault of the message: the name of the encoding is unknown, or the
// bytes are not in it.
import type { Decoded } from './charset.js'
import { fault } from './errors.js'
import type { Fault } from './fault.js'

/** `HUB_ENCODING_UNKNOWN` or `HUB_ENCODING`, with the line where it is known. */
export function encodingFault(decoded: Extract<Decoded, { fault: string }>): Fault {
  const value = decoded.encoding
  if (decoded.fault === 'name') return fault('HUB_ENCODING_UNKNOWN', { value })
  return fault('HUB_ENCODING', { value }, decoded.line === undefined ? {} : { line: decoded.line })
}
