// kinds — what each kind of rule looks for in one entry. A finding says where and with which values; compile.ts makes it a fault.
import { checkDigits } from '../../messages/check-digits/index.js'
import { isExpression, matches } from '../../messages/condition.js'
import type { ErrorCode } from '../../messages/errors.js'
import { dateForm } from './date.js'
import type { Kind, Rule, Wanted } from './rule.js'
import type { Mark } from '../sketch.js'
import type { Gap, Way } from '../way.js'

/** @param below a path the way starts at, instead of at the entry */
export type Ways = (path: string, below?: string) => Way

export type Report = (code: ErrorCode, at: Mark | Gap, values?: Record<string, string | number>) => void
export type Look = (entry: Mark, report: Report) => void

const list = (paths: string | string[]) => (Array.isArray(paths) ? paths : [paths])
const sumOf = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)
const text = (way: Way, entry: Mark) => way.first(entry)?.text ?? ''
const filled = (way: Way, entry: Mark) => way.each(entry).filter((m) => !m.blank)

/** What is wanted, made ready once: literals are looked up, only expressions are run. */
export function fits(wanted: Wanted): (value: string) => boolean {
  if (typeof wanted === 'object' && !Array.isArray(wanted)) {
    const inner = fits(wanted.not)
    return (value) => !inner(value)
  }
  const literals = new Set(list(wanted).filter((one) => !isExpression(one) && one !== 'present' && one !== 'absent'))
  if (list(wanted).includes('absent')) literals.add('')
  const present = list(wanted).includes('present')
  const expressions = list(wanted).filter(isExpression)
  return (value) =>
    literals.has(value) ||
    (present && value !== '') ||
    (expressions.length > 0 && expressions.some((one) => matches(one, value)))
}
const said = (wanted: Wanted): string =>
  typeof wanted === 'object' && !Array.isArray(wanted) ? `≠ ${said(wanted.not)}` : list(wanted).join(' | ')

