// faults — what libxml2 says of a broken rule, as faults a sender can act on: code, rule, value, two languages.
// Table-driven.
import { fault, type ErrorCode } from '../../messages/errors.js'
import type { Fault } from '../../messages/fault.js'
import { patternWords } from './pattern-words.js'

/** The pattern of a text that may not be of blanks alone. */
const notBlank = '(\\s*\\S[\\s\\S]*)?'

/** A fault without its place: `attribute` is set when the fault is an attribute's. */
export interface ExplainedFault {
  code: ErrorCode
  values: Record<string, string>
  rule?: string
  value?: string
  attribute?: string
  /** The type libxml2 names, as the schema does; its words are found in the schema. '' for one without a name. */
  type?: string
  /**
   * The key that lacks a field; which one libxml2 does not say, and it says so of a field whose value is wrong, too.
   */
  key?: string
}

type Read = (match: RegExpExecArray) => Omit<ExplainedFault, 'attribute'>

/** `{urn:x}b` → b, `( {u}a, {u}b )` → a, b */
const local = (name: string) =>
  name
    .replace(/\{[^}]*\}/g, '')
    .replace(/^\(\s*|\s*\)$/g, '')
    .trim()
const cut = (value: string) => (value.length > 200 ? value.slice(0, 200) : value)

const lengthRule = { length: 'length', minLength: 'minLength', maxLength: 'maxLength' } as const

