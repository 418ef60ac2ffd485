// writer — records as the bytes of a flat file. What the reader read in canonical form is written byte for byte the
// same. Canonical: `'` after every record, the same line end after each (or none), nothing released that need not be.
import { encodeGbk } from './charset.js'
import type { FlatCharset, FlatField } from './record.js'

/** How a flat file is written. */
export interface FlatForm {
  charset?: FlatCharset
  /** After each record's `'`. Default CR LF, as port systems write. */
  newline?: '\r\n' | '\n' | ''
}

/** A field for the writer: its lines, or the one line it has. */
export type FlatValue = string | FlatField

/** One record's text, with its terminator: `['99', '12']` is `99:12'`. The tag is the first value. */
function recordText(values: readonly FlatValue[]): string {
  return `${values.map((value) => (typeof value === 'string' ? [value] : value).map(releaseText).join('^')).join(':')}'`
}

/** A whole file. Undefined when a character has no place in the charset: the caller then writes UTF-8. */
export function writeFlat(
  records: Iterable<readonly FlatValue[]>,
  { charset = 'gbk', newline = '\r\n' }: FlatForm = {},
): Uint8Array | undefined {
  let text = ''
  for (const record of records) text += recordText(record) + newline
  return charset === 'utf-8' ? Buffer.from(text) : encodeGbk(text)
}

const releaseText = (text: string) => text.replace(/[?:'^]/g, '?$&')
