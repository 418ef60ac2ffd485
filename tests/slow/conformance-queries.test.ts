// Every working query, asked by address and by file of one running hub, after a message of each document it is of was
// filed: its rows are those filings and no others, and each value in them stands in what the authority was sent, in its
// answers, or is known to the authority alone. CONFORMANCE_QUERIES bounds the run (default: all), taken evenly.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bytesOfBody, type Receipt } from '../../messages/receipt.js'
import { readResult } from '../../messages/queries/result.js'
import { writeQuestion } from '../../messages/queries/question.js'
import type { Row } from '../../messages/queries/filing.js'
import type { QueryShape } from '../../messages/queries/shape.js'
import { readXml } from '../../messages/xml-reading.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { storedForm } from '../../xsd/form-store/stored.js'
import { startHub, type RunningHub } from '../support/hub.js'
import { until } from '../support/until.js'
import { casesOf } from './conformance/cases.js'
import { print } from './conformance/table.js'

const most = Number(process.env.CONFORMANCE_QUERIES ?? Infinity)

const shapes = formIndex()
  .families.filter(({ family }) => family.startsWith('queries-'))
  .flatMap(({ documents }) => documents.map(({ id }) => storedForm(id)!.query!.shape))
const asked = shapes.filter(
  (_, i) =>
    most >= shapes.length || Math.floor((i * most) / shapes.length) !== Math.floor(((i - 1) * most) / shapes.length),
)

interface Filed {
  documentType: string
  text: string
}

test('every query is answered by both doors with the filings it is of, and nothing else', async () => {
  const hub = await startHub({
    env: { HUB_RATE_PER_SECOND: '1000000' },
    config: { agencies: undefined, queries: { httpSeconds: 60, fileSeconds: 60 } },
  })
  const filed = await fileAll(hub, new Set(asked.flatMap(({ of }) => of)))
  const wrong: string[] = []
  let [rows, compared] = [0, 0]
  for (const shape of asked)
    for (const operation of shape.operations) {
      const results = {
        http: await byAddress(hub, shape, operation),
        sftp: await byFile(hub, shape, operation),
      }
      for (const [door, found] of Object.entries(results)) {
        if (typeof found === 'string') {
          wrong.push(`${operation} ${shape.query} by ${door}: ${found}`)
          continue
        }
        const told = compare(shape, found, filed)
        wrong.push(...told.wrong.map((one) => `${operation} ${shape.query} by ${door}: ${one}`))
        rows += found.length
        compared += told.compared
      }
    }
  print(
    'queries',
    ['queries', 'filings', 'rows', 'values compared'],
    [[String(asked.length), String(filed.size), String(rows), String(compared)]],
  )
  expect(wrong).toEqual([])
  expect(rows).toBeGreaterThan(0)
})

