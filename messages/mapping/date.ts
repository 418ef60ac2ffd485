// date — a date as EDIFACT writes it, by its format code (2379), in the digits of another form.

/** Where each format has year, month, day, hour, minute and second; `Y` two digits of the year. */
const formats: Record<string, RegExp> = {
  '101': /^(?<Y>\d{2})(?<m>\d{2})(?<d>\d{2})$/,
  '102': /^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})$/,
  '201': /^(?<Y>\d{2})(?<m>\d{2})(?<d>\d{2})(?<H>\d{2})(?<M>\d{2})$/,
  '202': /^(?<Y>\d{2})(?<m>\d{2})(?<d>\d{2})(?<H>\d{2})(?<M>\d{2})(?<S>\d{2})$/,
  '203': /^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})(?<H>\d{2})(?<M>\d{2})$/,
  '204': /^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})(?<H>\d{2})(?<M>\d{2})(?<S>\d{2})$/,
  '303': /^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})(?<H>\d{2})(?<M>\d{2})(?<zone>.{3})$/,
  '304': /^(?<y>\d{4})(?<m>\d{2})(?<d>\d{2})(?<H>\d{2})(?<M>\d{2})(?<S>\d{2})(?<zone>.{3})$/,
}

/**
 * `yyyyMMdd`, `yyyyMMddHHmm` or `yyyyMMddHHmmss`, as much as the value tells; undefined for what is no date of that
 * format.
 */
export function dateAs(value: string, format: string): string | undefined {
  const digits = value.trim()
  // A format that is named and not read here (602, a year) is no date, whatever its digits look like.
  const known = Object.hasOwn(formats, format)
    ? formats[format]
    : format.trim() === ''
      ? Object.values(formats).find(
          (one) => !one.source.includes('zone') && !one.source.includes('<Y>') && one.test(digits),
        )
      : undefined
  const found = known?.exec(digits)?.groups
  if (!found) return undefined
  const year = found.y ?? (Number(found.Y) < 70 ? `20${found.Y}` : `19${found.Y}`)
  const month = Number(found.m)
  const day = Number(found.d)
  if (
    month < 1 ||
    month > 12 ||
    day < 1 ||
    day > new Date(Date.UTC(Number(year), month, 0)).getUTCDate() ||
    Number(found.H ?? 0) > 23 ||
    Number(found.M ?? 0) > 59 ||
    Number(found.S ?? 0) > 59
  )
    return undefined
  return `${year}${found.m}${found.d}${found.H ?? ''}${found.M ?? ''}${found.S ?? ''}`
}

/**
 * Digits of a published XML as EDIFACT writes them, value and format code: seconds and their fractions only where they
 * are not nought.
 */
export function dtmOf(digits: string): [string, string] | undefined {
  const [, day = '', minutes = '', seconds = '', rest = ''] =
    /^(\d{8})(?:(\d{4})(?:(\d{2})(\d{3})?)?)?$/.exec(digits.trim()) ?? []
  if (
    day === '' ||
    dateAs(day + minutes + seconds, ['102', '203', '204'][Number(minutes !== '') + Number(seconds !== '')]!) ===
      undefined
  )
    return undefined
  if (rest !== '' && rest !== '000') return undefined
  if (minutes === '') return [day, '102']
  return seconds === '' || seconds === '00' ? [day + minutes, '203'] : [day + minutes + seconds, '204']
}
