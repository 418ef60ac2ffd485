// kinds — what each kind of rule looks for in one entry. A finding says where and with which values; compile.ts makes
// it a fault.
import { checkDigits } from '../../messages/check-digits/index.js'
import { isExpression, matches } from '../../messages/condition.js'
import type { ErrorCode } from '../../messages/errors.js'
import { dateForm, datesIn, isBrokenDate } from './date.js'
import { patternWords } from '../explain/pattern-words.js'
import type { Bilingual } from '../../messages/text.js'
import { evaluate, relation, type Value } from './expression.js'
import type { Kind, Operator, Rule, Wanted } from './rule.js'
import type { Mark } from '../scan.js'
import type { Gap, CompiledPath } from '../compiled-path.js'

/** @param below a path the way starts at, instead of at the entry */
export type Ways = (path: string, below?: string) => CompiledPath

export type Report = (code: ErrorCode, at: Mark | Gap, values?: Record<string, string | number>) => void
/** One rule at work: looks at an entry and reports what breaks it. */
export type Look = (entry: Mark, report: Report) => void

const list = (paths: string | string[]) => (Array.isArray(paths) ? paths : [paths])
const sumOf = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)
const text = (way: CompiledPath, entry: Mark) => way.first(entry)?.text ?? ''
const filled = (way: CompiledPath, entry: Mark) => way.each(entry).filter((m) => !m.blank)

