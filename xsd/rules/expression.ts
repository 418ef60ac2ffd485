// expression — what rules reckon with: `Price * 12`, `IssuedOn + 3 months`, `To - From`, `sum Items/Amount`. Read once,
// asked of every entry.
import type { Comparison } from './rule.js'
import type { Mark } from '../scan.js'
import type { CompiledPath } from '../compiled-path.js'

/** A number, or a date as its digits: yyyyMMdd, or yyyyMMddHHmmss. */
export type ComputedValue = number | { digits: string }

/** An expression that is compiled for one document. */
export interface Expression {
  value(entry: Mark): ComputedValue | undefined
  /** In their order. */
  paths: CompiledPath[]
}

const units = new Set(['minute', 'minutes', 'day', 'days', 'hour', 'hours', 'month', 'months', 'year', 'years'])
interface Duration {
  count: number
  unit: string
}
/** One value of all occurrences. */
interface Whole {
  of: 'sum' | 'min' | 'max'
  compiled: CompiledPath
}
/** `Years years`: as many as the message says. */
interface Counted {
  many: CompiledPath
  unit: string
}
type Operand = Counted | number | { digits: string } | Duration | CompiledPath | Whole

/** @throws Error where it cannot be read */
export function evaluate(expression: string, pathTo: (path: string) => CompiledPath): Expression {
  const tokens = expression.trim().split(/\s+/)
  const operands: Operand[] = []
  const signs: string[] = []
  for (let i = 0; i < tokens.length; i++) {
    if (operands.length > signs.length) {
      if (!['+', '-', '*'].includes(tokens[i]!)) throw new Error(`${expression}: + - or * expected, not ${tokens[i]}`)
      signs.push(tokens[i]!)
      continue
    }
    const token = tokens[i]!
    const unit = tokens[i + 1]
    if ((token === 'sum' || token === 'min' || token === 'max') && unit !== undefined) {
      operands.push({ of: token, compiled: pathTo(unit) })
      i++
      continue
    }
    if (/^-?\d+(\.\d+)?$/.test(token)) {
      if (unit !== undefined && units.has(unit)) {
        operands.push({ count: Number(token), unit: unit.replace(/s$/, '') })
        i++
      } else operands.push(Number(token))
    } else if (/^\d{4}-\d\d-\d\d/.test(token)) operands.push(dateOf(token)!)
    else if (unit !== undefined && units.has(unit)) {
      operands.push({ many: pathTo(token), unit: unit.replace(/s$/, '') })
      i++
    } else operands.push(pathTo(token))
  }
  if (operands.length !== signs.length + 1) throw new Error(`${expression}: nothing behind ${signs.at(-1)}`)
  return {
    paths: operands.flatMap((one) =>
      typeof one !== 'object'
        ? []
        : 'first' in one
          ? [one]
          : 'compiled' in one
            ? [one.compiled]
            : 'many' in one
              ? [one.many]
              : [],
    ),
    value(entry) {
      let whole = valueOf(operands[0]!, entry)
      for (let i = 0; whole !== undefined && i < signs.length; i++) {
        const operand = operands[i + 1]!
        const span = typeof operand === 'object' && 'unit' in operand ? durationOf(operand, entry) : undefined
        whole =
          typeof operand === 'object' && 'unit' in operand
            ? span && shifted(whole, span, signs[i] === '-' ? -1 : 1)
            : joined(whole, signs[i]!, valueOf(operand, entry))
      }
      return whole
    },
  }
}

function durationOf(one: Duration | Counted, entry: Mark): Duration | undefined {
  if ('count' in one) return one
  const count = Number(one.many.first(entry)?.text || 'none')
  return Number.isFinite(count) ? { count, unit: one.unit } : undefined
}

