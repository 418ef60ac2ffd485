// An agency that answers a question with what is no answer to it: the asker does not wait beyond the deadline, and is
// not shown what somebody else asked for.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { sample, type RunningHub } from '../support/hub.js'
import { sharedHub } from '../support/shared-hub.js'

let hub: RunningHub
/** What the agency says to the next question, which it is given. */
let say: (question: string) => string = () => ''

const isQuestion = (message: string) => message.includes('<FunctionCode>13<')

beforeAll(async () => {
  const agency = createServer((request, response) => {
    let question = ''
    request.setEncoding('utf8').on('data', (some: string) => (question += some))
    request.on('end', () =>
      response.writeHead(200, { 'content-type': 'application/xml' }).end(isQuestion(question) ? say(question) : ''),
    )
  })
  await new Promise<void>((resolve) => agency.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(agency.address() as AddressInfo).port}`
  const shared = await sharedHub({
    config: {
      queries: { httpSeconds: 2 },
      agencies: { gacc: { url, queries: { answeredBy: 'both', operations: { '19.1.3.1.1': 'agency' } } } },
    },
  })
  hub = shared.hub
  return async () => {
    await shared.remove()
    agency.closeAllConnections()
    agency.close()
  }
})

interface Answer {
  messageId: string
  status: string
  code?: string
  note?: string
  page?: object
  rows?: { source: string; entryId?: string; licenceNumber?: string }[]
}
const ask = async (address: string) => (await (await hub.get(`/v1/queries/${address}`)).json()) as Answer

/** A result with one row, as the agency would give it to whoever asked `original`. */
const result = (question: string, query: string, system: string, original: string, row: string) =>
  `<${query}Result xmlns="urn:singlewindow:${system}:${query}Result:1"><Head><MessageID>ANSWER-1</MessageID>` +
  `<FunctionCode>11</FunctionCode><MessageType>${query}Result</MessageType><SenderID>GACC</SenderID>` +
  `<ReceiverID>${/<SenderID>([^<]*)/.exec(question)![1]}</ReceiverID><SendTime>2026-06-01T09:00:00</SendTime>` +
  `<Version>1.0</Version></Head><OriginalMessageID>${original}</OriginalMessageID><AsOf>2026-06-01T09:00:00</AsOf>` +
  '<Page><Number>1</Number><Size>20</Size><Total>1</Total></Page>' +
  `<Row><Source>agency</Source><AsOf>2026-06-01T09:00:00</AsOf>${row}</Row></${query}Result>`
const entry = '<EntryId>224820261000000451</EntryId>'
const own = (question: string) => /<MessageID>([^<]*)/.exec(question)![1]!

test('an answer to the question is given at once', async () => {
  say = (question) => result(question, 'DeclarationQuery', '1.1', own(question), entry)
  expect(await ask('1.1.7.1.1?wait=20')).toMatchObject({
    status: 'answered',
    rows: [{ source: 'agency', entryId: '224820261000000451' }],
  })
})

test.each([
  ['a page of a proxy', () => '<html><body>502 Bad Gateway</body></html>'],
  ['a message of a kind nobody knows', () => '<Taken xmlns="urn:test:agency"><Number>1</Number></Taken>'],
  ['nothing that can be read', () => '\u0000\u0001 not XML <'],
  [
    'the answer to another’s question',
    (question: string) => result(question, 'DeclarationQuery', '1.1', 'ANOTHERS-1', entry),
  ],
])('%s: at the deadline the asker is told what the hub knows', async (_, said) => {
  say = said
  const { status, note, rows } = await ask('1.1.7.1.1?wait=20')
  expect([status, rows]).toEqual(['answered', []])
  expect(note).toContain('gacc 未在期限内答复')
})

test('what the hub adds to all the authority has stands on the first page, whatever its size', async () => {
  for (const n of [1, 2, 3]) {
    const own = sample('dec/DecMessage.xml')
      .toString()
      .replace(/(ClientSeqNo>)[^<]*/, `$1PAGED00000${n}`)
    expect((await hub.send(own)).status).toBe(202)
  }
  say = (question) => result(question, 'DeclarationQuery', '1.1', own(question), entry)
  const { page, rows } = await ask('1.1.7.1.1?size=2&wait=20')
  expect(rows!.map(({ source }) => source)).toEqual(['agency', 'hub', 'hub', 'hub'])
  expect(page).toEqual({ number: 1, size: 2, total: 4 })
})

test('where the agency alone answers, the asker is told that nothing came', async () => {
  say = (question) =>
    result(question, 'MobileLicenceStatusQuery', '19.1', 'ANOTHERS-2', '<LicenceNumber>ANOTHERS</LicenceNumber>')
  const answer = await ask('19.1.3.1.1?wait=20')
  expect([answer.status, answer.code, answer.rows]).toEqual(['failed', 'HUB_QUERY_EXPIRED', undefined])
  const message = await hub.read<{ state: string; receipts: unknown[] }>(`/v1/messages/${answer.messageId}`)
  expect([message.state, JSON.stringify(message.receipts).includes('ANOTHERS')]).toEqual(['failed', false])
})