/** What is wanted, made ready once: literals are looked up, only expressions are run. */
export function fits(wanted: Wanted): (value: string) => boolean {
  if (typeof wanted === 'object' && 'number' in wanted) {
    const [operator, limit] = wanted.number.split(' ') as [Operator, string]
    return (value) => value !== '' && relation(Number(value), operator, Number(limit))
  }
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
/** What is wanted, for people: never an expression as it stands. */
function said(wanted: Wanted): Bilingual {
  if (typeof wanted === 'object' && 'number' in wanted) return { zh: wanted.number, en: wanted.number }
  if (typeof wanted === 'object' && !Array.isArray(wanted)) {
    const inner = said(wanted.not)
    return { zh: `≠ ${inner.zh}`, en: `≠ ${inner.en}` }
  }
  const each = list(wanted).map(valueWords)
  return { zh: each.map(({ zh }) => zh).join(' | '), en: each.map(({ en }) => en).join(' | ') }
}
function valueWords(value: string): Bilingual {
  if (value === 'present') return { zh: '有值', en: 'some value' }
  if (value === 'absent') return { zh: '不填', en: 'no value' }
  return isExpression(value) ? patternWords(value.slice(1, -1), unnamed) : { zh: value, en: value }
}
/** Of a form that has no words: the rule's own sentence says it. */
const unnamed: Bilingual = { zh: '该规则规定的格式', en: 'the form this rule gives' }
const numberOf = (way: CompiledPath, entry: Mark): number | undefined => {
  const found = text(way, entry)
  return found === '' ? undefined : Number(found)
}
/** Half of what a written number's last decimal is worth; a whole number is as it is. */
const halfDigit = (value: string) => (value.includes('.') ? 0.5 * 10 ** -value.split('.')[1]!.length : 0)

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
        for (const found of filled(way, entry))
          if (!right(found.text)) report('HUB_RULE_VALUE', found, { expectedZh: expected.zh, expectedEn: expected.en })
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
  sum({ total, of, less = [], by, tolerance, op = '=', alike, in: group, where = {} }, ways) {
    const whole = typeof total === 'number' ? undefined : ways(total)
    const inside = group === undefined ? undefined : ways(group)
    const asked = Object.entries(where).map(([path, wanted]) => [ways(path, group), fits(wanted)] as const)
    const parts = list(of).map((path) => ways(path, group))
    const taken = list(less).map((path) => ways(path, group))
    const factor = by === undefined ? undefined : ways(by)
    const marked =
      alike === undefined ? [] : [...list(of), ...list(less)].map((path) => ways(`${path}@${alike}`, group))
    const measure = alike === undefined || typeof total === 'number' ? undefined : ways(`${total}@${alike}`)
    const meant = (entry: Mark) =>
      inside ? inside.each(entry).filter((one) => asked.every(([way, right]) => right(text(way, one)))) : [entry]
    const marks = (all: CompiledPath[], entry: Mark) =>
      meant(entry).flatMap((one) => all.flatMap((way) => filled(way, one)))
    const add = (all: CompiledPath[], entry: Mark) => marks(all, entry).map((m) => Number(m.text))
    return (entry, report) => {
      const found = whole ? whole.first(entry) : marks(parts.slice(0, 1), entry).at(-1)
      const values = add(parts, entry)
      const times = factor?.first(entry)
      if (!found || found.blank || (values.length === 0 && !inside) || (factor && (!times || times.blank))) return
      const unlike = measure && marks(marked, entry).find((m) => m.text !== text(measure, entry))
      if (unlike) return report('HUB_RULE_EQUAL', unlike, { other: measure.path, expected: text(measure, entry) })
      const quantity = times ? Number(times.text) : 1
      const expected = (sumOf(values) - sumOf(add(taken, entry))) * quantity
      const actual = whole ? Number(found.text) : (total as number)
      // A price is written rounded, at the least to cents: what was cut off comes back times the quantity.
      const rounding = factor
        ? Math.abs(quantity) *
            0.5 *
            10 ** -Math.max(2, ...parts.map((way) => text(way, entry).split('.')[1]?.length ?? 0)) +
          0.005
        : 0.01
      // The least bit more than that: 0.1 + 0.2 is not to cost a partner his message.
      const near = Math.abs(actual - expected) <= (tolerance ?? rounding) + 1e-9 * Math.abs(expected) + 1e-9
      if (op === '=' ? !near : !near && !relation(actual, op, expected))
        report('HUB_RULE_SUM', found, {
          expected: Number((whole ? expected : actual).toFixed(5)),
          ...(whole ? {} : { value: Number(expected.toFixed(5)) }),
        })
    }
  },
  balance({ left, right, by }, ways) {
    const side = ({ in: group, of, where = {} }: typeof left) => {
      const [inside, number, keys] = [ways(group), ways(of, group), by.map((path) => ways(path, group))]
      const asked = Object.entries(where).map(([path, wanted]) => [ways(path, group), fits(wanted)] as const)
      return (entry: Mark) => {
        const sums = new Map<string, { at: Mark; sum: number }>()
        for (const one of inside.each(entry)) {
          const at = number.first(one)
          if (!at || at.blank || !asked.every(([way, holds]) => holds(text(way, one)))) continue
          const key = keys.map((way) => text(way, one)).join('|')
          const before = sums.get(key)
          sums.set(key, { at: before?.at ?? at, sum: (before?.sum ?? 0) + Number(at.text) })
        }
        return sums
      }
    }
    const [sumsLeft, sumsRight] = [side(left), side(right)]
    return (entry, report) => {
      const [those, others] = [sumsLeft(entry), sumsRight(entry)]
      for (const key of new Set([...those.keys(), ...others.keys()])) {
        const [one, other] = [those.get(key)?.sum ?? 0, others.get(key)?.sum ?? 0]
        if (Math.abs(one - other) <= 1e-6 + 1e-9 * Math.abs(one)) continue
        const [at, value, expected] = those.has(key)
          ? [those.get(key)!.at, one, other]
          : [others.get(key)!.at, other, one]
        report('HUB_RULE_SUM', at, { value: Number(value.toFixed(5)), expected: Number(expected.toFixed(5)) })
      }
    }
  },
  together(paths, ways) {
    const all = paths.map((path) => ways(path))
    return (entry, report) => {
      if (all.every((way) => way.first(entry)?.blank ?? true)) return
      for (const way of all) if (way.first(entry)?.blank ?? true) report('HUB_RULE_REQUIRED', way.gaps(entry)[0]!)
    }
  },
  one(paths, ways) {
    const all = paths.map((path) => ways(path))
    return (entry, report) => {
      const there = all.flatMap((way) => way.first(entry) ?? []).filter((mark) => !mark.blank)
      if (there.length === 0) report('HUB_RULE_REQUIRED', all[0]!.gaps(entry)[0]!, { element: paths.join(' / ') })
      if (there.length > 1) report('HUB_RULE_FORBIDDEN', there[1]!)
    }
  },
  same(path, ways) {
    const way = ways(path)
    return (entry, report) => {
      const [first, ...others] = filled(way, entry)
      const other = first && others.find((found) => found.text !== first.text)
      if (other) report('HUB_RULE_EQUAL', other, { other: first.path, expected: first.text })
    }
  },
  differ([path, otherPath], ways) {
    const way = ways(path)
    const other = ways(otherPath)
    return (entry, report) => {
      const [a, b] = [way.first(entry), other.first(entry)]
      if (a?.text && b?.text && a.text === b.text) report('HUB_RULE_DIFFER', a, { other: other.path })
    }
  },
  holds({ left, op, right }, ways) {
    const [a, b] = [evaluate(left, ways), evaluate(right, ways)]
    return (entry, report) => {
      const [one, other] = [a.value(entry), b.value(entry)]
      const at = a.ways[0]?.first(entry) ?? b.ways[0]?.first(entry)
      if (one === undefined || other === undefined || !at || relation(one, op, other)) return
      report('HUB_RULE_ORDER', at, { operator: op, expected: b.ways.length > 0 ? `${right} (${shown(other)})` : right })
    }
  },
  product({ is, of, op = '=' }, ways) {
    const whole = ways(is)
    const factors = of.map((one) => (typeof one === 'number' ? one : evaluate(one, ways)))
    return (entry, report) => {
      const found = whole.first(entry)
      const numbers = factors.map((one) => (typeof one === 'number' ? one : one.value(entry)))
      if (!found || found.blank || !numbers.every((one) => typeof one === 'number')) return
      const expected = numbers.reduce((a, b) => a * b, 1)
      const rounding = factors.reduce<number>(
        (sum, one, i) => {
          const alone = typeof one === 'number' || numbers[i] === 0 ? undefined : one.ways[0]?.first(entry)?.text
          return alone === undefined ? sum : sum + Math.abs(expected / numbers[i]!) * halfDigit(alone)
        },
        halfDigit(found.text) + 0.005,
      )
      const near = Math.abs(Number(found.text) - expected) <= rounding + 1e-9
      if (op === '=' ? !near : !near && !relation(Number(found.text), op, expected))
        report('HUB_RULE_SUM', found, { expected: Number(expected.toFixed(5)) })
    }
  },
  ratio({ is, part, whole, times }, ways) {
    const way = ways(is)
    const [a, b] = [evaluate(part, ways), evaluate(whole, ways)]
    return (entry, report) => {
      const found = way.first(entry)
      const [one, other] = [a.value(entry), b.value(entry)]
      if (!found?.text || typeof one !== 'number' || typeof other !== 'number' || other === 0) return
      const expected = (one / other) * times
      if (Math.abs(Number(found.text) - expected) > (halfDigit(found.text) || 0.5) + 1e-9)
        report('HUB_RULE_SUM', found, { expected: Number(expected.toFixed(5)) })
    }
  },
  count({ total, of, distinct = false, where = {} }, ways) {
    const whole = ways(total)
    const way = ways(of)
    const asked = Object.entries(where).map(([path, wanted]) => [ways(path, of), fits(wanted)] as const)
    return (entry, report) => {
      const found = whole.first(entry)
      if (!found || found.blank) return
      const counted = way.each(entry).filter((one) => asked.every(([inside, right]) => right(text(inside, one))))
      const expected = distinct ? new Set(counted.map((one) => one.text).filter(Boolean)).size : counted.length
      if (numberOf(whole, entry) !== expected) report('HUB_RULE_SUM', found, { expected })
    }
  },
  exists({ in: group, where }, ways) {
    const way = ways(group)
    const asked = Object.entries(where).map(([path, wanted]) => [ways(path, group), fits(wanted)] as const)
    const words = Object.entries(where).map(([path, one]) => [path, said(one)] as const)
    const element = (language: keyof Bilingual) =>
      `${way.path.replace(/^.*\//, '')}[${words.map(([path, one]) => `${path}=${one[language]}`).join(', ')}]`
    return (entry, report) => {
      const all = way.each(entry)
      if (all.some((one) => asked.every(([inside, right]) => right(text(inside, one))))) return
      report('HUB_RULE_REQUIRED', all.at(-1) ?? way.gaps(entry)[0]!, {
        elementZh: element('zh'),
        elementEn: element('en'),
      })
    }
  },
  refers([path, otherPath], ways) {
    const way = ways(path)
    const other = ways(otherPath)
    return (entry, report) => {
      const known = new Set(filled(other, entry).map((found) => found.text))
      for (const found of filled(way, entry))
        if (!known.has(found.text)) report('HUB_RULE_REFERS', found, { other: other.path })
    }
  },
  concat({ is, of, at }, ways) {
    const whole = ways(is)
    const parts = of.map((one) => (one.startsWith('=') ? one.slice(1) : ways(one)))
    return (entry, report) => {
      const found = whole.first(entry)
      const texts = parts.map((part) => (typeof part === 'string' ? part : text(part, entry)))
      if (!found?.text || texts.includes('')) return
      const joined = texts.join('')
      if (
        at === 'start'
          ? found.text.startsWith(joined)
          : at === 'end'
            ? found.text.endsWith(joined)
            : found.text === joined
      )
        return
      report('HUB_RULE_VALUE', found, {
        expected: at === 'start' ? `${joined}…` : at === 'end' ? `…${joined}` : joined,
      })
    }
  },
  sorted({ of, by }, ways) {
    const way = ways(of)
    return (entry, report) => {
      const all = filled(way, entry)
      const odd = all.find((one, i) => {
        const before = all[i - 1]
        if (!before) return false
        return by === 'ascending' ? Number(one.text) < Number(before.text) : Number(one.text) > Number(before.text)
      })
      if (odd)
        report('HUB_RULE_ORDER', odd, {
          operator: by === 'ascending' ? '>=' : '<=',
          expected: all[all.indexOf(odd) - 1]!.text,
        })
    }
  },
  known({ path, document }, ways) {
    const way = ways(path)
    return (entry, report) => {
      for (const found of filled(way, entry)) report('HUB_RULE_KNOWN', found, { document })
    }
  },
  inForce({ path, on, codes }, ways) {
    const way = ways(path)
    const days = on.map((one) => ways(one))
    return (entry, report) => {
      const day = days.map((one) => text(one, entry).slice(0, 10)).find((one) => one !== '')
      if (day === undefined) return
      for (const found of filled(way, entry)) {
        const { from = '', to = '9999' } = codes[found.text] ?? {}
        if (day < from)
          report('HUB_RULE_VALUE', found, { expectedZh: `${from} 起的代码`, expectedEn: `a code from ${from}` })
        else if (day > to)
          report('HUB_RULE_VALUE', found, { expectedZh: `仅用至 ${to} 的代码`, expectedEn: `a code until ${to}` })
      }
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
  date({ path, as, open = false, several = false }, ways) {
    const all = list(path).map((one) => ways(one))
    const forms = list(as).map(dateForm)
    const expected = list(as).join(' | ')
    const rightOne = (value: string) => {
      const verdicts = forms.map((form) => form(value))
      return verdicts.includes('exists') || (open && !verdicts.includes('impossible') && !isBrokenDate(value))
    }
    const right = (value: string) => (several ? datesIn(value).every(rightOne) : rightOne(value))
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

const shown = (value: Value): string => (typeof value === 'number' ? String(Number(value.toFixed(5))) : value.digits)

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
