// An agency's receipt of megabytes: its partner has it verbatim on whatever way it goes, and nobody waits meanwhile.
// (promises 4, 10.)
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { receiptFromXml } from '../../messages/receipt-xml.js'
import type { Receipt } from '../../messages/receipt.js'
import { sample, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { until } from '../support/until.js'

let hub: RunningHub
beforeAll(async () => {
  const agency = createServer((request, response) => request.resume().on('end', () => response.writeHead(202).end()))
  await new Promise<void>((resolve) => agency.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(agency.address() as AddressInfo).port}`
  const shared = await sharedHub({
    config: { agencies: { gacc: { url, callbackTokenEnv: 'GACC_TOKEN' } } },
    env: { GACC_TOKEN: 'gacc-token' },
  })
  hub = shared.hub
  return async () => {
    await shared.remove()
    agency.closeAllConnections()
    agency.close()
  }
})

let count = 0
/** An order with numbers of its own. */
function order(): { guid: string; xml: string } {
  const guid = crypto.randomUUID().toUpperCase()
  const xml = sample('ceb/CEB311Message.xml')
    .toString()
    .replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, () => guid)
    .replace(/(orderNo>)[^<]*/, `$1LARGE${++count}`)
  return { guid, xml }
}
/** Customs' receipt of an order, with so many elements behind it that mean nothing. */
const receiptOf = (guid: string, elements: number) =>
  `<?xml version="1.0" encoding="UTF-8"?><ceb:CEB312Message xmlns:ceb="http://www.chinaport.gov.cn/ceb" ` +
  `guid="${crypto.randomUUID()}" ` +
  `version="v1.0"><ceb:OrderReturn><ceb:guid>${guid}</ceb:guid><ceb:ebpCode>1</ceb:ebpCode>` +
  '<ceb:ebcCode>1</ceb:ebcCode><ceb:orderNo>LARGE</ceb:orderNo><ceb:returnStatus>2</ceb:returnStatus>' +
  '<ceb:returnTime>20260101120000</ceb:returnTime><ceb:returnInfo>测试</ceb:returnInfo>' +
  `</ceb:OrderReturn>${'<a/>'.repeat(elements)}</ceb:CEB312Message>`

async function callback(bytes: string): Promise<void> {
  const { status } = await fetch(`${hub.url}/agency/gacc/receipts`, {
    method: 'POST',
    body: bytes,
    headers: { 'content-type': 'application/xml', authorization: 'Bearer gacc-token' },
  })
  expect(status).toBe(202)
}
const business = ({ stage }: Receipt) => stage === 'business'
async function submitted(messageId: string): Promise<void> {
  await until('the order to be submitted', async () => (await hub.state(messageId)) === 'submitted')
}

test('while an agency’s answer of 4 MB is read, everybody else is answered', async () => {
  const { guid, xml } = order()
  const { messageId } = (await hub.send(xml)).receipts[0]!
  await submitted(messageId)
  await callback(receiptOf(guid, 1_000_000))
  let meanwhile = 0
  let settled = false
  const received = hub.receiptsOf(messageId, (all) => all.some(business)).then(() => (settled = true))
  while (!settled) {
    expect((await hub.get('/healthz')).status).toBe(200)
    meanwhile++
  }
  await received
  // Read in the main thread it takes most of a second in which nothing is answered: one or two.
  expect(meanwhile).toBeGreaterThan(10)
})

test('a receipt of megabytes is told by its size in the mailbox; its bytes are one call away, untouched', async () => {
  const [large, small] = [order(), order()]
  const answers = [receiptOf(large.guid, 300_000), receiptOf(small.guid, 10)]
  for (const [i, { xml }] of [large, small].entries()) {
    const { messageId } = (await hub.send(xml)).receipts[0]!
    await submitted(messageId)
    await callback(answers[i]!)
    const receipt = (await hub.receiptsOf(messageId, (all) => all.some(business))).find(business)!
    const { body } = receipt
    if (i === 1) expect(body).toEqual({ mediaType: 'application/xml', encoding: 'utf-8', content: answers[1] })
    else
      expect(body).toEqual({
        mediaType: 'application/xml',
        size: Buffer.byteLength(answers[0]!),
        href: `/v1/receipts/${receipt.receiptId}/body`,
      })
    const waiting = (await hub.read<{ receipts: Receipt[] }>('/v1/receipts')).receipts
    expect(waiting.find(({ receiptId }) => receiptId === receipt.receiptId)!.body).toEqual(body)
    const verbatim = await hub.get(`/v1/receipts/${receipt.receiptId}/body`)
    expect(Buffer.from(await verbatim.arrayBuffer()).equals(Buffer.from(answers[i]!))).toBe(true)
    const asXml = await hub.get(`/v1/receipts/${receipt.receiptId}`, { accept: 'application/xml' })
    expect(receiptFromXml(await asXml.text()).body).toEqual(body)
  }
})

test('over SFTP the agency’s megabytes are a file beside the receipt, which names it', async () => {
  const { guid, xml } = order()
  const file = join(hub.dataDir, 'large.xml')
  await writeFile(file, xml)
  expect((await hub.sftp(`put ${file} OutBox/large.xml`)).code).toBe(0)
  const messageId = await until('the message', async () => {
    const { messages } = await hub.read<{ messages: { messageId: string; filename?: string }[] }>('/v1/messages')
    return messages.find(({ filename }) => filename === 'large.xml')?.messageId
  })
  await submitted(messageId)
  const answer = receiptOf(guid, 300_000)
  await callback(answer)
  const name = await until('the receipt in the InBox', async () => {
    const { stdout } = await hub.sftp('ls InBox')
    return /Receipt_\S+\.xml/.exec(stdout)?.[0]
  })
  const here = join(hub.dataDir, 'got.xml')
  expect((await hub.sftp(`get InBox/${name} ${here}`)).code).toBe(0)
  const { body } = receiptFromXml(await readFile(here, 'utf8'))
  expect(body!.size).toBe(Buffer.byteLength(answer))
  expect(body!.file).toMatch(/^Body_.*\.xml$/)
  expect((await hub.sftp(`get InBox/${body!.file} ${here}`)).code).toBe(0)
  expect((await readFile(here, 'utf8')) === answer).toBe(true)
})

test('the webhook hears of it in a small call, and the event stream goes on', async () => {
  const calls: Receipt[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        calls.push(JSON.parse(Buffer.concat(chunks).toString()) as Receipt)
        response.writeHead(204).end()
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => new Promise<void>((resolve) => (server.closeAllConnections(), server.close(() => resolve()))))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await hub.ops('/ops/partners/demo/webhook', { url })
  const { guid, xml } = order()
  const { messageId } = (await hub.send(xml)).receipts[0]!
  await submitted(messageId)
  const answer = receiptOf(guid, 300_000)
  await callback(answer)
  const receipt = await until('the call', async () => calls.filter(business).find((one) => one.messageId === messageId))
  expect(receipt.body).toMatchObject({
    size: Buffer.byteLength(answer),
    href: `/v1/receipts/${receipt.receiptId}/body`,
  })
  const stop = new AbortController()
  const stream = await fetch(`${hub.url}/v1/events?after=0`, {
    headers: { authorization: `Bearer ${hub.env.HUB_KEY}` },
    signal: stop.signal,
  })
  let told = ''
  for await (const chunk of stream.body!) {
    told += Buffer.from(chunk).toString()
    if (told.includes(receipt.receiptId) && told.endsWith('\n\n')) break
  }
  stop.abort()
  expect(told.length).toBeLessThan(100_000)
})