const table: [RegExp, Read][] = [
  [
    /^\[facet '(length|minLength|maxLength)'\] The value (?:'(.*)' )?has a length of '(\d+)'; this (?:exceeds|underruns|differs from) the allowed (?:maximum |minimum )?length of '(\d+)'/s,
    ([, facet, value, actual, limit]) => ({
      code: 'HUB_XSD_LENGTH',
      values: { actual: actual!, rule: `${lengthRule[facet as 'length']}=${limit}` },
      rule: `${facet}=${limit}`,
      ...(value ? { value: cut(value) } : {}),
    }),
  ],
  [
    /^\[facet 'enumeration'\] The value '(.*)' is not an element of the set \{(.*)\}/s,
    ([, value, set]) => {
      const allowed = [...set!.matchAll(/'([^']*)'/g)].map((m) => m[1]!)
      return {
        code: 'HUB_XSD_ENUMERATION',
        values: { value: cut(value!), allowed: allowed.join(' | ').slice(0, 300) },
        rule: `enumeration=${allowed.join('|')}`.slice(0, 300),
        value: cut(value!),
      }
    },
  ],
  [
    /^\[facet 'pattern'\] The value '(.*)' is not accepted by the pattern '(.*)'\.?$/s,
    ([, value, pattern]) => patternBroken(value!, pattern!),
  ],
  [
    /^\[facet '((?:min|max)(?:Inclusive|Exclusive))'\] The value '(.*)' (?:is|must be) .*'([^']*)'/s,
    ([, facet, value, limit]) => ({
      code: 'HUB_XSD_RANGE',
      values: { value: cut(value!), rule: `${facet}=${limit}` },
      rule: `${facet}=${limit}`,
      value: cut(value!),
    }),
  ],
  [
    /^\[facet '(totalDigits|fractionDigits)'\] The value '(.*)' has more (?:fractional )?digits than are allowed \('(\d+)'\)/s,
    ([, facet, value, limit]) => ({
      code: 'HUB_XSD_DIGITS',
      values: { value: cut(value!), rule: `${facet}=${limit}` },
      rule: `${facet}=${limit}`,
      value: cut(value!),
    }),
  ],
  [
    /^This element is not expected\.(?: Expected is (?:one of )?(\(.*\)))?/s,
    ([, expected]) => ({
      code: 'HUB_XSD_ELEMENT_UNEXPECTED',
      values: expected
        ? { zh: `应为 ${names(expected)}`, en: `expected ${names(expected)}` }
        : { zh: '其后不应再有元素', en: 'nothing more is expected there' },
      rule: expected ? `expected=${names(expected).replaceAll(', ', '|')}` : 'order',
    }),
  ],
  [
    /^Missing child element\(s\)\.(?: Expected is (?:one of )?(\(.*\)))?/s,
    ([, expected]) => ({
      code: 'HUB_XSD_ELEMENT_MISSING',
      values: { expected: names(expected) },
      rule: `required=${names(expected).replaceAll(', ', '|')}`,
    }),
  ],
  [
    /^The attribute '(.*)' is required but missing/s,
    ([, attribute]) => ({
      code: 'HUB_XSD_ATTRIBUTE_MISSING',
      values: { attribute: local(attribute!) },
      rule: `required=@${local(attribute!)}`,
    }),
  ],
  [
    /^The attribute '(.*)' is not allowed/s,
    ([, attribute]) => ({
      code: 'HUB_XSD_ATTRIBUTE_UNEXPECTED',
      values: { attribute: local(attribute!) },
      rule: 'not allowed',
    }),
  ],
  [
    /^'(.*)' is not a valid value of the (?:local )?(?:atomic|union|list) type(?: '(.*)')?/s,
    ([, value, type]) => ({
      code: 'HUB_XSD_TYPE',
      values: { value: cut(value!), zh: '类型不符', en: 'of another type' },
      rule: 'type',
      type: type?.replace(/^\{http:\/\/www\.w3\.org\/2001\/XMLSchema\}/, 'xs:').replace(/\{[^}]*\}/g, '') ?? '',
      value: cut(value!),
    }),
  ],
  [
    /^(?:The value|The actual value|The initial value) '(.*)' does not match the fixed value constraint '(.*)'/s,
    ([, value, expected]) => ({
      code: 'HUB_XSD_FIXED',
      values: { expected: expected! },
      rule: `fixed=${expected}`,
      value: cut(value!),
    }),
  ],
  [
    /^Not all fields of key identity-constraint '(?:\{[^}]*\})?([^']+)' evaluate to a node/s,
    ([, key]) => ({
      code: 'HUB_XSD_UNIQUE',
      values: { zh: '编号不完整', en: 'a part of its number is missing' },
      rule: 'key',
      key: key!,
    }),
  ],
  [
    /^The XPath '.*' of a field of (?:key|unique) identity-constraint '[^']*' evaluates to a node-set with more than one member/s,
    () => ({
      code: 'HUB_XSD_ELEMENT_UNEXPECTED',
      values: { zh: '只能出现一次', en: 'it may stand only once' },
      rule: 'once',
    }),
  ],
  [
    /^Duplicate key-sequence (\[.*\])/s,
    ([, values]) => ({
      code: 'HUB_XSD_UNIQUE',
      values: { zh: `${keyValues(values!)} 重复`, en: `${keyValues(values!)} stands twice` },
      rule: 'unique',
      value: cut(keyValues(values!)),
    }),
  ],
  [
    /^No match found for key-sequence (\[.*\])/s,
    ([, values]) => ({
      code: 'HUB_XSD_UNIQUE',
      values: { zh: `${keyValues(values!)} 不存在`, en: `there is no ${keyValues(values!)}` },
      rule: 'keyref',
      value: cut(keyValues(values!)),
    }),
  ],
  [
    /key-sequence|key constraint|IDC|identity-constraint/s,
    () => ({ code: 'HUB_XSD_UNIQUE', values: { zh: '编号有误', en: 'its number is wrong' }, rule: 'unique' }),
  ],
  [
    /^No matching global declaration available for the validation root/s,
    () => ({
      code: 'HUB_XSD_ELEMENT_UNEXPECTED',
      values: { zh: '不是该报文的根元素', en: 'it is not the root of this message' },
      rule: 'root',
    }),
  ],
  [
    /not 'nillable'/,
    () => content('nillable=false', '不可为空（xsi:nil），须填写', 'it may not be nil, it must be filled in'),
  ],
  [/nilled/, () => content('nil', '标为空（xsi:nil）的元素不能有内容', 'what is nil holds nothing')],
  [
    /^Character content is not allowed|^Neither character nor element content|content type is empty/,
    () => content('empty', '该元素须为空', 'it must be empty'),
  ],
  [
    /^Character content other than whitespace/,
    () => content('elements only', '元素之间不能有文字', 'no text may stand between its elements'),
  ],
  [
    /^Element content is not allowed/,
    () => content('text only', '只能填写文字，不能有下级元素', 'it holds text, no elements'),
  ],
  [
    /xsi:type|QName value|abstract/,
    () => content('xsi:type', '不能用 xsi:type 改变类型', 'its type may not be changed by xsi:type'),
  ],
]

