// reader — a port flat file record by record, from its bytes. A byte state machine: it looks at each byte once, holds
// one record at a time, and whatever it is given ends in records and faults, never in an exception.
// Form (交通部平台文件): `NN:field:field'`, `^` between the lines of a field, `?` releases the character after it.
import { decideCharset, decodeText } from './charset.js'
import type { FlatCharset, FlatField, FlatRecord } from './record.js'

/** Limits of what is kept in memory. */
export interface FlatLimits {
  /** Bytes of one record. Default 65,536: the longest the published tables allow are below 8,000. */
  recordBytes?: number
  /** Fields of one record. Default 500. */
  fields?: number
  /** Records of one file. Default 1,000,000. */
  records?: number
}

/** Something the syntax forbids. `rule` says what, in the words of the form. */
interface FlatSyntaxFault {
  readonly kind: 'syntax' | 'charset'
  readonly tag: string
  readonly record: number
  readonly line: number
  readonly field: number
  readonly rule: string
}

/** A record, or why what stands there is none. */
type FlatRead = { record: FlatRecord; fault?: undefined } | { record?: undefined; fault: FlatSyntaxFault }

const colon = 0x3a
const quote = 0x27
const release = 0x3f
const lf = 0x0a
const cr = 0x0d

/** Every record and every syntax fault, in the order of the file. A record that has a fault is told after it. */
export function* readFlat(
  bytes: Uint8Array,
  limits: FlatLimits = {},
  charset: FlatCharset = decideCharset(bytes),
): Generator<FlatRead> {
  const { recordBytes = 65_536, fields: maxFields = 500, records: maxRecords = 1_000_000 } = limits
  let at = bytes.length >= 3 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
  let line = 1
  let number = 0
  for (;;) {
    // Between records: line ends, blanks, and the end-of-file mark of DOS editors.
    while (at < bytes.length && isBetween(bytes[at])) if (bytes[at++] === lf) line++
    if (at >= bytes.length) return
    number++
    const start = at
    const startLine = line
    const broken = (kind: FlatSyntaxFault['kind'], rule: string, tag: string, field = 0): FlatRead => ({
      fault: { kind, tag, record: number, line: startLine, field, rule },
    })
    if (number > maxRecords) {
      yield broken('syntax', `max ${maxRecords} records`, '??')
      return
    }
    let end = -1
    let cut = false
    while (at < bytes.length) {
      const b = bytes[at] ?? 0
      if (b === quote) {
        end = at++
        break
      }
      if (b === lf) line++
      // A new record that starts on a new line before this one was ended: end it there, so that one slip is one fault.
      if (b === lf && startsRecord(bytes, at + 1)) {
        end = bytes[at - 1] === cr ? at - 1 : at
        at++
        cut = true
        break
      }
      if (b === release && at + 1 < bytes.length && (bytes[at + 1] ?? 0) < 0x80 && bytes[at + 1] !== lf) at += 2
      // The second byte of a GBK character may look like `^`, never like the others; whole characters are stepped over
      // all the same.
      else if (charset === 'gbk' && b >= 0x81 && b <= 0xfe && (bytes[at + 1] ?? 0) >= 0x40) at += 2
      else at++
      if (at - start > recordBytes) break
    }
    if (at - start > recordBytes) {
      yield broken('syntax', `max ${recordBytes} bytes`, tagAt(bytes, start))
      return
    }
    if (end < 0) {
      end = bytes.length
      cut = true
      at = bytes.length
    }
    const { text, broken: undecodable } = decodeText(bytes.subarray(start, end), charset)
    const { fields, control } = splitFields(cut ? text.trimEnd() : text, maxFields)
    const tag = fields[0]?.join('^') ?? ''
    if (undecodable) yield broken('charset', charset, tagAt(bytes, start))
    if (cut) yield broken('syntax', "record ends with '", tagAt(bytes, start))
    if (control > 0) yield broken('syntax', 'control character', tagAt(bytes, start), control)
    if (fields.length > maxFields) {
      yield broken('syntax', `max ${maxFields} fields`, tagAt(bytes, start))
      continue
    }
    if (!/^[0-9]{2}$/.test(tag)) {
      yield broken('syntax', 'tag 9(2)', tagAt(bytes, start), 1)
      continue
    }
    yield { record: { tag, fields, number, line: startLine, offset: start } }
  }
}

const isBetween = (b: number | undefined) => b === lf || b === cr || b === 0x20 || b === 0x09 || b === 0x1a || b === 0

const isDigit = (b: number | undefined) => b !== undefined && b >= 0x30 && b <= 0x39

/** Two digits and a colon. */
function startsRecord(bytes: Uint8Array, at: number): boolean {
  return isDigit(bytes[at]) && isDigit(bytes[at + 1]) && bytes[at + 2] === colon
}

/** The tag for a fault's place: `??` when the record has none. */
function tagAt(bytes: Uint8Array, at: number): string {
  return isDigit(bytes[at]) && isDigit(bytes[at + 1]) && !isDigit(bytes[at + 2])
    ? String.fromCharCode(bytes[at] ?? 0, bytes[at + 1] ?? 0)
    : '??'
}

/**
 * Stops one field past the limit. `control` is the number (from 1) of the first field that holds a control character.
 */
function splitFields(text: string, maxFields: number): { fields: FlatField[]; control: number } {
  const fields: FlatField[] = []
  let lines: string[] = []
  let line = ''
  let from = 0
  let control = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === release && /[?:'^]/.test(text.charAt(i + 1))) {
      line += text.slice(from, i) + text.charAt(i + 1)
      from = ++i + 1
    } else if (c === colon || c === 0x5e) {
      lines.push(line + text.slice(from, i))
      line = ''
      from = i + 1
      if (c === colon) {
        fields.push(lines)
        lines = []
        if (fields.length > maxFields) return { fields, control }
      }
    } else if (c < 0x20 && c !== 0x09 && c !== lf && c !== cr && control === 0) control = fields.length + 1
  }
  lines.push(line + text.slice(from))
  fields.push(lines)
  return { fields, control }
}
