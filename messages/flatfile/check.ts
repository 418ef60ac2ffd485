// check — the fields of one record against its table: mandatory, length, digits, dates, codes.
import type { FlatFaults, FlatPlace } from './faults.js'
import { fieldText, plain, type FlatRecord } from './record.js'
import type { FieldSpec, RecordSpec } from './table.js'

/** Tells every fault of the record's fields. */
export function checkFields(record: FlatRecord, spec: RecordSpec, faults: FlatFaults): void {
  const place = (field: FieldSpec | number, row = 0): FlatPlace => ({
    tag: record.tag,
    record: record.number,
    line: record.line,
    field: typeof field === 'number' ? field : field.position,
    row,
    ...(typeof field === 'number' ? {} : { name: { zh: field.zh, en: field.name } }),
  })
  for (const field of spec.fields) {
    const text = fieldText(record, field.position)
    if (text === '' || (field.lines > 1 && /^\^*$/.test(text))) {
      if (field.use === 'M') faults.add('HUB_FLAT_MISSING', place(field), { rule: 'M' })
      // Of a pair the first field speaks for both.
      else if (field.pair?.[0] === field.position && fieldText(record, field.pair[1]) === '')
        faults.add('HUB_FLAT_MISSING', place(field), { rule: `${field.pair[0]}/${field.pair[1]}` })
      continue
    }
    const rows = field.lines > 1 ? rowsOf(record, field) : [text]
    if (rows.length > field.lines)
      faults.add('HUB_FLAT_TOO_MANY', place(field), { rule: `^${field.lines}`, value: text })
    for (const [i, row] of rows.entries())
      if (row !== '')
        checkValue(row, field, (code, rule) =>
          faults.add(code, place(field, rows.length > 1 ? i + 1 : 0), { value: row, rule }),
        )
  }
  // What the table does not know: empty fields at the end are a habit, others must be allowed for.
  const known = spec.fields.length + 1
  for (let n = known + 1; n <= record.fields.length; n++) {
    const text = fieldText(record, n)
    if (text !== '' && n > known + spec.more)
      faults.add('HUB_FLAT_UNEXPECTED', place(n), { value: text, rule: `max ${known + spec.more} fields` })
  }
}

/** The `^` lines of a field without the empty ones at its end. */
export function rowsOf(record: FlatRecord, field: FieldSpec): string[] {
  const rows = (record.fields[field.position - 1] ?? []).map(plain)
  while (rows.at(-1) === '') rows.pop()
  return rows
}

function checkValue(
  text: string,
  field: FieldSpec,
  tell: (code: 'HUB_FLAT_VALUE' | 'HUB_FLAT_FORMAT' | 'HUB_FLAT_LENGTH', rule: string) => void,
): void {
  if (field.kind === 'date' || field.kind === 'time') {
    if (!isMoment(text, field.kind)) tell('HUB_FLAT_VALUE', field.kind === 'date' ? 'CCYYMMDD' : 'CCYYMMDDHHMM')
    return
  }
  if (field.kind === '9') {
    const number = /^([0-9]*)(?:\.([0-9]*))?$/.exec(text)
    if (!number || text === '.' || (field.decimals === 0 && number[2] !== undefined))
      tell('HUB_FLAT_FORMAT', field.format)
    else if ((number[1] ?? '').length > field.length || (number[2] ?? '').length > field.decimals)
      tell('HUB_FLAT_LENGTH', field.format)
    return
  }
  if ([...text].length > field.length) tell('HUB_FLAT_LENGTH', field.format)
  if (field.codes && !Object.hasOwn(field.codes, text)) tell('HUB_FLAT_VALUE', Object.keys(field.codes).join('|'))
}

/** A day of the calendar in 6 or 8 digits; for times 10, 12 or 14 digits with hour and minute. */
export function isMoment(text: string, kind: 'date' | 'time'): boolean {
  if (!(kind === 'date' ? /^([0-9]{6}|[0-9]{8})$/ : /^([0-9]{10}|[0-9]{12}|[0-9]{14})$/).test(text)) return false
  const long = kind === 'date' ? text.length === 8 : text.length >= 12
  const year = long ? text.slice(0, 4) : `20${text.slice(0, 2)}`
  const rest = text.slice(long ? 4 : 2)
  const [month, day, hour, minute, second] = [0, 2, 4, 6, 8].map((i) => Number(rest.slice(i, i + 2) || '0')) as [
    number,
    number,
    number,
    number,
    number,
  ]
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false
  return day >= 1 && day <= new Date(Date.UTC(Number(year), month, 0)).getUTCDate()
}
