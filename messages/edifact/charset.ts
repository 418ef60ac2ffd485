// charset — which bytes an interchange may hold and what they mean: UNOA to UNOL, UNOW, UNOY, and what partners send
// under those names.
import { isUtf8 } from 'node:buffer'

/**
 * How bytes become text. `ascii` refuses bytes above 127; the others are strict too: nothing is ever replaced by a
 * question mark.
 */
export type CharsetName =
  | 'ascii'
  | 'iso-8859-1'
  | 'iso-8859-2'
  | 'iso-8859-3'
  | 'iso-8859-4'
  | 'iso-8859-5'
  | 'iso-8859-6'
  | 'iso-8859-7'
  | 'iso-8859-8'
  | 'iso-8859-9'
  | 'iso-8859-15'
  | 'windows-1252'
  | 'utf-8'
  | 'gb18030'
  | 'big5'

/** ISO 9735-1:2002 annex A and code list 0001; IATA's two levels as PADIS messages name them. */
const bySyntaxIdentifier: Record<string, CharsetName> = {
  UNOA: 'ascii',
  UNOB: 'ascii',
  UNOC: 'iso-8859-1',
  UNOD: 'iso-8859-2',
  UNOE: 'iso-8859-5',
  UNOF: 'iso-8859-7',
  UNOG: 'iso-8859-3',
  UNOH: 'iso-8859-4',
  UNOI: 'iso-8859-6',
  UNOJ: 'iso-8859-8',
  UNOK: 'iso-8859-9',
  UNOL: 'iso-8859-15',
  UNOW: 'utf-8',
  UNOY: 'utf-8',
  IATA: 'ascii',
  IATB: 'ascii',
}

/**
 * The character set of a syntax identifier (UNB S001/0001), undefined where the hub reads no such level (UNOX among
 * them).
 */
export function charsetOf(syntaxIdentifier: string): CharsetName | undefined {
  return bySyntaxIdentifier[syntaxIdentifier]
}

/** Names a partner's setting may use. GBK and GB2312 are read as GB18030, which holds both. */
export function charsetNamed(name: string): CharsetName | undefined {
  const lower = name.toLowerCase()
  if (/^(gbk|gb2312|cp936|gb18030)$/.test(lower)) return 'gb18030'
  if (/^(utf-?8)$/.test(lower)) return 'utf-8'
  if (lower === 'windows-1252' || lower === 'big5' || lower === 'ascii') return lower
  return charsetOf(name.toUpperCase()) ?? Object.values(bySyntaxIdentifier).find((charset) => charset === lower)
}

/**
 * What the bytes are under a partner's setting: Chinese in valid UTF-8 is UTF-8 also where GBK or Big5 was agreed, for
 * no such text of those is all of it valid UTF-8 by chance.
 */
export function charsetUnder(setting: CharsetName | undefined, bytes: Uint8Array): CharsetName | undefined {
  if (setting === undefined || !isMultiByte(setting) || !isUtf8(bytes)) return setting
  return /[\u3000-\u9fff\uff00-\uffef]{2}/.test(new TextDecoder().decode(bytes)) ? 'utf-8' : setting
}

/** Characters of two bytes and more, whose second byte may look like a separator of a sender's own UNA. */
export const isMultiByte = (charset: CharsetName) => charset === 'gb18030' || charset === 'big5'

const decoders = new Map<CharsetName, InstanceType<typeof TextDecoder>>()

