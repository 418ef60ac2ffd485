// value — what a simple type asks for, in words a sender knows, and what a value breaks of it. The names of types stay
// inside.
import { isDay } from '../../messages/calendar-day.js'
import { withoutEnd, type Bilingual } from '../../messages/text.js'
import { patternBroken, type ExplainedFault } from './faults.js'
import type { Simple } from './model.js'

const kinds: Readonly<Record<string, Bilingual>> = {
  decimal: { zh: '数值', en: 'a number' },
  double: { zh: '数值', en: 'a number' },
  float: { zh: '数值', en: 'a number' },
  boolean: { zh: '是否（true 或 false）', en: 'true or false' },
  date: { zh: '日期（yyyy-MM-dd）', en: 'a date, yyyy-MM-dd' },
  dateTime: { zh: '日期时间（yyyy-MM-ddTHH:mm:ss）', en: 'a date and time, yyyy-MM-ddTHH:mm:ss' },
  time: { zh: '时间（HH:mm:ss）', en: 'a time, HH:mm:ss' },
  base64Binary: { zh: 'Base64 编码', en: 'base64' },
  hexBinary: { zh: '十六进制编码', en: 'hexadecimal digits' },
  anyURI: { zh: '网址', en: 'an address (URI)' },
  ID: { zh: '标识（字母开头，不含空格和冒号）', en: 'an id: a letter first, no blanks or colons' },
  NCName: { zh: '名称（字母开头，不含空格和冒号）', en: 'a name: a letter first, no blanks or colons' },
}
const whole = /^(integer|int|long|short|byte|(non)?(negative|positive)integer|unsigned\w+)$/i
const text: Bilingual = { zh: '文本', en: 'text' }

/** One sentence part on a type: 数值，最多 14 位，其中小数 5 位 / a number, at most 14 digits and 5 decimals */
export function describe(type: Simple): Bilingual {
  if (type.of) {
    const members = type.of.filter((one) => !isEmptyOnly(one)).map(describe)
    const open = members.length < type.of.length
    return {
      zh: members.map(({ zh }) => zh).join('，或') + (open ? '，可为空' : ''),
      en: members.map(({ en }) => en).join(', or ') + (open ? ', or empty' : ''),
    }
  }
  const { facets } = type
  const kind = kinds[type.base] ?? (whole.test(type.base) ? { zh: '整数', en: 'a whole number' } : text)
  const zh: string[] = [kind.zh]
  const en: string[] = [kind.en]
  const add = (one: string, other: string) => {
    zh.push(one)
    en.push(other)
  }
  if (type.enumeration) add(`可用值 ${type.enumeration.join('、')}`, `one of ${type.enumeration.join(', ')}`)
  if (facets.totalDigits !== undefined && facets.fractionDigits !== undefined)
    add(
      `最多 ${facets.totalDigits} 位，其中小数最多 ${facets.fractionDigits} 位`,
      `at most ${digits(facets.totalDigits)} and ${decimals(facets.fractionDigits)}`,
    )
  else if (facets.totalDigits !== undefined)
    add(`最多 ${facets.totalDigits} 位`, `at most ${digits(facets.totalDigits)}`)
  else if (facets.fractionDigits !== undefined)
    add(`小数最多 ${facets.fractionDigits} 位`, `at most ${decimals(facets.fractionDigits)}`)
  if (facets.length !== undefined) add(`长度 ${facets.length}`, `of length ${facets.length}`)
  if (facets.minLength !== undefined) add(`至少 ${facets.minLength} 个字符`, `at least ${characters(facets.minLength)}`)
  if (facets.maxLength !== undefined) add(`最多 ${facets.maxLength} 个字符`, `at most ${characters(facets.maxLength)}`)
  const least = facets.minInclusive ?? facets.minExclusive
  const most = facets.maxInclusive ?? facets.maxExclusive
  if (least !== undefined)
    add(
      `${facets.minInclusive === undefined ? '大于' : '不小于'} ${least}`,
      `${facets.minInclusive === undefined ? 'above' : 'at least'} ${least}`,
    )
  if (most !== undefined)
    add(
      `${facets.maxInclusive === undefined ? '小于' : '不大于'} ${most}`,
      `${facets.maxInclusive === undefined ? 'below' : 'at most'} ${most}`,
    )
  return { zh: zh.join('，'), en: en.join(', ') }
}

const plural = (n: string, one: string) => `${n} ${one}${n === '1' ? '' : 's'}`
const digits = (n: string) => plural(n, 'digit')
const decimals = (n: string) => plural(n, 'decimal')
const characters = (n: string) => plural(n, 'character')
const isEmptyOnly = ({ facets, enumeration }: Simple) =>
  facets.length === '0' || facets.maxLength === '0' || (enumeration?.length === 1 && enumeration[0] === '')

