// date — is this a day or a time that exists? A form is written as people write it: yyyy year, MM month, dd day, HH
// hour, mm minute, ss second, S a digit of a fraction (SSS three), X a zone (Z, +08, +08:00 or +0800), ZZZ a zone of
// three digits (086); what stands in [ ] may be left out, anything else stands as it is.

/**
 * How a value stands to one form: it does not have it, or it has it and names a time that exists or one that does not.
 */
type DateVerdict = 'other' | 'exists' | 'impossible'

const part = /yyyy|MM|dd|HH|mm|ss|S+|X|ZZZ|\[|\]|[^]/g
const digits: Readonly<Record<string, string>> = {
  yyyy: '(?<y>\\d{4})',
  MM: '(?<M>\\d\\d)',
  dd: '(?<d>\\d\\d)',
  HH: '(?<H>\\d\\d)',
  mm: '(?<m>\\d\\d)',
  ss: '(?<s>\\d\\d)',
  X: '(?:Z|[+-](?<zh>\\d\\d)(?::?(?<zm>\\d\\d))?)',
  ZZZ: '\\d{3}',
  '[': '(?:',
  ']': ')?',
}

/** @throws Error for a form that names no day, or closes what it did not open */
export function dateForm(form: string): (value: string) => DateVerdict {
  const source = form.replace(part, (one) =>
    one.startsWith('S') ? `\\d{${one.length}}` : (digits[one] ?? one.replace(/[.*+?^${}()|\\/-]/g, '\\$&')),
  )
  for (const needed of ['yyyy', 'MM', 'dd']) if (!form.includes(needed)) throw new Error(`${form} has no ${needed}`)
  const expression = new RegExp(`^${source}$`)
  return (value) => {
    const found = expression.exec(value)
    return found ? (exists(found.groups!) ? 'exists' : 'impossible') : 'other'
  }
}

function exists(said: Record<string, string | undefined>): boolean {
  const number = (name: string) => Number(said[name] ?? 0)
  const month = number('M')
  const day = number('d')
  return (
    number('y') > 0 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(number('y'), month) &&
    number('H') < 24 &&
    number('m') < 60 &&
    number('s') < 60 &&
    number('zh') * 60 + number('zm') <= 14 * 60 &&
    number('zm') < 60
  )
}

function daysIn(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

/** `20260101;20260215`, and from one day to another `20260101-20260131`: the days of a list. */
export const datesIn = (value: string): string[] =>
  value.split(/[;,；，、]|(?<=\d{8})[-~至](?=\d{8})/).flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))

const day = dateForm('yyyyMMdd')
const millisecond = dateForm('yyyyMMddHHmmssSSS')

/**
 * Of a value of no published form: it is written as a date is, but with too many or too few digits, or of a day that
 * does not exist.
 */
export function isBrokenDate(value: string): boolean {
  if (/^\d{8,19}$/.test(value)) return millisecond(value) !== 'exists'
  const begin = /^(\d{4})([-/.])(\d\d)\2(\d\d)(\d)?/.exec(value)
  if (!begin) return false
  const [, y = '', , M = '', d = '', more] = begin
  return more !== undefined || day(y + M + d) !== 'exists'
}
