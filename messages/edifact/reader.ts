// reader — segments become interchanges, groups and messages; envelopes, counts and references are checked on the way.
// Memory is one message.
import { brokenFault } from './broken-fault.js'
import { charsetUnder, type CharsetName } from './charset.js'
import { checkElements, reportFlaws } from './check-elements.js'
import { dateFault } from './date-formats.js'
import { serviceSegments } from './directory/service-segments.js'
import {
  readUnb,
  readUng,
  readUnh,
  type EdifactMessage,
  type Group,
  type Interchange,
  type MessageId,
} from './envelope.js'
import { placeOf, type EdifactFault, type FaultDetails, type FaultPlace } from './fault.js'
import { FaultList, type FaultLimits, type ReportSyntaxError } from './fault-list.js'
import { significant, value, type Segment } from './segment.js'
import { type SyntaxErrorCode } from './syntax-errors.js'
import { Tokenizer, type Broken, type TokenizerOptions } from './tokenizer.js'

/** How an interchange is read; limits of what is kept in memory. */
export interface ReaderOptions extends TokenizerOptions {
  /** Hand on every segment as it comes (`segment` events) and collect none: flat memory for a message of any size. */
  stream?: boolean
  /**
   * Largest message collected, in segments and bytes. Beyond it the message is refused, and reading goes on. Defaults
   * 200,000 and 32 MB.
   */
  maxMessageSegments?: number
  maxMessageBytes?: number
  /** Most messages of an interchange. Default 100,000. */
  maxMessages?: number
  faults?: FaultLimits
}

/** The last event of each interchange, also of one that is broken off. */
interface InterchangeEnd {
  readonly kind: 'end'
  /** Undefined when not even UNB could be read. */
  readonly interchange: Interchange | undefined
  readonly messages: number
  readonly groups: number
  /** What is wrong with the interchange and its groups. An error here is about the whole interchange: UCI or UCF. */
  readonly faults: readonly EdifactFault[]
  /**
   * Bytes in front of what follows its UNZ; undefined without one. A line break may stand inside the tag, so no search
   * finds it.
   */
  readonly endOffset: number | undefined
  /** Reading ended before UNZ. */
  readonly broken: Broken | undefined
}

/** What comes of reading, in the order of the bytes. */
export type ReaderEvent =
  | { readonly kind: 'interchange'; readonly interchange: Interchange }
  | { readonly kind: 'group'; readonly group: Group }
  /** Only when streaming. `position`: in its message, UNH is 1. */
  | { readonly kind: 'segment'; readonly segment: Segment; readonly position: number }
  | { readonly kind: 'message'; readonly message: EdifactMessage }
  | { readonly kind: 'group-end'; readonly group: Group; readonly messages: number }
  | InterchangeEnd

interface OpenMessage {
  unh: Segment
  reference: string
  id: MessageId
  segments: Segment[]
  count: number
  bytes: number
  tooLarge: boolean
  faults: FaultList
}

/** 0110 and 0113 of S009, and S016 to S018 (told at their first components): element, component, tag. */
const ofVersion4: readonly [number, number, string][] = [
  [2, 6, '0110'],
  [2, 7, '0113'],
  [5, 1, '0115'],
  [6, 1, '0121'],
  [7, 1, '0127'],
]

/** Segments that end an open message, in order or not. */
const closing = new Set(['UNT', 'UNH', 'UNE', 'UNZ', 'UNG'])

/** Reads interchanges in chunks: `push` each, then `end`. */
export class InterchangeReader {
  readonly #tokenizer: Tokenizer
  readonly #options: ReaderOptions
  #index = 0
  #interchange: Interchange | undefined
  #faults: FaultList
  #messages = 0
  #groups = 0
  #group: { info: Group; messages: number } | undefined
  #message: OpenMessage | undefined
  #messageReferences = new Set<string>()
  #groupReferences = new Set<string>()
  #last: Segment | undefined
  #done = false

  constructor(options: ReaderOptions = {}) {
    this.#options = options
    this.#tokenizer = new Tokenizer(options)
    this.#faults = new FaultList(options.faults)
  }

  /** The character set that is read by: that of UNB 0001, or the one the options name. */
  get charset(): CharsetName {
    return this.#tokenizer.charset
  }

