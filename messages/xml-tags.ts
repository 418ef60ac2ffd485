// xml-tags — markup of XML in its bytes, for those that read a document in one pass: where a tag, a comment or an
// instruction ends, where the next one begins, and the name of a tag with its hash, so that a known name is found
// without making a string of it. XML 1.0 says what ends what (2.3 names, 2.5 comments, 2.6 instructions, 2.7 CDATA,
// 3.1 tags). All places are offsets in bytes from 0, all bytes UTF-8; -1 says that the document ends before.

// None of these is exported: what a module exports is looked up at each byte of a loop.
const lt = 0x3c
const gt = 0x3e
const slash = 0x2f
const bang = 0x21
const question = 0x3f
const colon = 0x3a
const hyphen = 0x2d
const dot = 0x2e
const bracket = 0x5b
const quote = 0x22
const apostrophe = 0x27

/** The name a tag was found to have: its bytes without prefix, from `from` to before `to`, and their hash. */
export interface TagName {
  from: number
  to: number
  hash: number
}

/**
 * Reads the name of a start tag.
 * @param i right behind its `<`
 * @param name takes what is found: one object for a whole document, as tags are many
 * @returns where the name ends
 */
export function readName(page: Uint8Array, i: number, name: TagName): number {
  let from = i
  let hash = 0
  let byte = page[i]
  // A name ends at white space, `/` or `>`, all of which are below the characters names are made of, `-` and `.`
  // excepted.
  for (; byte !== undefined && (byte > slash ? byte !== gt : byte === hyphen || byte === dot); byte = page[++i])
    if (byte !== colon) hash = hashed(hash, byte)
    else {
      from = i + 1
      hash = 0
    }
  name.from = from
  name.to = i
  name.hash = hash
  return i
}

/** What `readName` reckons, of a name by itself. */
export function hashOfName(bytes: Uint8Array): number {
  let hash = 0
  for (const byte of bytes) hash = hashed(hash, byte)
  return hash
}

const hashed = (hash: number, byte: number): number => (Math.imul(hash, 31) + byte) | 0

/** Whether these are the bytes from `from` to before `to`. */
export function isName(bytes: Uint8Array, page: Uint8Array, from: number, to: number): boolean {
  if (bytes.length !== to - from) return false
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== page[from + i]) return false
  return true
}

/**
 * @param i in a start tag, in no value of an attribute
 * @returns its `>`
 */
export function endOfTag(page: Buffer, i: number): number {
  for (let byte = page[i]; byte !== gt; byte = page[++i]) {
    if (byte === undefined) return -1
    if (byte === quote || byte === apostrophe) i = page.indexOf(byte, i + 1)
    if (i < 0) return -1
  }
  return i
}

/** Whether the tag that ends at `end` is `<x/>`. */
export const isEmptyTag = (page: Uint8Array, end: number): boolean => page[end - 1] === slash

/** Whether `</` stands at `at`; the others of these likewise. */
export const isEndTag = (page: Uint8Array, at: number): boolean => page[at + 1] === slash

/** @returns the `>` of the end tag that begins at `at` */
export function endOfEndTag(page: Uint8Array, at: number): number {
  let i = at + 2
  while (page[i] !== gt) if (page[i++] === undefined) return -1
  return i
}

/** `<!`: a comment, CDATA, or a DOCTYPE. */
export const isDeclaration = (page: Uint8Array, at: number): boolean => page[at + 1] === bang

/** Does a comment (`<!--`) begin here? */
export const isComment = (page: Uint8Array, at: number): boolean => isDeclaration(page, at) && page[at + 2] === hyphen

/** @returns the last byte of the comment that begins at `at` */
export const endOfComment = (page: Buffer, at: number): number => lastOf(page, '-->', at + 4)

/** `<![CDATA[`: what follows is text as it stands. */
export const isCdata = (page: Uint8Array, at: number): boolean => isDeclaration(page, at) && page[at + 2] === bracket

/** @returns the last byte of the CDATA that begins at `at` */
export const endOfCdata = (page: Buffer, at: number): number => lastOf(page, ']]>', at + 9)

/** Does a processing instruction (`<?`) begin here? */
export const isInstruction = (page: Uint8Array, at: number): boolean => page[at + 1] === question

/** @returns the last byte of the instruction that begins at `at` */
export const endOfInstruction = (page: Buffer, at: number): number => lastOf(page, '?>', at + 2)

function lastOf(page: Buffer, mark: string, from: number): number {
  const at = page.indexOf(mark, from)
  return at < 0 ? -1 : at + mark.length - 1
}

/** @returns the next `<` from `i` on. Most values are short; a picture in base64 is not. */
export function nextTag(page: Buffer, i: number): number {
  const near = Math.min(i + 64, page.length)
  while (i < near && page[i] !== lt) i++
  return i < near ? i : page.indexOf(lt, i)
}
