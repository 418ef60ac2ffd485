// kinds — what each kind of rule looks for in one entry. A finding says where and with which values; compile.ts makes
// it a fault.
import { checkDigits } from '../../messages/check-digits/index.js'
import type { Bilingual } from '../../messages/text.js'
import { dateForm, datesIn, isBrokenDate } from './date.js'
import { evaluate, relation, type ComputedValue } from './expression.js'
import { filled, list, text, type RuleAtWork, type Makers, type CompilePath } from './look.js'
import { reckoningKinds } from './reckoning-kinds.js'
import type { Kind, Rule } from './rule.js'
import { fits, said } from './wanted.js'

const makers: Makers<Kind> = {
  ...reckoningKinds,
  require(paths, pathTo) {
    const all = list(paths).map((path) => pathTo(path))
    return (entry, report) => {
      for (const compiled of all) for (const gap of compiled.gaps(entry)) report('HUB_RULE_REQUIRED', gap)
    }
  },
  either(paths, pathTo) {
    const all = paths.map((path) => pathTo(path))
    return (entry, report) => {
      if (all.every((compiled) => compiled.first(entry)?.blank ?? true))
        report('HUB_RULE_REQUIRED', all[0]!.gaps(entry)[0]!, { element: paths.join(' / ') })
    }
  },
  forbid(paths, pathTo) {
    const all = list(paths).map((path) => pathTo(path))
    return (entry, report) => {
      for (const compiled of all) for (const found of filled(compiled, entry)) report('HUB_RULE_FORBIDDEN', found)
    }
  },
  value(shape, pathTo) {
    const all = Object.entries(shape).map(([path, wanted]) => [pathTo(path), fits(wanted), said(wanted)] as const)
    return (entry, report) => {
      for (const [compiled, right, expected] of all)
        for (const found of filled(compiled, entry))
          if (!right(found.text)) report('HUB_RULE_VALUE', found, { expectedZh: expected.zh, expectedEn: expected.en })
    }
  },
  unique(shape, pathTo) {
    const each = pathTo(typeof shape === 'string' ? shape : shape.each)
    const by = typeof shape === 'string' ? undefined : shape.by.map((path) => pathTo(path, shape.each))
    return (entry, report) => {
      const seen = new Set<string>()
      for (const found of each.each(entry)) {
        const values = by ? by.map((compiled) => text(compiled, found)) : [found.text]
        if (values.every((v) => v === '')) continue
        const key = values.join('|')
        if (seen.has(key)) report('HUB_RULE_UNIQUE', by ? (by[0]!.first(found) ?? found) : found, { value: key })
        seen.add(key)
      }
    }
  },
  sequence(path, pathTo) {
    const compiled = pathTo(path)
    return (entry, report) => {
      const all = compiled.each(entry)
      const missing = new Set(all.map((_, i) => i + 1))
      const odd = all.filter((found) => !missing.delete(found.blank ? 0 : Number(found.text)))
      const expected = [...missing]
      odd.forEach((found, i) => report('HUB_RULE_SEQUENCE', found, { expected: expected[i]! }))
    }
  },
  most({ of, count }, pathTo) {
    const compiled = pathTo(of)
    return (entry, report) => {
      const found = compiled.each(entry)
      if (found.length > count) report('HUB_RULE_LIMIT', found[count]!, { count: found.length, limit: count })
    }
  },
  together(paths, pathTo) {
    const all = paths.map((path) => pathTo(path))
    return (entry, report) => {
      if (all.every((compiled) => compiled.first(entry)?.blank ?? true)) return
      for (const compiled of all)
        if (compiled.first(entry)?.blank ?? true) report('HUB_RULE_REQUIRED', compiled.gaps(entry)[0]!)
    }
  },
  one(paths, pathTo) {
    const all = paths.map((path) => pathTo(path))
    return (entry, report) => {
      const there = all.flatMap((compiled) => compiled.first(entry) ?? []).filter((mark) => !mark.blank)
      if (there.length === 0) report('HUB_RULE_REQUIRED', all[0]!.gaps(entry)[0]!, { element: paths.join(' / ') })
      if (there.length > 1) report('HUB_RULE_FORBIDDEN', there[1]!)
    }
  },
  same(path, pathTo) {
    const compiled = pathTo(path)
    return (entry, report) => {
      const [first, ...others] = filled(compiled, entry)
      const other = first && others.find((found) => found.text !== first.text)
      if (other) report('HUB_RULE_EQUAL', other, { other: first.path, expected: first.text })
    }
  },
  differ([path, otherPath], pathTo) {
    const compiled = pathTo(path)
    const other = pathTo(otherPath)
    return (entry, report) => {
      const [a, b] = [compiled.first(entry), other.first(entry)]
      if (a?.text && b?.text && a.text === b.text) report('HUB_RULE_DIFFER', a, { other: other.path })
    }
  },
  holds({ left, op, right }, pathTo) {
    const [a, b] = [evaluate(left, pathTo), evaluate(right, pathTo)]
    return (entry, report) => {
      const [one, other] = [a.value(entry), b.value(entry)]
      const at = a.paths[0]?.first(entry) ?? b.paths[0]?.first(entry)
      if (one === undefined || other === undefined || !at || relation(one, op, other)) return
      report('HUB_RULE_ORDER', at, {
        operator: op,
        expected: b.paths.length > 0 ? `${right} (${shown(other)})` : right,
      })
    }
  },
  exists({ in: group, where }, pathTo) {
    const compiled = pathTo(group)
    const asked = Object.entries(where).map(([path, wanted]) => [pathTo(path, group), fits(wanted)] as const)
    const words = Object.entries(where).map(([path, one]) => [path, said(one)] as const)
    const element = (language: keyof Bilingual) =>
      `${compiled.path.replace(/^.*\//, '')}[${words.map(([path, one]) => `${path}=${one[language]}`).join(', ')}]`
    return (entry, report) => {
      const all = compiled.each(entry)
      if (all.some((one) => asked.every(([inside, right]) => right(text(inside, one))))) return
      report('HUB_RULE_REQUIRED', all.at(-1) ?? compiled.gaps(entry)[0]!, {
        elementZh: element('zh'),
        elementEn: element('en'),
      })
    }
  },
  refers([path, otherPath], pathTo) {
    const compiled = pathTo(path)
    const other = pathTo(otherPath)
    return (entry, report) => {
      const known = new Set(filled(other, entry).map((found) => found.text))
      for (const found of filled(compiled, entry))
        if (!known.has(found.text)) report('HUB_RULE_REFERS', found, { other: other.path })
    }
  },
  concat({ is, of, at }, pathTo) {
    const whole = pathTo(is)
    const parts = of.map((one) => (one.startsWith('=') ? one.slice(1) : pathTo(one)))
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
  sorted({ of, by }, pathTo) {
    const compiled = pathTo(of)
    return (entry, report) => {
      const all = filled(compiled, entry)
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
  known({ path, document }, pathTo) {
    const compiled = pathTo(path)
    return (entry, report) => {
      for (const found of filled(compiled, entry)) report('HUB_RULE_KNOWN', found, { document })
    }
  },
  inForce({ path, on, codes }, pathTo) {
    const compiled = pathTo(path)
    const days = on.map((one) => pathTo(one))
    return (entry, report) => {
      const day = days.map((one) => text(one, entry).slice(0, 10)).find((one) => one !== '')
      if (day === undefined) return
      for (const found of filled(compiled, entry)) {
        const { from = '', to = '9999' } = codes[found.text] ?? {}
        if (day < from)
          report('HUB_RULE_VALUE', found, { expectedZh: `${from} 起的代码`, expectedEn: `a code from ${from}` })
        else if (day > to)
          report('HUB_RULE_VALUE', found, { expectedZh: `仅用至 ${to} 的代码`, expectedEn: `a code until ${to}` })
      }
    }
  },
  equal([path, otherPath], pathTo) {
    const compiled = pathTo(path)
    const other = pathTo(otherPath)
    return (entry, report) => {
      const [a, b] = [compiled.first(entry), other.first(entry)]
      if (a?.text && b?.text && a.text !== b.text) report('HUB_RULE_EQUAL', a, { other: other.path, expected: b.text })
    }
  },
  begins([path, otherPath], pathTo) {
    const compiled = pathTo(path)
    const other = pathTo(otherPath)
    return (entry, report) => {
      const [a, b] = [compiled.first(entry), other.first(entry)]
      if (a?.text && b?.text && !a.text.startsWith(b.text)) report('HUB_RULE_VALUE', a, { expected: `${b.text}…` })
    }
  },
  check({ path, as }, pathTo) {
    const all = list(path).map((one) => pathTo(one))
    const digit = checkDigits[as]
    return (entry, report) => {
      for (const compiled of all)
        for (const found of filled(compiled, entry))
          if (digit.applies(found.text) && !digit.right(found.text)) report('HUB_RULE_CHECK_DIGIT', found)
    }
  },
  signed(path, pathTo) {
    const element = pathTo(path)
    const value = pathTo(`${path}/SignatureValue`)
    return (entry, report) => {
      const [gap] = (element.first(entry) ? value : element).gaps(entry)
      if (gap) report('HUB_SIGNATURE_MISSING', gap)
    }
  },
  date({ path, as, open = false, several = false }, pathTo) {
    const all = list(path).map((one) => pathTo(one))
    const forms = list(as).map(dateForm)
    const expected = list(as).join(' | ')
    const rightOne = (value: string) => {
      const verdicts = forms.map((form) => form(value))
      return verdicts.includes('exists') || (open && !verdicts.includes('impossible') && !isBrokenDate(value))
    }
    const right = (value: string) => (several ? datesIn(value).every(rightOne) : rightOne(value))
    return (entry, report) => {
      for (const compiled of all)
        for (const found of compiled.each(entry)) {
          const value = found.text
          if (value !== '' && !right(value)) report('HUB_RULE_DATE', found, { expected })
        }
    }
  },
  compare([path, operator, otherPath], pathTo) {
    const compiled = pathTo(path)
    const other = typeof otherPath === 'number' ? undefined : pathTo(otherPath)
    return (entry, report) => {
      const found = compiled.first(entry)
      const against = other ? text(other, entry) : String(otherPath)
      if (!found?.text || against === '') return
      const [a, b] = comparable(found.text, against)
      const holds = { '<': a < b, '<=': a <= b, '>=': a >= b, '>': a > b }[operator]
      if (!holds)
        report('HUB_RULE_ORDER', found, { operator, expected: other ? `${other.path} (${against})` : against })
    }
  },
}

/** A date as senders write it: 20260531 is 2026-05-31, 20260531083000 is 2026-05-31T08:30:00. */
const shown = (value: ComputedValue): string => {
  if (typeof value === 'number') return String(Number(value.toFixed(5)))
  const [year, month, day, ...time] = [value.digits.slice(0, 4), ...(value.digits.slice(4).match(/../g) ?? [])]
  return [year, month, day].filter(Boolean).join('-') + (time.length > 0 ? `T${time.join(':')}` : '')
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
export function lookFor(rule: Rule, pathTo: CompilePath): RuleAtWork {
  const kind = (Object.keys(makers) as Kind[]).find((k) => rule[k] !== undefined)!
  return (makers[kind] as (shape: unknown, pathTo: CompilePath) => RuleAtWork)(rule[kind], pathTo)
}