/** One message of each document type, with its answers. */
async function fileAll(hub: RunningHub, types: ReadonlySet<string>): Promise<Map<string, Filed>> {
  const { cases } = casesOf(Infinity)
  const filed = new Map<string, Filed>()
  const seen = new Set<string>()
  for (const one of cases) {
    if (!types.has(one.documentType) || seen.has(one.documentType)) continue
    const { status, receipts } = await hub.send(one.xml, { headers: { 'x-operation': one.operation.code } })
    if (status !== 202) continue
    seen.add(one.documentType)
    filed.set(receipts[0]!.messageId, { documentType: one.documentType, text: one.xml.toString() })
  }
  // What an authority still has to say is awaited until it says nothing more.
  let before = -1
  await until(
    'the answers of the authorities',
    async () => {
      const { owed } = await hub.simulator<{ owed: number }>('GET', '/taken')
      const done = owed === 0 && before === 0
      before = owed
      return done
    },
    120_000,
  )
  for (const [messageId, one] of filed) {
    const { receipts } = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${messageId}/receipts`)
    const said = receipts.map(({ body, time }) => `${time} ${(body && bytesOfBody(body)?.toString()) ?? ''}`)
    filed.set(messageId, { ...one, text: [one.text, ...said].join('\n') })
  }
  return filed
}

async function byAddress(hub: RunningHub, shape: QueryShape, operation: string): Promise<Row[] | string> {
  const { messageId, status } = await hub.read<{ messageId: string; status: string }>(
    `/v1/queries/${operation}?size=500&wait=30`,
  )
  return status === 'answered' ? resultOf(hub, shape, messageId) : status
}

async function byFile(hub: RunningHub, shape: QueryShape, operation: string): Promise<Row[] | string> {
  const number = `FILE-${operation}-${shape.query}`.slice(0, 60)
  const question = { messageId: number, sender: 'TESTSENDER01', receiver: 'GACC', criteria: {}, page: 1, size: 500 }
  const file = join(hub.dataDir, `${operation}-${shape.query}.xml`)
  await writeFile(file, writeQuestion(shape, question, operation, '2026-06-01T09:00:00'))
  await hub.sftp(`put ${file} /OutBox/${operation}_${shape.query}.xml\n`)
  const found = await until(
    `the question ${number}`,
    async () => (await hub.read<{ messages: { messageId: string }[] }>(`/v1/messages?reference=${number}`)).messages[0],
    30_000,
  )
  return resultOf(hub, shape, found.messageId)
}

/** Rows of every authority's answer. */
async function resultOf(hub: RunningHub, shape: QueryShape, messageId: string): Promise<Row[] | string> {
  const receipts = await hub.receiptsOf(
    messageId,
    (all) => all.some(({ stage, status }) => stage === 'business' && (status === 'approved' || status === 'failed')),
    60_000,
  )
  const business = receipts.filter(({ stage }) => stage === 'business')
  const failed = business.find(({ status }) => status === 'failed')
  if (failed) return `${failed.code} ${failed.text.zh}`
  return business.flatMap(({ body }) => {
    const { root, tree } = readXml(bytesOfBody(body!)!)
    return readResult(shape, root, tree)?.rows ?? []
  })
}

function compare(
  shape: QueryShape,
  rows: Row[],
  filed: ReadonlyMap<string, Filed>,
): { wrong: string[]; compared: number } {
  const wrong: string[] = []
  let compared = 0
  const expected = [...filed].filter(([, { documentType }]) => shape.of.includes(documentType))
  if (shape.statistics || shape.reference) {
    // What a query leaves out by its own condition is no row.
    const counts = expected.length > 0 && Object.keys(shape.only).length === 0
    if (rows.length === 0 && (shape.reference || counts)) wrong.push('no row')
    // Each filing is in one of the groups, and counts there as one document at least.
    const [counted] = shape.statistics?.measures.filter(({ count }) => count === true) ?? []
    if (counted && counts) {
      const all = rows.reduce((sum, { values }) => sum + Number(values[counted.name]?.[0]?.text ?? 0), 0)
      compared++
      if (all < expected.length) wrong.push(`${counted.name} adds up to ${all}; ${expected.length} were filed`)
    }
    return { wrong, compared }
  }
  for (const row of rows) {
    const values = shape.columns.flatMap(({ name, paths }) => (paths ? (row.values[name] ?? []) : []))
    // An authority's row that bears none of the numbers the hub knows is known by all it says.
    const one =
      row.hubMessage === undefined
        ? expected
            .map(([, each]) => each)
            .find(({ text }) => values.every((v) => isMoment(v.text) || text.includes(v.text)))
        : filed.get(row.hubMessage)
    if (!one || !shape.of.includes(one.documentType)) {
      wrong.push(`a row of ${row.hubMessage ?? 'no filing'} (${one?.documentType ?? 'unknown'})`)
      continue
    }
    for (const { name, paths } of shape.columns)
      for (const { text } of paths ? (row.values[name] ?? []) : []) {
        compared++
        if (row.hubMessage === undefined && isMoment(text)) continue
        if (!one.text.includes(text.replace(/&/g, '&amp;')) && !one.text.includes(text))
          wrong.push(`${name} ${text} stands in nothing of ${one.documentType}`)
      }
  }
  // Of one kind of document without a condition, each that was filed has a row.
  if (shape.of.length === 1 && Object.keys(shape.only).length === 0) {
    const shown = new Set(rows.map(({ hubMessage }) => hubMessage))
    for (const [messageId] of expected)
      if (!shown.has(messageId) && !shown.has(undefined)) wrong.push(`no row of ${messageId}`)
  }
  // What a query leaves out by its own condition, or has no value for, is no row.
  if (rows.length === 0 && expected.length > 0 && Object.keys(shape.only).length === 0)
    wrong.push(`no row of ${expected.map(([, { documentType }]) => documentType).join(', ')}`)
  return { wrong, compared }
}

/** An authority that answers and is asked writes down a moment a second apart. */
const isMoment = (text: string) => /^\d{4}-\d\d-\d\dT/.test(text)
