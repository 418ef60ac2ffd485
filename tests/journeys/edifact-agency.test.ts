// An agency that takes EDIFACT though its partners file published XML: it is sent CUSCAR and CODECO, always the same
// bytes, and what it says in CONTRL, APERAK and CUSRES reaches the sender of the XML as receipts.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { sample, startHub, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

interface Came {
  type: string
  text: string
  submission: string
}

let hub: RunningHub
const came: Came[] = []
/** What the agency answers next: status and body, made of what came. Default 200 and nothing. */
const next: ((one: Came) => [number, string])[] = []

beforeAll(async () => {
  const peer = await listening()
  const { port } = peer.address() as AddressInfo
  const edifact = { sender: 'TESTHUB:ZZZ', recipient: 'TESTPORT:ZZZ', syntax: 'UNOW:4' }
  const shared = await sharedHub({
    config: {
      agencies: {
        gacc: {
          url: `http://127.0.0.1:${port}`,
          callbackTokenEnv: 'PORT_TOKEN',
          retrySeconds: [0.05],
          jitter: 0,
          edifact,
        },
      },
    },
    env: { PORT_TOKEN: 'port-token' },
  })
  hub = shared.hub
  return async () => {
    await shared.remove()
    peer.close()
  }
})

function listening(): Promise<Server> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const one = {
        type: request.headers['content-type'] ?? '',
        text: Buffer.concat(chunks).toString(),
        submission: String(request.headers['x-submission-id']),
      }
      came.push(one)
      const [status, body] = next.shift()?.(one) ?? [202, '']
      response.writeHead(status, body === '' ? {} : { 'content-type': 'application/edifact' }).end(body)
    })
  })
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)))
}

let serial = 0
/** A sample as a new document. */
function fresh(file: string, change: (xml: string) => string = (xml) => xml): { xml: string; number: string } {
  const number = `1101919999999_20261123${String(++serial).padStart(9, '0')}`
  return { number, xml: change(sample(file).toString()).replace(/(<MessageID>CN_MT\d+_1p0_)[^<]*/, `$1${number}`) }
}
const without =
  (...names: string[]) =>
  (xml: string) =>
    names.reduce((all, name) => all.replace(new RegExp(`\\s*<${name}(?: [^>]*)?>.*?</${name}>`, 'gs'), ''), xml)
const arrivalReport = () => fresh('manifest/MT3101-2.xml', without('Consignment'))
const manifest = () => fresh('manifest/MT1101-9.xml', without('PreviousCustomsDocument'))

