// reckoning-kinds — the kinds of rules that reckon: sums, products, ratios and counts. Numbers are written rounded, so
// each is compared within what its last decimals leave open.
import { evaluate, relation } from './expression.js'
import { filled, list, text, type Makers } from './look.js'
import { fits } from './wanted.js'
import type { CompiledPath } from '../compiled-path.js'
import type { Mark } from '../scan.js'

const sumOf = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0)
const numberOf = (compiled: CompiledPath, entry: Mark): number | undefined => {
  const found = text(compiled, entry)
  return found === '' ? undefined : Number(found)
}
/** Half of what a written number's last decimal is worth; a whole number is as it is. */
const halfDigit = (value: string) => (value.includes('.') ? 0.5 * 10 ** -value.split('.')[1]!.length : 0)

/** By the kind's name, what makes a check of its shape; docs/rules.md says what each means. */
export const reckoningKinds: Makers<'sum' | 'balance' | 'product' | 'ratio' | 'count'> = {
  sum({ total, of, less = [], by, tolerance, op = '=', alike, in: group, where = {} }, pathTo) {
    const whole = typeof total === 'number' ? undefined : pathTo(total)
    const inside = group === undefined ? undefined : pathTo(group)
    const asked = Object.entries(where).map(([path, wanted]) => [pathTo(path, group), fits(wanted)] as const)
    const parts = list(of).map((path) => pathTo(path, group))
    const taken = list(less).map((path) => pathTo(path, group))
    const factor = by === undefined ? undefined : pathTo(by)
    const marked =
      alike === undefined ? [] : [...list(of), ...list(less)].map((path) => pathTo(`${path}@${alike}`, group))
    const measure = alike === undefined || typeof total === 'number' ? undefined : pathTo(`${total}@${alike}`)
    const meant = (entry: Mark) =>
      inside
        ? inside.each(entry).filter((one) => asked.every(([compiled, right]) => right(text(compiled, one))))
        : [entry]
    const marks = (all: CompiledPath[], entry: Mark) =>
      meant(entry).flatMap((one) => all.flatMap((compiled) => filled(compiled, one)))
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
            10 ** -Math.max(2, ...parts.map((compiled) => text(compiled, entry).split('.')[1]?.length ?? 0)) +
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
  balance({ left, right, by }, pathTo) {
    const side = ({ in: group, of, where = {} }: typeof left) => {
      const [inside, number, keys] = [pathTo(group), pathTo(of, group), by.map((path) => pathTo(path, group))]
      const asked = Object.entries(where).map(([path, wanted]) => [pathTo(path, group), fits(wanted)] as const)
      return (entry: Mark) => {
        const sums = new Map<string, { at: Mark; sum: number }>()
        for (const one of inside.each(entry)) {
          const at = number.first(one)
          if (!at || at.blank || !asked.every(([compiled, holds]) => holds(text(compiled, one)))) continue
          const key = keys.map((compiled) => text(compiled, one)).join('|')
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
  product({ is, of, op = '=' }, pathTo) {
    const whole = pathTo(is)
    const factors = of.map((one) => (typeof one === 'number' ? one : evaluate(one, pathTo)))
    return (entry, report) => {
      const found = whole.first(entry)
      const numbers = factors.map((one) => (typeof one === 'number' ? one : one.value(entry)))
      if (!found || found.blank || !numbers.every((one) => typeof one === 'number')) return
      const expected = numbers.reduce((a, b) => a * b, 1)
      const rounding = factors.reduce<number>(
        (sum, one, i) => {
          const alone = typeof one === 'number' || numbers[i] === 0 ? undefined : one.paths[0]?.first(entry)?.text
          return alone === undefined ? sum : sum + Math.abs(expected / numbers[i]!) * halfDigit(alone)
        },
        halfDigit(found.text) + 0.005,
      )
      const near = Math.abs(Number(found.text) - expected) <= rounding + 1e-9
      if (op === '=' ? !near : !near && !relation(Number(found.text), op, expected))
        report('HUB_RULE_SUM', found, { expected: Number(expected.toFixed(5)) })
    }
  },
  ratio({ is, part, whole, times }, pathTo) {
    const compiled = pathTo(is)
    const [a, b] = [evaluate(part, pathTo), evaluate(whole, pathTo)]
    return (entry, report) => {
      const found = compiled.first(entry)
      const [one, other] = [a.value(entry), b.value(entry)]
      if (!found?.text || typeof one !== 'number' || typeof other !== 'number' || other === 0) return
      const expected = (one / other) * times
      if (Math.abs(Number(found.text) - expected) > (halfDigit(found.text) || 0.5) + 1e-9)
        report('HUB_RULE_SUM', found, { expected: Number(expected.toFixed(5)) })
    }
  },
  count({ total, of, distinct = false, where = {} }, pathTo) {
    const whole = pathTo(total)
    const compiled = pathTo(of)
    const asked = Object.entries(where).map(([path, wanted]) => [pathTo(path, of), fits(wanted)] as const)
    return (entry, report) => {
      const found = whole.first(entry)
      if (!found || found.blank) return
      const counted = compiled.each(entry).filter((one) => asked.every(([inside, right]) => right(text(inside, one))))
      const expected = distinct ? new Set(counted.map((one) => one.text).filter(Boolean)).size : counted.length
      if (numberOf(whole, entry) !== expected) report('HUB_RULE_SUM', found, { expected })
    }
  },
}