/** Text of bytes, undefined when they are not in the character set. */
export function decode(bytes: Uint8Array, charset: CharsetName): string | undefined {
  if (charset === 'ascii' || charset === 'iso-8859-1') {
    const limit = charset === 'ascii' ? 0x80 : 0x100
    // ISO 8859-1 has nothing at 80–9F; TextDecoder would read windows-1252 there.
    for (const b of bytes) if (b >= limit || (b >= 0x80 && b < 0xa0)) return undefined
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  }
  // The WHATWG table of 8859-9 and 8859-15 gives 80–9F a meaning too; they are control characters and none may be in a
  // value.
  if (charset.startsWith('iso-')) for (const b of bytes) if (b >= 0x80 && b < 0xa0) return undefined
  let decoder = decoders.get(charset)
  if (!decoder) decoders.set(charset, (decoder = new TextDecoder(charset, { fatal: true, ignoreBOM: true })))
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

const encodings = new Map<CharsetName, Map<string, number>>()

/** Bytes of text; the first character the set cannot hold comes back instead. */
export function encode(text: string, charset: CharsetName): { bytes: Uint8Array } | { impossible: string } {
  if (charset === 'utf-8') return /\p{Surrogate}/u.test(text) ? { impossible: '\uFFFD' } : { bytes: Buffer.from(text) }
  const plain = firstBeyond(text, charset === 'ascii' ? 0x7f : charset === 'iso-8859-1' ? 0xff : 0x7f)
  if (plain === -1) return { bytes: Buffer.from(text, 'latin1') }
  if (charset === 'ascii' || charset === 'iso-8859-1')
    return { impossible: String.fromCodePoint(text.codePointAt(plain) ?? 0) }
  const table = tableOf(charset)
  const out: number[] = []
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0
    if (code < 0x80) out.push(code)
    else {
      const found = table.get(c) ?? (charset === 'gb18030' ? fourBytes(c) : undefined)
      if (found === undefined) return { impossible: c }
      if (found > 0xffffff) out.push(found >>> 24, (found >>> 16) & 0xff)
      if (found > 0xff) out.push((found >>> 8) & 0xff)
      out.push(found & 0xff)
    }
  }
  return { bytes: Uint8Array.from(out) }
}

/** Index of the first character above `limit` (or a control of ISO 8859-1's empty range), -1 if there is none. */
function firstBeyond(text: string, limit: number): number {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c > limit || (c >= 0x80 && c < 0xa0)) return i
  }
  return -1
}

/** Node encodes UTF-8 only; the other way round is learnt from its decoder, once a character set, on first use. */
function tableOf(charset: CharsetName): Map<string, number> {
  const known = encodings.get(charset)
  if (known) return known
  const table = new Map<string, number>()
  const learn = (bytes: number[], code: number) => {
    const c = decode(Uint8Array.from(bytes), charset)
    if (c !== undefined && c.length > 0 && !table.has(c)) table.set(c, code)
  }
  if (isMultiByte(charset)) {
    for (let lead = 0x81; lead <= 0xfe; lead++)
      for (let trail = 0x40; trail <= 0xfe; trail++) if (trail !== 0x7f) learn([lead, trail], (lead << 8) | trail)
  } else for (let b = 0x80; b <= 0xff; b++) learn([b], b)
  encodings.set(charset, table)
  return table
}

/**
 * GB18030's four-byte characters lie in the order of Unicode; beyond the basic plane by one sum, inside it by search.
 */
function fourBytes(c: string): number | undefined {
  const code = c.codePointAt(0) ?? 0
  if (code >= 0xd800 && code <= 0xdfff) return undefined
  if (code >= 0x10000) return packed(code - 0x10000 + 189000)
  let low = 0
  let high = 39419
  while (low <= high) {
    const middle = (low + high) >> 1
    const here = decode(unpacked(packed(middle)), 'gb18030')?.codePointAt(0)
    if (here === code) return packed(middle)
    if (here === undefined) return undefined
    if (here < code) low = middle + 1
    else high = middle - 1
  }
  return undefined
}

const packed = (n: number) =>
  (((0x81 + Math.floor(n / 12600)) << 24) |
    ((0x30 + (Math.floor(n / 1260) % 10)) << 16) |
    ((0x81 + (Math.floor(n / 10) % 126)) << 8) |
    (0x30 + (n % 10))) >>>
  0
const unpacked = (p: number) => Uint8Array.from([p >>> 24, (p >>> 16) & 0xff, (p >>> 8) & 0xff, p & 0xff])

// Repertoires of the two levels that are smaller than ASCII (ISO 9735-1:2002 annex A). The separators are in them as
// data too, released.
const levelA = new Set([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-()/=!"%&*;<>\'+:?'].map((c) => c.charCodeAt(0)))
const levelB = new Set([...levelA, ...[...'abcdefghijklmnopqrstuvwxyz'].map((c) => c.charCodeAt(0))])

/** The characters a syntax identifier allows, where that is fewer than its character set has. */
export function repertoireOf(syntaxIdentifier: string): ReadonlySet<number> | undefined {
  if (syntaxIdentifier === 'UNOA' || syntaxIdentifier === 'IATA') return levelA
  if (syntaxIdentifier === 'UNOB' || syntaxIdentifier === 'IATB') return levelB
  return undefined
}
