// Dates: a value must fit its format code (2379) and be a day, an hour, a week there is; what a mapping reads is a
// fault, all else a warning.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { dateFault } from '../../../messages/edifact/date-formats.js'
import { hubFault } from '../../../messages/edifact/hub-fault.js'
import { listInterchanges } from '../../../messages/edifact/listing.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { isMoment } from '../../../messages/flatfile/check.js'
import { dateAs } from '../../../messages/mapping/date.js'
import { createEngine } from '../../../xsd/engine.js'
import { readSchemaFiles } from '../../../xsd/schema-files.js'
import { routing, rules } from '../../support/data.js'
import { directories } from '../../support/edifact.js'
import { root } from '../../support/hub.js'

const sample = (file: string) => readFileSync(join(root, 'xsd/families/edifact/samples', file), 'latin1')
const engine = createEngine({
  documents: routing.documents,
  mappings: routing.mappings,
  rules,
  schemas: readSchemaFiles(join(root, 'xsd/families')),
  faultLimit: 50,
})

describe('a value that fits its format code', () => {
  const right: Record<string, string[]> = {
    '2': ['280226'],
    '3': ['022826'],
    '4': ['29022028'],
    '7': ['2026115'],
    '10': ['20010912T1433'],
    '101': ['261128', '280229'],
    '102': ['20261128', '20280229', '20000229', '99991231'],
    '103': ['26537'],
    '105': ['28366', '26001'],
    '106': ['0229', '1231'],
    '201': ['2611282359'],
    '203': ['202611280000', '202611282359'],
    '204': ['20261128235959'],
    '205': ['202611281200+0800', '202611281200-0330'],
    '208': ['20261128120000+0800'],
    '303': ['202611281200UTC', '202611281200+08'],
    '304': ['20261128120000CST'],
    '305': ['11281200'],
    '306': ['281200'],
    '401': ['0000', '2359'],
    '405': ['012059'],
    '501': ['08001700'],
    '602': ['2026'],
    '603': ['261'],
    '604': ['20262'],
    '608': ['20264'],
    '609': ['2612'],
    '610': ['202612'],
    '613': ['26123'],
    '615': ['2653'],
    '616': ['202601', '202653'],
    '713': ['26112808002611291700', '2611280800-2611291700'],
    '716': ['202601202653'],
    '718': ['2026112820261231', '20261128-20261231'],
    '719': ['202611280800202611291700'],
    '720': ['1080052359'],
    '804': ['14', '0.5', '1,5'],
    '813': ['7'],
  }
  test.each(Object.entries(right))('is right under %s: %j', (code, values) => {
    for (const value of values) expect([value, dateFault(value, code)]).toEqual([value, undefined])
  })
})

describe('a value that does not', () => {
  const wrong: Record<string, string[]> = {
    '101': ['20261128', '260230', '261301', '000000', '26112'],
    '102': [
      '261128',
      '20261301',
      '20260230',
      '20270229',
      '21000229',
      '20261131',
      '20260001',
      '20260100',
      '2026-11-28',
      '00000000',
    ],
    '105': ['26366', '26000', '28367'],
    '106': ['0230'],
    '201': ['202611282359', '2611282400', '2611281260'],
    '203': ['20261128', '202611282400', '202611281260', '202602301200', '2026112812', '20261128120000'],
    '204': ['20261128235960', '202611282359'],
    '205': ['202611281200', '202611281200Z', '202613281200+0800', '202611281200+2500'],
    '303': ['202611281200', '202611282500UTC'],
    '304': ['202611281200UTC'],
    '401': ['2400', '12:00', '1260'],
    '602': ['26', '20261'],
    '610': ['202613', '202600', '20261'],
    '616': ['202654', '202600'],
    '713': ['2611280800', '26112808002611311700', '2613280800/2611291700'],
    '718': ['20261128', '2026112820260230', '2026023020261128'],
    '804': ['two', ''],
    '813': ['8'],
  }
  test.each(Object.entries(wrong))('is told with its format under %s: %j', (code, values) => {
    for (const value of values)
      expect([value, dateFault(value, code) ?? 'right']).toEqual([
        value,
        expect.stringMatching(new RegExp(`^${code} `)),
      ])
  })

  test('every code of the list but one (721) has its format, and what the list does not have is nobody’s fault', () => {
    for (const code of directories()
      .codes.all('2379')
      .filter((code) => !['ZZZ', '721'].includes(code)))
      expect([code, dateFault('?', code)]).toEqual([code, expect.any(String)])
    expect(dateFault('?', '999')).toBeUndefined()
  })
})

const unb = "UNB+UNOA:3+TESTA+TESTB+261128:1000+R1'"
const call = (dtm: string) =>
  `${unb}UNH+1+CUSREP:D:96B:UN'BGM+185+A1+9'${dtm}'LOC+60+CNSHA:139:6'TDT+20+1+1'UNT+6+1'UNZ+1+R1'`

