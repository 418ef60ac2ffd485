// faults — what libxml2 says of a broken rule, as faults a sender can act on: code, rule, value, two languages. Table-driven.
import { fault, type ErrorCode } from '../messages/errors.js'
import type { Fault } from '../messages/fault.js'

/** A fault without its place: `attribute` is set when the fault is an attribute's. */
export interface Reading {
  code: ErrorCode
  values: Record<string, string>
  rule?: string
  value?: string
  attribute?: string
  /** The key that lacks a field; which one libxml2 does not say, and it says so of a field whose value is wrong, too. */
  key?: string
}

type Read = (match: RegExpExecArray) => Omit<Reading, 'attribute'>

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
    /^\[facet '(length|minLength|maxLength)'\] The value has a length of '(\d+)'; this (?:exceeds|underruns|differs from) the allowed (?:maximum |minimum )?length of '(\d+)'/s,
    ([, facet, actual, limit]) => ({
      code: 'HUB_XSD_LENGTH',
      values: { actual: actual!, rule: `${lengthRule[facet as 'length']}=${limit}` },
      rule: `${facet}=${limit}`,
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
    ([, value, pattern]) => ({
      code: 'HUB_XSD_PATTERN',
      values: { value: cut(value!), rule: pattern! },
      rule: `pattern=${pattern}`,
      value: cut(value!),
    }),
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
      values: { expected: names(expected) },
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
      values: { value: cut(value!), type: local(type ?? 'type') },
      rule: `type=${local(type ?? '')}`,
      value: cut(value!),
    }),
  ],
  [
    /^The value '(.*)' does not match the fixed value constraint '(.*)'/s,
    ([, value, expected]) => ({
      code: 'HUB_XSD_FIXED',
      values: { expected: expected! },
      rule: `fixed=${expected}`,
      value: cut(value!),
    }),
  ],
  [
    /^(?:The actual value|The initial value) '(.*)' does not match the fixed value constraint '(.*)'/s,
    ([, value, expected]) => ({
      code: 'HUB_XSD_FIXED',
      values: { expected: expected! },
      rule: `fixed=${expected}`,
      value: cut(value!),
    }),
  ],
  [
    /^Not all fields of key identity-constraint '(?:\{[^}]*\})?([^']+)' evaluate to a node/s,
    ([, key]) => ({ code: 'HUB_XSD_UNIQUE', values: { detail: key! }, rule: 'key', key: key! }),
  ],
  [
    /^The XPath '.*' of a field of (?:key|unique) identity-constraint '[^']*' evaluates to a node-set with more than one member/s,
    () => ({ code: 'HUB_XSD_ELEMENT_UNEXPECTED', values: { expected: '只出现一次 only once' }, rule: 'once' }),
  ],
  [
    /^(.*(?:key-sequence|key constraint|IDC|identity-constraint|Not all fields of key).*)$/s,
    ([, detail]) => ({ code: 'HUB_XSD_UNIQUE', values: { detail: tidy(detail!) }, rule: 'unique' }),
  ],
  [
    /^No matching global declaration available for the validation root/s,
    () => ({ code: 'HUB_XSD_ELEMENT_UNEXPECTED', values: { expected: '' }, rule: 'root' }),
  ],
]

const names = (expected: string | undefined) =>
  expected === undefined
    ? '无 nothing'
    : local(expected)
        .split(/\s*,\s*/)
        .map((n) => n.trim())
        .join(', ')
const tidy = (message: string) =>
  message
    .replace(/\{[^}]*\}/g, '')
    .replace(/\s+/g, ' ')
    .trim()

/** Splits off `Element '{ns}x', attribute 'y': ` and reads the rest. What is in no row of the table is still told, in libxml2's words. */
export function readMessage(message: string): { element: string; reading: Reading } {
  const found = /^Element '([^']*)'(?:, attribute '([^']*)')?: ([\s\S]*)$/.exec(message.trim())
  const [, element = '', attribute, text = message.trim()] = found ?? []
  const place = attribute === undefined ? {} : { attribute: local(attribute) }
  for (const [pattern, read] of table) {
    const match = pattern.exec(text)
    if (match) return { element: local(element), reading: { ...read(match), ...place } }
  }
  return {
    element: local(element),
    reading: { code: 'HUB_XSD_CONTENT', values: { detail: tidy(text) }, rule: 'content', ...place },
  }
}

/** One libxml2 message with its place as a fault. The attribute stands at the end of the path. */
export function toFault(
  { element, reading }: { element: string; reading: Reading },
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
export function missing(element: string, child: string): { element: string; reading: Reading } {
  return {
    element,
    reading: { code: 'HUB_XSD_ELEMENT_MISSING', values: { expected: child }, rule: `required=${child}` },
  }
}

/** A broken facet is told once, though libxml2 adds that the value is then not of its type either, and no value for a key. */
export function repeats(
  previous: { xpath: string | undefined; reading: Reading } | undefined,
  xpath: string | undefined,
  reading: Reading,
): boolean {
  if (reading.code === 'HUB_XSD_CONTENT' && reading.values.detail?.startsWith('Warning: No precomputed value'))
    return true
  return (
    previous !== undefined &&
    reading.code === 'HUB_XSD_TYPE' &&
    previous.xpath === xpath &&
    previous.reading.attribute === reading.attribute &&
    previous.reading.rule !== undefined &&
    /^(length|minLength|maxLength|enumeration|pattern|min|max|totalDigits|fractionDigits)/.test(previous.reading.rule)
  )
}