function valueOf(operand: Operand, entry: Mark): ComputedValue | undefined {
  if (typeof operand === 'number') return operand
  if ('digits' in operand) return operand
  if ('unit' in operand) return durationOf(operand, entry)?.count
  if ('compiled' in operand) return wholeOf(operand, entry)
  return read(operand.first(entry)?.text ?? '')
}

function wholeOf({ of, compiled }: Whole, entry: Mark): ComputedValue | undefined {
  const values = compiled.each(entry).flatMap((one) => read(one.text) ?? [])
  if (values.length === 0) return undefined
  if (of === 'sum') return values.reduce<number>((sum, one) => sum + (typeof one === 'number' ? one : 0), 0)
  return values.reduce((a, b) => (relation(a, of === 'min' ? '<=' : '>=', b) ? a : b))
}

function read(text: string): ComputedValue | undefined {
  if (text === '') return undefined
  return dateOf(text) ?? (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined)
}

/** 2026-05, 2026-05-31 and 2026-05-31T08:30:00 as digits; undefined for what is no date. */
function dateOf(text: string): { digits: string } | undefined {
  if (!/^\d{4}-\d\d(-\d\d)?([T ]\d\d:\d\d(:\d\d)?.*)?$/.test(text)) return undefined
  return { digits: text.replace(/[+-]\d\d:\d\d$|\D/g, '').slice(0, 14) }
}

function joined(one: ComputedValue, sign: string, other: ComputedValue | undefined): ComputedValue | undefined {
  if (other === undefined) return undefined
  if (typeof one === 'number' && typeof other === 'number')
    return sign === '+' ? one + other : sign === '-' ? one - other : one * other
  if (typeof one === 'object' && typeof other === 'object' && sign === '-')
    return Math.floor((at(one.digits.slice(0, 8)) - at(other.digits.slice(0, 8))) / 86_400_000)
  return undefined
}

const at = (digits: string) =>
  Date.UTC(
    Number(digits.slice(0, 4)),
    Number(digits.slice(4, 6) || '1') - 1,
    Number(digits.slice(6, 8) || '1'),
    Number(digits.slice(8, 10) || '0'),
    Number(digits.slice(10, 12) || '0'),
    Number(digits.slice(12, 14) || '0'),
  )

function shifted(value: ComputedValue, { count, unit }: Duration, sign: number): ComputedValue | undefined {
  if (typeof value === 'number') return undefined
  const length = unit === 'hour' || unit === 'minute' ? 14 : value.digits.length
  const date = new Date(at(value.digits))
  const many = count * sign
  if (unit === 'day') date.setUTCDate(date.getUTCDate() + many)
  else if (unit === 'hour' || unit === 'minute')
    date.setTime(date.getTime() + many * (unit === 'hour' ? 3_600_000 : 60_000))
  else {
    // 31 January and a month is the last day of February.
    const day = date.getUTCDate()
    date.setUTCDate(1)
    date.setUTCMonth(date.getUTCMonth() + many * (unit === 'year' ? 12 : 1))
    date.setUTCDate(Math.min(day, new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()))
  }
  return { digits: date.toISOString().replace(/\D/g, '').slice(0, length) }
}

/** Dates compare as far as both go. A date and a number never agree. */
export function relation(one: ComputedValue, operator: Comparison, other: ComputedValue): boolean {
  let order: number
  if (typeof one === 'number' && typeof other === 'number')
    order = Math.abs(one - other) <= 1e-9 * Math.max(1, Math.abs(one)) ? 0 : one - other
  else if (typeof one === 'object' && typeof other === 'object') {
    const length = Math.min(one.digits.length, other.digits.length)
    const [a, b] = [one.digits.slice(0, length), other.digits.slice(0, length)]
    order = a < b ? -1 : a > b ? 1 : 0
  } else return operator === '!='
  switch (operator) {
    case '<':
      return order < 0
    case '<=':
      return order <= 0
    case '>':
      return order > 0
    case '>=':
      return order >= 0
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    default:
      return operator satisfies never
  }
}