/** The first thing a value breaks; undefined: nothing this file knows of. The value is as it stands in the message. */
export function broken(type: Simple, raw: string): Omit<ExplainedFault, 'attribute'> | undefined {
  if (type.of) {
    return type.of.some((one) => broken(one, raw) === undefined)
      ? undefined
      : { code: 'HUB_XSD_TYPE', ...typed(type, raw) }
  }
  const { facets, base, patterns, enumeration } = type
  const value =
    base === 'string' ? raw : base === 'normalizedString' ? raw.replace(/\s/g, ' ') : raw.trim().replace(/\s+/g, ' ')
  if (!fitsBase(base, value)) return { code: 'HUB_XSD_TYPE', ...typed(type, value) }
  const length = [...value].length
  for (const facet of ['length', 'minLength', 'maxLength'] as const) {
    const limit = Number(facets[facet])
    if (facets[facet] === undefined || isBinary(base)) continue
    if (facet === 'minLength' ? length < limit : facet === 'maxLength' ? length > limit : length !== limit)
      return {
        code: 'HUB_XSD_LENGTH',
        values: { actual: String(length), rule: `${facet}=${limit}` },
        rule: `${facet}=${limit}`,
        ...shown(value),
      }
  }
  if (enumeration && !enumeration.includes(value))
    return {
      code: 'HUB_XSD_ENUMERATION',
      values: { value: cut(value), allowed: enumeration.join(' | ').slice(0, 300) },
      rule: `enumeration=${enumeration.join('|')}`.slice(0, 300),
      ...shown(value),
    }
  for (const pattern of patterns) if (!expression(pattern)(value)) return patternBroken(value, pattern)
  return numberBroken(facets, value)
}

const typed = (type: Simple, value: string) => {
  const { zh, en } = describe(type)
  return { values: { value: cut(value), zh, en }, rule: `type=${en}`, ...shown(value) }
}
const cut = (value: string) => value.slice(0, 200)
const shown = (value: string) => (value === '' ? {} : { value: cut(value) })
const isBinary = (base: string) => base === 'base64Binary' || base === 'hexBinary'

function fitsBase(base: string, value: string): boolean {
  if (base === 'decimal') return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(value)
  if (whole.test(base)) return /^[+-]?\d+$/.test(value)
  if (base === 'boolean') return /^(true|false|0|1)$/.test(value)
  if (base === 'double' || base === 'float') return /^([+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|-?INF|NaN)$/.test(value)
  if (base === 'date') return /^-?\d{4,}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?$/.test(value) && isDay(value.slice(0, 10))
  if (base === 'dateTime')
    return /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$/.test(value) && isDay(value.slice(0, 10))
  return true
}
function numberBroken(facets: Simple['facets'], value: string): Omit<ExplainedFault, 'attribute'> | undefined {
  const digitsOf = value.replace(/^[+-]/, '').replace(/^0+(?=\d)/, '')
  const [integer = '', fraction = ''] = digitsOf.split('.')
  const fractionDigits = withoutEnd(fraction, '0').length
  const total = integer.replace(/^0$/, '').length + fractionDigits
  const fault = (code: 'HUB_XSD_DIGITS' | 'HUB_XSD_RANGE', facet: string) => ({
    code,
    values: { value: cut(value), rule: `${facet}=${facets[facet]}` },
    rule: `${facet}=${facets[facet]}`,
    ...shown(value),
  })
  if (facets.totalDigits !== undefined && total > Number(facets.totalDigits))
    return fault('HUB_XSD_DIGITS', 'totalDigits')
  if (facets.fractionDigits !== undefined && fractionDigits > Number(facets.fractionDigits))
    return fault('HUB_XSD_DIGITS', 'fractionDigits')
  const number = Number(value)
  for (const [facet, right] of [
    ['minInclusive', (limit: number) => number >= limit],
    ['maxInclusive', (limit: number) => number <= limit],
    ['minExclusive', (limit: number) => number > limit],
    ['maxExclusive', (limit: number) => number < limit],
  ] as const)
    if (facets[facet] !== undefined && !Number.isNaN(Number(facets[facet])) && !right(Number(facets[facet])))
      return fault('HUB_XSD_RANGE', facet)
  return undefined
}

const expressions = new Map<string, (value: string) => boolean>()
/**
 * XSD's expressions are JavaScript's but for a few escapes; one that is not is held to fit: libxml2 has the say
 * elsewhere.
 */
function expression(pattern: string): (value: string) => boolean {
  let found = expressions.get(pattern)
  if (!found) {
    try {
      const made = new RegExp(`^(?:${pattern.replace(/\\([-])(?![^[]*\])/g, '$1')})$`, 'us')
      found = (value) => made.test(value)
    } catch {
      found = () => true
    }
    expressions.set(pattern, found)
  }
  return found
}
