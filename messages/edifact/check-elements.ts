// check-elements — one segment against its line in the directory: mandatory items, number of constituents, character
// types, lengths, codes.
import { dateFault } from './date-formats.js'
import { hasForm, type ComponentSpec, type ItemSpec, type SegmentSpec } from './directory/spec.js'
import { placeOf, type EdifactFault, type FaultDetails } from './fault.js'
import { type ReportSyntaxError } from './fault-list.js'
import { itemsAt } from './repeated-elements.js'
import { significant, type DataElement, type Flaw, type PlaceInSegment, type Segment } from './segment.js'
import { type SyntaxErrorCode } from './syntax-errors.js'

/**
 * Is this value of a coded element taken? Undefined: yes. `components` are the values beside it, for agreed code lists.
 */
export type CodeCheck = (
  component: ComponentSpec,
  value: string,
  item: ItemSpec,
  components: readonly string[],
) => { severity: EdifactFault['severity']; rule: string } | undefined

/** Where the elements of a segment stand, and who is told what is wrong with them. */
interface ElementCheckContext {
  scope: EdifactFault['scope']
  /** Position of the segment in its message, 0 outside. */
  position: number
  report: ReportSyntaxError
  codes?: CodeCheck | undefined
}

/** Reports every fault of the segment's elements, in their order. Values are looked at without trailing blanks. */
export function checkElements(s: Segment, spec: SegmentSpec, context: ElementCheckContext): void {
  const { items } = spec
  const { elements } = s
  if (spec.free) return trailing(s, context)
  const places = itemsAt(spec, elements)
  if (places) return checkSpread(s, spec, places, context)
  for (let e = 0; e < items.length; e++) {
    const item = items[e] as ItemSpec
    const given = elements[e]
    if (given === undefined || isBlank(given)) {
      if (item.mandatory) fault({ s, element: e + 1 }, context, '13', { item: item.id, rule: 'M' })
      continue
    }
    if (given.length > item.max)
      fault({ s, element: e + 1, repetition: item.max + 1 }, context, '35', { item: item.id, rule: `max ${item.max}` })
    for (let r = 0; r < given.length; r++)
      checkItem({ s, item, values: given[r] ?? [], element: e + 1, repetition: r + 1 }, context)
  }
  const extra = beyond(elements, items.length)
  if (extra !== -1) fault({ s, element: extra + 1 }, context, '16', { rule: `max ${items.length}` })
  else trailing(s, context)
}

/**
 * The same where repetitions have elements of their own. Which of an item's places are filled is the sender's affair.
 */
function checkSpread(s: Segment, spec: SegmentSpec, places: readonly number[], context: ElementCheckContext): void {
  const { elements } = s
  for (let e = 0; e < places.length;) {
    const item = spec.items[places[e]!]!
    const first = e
    let count = 0
    for (; e < places.length && places[e] === places[first]; e++) {
      const given = elements[e]!
      if (isBlank(given)) continue
      for (let r = 0; r < given.length; r++) {
        if (++count === item.max + 1)
          fault({ s, element: e + 1, repetition: r + 1 }, context, '35', { item: item.id, rule: `max ${item.max}` })
        checkItem({ s, item, values: given[r] ?? [], element: e + 1, repetition: r + 1 }, context)
      }
    }
    if (item.mandatory && count === 0) fault({ s, element: first + 1 }, context, '13', { item: item.id, rule: 'M' })
  }
  const extra = beyond(elements, places.length)
  if (extra !== -1) fault({ s, element: extra + 1 }, context, '16', { rule: `max ${places.length}` })
  else trailing(s, context)
}

function trailing(s: Segment, context: ElementCheckContext): void {
  const { elements } = s
  if (elements.length > 0 && isEmpty(elements[elements.length - 1]))
    fault({ s, element: elements.length }, context, '45', { severity: 'warning' })
}

/** One repetition of an element, with its line in the directory. */
interface GivenItem {
  s: Segment
  item: ItemSpec
  values: readonly string[]
  element: number
  repetition: number
}

function checkItem(given: GivenItem, context: ElementCheckContext): void {
  const { s, item, values, element, repetition } = given
  const specs = item.components
  const many = specs.length > 1 || item.composite
  for (let c = 0; c < specs.length; c++) {
    const component = specs[c] as ComponentSpec
    const text = significant(values[c] ?? '')
    if (text === '') {
      if (many && component.mandatory)
        fault({ s, element, component: c + 1, repetition }, context, '13', { item: component.id, rule: 'M' })
      continue
    }
    checkValue(given, { spec: component, text, component: many ? c + 1 : 0 }, context)
  }
  if (item.id === 'C507') checkDate(given, context)
  if (values.length <= specs.length) return
  for (let c = specs.length; c < values.length; c++) {
    if (significant(values[c] ?? '') === '') continue
    fault({ s, element, component: c + 1, repetition }, context, '16', { item: item.id, rule: `max ${specs.length}` })
    return
  }
}

/**
 * 2380 by its 2379: a warning, since what a value is used for is not known here. Where a mapping reads it, it is a
 * fault (HUB_MAP_DATE).
 */
