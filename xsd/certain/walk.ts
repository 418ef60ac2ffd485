// walk — one way through the bytes of a message, beside its grammar: is it certainly well-formed (XML 1.0, namespaces)
// and certainly valid? "No" only means that it is not certain: references, CDATA, instructions, a namespace declared in
// an odd way, or a fault. Then libxml2 has the say.
import { isUtf8 } from 'node:buffer'
import { isName, readName, type TagName } from '../../messages/xml-tags.js'
import { readText } from '../../messages/xml-text.js'
import type { Attribute, KnownElement, Names, ReadElement, Type } from './grammar.js'
import type { Value } from './values.js'

const [tab, lineFeed, carriageReturn, space] = [0x09, 0x0a, 0x0d, 0x20]
const [lt, gt, slash, bang, equals, quote, apostrophe, ampersand] = [0x3c, 0x3e, 0x2f, 0x21, 0x3d, 0x22, 0x27, 0x26]

/** libxml2 reads more, and by rules of its own. */
const mostBytes = 8 * 1024 * 1024
const mostDepth = 100
const mostAttributes = 20
const mostPrefixes = 50

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

const declaration =
  /^<\?xml version=(["'])1\.0\1(?: encoding=(["'])([A-Za-z][\w.-]*)\2)?(?: standalone=(["'])(?:yes|no)\4)? ?\?>/
const utf8Name = /^utf-?8$/i
const plainName = /^[A-Za-z_][\w.-]*$/
/** Of libxml2's questions about an address none is left with these. */
const plainAddress = /^(?:urn:[\w.:-]+|https?:\/\/[\w./-]+#?)?$/
const xmlNamespaces = /^http:\/\/www\.w3\.org\/(?:XML\/1998\/namespace|2000\/xmlns\/)$/

const instance = 'http://www.w3.org/2001/XMLSchema-instance'
/** Where the sender found a schema: it is looked for among the hub's own, where there is none by such an address. */
const elsewhere = /^[\w./: -]*$/

const isSpace = (byte: number | undefined) =>
  byte === space || byte === lineFeed || byte === tab || byte === carriageReturn

/** What is inside a wildcard: only well-formed. */
const anything: ReadElement = {
  type: { attributes: [], anyAttribute: true, required: 0, wildcards: [() => 0], mixed: true },
  nillable: false,
  given: undefined,
  required: [],
  once: [],
}

/** Where no element may stand, no white space may either. */
const hasContent = ({ elements, wildcards }: Type) => (elements?.all.length ?? 0) > 0 || wildcards.length > 0

/**
 * @param utf8 the message; `asDeclared`: as it came, else made UTF-8, and its declaration names another encoding
 * @param roots the elements it may begin with; undefined: it is only asked whether it is well-formed
 */
export function isCertain(utf8: Uint8Array, asDeclared: boolean, roots?: Names): boolean {
  if (utf8.length > mostBytes || !isUtf8(utf8)) return false
  return new Walk(Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength)).goes(asDeclared, roots)
}

class Walk {
  /** The element we are in, and those around it, from `depth` down. */
  readonly #read: ReadElement[] = []
  readonly #nameFrom: number[] = []
  readonly #nameTo: number[] = []
  /** Where its children begin in `ids`; how many prefixes are declared outside it. */
  readonly #base: number[] = []
  readonly #scope: number[] = []
  #ids = new Int32Array(256)
  #count = 0
  readonly #prefixes: Buffer[] = [Buffer.alloc(0)]
  readonly #uris: string[] = ['']
  /** How many prefixes were declared before the last start tag. */
  #outer = 1
  readonly #name: TagName = { from: 0, to: 0, hash: 0 }
  /** Attributes of the last start tag that declare no namespace: places of name and value, four each. */
  readonly #attributes: number[] = []

  /** Those of another namespace; few messages have any. */
  readonly #prefixed: { prefix: string; local: string; value: string }[] = []
  /** The last start tag says that the element has no value. */
  #isNil = false
  /** An id stands in the message: of a second one it is not certain that it is another. */
  #hasId = false

  constructor(readonly page: Buffer) {}

  goes(asDeclared: boolean, roots: Names | undefined): boolean {
    const { page } = this
    let i = page[0] === 0xef && page[1] === 0xbb && page[2] === 0xbf ? 3 : 0
    if (page[i] === lt && page[i + 1] === 0x3f) {
      const found = declaration.exec(page.toString('latin1', i, i + 120))
      if (!found || (asDeclared && found[3] !== undefined && !utf8Name.test(found[3]))) return false
      i += found[0].length
    }
    i = this.#between(i)
    if (i < 0 || page[i] !== lt || page[i + 1] === slash) return false
    i = this.#inside(i, roots)
    return i >= 0 && this.#between(i) === page.length
  }