const reference = ({ text }: Came) => /^UNB(?:\+[^+]*){4}\+([^+']*)/.exec(text)![1]!
const number = ({ text }: Came) => /BGM\+[^+]*\+([^+]*)/.exec(text)![1]!
const contrl = (one: Came, action: string, n = '1') =>
  `UNH+${n}+CONTRL:4:1:UN'UCI+${reference(one)}+TESTHUB:ZZZ+TESTPORT:ZZZ+7'` +
  `UCM+${reference(one)}+CUSCAR:D:00B:UN+${action}'UNT+4+${n}'`
const interchange = (...messages: string[]) =>
  `UNB+UNOC:3+TESTPORT:ZZZ+TESTHUB:ZZZ+261123:1020+ANSWER${++serial}'` +
  `${messages.join('')}UNZ+${messages.length}+ANSWER${serial}'`
const said = (text: string) =>
  fetch(`${hub.url}/agency/gacc/receipts`, {
    method: 'POST',
    body: text,
    headers: { 'content-type': 'application/edifact', authorization: 'Bearer port-token' },
  })

test('a report is sent as CODECO, the same at every try, and one answer can hold two receipts of it', async () => {
  const report = arrivalReport()
  const aperak = (one: Came) =>
    `UNH+2+APERAK:D:00B:UN'BGM+312+OK1+11+AP'DTM+137:20261123102000:204'FTX+AAO+++IN ` +
    `HAND'RFF+ACW:${number(one)}'RFF+AGO:${reference(one)}'UNT+7+2'`
  next.push(
    () => [503, ''],
    (one) => [200, interchange(contrl(one, '7'), aperak(one))],
  )
  const { status, receipts } = await hub.send(report.xml)
  expect([status, receipts[0]!.documentType]).toEqual([202, 'MT3101'])
  const { messageId } = receipts[0]!
  const all = await hub.receiptsOf(messageId, (found) => found.filter(({ stage }) => stage === 'business').length === 2)
  expect(
    all
      .filter(({ stage }) => stage === 'business')
      .map(({ code, status: is, documentType, text }) => [code, is, documentType, text.zh]),
  ).toEqual([
    ['7', 'processing', 'MT3101', '语法正确，已接收'],
    ['AP', 'processing', 'MT3101', 'IN HAND'],
  ])
  const tries = came.filter(({ text }) => text.includes(report.number))
  expect(tries.map(({ type }) => type)).toEqual(['application/edifact', 'application/edifact'])
  expect(tries[0]!.text).toBe(tries[1]!.text)
  expect(tries[0]!.text).toMatch(
    /^UNB\+UNOW:4\+TESTHUB:ZZZ\+TESTPORT:ZZZ\+\d{8}:\d{4}\+[0-9A-Z]{14}\+\+\+\+1'UNH\+[0-9A-Z]{14}\+CODECO:D:00B:UN'BGM\+34\+/,
  )
  const forwarded = await hub.get(`/v1/messages/${messageId}/forwarded`)
  expect([forwarded.headers.get('content-type'), await forwarded.text()]).toEqual([
    'application/edifact',
    tries[0]!.text,
  ])
  expect(await (await hub.get(`/v1/messages/${messageId}/content`)).text()).toBe(report.xml)
})

test('a manifest is sent as CUSCAR, and a CUSRES days later is its approval', async () => {
  const sent = manifest()
  const { receipts } = await hub.send(sent.xml)
  const { messageId } = receipts[0]!
  await until('the CUSCAR to arrive', async () => came.some(({ text }) => text.includes(sent.number)))
  const one = came.find(({ text }) => text.includes(sent.number))!
  expect(one.text).toContain('CUSCAR:D:00B:UN')
  expect((await said(interchange(contrl(one, '7')))).status).toBe(202)
  expect(
    (
      await said(
        interchange(
          `UNH+1+CUSRES:D:00B:UN'BGM+962+R1+11+AP'DTM+137:20261125090000:204'RFF+ACW:${number(one)}'` +
            "RFF+ABT:222520261000000001'UNT+6+1'",
        ),
      )
    ).status,
  ).toBe(202)
  const all = await hub.receiptsOf(messageId, (found) => found.some(({ status }) => status === 'approved'))
  expect(all.find(({ status }) => status === 'approved')).toMatchObject({
    code: 'AP',
    agencyReference: '222520261000000001',
    documentType: 'MT1101',
    reference: receipts[0]!.reference,
  })
  expect(await hub.state(messageId)).toBe('approved')
})

test('a CONTRL that refuses the message refuses the manifest', async () => {
  next.push((one) => [200, interchange(contrl(one, '4'))])
  const { receipts } = await hub.send(manifest().xml)
  const all = await hub.receiptsOf(receipts[0]!.messageId, (found) => found.some(({ status }) => status === 'rejected'))
  expect(all.find(({ status }) => status === 'rejected')).toMatchObject({ code: '4', stage: 'business' })
})

test('what EDIFACT has no place for is told at its place in the XML before anything is filed', async () => {
  const { xml, number: own } = fresh('manifest/MT3101-2.xml')
  const { status, receipts } = await hub.send(xml)
  expect([status, receipts[0]!.code]).toEqual([422, 'HUB_SCHEMA_VIOLATION'])
  expect(receipts[0]!.faults[0]).toMatchObject({
    code: 'HUB_MAP_LOST',
    path: '/Manifest/Declaration/Consignment/TransportContractDocument/ID',
    value: 'TSTE250318001',
  })
  expect(came.some(({ text }) => text.includes(own))).toBe(false)
})

test('a document no mapping makes EDIFACT of goes as it is', async () => {
  const { xml, number: own } = fresh('manifest/MT4101-2.xml')
  expect((await hub.send(xml)).status).toBe(202)
  await until('it to arrive', async () => came.some(({ text }) => text.includes(own)))
  expect(came.find(({ text }) => text.includes(own))).toMatchObject({ type: 'application/xml', text: xml })
})

test('a carrier’s own EDIFACT reaches it in the form, addresses and number agreed with it', async () => {
  const { status, receipts } = await hub.send(sample('edifact/CUSCAR-D95B-import.edi'), { type: 'application/edifact' })
  expect([status, receipts[0]!.documentType]).toEqual([202, 'MT1101'])
  await until('it to arrive', async () => came.some(({ text }) => text.includes('CUS260137')))
  expect(came.find(({ text }) => text.includes('CUS260137'))!.text).toMatch(
    /^UNB\+UNOW:4\+TESTHUB:ZZZ\+TESTPORT:ZZZ\+.*CUSCAR:D:00B:UN'BGM\+785\+1101919999_CUS260137_CUS000001\+9'/,
  )
})

test('a hub killed between two tries, and told of another address since, sends what it sent before', async () => {
  const tried: string[] = []
  let open = false
  const peer = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      tried.push(Buffer.concat(chunks).toString())
      response.writeHead(open ? 202 : 503).end()
    })
  })
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void peer.close())
  const config = (recipient: string) => ({
    agencies: {
      gacc: {
        url: `http://127.0.0.1:${(peer.address() as AddressInfo).port}`,
        retrySeconds: [3],
        edifact: { sender: 'TESTHUB:ZZZ', recipient },
      },
    },
  })
  const first = await startHub({ config: config('TESTPORT:ZZZ') })
  const { receipts } = await first.send(arrivalReport().xml)
  // Between two tries, surely: one cut short in the middle would be in doubt, and not made again.
  await until('a first try that is over', async () => {
    const { submissions } = await first.ops<{ submissions: { state: string; attempts: { outcome?: string }[] }[] }>(
      `/ops/messages/${receipts[0]!.messageId}`,
    )
    return submissions[0]!.state === 'queued' && submissions[0]!.attempts.at(-1)?.outcome === 'retry'
  })
  await first.stop('SIGKILL')
  const before = tried.length
  const second = await startHub({ dataDir: first.dataDir, config: config('OTHERPORT:ZZZ') })
  await until('a try of the new process', async () => tried.length > before)
  open = true
  await until('the agency to have it', async () => (await second.state(receipts[0]!.messageId)) === 'submitted')
  expect(new Set(tried).size).toBe(1)
  const { xml } = arrivalReport()
  await second.send(xml)
  await until('the next one', async () => tried.at(-1)!.includes('OTHERPORT'))
})