describe('in a message', () => {
  test.each([
    ['DTM+132:202613010800:203', '203 CCYYMMDDHHMM'],
    ['DTM+132:202602300800:203', '203 CCYYMMDDHHMM'],
    ['DTM+132:202612012400:203', '203 CCYYMMDDHHMM'],
    ['DTM+132:202612010800:102', '102 CCYYMMDD'],
    ['DTM+132:20261201:203', '203 CCYYMMDDHHMM'],
  ])('%s is accepted with a warning in the listing', (dtm, rule) => {
    const { faults, edi } = engine.inspect(Buffer.from(call(dtm)))
    expect(faults).toEqual([])
    expect(edi!.faults.map((f) => `${f.severity} ${hubFault(f).path} ${hubFault(f).rule}`)).toEqual([
      `warning DTM(3)+1:2 0085=12 2380 ${rule}`,
    ])
    expect(listInterchanges(Buffer.from(call(dtm)), directories())).toContain(
      `! DTM(3)+1:2  [HUB_EDI_VALUE 0085=12 2380 ${rule}]`,
    )
  })

  test('a right one, one of an agreed format, and one without a format have no line', () => {
    for (const dtm of ['DTM+132:202612010800:203', 'DTM+132:202612010800', 'DTM+132'])
      expect(engine.inspect(Buffer.from(call(dtm))).edi!.faults).toEqual([])
  })

  test('no sample has a date that is none', () => {
    for (const file of ['CUSCAR-D96B-export.edi', 'BAPLIE-D95B-bay-plan.edi', 'CUSDEC-D97A-import.edi'])
      expect(listInterchanges(Buffer.from(sample(file), 'latin1'), directories())).not.toContain('0085=12 2380')
  })
})

describe('where a mapping reads it', () => {
  const report = sample('COARRI-D95B-tally-import.edi')
  const dtm = /DTM\+(\d+):(\d{12}):203/g
  test.each([
    ['month 13', '202613010800:203'],
    ['30 February', '202602300800:203'],
    ['hour 24', '202611012400:203'],
    ['a day under the code of day and time', '20261101:203'],
    ['a day that calls itself a year', '20261101:602'],
  ])('%s is refused at its place', (_, value) => {
    expect(engine.inspect(Buffer.from(report, 'latin1')).faults).toEqual([])
    const faults = [...report.matchAll(dtm)].flatMap(
      ({ 0: whole, 1: qualifier }) =>
        engine.inspect(Buffer.from(report.replace(whole, `DTM+${qualifier}:${value}`), 'latin1')).faults,
    )
    expect(faults.map(({ code }) => code)).toContain('HUB_MAP_DATE')
    expect(faults.find(({ code }) => code === 'HUB_MAP_DATE')!.path).toMatch(/^DTM\(\d+\)/)
  })

  test('seconds end at 59, and what names another format is no date by its looks', () => {
    expect(dateAs('20261128120060', '204')).toBeUndefined()
    expect(dateAs('20261128', '602')).toBeUndefined()
    expect(dateAs('20261128', '')).toBe('20261128')
  })
})

describe('UNB and UNG', () => {
  const told = (head: string) =>
    readInterchanges(
      Buffer.from(`${head}UNH+1+CUSREP:D:96B:UN'UNT+2+1'${/UNG/.test(head) ? "UNE+1+G1'" : ''}UNZ+1+R1'`),
    )
      .flatMap(({ end }) => end.faults)
      .map((f) => `${f.severity} ${hubFault(f).path} ${hubFault(f).rule}`)
  const group = (when: string) => `${unb}UNG+CUSREP+A+B+${when}+G1+UN+D:96B'`

  test.each([
    ['260230:1000', '+4:1 0085=12 0017 YYMMDD / CCYYMMDD'],
    ['261301:1000', '+4:1 0085=12 0017 YYMMDD / CCYYMMDD'],
    ['261128:2400', '+4:2 0085=12 0019 HHMM'],
    ['261128:1260', '+4:2 0085=12 0019 HHMM'],
  ])('prepared at %s is refused', (when, place) => {
    expect(told(unb.replace('261128:1000', when))).toEqual([`error UNB${place}`])
    expect(told(group(when))).toEqual([`error UNG${place}`])
  })

  test('the other version’s length of the date is a warning', () => {
    expect(told(group('20261128:1000'))).toEqual(['warning UNG+4:1 0085=12 0017 YYMMDD'])
    expect(told(group('261128:1000'))).toEqual([])
    expect(told(unb.replace('UNOA:3', 'UNOA:4'))).toEqual(['warning UNB+4:1 0085=12 0017 CCYYMMDD'])
  })
})

test.each(['20261301', '20260230', '20261100', '260230'])('a flat file’s date %s is no day', (text) =>
  expect(isMoment(text, 'date')).toBe(false),
)
test.each(['202611282400', '202611281260', '202602301200', '20261128120060', '2611282400'])(
  'a flat file’s time %s is none',
  (text) => expect(isMoment(text, 'time')).toBe(false),
)

describe('numbers of fixed length', () => {
  const plan = sample('BAPLIE-D95B-bay-plan.edi')
  const told = (text: string) => {
    const { faults, edi } = engine.inspect(Buffer.from(text, 'latin1'))
    return {
      errors: faults.map(({ rule }) => rule),
      warnings: edi!.faults.map((f) => `${f.severity} ${hubFault(f).rule}`),
    }
  }
  test('a temperature of two digits is a warning, as carriers write it, and its sign never counts', () => {
    expect(/TMP\+2\+[^:']*/.exec(plan)).not.toBeNull()
    const as = (value: string) => told(plan.replace(/TMP\+2\+[^:']*/, `TMP+2+${value}`))
    for (const value of ['-018', '018', '-18.5', '-180'])
      expect([value, as(value)]).toEqual([value, { errors: [], warnings: [] }])
    for (const value of ['-18', '5', '2.5'])
      expect([value, as(value)]).toEqual([value, { errors: [], warnings: ['warning 0085=40 6246 n3'] }])
    expect(as('-1800').errors).toEqual(['0085=39 6246 n3'])
    expect(as('-18C').errors).toEqual(['0085=37 6246 n3'])
  })
})