function checkDate({ s, item, values, element, repetition }: GivenItem, context: ElementCheckContext): void {
  const at = (id: string) => item.components.findIndex((one) => one.id === id)
  const [value, format] = [at('2380'), at('2379')]
  const text = significant(values[value] ?? '')
  const code = significant(values[format] ?? '')
  const rule = text === '' || code === '' ? undefined : dateFault(text, code)
  if (rule !== undefined)
    fault({ s, element, component: value + 1, repetition }, context, '12', {
      item: '2380',
      value: text,
      rule,
      severity: 'warning',
    })
}

/** Lengths count characters, not UTF-16 units. */
function lengthOf(text: string): number {
  let n = text.length
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) n--
  return n
}

// What `n` takes: digits, a sign in front, one decimal mark between digits. Both marks are read: version 4 takes
// either, and senders of version 3 use the one their country has whatever UNA says.
const number = /^-?[0-9]+(?:[.,][0-9]+)?$/

function checkValue(
  { s, item, values, element, repetition }: GivenItem,
  { spec, text, component }: { spec: ComponentSpec; text: string; component: number },
  context: ElementCheckContext,
): void {
  const { type, min, max, id } = spec
  const wrong = (code: SyntaxErrorCode, details: FaultDetails) =>
    fault({ s, element, component, repetition }, context, code, { item: id, value: text, ...details })
  if (type === 'n') {
    if (!number.test(text)) {
      const code = /^-?[.,][0-9]+$/.test(text) ? '38' : /^[0-9.,-]+$/.test(text) ? '19' : '37'
      wrong(code, { rule: formatOf(spec) })
      return
    }
  } else if (type === 'a' && /[0-9]/.test(text)) {
    wrong('37', { rule: formatOf(spec) })
    return
  }
  // The quick look is enough nearly always: UTF-16 units are never fewer than characters, and digits never more.
  if (text.length > max || text.length < min || (type === 'n' && min > 1)) {
    const length = type === 'n' ? text.replace(/[^0-9]/g, '').length : lengthOf(text)
    if (length > max || length < min) {
      const filled = length < min && measurements.has(id)
      wrong(length > max ? '39' : '40', { rule: formatOf(spec), ...(filled ? { severity: 'warning' } : {}) })
      if (!filled) return
    }
  }
  if (spec.form && !hasForm(text, spec.form)) return wrong('12', { rule: spec.form })
  const code = context.codes?.(spec, text, item, values)
  if (code) wrong('12', code)
}

/**
 * Numbers that measure, of a fixed length in some releases: -18 degrees are -18 without the nought in front that n3
 * asks for. A number that names something (7124, 7106) or a code (8186) is another one when it is short.
 */
export const measurements: ReadonlySet<string> = new Set(['6246', '6314'])

/** `an..35` */
const formatOf = ({ type, min, max, form }: ComponentSpec) =>
  form ?? `${type}${min === max && max > 1 ? '' : '..'}${max}`

function fault(
  { s, ...place }: { s: Segment } & Partial<PlaceInSegment>,
  context: ElementCheckContext,
  code: SyntaxErrorCode,
  details: FaultDetails,
): void {
  context.report(code, context.scope, placeOf(s, context.position, place), details)
}

/** No value in it at all, blanks being none. */
export function isBlank(element: DataElement): boolean {
  for (const one of element) for (const text of one) if (significant(text) !== '') return false
  return true
}

/** Not even a blank: a separator too many at the end. */
function isEmpty(element: DataElement | undefined): boolean {
  return element !== undefined && element.every((one) => one.every((text) => text === ''))
}

/** Index of the first element after `count` that holds something, -1 when there is none. */
function beyond(elements: readonly DataElement[], count: number): number {
  for (let e = count; e < elements.length; e++) if (!isBlank(elements[e] as DataElement)) return e
  return -1
}

/** What was odd about the segment's bytes, as faults. */
export function reportFlaws(
  s: Segment,
  scope: EdifactFault['scope'],
  position: number,
  report: ReportSyntaxError,
): void {
  for (const { what, severity, found, ...place } of s.flaws ?? [])
    report(flawCodes[what], scope, placeOf(s, position, place), {
      severity,
      value: found,
      detail: flawTexts[what],
    })
}

const flawCodes: Record<Flaw['what'], SyntaxErrorCode> = {
  undecodable: '21',
  'control-character': '21',
  'outside-repertoire': '21',
  'line-break': '21',
  'needless-release': '22',
  tag: '15',
  nesting: '34',
}

const flawTexts: Record<Flaw['what'], { zh: string; en: string }> = {
  undecodable: { zh: '字节不属于声明的字符集', en: 'the bytes are not in the character set of the interchange' },
  'control-character': { zh: '控制字符', en: 'a control character' },
  'outside-repertoire': {
    zh: '不在声明级别的字符范围内，已按原样读取',
    en: 'outside the repertoire of the level named in UNB; read as it stands',
  },
  'line-break': { zh: '段内换行，已忽略', en: 'a line break inside a segment; left out' },
  'needless-release': {
    zh: '不需要释放的字符，已忽略释放符',
    en: 'a release character where none is needed; left out',
  },
  tag: { zh: '段标识应为三位大写字母或数字', en: 'a segment tag is three capital letters or digits' },
  nesting: { zh: '已忽略', en: 'ignored' },
}
