// What EDIFACT systems and people are told: refusals and receipts as CUSRES and APERAK, a listing with the faults in
// place.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { readInterchanges } from '../../messages/edifact/reader.js'
import { checkMessage } from '../../messages/edifact/check-message.js'
import { directories } from '../support/edifact.js'
import { root, type RunningHub } from '../support/hub.js'
import { commonHub } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'

let hub: RunningHub
beforeAll(async () => {
  const shared = await commonHub()
  hub = shared.hub
  return shared.remove
})

const arrival = (number: string, { port = 'CNSHA', date = '132', reference = '1' } = {}) =>
  `UNH+${reference}+CUSREP:D:96B:UN'BGM+185+${number}+9'DTM+${date}:202612010800:203'LOC+60+${port}'` +
  `TDT+20+026E+1++CARRIER:172:20+++9990003::11:TEST OCEAN:LR'UNT+6+${reference}'`
const interchange = (reference: string, ...messages: string[]) =>
  `UNA:+.? 'UNB+UNOA:2+TESTCARRIER:ZZ+SWHUB:ZZ+261123:0900+${reference}'` +
  `${messages.join('')}UNZ+${messages.length}+${reference}'`
const post = (path: string, body: string, accept: string) =>
  fetch(`${hub.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.env.HUB_KEY}`, 'content-type': 'application/edifact', accept },
    body,
  })

/** Every interchange of an answer: its message's type and BGM or UCI, held to its directory. */
function told(text: string): string[] {
  return readInterchanges(Buffer.from(text)).flatMap(({ end, messages }) => {
    expect(end.faults).toEqual([])
    return messages.map((message) => {
      expect(checkMessage(message, directories()).errors).toBe(0)
      return `${message.id.type} ${message.segments[1]!.elements.at(-1)![0]![0]}`
    })
  })
}

test('a message refused for its number alone is acknowledged and refused in one answer', async () => {
  const first = await post('/v1/messages', interchange('ANS0001', arrival('ANS-1')), 'application/edifact')
  expect([first.status, told(await first.text())]).toEqual([202, ['CONTRL 7']])
  const other = await post(
    '/v1/messages',
    interchange('ANS0002', arrival('ANS-1', { port: 'CNNGB' }), arrival('ANS-2', { reference: '2' })),
    'application/edifact',
  )
  const answer = await other.text()
  expect([other.status, told(answer)]).toEqual([207, ['CONTRL 7', 'CUSRES RE']])
  expect(answer).toContain("RFF+ACW:ANS-1'RFF+AGO:1'")
  expect(answer).toContain('HUB-REFERENCE-CONFLICT')
})

test('what an authority says of it is read as CUSRES by its sender, whatever the authority wrote', async () => {
  const sent = (await (
    await post('/v1/messages', interchange('ANS0003', arrival('ANS-3')), 'application/json')
  ).json()) as { receipts: { messageId: string }[] }
  const receipts = await hub.receiptsOf(sent.receipts[0]!.messageId, (found) =>
    found.some((r) => r.status === 'approved'),
  )
  const approved = receipts.find((r) => r.status === 'approved')!
  const answer = await fetch(`${hub.url}/v1/receipts/${approved.receiptId}`, {
    headers: { authorization: `Bearer ${hub.env.HUB_KEY}`, accept: 'application/edifact' },
  })
  const text = await answer.text()
  expect([answer.headers.get('content-type'), told(text)]).toEqual(['application/edifact', ['CUSRES AP']])
  expect(text).toMatch(/^UNA:\+\.\? 'UNB\+UNOA:2\+SWHUB:ZZ\+TESTCARRIER:ZZ\+.*RFF\+ACW:ANS-3'/)
})

test('a listing shows a person the fault under its segment, and records nothing', async () => {
  const text = interchange('ANS0004', arrival('ANS-4'), arrival('ANS-5', { date: 'ZZZZ', reference: '2' }))
  const listing = await post('/v1/validate', text, 'text/plain')
  const shown = await listing.text()
  expect([listing.status, listing.headers.get('content-type')]).toEqual([207, 'text/plain; charset=utf-8'])
  expect(shown).toMatch(/Message 2 [^]* 3 DTM[^]*✗ DTM\(3\)\+1:1 {2}\[HUB_EDI_LENGTH 0085=39 [^]* 4 LOC/)
  const file = join(await tempDir('listing'), 'arrival.edi')
  await writeFile(file, text)
  const { code, stdout } = await hub.cli('validate', file)
  expect([code, stdout.includes(shown.slice(0, shown.indexOf('合计')))]).toEqual([2, true])
  expect(stdout).toContain('HUB_EDI_REFUSED')
  const { messages } = (await (await hub.get('/v1/messages?reference=ANS-4')).json()) as { messages: unknown[] }
  expect(messages).toEqual([])
  expect(await readFile(file, 'utf8')).toBe(text)
})

test('a sender of flat files reads the receipt as a flat file', async () => {
  const file = await readFile(join(root, 'xsd/families/flatfile/samples/CTNJJD-gbk.txt'))
  const { receipts } = await hub.send(file, { type: 'text/plain' })
  const answer = await hub.get(`/v1/receipts/${receipts[0]!.receiptId}`, { accept: 'text/plain' })
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
  expect(Buffer.from(await answer.arrayBuffer()).toString('latin1')).toMatch(
    /^00:CTNJJD:[^]*90:1:HUB_ACCEPTED:[^]*99:3'/,
  )
})
