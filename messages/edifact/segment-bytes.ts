// segment-bytes — the bytes of one segment, its separators already marked, become its values.
import { decode, type CharsetName } from './charset.js'
import { type DataElement, type Flaw, type FlawKind, type PlaceInSegment, type Segment } from './segment.js'

/**
 * `marks`: place in the segment × 4 + kind (0 element, 1 component, 2 repetition). `odd`: what was met on the way; 0
 * for nearly every segment.
 */
interface SegmentBytes {
  bytes: Buffer
  start: number
  end: number
  marks: readonly number[]
  odd: number
}

/** How the bytes of a segment are to be read. */
export interface SegmentAlphabet {
  charset: CharsetName
  release: number
  /** Class of every byte; 0 is plain. */
  classes: Uint8Array
  repertoire: ReadonlySet<number> | undefined
}

interface SegmentLocation {
  number: number
  offset: number
  length: number
  line: number
}

const nothing: DataElement = [['']]

/**
 * Bytes that do not fit the character set, and other flaws, are listed on the segment; nothing throws.
 * @param raw the bytes of the segment with the places of its separators
 * @param place of the segment in its file, for faults
 */
export function buildSegment(raw: SegmentBytes, reading: SegmentAlphabet, place: SegmentLocation): Segment {
  if (raw.odd === 0) {
    const known = plainSegment(raw, place)
    if (known) return known
  }
  return oddSegment(raw, reading, place)
}

/** Nearly every segment: plain ASCII and an ordinary tag. No closures, this is the hot path. */
function plainSegment({ bytes, start, end, marks }: SegmentBytes, place: SegmentLocation): Segment | undefined {
  const text = bytes.toString('latin1', start, end)
  const count = marks.length
  if (count > 0 && ((marks[0] as number) & 3) !== 0) return undefined
  const tag = count === 0 ? text : text.slice(0, (marks[0] as number) >> 2)
  return isTag(tag) ? new PlainSegment(tag, text, marks, place) : undefined
}

/**
 * Keeps its text and where its separators stood; its values are cut from that when they are asked for, and not kept. A
 * message of many thousand segments is so two objects a segment for the garbage collector instead of twenty, which was
 * half the time of reading one.
 */
class PlainSegment implements Segment {
  readonly number: number
  readonly offset: number
  readonly length: number
  readonly line: number
  readonly flaws = undefined

  constructor(
    readonly tag: string,
    private readonly text: string,
    private readonly marks: readonly number[],
    place: SegmentLocation,
  ) {
    this.number = place.number
    this.offset = place.offset
    this.length = place.length
    this.line = place.line
  }

  get elements(): readonly DataElement[] {
    // Whoever looks at a segment looks several times, then at the next one.
    if (lastMarks !== this.marks) {
      lastElements = cut(this.text, this.marks)
      lastMarks = this.marks
    }
    return lastElements
  }
}

let lastMarks: readonly number[] | undefined
let lastElements: readonly DataElement[] = []

function cut(text: string, marks: readonly number[]): DataElement[] {
  const count = marks.length
  const elements: DataElement[] = []
  let element: string[][] | undefined
  let components: string[] | undefined
  for (let i = 0; i < count; i++) {
    const from = ((marks[i] as number) >> 2) + 1
    const last = i + 1 === count
    const next = last ? 0 : (marks[i + 1] as number)
    const to = last ? text.length : next >> 2
    const one = from === to ? '' : text.slice(from, to)
    const kind = next & 3
    if (components !== undefined) components.push(one)
    else if (kind === 0 && element === undefined) {
      // A simple element, or one left out.
      elements.push(one === '' ? nothing : [[one]])
      continue
    } else components = [one]
    if (kind === 1) continue
    if (element === undefined) element = [components]
    else element.push(components)
    components = undefined
    if (kind === 2) continue
    elements.push(element)
    element = undefined
  }
  return elements
}

function isTag(tag: string): boolean {
  if (tag.length !== 3) return false
  const a = tag.charCodeAt(0)
  return a >= 65 && a <= 90 && capital(tag.charCodeAt(1)) && capital(tag.charCodeAt(2))
}
const capital = (c: number) => (c >= 65 && c <= 90) || (c >= 48 && c <= 57)

