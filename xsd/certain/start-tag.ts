// start-tag — one start tag after the other of a message: its name, its attributes, and the namespaces that are
// declared in it and around it. Whether they may stand there is asked elsewhere (walk.ts).
import { isName, readName, type TagName } from '../../messages/xml-tags.js'
import { endOfAttributeName, endOfBlanks, endOfValue } from './text.js'

const [slash, gt, quote, apostrophe] = [0x2f, 0x3e, 0x22, 0x27]

/** libxml2 reads more, and by rules of its own. */
const mostAttributes = 20
const mostPrefixes = 50

const plainName = /^[A-Za-z_][\w.-]*$/
/** Of libxml2's questions about an address none is left with these. */
const plainAddress = /^(?:urn:[\w.:-]+|https?:\/\/[\w./-]+#?)?$/
const xmlNamespaces = /^http:\/\/www\.w3\.org\/(?:XML\/1998\/namespace|2000\/xmlns\/)$/

const instance = 'http://www.w3.org/2001/XMLSchema-instance'
/** Where the sender found a schema: it is looked for among the hub's own, where there is none by such an address. */
const elsewhere = /^[\w./: -]*$/

/** The start tag that was read last. */
export class StartTag {
  /** Its name without prefix. */
  readonly name: TagName = { from: 0, to: 0, hash: 0 }
  /** Where its name begins, with its prefix. */
  from = 0
  /** Attributes in no namespace that declare none: places of name and value, four each. */
  readonly attributes: number[] = []
  /** It says that the element has no value (`areOthersFine` finds it). */
  isNil = false
  /** How many prefixes were declared before it. */
  outer = 1

  /** All that are declared, the innermost last; the first stands for no prefix. */
  readonly #prefixes: Buffer[] = [Buffer.alloc(0)]
  readonly #uris: string[] = ['']
  /** Attributes with a prefix; few messages have any. */
  readonly #prefixed: { prefix: string; local: string; value: string }[] = []

  constructor(readonly page: Buffer) {}

  /**
   * Reads the tag, and declares what it declares.
   * @param at its `<`
   * @returns the place behind its `>`; -1: not certain
   */
  read(at: number): number {
    const { page } = this
    this.from = at + 1
    this.outer = this.#uris.length
    this.isNil = false
    // An array is emptied only where there is something in it: setting its length costs as much as a short element.
    if (this.attributes.length > 0) this.attributes.length = 0
    if (this.#prefixed.length > 0) this.#prefixed.length = 0
    let i = readName(page, this.from, this.name)
    if (page[i] !== gt && (i = this.#attributesFrom(i)) < 0) return -1
    if (page[i] === slash) i++
    return page[i] === gt ? i + 1 : -1
  }

  /** The namespace of its name; undefined: it has a prefix that is not declared. */
  namespace(): string | undefined {
    const { from, name, page } = this
    const to = name.from === from ? from : name.from - 1
    if (to === from && name.from > from) return undefined
    for (let i = this.#prefixes.length - 1; i >= 0; i--)
      if (isName(this.#prefixes[i]!, page, from, to)) return this.#uris[i]
    return undefined
  }

  /** Its name is one that needs no second look. */
  hasPlainName(): boolean {
    const { from, to } = this.name
    return to - from < 200 && plainName.test(this.page.toString('latin1', from, to))
  }

  /** It has attributes with a prefix. */
  hasOthers(): boolean {
    return this.#prefixed.length > 0
  }

  /**
   * Whether what XML Schema itself may say in a message is all that the tag says in other namespaces.
   * @param known something is known of the element; else it is only asked whether its prefixes are declared
   */
  areOthersFine(known: boolean, isRoot: boolean): boolean {
    const seen = new Set<string>()
    for (const { prefix, local, value } of this.#prefixed) {
      const at = this.#prefixes.findLastIndex((one) => one.toString('latin1') === prefix)
      if (prefix === '' || at < 0 || !plainName.test(local) || seen.has(local)) return false
      seen.add(local)
      if (!known) continue
      if (this.#uris[at] !== instance) return false
      if (local === 'nil') {
        // "false" may stand on none that is not nillable either.
        if (value !== 'true') return false
        this.isNil = true
      } else if (local !== 'schemaLocation' && local !== 'noNamespaceSchemaLocation') return false
      else if (!isRoot || !elsewhere.test(value) || value.includes('schema:')) return false
    }
    return true
  }

  /** An element ends: of the prefixes declared so many are left. */
  leave(outer: number): void {
    if (this.#uris.length > outer) this.#prefixes.length = this.#uris.length = outer
  }

  /** Reads attributes from behind the name. @returns the `/` or `>` that ends the tag; -1: not certain */
  #attributesFrom(i: number): number {
    const { page } = this
    for (;;) {
      const from = endOfBlanks(page, i)
      if (page[from] === gt || page[from] === slash) return from
      if (from === i) return -1
      const to = endOfAttributeName(page, from)
      if (to < 0) return -1
      const mark = page[to + 1]
      if (mark !== quote && mark !== apostrophe) return -1
      const value = to + 2
      const end = endOfValue(page, value, mark)
      if (end < 0 || !this.#attribute(from, to, value, end)) return -1
      i = end + 1
    }
  }

  #attribute(from: number, to: number, value: number, end: number): boolean {
    const { page } = this
    if (to - from > 100) return false
    const name = page.toString('latin1', from, to)
    if (name === 'xmlns' || name.startsWith('xmlns:'))
      return this.#declare(name === 'xmlns' ? undefined : name.slice(6), page.toString('utf8', value, end))
    const colonAt = name.indexOf(':')
    if (colonAt >= 0) {
      this.#prefixed.push({
        prefix: name.slice(0, colonAt),
        local: name.slice(colonAt + 1),
        value: page.toString('utf8', value, end),
      })
      return this.#prefixed.length <= mostAttributes
    }
    if (!plainName.test(name) || this.attributes.length >= mostAttributes * 4) return false
    for (let k = 0; k < this.attributes.length; k += 4)
      if (page.toString('latin1', this.attributes[k], this.attributes[k + 1]) === name) return false
    this.attributes.push(from, to, value, end)
    return true
  }

  #declare(prefix: string | undefined, uri: string): boolean {
    if (prefix !== undefined && (!plainName.test(prefix) || /^xml/i.test(prefix) || uri === '')) return false
    if (!plainAddress.test(uri) || xmlNamespaces.test(uri) || this.#prefixes.length > mostPrefixes) return false
    const name = prefix ?? ''
    for (let k = this.outer; k < this.#prefixes.length; k++)
      if (this.#prefixes[k]!.toString('latin1') === name) return false
    this.#prefixes.push(Buffer.from(name))
    this.#uris.push(uri)
    return true
  }
}
