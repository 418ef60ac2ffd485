// leaf-types — what `type:` of a leaf may say: `text(20)`, `code(1 甲, 2 乙)`, `money(2)`, or a type of xsd/forms/types.
// Blocks are no leaves.
import { checkDigits, type CheckDigitName } from '../../messages/check-digits/index.js'
import { isDay } from '../../messages/calendar-day.js'
import type { Code, Leaf } from './node.js'

/** A type of xsd/forms/types/types.yaml. */
export interface NamedType {
  zh: string
  base?: Leaf['base']
  pattern?: string
  minLength?: number
  maxLength?: number
  min?: number
  max?: number
  check?: CheckDigitName
  list?: string
  /** Used where the field gives no example of its own. */
  eg?: string
}

/** What a `type:` may name beside the types that are built in. */
export interface TypeLibrary {
  types: Readonly<Record<string, NamedType>>
  /** Code lists by name (xsd/codes). */
  lists: Readonly<Record<string, readonly Code[]>>
}

/** @returns the leaf; a sentence when the type cannot be understood */
export function readLeaf(type: string, { types, lists }: TypeLibrary): Leaf | string {
  const [, name = type, inside] = /^(\w+)\((.*)\)$/s.exec(type) ?? []
  const named = inside === undefined ? types[type] : undefined
  if (named) {
    const { base = 'string', zh: _zh, eg: _eg, list, ...limits } = named
    if (named.check !== undefined && !(named.check in checkDigits)) return `type ${type}: no check digit ${named.check}`
    if (list === undefined) return { type, base, ...limits }
    return lists[list] ? { type, base, ...limits, list, codes: lists[list] } : `type ${type}: no code list ${list}`
  }
  const numbers = (inside ?? '').split(/,|\.\./).map((one) => one.trim())
  switch (name) {
    case 'text': {
      const max = Number(numbers[0])
      return max > 0 ? { type, base: 'string', minLength: 1, maxLength: max } : 'text needs its greatest length'
    }
    case 'code':
      return readCode(type, inside ?? '', lists)
    case 'pattern': {
      try {
        new RegExp(`^(?:${inside})$`, 'u')
      } catch (error) {
        return `pattern: ${error instanceof Error ? error.message : String(error)}`
      }
      return inside ? { type, base: 'string', pattern: inside } : 'pattern needs an expression'
    }
    case 'integer': {
      const [low, high] = numbers
      return {
        type,
        base: 'integer',
        digits: 18,
        ...(low ? { min: Number(low) } : {}),
        ...(high ? { max: Number(high) } : {}),
      }
    }
    case 'decimal':
      return numbers.length === 2
        ? { type, base: 'decimal', digits: Number(numbers[0]), fraction: Number(numbers[1]) }
        : 'decimal needs its digits and those behind the point'
    case 'percent':
      return { type, base: 'decimal', digits: 9, fraction: 4, min: -1000, max: 100000 }
    case 'money': {
      const fraction = numbers[0] === '' ? 2 : Number(numbers[0])
      return { type, base: 'decimal', digits: 19, fraction, attribute: { name: 'currency', pattern: '[A-Z]{3}' } }
    }
    case 'quantity':
      return {
        type,
        base: 'decimal',
        digits: 19,
        fraction: 5,
        attribute: { name: 'unit', codes: lists['customs-unit'] ?? [] },
      }
    case 'hs': {
      const digits = numbers[0]
      return { type, base: 'string', pattern: `\\d{${digits}}`, ...(digits === '10' ? { check: 'hs-code-10' } : {}) }
    }
    case 'sequence':
      return { type, base: 'integer', min: 1, max: 99999 }
    default:
      return `there is no type ${type}`
  }
}

function readCode(type: string, inside: string, lists: TypeLibrary['lists']): Leaf | string {
  if (/^[a-z][a-z0-9-]*$/.test(inside)) {
    const codes = lists[inside]
    return codes ? { type, base: 'string', codes, list: inside } : `there is no code list ${inside}`
  }
  const codes = inside
    .split(/,\s*/)
    .map((one) => /^(\S+)\s+(.+)$/s.exec(one.trim())?.slice(1) ?? [one.trim(), one.trim()])
    .map(([code = '', zh = '']) => [code, zh.trim()] as const)
  // 内销 is its own meaning.
  const good = codes.map(([code, zh]) => ({ code, zh }))
  const twice = good.find((one, i) => good.findIndex((other) => other.code === one.code) !== i)
  return twice ? `code ${twice.code} stands twice` : { type, base: 'string', codes: good }
}

/** What is wrong with a value of this type; undefined when nothing is. For examples: messages are judged by the XSD. */
export function wrongWith(value: string, leaf: Leaf): string | undefined {
  const length = [...value].length
  if (leaf.codes && !leaf.codes.some(({ code }) => code === value)) return 'is none of the codes'
  if (leaf.pattern !== undefined && !new RegExp(`^(?:${leaf.pattern})$`, 'u').test(value))
    return `does not fit ${leaf.pattern}`
  if (leaf.minLength !== undefined && length < leaf.minLength) return `is shorter than ${leaf.minLength}`
  if (leaf.maxLength !== undefined && length > leaf.maxLength) return `is longer than ${leaf.maxLength}`
  if (leaf.base === 'date' && !isDay(value)) return 'is no date'
  if (leaf.base === 'dateTime' && !(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(value) && isDay(value.slice(0, 10))))
    return 'is no date with time (2026-05-31T08:30:00)'
  if (leaf.base === 'time' && !/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/.test(value)) return 'is no time (08:30:00)'
  if (leaf.base === 'integer' && !/^-?\d+$/.test(value)) return 'is no whole number'
  if (leaf.base === 'decimal' && !/^-?\d+(\.\d+)?$/.test(value)) return 'is no number'
  if (leaf.base === 'integer' || leaf.base === 'decimal') {
    const number = Number(value)
    if (leaf.min !== undefined && number < leaf.min) return `is less than ${leaf.min}`
    if (leaf.max !== undefined && number > leaf.max) return `is more than ${leaf.max}`
    const [whole = '', fraction = ''] = value.replace('-', '').split('.')
    if (leaf.fraction !== undefined && fraction.length > leaf.fraction) return `has more than ${leaf.fraction} decimals`
    if (leaf.digits !== undefined && whole.replace(/^0+/, '').length + fraction.length > leaf.digits)
      return `has more than ${leaf.digits} digits`
  }
  const digit = leaf.check && checkDigits[leaf.check]
  if (digit?.applies(value) && !digit.right(value)) return 'has a wrong check digit'
  return undefined
}
