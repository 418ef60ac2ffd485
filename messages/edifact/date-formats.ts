// date-formats — does a date, time or period (2380) fit its format code (2379), and is there such a day and hour?
// Source: UN/EDIFACT code list 2379, D.22B; the masks are the directory's own. Periods are written without the hyphen,
// and read with it too.

/**
 * `MM` behind `HH` are minutes. One letter is one digit, but `ZHHMM` (an offset with its sign), `ZZZ` (a zone) and `T`
 * (itself).
 */
const masks: Readonly<Record<string, string>> = {
  2: 'DDMMYY',
  3: 'MMDDYY',
  4: 'DDMMCCYY',
  5: 'DDMMCCYYHHMM',
  6: 'CCYYMMB',
  7: 'CCYYMMW',
  8: 'CCYYMMDDS',
  9: 'CCYYMMDDPP',
  10: 'CCYYMMDDTHHMM',
  101: 'YYMMDD',
  102: 'CCYYMMDD',
  103: 'YYWWD',
  104: 'MMWW-MMWW',
  105: 'YYDDD',
  106: 'MMDD',
  107: 'DDD',
  108: 'WW',
  109: 'MM',
  110: 'DD',
  201: 'YYMMDDHHMM',
  202: 'YYMMDDHHMMSS',
  203: 'CCYYMMDDHHMM',
  204: 'CCYYMMDDHHMMSS',
  205: 'CCYYMMDDHHMMZHHMM',
  206: 'YYMMDDHHMMZHHMM',
  207: 'YYMMDDHHMMSSZHHMM',
  208: 'CCYYMMDDHHMMSSZHHMM',
  209: 'HHMMSSZHHMM',
  210: 'HHMMSSZHHMM-HHMMSSZHHMM',
  301: 'YYMMDDHHMMZZZ',
  302: 'YYMMDDHHMMSSZZZ',
  303: 'CCYYMMDDHHMMZZZ',
  304: 'CCYYMMDDHHMMSSZZZ',
  305: 'MMDDHHMM',
  306: 'DDHHMM',
  307: 'CCYYMMDDHHMMSSFFF',
  308: 'CCYYMMDDHHMMZZZ-CCYYMMDDHHMMZZZ',
  401: 'HHMM',
  402: 'HHMMSS',
  404: 'HHMMSSZZZ',
  406: 'ZHHMM',
  501: 'HHMMHHMM',
  502: 'HHMMSS-HHMMSS',
  503: 'HHMMSSZZZ-HHMMSSZZZ',
  600: 'CC',
  601: 'YY',
  602: 'CCYY',
  603: 'YYS',
  604: 'CCYYS',
  608: 'CCYYQ',
  609: 'YYMM',
  610: 'CCYYMM',
  613: 'YYMMA',
  614: 'CCYYMMA',
  615: 'YYWW',
  616: 'CCYYWW',
  701: 'YY-YY',
  702: 'CCYY-CCYY',
  703: 'YYS-YYS',
  704: 'CCYYS-CCYYS',
  705: 'YYP-YYP',
  706: 'CCYYP-CCYYP',
  707: 'YYQ-YYQ',
  708: 'CCYYQ-CCYYQ',
  709: 'YYMM-YYMM',
  710: 'CCYYMM-CCYYMM',
  711: 'CCYYMMDD-CCYYMMDD',
  713: 'YYMMDDHHMM-YYMMDDHHMM',
  715: 'YYWW-YYWW',
  716: 'CCYYWW-CCYYWW',
  717: 'YYMMDD-YYMMDD',
  718: 'CCYYMMDD-CCYYMMDD',
  719: 'CCYYMMDDHHMM-CCYYMMDDHHMM',
  720: 'DHHMM-DHHMM',
}

/** Quantities of years, months … (801 to 814, but 813, a day of the week), and minutes with seconds (405: MMMMSS). */
const others: Readonly<Record<string, { form: RegExp; rule: string }>> = {
  405: { form: /^\d{4}[0-5]\d$/, rule: 'MMMMSS' },
  813: { form: /^[1-7]$/, rule: 'D' },
  ...Object.fromEntries(
    [801, 802, 803, 804, 805, 806, 807, 808, 809, 810, 811, 812, 814].map((code) => [
      code,
      { form: /^\d+(?:[.,]\d+)?$/, rule: 'n' },
    ]),
  ),
}

