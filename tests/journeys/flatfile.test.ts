// Port flat files: terminals and agents send them as they are; customs gets what it takes, and answers reach the
// sender.
import { readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { root, samplePath, type RunningHub } from '../support/hub.js'
import { commonHub } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'

let hub: RunningHub
beforeAll(async () => {
  const shared = await commonHub()
  hub = shared.hub
  return shared.remove
})

const sample = (name: string) => readFileSync(join(root, 'xsd/families/flatfile/samples', `${name}.txt`))
const send = (bytes: Buffer, operation?: string) =>
  hub.send(bytes, { type: 'text/plain', ...(operation === undefined ? {} : { operation }) })

test('a bay plan in GBK reaches three authorities as it came, and their answers are read', async () => {
  const { status, receipts } = await send(sample('BAPLIE-gbk'))
  expect([status, receipts[0]!.code, receipts[0]!.operation, receipts[0]!.reference]).toEqual([
    202,
    'HUB_ACCEPTED',
    '3.1.2.2.1',
    '026W',
  ])
  const { messageId } = receipts[0]!
  const all = await hub.receiptsOf(messageId, (found) => found.filter((r) => r.status === 'approved').length === 3)
  expect(new Set(all.filter((r) => r.stage === 'business').map((r) => r.agency))).toEqual(
    new Set(['mps', 'mot', 'gacc']),
  )
  expect(
    Buffer.from(await (await hub.get(`/v1/messages/${messageId}/forwarded`)).arrayBuffer()).equals(
      sample('BAPLIE-gbk'),
    ),
  ).toBe(true)
})

test('a manifest file is filed with customs as MT1101, and its receipts are those of MT1101', async () => {
  const { status, receipts } = await send(sample('IFCSUM-gbk'), '2.1.12.1.1')
  expect([status, receipts[0]!.code, receipts[0]!.documentType]).toEqual([202, 'HUB_ACCEPTED', 'MT1101'])
  const { messageId } = receipts[0]!
  await hub.receiptsOf(messageId, (found) => found.some((r) => r.stage === 'business'))
  expect(
    Buffer.from(await (await hub.get(`/v1/messages/${messageId}/content`)).arrayBuffer()).equals(sample('IFCSUM-gbk')),
  ).toBe(true)
  const forwarded = await hub.get(`/v1/messages/${messageId}/forwarded`)
  expect(await forwarded.text()).toContain('<MessageType>MT1101</MessageType>')
})

test('its sender reads what customs says of it as a flat file', async () => {
  const bytes = Buffer.from(sample('COARRI-gbk').toString('latin1').replace('202611230915', '20261123091501'), 'latin1')
  const { receipts } = await send(bytes)
  const all = await hub.receiptsOf(receipts[0]!.messageId, (found) => found.some((r) => r.stage === 'business'))
  const business = all.find((r) => r.stage === 'business')!
  const answer = await fetch(`${hub.url}/v1/receipts/${business.receiptId}`, {
    headers: { authorization: `Bearer ${hub.env.HUB_KEY}`, accept: 'text/plain' },
  })
  const lines = new TextDecoder('gb18030').decode(await answer.arrayBuffer()).split('\r\n')
  expect(lines[0]).toMatch(/^00:COARRI:DISCHARGE REPORT:9:CNTESTPORT:TESTCARRIER:\d{12}'$/)
  expect(lines[1]!.split(':').slice(0, 2)).toEqual(['90', expect.stringMatching(/^[345]$/) as string])
  expect(lines[1]).toContain(
    `:${receipts[0]!.messageId}:CN_MT5101_1p0_TESTCARRIER_20261123091501000:20261123091501:gacc:`,
  )
  expect(lines[2]).toBe("99:3'")
})

test('a file that is wrong is refused at the sender’s own records and fields', async () => {
  const { status, receipts } = await send(sample('invalid/IFCSUM-status'))
  expect([status, receipts[0]!.status, receipts[0]!.faults.map((f) => [f.code, f.path])]).toEqual([
    422,
    'refused',
    [['HUB_FLAT_VALUE', '51(13):6']],
  ])
})

test('the same file sent twice is filed once', async () => {
  const first = await send(sample('COSTRP-gbk'))
  const again = await send(sample('COSTRP-gbk'))
  expect([first.status, again.status, again.receipts[0]!.messageId]).toEqual([202, 200, first.receipts[0]!.messageId])
})

test('who asks for text is answered at once as a flat file, taken or not', async () => {
  const asText = (bytes: Buffer) =>
    fetch(`${hub.url}/v1/messages`, {
      method: 'POST',
      body: new Uint8Array(bytes),
      headers: { authorization: `Bearer ${hub.env.HUB_KEY}`, 'content-type': 'text/plain', accept: 'text/plain' },
    })
  const read = async (answer: Response) => new TextDecoder('gb18030').decode(await answer.arrayBuffer()).split('\r\n')
  const file = Buffer.from(sample('COSTRP-gbk').toString('latin1').replace('20261123', '20261124'), 'latin1')
  const taken = await asText(file)
  expect(taken.status).toBe(202)
  const lines = await read(taken)
  expect(lines[0]).toMatch(/^00:COSTRP:/)
  expect(lines[1]).toMatch(/^90:1:HUB_ACCEPTED:[^:]+:msg_/)
  const again = await read(await asText(file))
  expect(again[1]!.split(':')[4]).toBe(lines[1]!.split(':')[4])
  const refused = await asText(sample('invalid/IFCSUM-status'))
  expect(refused.status).toBe(422)
  const [, result, fault, end] = await read(refused)
  expect([result!.split(':').slice(0, 2), fault!.split(':').slice(0, 5), end]).toEqual([
    ['90', '6'],
    ['91', '13', '51', '6', 'HUB_FLAT_VALUE'],
    "99:4'",
  ])
})

test('over SFTP the receipt lies in InBox in both forms; a faulty file is in FailBox', async () => {
  const dir = await tempDir('flat')
  await writeFile(
    join(dir, 'plan.txt'),
    Buffer.from(sample('BAPLIE-gbk').toString('latin1').replace('20261123', '20261125'), 'latin1'),
  )
  await writeFile(join(dir, 'wrong.txt'), sample('invalid/IFCSUM-status'))
  const { stdout } = await hub.sftp(
    `put ${join(dir, 'plan.txt')} OutBox/plan.txt\nput ${join(dir, 'wrong.txt')} OutBox/wrong.txt\nls ` +
      `SentBox\nls FailBox\nls InBox\n`,
  )
  expect(stdout).toContain('SentBox/plan.txt')
  expect(stdout).toContain('FailBox/wrong.txt')
  expect(stdout).toMatch(/InBox\/Successed_plan_\d+\.xml/)
  const names = {
    plan: /InBox\/Successed_plan_\d+\.txt/.exec(stdout)![0],
    wrong: /InBox\/Failed_wrong_\d+\.txt/.exec(stdout)![0],
  }
  await hub.sftp(`get ${names.plan} ${join(dir, 'plan.receipt')}\nget ${names.wrong} ${join(dir, 'wrong.receipt')}\n`)
  const read = async (name: string) => new TextDecoder('gb18030').decode(await readFile(join(dir, name))).split('\r\n')
  expect((await read('plan.receipt'))[1]).toMatch(/^90:1:HUB_ACCEPTED:/)
  expect((await read('wrong.receipt'))[2]).toMatch(/^91:13:51:6:HUB_FLAT_VALUE:/)
})

test('a listing shows a person the fault under its record, and records nothing', async () => {
  const answer = await fetch(`${hub.url}/v1/validate`, {
    method: 'POST',
    body: new Uint8Array(sample('invalid/IFCSUM-status')),
    headers: { authorization: `Bearer ${hub.env.HUB_KEY}`, 'content-type': 'text/plain', accept: 'text/plain' },
  })
  expect(answer.status).toBe(422)
  const listing = await answer.text()
  expect(listing).toMatch(/\n {3}13 51 {2}箱信息 Container[^✗]*\n {4}✗ 51\(13\):6 {2}\[HUB_FLAT_VALUE/)
  const { stdout, code } = await hub.cli('validate', samplePath('flatfile/invalid/IFCSUM-status.txt'))
  expect(code).toBe(2)
  expect(stdout).toContain(listing.trim().split('\n').at(-1))
  expect((await hub.cli('validate', samplePath('flatfile/BAPLIE-gbk.txt'))).stdout).toContain('File 文件  BAPLIE')
})
