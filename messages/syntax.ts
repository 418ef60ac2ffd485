// syntax — which syntax a body has: XML, JSON, EDIFACT, a flat file or a zip. Its first bytes decide.

/** What bytes are, by how they begin. */
export type Syntax = 'json' | 'xml' | 'edifact' | 'flatfile' | 'zip' | 'gzip' | 'empty' | 'unknown'

/** How a message of this syntax is called as a file, and as a body. */
export function formOf(bytes: Uint8Array): { ending: 'xml' | 'json' | 'edi' | 'txt'; mediaType: string } {
  const syntax = detectSyntax(bytes)
  if (syntax === 'edifact') return { ending: 'edi', mediaType: 'application/edifact' }
  if (syntax === 'json') return { ending: 'json', mediaType: 'application/json' }
  return syntax === 'flatfile'
    ? { ending: 'txt', mediaType: 'text/plain' }
    : { ending: 'xml', mediaType: 'application/xml' }
}

/** The syntax of an interchange or message: byte order marks and leading white space are looked past. */
export function detectSyntax(bytes: Uint8Array): Syntax {
  if (bytes.length === 0) return 'empty'
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 3 || bytes[2] === 5)) return 'zip'
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return 'gzip'
  // UTF-16 with or without its mark: every other byte of ASCII text is zero.
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 512))
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, '')
    .replaceAll('\0', '')
    .trimStart()
  if (head === '') return bytes.length <= 512 ? 'empty' : 'unknown'
  if (head.startsWith('<')) return 'xml'
  if (head.startsWith('{')) return 'json'
  if (beginsAsEdifact(head)) return 'edifact'
  if (/^00:/.test(head)) return 'flatfile'
  return 'unknown'
}

/**
 * UNA, UNB, another service segment or any segment at all: an interchange without UNB is EDIFACT still, and told so.
 * Records cut at a fixed width may break a line within the tag.
 */
export function beginsAsEdifact(head: string): boolean {
  const line = head.replace(/[\r\n]/g, '')
  return /^UN[AB]/.test(line) || /^UN[EGHOPSTZ](?![A-Za-z0-9])/.test(line) || /^[A-Z][A-Z0-9]{2}[+\x1d]/.test(line)
}