const content = (rule: string, zh: string, en: string) => ({
  code: 'HUB_XSD_CONTENT' as const,
  values: { zh, en },
  rule,
})

/** A text of blanks alone is told as such, not by the expression that finds it. */
export function patternBroken(value: string, pattern: string): Omit<ExplainedFault, 'attribute'> {
  if (pattern === notBlank)
    return content('not blank', '不能全为空格，须填写', 'it may not be blank, it must be filled in')
  return {
    code: 'HUB_XSD_PATTERN',
    values: { value: cut(value), ...patternWords(pattern) },
    rule: `pattern=${pattern}`,
    value: cut(value),
  }
}

/** `['a', 'b']` → a, b */
const keyValues = (text: string) =>
  [...text.matchAll(/'([^']*)'/g)]
    .map((m) => m[1])
    .join(', ')
    .slice(0, 200)

const names = (expected: string | undefined) =>
  expected === undefined
    ? ''
    : local(expected)
        .split(/\s*,\s*/)
        .map((n) => n.trim().replace(/^##other\*?$/, '…'))
        .filter((n) => n !== '')
        .join(', ')

/**
 * Splits off `Element '{ns}x', attribute 'y': ` and reads the rest. What is in no row of the table is told in words of
 * our own.
 */
export function readMessage(message: string): { element: string; reading: ExplainedFault } {
  const found = /^Element '([^']*)'(?:, attribute '([^']*)')?: ([\s\S]*)$/.exec(message.trim())
  const [, element = '', attribute, text = message.trim()] = found ?? []
  const place = attribute === undefined ? {} : { attribute: local(attribute) }
  for (const [pattern, read] of table) {
    const match = pattern.exec(text)
    if (match) return { element: local(element), reading: { ...read(match), ...place } }
  }
  const ignored = text.startsWith('Warning: No precomputed value')
  return {
    element: local(element),
    reading: { ...content(ignored ? 'ignored' : 'content', '不符合报文规范', 'it does not fit the schema'), ...place },
  }
}

/** One libxml2 message with its place as a fault. The attribute stands at the end of the path. */
export function toFault(
  { element, reading }: { element: string; reading: ExplainedFault },
  path: string,
  line: number,
): Fault {
  const { code, values, rule, value, attribute } = reading
  const named =
    attribute !== undefined && code !== 'HUB_XSD_ATTRIBUTE_UNEXPECTED' && code !== 'HUB_XSD_ATTRIBUTE_MISSING'
  return fault(
    code,
    { element: named ? `${element}/@${attribute}` : element, ...values },
    {
      ...(path === '' ? {} : { path: named ? `${path}/@${attribute}` : path }),
      ...(line > 0 ? { line } : {}),
      ...(rule === undefined ? {} : { rule }),
      ...(value === undefined ? {} : { value }),
    },
  )
}

/** A child that its element must hold, told by its name. */
export function missing(element: string, child: string): { element: string; reading: ExplainedFault } {
  return {
    element,
    reading: { code: 'HUB_XSD_ELEMENT_MISSING', values: { expected: child }, rule: `required=${child}` },
  }
}

/**
 * A broken facet is told once, though libxml2 adds that the value is then not of its type either, and no value for a
 * key.
 */
export function repeats(
  previous: { xpath: string | undefined; reading: ExplainedFault } | undefined,
  xpath: string | undefined,
  reading: ExplainedFault,
): boolean {
  if (reading.rule === 'ignored') return true
  // What may not be nil has no value either.
  if (previous?.reading.rule === 'nillable=false' && previous.xpath === xpath) return true
  return (
    previous !== undefined &&
    reading.code === 'HUB_XSD_TYPE' &&
    previous.xpath === xpath &&
    previous.reading.attribute === reading.attribute &&
    previous.reading.rule !== undefined &&
    /^(length|minLength|maxLength|enumeration|pattern|min|max|totalDigits|fractionDigits)/.test(previous.reading.rule)
  )
}