test('one that exchanges files finds the interchange in its folder and puts its answers there', async () => {
  const root = await tempDir('port')
  const box = (name: string) => join(root, 'Ports', name)
  for (const name of ['OutBox', 'InBox', 'SentBox']) await mkdir(box(name), { recursive: true })
  const edifact = { sender: 'TESTHUB:ZZZ', recipient: 'TESTPORT:ZZZ', syntax: 'UNOA:3', charset: 'gbk' }
  const own = await startHub({
    config: {
      agencies: {
        gacc: {
          connector: 'folder',
          root,
          folders: { MT3101: 'Ports' },
          pollSeconds: 0.05,
          settleSeconds: 0.1,
          edifact,
        },
      },
    },
  })
  const report = arrivalReport()
  const { receipts } = await own.send(report.xml)
  await until('the file', async () => (await readdir(box('OutBox'))).some((name) => name.endsWith('.edi')))
  const [file] = (await readdir(box('OutBox'))).filter((name) => name.endsWith('.edi'))
  const text = new TextDecoder('gb18030').decode(await readFile(join(box('OutBox'), file!)))
  expect(text).toContain('FTX+AAI+++测试报文')
  await rename(join(box('OutBox'), file!), join(box('SentBox'), file!))
  const one = { type: '', text, submission: '' }
  const answer = interchange(
    contrl(one, '7'),
    `UNH+2+APERAK:D:00B:UN'BGM+313+NO1+11+RE'RFF+AGO:${reference(one)}'UNT+4+2'`,
  )
  await writeFile(join(box('InBox'), 'answer.edi'), answer)
  const all = await own.receiptsOf(receipts[0]!.messageId, (found) => found.some(({ status }) => status === 'rejected'))
  expect(all.filter(({ stage }) => stage === 'business').map(({ code }) => code)).toEqual(['7', 'RE'])
})