/** What a part of a mask may hold; the days of a month are looked at when all parts are known. */
const parts: readonly { mask: string; name: string; form: string }[] = [
  { mask: 'ZHHMM', name: 'offset', form: '[+-](?:0\\d|1[0-4])[0-5]\\d' },
  { mask: 'ZZZ', name: 'zone', form: '(?:[A-Z]{1,4}|[+-]\\d{2}(?:\\d{2})?)' },
  { mask: 'CCYY', name: 'year', form: '\\d{4}' },
  { mask: 'CC', name: 'century', form: '\\d{2}' },
  { mask: 'YY', name: 'year', form: '\\d{2}' },
  { mask: 'DDD', name: 'dayOfYear', form: '(?:00[1-9]|0[1-9]\\d|[12]\\d\\d|3[0-5]\\d|36[0-6])' },
  { mask: 'DD', name: 'day', form: '(?:0[1-9]|[12]\\d|3[01])' },
  { mask: 'D', name: 'weekday', form: '[1-7]' },
  { mask: 'HH', name: 'hour', form: '(?:[01]\\d|2[0-3])' },
  { mask: 'MM', name: 'month', form: '(?:0[1-9]|1[0-2])' },
  { mask: 'SS', name: 'second', form: '[0-5]\\d' },
  { mask: 'S', name: 'semesterOrShift', form: '[1-9]' },
  { mask: 'WW', name: 'week', form: '(?:0[1-9]|[1-4]\\d|5[0-3])' },
  { mask: 'W', name: 'weekOfMonth', form: '[1-5]' },
  { mask: 'FFF', name: 'milliseconds', form: '\\d{3}' },
  { mask: 'PP', name: 'period', form: '\\d{2}' },
  { mask: 'P', name: 'fourMonths', form: '[1-3]' },
  { mask: 'Q', name: 'quarter', form: '[1-4]' },
  { mask: 'A', name: 'tenDays', form: '[1-3]' },
  { mask: 'B', name: 'halfMonth', form: '[12]' },
  { mask: 'T', name: 'designator', form: 'T' },
  { mask: '-', name: 'hyphen', form: '-?' },
]
const minutes = '[0-5]\\d'

interface Format {
  rule: string
  form: RegExp
  /** Names of the captured parts, in order. */
  names: readonly string[]
}
const formats = new Map<string, Format>()

function formatOf(code: string): Format | undefined {
  const known = formats.get(code)
  if (known) return known
  const mask = Object.hasOwn(masks, code) ? masks[code]! : undefined
  if (mask === undefined) return undefined
  const names: string[] = []
  let form = ''
  for (let at = 0; at < mask.length;) {
    const part = parts.find((one) => mask.startsWith(one.mask, at))!
    const isMinutes = part.mask === 'MM' && names.at(-1) === 'hour'
    names.push(isMinutes ? 'minute' : part.name)
    form += `(${isMinutes ? minutes : part.form})`
    at += part.mask.length
  }
  const format = { rule: mask, form: new RegExp(`^${form}$`), names }
  formats.set(code, format)
  return format
}

/**
 * What the value should have been, `102 CCYYMMDD`, when it does not fit its format code or names no day, hour or week
 * there is; undefined when it is right, and for codes the directory does not have.
 */
export function dateFault(value: string, code: string): string | undefined {
  if (Object.hasOwn(others, code)) {
    const { form, rule } = others[code]!
    return form.test(value) ? undefined : `${code} ${rule}`
  }
  const format = formatOf(code)
  if (!format) return undefined
  const found = format.form.exec(value)
  return found && exists(format.names, found) ? undefined : `${code} ${format.rule}`
}

/**
 * Every day named is one of its month, every day of the year one of its year; a year of two digits is one of 2000 to
 * 2099.
 */
function exists(names: readonly string[], found: RegExpExecArray): boolean {
  const halves = names.includes('hyphen') ? [names.slice(0, names.indexOf('hyphen')), names] : [names]
  return halves.every((half, i) => {
    const from = i === 0 ? 0 : names.indexOf('hyphen')
    const part = (name: string) => {
      const at = half.indexOf(name, from)
      return at < 0 ? undefined : found[at + 1]
    }
    const said = part('year')
    const year = said === undefined ? 2000 : Number(said.length === 2 ? `20${said}` : said)
    return isDay(year, part('month'), part('day')) && !(part('dayOfYear') === '366' && daysOf(year, 2) === 28)
  })
}

function isDay(year: number, month: string | undefined, day: string | undefined): boolean {
  return month === undefined || day === undefined || Number(day) <= daysOf(year, Number(month))
}

function daysOf(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}
