// kinds — what each kind of rule looks for in one entry. A finding says where and with which values; compile.ts makes
// it a fault.
import { checkDigits } from '../../messages/check-digits/index.js'
import type { Bilingual } from '../../messages/text.js'
import { dateForm, datesIn, isBrokenDate } from './date.js'
import { evaluate, relation, type ComputedValue } from './expression.js'
import { filled, list, text, type RuleAtWork, type Makers, type Ways } from './look.js'
import { reckoningKinds } from './reckoning-kinds.js'
import type { Kind, Rule } from './rule.js'
import { fits, said } from './wanted.js'

const makers: Makers<Kind> = {
  ...reckoningKinds,
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

const shown = (value: ComputedValue): string =>
  typeof value === 'number' ? String(Number(value.toFixed(5))) : value.digits

/** Dates as digits of one length (2024-03-01 and 20240301120000 meet in 20240301); else numbers. */
function comparable(one: string, another: string): [string, string] | [number, number] {
  const dated = /^(19|20)\d\d-?[01]\d-?[0-3]\d/
  if (!dated.test(one) || !dated.test(another)) return [Number(one), Number(another)]
  const [a, b] = [one, another].map((v) => v.replace(/[+-]\d\d:\d\d$|\D/g, '')) as [string, string]
  const length = Math.min(a.length, b.length, 14)
  return [a.slice(0, length), b.slice(0, length)]
}

/** @returns what the rule's one kind looks for */
export function lookFor(rule: Rule, ways: Ways): RuleAtWork {
  const kind = (Object.keys(makers) as Kind[]).find((k) => rule[k] !== undefined)!
  return (makers[kind] as (shape: unknown, ways: Ways) => RuleAtWork)(rule[kind], ways)
}