function oddSegment(raw: SegmentBytes, reading: SegmentAlphabet, place: SegmentLocation): Segment {
  const piece = oddPieces(raw, reading)
  const { marks, start, end } = raw
  let element: string[][] = []
  let repetition: string[] = []
  const elements: DataElement[] = []
  let from = start
  let components = 0
  // The tag is read as element 0, which is taken off again: behind it may stand explicit nesting.
  let tag: DataElement | undefined
  const close = () => {
    const done: DataElement =
      element.length === 1 && repetition.length === 1 && repetition[0] === '' ? nothing : element
    if (tag === undefined) tag = done
    else elements.push(done)
  }
  element.push(repetition)
  for (let i = 0; i <= marks.length; i++) {
    const mark = i < marks.length ? (marks[i] ?? 0) : -1
    const at = mark === -1 ? end : start + (mark >> 2)
    components++
    repetition.push(
      from === at
        ? ''
        : piece.take(from, at, {
            element: tag === undefined ? 0 : elements.length + 1,
            component: components,
            repetition: element.length,
          }),
    )
    from = at + 1
    if (mark === -1) break
    const kind = mark & 3
    if (kind === 1) continue
    components = 0
    if (kind === 0) {
      close()
      element = []
    }
    element.push((repetition = []))
  }
  close()
  const [name = '', ...nesting] = tag?.[0] ?? ['']
  const ofTag = { element: 0, component: 1, repetition: 1 }
  if (nesting.length > 0 || (tag?.length ?? 0) > 1)
    piece.flaw({ ...ofTag, what: 'nesting', severity: 'warning', component: 2, found: nesting.join(':') })
  if (!isTag(name)) piece.flaw({ ...ofTag, what: 'tag', severity: 'error', found: name.slice(0, 20) })
  return {
    tag: name,
    elements,
    number: place.number,
    offset: place.offset,
    length: place.length,
    line: place.line,
    flaws: piece.flaws(),
  }
}

interface Pieces {
  take(from: number, to: number, place: PlaceInSegment): string
  flaw(one: Flaw): void
  flaws(): Flaw[] | undefined
}

/** One flaw of a kind an element is enough: a hostile segment must not become a list as long as itself. */
function flawList() {
  let list: Flaw[] | undefined
  return {
    flaw(one: Flaw) {
      if (list && (list.length >= 20 || list.some((f) => f.what === one.what && f.element === one.element))) return
      list ??= []
      list.push(one)
    },
    flaws: () => list,
  }
}

/** The rare way: release characters are taken out, line breaks left out, bytes decoded value by value. */
function oddPieces({ bytes, odd }: SegmentBytes, { charset, release, classes, repertoire }: SegmentAlphabet): Pieces {
  const list = flawList()
  const take: Pieces['take'] = (from, to, place) => {
    const flaw = (what: FlawKind, severity: Flaw['severity'], found: string) =>
      list.flaw({ what, severity, ...place, found })
    const kept = Buffer.allocUnsafe(to - from)
    let length = 0
    let released = false
    for (let at = from; at < to; at++) {
      const b = bytes[at] ?? 0
      // The second byte of a two-byte character is no separator and no release, whatever it looks like.
      if (b >= 0x81 && (charset === 'gb18030' || charset === 'big5') && at + 1 < to) {
        kept[length++] = b
        kept[length++] = bytes[++at] ?? 0
        released = false
        continue
      }
      if (b === 0x0a || b === 0x0d) {
        flaw('line-break', 'warning', b === 0x0a ? '\\n' : '\\r')
        continue
      }
      if (b === release && release !== 0 && !released) {
        released = true
        continue
      }
      if (released && (classes[b] === 0 || (classes[b] ?? 0) >= 8))
        flaw('needless-release', 'warning', `${String.fromCharCode(release, b)}`)
      released = false
      if (b < 0x20 || b === 0x7f) flaw('control-character', 'error', `0x${b.toString(16).padStart(2, '0')}`)
      else if (b < 0x80 && repertoire !== undefined && (odd & 16) !== 0 && !repertoire.has(b))
        flaw('outside-repertoire', 'warning', String.fromCharCode(b))
      kept[length++] = b
    }
    const clean = kept.subarray(0, length)
    const text = (odd & 4) === 0 ? clean.toString('latin1') : decode(clean, charset)
    if (text !== undefined) return text
    const bad = clean.find((b) => b >= 0x80) ?? 0
    flaw('undecodable', 'error', `0x${bad.toString(16).toUpperCase()}`)
    return clean.toString('latin1')
  }
  return { take, ...list }
}
