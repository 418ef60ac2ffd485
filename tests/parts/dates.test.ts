// Days and times: every field that is one, in every family, is held to a form, and one that does not exist is refused
// at its place.
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createEngine } from '../../xsd/engine.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'
import { some } from '../support/every.js'
import { documents, rules } from '../support/data.js'
import { datesOfSamples, datesOfSchemas, datesRuled, leavesOf } from '../support/date-leaves.js'
import { root, sample } from '../support/hub.js'

const schemas = readSchemaFiles(join(root, 'xsd/families'))
const engine = createEngine({ documents, rules, schemas, faultLimit: 100 })
const types = documents
  .filter(({ family }) => !['edifact', 'flatfile'].includes(family))
  .flatMap((family) => family.documents)

/** Fields that look like days or times and need no rule, each with the reason. */
const unruled: { types: RegExp; path: RegExp; why: string }[] = [
  { types: /^(CooReceipt|DEC_RESULT)$/, path: /./, why: 'an agency writes it; nobody files it' },
  { types: /^Certificate$/, path: /\/PredictFlag$/, why: 'a flag; only its description speaks of a date' },
  {
    types: /^(E[ML][LS]|BWS|BHL|CMB|INV|SAS)\d{3}$|^UN_STRUCTURED$/,
    path: /^Object\/Package\/EnvelopInfo\/send_time$/,
    why: 'an xs:dateTime: the schema knows its days and hours',
  },
]
const isUnruled = (id: string, path: string) => unruled.some((one) => one.types.test(id) && one.path.test(path))

test('every field that is a day or a time has a rule that says which form it has', () => {
  const without: string[] = []
  let fields = 0
  for (const type of some(types)) {
    const ruled = datesRuled(type, rules)
    const dates = new Set([...datesOfSchemas(type, schemas), ...datesOfSamples(type)])
    fields += dates.size
    for (const path of dates) if (!ruled.has(path) && !isUnruled(type.id, path)) without.push(`${type.id} ${path}`)
  }
  expect(without).toEqual([])
  expect(fields).toBeGreaterThan((350 * some(types).length) / types.length / 2)
})

/** Month 13, 30 February, hour 25, minute 61: what a value can show of them. */
function impossible(value: string): string[] {
  const [, year, dash, hour, between] = /^(\d{4})(-?)\d\d-?\d\d(?:[ T]?(\d\d)(:?))?/.exec(value)!
  const rest = value.slice(dash === '' ? 8 : 10)
  const months = [`${year}${dash}13${dash}01${rest}`, `${year}${dash}02${dash}30${rest}`]
  const day = value.length - rest.length
  const gap = /^[ T]/.test(rest) ? 1 : 0
  if (hour === undefined || rest.length < 4) return months
  const from = day + gap
  const minute = from + 2 + between!.length
  return [
    ...months,
    `${value.slice(0, from)}25${value.slice(from + 2)}`,
    `${value.slice(0, minute)}61${value.slice(minute + 2)}`,
  ]
}

test('month 13, 30 February, hour 25 and minute 61 are refused at their place in every field of every sample', () => {
  const taken: string[] = []
  let tried = 0
  for (const type of some(types)) {
    const known = new Set([...datesRuled(type, rules), ...datesOfSamples(type)])
    const done = new Set<string>()
    for (const file of type.samples) {
      const bytes = sample(file)
      const text = bytes.toString()
      for (const { path, value } of leavesOf(bytes)) {
        const name = path.replace(/^.*\//, '')
        if (done.has(path) || !known.has(path) || !/^\d{4}-?\d\d-?\d\d/.test(value)) continue
        if (unruled.some((one) => one.types.test(type.id) && one.why.includes('agency'))) continue
        done.add(path)
        for (const wrong of impossible(value)) {
          const changed = text.replace(new RegExp(`(<(?:\\w+:)?${name}>\\s*)${value}`), `$1${wrong}`)
          if (changed === text) throw new Error(`${type.id} ${path} holds no ${value}`)
          const { faults } = engine.inspect(Buffer.from(changed))
          tried++
          const line = changed.slice(0, changed.indexOf(wrong)).split('\n').length
          if (!faults.some((one) => one.line === line && one.path?.replace(/\[\d+\]/g, '').endsWith(`/${name}`)))
            taken.push(`${type.id} ${path} ${wrong} ${faults.map(({ code, path: at }) => `${code} ${at}`).join()}`)
        }
      }
    }
  }
  expect(taken).toEqual([])
  expect(tried).toBeGreaterThan(some(types).length * 4)
})

test.each([
  ['manifest/MT1101-9.xml', 'ArrivalDateTime'],
  ['road/MT1401-9.xml', 'LoadingDateTime'],
])('a time of %s with a digit too many or too few is refused', (file, name) => {
  const text = sample(file).toString()
  const expression = new RegExp(`(<(?:\\w+:)?${name}>)[^<]+`)
  expect(text).toMatch(expression)
  const codes = (value: string) =>
    engine
      .inspect(Buffer.from(text.replace(expression, `$1${value}`)))
      .faults.map(({ path }) => path!.split('/').at(-1))
  for (const value of ['20260301093000086', '20260301093000', '202603010930', '2026030109', '20260301'])
    expect(codes(value), value).toEqual([])
  for (const value of ['202603011', '2026030109300008', '20260301093000+9', '20260230093000086'])
    expect(codes(value), value).toContain(name)
})

test('each day of a list is looked at; what is no day at all is left alone', () => {
  const text = sample('ciq/EEntDeclIo.xml').toString()
  const places = (value: string) =>
    engine
      .inspect(Buffer.from(text.replace(/(<ProduceDate>)[^<]*/, `$1${value}`)))
      .faults.map(({ code, value: said }) => `${code} ${said}`)
  for (const fine of ['20260101;20260228', '2026-01-01', '20260101-20260131', '见附件', '202601'])
    expect(places(fine), fine).toEqual([])
  for (const wrong of ['20260101;20260230', '2026010', '202601011', '2026-13-01', '20260101-20260132'])
    expect(places(wrong), wrong).toEqual(wrong === '2026010' ? [] : [`HUB_RULE_DATE ${wrong}`])
})
