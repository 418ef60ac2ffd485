// Port flat files: terminals and agents send them as they are; customs gets what it takes, and answers reach the sender.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { root, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'

let hub: RunningHub
beforeAll(async () => {
  const shared = await sharedHub()
  hub = shared.hub
  return shared.remove
})

const sample = (name: string) => readFileSync(join(root, 'xsd/samples/flatfile', `${name}.txt`))
const send = (bytes: Buffer, operation?: string) => hub.send(bytes, { type: 'text/plain', ...(operation === undefined ? {} : { operation }) })

test('a bay plan in GBK goes to the three authorities of an entry as it came, and their answers in the same form are read', async () => {
  const { status, receipts } = await send(sample('BAPLIE-gbk'))
  expect([status, receipts[0]!.code, receipts[0]!.operation, receipts[0]!.reference]).toEqual([202, 'HUB_ACCEPTED', '3.1.2.2.1', '026W'])
  const { messageId } = receipts[0]!
  const all = await hub.receiptsOf(messageId, (found) => found.filter((r) => r.status === 'approved').length === 3)
  expect(new Set(all.filter((r) => r.stage === 'business').map((r) => r.agency))).toEqual(new Set(['mps', 'mot', 'gacc']))
  expect(Buffer.from(await (await hub.get(`/v1/messages/${messageId}/forwarded`)).arrayBuffer()).equals(sample('BAPLIE-gbk'))).toBe(true)
})

test('a manifest file is filed with customs as MT1101, and its receipts are those of MT1101', async () => {
  const { status, receipts } = await send(sample('IFCSUM-gbk'), '2.1.12.1.1')
  expect([status, receipts[0]!.code, receipts[0]!.documentType]).toEqual([202, 'HUB_ACCEPTED', 'MT1101'])
  const { messageId } = receipts[0]!
  await hub.receiptsOf(messageId, (found) => found.some((r) => r.stage === 'business'))
  expect(Buffer.from(await (await hub.get(`/v1/messages/${messageId}/content`)).arrayBuffer()).equals(sample('IFCSUM-gbk'))).toBe(true)
  const forwarded = await hub.get(`/v1/messages/${messageId}/forwarded`)
  expect(await forwarded.text()).toContain('<MessageType>MT1101</MessageType>')
})

test('its sender reads what customs says of it as a flat file', async () => {
  const bytes = Buffer.from(sample('COARRI-gbk').toString('latin1').replace('202611230915', '20261123091501'), 'latin1')
  const { receipts } = await send(bytes)
  const all = await hub.receiptsOf(receipts[0]!.messageId, (found) => found.some((r) => r.stage === 'business'))
  const business = all.find((r) => r.stage === 'business')!
  const answer = await fetch(`${hub.url}/v1/receipts/${business.receiptId}`, { headers: { authorization: `Bearer ${hub.env.HUB_KEY}`, accept: 'text/plain' } })
  const lines = new TextDecoder('gb18030').decode(await answer.arrayBuffer()).split('\r\n')
  expect(lines[0]).toMatch(/^00:COARRI:DISCHARGE REPORT:9:CNTESTPORT:TESTCARRIER:\d{12}'$/)
  expect(lines[1]!.split(':').slice(0, 2)).toEqual(['90', expect.stringMatching(/^[345]$/) as string])
  expect(lines[1]).toContain(`:${receipts[0]!.messageId}:CN_MT5101_1p0_TESTCARRIER_20261123091501000:20261123091501:gacc:`)
  expect(lines[2]).toBe("99:3'")
})

test('a file that is wrong is refused at the sender’s own records and fields', async () => {
  const { status, receipts } = await send(sample('invalid/IFCSUM-status'))
  expect([status, receipts[0]!.status, receipts[0]!.faults.map((f) => [f.code, f.path])]).toEqual([422, 'refused', [['HUB_FLAT_VALUE', '51(13):6']]])
})

test('the same file sent twice is filed once', async () => {
  const first = await send(sample('COSTRP-gbk'))
  const again = await send(sample('COSTRP-gbk'))
  expect([first.status, again.status, again.receipts[0]!.messageId]).toEqual([202, 200, first.receipts[0]!.messageId])
})
