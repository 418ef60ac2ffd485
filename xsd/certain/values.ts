// values — is this text certainly a value of this simple type? Judged on the bytes of a message (XML Schema 1.0, part
// 2). Where a type knows spellings that are rare, or that libxml2 reads in a way of its own, only the plain ones are
// certain.
import { isDay } from '../../messages/calendar-day.js'
import { builtIn, NotKnown, type Part, type Parts } from './parts.js'
import { patternOf } from './patterns.js'
import { textOf, type ValueCheck } from './value-check.js'

/** A simple type made ready. `once`: no two values of such a type in a message may be the same. */
export interface Value {
  check: ValueCheck
  once: boolean
}

/** A simple type as it was read: its base, and the facets of all it restricts. */
interface Simple {
  base: string
  checks: ValueCheck[]
}

const space = 0x20

/** Text that white space facets leave as it is, in the bases that know them. */
const spacing: Readonly<Record<string, ValueCheck>> = {
  normalizedString: (page, from, to) => {
    for (let i = from; i < to; i++) if (page[i]! < space) return false
    return true
  },
  token: (page, from, to) => {
    let last = space
    for (let i = from; i < to; i++) {
      const byte = page[i]!
      if (byte < space || (byte === space && last === space)) return false
      last = byte
    }
    return from === to || last !== space
  },
}

const matching =
  (pattern: RegExp): ValueCheck =>
  (page, from, to, characters) =>
    characters === to - from && pattern.test(page.toString('latin1', from, to))

/** Of longer ones it is not known what they cost. */
const short = (pattern: RegExp): ValueCheck => {
  const fits = matching(pattern)
  return (page, from, to, characters) => to - from <= 2000 && fits(page, from, to, characters)
}

const whole = (least: number, most: number): ValueCheck => {
  const digits = least < 0 ? /^-?\d{1,15}$/ : /^\d{1,15}$/
  return (page, from, to) => {
    if (to - from > 16) return false
    const text = page.toString('latin1', from, to)
    if (!digits.test(text)) return false
    const value = Number(text)
    return value >= least && value <= most
  }
}

/** There is no year 0. */
const dated =
  (pattern: RegExp): ValueCheck =>
  (page, from, to) => {
    if (to - from > 40) return false
    const text = page.toString('latin1', from, to)
    return pattern.test(text) && isDay(text.slice(0, 10)) && !text.startsWith('0000')
  }