  /**
   * Reads on; a chunk may end anywhere, also inside a character. Nothing is read any more once the interchange cannot
   * be.
   */
  *push(chunk: Uint8Array): Generator<ReaderEvent, void, void> {
    if (this.#done) return
    for (const s of this.#tokenizer.push(chunk)) {
      // Nearly every segment stands inside a message: the short way.
      if (this.#message && !closing.has(s.tag)) {
        this.#inMessage(s)
        if (this.#options.stream) yield { kind: 'segment', segment: s, position: this.#message.count }
        continue
      }
      yield* this.#segment(s)
      if (this.#done) return
    }
    if (this.#tokenizer.broken) yield* this.#stop()
  }

  /** To be called behind the last chunk: reports what is not finished, and ends the interchange. */
  *end(): Generator<ReaderEvent, void, void> {
    if (this.#done) return
    for (const s of this.#tokenizer.end()) {
      yield* this.#segment(s)
      if (this.#done) return
    }
    yield* this.#stop()
  }

  *#segment(s: Segment): Generator<ReaderEvent, void, void> {
    if (this.#interchange === undefined) return yield* this.#open(s)
    if (this.#message) {
      // Only these end a message; UNT as it should, the others because it is missing.
      if (s.tag === 'UNT') return yield* this.#closeMessage(s)
      if (closing.has(s.tag)) yield* this.#closeMessage(undefined)
      else return yield* this.#tell(s)
    }
    this.#last = s
    switch (s.tag) {
      case 'UNH':
        return yield* this.#openMessage(s)
      case 'UNG':
        return yield* this.#openGroup(s)
      case 'UNE':
        return yield* this.#closeGroup(s)
      case 'UNZ':
        return yield* this.#close(s)
      case 'UNO':
      case 'UNP':
        this.#report('47', 'interchange', placeOf(s, 0))
        break
      default:
        this.#report('33', this.#group ? 'group' : 'interchange', placeOf(s, 0))
    }
  }

  *#open(unb: Segment): Generator<ReaderEvent, void, void> {
    const t = this.#tokenizer
    this.#last = unb
    this.#interchange = readUnb(unb, ++this.#index, {
      identifier: t.syntaxIdentifier,
      version: t.syntaxVersion,
      charset: t.charset,
      layout: t.layout,
    })
    this.#checkService(unb, 'interchange', 0, this.#faults.report)
    if (t.syntaxVersion < 1 || t.syntaxVersion > 4)
      this.#report('2', 'interchange', placeOf(unb, 0, { element: 1, component: 2, repetition: 1 }), {
        value: value(unb, 1, 2),
        item: '0002',
      })
    this.#checkPreparation(unb, 'interchange')
    yield { kind: 'interchange', interchange: this.#interchange }
  }

  /**
   * S004 of UNB and UNG: a day and a time that there are; six digits before version 4, eight in it, and the other with
   * a warning.
   */
  #checkPreparation(s: Segment, scope: 'interchange' | 'group'): void {
    const date = significant(value(s, 4, 1))
    const time = significant(value(s, 4, 2))
    const long = this.#tokenizer.syntaxVersion >= 4
    const usual = long ? 'CCYYMMDD' : 'YYMMDD'
    const report = (component: number, details: FaultDetails) =>
      this.#report('12', scope, placeOf(s, 0, { element: 4, component, repetition: 1 }), details)
    if (date !== '' && !isDate(date)) report(1, { value: date, item: '0017', rule: 'YYMMDD / CCYYMMDD' })
    else if (date !== '' && (date.length === 8) !== long)
      report(1, { value: date, item: '0017', rule: usual, severity: 'warning' })
    if (time !== '' && dateFault(time, '401') !== undefined) report(2, { value: time, item: '0019', rule: 'HHMM' })
  }

  *#openGroup(ung: Segment): Generator<ReaderEvent, void, void> {
    if (this.#group) yield* this.#closeGroup(undefined)
    else if (this.#messages > 0 && this.#groups === 0) this.#report('30', 'interchange', placeOf(ung, 0))
    const info = readUng(ung, ++this.#groups)
    this.#checkService(ung, 'group', 0, this.#faults.report)
    this.#checkPreparation(ung, 'group')
    if (this.#groupReferences.has(info.reference))
      this.#report('26', 'group', placeOf(ung, 0, { element: 5, repetition: 1 }), {
        value: info.reference,
        item: '0048',
      })
    this.#groupReferences.add(info.reference)
    this.#group = { info, messages: 0 }
    yield { kind: 'group', group: info }
  }

  *#closeGroup(une: Segment | undefined): Generator<ReaderEvent, void, void> {
    const group = this.#group
    if (!group) {
      if (une) this.#report('33', 'interchange', placeOf(une, 0))
      return
    }
    this.#group = undefined
    if (une) {
      this.#checkService(une, 'group', 0, this.#faults.report)
      this.#compare({ trailer: une, element: 1, expected: String(group.messages) }, '29', 'group')
      this.#compare({ trailer: une, element: 2, expected: group.info.reference }, '28', 'group')
    } else this.#report('13', 'group', this.#missing('UNE'))
    if (group.messages === 0) this.#report('32', 'group', placeOf(group.info.ung, 0))
    yield { kind: 'group-end', group: group.info, messages: group.messages }
  }

  *#openMessage(unh: Segment): Generator<ReaderEvent, void, void> {
    if (this.#messages >= (this.#options.maxMessages ?? 100_000)) {
      this.#report('18', 'interchange', placeOf(unh, 0), {
        detail: { zh: '报文数量超过上限', en: 'more messages than are taken in one interchange' },
      })
      yield* this.#finish({})
      this.#done = true
      return
    }
    const faults = new FaultList(this.#options.faults)
    const { reference, id } = readUnh(unh)
    this.#message = { unh, reference, id, segments: [], count: 0, bytes: 0, tooLarge: false, faults }
    this.#messages++
    if (this.#group) this.#group.messages++
    else if (this.#groups > 0) this.#report('30', 'interchange', placeOf(unh, 0))
    this.#checkService(unh, 'message', 1, faults.report)
    this.#checkVersion(unh, faults.report)
    const expected = this.#group?.info.type
    if (expected && id.type !== '' && expected !== id.type)
      faults.report('31', 'message', placeOf(unh, 1, { element: 2, component: 1, repetition: 1 }), {
        value: id.type,
        rule: expected,
        item: '0065',
      })
    // Within a group references start anew: what must differ is group and message together.
    const key = `${this.#group?.info.reference ?? ''}\n${reference}`
    if (reference !== '' && this.#messageReferences.has(key))
      faults.report('26', 'message', placeOf(unh, 1, { element: 1, repetition: 1 }), { value: reference, item: '0062' })
    this.#messageReferences.add(key)
    yield* this.#tell(unh)
  }

  /** What only syntax version 4 has in UNH is read in every version, and said. */
  #checkVersion(unh: Segment, report: ReportSyntaxError): void {
    if (this.#tokenizer.syntaxVersion >= 4) return
    for (const [element, component, item] of ofVersion4)
      if (significant(value(unh, element, component)) !== '')
        report('16', 'message', placeOf(unh, 1, { element, component, repetition: 1 }), {
          item,
          value: significant(value(unh, element, component)),
          rule: 'syntax version 4',
          severity: 'warning',
        })
  }

  *#tell(s: Segment): Generator<ReaderEvent, void, void> {
    this.#inMessage(s)
    if (this.#options.stream) yield { kind: 'segment', segment: s, position: (this.#message as OpenMessage).count }
  }

  #inMessage(s: Segment): void {
    const message = this.#message as OpenMessage
    this.#last = s
    message.count++
    message.bytes += s.length
    if (s.flaws) reportFlaws(s, 'message', message.count, message.faults.report)
    if (this.#options.stream || message.tooLarge) return
    if (
      message.count <= (this.#options.maxMessageSegments ?? 200_000) &&
      message.bytes <= (this.#options.maxMessageBytes ?? 32 << 20)
    ) {
      message.segments.push(s)
      return
    }
    message.tooLarge = true
    message.segments = []
    message.faults.report('18', 'message', placeOf(s, message.count), {
      detail: { zh: '报文超过大小上限', en: 'the message is larger than is taken' },
    })
  }

  *#closeMessage(unt: Segment | undefined): Generator<ReaderEvent, void, void> {
    const message = this.#message as OpenMessage
    if (unt) {
      yield* this.#tell(unt)
      this.#checkService(unt, 'message', message.count, message.faults.report)
      const report = (code: SyntaxErrorCode, details: FaultDetails, element: number) =>
        message.faults.report(code, 'message', placeOf(unt, message.count, { element, repetition: 1 }), details)
      compare({ trailer: unt, element: 1, expected: String(message.count) }, '29', report)
      compare({ trailer: unt, element: 2, expected: message.reference }, '28', report)
    } else message.faults.report('13', 'message', { ...this.#missing('UNT'), segment: message.count })
    this.#message = undefined
    const end = unt ?? this.#last ?? message.unh
    yield {
      kind: 'message',
      message: {
        interchange: this.#interchange as Interchange,
        group: this.#group?.info,
        index: this.#messages,
        reference: message.reference,
        id: message.id,
        segments: message.segments,
        count: message.count,
        offset: message.unh.offset,
        length: end.offset + end.length - message.unh.offset,
        line: message.unh.line,
        faults: message.faults.faults,
      },
    }
  }

  *#close(unz: Segment): Generator<ReaderEvent, void, void> {
    if (this.#group) yield* this.#closeGroup(undefined)
    this.#checkService(unz, 'interchange', 0, this.#faults.report)
    const count = this.#groups > 0 ? this.#groups : this.#messages
    this.#compare({ trailer: unz, element: 1, expected: String(count) }, '29', 'interchange')
    const { reference } = this.#interchange as Interchange
    this.#compare({ trailer: unz, element: 2, expected: reference }, '28', 'interchange')
    if (this.#messages === 0)
      this.#report('32', 'interchange', placeOf(unz, 0), { what: { zh: '交换', en: 'The interchange' } })
    yield* this.#finish({ endOffset: unz.offset + unz.length })
    this.#tokenizer.restart()
  }

  /** The bytes are over, or cannot be read further: what is open is closed, and what is missing is said. */
  *#stop(): Generator<ReaderEvent, void, void> {
    const { broken } = this.#tokenizer
    this.#done = true
    // After a whole interchange nothing more is nothing wrong.
    if (!this.#interchange && !broken && this.#index > 0) return
    if (this.#message) yield* this.#closeMessage(undefined)
    if (this.#group) yield* this.#closeGroup(undefined)
    if (broken) this.#faults.add(brokenFault(broken, this.#index > 0 && !this.#interchange))
    if (this.#interchange) this.#report('13', 'interchange', this.#missing('UNZ'))
    yield* this.#finish({ broken })
  }

  *#finish({
    broken,
    endOffset,
  }: {
    broken?: Broken | undefined
    endOffset?: number
  }): Generator<ReaderEvent, void, void> {
    yield {
      kind: 'end',
      interchange: this.#interchange,
      messages: this.#messages,
      groups: this.#groups,
      faults: this.#faults.faults,
      endOffset,
      broken,
    }
    this.#interchange = undefined
    this.#faults = new FaultList(this.#options.faults)
    this.#messages = 0
    this.#groups = 0
    this.#messageReferences = new Set()
    this.#groupReferences = new Set()
  }

  #checkService(s: Segment, scope: EdifactFault['scope'], position: number, report: ReportSyntaxError): void {
    const spec = serviceSegments(this.#tokenizer.syntaxVersion).get(s.tag)
    // Inside messages the segment's flaws are reported with all the others.
    if (scope !== 'message') reportFlaws(s, scope, position, report)
    if (spec) checkElements(s, spec, { scope, position, report })
  }

  #compare(said: Said, code: SyntaxErrorCode, scope: EdifactFault['scope']): void {
    const place = placeOf(said.trailer, 0, { element: said.element, repetition: 1 })
    compare(said, code, (c, details) => this.#report(c, scope, place, details))
  }

  #report(code: SyntaxErrorCode, scope: EdifactFault['scope'], place: FaultPlace, details: FaultDetails = {}): void {
    this.#faults.report(code, scope, place, details)
  }

  #missing(tag: string): FaultPlace {
    const last = this.#last
    return {
      tag,
      segment: 0,
      element: 0,
      component: 0,
      repetition: 0,
      offset: last ? last.offset + last.length : 0,
      line: last?.line ?? 1,
    }
  }
}

/** What an element of a trailer says, and what was read. */
interface Said {
  trailer: Segment
  element: number
  expected: string
}

/** A trailer's count or reference against what was read. Missing or misshapen values are faults already. */
function compare(
  { trailer, element, expected }: Said,
  code: SyntaxErrorCode,
  report: (code: SyntaxErrorCode, details: FaultDetails, element: number) => void,
): void {
  const given = significant(value(trailer, element))
  if (given === '') return
  if (code === '29' ? !/^[0-9]+$/.test(given) || Number(given) === Number(expected) : given === expected) return
  report(code, { value: given, rule: expected }, element)
}

/** A day of the calendar in six or eight digits, by their format codes. */
const isDate = (date: string) => dateFault(date, date.length === 6 ? '101' : '102') === undefined

/** An interchange read whole: for files that fit in memory, and for tests. */
export interface ReadInterchange {
  readonly messages: EdifactMessage[]
  readonly groups: Group[]
  readonly end: InterchangeEnd
}

/**
 * Every interchange of these bytes, with its messages. One that cannot be read at all is an `end` without interchange.
 */
export function readInterchanges(bytes: Uint8Array, options: ReaderOptions = {}): ReadInterchange[] {
  const charset = charsetUnder(options.charset, bytes)
  const reader = new InterchangeReader({ ...options, ...(charset === undefined ? {} : { charset }) })
  const found: ReadInterchange[] = []
  let messages: EdifactMessage[] = []
  let groups: Group[] = []
  const take = (event: ReaderEvent) => {
    if (event.kind === 'message') messages.push(event.message)
    else if (event.kind === 'group') groups.push(event.group)
    else if (event.kind === 'end') {
      found.push({ messages, groups, end: event })
      messages = []
      groups = []
    }
  }
  for (const event of reader.push(bytes)) take(event)
  for (const event of reader.end()) take(event)
  return found
}
