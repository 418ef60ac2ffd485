// charset — in which encoding XML bytes are, and the same text as UTF-8. Nothing is ever replaced: bytes that are not
// what they claim to be are a fault (a name full of `????` would be filed with customs).

/**
 * The text as UTF-8, or the encoding that the bytes do not keep to. `line`: of the first byte that fits none, from 1.
 */
export type Decoded =
  /**
   * `asDeclared`: the bytes are UTF-8 as they stand. Otherwise they were transcoded and the XML declaration no longer
   * tells.
   */
  | { utf8: Uint8Array; asDeclared: boolean; encoding: string }
  | { fault: 'encoding'; encoding: string; line?: number }
  /** The name of the encoding is none that is known. */
  | { fault: 'name'; encoding: string }

/**
 * GBK and GB2312 are subsets of GB18030; senders write one and mean another. Names: IANA's registry with its aliases,
 * and Java's.
 */
const gbNames =
  /^(x-|cs)?(gbk|gb_?2312(-80)?|cp-?936|ms-?936|windows-?936|ibm-?936|chinese|iso-ir-58|hz-gb-2312|euc[-_]cn|gb18030(-\d{4})?)$/i

const utf8Names = /^(utf-?8|us-ascii|ascii)$/i

/**
 * UTF-8 is passed through unlooked-at (the parser verifies it); GBK, GB2312, GB18030, Big5, UTF-16 and others are
 * decoded strictly.
 */
export function decodeXml(bytes: Uint8Array): Decoded {
  const encoding = xmlEncoding(bytes)
  if (utf8Names.test(encoding)) return { utf8: bytes, asDeclared: true, encoding }
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = new TextDecoder(gbNames.test(encoding) ? 'gb18030' : encoding, { fatal: true })
  } catch {
    return { fault: 'name', encoding }
  }
  try {
    return { utf8: Buffer.from(decoder.decode(bytes)), asDeclared: false, encoding }
  } catch {
    const line = decoder.encoding.startsWith('utf-16') ? undefined : firstUndecodable(bytes, decoder)
    return { fault: 'encoding', encoding, ...(line === undefined ? {} : { line }) }
  }
}

/**
 * The first line that cannot be decoded, from 1. No character of these encodings holds a line feed as its second byte.
 */
function firstUndecodable(bytes: Uint8Array, decoder: InstanceType<typeof TextDecoder>): number | undefined {
  for (let line = 1, from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from)
    const to = end === -1 ? bytes.length : end + 1
    try {
      decoder.decode(bytes.subarray(from, to))
    } catch {
      return line
    }
    from = to
  }
  return undefined
}

/** Byte order mark, else the XML declaration, else UTF-8 (XML 1.0, appendix F). */
export function xmlEncoding(bytes: Uint8Array): string {
  const [a, b, c, d] = bytes
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8'
  if (a === 0xff && b === 0xfe) return 'utf-16le'
  if (a === 0xfe && b === 0xff) return 'utf-16be'
  if (a === 0x3c && b === 0 && d === 0) return 'utf-16le'
  if (a === 0 && b === 0x3c && c === 0) return 'utf-16be'
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1')
  return /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)["']/.exec(head)?.[1] ?? 'utf-8'
}
