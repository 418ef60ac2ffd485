// segment — one EDIFACT segment as it was read or is to be written, and where it stood.

/**
 * A data element: its repetitions (one, unless syntax version 4 repeats it), each a list of components.
 * A simple element is one repetition of one component; an element left out between others is `[['']]`.
 */
export type DataElement = readonly (readonly string[])[]

/** Where in a segment; 0: all of it. */
export interface PlaceInSegment {
  /** 1 = the first element after the tag; 0 = the tag itself. */
  element: number
  component: number
  repetition: number
}

/**
 * Something about a segment's bytes that ISO 9735 does not provide for. Warnings leave the value certain; errors do
 * not.
 */
export interface Flaw extends PlaceInSegment {
  what: FlawKind
  severity: 'warning' | 'error'
  /** What was found, made printable: `0xA3`, `?X`. */
  found: string
}

/** What is odd about bytes that could be read all the same. */
export type FlawKind =
  /** Bytes that the character set cannot hold; the value is not what was meant. */
  | 'undecodable'
  /** A control character inside a value. */
  | 'control-character'
  /** Lower case in UNOA and the like: readable, and outside the repertoire the interchange names. */
  | 'outside-repertoire'
  /** A line break in the middle of a segment: left out of the value. */
  | 'line-break'
  /** A release character before a character that needs none. */
  | 'needless-release'
  /** A segment tag that is not three capital letters or digits. */
  | 'tag'
  /** Explicit nesting behind the tag (`LOC:1:2`). */
  | 'nesting'

/** A segment as it was read, or as it is to be written. */
export interface Segment {
  readonly tag: string
  readonly elements: readonly DataElement[]
  /** Count in the interchange from 1 (UNA is none). 0 for a segment that was built. */
  readonly number: number
  /** Where its tag starts, in bytes from the beginning of the interchange (for UTF-16: of its UTF-8 form). */
  readonly offset: number
  /** Its bytes, terminator included. */
  readonly length: number
  /** Line of its tag, from 1. */
  readonly line: number
  readonly flaws: readonly Flaw[] | undefined
}

/**
 * What a segment may be written as: `segment('BGM', '85', 'REF1', '9')`, `segment('DTM', ['137', '202601311200',
 * '203'])`.
 */
export type ElementInput =
  string | readonly string[] | { readonly repeat: readonly (string | readonly string[])[] } | undefined

const nothing: DataElement = [['']]

/**
 * A segment from values: a string is a simple element, a list a composite, `{ repeat }` a repeated element (syntax 4),
 * undefined none.
 */
export function segment(tag: string, ...elements: readonly ElementInput[]): Segment {
  return { tag, elements: elements.map(dataElement), number: 0, offset: 0, length: 0, line: 0, flaws: undefined }
}

function dataElement(input: ElementInput): DataElement {
  if (input === undefined || input === '') return nothing
  if (typeof input === 'string') return [[input]]
  if ('repeat' in input) return input.repeat.map((one) => (typeof one === 'string' ? [one] : one))
  return [input]
}

/**
 * The value at a place counted from 1, blank when it is not there: `value(s, 2, 1)` is the first component of the
 * second element.
 */
export function value(s: Segment, element: number, component = 1, repetition = 1): string {
  return s.elements[element - 1]?.[repetition - 1]?.[component - 1] ?? ''
}

/** A value without its trailing blanks, which ISO 9735 calls insignificant. */
export function significant(text: string): string {
  let end = text.length
  while (end > 0 && text.charCodeAt(end - 1) === 0x20) end--
  return end === text.length ? text : text.slice(0, end)
}
