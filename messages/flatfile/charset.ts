// charset — flat files name no encoding: it is told by the bytes. Valid UTF-8 is UTF-8, all else is GBK (read as
// GB18030, its superset). Port systems reject or garble a file that mixes both, so a mixed file is a fault and not a
// guess.
import { isUtf8 } from 'node:buffer'
import type { FlatCharset } from './record.js'

const strictGbk = new TextDecoder('gb18030', { fatal: true })
const laxGbk = new TextDecoder('gb18030')
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The encoding of a whole file. */
export const decideCharset = (bytes: Uint8Array): FlatCharset => (isUtf8(bytes) ? 'utf-8' : 'gbk')

interface DecodedText {
  text: string
  /** Undecodable bytes, or UTF-8 in a GBK file. The text is then for looking at only. */
  broken: boolean
}

/** The text of one record. */
export function decodeText(bytes: Uint8Array, charset: FlatCharset): DecodedText {
  if (charset === 'utf-8') return { text: strictUtf8.decode(bytes), broken: false }
  const high = bytes.some((b) => b >= 0x80)
  if (!high) return { text: laxGbk.decode(bytes), broken: false }
  try {
    return { text: strictGbk.decode(bytes), broken: looksLikeUtf8(bytes) }
  } catch {
    return { text: laxGbk.decode(bytes), broken: true }
  }
}

/**
 * A run of bytes above ASCII that is two Chinese characters of UTF-8 or more and nothing else: GBK text is practically
 * never that by chance.
 */
function looksLikeUtf8(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const from = at
    while ((bytes[at] ?? 0) >= 0x80) at++
    if (at - from < 6) continue
    const run = bytes.subarray(from, at)
    if (isUtf8(run) && (strictUtf8.decode(run).match(/[\u4e00-\u9fff]/g)?.length ?? 0) >= 2) return true
  }
  return false
}

let twoBytes: Map<string, number> | undefined

/**
 * The text as GBK; undefined when a character is not in GBK. Node can decode GBK but not write it, so the table is
 * turned round once.
 */
export function encodeGbk(text: string): Uint8Array | undefined {
  twoBytes ??= gbkTable()
  const out = Buffer.alloc(text.length * 2)
  let at = 0
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0
    if (code < 0x80) {
      out[at++] = code
      continue
    }
    const pair = twoBytes.get(char)
    if (pair === undefined) return undefined
    out[at++] = pair >> 8
    out[at++] = pair & 0xff
  }
  return out.subarray(0, at)
}

function gbkTable(): Map<string, number> {
  const table = new Map<string, number>()
  const pair = new Uint8Array(2)
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) {
      if (trail === 0x7f) continue
      pair[0] = lead
      pair[1] = trail
      const char = laxGbk.decode(pair)
      // Private use characters stand for pairs GBK leaves free.
      if ([...char].length === 1 && char !== '\ufffd' && !/[\ue000-\uf8ff]/.test(char))
        table.set(char, (lead << 8) | trail)
    }
  return table
}