  /** Over white space and comments. @returns the next `<` that begins a tag, or the end; -1: not certain */
  #between(i: number): number {
    const { page } = this
    for (;;) {
      while (isSpace(page[i])) i++
      if (page[i] !== lt || page[i + 1] !== bang) return i
      if ((i = this.#comment(i)) < 0) return -1
    }
  }

  #comment(at: number): number {
    const { page } = this
    if (page[at + 2] !== 0x2d || page[at + 3] !== 0x2d) return -1
    const end = page.indexOf('--', at + 4)
    if (end < 0 || page[end + 2] !== gt) return -1
    for (let i = at + 4; i < end; i++) {
      const byte = page[i]!
      if ((byte < space && !isSpace(byte)) || (byte === 0xef && isNoCharacter(page, i))) return -1
    }
    return end + 3
  }

  /** From the root's `<` on. @returns the place behind its end tag; -1: not certain */
  #inside(at: number, roots: Names | undefined): number {
    const { page } = this
    let i = at
    let depth = 0
    for (;;) {
      if (page[i + 1] === slash) i = this.#ends(i, --depth)
      else if ((i = this.#begins(i, depth, roots)) >= 0) {
        if (page[i - 2] === slash) i = this.#isEmptyFine(depth, i) ? i : -1
        else if (this.#isNil) i = page[i] === lt && page[i + 1] === slash ? this.#closes(i, depth) : -1
        else if (this.#read[depth]!.type.value) i = this.#text(i, depth)
        else if (++depth > mostDepth) return -1
      }
      if (i < 0 || depth === 0) return i
      const around = this.#read[depth - 1]!
      if (around.type.mixed) i = this.#anyText(i)
      else if (hasContent(around.type)) i = this.#between(i)
      if (i < 0 || page[i] !== lt || page[i + 1] === bang) return -1
    }
  }

  /** @returns the place behind the `>` of the start tag at `at` */
  #begins(at: number, depth: number, roots: Names | undefined): number {
    const { page } = this
    const name = this.#name
    const from = at + 1
    let i = readName(page, from, name)
    this.#scope[depth] = this.#outer = this.#uris.length
    // An array is emptied only where there is something in it: setting its length costs as much as a short element.
    if (this.#attributes.length > 0) this.#attributes.length = 0
    if (this.#prefixed.length > 0) this.#prefixed.length = 0
    this.#isNil = false
    if (page[i] !== gt && (i = this.#attributesOf(i)) < 0) return -1
    if (page[i] === slash) i++
    if (page[i] !== gt) return -1
    const namespace = this.#namespaceOf(from, name.from)
    if (namespace === undefined) return -1
    const read = this.#elementOf(depth, namespace, roots)
    if (!read) return -1
    if (this.#prefixed.length > 0 && !this.#areKnown(depth, read)) return -1
    if (read !== anything && !this.#fit(read.type)) return -1
    if (this.#isNil && !this.#mayBeNil(read, depth)) return -1
    this.#read[depth] = read
    this.#nameFrom[depth] = from
    this.#nameTo[depth] = name.to
    this.#base[depth] = this.#count
    return i + 1
  }

  /** What may stand here by this name; it is counted among the children of what it stands in. */
  #elementOf(depth: number, namespace: string, roots: Names | undefined): ReadElement | undefined {
    const { page } = this
    const { from, to, hash } = this.#name
    const around = depth > 0 ? this.#read[depth - 1]! : roots ? undefined : anything
    if (!around) return roots!.find(page, from, to, hash, namespace)?.read()
    if (around === anything) return this.#isPlainName(from, to) ? anything : undefined
    const { elements, wildcards } = around.type
    const found: KnownElement | undefined = elements?.find(page, from, to, hash, namespace)
    if (found) {
      this.#push(found.id)
      return found.read()
    }
    for (const wildcard of wildcards) {
      const id = wildcard(namespace)
      if (id === undefined) continue
      this.#push(id)
      return this.#isPlainName(from, to) ? anything : undefined
    }
    return undefined
  }

  #isPlainName(from: number, to: number): boolean {
    return to - from < 200 && plainName.test(this.page.toString('latin1', from, to))
  }

  #push(id: number): void {
    if (this.#count === this.#ids.length) {
      const more = new Int32Array(this.#ids.length * 4)
      more.set(this.#ids)
      this.#ids = more
    }
    this.#ids[this.#count++] = id
  }

  /** @param start where the name begins, `local` where it goes on behind its prefix */
  #namespaceOf(start: number, local: number): string | undefined {
    const { page } = this
    const to = local === start ? start : local - 1
    if (to === start && local > start) return undefined
    for (let i = this.#prefixes.length - 1; i >= 0; i--)
      if (isName(this.#prefixes[i]!, page, start, to)) return this.#uris[i]
    return undefined
  }

  /** Reads attributes from behind the name. @returns the `/` or `>` that ends the tag; -1: not certain */
  #attributesOf(i: number): number {
    const { page } = this
    for (;;) {
      const before = i
      while (isSpace(page[i])) i++
      if (page[i] === gt || page[i] === slash) return i
      if (i === before) return -1
      const from = i
      while (page[i] !== equals) {
        const byte = page[i]
        if (byte === undefined || byte <= space || byte === gt || byte === lt || byte >= 0x80) return -1
        i++
      }
      const to = i
      const mark = page[++i]
      if (mark !== quote && mark !== apostrophe) return -1
      const value = ++i
      for (; page[i] !== mark; i++) {
        const byte = page[i]
        if (byte === undefined || byte < space || kinds[byte] === uncertain || byte === lt) return -1
        if (byte === 0xef && isNoCharacter(page, i)) return -1
      }
      if (!this.#attribute(from, to, value, i)) return -1
      i++
    }
  }

  #attribute(from: number, to: number, value: number, end: number): boolean {
    const { page } = this
    if (to - from > 100) return false
    const name = page.toString('latin1', from, to)
    if (name === 'xmlns' || name.startsWith('xmlns:')) {
      const prefix = name.slice(6)
      const uri = page.toString('utf8', value, end)
      if (name !== 'xmlns' && (!plainName.test(prefix) || /^xml/i.test(prefix) || uri === '')) return false
      if (!plainAddress.test(uri) || xmlNamespaces.test(uri) || this.#prefixes.length > mostPrefixes) return false
      for (let k = this.#outer; k < this.#prefixes.length; k++)
        if (this.#prefixes[k]!.toString('latin1') === prefix) return false
      this.#prefixes.push(Buffer.from(prefix))
      this.#uris.push(uri)
      return true
    }
    const colonAt = name.indexOf(':')
    if (colonAt >= 0) {
      this.#prefixed.push({
        prefix: name.slice(0, colonAt),
        local: name.slice(colonAt + 1),
        value: page.toString('utf8', value, end),
      })
      return this.#prefixed.length <= mostAttributes
    }
    if (!plainName.test(name) || this.#attributes.length >= mostAttributes * 4) return false
    for (let k = 0; k < this.#attributes.length; k += 4)
      if (page.toString('latin1', this.#attributes[k], this.#attributes[k + 1]) === name) return false
    this.#attributes.push(from, to, value, end)
    return true
  }

  /**
   * Whether what XML Schema itself may say in a message is all that the tag says in other namespaces; where nothing is
   * known of the element, whether these are declared.
   */
  #areKnown(depth: number, read: ReadElement): boolean {
    const seen = new Set<string>()
    for (const { prefix, local, value } of this.#prefixed) {
      const at = this.#prefixes.findLastIndex((one) => one.toString('latin1') === prefix)
      if (prefix === '' || at < 0 || !plainName.test(local) || seen.has(local)) return false
      seen.add(local)
      if (read === anything) continue
      if (this.#uris[at] !== instance) return false
      if (local === 'nil') {
        // "false" may stand on none that is not nillable either.
        if (value !== 'true') return false
        this.#isNil = true
      } else if (local !== 'schemaLocation' && local !== 'noNamespaceSchemaLocation') return false
      else if (depth > 0 || !elsewhere.test(value) || value.includes('schema:')) return false
    }
    return true
  }

  /** What has no value is none that a key could be made of, nor has it the children that its own keys name. */
  #mayBeNil(read: ReadElement, depth: number): boolean {
    const isPlain = ({ required, once }: ReadElement) => required.length === 0 && once.length === 0
    return read.nillable && !read.given && depth > 0 && isPlain(read) && isPlain(this.#read[depth - 1]!)
  }

  /** Whether the attributes of the last start tag are those of the type. */
  #fit({ attributes, anyAttribute, required }: Type): boolean {
    const found = this.#attributes
    if (found.length === 0) return required === 0
    let missing = required
    for (let k = 0; k < found.length; k += 4) {
      const known = this.#known(attributes, found[k]!, found[k + 1]!)
      if (known ? !this.#isValue(known, found[k + 2]!, found[k + 3]!) : !anyAttribute) return false
      if (known?.required) missing--
    }
    return missing === 0
  }

  #known(attributes: readonly Attribute[], from: number, to: number): Attribute | undefined {
    for (const one of attributes) if (isName(one.name, this.page, from, to)) return one
    return undefined
  }

  #isValue({ value, fixed }: Attribute, from: number, to: number): boolean {
    const { page } = this
    if (fixed !== undefined && page.toString('utf8', from, to) !== fixed) return false
    let characters = 0
    for (let i = from; i < to; i++) if (kinds[page[i]!] !== within) characters++
    return this.#isAllowed(value, from, to, characters)
  }

  /** Of a text that does not stand as it is in the message. */
  #isAllowedText({ check, once }: Value, text: string): boolean {
    const bytes = Buffer.from(text)
    return !once && check(bytes, 0, bytes.length, [...text].length)
  }

  #isAllowed({ check, once }: Value, from: number, to: number, characters: number): boolean {
    if (once) {
      if (this.#hasId) return false
      this.#hasId = true
    }
    return check(this.page, from, to, characters)
  }

  /** An element of text alone. @returns the place behind its end tag; -1: not certain */
  #text(from: number, depth: number): number {
    const { page } = this
    let i = from
    let beyond = 0
    let references = false
    for (let kind = kinds[page[i]!]; kind !== tag; kind = kinds[page[++i]!]) {
      if (kind === plain) continue
      if (kind === within) beyond++
      else if (kind === uncertain && page[i] === ampersand) {
        const length = referenceAt(page, i)
        if (length === 0) return -1
        references = true
        i += length - 1
      } else if (kind === bracket ? page[i + 1] === 0x5d : kind !== ef || isNoCharacter(page, i)) return -1
    }
    if (page[i + 1] !== slash) return -1
    const { type, given } = this.#read[depth]!
    if (references) {
      if (given || !this.#isAllowedText(type.value!, readText(page, from, i, false))) return -1
    } else if (!this.#isAllowed(type.value!, from, i, i - from - beyond)) return -1
    if (given && (i === from || (given.fixed !== undefined && page.toString('utf8', from, i) !== given.fixed)))
      return -1
    return this.#closes(i, depth)
  }

  /** Text inside of what is only well-formed. @returns its end */
  #anyText(from: number): number {
    const { page } = this
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

  /** An end tag at `at`. @returns the place behind it; -1: not certain */
  #ends(at: number, depth: number): number {
    const i = this.#closes(at, depth)
    return i < 0 || !this.#isWhole(depth) ? -1 : i
  }

  #closes(at: number, depth: number): number {
    const { page } = this
    const from = this.#nameFrom[depth]!
    const length = this.#nameTo[depth]! - from
    let i = at + 2
    for (let k = 0; k < length; k++) if (page[i++] !== page[from + k]) return -1
    while (isSpace(page[i])) i++
    if (page[i] !== gt) return -1
    this.#leave(depth)
    return i + 1
  }

  /** Prefixes that were declared in an element end with it. */
  #leave(depth: number): void {
    const outer = this.#scope[depth]!
    if (this.#uris.length > outer) this.#prefixes.length = this.#uris.length = outer
  }

  /** Whether the elements that were found in this one are all it asks for, in their order. */
  #isWhole(depth: number): boolean {
    const read = this.#read[depth]!
    const from = this.#base[depth]!
    const to = this.#count
    this.#count = from
    if (read === anything) return true
    const { model } = read.type
    if (!model || read.given || model(this.#ids, from, to) !== to) return false
    return (read.required.length === 0 && read.once.length === 0) || this.#hasKeys(read, from, to)
  }

  #hasKeys({ required, once }: ReadElement, from: number, to: number): boolean {
    const counts = new Map<number, number>()
    for (let i = from; i < to; i++) counts.set(this.#ids[i]!, (counts.get(this.#ids[i]!) ?? 0) + 1)
    return required.every((id) => counts.get(id) === 1) && once.every((id) => (counts.get(id) ?? 0) <= 1)
  }

  /** `<x/>` that ends before `end`. */
  #isEmptyFine(depth: number, end: number): boolean {
    this.#leave(depth)
    const { type, given } = this.#read[depth]!
    if (this.#isNil) return true
    return type.value ? !given && this.#isAllowed(type.value, end, end, 0) : this.#isWhole(depth)
  }
}

/** The five names that XML itself knows. @returns the length of the reference at `i`; 0: it is another */
const known = ['&amp;', '&lt;', '&gt;', '&quot;', '&apos;'].map((one) => Buffer.from(one))
function referenceAt(page: Buffer, i: number): number {
  for (const one of known) if (isName(one, page, i, i + one.length)) return one.length
  return 0
}

/** U+FFFE and U+FFFF, of which the first byte stands at `i`, are none (XML 1.0, 2.2). */
const isNoCharacter = (page: Buffer, i: number) => page[i + 1] === 0xbf && page[i + 2]! >= 0xbe