const makers: { [K in Kind]: (shape: NonNullable<Rule[K]>, ways: Ways) => Look } = {
  require(paths, ways) {
    const all = list(paths).map((path) => ways(path))
    return (entry, report) => {
      for (const way of all) for (const gap of way.gaps(entry)) report('HUB_RULE_REQUIRED', gap)
    }
  },
  either(paths, ways) {
    const all = paths.map((path) => ways(path))
    return (entry, report) => {
      if (all.every((way) => way.first(entry)?.blank ?? true))
        report('HUB_RULE_REQUIRED', all[0]!.gaps(entry)[0]!, { element: paths.join(' / ') })
    }
  },
  forbid(paths, ways) {
    const all = list(paths).map((path) => ways(path))
    return (entry, report) => {
      for (const way of all) for (const found of filled(way, entry)) report('HUB_RULE_FORBIDDEN', found)
    }
  },
  value(shape, ways) {
    const all = Object.entries(shape).map(([path, wanted]) => [ways(path), fits(wanted), said(wanted)] as const)
    return (entry, report) => {
      for (const [way, right, expected] of all)
        for (const found of filled(way, entry)) if (!right(found.text)) report('HUB_RULE_VALUE', found, { expected })
    }
  },
  unique(shape, ways) {
    const each = ways(typeof shape === 'string' ? shape : shape.each)
    const by = typeof shape === 'string' ? undefined : shape.by.map((path) => ways(path, shape.each))
    return (entry, report) => {
      const seen = new Set<string>()
      for (const found of each.each(entry)) {
        const values = by ? by.map((way) => text(way, found)) : [found.text]
        if (values.every((v) => v === '')) continue
        const key = values.join('|')
        if (seen.has(key)) report('HUB_RULE_UNIQUE', by ? (by[0]!.first(found) ?? found) : found, { value: key })
        seen.add(key)
      }
    }
  },
  sequence(path, ways) {
    const way = ways(path)
    return (entry, report) => {
      const all = way.each(entry)
      const missing = new Set(all.map((_, i) => i + 1))
      const odd = all.filter((found) => !missing.delete(found.blank ? 0 : Number(found.text)))
      const expected = [...missing]
      odd.forEach((found, i) => report('HUB_RULE_SEQUENCE', found, { expected: expected[i]! }))
    }
  },
  most({ of, count }, ways) {
    const way = ways(of)
    return (entry, report) => {
      const found = way.each(entry)
      if (found.length > count) report('HUB_RULE_LIMIT', found[count]!, { count: found.length, limit: count })
    }
  },
  sum({ total, of, less = [], by, tolerance }, ways) {
    const whole = ways(total)
    const parts = list(of).map((path) => ways(path))
    const taken = list(less).map((path) => ways(path))
    const factor = by === undefined ? undefined : ways(by)
    const add = (all: Way[], entry: Mark) => all.flatMap((way) => filled(way, entry)).map((m) => Number(m.text))
    return (entry, report) => {
      const found = whole.first(entry)
      const values = add(parts, entry)
      const times = factor?.first(entry)
      if (!found || found.blank || values.length === 0 || (factor && (!times || times.blank))) return
      const quantity = times ? Number(times.text) : 1
      const expected = (sumOf(values) - sumOf(add(taken, entry))) * quantity
      // A price is written rounded, at the least to cents: what was cut off comes back times the quantity.
      const rounding = factor
        ? Math.abs(quantity) *
            0.5 *
            10 ** -Math.max(2, ...parts.map((way) => text(way, entry).split('.')[1]?.length ?? 0)) +
          0.005
        : 0.01
      // The least bit more than that: 0.1 + 0.2 is not to cost a partner his message.
      if (!(Math.abs(Number(found.text) - expected) <= (tolerance ?? rounding) + 1e-9 * Math.abs(expected) + 1e-9))
        report('HUB_RULE_SUM', found, { expected: Number(expected.toFixed(5)) })
    }
  },
  equal([path, otherPath], ways) {
    const way = ways(path)
    const other = ways(otherPath)
    return (entry, report) => {
      const [a, b] = [way.first(entry), other.first(entry)]
      if (a?.text && b?.text && a.text !== b.text) report('HUB_RULE_EQUAL', a, { other: other.path, expected: b.text })
    }
  },
  begins([path, otherPath], ways) {
    const way = ways(path)
    const other = ways(otherPath)
    return (entry, report) => {
      const [a, b] = [way.first(entry), other.first(entry)]
      if (a?.text && b?.text && !a.text.startsWith(b.text)) report('HUB_RULE_VALUE', a, { expected: `${b.text}…` })
    }
  },
  check({ path, as }, ways) {
    const all = list(path).map((one) => ways(one))
    const digit = checkDigits[as]
    return (entry, report) => {
      for (const way of all)
        for (const found of filled(way, entry))
          if (digit.applies(found.text) && !digit.right(found.text)) report('HUB_RULE_CHECK_DIGIT', found)
    }
  },
  signed(path, ways) {
    const element = ways(path)
    const value = ways(`${path}/SignatureValue`)
    return (entry, report) => {
      const [gap] = (element.first(entry) ? value : element).gaps(entry)
      if (gap) report('HUB_SIGNATURE_MISSING', gap)
    }
  },
  date({ path, as, open = false }, ways) {
    const all = list(path).map((one) => ways(one))
    const forms = list(as).map(dateForm)
    const expected = list(as).join(' | ')
    const right = (value: string) => {
      const verdicts = forms.map((form) => form(value))
      return verdicts.includes('exists') || (open && !verdicts.includes('impossible'))
    }
    return (entry, report) => {
      for (const way of all)
        for (const found of way.each(entry)) {
          const value = found.text
          if (value !== '' && !right(value)) report('HUB_RULE_DATE', found, { expected })
        }
    }
  },
  compare([path, operator, otherPath], ways) {
    const way = ways(path)
    const other = typeof otherPath === 'number' ? undefined : ways(otherPath)
    return (entry, report) => {
      const found = way.first(entry)
      const against = other ? text(other, entry) : String(otherPath)
      if (!found?.text || against === '') return
      const [a, b] = comparable(found.text, against)
      const holds = { '<': a < b, '<=': a <= b, '>=': a >= b, '>': a > b }[operator]
      if (!holds)
        report('HUB_RULE_ORDER', found, { operator, expected: other ? `${other.path} (${against})` : against })
    }
  },
}

/** Dates as digits of one length (2024-03-01 and 20240301120000 meet in 20240301); else numbers. */
function comparable(one: string, another: string): [string, string] | [number, number] {
  const dated = /^(19|20)\d\d-?[01]\d-?[0-3]\d/
  if (!dated.test(one) || !dated.test(another)) return [Number(one), Number(another)]
  const [a, b] = [one, another].map((v) => v.replace(/[+-]\d\d:\d\d$|\D/g, '')) as [string, string]
  const length = Math.min(a.length, b.length, 14)
  return [a.slice(0, length), b.slice(0, length)]
}

/** @returns what the rule's one kind looks for */
export function lookFor(rule: Rule, ways: Ways): Look {
  const kind = (Object.keys(makers) as Kind[]).find((k) => rule[k] !== undefined)!
  return (makers[kind] as (shape: unknown, ways: Ways) => Look)(rule[kind], ways)
}
