// tokenizer — bytes become segments: a state machine over single bytes, for ISO 9735 syntax 1 to 4. Memory is one
// segment, never the interchange.
import { type CharsetName, charsetOf, isMultiByte, repertoireOf } from './charset.js'
import { beginsAsEdifact } from '../syntax.js'
import { type Segment } from './segment.js'
import { buildSegment } from './segment-bytes.js'
import { defaultCharacters, levelBCharacters, parseUna, type ServiceCharacters } from './service-characters.js'

/** How bytes become segments; limits against interchanges that never end. */
export interface TokenizerOptions {
  /** A partner's setting: what the bytes are, whatever UNB calls them (GBK sent as UNOA). */
  charset?: CharsetName
  /** Longest segment taken. Beyond it the terminator is surely missing. Default 65,536 bytes. */
  maxSegmentBytes?: number
  /** Most separators of one segment. Default 4,096. */
  maxSeparators?: number
}

/** Why reading cannot go on. What came before stands. */
export interface Broken {
  what:
    | 'not-edifact'
    | 'unb-missing'
    | 'una'
    | 'segment-too-long'
    | 'too-many-elements'
    | 'unterminated'
    | 'syntax-identifier'
    | 'encoding'
  offset: number
  line: number
  /** What was found there, printable and short. */
  found: string
}

/** How the interchange was laid out, so that it can be written again the same. */
export interface Layout {
  characters: ServiceCharacters
  una: boolean
  /** What stood between the first two segments: nothing, or a line break. */
  newline: '' | '\n' | '\r\n' | '\r'
}

// Classes of bytes. Everything that is plain text of its interchange is 0 and costs one look.
const plain = 0
const terminator = 1
const elementSeparator = 2
const componentSeparator = 3
const repetitionSeparator = 4
const release = 5
const lineFeed = 6
const carriageReturn = 7
const high = 8
const control = 9
const outside = 10

/** Marks of separators inside a segment: place × 4 + kind. */
const markElement = 0
const markComponent = 1
const markRepetition = 2

const sliceBytes = 65_536

/** Reads segments in chunks: `push` each, then `end`. */
export class Tokenizer {
  /** Set once reading cannot go on; further bytes are ignored. */
  broken: Broken | undefined
  /** That of UNB 0001 once it was read; the one of the options, where they name one, throughout. */
  charset: CharsetName
  /** UNB 0001, `UNOA`; empty before UNB was read. */
  syntaxIdentifier = ''
  /** UNB 0002, 1 to 4; 0 before UNB was read. */
  syntaxVersion = 0
  /**
   * The service characters in force, whether UNA named them, and what stands between segments. An answer is written
   * alike.
   */
  layout: Layout = { characters: { ...defaultCharacters }, una: false, newline: '' }

  #acc = Buffer.allocUnsafe(sliceBytes * 2)
  #length = 0 // bytes in #acc
  #scan = 0 // next byte to look at
  #start = 0 // first byte of the segment being read; -1 between segments
  #base = 0 // offset of #acc[0] in the interchange
  #line = 1
  #startLine = 1
  #afterReturn = false
  // Used again for every segment; a segment gets a copy of its own length.
  #marks: number[] = []
  #markCount = 0
  #released = false
  #skip = false // the next byte is the second of a two-byte character
  #odd = 0 // bits: 1 released, 2 line break inside, 4 bytes above 127, 8 control, 16 outside the repertoire
  #count = 0
  #restarted = false
  #stage: 'opening' | 'unb' | 'body' = 'opening'
  #classes = new Uint8Array(256)
  #utf16: InstanceType<typeof TextDecoder> | undefined
  readonly #fixedCharset: CharsetName | undefined
  readonly #maxSegment: number
  readonly #maxMarks: number

  constructor(options: TokenizerOptions = {}) {
    this.#fixedCharset = options.charset
    this.charset = options.charset ?? 'ascii'
    this.#maxSegment = options.maxSegmentBytes ?? 65_536
    this.#maxMarks = options.maxSeparators ?? 4_096
    this.#start = -1
  }