const largest = Number.MAX_SAFE_INTEGER
/** Types of XML Schema itself. Those that are not here are left to libxml2. */
const bases: Readonly<Record<string, ValueCheck>> = {
  string: () => true,
  ...spacing,
  decimal: matching(/^-?\d{1,17}(\.\d{1,6})?$/),
  integer: whole(-largest, largest),
  nonNegativeInteger: whole(0, largest),
  positiveInteger: whole(1, largest),
  long: whole(-largest, largest),
  int: whole(-0x8000_0000, 0x7fff_ffff),
  short: whole(-0x8000, 0x7fff),
  byte: whole(-0x80, 0x7f),
  unsignedLong: whole(0, largest),
  unsignedInt: whole(0, 0xffff_ffff),
  unsignedShort: whole(0, 0xffff),
  unsignedByte: whole(0, 0xff),
  boolean: matching(/^(true|false|0|1)$/),
  date: dated(/^\d{4}-\d\d-\d\d$/),
  dateTime: dated(/^\d{4}-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-](0\d|1[0-3]):[0-5]\d)?$/),
  ID: matching(/^[A-Za-z_][\w.-]*$/),
  anyURI: short(/^(https?:\/\/[\w.-]+(\/[\w.-]*)*(#[\w.-]*)?)?$/),
  base64Binary: isBase64,
}
const lengthOf = new Set(['string', 'normalizedString', 'token'])
const numbers = /^(decimal|.*[iI]nteger|(unsigned)?(long|int|short|byte|Long|Int|Short|Byte))$/

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/
/** Without white space; longer ones are left to libxml2. */
function isBase64(page: Buffer, from: number, to: number): boolean {
  return to - from <= 20_000 && base64.test(page.toString('latin1', from, to))
}

/**
 * The types of one schema, each made when it is first asked for.
 * @throws NotKnown of a type that is not known, or asks for what is not
 */
export function createValues(parts: Parts) {
  const byName = new Map<Part, Simple>()

  /** @param name as it stands in the file of `from` */
  function named(name: string, from: Part): Simple {
    const own = builtIn(name, from)
    if (own !== undefined) {
      const check = bases[own]
      if (!check) throw new NotKnown(`type ${name}`)
      return { base: own, checks: own === 'string' ? [] : [check] }
    }
    const part = parts.named('simpleType', name, from)
    if (!part) throw new NotKnown(`type ${name}`)
    return simple(part)
  }

  function simple(part: Part): Simple {
    let found = byName.get(part)
    if (!found) byName.set(part, (found = made(part)))
    return found
  }

  function made({ inside: [how, ...more] }: Part): Simple {
    if (!how || more.length > 0) throw new NotKnown('a simple type of several parts')
    if (how.kind === 'union') {
      const types = [
        ...(how.at.memberTypes ?? '').split(/\s+/).flatMap((name) => (name === '' ? [] : [named(name, how)])),
        ...how.inside.map(simple),
      ]
      if (types.some(({ base }) => base === 'ID')) throw new NotKnown('an ID in a union')
      const members = types.map(all)
      return { base: 'union', checks: [(...value) => members.some((member) => member(...value))] }
    }
    if (how.kind !== 'restriction') throw new NotKnown(`simple type by ${how.kind}`)
    const inline = how.inside.filter(({ kind }) => kind === 'simpleType')
    const base = how.at.base === undefined ? simple(inline[0]!) : named(how.at.base, how)
    const facets = how.inside.filter(({ kind }) => kind !== 'simpleType')
    if (base.base === 'union') {
      if (facets.some(({ kind }) => kind !== 'pattern')) throw new NotKnown('a union restricted')
      // Its members may read white space in different ways: certain is what has none to be read.
      return { base: 'union', checks: [...base.checks, spacing.token!, ...checksOf(facets, 'union')] }
    }
    return { base: base.base, checks: [...base.checks, ...checksOf(facets, base.base)] }
  }

  return {
    named: (name: string, from: Part): Value => valueOf(named(name, from)),
    inline: (part: Part): Value => valueOf(simple(part)),
  }
}

const valueOf = (type: Simple): Value => ({ check: all(type), once: type.base === 'ID' })

/** One check of several. Most types have one or two. */
function all({ checks }: Simple): ValueCheck {
  const [first, second] = checks
  if (!first) return () => true
  if (!second) return first
  if (checks.length === 2) return (...value) => first(...value) && second(...value)
  return (...value) => checks.every((check) => check(...value))
}

function checksOf(facets: readonly Part[], base: string): ValueCheck[] {
  const patterns: string[] = []
  const values = new Set<string>()
  const checks: ValueCheck[] = []
  for (const { kind, at } of facets) {
    const value = at.value ?? ''
    if (kind === 'pattern') patterns.push(value)
    else if (kind === 'enumeration') values.add(value)
    else checks.push(checkOf(kind, value, base))
  }
  if (values.size > 0) {
    if (!lengthOf.has(base)) throw new NotKnown(`enumeration of ${base}`)
    checks.push((...value) => values.has(textOf(...value)))
  }
  // Those of one step are alternatives; a value must fit one of each step.
  if (patterns.length > 0) checks.push(patternOf(patterns.join('|')))
  return checks
}

function checkOf(facet: string, value: string, base: string): ValueCheck {
  const limit = Number(value)
  if (!/^-?\d{1,15}$/.test(value)) throw new NotKnown(`${facet}=${value}`)
  if (lengthOf.has(base))
    switch (facet) {
      case 'length':
        return (_, __, ___, characters) => characters === limit
      case 'minLength':
        return (_, __, ___, characters) => characters >= limit
      case 'maxLength':
        return (_, __, ___, characters) => characters <= limit
    }
  if (base === 'base64Binary')
    switch (facet) {
      case 'length':
        return (page, from, to) => octetsIn(page, from, to) === limit
      case 'minLength':
        return (page, from, to) => octetsIn(page, from, to) >= limit
      case 'maxLength':
        return (page, from, to) => octetsIn(page, from, to) <= limit
    }
  if (numbers.test(base))
    switch (facet) {
      case 'totalDigits':
        return (page, from, to) => digitsIn(page, from, to) <= limit
      case 'fractionDigits':
        return (page, from, to) => decimalsIn(page, from, to) <= limit
      // A number of more than 15 digits is no longer the same as it stands.
      case 'minInclusive':
        return (page, from, to) => to - from <= 15 && Number(page.toString('latin1', from, to)) >= limit
      case 'maxInclusive':
        return (page, from, to) => to - from <= 15 && Number(page.toString('latin1', from, to)) <= limit
    }
  throw new NotKnown(`${facet} of ${base}`)
}

/** Of base64 as `isBase64` has found it. */
function octetsIn(page: Buffer, from: number, to: number): number {
  const ends = page[to - 1] === 0x3d ? (page[to - 2] === 0x3d ? 2 : 1) : 0
  return ((to - from) / 4) * 3 - ends
}

const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39

/** All that stand there; zeros that do not count are counted, so that fewer numbers are certain than are right. */
function digitsIn(page: Buffer, from: number, to: number): number {
  let digits = 0
  for (let i = from; i < to; i++) if (isDigit(page[i]!)) digits++
  return digits
}

function decimalsIn(page: Buffer, from: number, to: number): number {
  for (let i = from; i < to; i++)
    if (page[i] === 0x2e) {
      let end = to
      while (page[end - 1] === 0x30) end--
      return end - i - 1
    }
  return 0
}
