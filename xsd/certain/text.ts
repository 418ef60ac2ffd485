// text — what stands between tags and in values of attributes, read byte by byte: where it ends, and whether all of it
// is characters that XML knows and that need no second look. All places are offsets in bytes, all bytes UTF-8; -1 says
// that it is not certain.
import { isName } from '../../messages/xml-tags.js'

// None of these is exported: what a module exports is looked up at each byte of a loop.
const [tab, lineFeed, carriageReturn, space] = [0x09, 0x0a, 0x0d, 0x20]
const [lt, gt, bang, ampersand, hyphen] = [0x3c, 0x3e, 0x21, 0x26, 0x2d]

/** What a byte is in text: plain, a tag's beginning, not certain, a byte that begins no character, 0xEF, `]`. */
const [plain, tag, uncertain, within, ef, bracket] = [0, 1, 2, 3, 4, 5]
const kinds = new Uint8Array(256)
for (let byte = 0; byte < 256; byte++)
  kinds[byte] =
    byte === lt
      ? tag
      : byte === ampersand || (byte < space && byte !== tab && byte !== lineFeed)
        ? uncertain
        : byte >= 0x80 && byte < 0xc0
          ? within
          : byte === 0xef
            ? ef
            : byte === 0x5d
              ? bracket
              : plain

const isSpace = (byte: number | undefined) =>
  byte === space || byte === lineFeed || byte === tab || byte === carriageReturn

/** What text was found to have. */
export interface FoundText {
  characters: number
  /** Some of it stands as `&amp;` and the like. */
  references: boolean
}

/**
 * The text of an element that holds nothing else.
 * @param found takes what is found: one object for a whole message, as texts are many
 * @returns the `<` that ends it
 */
export function endOfText(page: Buffer, from: number, found: FoundText): number {
  let i = from
  let beyond = 0
  found.references = false
  for (let kind = kinds[page[i]!]; kind !== tag; kind = kinds[page[++i]!]) {
    if (kind === plain) continue
    if (kind === within) beyond++
    else if (kind === uncertain && page[i] === ampersand) {
      const length = referenceAt(page, i)
      if (length === 0) return -1
      found.references = true
      i += length - 1
    } else if (kind === bracket ? page[i + 1] === 0x5d : kind !== ef || isNoCharacter(page, i)) return -1
  }
  found.characters = i - from - beyond
  return i
}

/** Text of which it is only asked whether it is well-formed. @returns the `<` that ends it */
export function endOfAnyText(page: Buffer, from: number): number {
  let i = from
  for (let kind = kinds[page[i]!]; kind !== tag; kind = kinds[page[++i]!])
    if (kind === plain || kind === within || page[i] === carriageReturn) continue
    else if (kind === uncertain && page[i] === ampersand) {
      const length = referenceAt(page, i)
      if (length === 0) return -1
      i += length - 1
    } else if (kind === bracket ? page[i + 1] === 0x5d : kind !== ef || isNoCharacter(page, i)) return -1
  return i
}

/** Over white space and comments. @returns the next `<` that begins a tag, or the end */
export function endOfSpace(page: Buffer, from: number): number {
  let i = from
  for (;;) {
    while (isSpace(page[i])) i++
    if (page[i] !== lt || page[i + 1] !== bang) return i
    if ((i = endOfComment(page, i)) < 0) return -1
  }
}

function endOfComment(page: Buffer, at: number): number {
  if (page[at + 2] !== hyphen || page[at + 3] !== hyphen) return -1
  const end = page.indexOf('--', at + 4)
  if (end < 0 || page[end + 2] !== gt) return -1
  for (let i = at + 4; i < end; i++) {
    const byte = page[i]!
    if ((byte < space && !isSpace(byte)) || (byte === 0xef && isNoCharacter(page, i))) return -1
  }
  return end + 3
}

/** Over white space in a tag. @returns what stands behind it */
export function endOfBlanks(page: Buffer, from: number): number {
  let i = from
  while (isSpace(page[i])) i++
  return i
}

/** A name of an attribute, prefix included. @returns its `=` */
export function endOfAttributeName(page: Buffer, from: number): number {
  for (let i = from; ; i++) {
    const byte = page[i]
    if (byte === 0x3d) return i
    if (byte === undefined || byte <= space || byte === gt || byte === lt || byte >= 0x80) return -1
  }
}

/** A value of an attribute. @param mark the quote that ends it @returns the place of that quote */
export function endOfValue(page: Buffer, from: number, mark: number): number {
  for (let i = from; ; i++) {
    const byte = page[i]
    if (byte === mark) return i
    if (byte === undefined || byte < space || kinds[byte] === uncertain || byte === lt) return -1
    if (byte === 0xef && isNoCharacter(page, i)) return -1
  }
}

/** How many characters these bytes are. */
export function charactersIn(page: Buffer, from: number, to: number): number {
  let characters = 0
  for (let i = from; i < to; i++) if (kinds[page[i]!] !== within) characters++
  return characters
}

/** The five names that XML itself knows. @returns the length of the reference at `i`; 0: it is another */
function referenceAt(page: Buffer, i: number): number {
  for (const one of known) if (isName(one, page, i, i + one.length)) return one.length
  return 0
}
const known = ['&amp;', '&lt;', '&gt;', '&quot;', '&apos;'].map((one) => Buffer.from(one))

/** U+FFFE and U+FFFF, of which the first byte stands at `i`, are none (XML 1.0, 2.2). */
const isNoCharacter = (page: Buffer, i: number) => page[i + 1] === 0xbf && page[i + 2]! >= 0xbe
