// The HTTP connector keeps the contract of connectors, and is exact about what only HTTP can do to it.
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { withDefaults } from '../../adapters/connectors/kind.js'
import { http } from '../../adapters/connectors/http/kind.js'
import {
  createHttpConnector,
  headerValue,
  type HttpConnectorParts,
} from '../../adapters/connectors/http/http-connector.js'
import { multipartBody } from '../../adapters/multipart-body.js'
import { startSimulator, type Simulator } from '../../adapters/simulator/start.js'
import { samplePath } from '../support/hub.js'
import { freePort } from '../support/neighbours.js'
import { connectorContract } from './connector.js'
import { isReceipt, simulatedAgency, simulatedMessage } from './simulated-agency.js'

const root = join(import.meta.dirname, '../..')
const message = simulatedMessage

let simulator: Simulator
let nowhere: number
beforeAll(async () => {
  nowhere = await freePort()
  simulator = await startSimulator({
    callback: `http://127.0.0.1:${nowhere}/agency/{agency}/receipts`,
    token: 'test',
    families: join(root, 'xsd/families'),
  })
})
afterAll(() => simulator.stop('SIGKILL'))

/** What a hub says where hub.yaml names the address alone, and that it may be asked. */
const { messagesPath, statusPath } = withDefaults(http, {})
const usual = { messagesPath, statusPath, statusQuery: true, isReceipt }

connectorContract('http', () =>
  simulatedAgency({
    url: simulator.url,
    connect: (deadlineMs) => createHttpConnector({ ...usual, url: `${simulator.url}/gacc`, deadlineMs }),
    connectNowhere: () =>
      createHttpConnector({ ...usual, url: `http://127.0.0.1:${nowhere}/gacc`, deadlineMs: 30_000 }),
    connectTo: (url) => createHttpConnector({ ...usual, url, deadlineMs: 30_000 }),
  }),
)

const never = new AbortController().signal