  /** Segments that end in this chunk. Nothing is read ahead of what the caller takes. */
  *push(chunk: Uint8Array): Generator<Segment, void, void> {
    for (let at = 0; at < chunk.length && !this.broken; at += sliceBytes) {
      this.#append(this.#utf8(chunk.subarray(at, at + sliceBytes)))
      for (let segment = this.#read(false); segment !== undefined; segment = this.#read(false)) yield segment
    }
  }

  /** The bytes are over: a segment without its terminator is what breaks an interchange that was cut. */
  *end(): Generator<Segment, void, void> {
    if (this.broken) return
    for (let segment = this.#read(true); segment !== undefined; segment = this.#read(true)) yield segment
    if (this.broken) return
    if (this.#start !== -1) this.#break('unterminated', this.#start, this.#startLine)
    else if (this.#count === 0 && !this.#restarted) this.#break('not-edifact', 0, 1)
  }

  /** After UNZ: what follows, if anything, is an interchange of its own with its own UNA, character set and counts. */
  restart(): void {
    this.#stage = 'opening'
    this.#count = 0
    this.#restarted = true
    this.syntaxIdentifier = ''
    this.syntaxVersion = 0
    this.charset = this.#fixedCharset ?? (this.#utf16 ? 'utf-8' : 'ascii')
    this.layout = { characters: { ...defaultCharacters }, una: false, newline: '' }
  }

  /** UTF-16 (UNOY as some send it) is carried over to UTF-8 before it is looked at; everything else as it stands. */
  #utf8(bytes: Uint8Array): Uint8Array {
    if (this.#base === 0 && this.#length === 0 && this.#count === 0 && this.#utf16 === undefined && bytes.length >= 2) {
      const [a, b] = bytes
      if ((a === 0xff && b === 0xfe) || (a === 0x55 && b === 0))
        this.#utf16 = new TextDecoder('utf-16le', { fatal: true })
      else if ((a === 0xfe && b === 0xff) || (a === 0 && b === 0x55))
        this.#utf16 = new TextDecoder('utf-16be', { fatal: true })
      if (this.#utf16) this.charset = 'utf-8'
    }
    if (!this.#utf16) return bytes
    try {
      return Buffer.from(this.#utf16.decode(bytes, { stream: true }))
    } catch {
      this.#break('encoding', this.#length, this.#line)
      return new Uint8Array(0)
    }
  }

  #append(bytes: Uint8Array): void {
    // What is consumed makes room first; what is left is at most one segment.
    const keep = this.#start === -1 ? this.#scan : this.#start
    if (keep > 0) {
      this.#acc.copyWithin(0, keep, this.#length)
      this.#length -= keep
      this.#scan -= keep
      this.#base += keep
      if (this.#start !== -1) {
        const marks = this.#marks
        for (let i = 0; i < this.#markCount; i++) marks[i] = (marks[i] ?? 0) - keep * 4
        this.#start -= keep
      }
    }
    if (this.#length + bytes.length > this.#acc.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#acc.length * 2, this.#length + bytes.length))
      larger.set(this.#acc.subarray(0, this.#length))
      this.#acc = larger
    }
    this.#acc.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** The next segment of what is there; undefined when more is needed, or nothing more can be read. */
  #read(last: boolean): Segment | undefined {
    if (this.#stage === 'opening' && !this.#open(last)) return undefined
    if (this.#start === -1 && !this.#toNextSegment()) return undefined
    return this.#toTerminator() ? this.#finish() : undefined
  }

  /** UNA, or what stands for it. False while there are too few bytes to tell. */
  #open(last: boolean): boolean {
    const acc = this.#acc
    let at = this.#scan
    if (acc[at] === 0xef && acc[at + 1] === 0xbb && acc[at + 2] === 0xbf) at += 3
    while (at < this.#length && isBlank(acc[at])) {
      if (acc[at] === 0x0a && !this.#afterReturn) this.#line++
      if (acc[at] === 0x0d) this.#line++
      this.#afterReturn = acc[at] === 0x0d
      at++
    }
    this.#scan = at
    if (at === this.#length && (this.#restarted || !last)) return false
    // The records of some systems are cut at a fixed width, wherever that is: line breaks are looked past here too.
    const head = withoutBreaks(acc.subarray(at, Math.min(this.#length, at + longestOpening)))
    if (head.bytes.length < 9 && this.#length - at < longestOpening && !last) return false
    const text = head.bytes.toString('latin1')
    if (text.startsWith('UNA')) {
      const una = unaAt(acc.subarray(at, this.#length), head)
      if (!una) return this.#break('una', at, this.#line)
      this.layout.characters = una.characters
      this.layout.una = true
      this.#scan = at + una.length
      this.#countLines(at, this.#scan)
    } else if (!text.startsWith('UNB'))
      return this.#break(beginsAsEdifact(text) ? 'unb-missing' : 'not-edifact', at, this.#line)
    else if (head.bytes[3] === levelBCharacters.element) this.layout.characters = { ...levelBCharacters }
    this.#classify('')
    this.#stage = 'unb'
    return true
  }

  /** Lines that end within bytes that are looked at no more. */
  #countLines(from: number, to: number): void {
    for (let at = from; at < to; at++)
      if (this.#acc[at] === 0x0d || (this.#acc[at] === 0x0a && this.#acc[at - 1] !== 0x0d)) this.#line++
    this.#afterReturn = this.#acc[to - 1] === 0x0d
  }

  #break(what: Broken['what'], at: number, line: number): false {
    const found = this.#acc.toString('latin1', at, Math.min(at + 24, this.#length))
    this.broken = { what, offset: this.#base + at, line, found: printable(found) }
    return false
  }

  /** What every byte is in this interchange, from its separators, its syntax version and its character set. */
  #classify(syntaxIdentifier: string): void {
    const c = this.layout.characters
    const classes = this.#classes
    const repertoire = this.#fixedCharset ? undefined : repertoireOf(syntaxIdentifier)
    for (let b = 0; b < 256; b++) {
      if (b >= 0x80) classes[b] = high
      else if (b < 0x20 || b === 0x7f) classes[b] = control
      else classes[b] = repertoire && !repertoire.has(b) ? outside : plain
    }
    classes[0x0a] = lineFeed
    classes[0x0d] = carriageReturn
    // IATA's interchanges repeat elements under their own version 1 when UNA names a character for it (PADIS).
    const repeats = this.syntaxVersion >= 4 || (this.layout.una && /^IAT[AB]$/.test(this.syntaxIdentifier))
    if (repeats && c.repetition !== 0) classes[c.repetition] = repetitionSeparator
    if (c.release !== 0) classes[c.release] = release
    classes[c.component] = componentSeparator
    classes[c.element] = elementSeparator
    classes[c.terminator] = terminator
  }

  /** Past blanks and line breaks to the first byte of the next segment; they belong to no segment. */
  #toNextSegment(): boolean {
    const acc = this.#acc
    const end = this.#length
    const from = this.#scan
    let at = from
    let b = 0
    while (at < end && isBlank((b = acc[at] ?? 0))) {
      if (b === 0x0a && !this.#afterReturn) this.#line++
      if (b === 0x0d) this.#line++
      this.#afterReturn = b === 0x0d
      if (this.#count === 1) this.#seeNewline(b)
      at++
    }
    this.#scan = at
    if (at >= end) return false
    this.#afterReturn = false
    this.#start = at
    this.#startLine = this.#line
    return true
  }

  /** The layout is read from what follows the first segment. */
  #seeNewline(b: number): void {
    const layout = this.layout
    if (b === 0x0d && layout.newline === '') layout.newline = '\r'
    else if (b === 0x0a)
      layout.newline = layout.newline === '\r' ? '\r\n' : layout.newline === '' ? '\n' : layout.newline
  }

  /** Looks at every byte once. True when the terminator is found; marks hold the separators on the way. */
  #toTerminator(): boolean {
    const acc = this.#acc
    const end = this.#length
    const classes = this.#classes
    const marks = this.#marks
    let count = this.#markCount
    const multi = isMultiByte(this.charset)
    let at = this.#scan
    for (; at < end; at++) {
      const b = acc[at] ?? 0
      if (this.#skip) {
        this.#skip = false
        continue
      }
      const kind = classes[b]
      if (kind === plain) {
        if (this.#released) this.#released = false
        continue
      }
      if (kind === high) {
        this.#odd |= 4
        this.#released = false
        if (multi && b >= 0x81 && b !== 0xff) this.#skip = true
        continue
      }
      if (kind === lineFeed || kind === carriageReturn) {
        if (kind === carriageReturn || acc[at - 1] !== 0x0d || at === this.#start) this.#line++
        this.#odd |= 2
        continue
      }
      if (this.#released) {
        this.#released = false
        if (kind === control) this.#odd |= 8
        continue
      }
      switch (kind) {
        case terminator:
          this.#scan = at
          this.#markCount = count
          return this.#fits(at)
        case elementSeparator:
          marks[count++] = at * 4 + markElement
          break
        case componentSeparator:
          marks[count++] = at * 4 + markComponent
          break
        case repetitionSeparator:
          marks[count++] = at * 4 + markRepetition
          break
        case release:
          this.#odd |= 1
          this.#released = true
          break
        case control:
          this.#odd |= 8
          break
        case outside:
          this.#odd |= 16
          break
      }
    }
    this.#scan = at
    this.#markCount = count
    this.#fits(at)
    return false
  }

  #fits(at: number): boolean {
    if (at - this.#start > this.#maxSegment) return this.#break('segment-too-long', this.#start, this.#startLine)
    if (this.#markCount > this.#maxMarks) return this.#break('too-many-elements', this.#start, this.#startLine)
    return true
  }

  #finish(): Segment | undefined {
    const first = this.#count === 0
    if (first && !this.#learn()) return undefined
    const segment = buildSegment(
      { bytes: this.#acc, start: this.#start, end: this.#scan, marks: this.#ownMarks(), odd: this.#odd },
      {
        charset: this.charset,
        release: this.layout.characters.release,
        classes: this.#classes,
        repertoire: this.#fixedCharset ? undefined : repertoireOf(this.syntaxIdentifier),
      },
      {
        number: ++this.#count,
        offset: this.#base + this.#start,
        length: this.#scan + 1 - this.#start,
        line: this.#startLine,
      },
    )
    this.#markCount = 0
    this.#odd = 0
    this.#start = -1
    if (this.#acc[this.#scan] === 0x0a) this.#line++
    this.#scan++
    return segment
  }

  #ownMarks(): number[] {
    const own = new Array<number>(this.#markCount)
    for (let i = 0; i < own.length; i++) own[i] = (this.#marks[i] as number) - this.#start * 4
    return own
  }

  /** UNB says what the rest of the bytes are: its first element is read by hand, before anything is decoded. */
  #learn(): boolean {
    // Line breaks within are left out here as everywhere: buildSegment tells them.
    const raw = withoutBreaks(this.#acc.subarray(this.#start, Math.min(this.#scan, this.#start + longestOpening)))
    const c = this.layout.characters
    const [tag = '', s001 = ''] = raw.bytes.toString('latin1').split(String.fromCharCode(c.element))
    if (tag !== 'UNB')
      return this.#break(/^[A-Z][A-Z0-9]{2}$/.test(tag) ? 'unb-missing' : 'not-edifact', this.#start, this.#startLine)
    const [identifier = '', version = ''] = s001.split(String.fromCharCode(c.component))
    this.syntaxIdentifier = identifier
    this.syntaxVersion = /^[1-9]$/.test(version) ? Number(version) : 0
    const charset = this.#fixedCharset ?? (this.#utf16 ? 'utf-8' : charsetOf(identifier))
    if (!charset) return this.#break('syntax-identifier', this.#start, this.#startLine)
    this.charset = charset
    this.#classify(identifier)
    this.#stage = 'body'
    return true
  }
}

/** Bytes looked at for UNA, and for UNB's first element, with the line breaks among them. */
const longestOpening = 128

/** The bytes without line breaks, and where each of them stood. */
function withoutBreaks(raw: Uint8Array): { bytes: Buffer; at: number[] } {
  const at = [...raw.keys()].filter((i) => raw[i] !== 0x0a && raw[i] !== 0x0d)
  return { bytes: Buffer.from(at.map((i) => raw[i]!)), at }
}

/** UNA as it stands, where a line break may be the terminator; else with the line breaks in it left out. */
function unaAt(raw: Uint8Array, head: ReturnType<typeof withoutBreaks>) {
  const plain = head.at[2] === 2 ? parseUna(raw.subarray(3, 9)) : undefined
  // A line break ends segments when letters follow; anywhere else it is layout.
  const last = head.bytes[8] ?? 0
  const layout = plain && (separatorsOf(plain).some(isBreak) || (isBreak(plain.terminator) && !isLetter(last)))
  if (plain && !layout) return { characters: plain, length: 9 }
  const characters = parseUna(head.bytes.subarray(3, 9))
  if (characters) return { characters, length: (head.at[8] ?? 8) + 1 }
  return plain && { characters: plain, length: 9 }
}
const separatorsOf = (c: ServiceCharacters) => [c.component, c.element, c.release, c.repetition]
const isBreak = (b: number) => b === 0x0a || b === 0x0d
const isLetter = (b: number) => b >= 0x41 && b <= 0x5a

const isBlank = (b: number | undefined) => b === 0x20 || b === 0x0a || b === 0x0d || b === 0x09 || b === 0 || b === 0x1a

/** Bytes as they may stand in a sentence: anything that does not print becomes \x… */
export function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f-\x9f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
