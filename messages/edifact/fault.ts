// fault — one thing wrong with an interchange or message, in the sender's own terms: segment, element, component; with
// its ISO 9735 error code.
import { fill, type Bilingual } from '../text.js'
import { type PlaceInSegment, type Segment } from './segment.js'
import { syntaxErrors, type SyntaxErrorCode } from './syntax-errors.js'

/**
 * Where. Counts are from 1; 0 means "the whole": `element: 0` is the segment itself, `component: 0` the whole element.
 */
export interface FaultPlace {
  /** Tag of the segment, or of the one that is missing. */
  readonly tag: string
  /**
   * Position of the segment in its message, UNH being 1; 0 outside messages. For a missing segment: the last one that
   * was read before the place where it should have stood (ISO 9735-4:2002, UCS 0096).
   */
  readonly segment: number
  /** The data element after the tag: 1 is the first. CONTRL counts the tag as well: `controlPosition`. */
  readonly element: number
  readonly component: number
  readonly repetition: number
  /** Byte offset and line of the segment in what was received. */
  readonly offset: number
  readonly line: number
}

/** One thing wrong, with what CONTRL needs to report it. */
export interface EdifactFault extends FaultPlace {
  /** Data element 0085. */
  readonly code: SyntaxErrorCode
  readonly severity: 'error' | 'warning'
  /** What it is reported about in CONTRL: UCI, UCF or UCM (and under it UCS and UCD). */
  readonly scope: 'interchange' | 'group' | 'message'
  /** The element's or composite's tag in the directory: `C507`, `2005`. */
  readonly item?: string
  /** At most 200 characters of the value. */
  readonly value?: string
  /** The rule broken: `an..35`, `M`, `max 9`, `code list 2005`. */
  readonly rule?: string
  readonly text: Bilingual
}

/** 0098 of a UCD: the count includes the segment tag (ISO 9735-4:2002). */
export const controlPosition = (f: FaultPlace) => f.element + 1

/** What a fault's sentence names. */
export interface FaultDetails {
  severity?: EdifactFault['severity']
  item?: string
  value?: string
  rule?: string
  /** What it is about, for the sentence: defaults to the place. */
  what?: Bilingual
  /** More than the code says. */
  detail?: Bilingual
}

/** A fault from its code and place. */
export function edifactFault(
  code: SyntaxErrorCode,
  scope: EdifactFault['scope'],
  place: FaultPlace,
  details: FaultDetails = {},
): EdifactFault {
  const { severity = 'error', item, value, rule, what = placeText(place, item), detail } = details
  const sentence = syntaxErrors[code].sentence
  const zh = fill(sentence, { what: what.zh, value: value?.slice(0, 60) ?? '', rule: rule ?? '' }).zh
  const en = fill(sentence, { what: what.en, value: value?.slice(0, 60) ?? '', rule: rule ?? '' }).en
  return {
    code,
    severity,
    scope,
    tag: place.tag,
    segment: place.segment,
    element: place.element,
    component: place.component,
    repetition: place.repetition,
    offset: place.offset,
    line: place.line,
    ...(item === undefined ? {} : { item }),
    ...(value === undefined ? {} : { value: value.slice(0, 200) }),
    ...(rule === undefined ? {} : { rule }),
    text: detail ? { zh: within(zh, `（${detail.zh}）`), en: within(en, ` (${detail.en})`) } : { zh, en },
  }
}

/** A remark before the full stop of its sentence. */
const within = (sentence: string, remark: string) => sentence.replace(/(?=[。.]?$)/, remark)

/** The place of a segment, or of a value in it. `position`: in its message, 0 outside. */
export function placeOf(
  s: Segment,
  position: number,
  { element = 0, component = 0, repetition = 0 }: Partial<PlaceInSegment> = {},
): FaultPlace {
  return { tag: s.tag, segment: position, element, component, repetition, offset: s.offset, line: s.line }
}

/** `DTM 第 1 项第 2 个成分 2380` / `DTM element 1 component 2 (2380)` */
function placeText(p: FaultPlace, item?: string): Bilingual {
  const where = [p.element ? `第 ${p.element} 项` : '', p.component ? `第 ${p.component} 个成分` : ''].join('')
  const zh = [p.tag, ...(where ? [where] : []), ...(item ? [item] : [])]
  const en = [
    p.tag,
    ...(p.element ? [`element ${p.element}`] : []),
    ...(p.component ? [`component ${p.component}`] : []),
    ...(item ? [`(${item})`] : []),
  ]
  return { zh: zh.join(' '), en: en.join(' ') }
}