/** A server that does what the test says with each request. */
async function agency(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createHttpServer((request, response) => request.resume().on('end', () => handle(request, response)))
  return listening(server)
}
async function listening(server: ReturnType<typeof createHttpServer> | ReturnType<typeof createTcpServer>) {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => sockets.add(socket).size && socket.on('error', () => {}))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.close()
    sockets.forEach((socket) => socket.destroy())
  })
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/x/`
}
function connect(url: string, over: Partial<HttpConnectorParts> = {}) {
  const connector = createHttpConnector({ ...usual, url, deadlineMs: 10_000, ...over })
  onTestFinished(() => connector.close())
  return connector
}

describe('over HTTP', () => {
  test('the request says who sends what, without touching a byte of it', async () => {
    let seen: { method?: string | undefined; url?: string | undefined; headers: IncomingMessage['headers'] } | undefined
    const url = await agency((request, response) => {
      seen = { method: request.method, url: request.url, headers: request.headers }
      response.writeHead(204).end()
    })
    const sent = message('CEB311Message-gbk', { documentType: 'CEB311Message', reference: '单证 1%' })
    expect(await connect(url, { token: 'secret', headers: { 'X-Port': '2244' } }).send(sent, never)).toEqual({
      outcome: 'taken',
    })
    expect(seen).toMatchObject({
      method: 'POST',
      url: '/x/messages',
      headers: {
        'content-type': 'application/xml',
        'content-length': String(sent.bytes.length),
        authorization: 'Bearer secret',
        'x-port': '2244',
        'x-submission-id': sent.submissionId,
        'idempotency-key': sent.submissionId,
        'x-operation': '10.1.3.1.1',
        'x-document-type': 'CEB311Message',
        'x-reference': '%E5%8D%95%E8%AF%81%201%25',
      },
    })
    expect(decodeURIComponent(headerValue('A\r\nX: 1 \ud800'))).toBe('A\r\nX: 1 \ufffd')
  })

  test('a kept connection that breaks as the next message is written leaves that message in doubt', async () => {
    let requests = 0
    const url = await agency((request, response) => {
      if (++requests === 1) response.writeHead(202).end()
      else request.socket.resetAndDestroy()
    })
    const connector = connect(url)
    expect(await connector.send(message('CEB621Message'), never)).toEqual({ outcome: 'taken' })
    expect(await connector.send(message('CEB621Message'), never)).toMatchObject({
      outcome: 'ambiguous',
      code: 'HUB_AGENCY_CUT',
    })
    expect(requests).toBe(2)
  })

  test('an idle connection is not used again: an agency that closes it puts nothing in doubt', async () => {
    const sockets = new Set<Socket>()
    const url = await agency((request, response) => {
      sockets.add(request.socket)
      response.writeHead(202).end()
    })
    const connector = connect(url)
    await connector.send(message('CEB621Message'), never)
    await new Promise<void>((closed) => [...sockets][0]!.once('close', () => closed()))
    expect(await connector.send(message('CEB621Message'), never)).toEqual({ outcome: 'taken' })
    expect(sockets.size).toBe(2)
  })

  test('an answer that is cut or too large leaves the message in doubt, and so does a cut refusal', async () => {
    let status = 200
    const url = await agency((request, response) => {
      response.writeHead(status, { 'content-length': '1000' })
      response.write('<half')
      setTimeout(() => request.socket.destroy(), 20)
    })
    const connector = connect(url)
    expect(await connector.send(message('CEB621Message'), never)).toMatchObject({
      outcome: 'ambiguous',
      code: 'HUB_AGENCY_CUT',
      detail: expect.stringContaining('200') as string,
    })
    status = 400
    expect(await connector.send(message('CEB621Message'), never)).toMatchObject({
      outcome: 'ambiguous',
      code: 'HUB_AGENCY_CUT',
    })

    const large = await agency((_, response) => response.writeHead(200).end(Buffer.alloc(4 * 1024 * 1024 + 1)))
    expect(await connect(large).send(message('CEB621Message'), never)).toMatchObject({
      outcome: 'ambiguous',
      detail: expect.stringContaining('larger') as string,
    })
  })

  test('what is under way is finished when the hub stops', async () => {
    const stop = new AbortController()
    const url = await agency((_, response) => {
      stop.abort()
      setTimeout(() => response.writeHead(202).end(), 200)
    })
    const sending = connect(url).send(message('CEB621Message'), stop.signal)
    expect(await sending).toEqual({ outcome: 'taken' })
  })

  test('what the agency says has one meaning, by the default rules', async () => {
    let answer: { status: number; headers?: Record<string, string>; body?: string | Buffer } = { status: 202 }
    const url = await agency((_, response) => response.writeHead(answer.status, answer.headers).end(answer.body))
    const connector = connect(url)
    const inAMinute = new Date(Date.now() + 60_000).toUTCString()
    const text = { 'content-type': 'text/plain; charset=utf-8' }
    const receipt = readFileSync(samplePath('ceb/CEB312Message.xml'))
    const cases: [typeof answer, object][] = [
      [
        { status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, body: receipt },
        { outcome: 'taken', answer: { mediaType: 'text/xml; charset=utf-8', bytes: receipt } },
      ],
      [{ status: 202 }, { outcome: 'taken' }],
      [{ status: 204 }, { outcome: 'taken' }],
      [{ status: 409, headers: { 'x-already-taken': 'true' } }, { outcome: 'taken' }],
      [
        { status: 409, headers: text, body: 'other content' },
        { outcome: 'permanent', code: 'HUB_AGENCY_REFUSED', detail: 'HTTP 409: other content' },
      ],
      [{ status: 422, headers: { 'content-type': 'application/xml' }, body: receipt }, { outcome: 'permanent' }],
      [
        { status: 503, headers: { 'retry-after': inAMinute } },
        {
          outcome: 'transient',
          code: 'HUB_AGENCY_BUSY',
          retryAfterSeconds: expect.toSatisfy((s: number) => s > 50 && s <= 60) as number,
        },
      ],
      [
        { status: 503, headers: { 'retry-after': 'soon' } },
        { outcome: 'transient', code: 'HUB_AGENCY_BUSY', detail: 'HTTP 503' },
      ],
      [
        { status: 503, headers: { 'retry-after': '86400' } },
        { outcome: 'transient', code: 'HUB_AGENCY_BUSY', retryAfterSeconds: 900 },
      ],
      [
        { status: 429, headers: { 'retry-after': '7' } },
        { outcome: 'transient', code: 'HUB_AGENCY_BUSY', retryAfterSeconds: 7 },
      ],
      [{ status: 401 }, { outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE', detail: 'HTTP 401' }],
      [{ status: 500 }, { outcome: 'ambiguous', code: 'HUB_AGENCY_FOREIGN' }],
      [
        { status: 502, body: '<html>bad gateway</html>' },
        { outcome: 'ambiguous', code: 'HUB_AGENCY_FOREIGN', detail: 'HTTP 502: <html>bad gateway</html>' },
      ],
    ]
    for (const [given, expected] of cases) {
      answer = given
      expect(await connector.send(message('CEB621Message'), never), `HTTP ${given.status}`).toMatchObject(expected)
    }
    answer = { status: 500 }
    expect(await connector.query!('sub_1', never)).toBe('unknown')
    expect(await connect(`http://127.0.0.1:${nowhere}`).query!('sub_1', never)).toBe('unknown')
  })

  test('an agency’s own form of answers, with its numbers, is described by data alone', async () => {
    let answer: { status: number; type?: string; body?: string } = { status: 200 }
    const url = await agency((_, response) =>
      response.writeHead(answer.status, { 'content-type': answer.type ?? 'application/json' }).end(answer.body),
    )
    const connector = connect(url, {
      answerRules: {
        taken: [
          {
            status: 200,
            type: 'application/json',
            pattern: '"code":\\s*0\\b',
            number: '"no":\\s*"(\\w+)"',
            key: 'seqNo',
          },
        ],
        refused: [{ status: 200, type: 'application/json', pattern: '"code":\\s*[1-9]' }],
        duplicate: [{ status: 200, pattern: '重复申报', number: '编号(\\w+)', key: 'seqNo' }],
        busy: [{ status: 503, type: 'text/html', pattern: '系统维护' }],
      },
      statusRules: { notTaken: [{ status: 200, root: 'None', pattern: '{id}' }] },
    })
    const cases: [typeof answer, object][] = [
      [
        { status: 200, body: '{"code": 0, "no": "I1"}' },
        { outcome: 'taken', learn: [{ name: 'seqNo', value: 'I1' }] },
      ],
      [{ status: 200, body: '{"code": 7}' }, { outcome: 'permanent' }],
      [
        { status: 200, body: '{"code": 7, "text": "重复申报，编号I2"}' },
        { outcome: 'duplicate', learn: [{ name: 'seqNo', value: 'I2' }] },
      ],
      [
        { status: 503, type: 'text/html', body: '<html>系统维护</html>' },
        { outcome: 'transient', code: 'HUB_AGENCY_BUSY' },
      ],
      [{ status: 202, body: '' }, { outcome: 'ambiguous' }],
      [{ status: 200, body: '{"error": "x"}' }, { outcome: 'ambiguous' }],
    ]
    for (const [given, expected] of cases) {
      answer = given
      expect(await connector.send(message('CEB621Message'), never), given.body).toMatchObject(expected)
    }
    answer = { status: 200, type: 'application/xml', body: '<None>sub_9</None>' }
    expect(await connector.query!('sub_9', never)).toBe('not-taken')
    expect(await connector.query!('sub_8', never)).toBe('unknown')
  })

  test('without a connection nothing was sent: no such host, no TLS, no time, no permission', async () => {
    const silent = await listening(createTcpServer(() => {}))
    const stop = new AbortController()
    const plain = await agency((_, response) => response.end())
    const tls = silent.replace('http:', 'https:')
    setTimeout(() => stop.abort(), 100)
    const results = await Promise.all([
      connect('http://agency.invalid').send(message('CEB621Message'), never),
      connect(tls, { deadlineMs: 300 }).send(message('CEB621Message'), never),
      connect(plain.replace('http:', 'https:')).send(message('CEB621Message'), never),
      connect(tls).send(message('CEB621Message'), stop.signal),
      connect('http://127.0.0.1:1', { headers: { 'X-Bad': 'a\nb' } }).send(message('CEB621Message'), never),
    ])
    for (const result of results) expect(result).toMatchObject({ outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE' })
    expect(await connect(silent, { deadlineMs: 2_000 }).send(message('CEB621Message'), never)).toMatchObject({
      outcome: 'ambiguous',
      code: 'HUB_AGENCY_TIMEOUT',
    })
  })

  test('an address that is none is refused when the hub starts', () => {
    expect(() => createHttpConnector({ ...usual, url: 'agency', deadlineMs: 1000, statusQuery: false })).toThrow(
      TypeError,
    )
    expect(() => createHttpConnector({ ...usual, url: 'ftp://agency', deadlineMs: 1000, statusQuery: false })).toThrow(
      'neither http nor https',
    )
    expect(
      'query' in createHttpConnector({ ...usual, url: 'http://127.0.0.1:1', deadlineMs: 1000, statusQuery: false }),
    ).toBe(false)
  })
})

test('a message that holds the boundary of its own form gets another one', () => {
  const part = (bytes: Buffer) => [{ name: 'message' as const, fileName: 'm.xml', mediaType: 'application/xml', bytes }]
  const first = multipartBody(part(Buffer.from('<a/>')), 'sub_1')
  const boundary = first.contentType.split('=')[1]!
  expect(multipartBody(part(Buffer.from('<a/>')), 'sub_1').body.equals(first.body)).toBe(true)
  expect(multipartBody(part(Buffer.from(`\r\n--${boundary}\r\n`)), 'sub_1').contentType).not.toBe(first.contentType)
})
