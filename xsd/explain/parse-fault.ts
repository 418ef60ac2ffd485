// parse-fault — the fault of bytes that libxml2 cannot parse: too deep, in another encoding, cut short, or no XML.
import { XmlParseError } from 'libxml2-wasm'
import { fault } from '../../messages/errors.js'
import type { Fault } from '../../messages/fault.js'
import { cutShort, syntaxFault } from './well-formed.js'

/**
 * @param error what libxml2 threw
 * @param encoding as the bytes were decoded by
 * @param utf8 the same bytes in UTF-8
 */
export function parseFault(error: unknown, encoding: string, utf8: Uint8Array): Fault {
  if (!(error instanceof XmlParseError)) throw error
  const first = error.details[0]
  const detail = (first?.message ?? error.message).trim()
  const at = {
    ...(first && first.line > 0 ? { line: first.line } : {}),
    ...(first && first.col > 0 ? { column: first.col } : {}),
  }
  if (error.details.some((d) => /Excessive depth|maximum depth/i.test(d.message)))
    return fault('HUB_TOO_DEEP', { limit: 256 }, at)
  if (
    error.details.some((d) =>
      /not proper UTF-8|encoding error|Unsupported encoding|Invalid bytes|conv(erter|ersion) error/i.test(d.message),
    )
  )
    return fault('HUB_ENCODING', { value: encoding }, at)
  const said = isCutShort(utf8, first?.line) ? cutShort : syntaxFault(detail)
  return fault('HUB_XML_NOT_WELL_FORMED', { ...said }, { ...at, rule: 'well-formed' })
}

/**
 * The last line is at fault, and does not end with `>` as XML always does: the file was cut in the middle of a tag or
 * a value. What libxml2 says then is about that tag.
 */
function isCutShort(utf8: Uint8Array, line: number | undefined): boolean {
  let end = utf8.length
  while (end > 0 && utf8[end - 1]! <= 0x20) end--
  if (utf8[end - 1] === 0x3e) return false
  let lines = 1
  for (let i = 0; i < end; i++) if (utf8[i] === 0x0a) lines++
  return line === lines
}
