// charset — in which encoding XML bytes are, and the same text as UTF-8. Nothing is ever replaced: bytes that are not what they
// claim to be are a fault (a name full of `????` would be filed with customs).

export type Decoded =
  /** `asDeclared`: the bytes are UTF-8 as they stand. Otherwise they were transcoded and the XML declaration no longer tells. */
  { utf8: Uint8Array; asDeclared: boolean; encoding: string } | { fault: 'encoding'; encoding: string }

const utf8Names = /^(utf-?8|us-ascii|ascii)$/i

/** UTF-8 is passed through unlooked-at (the parser verifies it); GBK, GB2312, GB18030, Big5, UTF-16 and others are decoded strictly. */
export function decodeXml(bytes: Uint8Array): Decoded {
  const encoding = xmlEncoding(bytes)
  if (utf8Names.test(encoding)) return { utf8: bytes, asDeclared: true, encoding }
  try {
    // GBK and GB2312 are subsets of GB18030; senders write one and mean another.
    const label = /^(gbk|gb2312|cp936|x-gbk|hz-gb-2312)$/i.test(encoding) ? 'gb18030' : encoding
    return { utf8: Buffer.from(new TextDecoder(label, { fatal: true }).decode(bytes)), asDeclared: false, encoding }
  } catch {
    return { fault: 'encoding', encoding }
  }
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
