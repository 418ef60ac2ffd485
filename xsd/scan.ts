// scan — the few elements that facts, keys and rules speak of, found in the bytes in one pass: some 15 µs, where asking
// libxml2 for them one by one costs hundreds. It reads only what is known to be well-formed (by libxml2, or by the walk
// of certain/), without DOCTYPE, in UTF-8; so it need not doubt.
import {
  endOfCdata,
  endOfComment,
  endOfEndTag,
  endOfInstruction,
  endOfTag,
  hashOfName,
  isComment,
  isDeclaration,
  isEmptyTag,
  isEndTag,
  isInstruction,
  isName,
  nextTag,
  readName,
  type TagName,
} from '../messages/xml-tags.js'
import { readText } from '../messages/xml-text.js'

/** An element (or `@attribute`) that is looked for. `slot` is its place among its parent's. */
export class ScanShape {
  /** By their slots. */
  readonly children: ScanShape[] = []
  /** Whether any attribute of the element is looked for; without one its tag is passed over. */
  hasAttributes = false
  readonly #byHash = new Map<number, ScanShape[]>()
  readonly #bytes: Buffer
  constructor(
    readonly name: string,
    readonly slot: number,
  ) {
    this.#bytes = Buffer.from(name)
  }
  /** The shape below this one for a name (`@name`: an attribute), made where there is none yet. */
  child(name: string): ScanShape {
    let found = this.children.find((c) => c.name === name)
    if (!found) {
      this.children.push((found = new ScanShape(name, this.children.length)))
      if (name.startsWith('@')) this.hasAttributes = true
      else {
        const hash = hashOfName(found.#bytes)
        this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), found])
      }
    }
    return found
  }
  /** @param page where the name stands in bytes */
  find({ hash, from, to }: TagName, page: Uint8Array): ScanShape | undefined {
    const found = this.#byHash.get(hash)
    if (found) for (const one of found) if (isName(one.#bytes, page, from, to)) return one
    return undefined
  }
}

/** One occurrence of a shape. Siblings of one shape hang together by `next`; text is read when asked for. */
export class Mark {
  /** The first element found for each slot of the shape. */
  readonly kids: (Mark | undefined)[] = []
  /** The next element of the same name beside it. */
  next: Mark | undefined
  /** Of the first element of a name: the last one beside it. */
  last: Mark = this
  /** Where its content ends in the page; an offset in bytes. */
  to = 0
  #text: string | undefined
  constructor(
    readonly page: Buffer,
    readonly shape: ScanShape,
    readonly parent: Mark | undefined,
    readonly position: number,
    readonly at: number,
    public from: number,
  ) {}

  /** Notes an element found below this one. `at`: where its tag begins; `from`: where its content does. */
  add(shape: ScanShape, at: number, from: number): Mark {
    const first = this.kids[shape.slot]
    const mark = new Mark(this.page, shape, this, first ? first.last.position + 1 : 1, at, from)
    if (first) first.last = first.last.next = mark
    else this.kids[shape.slot] = mark
    return mark
  }

  /** Nothing in it but white space. An element with elements in it is not blank. */
  get blank(): boolean {
    let i = this.from
    while (i < this.to && this.page[i]! <= 0x20) i++
    if (i >= this.to) return true
    const byte = this.page[i]!
    if (byte < 0x80 && byte !== 0x26 && (byte !== 0x3c || !isDeclaration(this.page, i))) return false
    return this.text === ''
  }

  /** Its text as it stands. */
  get raw(): string {
    return readText(this.page, this.from, this.to, this.shape.name.startsWith('@'))
  }

  /** Its text without the white space around it. */
  get text(): string {
    return (this.#text ??= this.raw.trim())
  }

  /** /Root/List[2]/Leaf, a position only where there is more than one of the name. */
  get path(): string {
    if (!this.parent) return `/${this.shape.name}`
    const first = this.parent.kids[this.shape.slot]!
    return `${this.parent.path}/${this.shape.name}${first.next ? `[${this.position}]` : ''}`
  }

  /** From 1. */
  get line(): number {
    let line = 1
    for (let i = this.page.indexOf(0x0a); i >= 0 && i < this.at; i = this.page.indexOf(0x0a, i + 1)) line++
    return line
  }
}

/** @returns the root's mark, with every mark the shape asks for below it */
export function scan(utf8: Uint8Array, shape: ScanShape): Mark {
  const page = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength)
  const name: TagName = { from: 0, to: 0, hash: 0 }
  let mark: Mark | undefined
  let skipped = 0
  let i = nextTag(page, 0)
  while (i >= 0) {
    if (isEndTag(page, i)) {
      if (skipped > 0) skipped--
      else {
        mark!.to = i
        if (!mark!.parent) return mark!
        mark = mark!.parent
      }
      i = endOfEndTag(page, i)
    } else if (isDeclaration(page, i)) i = isComment(page, i) ? endOfComment(page, i) : endOfCdata(page, i)
    else if (isInstruction(page, i)) i = endOfInstruction(page, i)
    else {
      const at = i++
      let child: ScanShape | undefined
      if (skipped === 0) {
        i = readName(page, i, name)
        child = mark ? mark.shape.find(name, page) : shape
      }
      const attributes = i
      i = endOfTag(page, i)
      const closed = isEmptyTag(page, i)
      if (!child) {
        if (!closed) skipped++
      } else {
        const found: Mark = mark ? mark.add(child, at, i + 1) : new Mark(page, child, undefined, 1, at, i + 1)
        found.to = i + 1
        if (child.hasAttributes) readAttributes(found, attributes, i)
        if (!closed) mark = found
        else if (!mark) return found
      }
    }
    // Of bytes that are not well-formed; nothing ends then.
    if (i < 0) break
    i = nextTag(page, i + 1)
  }
  throw new Error('the root never ends')
}

function readAttributes(mark: Mark, from: number, to: number): void {
  for (let i = from; i < to;) {
    const equals = mark.page.indexOf(0x3d, i)
    if (equals < 0 || equals >= to) return
    const name = mark.page.toString('utf8', i, equals).trim()
    let open = equals + 1
    while (mark.page[open] !== 0x22 && mark.page[open] !== 0x27) open++
    const close = mark.page.indexOf(mark.page[open]!, open + 1)
    const shape = mark.shape.children.find((c) => c.name === `@${name}`)
    if (shape) mark.add(shape, mark.at, open + 1).to = close
    i = close + 1
  }
}
