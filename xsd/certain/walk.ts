// walk — one way through the bytes of a message, beside its grammar: is it certainly well-formed (XML 1.0, namespaces)
// and certainly valid? "No" only means that it is not certain: references, CDATA, instructions, a namespace declared in
// an odd way, or a fault. Then libxml2 has the say.
import { isUtf8 } from 'node:buffer'
import { isName } from '../../messages/xml-tags.js'
import { readText } from '../../messages/xml-text.js'
import type { Attribute, KnownElement, Names, ReadElement, Type } from './grammar.js'
import { StartTag } from './start-tag.js'
import { charactersIn, endOfAnyText, endOfBlanks, endOfSpace, endOfText, type FoundText } from './text.js'
import type { Value } from './values.js'

const [lt, gt, slash, bang] = [0x3c, 0x3e, 0x2f, 0x21]

/** libxml2 reads more, and by rules of its own. */
const mostBytes = 8 * 1024 * 1024
const mostDepth = 100

const declaration =
  /^<\?xml version=(["'])1\.0\1(?: encoding=(["'])([A-Za-z][\w.-]*)\2)?(?: standalone=(["'])(?:yes|no)\4)? ?\?>/
const utf8Name = /^utf-?8$/i

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
  /** An id stands in the message: of a second one it is not certain that it is another. */
  #hasId = false
  readonly #tag: StartTag
  readonly #found: FoundText = { characters: 0, references: false }

  constructor(readonly page: Buffer) {
    this.#tag = new StartTag(page)
  }

  goes(asDeclared: boolean, roots: Names | undefined): boolean {
    const { page } = this
    let i = page[0] === 0xef && page[1] === 0xbb && page[2] === 0xbf ? 3 : 0
    if (page[i] === lt && page[i + 1] === 0x3f) {
      const found = declaration.exec(page.toString('latin1', i, i + 120))
      if (!found || (asDeclared && found[3] !== undefined && !utf8Name.test(found[3]))) return false
      i += found[0].length
    }
    i = endOfSpace(page, i)
    if (i < 0 || page[i] !== lt || page[i + 1] === slash) return false
    i = this.#inside(i, roots)
    return i >= 0 && endOfSpace(page, i) === page.length
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
        else if (this.#tag.isNil) i = page[i] === lt && page[i + 1] === slash ? this.#closes(i, depth) : -1
        else if (this.#read[depth]!.type.value) i = this.#text(i, depth)
        else if (++depth > mostDepth) return -1
      }
      if (i < 0 || depth === 0) return i
      const around = this.#read[depth - 1]!
      if (around.type.mixed) i = endOfAnyText(page, i)
      else if (hasContent(around.type)) i = endOfSpace(page, i)
      if (i < 0 || page[i] !== lt || page[i + 1] === bang) return -1
    }
  }

  /** @returns the place behind the `>` of the start tag at `at` */
  #begins(at: number, depth: number, roots: Names | undefined): number {
    const tag = this.#tag
    const end = tag.read(at)
    if (end < 0) return -1
    const namespace = tag.namespace()
    if (namespace === undefined) return -1
    const read = this.#elementOf(depth, namespace, roots)
    if (!read) return -1
    if (tag.hasOthers() && !tag.areOthersFine(read !== anything, depth === 0)) return -1
    if (read !== anything && !this.#fit(read.type)) return -1
    if (tag.isNil && !this.#mayBeNil(read, depth)) return -1
    this.#scope[depth] = tag.outer
    this.#read[depth] = read
    this.#nameFrom[depth] = tag.from
    this.#nameTo[depth] = tag.name.to
    this.#base[depth] = this.#count
    return end
  }

  /** What may stand here by this name; it is counted among the children of what it stands in. */
  #elementOf(depth: number, namespace: string, roots: Names | undefined): ReadElement | undefined {
    const { page } = this
    const { from, to, hash } = this.#tag.name
    const around = depth > 0 ? this.#read[depth - 1]! : roots ? undefined : anything
    if (!around) return roots!.find(page, from, to, hash, namespace)?.read()
    if (around === anything) return this.#tag.hasPlainName() ? anything : undefined
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
      return this.#tag.hasPlainName() ? anything : undefined
    }
    return undefined
  }

  #push(id: number): void {
    if (this.#count === this.#ids.length) {
      const more = new Int32Array(this.#ids.length * 4)
      more.set(this.#ids)
      this.#ids = more
    }
    this.#ids[this.#count++] = id
  }

  /** What has no value is none that a key could be made of, nor has it the children that its own keys name. */
  #mayBeNil(read: ReadElement, depth: number): boolean {
    const isPlain = ({ required, once }: ReadElement) => required.length === 0 && once.length === 0
    return read.nillable && !read.given && depth > 0 && isPlain(read) && isPlain(this.#read[depth - 1]!)
  }

  /** Whether the attributes of the last start tag are those of the type. */
  #fit({ attributes, anyAttribute, required }: Type): boolean {
    const found = this.#tag.attributes
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
    return this.#isAllowed(value, from, to, charactersIn(page, from, to))
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
    const found = this.#found
    const i = endOfText(page, from, found)
    if (i < 0 || page[i + 1] !== slash) return -1
    const { type, given } = this.#read[depth]!
    if (found.references) {
      if (given || !this.#isAllowedText(type.value!, readText(page, from, i, false))) return -1
    } else if (!this.#isAllowed(type.value!, from, i, found.characters)) return -1
    if (given && (i === from || (given.fixed !== undefined && page.toString('utf8', from, i) !== given.fixed)))
      return -1
    return this.#closes(i, depth)
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
    if (page[i] !== gt && page[(i = endOfBlanks(page, i))] !== gt) return -1
    this.#tag.leave(this.#scope[depth]!)
    return i + 1
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
    this.#tag.leave(this.#scope[depth]!)
    const { type, given } = this.#read[depth]!
    if (this.#tag.isNil) return true
    return type.value ? !given && this.#isAllowed(type.value, end, end, 0) : this.#isWhole(depth)
  }
}
