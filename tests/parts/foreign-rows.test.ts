// Rows of an authority's answer that belong to other companies: left out for a partner that may file for its own
// companies alone, and it is told how many; never left out where nobody can tell.
import { expect, test } from 'vitest'
import { createForeignRows } from '../../hub/queries/foreign-rows.js'
import { createResults } from '../../hub/queries/results.js'
import type { CompaniesSetting } from '../../messages/companies.js'
import type { Row } from '../../messages/queries/filing.js'
import { writeQuestion } from '../../messages/queries/question.js'
import { readResult, writeResult } from '../../messages/queries/result.js'
import { readXml } from '../../messages/xml-reading.js'
import { storedForm } from '../../xsd/form-store/stored.js'
import { routing } from '../support/data.js'

const { shape } = storedForm('HandbookQuery')!.query!
const asOf = '2026-06-02T09:00:00'
const asked = { messageId: 'Q1', sender: 'TEST', receiver: 'GACC', criteria: {}, page: 1, size: 20 }
const question = writeQuestion(shape, asked, shape.operations[0]!, asOf)
const about = { partnerId: 'p1', messageId: 'msg_1', documentType: shape.query, operation: shape.operations[0]! }
const companies = new Map(routing.documents.flatMap((family) => family.documents.map((one) => [one.id, one.companies])))

const handbook = (number: string, company?: string, of: Partial<Row> = {}): Row => ({
  source: 'agency',
  asOf,
  values: { Number: [{ text: number }], ...(company === undefined ? {} : { BizopEtpsNo: [{ text: company }] }) },
  ...of,
})
const own = handbook('C22482600001', '1100910001')
const foreign = [handbook('C22482600002', '1100910002'), handbook('C22482600003', '1100910003')]
const setting: CompaniesSetting = { mode: 'require', codes: ['1100980001'], principals: ['1100910001'] }

/** What the asker is given of an answer; undefined: the answer as it came. */
async function given(
  rows: Row[],
  { as = setting, fillIn = false, filed = [] }: { as?: CompaniesSetting; fillIn?: boolean; filed?: Row[] } = {},
) {
  const logged: object[] = []
  const results = createResults({
    ledger: {
      filedContent: async () => [{ messageId: 'msg_1', bytes: question, answers: [] }],
      audit: async () => {},
    },
    book: { shapeOf: () => shape },
    fromLedger: async () => ({ rows: filed, total: filed.length, more: false }),
    partner: async () => ({ settings: { rights: ['*'], companies: as } as never }),
    foreignRows: createForeignRows((document) => companies.get(document)),
    log: { warn: (ids) => logged.push(ids) },
  })
  const answer = writeResult(shape, asked, { asOf, page: 1, size: 20, total: rows.length, more: false, rows }, about)
  const bytes = await results.joined(about, answer, { fillIn })
  if (!bytes) return undefined
  const { root, tree } = readXml(bytes)
  const result = readResult(shape, root, tree)!
  return { numbers: result.rows.map(({ values }) => values.Number![0]!.text), ...result, logged }
}

test('rows of other companies are left out, the asker is told how many, and the log says so', async () => {
  const answer = await given([own, ...foreign])
  expect(answer).toMatchObject({
    numbers: ['C22482600001'],
    total: 1,
    note: expect.stringMatching(/2 行属于其他企业.*other companies, not shown: 2/) as string,
    logged: [expect.objectContaining({ partnerId: 'p1', messageId: 'msg_1', rows: 2 })],
  })
})

test('an answer with none of them is given as it came', async () => {
  expect(await given([own])).toBeUndefined()
})

test('a row that names no company stays, and so does what was filed through the hub', async () => {
  const unnamed = handbook('C22482600004')
  const filed = handbook('C22482600002', '1100910002', { source: 'hub', hubMessage: 'msg_2' })
  const answer = await given([own, unnamed, ...foreign], { fillIn: true, filed: [filed] })
  expect(answer!.numbers).toEqual(['C22482600001', 'C22482600004', 'C22482600002'])
  expect(answer!.note).toContain('not shown: 1')
})

test('whoever files under a number of another company sees its own filing, and not the other’s row', async () => {
  const claimed = handbook('C22482600002', '1100910001', { source: 'hub', hubMessage: 'msg_2' })
  const unnamed = handbook('C22482600003', undefined, { source: 'hub', hubMessage: 'msg_3' })
  const answer = await given([own, ...foreign], { fillIn: true, filed: [claimed, unnamed] })
  expect(answer!.rows.map(({ hubMessage, values }) => [hubMessage, values.BizopEtpsNo?.[0]?.text])).toEqual([
    [undefined, '1100910001'],
    ['msg_2', '1100910001'],
    ['msg_3', undefined],
  ])
  expect(answer!.note).toContain('not shown: 2')
})

test('nothing is left out for a partner that may file for any company, or may name others', async () => {
  expect(await given([own, ...foreign], { as: { ...setting, principals: ['*'] } })).toBeUndefined()
  expect(await given([own, ...foreign], { as: { ...setting, mode: 'warn' } })).toBeUndefined()
  expect((await given([own, ...foreign], { as: { ...setting, mode: 'off' }, fillIn: true }))!.numbers.length).toBe(3)
})
