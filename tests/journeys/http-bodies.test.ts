// What arrives in one HTTP request: several messages in one form, malformed forms, media types, methods, and what the
// caller likes to read.
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import type { Receipt } from '../../messages/receipt.js'
import { sample, type RunningHub } from '../support/hub.js'
import { rawHttp, type RawAnswer } from '../support/raw-http.js'
import { Random, seedOf } from '../support/seeded.js'
import { zipOf } from '../support/zip.js'
import { commonHub } from '../support/shared-hub.js'

let hub: RunningHub
beforeAll(async () => {
  const shared = await commonHub()
  hub = shared.hub
  return shared.remove
})

/** The order sample with references of its own. */
const order = () =>
  sample('ceb/CEB311Message.xml')
    .toString()
    .replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, () => crypto.randomUUID().toUpperCase())
    .replace(/<((?:ceb:)?orderNo)>[^<]*</, (_, name: string) => `<${name}>${crypto.randomUUID().slice(0, 18)}<`)

const key = (): [string, string] => ['Authorization', `Bearer ${hub.env.HUB_KEY}`]

/** A form as bytes: each part is its headers and its content. */
const form = (parts: [string, Buffer | string][], { boundary = 'XbX', end = true } = {}) =>
  Buffer.concat([
    ...parts.map(([headers, content]) =>
      Buffer.concat([Buffer.from(`--${boundary}\r\n${headers}\r\n\r\n`), Buffer.from(content), Buffer.from('\r\n')]),
    ),
    Buffer.from(end ? `--${boundary}--\r\n` : ''),
  ])
const disposition = (name: string, filename?: string) =>
  `Content-Disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}`

const post = (body: Buffer | string, contentType: string | undefined, more: [string, string][] = []) =>
  rawHttp(hub.url, {
    path: '/v1/messages',
    headers: [
      key(),
      ...(contentType === undefined ? [] : [['Content-Type', contentType] as [string, string]]),
      ...more,
    ],
    body,
  })
const postForm = (body: Buffer | string) => post(body, 'multipart/form-data; boundary=XbX')
const receiptsOf = ({ text }: RawAnswer) => (JSON.parse(text) as { receipts: Receipt[] }).receipts
const problemOf = ({ text }: RawAnswer) =>
  JSON.parse(text) as { code: string; text: { en: string }; remedy: { en: string; zh: string } }

async function zipped(files: Record<string, string>): Promise<Buffer> {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name)
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

test('two parts named message are two messages with two receipts, whether they are files or plain fields', async () => {
  const [one, two] = [order(), order()]
  for (const body of [
    form([
      [disposition('message', 'a.xml'), one],
      [disposition('message', 'b.xml'), two],
    ]),
    form([
      [disposition('message'), order()],
      [disposition('message'), order()],
    ]),
  ]) {
    const answer = await postForm(body)
    expect(answer.status).toBe(207)
    const receipts = receiptsOf(answer)
    expect(receipts.map(({ status }) => status)).toEqual(['accepted', 'accepted'])
    expect(new Set(receipts.map(({ messageId }) => messageId)).size).toBe(2)
  }
  expect((await post(one, 'application/xml')).headers.get('x-duplicate')).toBe('true')
  expect((await post(two, 'application/xml')).headers.get('x-duplicate')).toBe('true')
})

test('each of several messages in one form is judged alone: empty, broken, a zip, or a repeat', async () => {
  const same = order()
  const answer = await postForm(
    form([
      [disposition('message', 'a.xml'), same],
      [disposition('message', 'empty.xml'), ''],
      [disposition('message', 'broken.zip'), 'PK\u0003\u0004 broken'],
      [disposition('message', 'c.zip'), await zipped({ 'c.xml': order(), 'c.pdf': '%PDF', '.DS_Store': 'x' })],
      [disposition('message', 'd.xml'), same],
      [disposition('message', 'e.xml'), '<nothing/>'],
    ]),
  )
  expect(answer.status).toBe(207)
  const receipts = receiptsOf(answer)
  expect(receipts.map(({ code }) => code)).toEqual([
    'HUB_ACCEPTED',
    'HUB_EMPTY',
    'HUB_ZIP_INVALID',
    'HUB_ACCEPTED',
    'HUB_ACCEPTED',
    'HUB_DOCUMENT_UNKNOWN',
  ])
  expect(receipts[4]!.messageId).toBe(receipts[0]!.messageId)
  expect(await hub.read(`/v1/messages/${receipts[3]!.messageId}`)).toMatchObject({ attachments: [{ name: 'c.pdf' }] })
})

test('attachments beside several messages are refused: nothing says whose they are', async () => {
  const before = await hub.ops<{ messages: number }>('/ops/status')
  const answer = await postForm(
    form([
      [disposition('message', 'a.xml'), order()],
      [disposition('attachment', 'a.pdf'), '%PDF'],
      [disposition('message', 'b.xml'), order()],
    ]),
  )
  expect([answer.status, problemOf(answer).code]).toEqual([422, 'HUB_ATTACHMENT_UNCLEAR'])
  expect((await hub.ops<{ messages: number }>('/ops/status')).messages).toBe(before.messages)
})

test('attachments beside an EDIFACT interchange of several messages refuse them', async () => {
  const one = (n: number) =>
    `UNH+${n}+PAXLST:D:02B:UN:IATA'BGM+745'NAD+MS+++TEST'TDT+20+XX100'LOC+125+NRT'DTM+189:2611281000:201'` +
    `LOC+87+PEK'DTM+232:2611281400:201'UNT+9+${n}'`
  const answer = await postForm(
    form([
      [disposition('message', 'a.edi'), `UNB+UNOA:4+TEST+CN+261128:1000+7'${one(1)}${one(2)}UNZ+2+7'`],
      [disposition('file', 'a.pdf'), '%PDF'],
    ]),
  )
  expect(answer.status).toBe(207)
  expect(receiptsOf(answer).map(({ code }) => code)).toEqual(['HUB_ATTACHMENT_UNCLEAR', 'HUB_ATTACHMENT_UNCLEAR'])
})

test('a form keeps the bytes: a field in GBK, a gzipped form, a Chinese file name', async () => {
  const gbk = Buffer.concat([Buffer.from('<?xml version="1.0" encoding="GBK"?>'), Buffer.from([0xd6, 0xd0])])
  const kept = await postForm(form([[disposition('message'), gbk]]))
  const [refused] = receiptsOf(kept)
  expect(Buffer.from(await (await hub.get(`/v1/messages/${refused!.messageId}/content`)).arrayBuffer())).toEqual(gbk)
  const body = form([
    [disposition('message', 'C:\\sent\\a.xml'), order()],
    [disposition('a', '发票.pdf'), '%PDF 1'],
    [`Content-Disposition: form-data; name=b; filename*=UTF-8''%E5%8F%91%E7%A5%A8.pdf`, '%PDF 2'],
    [disposition('c', '.DS_Store'), 'x'],
  ])
  const answer = await post(gzipSync(body), 'Multipart/Form-Data; charset=x; boundary="XbX"', [
    ['Content-Encoding', 'gzip'],
  ])
  expect(answer.status).toBe(202)
  expect(await hub.read(`/v1/messages/${receiptsOf(answer)[0]!.messageId}`)).toMatchObject({
    attachments: [{ name: '发票.pdf' }, { name: '发票.pdf' }],
  })
})

test('a malformed form is refused with its place, and nothing of it is taken', async () => {
  const before = await hub.ops<{ messages: number }>('/ops/status')
  const good = form([
    [disposition('message', 'a.xml'), '<a/>'],
    [disposition('attachment', 'b.pdf'), '%PDF'],
  ]).toString()
  const type = 'multipart/form-data; boundary=XbX'
  const cases: [string, string, string][] = [
    ['lines end in LF only', good.replaceAll('\r\n', '\n'), 'line 1: the boundary line ends without CR LF'],
    [
      'LF only from the second part on',
      good.replace(/\r\n--XbX\r\n([^]*)$/, (_, rest: string) => `\n--XbX\n${rest}`),
      'part 1',
    ],
    ['cut in the first part', good.slice(0, good.indexOf('<a/>') + 2), 'it was probably cut'],
    ['cut in the headers', good.slice(0, 30), 'headers do not end with an empty line'],
    ['cut behind the first part', good.slice(0, good.indexOf('--XbX', 5)), 'part 1 (message), line'],
    ['cut at a boundary', good.slice(0, good.indexOf('--XbX', 5) + 5), 'the body ends at a boundary'],
    ['no last boundary', good.replace('--XbX--\r\n', ''), 'part 2 (attachment), line'],
    ['half of the last boundary', good.replace('--XbX--\r\n', '--XbX-'), 'part 3'],
    ['another boundary', good.replaceAll('XbX', 'YyY'), 'begins with the boundary --XbX'],
    ['a part without a name', good.replace(' name="attachment";', ''), 'part 2, line'],
    [
      'a part without headers',
      good.replace(/(--XbX\r\n)Content-Disposition: form-data; name="att[^]*?\r\n/, '$1'),
      'part 2',
    ],
    [
      'not form-data',
      good.replace('form-data; name="attachment"', 'attachment; name="attachment"'),
      'is not form-data',
    ],
    ['more behind the end', `${good}${good}`, 'more behind the last boundary'],
    ['base64', good.replace('b.pdf"', 'b.pdf"\r\nContent-Transfer-Encoding: base64'), 'base64 is not read'],
    ['no part at all', '--XbX--\r\n', 'part named "message"'],
    ['no message', good.replace('name="message"', 'name="Message"'), 'part named "message"'],
    ['an empty body', '', 'begins with the boundary'],
  ]
  for (const [title, body, place] of cases) {
    const answer = await post(body, type)
    expect([title, answer.status, problemOf(answer).code], title).toEqual([title, 400, 'HUB_REQUEST_INVALID'])
    expect(problemOf(answer).text.en, title).toContain(place)
  }
  for (const nameless of [
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
  ]) {
    const answer = await post(good, nameless)
    expect([nameless, answer.status, problemOf(answer).text.en]).toEqual([
      nameless,
      400,
      'The request does not fit the interface: multipart/form-data: the Content-Type names no boundary',
    ])
  }
  expect((await hub.ops<{ messages: number }>('/ops/status')).messages).toBe(before.messages)
})

test('a wrong or missing Content-Type is 415, which names what came and everything that is taken', async () => {
  const taken =
    'application/xml, text/xml, text/plain, application/edifact, application/zip, ' +
    'application/x-zip-compressed, application/octet-stream, application/json, multipart/form-data'
  for (const path of ['/v1/messages', '/v1/validate'])
    for (const [type, named] of [
      ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded'],
      ['application/yaml', 'application/yaml'],
      ['application/EDI-X12', 'application/EDI-X12'],
      ['multipart/mixed; boundary=XbX', 'multipart/mixed; boundary=XbX'],
      ['nonsense', 'nonsense'],
      [undefined, '(no Content-Type)'],
    ] as const) {
      const answer = await rawHttp(hub.url, {
        path,
        headers: type === undefined ? [key()] : [key(), ['Content-Type', type]],
        body: '{"a":1',
      })
      expect([type, answer.status, problemOf(answer).text.en]).toEqual([
        type,
        415,
        `Media type ${named} is not accepted.`,
      ])
      expect(problemOf(answer).remedy.en).toBe(`Use one of: ${taken}.`)
      expect(problemOf(answer).remedy.zh).toContain(taken)
    }
  const encoded = await post(order(), 'application/xml', [['Content-Encoding', 'br']])
  expect([encoded.status, problemOf(encoded).remedy.en]).toEqual([
    415,
    'Use one of: Content-Encoding: gzip, deflate, identity.',
  ])
  const json = await rawHttp(hub.url, {
    path: '/v1/subscriptions',
    headers: [key(), ['Content-Type', 'text/xml']],
    body: '<a/>',
  })
  expect([json.status, problemOf(json).remedy.en]).toEqual([415, 'Use one of: application/json.'])
})

test('a method an address does not take is 405 with those it takes; no such address is 404', async () => {
  const ops: [string, string] = ['Authorization', `Bearer ${hub.env.HUB_OPS_KEY}`]
  for (const [method, path, allow, who] of [
    ['GET', '/v1/validate', 'POST', key()],
    ['PUT', '/v1/messages?x=1', 'GET, HEAD, POST', key()],
    ['DELETE', '/v1/messages/msg_1/receipts', 'GET, HEAD', key()],
    ['PATCH', '/v1/catalogue/1.1.1.1.1', 'GET, HEAD', key()],
    ['POST', '/healthz', 'GET, HEAD', key()],
    ['DELETE', '/ops/status', 'GET, HEAD', ops],
    ['OPTIONS', '/v1/receipts', 'GET, HEAD', key()],
  ] as const) {
    const answer = await rawHttp(hub.url, { method, path, headers: [who] })
    expect([method, path, answer.status, answer.headers.get('allow')]).toEqual([method, path, 405, allow])
    expect(problemOf(answer)).toMatchObject({ code: 'HUB_METHOD', remedy: { en: `Use one of: ${allow}.` } })
  }
  const xml: [string, string] = ['Content-Type', 'application/xml']
  for (const [path, status] of [
    ['/v1/nothing', 404],
    ['/nothing', 404],
    ['/v1/receipts', 405],
    ['/healthz', 405],
  ] as const)
    expect([path, (await rawHttp(hub.url, { path, headers: [key(), xml], body: '<a/>' })).status]).toEqual([
      path,
      status,
    ])
  expect((await rawHttp(hub.url, { method: 'PUT', path: '/v1/messages' })).status).toBe(401)
})

test('receipts come in the form the caller likes best; quality 0 refuses one', async () => {
  const of = async (accept: string) =>
    (await hub.get('/v1/receipts?limit=1', { accept })).headers.get('content-type')!.replace(/;.*/, '')
  for (const accept of [
    'application/json',
    '*/*',
    'application/json, application/xml',
    'application/xml;q=0, */*',
    'x/y',
    ';;q=,',
  ])
    expect([accept, await of(accept)]).toEqual([accept, 'application/json'])
  for (const accept of [
    'application/xml',
    'text/xml',
    'application/json;q=0, application/xml',
    'application/json;q=0.5, application/xml',
    'APPLICATION/XML;Q=1, application/json;q=0.9',
    'application/json;q=0, */*',
    'text/*',
    'application/xml, application/json',
  ])
    expect([accept, await of(accept)]).toEqual([accept, 'application/xml'])
})

const seed = seedOf(process.env.HTTP_SEED)
test(`no header and no body is answered with a fault of the hub (seed ${seed})`, async () => {
  const random = new Random(seed)
  const good = form([
    [disposition('message', 'a.xml'), '<a/>'],
    [disposition('attachment', 'b.pdf'), '%PDF'],
  ])
  const bodies = [good, Buffer.from(order()), gzipSync(good), Buffer.from('{"operation":"1"}'), Buffer.alloc(0)]
  const types = [
    'multipart/form-data; boundary=XbX',
    'multipart/form-data; boundary="X\\bX',
    'application/xml; charset=nonsense',
    'application/json',
    'application/zip',
    'application/edifact',
    'text/plain;;;',
    '/',
    'a'.repeat(3000),
  ]
  const odd = [
    '',
    '\u00ff\u00fe',
    '%',
    '%00',
    '%ff%fe.zip',
    '=?utf-8?B?AA==?=',
    ',',
    ';q=',
    '"',
    '../../x.zip',
    'x'.repeat(2000),
  ]
  const names = [
    'Accept',
    'X-Operation',
    'X-Filename',
    'Content-Disposition',
    'Content-Encoding',
    'traceparent',
    'Accept-Encoding',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
    'Range',
    'X-HTTP-Method-Override',
  ]
  const paths = [
    '/v1/messages',
    '/v1/validate',
    '/v1/messages?since=x&limit=y',
    '/v1/messages/%00',
    '/v1/messages/%ff/receipts',
    '/v1/receipts?after=-1&wait=1e9',
    '/v1/receipts/%2e%2e/ack',
    '/v1/catalogue/%F0%9F/schema',
    '/v1/subscriptions',
    '/agency/gacc/receipts',
    '//v1//messages',
    '/v1/messages\u00ff',
  ]
  const faults: string[] = []
  let answered = 0
  for (let round = 0; round < 400; round++) {
    let body = random.pick(bodies)
    if (random.chance(0.6) && body.length > 0) {
      body = Buffer.from(body)
      for (let n = random.int(1, 4); n > 0; n--) body[random.int(0, body.length - 1)] = random.int(0, 255)
      if (random.chance(0.3)) body = body.subarray(0, random.int(0, body.length))
    }
    const headers: [string, string][] = [key(), ['Content-Type', random.pick(types)]]
    for (let n = random.int(0, 2); n > 0; n--) headers.push([random.pick(names), random.pick(odd)])
    const request = {
      method: random.pick(['POST', 'POST', 'POST', 'GET', 'PUT', 'DELETE']),
      path: random.pick(paths),
      headers,
      body,
    }
    const { status, text } = await rawHttp(hub.url, request)
    if (status > 0) answered++
    if (status >= 500)
      faults.push(`${status} ${request.method} ${request.path} ${JSON.stringify(headers.slice(1))} ${text}`)
  }
  expect(faults).toEqual([])
  expect(answered).toBeGreaterThan(350)
})

test('EDIFACT that lacks UNB is told the same whatever it is called and however it is asked for', async () => {
  const body = "UNH+1+IFTDGN:D:00B:UN'BGM+890+DG26110001+9'UNT+3+1'"
  const sent: [string, string, string][] = [
    [body, 'application/edifact', 'application/edifact'],
    [body, 'application/edifact', 'application/json'],
    [`UNA:+.? '${body}`, 'application/edifact', 'application/edifact'],
    [`\r\n  ${body}`, 'text/plain', 'application/json'],
    [`UNG+IFTDGN+A+B+261128:1000+1+UN+D:00B'${body}UNE+1+1'`, 'application/edifact', 'application/json'],
    ["BGM+890+DG26110001+9'", 'text/plain', 'application/edifact'],
  ]
  for (const [text, type, accept] of sent) {
    const answer = await post(text, type, [['Accept', accept]])
    expect([text, answer.status]).toEqual([text, 422])
    const [receipt] = receiptsOf(answer)
    expect(receipt).toMatchObject({ status: 'refused', code: 'HUB_EDI_REFUSED' })
    expect(receipt!.faults).toMatchObject([{ code: 'HUB_EDI_MISSING', path: 'UNB', rule: '0085=13 unb-missing' }])
    expect(receipt!.faults[0]).toHaveProperty('remedy.en', 'Add the mandatory segment, element or component.')
  }
  const posted = await postForm(formOf('x.edi', body))
  expect([posted.status, receiptsOf(posted)[0]!.faults[0]!.path]).toEqual([422, 'UNB'])
  const listed = await rawHttp(hub.url, {
    path: '/v1/validate',
    headers: [key(), ['Content-Type', 'application/edifact'], ['Accept', 'text/plain']],
    body,
  })
  expect(listed.text).toContain('✗ UNB  [HUB_EDI_MISSING 0085=13 unb-missing]')
})

const formOf = (name: string, content: string) => form([[disposition('message', name), content]])

test('JSON nested or large beyond any settings is refused, at every call that takes JSON', async () => {
  const nested = (depth: number) =>
    `{"partnerId":"demo","settings":{"edifact":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}}`
  const call = async (path: string, body: string, secret: string) => {
    const answer = await fetch(hub.url + path, {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    })
    return `${answer.status} ${((await answer.json()) as { code: string }).code}`
  }
  for (const [path, secret] of [
    ['/ops/partners', hub.env.HUB_OPS_KEY!],
    ['/v1/subscriptions', hub.env.HUB_KEY!],
  ] as const) {
    for (const body of [nested(100_000), `${'['.repeat(100)}${']'.repeat(100)}`])
      expect(await call(path, body, secret), path).toBe('400 HUB_REQUEST_INVALID')
    expect(await call(path, JSON.stringify({ a: 'x'.repeat(2 ** 20) }), secret), path).toBe('413 HUB_TOO_LARGE')
    // Brackets in a string are not nesting.
    const said = await call(path, JSON.stringify({ partnerId: 'demo', settings: { 'a"[': '[{'.repeat(100) } }), secret)
    expect(said, path).toMatch(/^400 /)
    expect(said, path).not.toContain('INTERNAL')
  }
})

test.each([
  ['/monitor/sign-in/password', 'application/json', '413 HUB_TOO_LARGE'],
  ['/monitor/sign-in/key', 'text/plain', '415 HUB_MEDIA_TYPE'],
  ['/oauth2/token', 'application/x-www-form-urlencoded', '413 HUB_TOO_LARGE'],
  ['/oauth2/token', 'application/json', '413 HUB_TOO_LARGE'],
  ['/nothing', 'application/json', '404 HUB_NOT_FOUND'],
  ['/nothing', 'text/plain', '404 HUB_NOT_FOUND'],
  ['/healthz', 'application/json', '405 HUB_METHOD'],
])('nothing large is read of who shows no key: %s, %s', async (path, type, told) => {
  const headers: [string, string][] = [
    ['Content-Type', type],
    ['Sec-Fetch-Site', 'same-origin'],
  ]
  // Were it read, it would be found to be no JSON.
  const answer = await rawHttp(hub.url, { path, headers, body: '{'.repeat(9_000) })
  expect(`${answer.status} ${problemOf(answer).code}`).toBe(told)
  if (answer.status === 413) expect(problemOf(answer).text.en).toContain('8192')
})

// Each of these once stopped the hub, for seconds or for good, and those to sign in were open to everybody. Read by a
// pattern they take time by the square of their length, or by a power of two; each wrong value was told by itself.
const message = 'Content-Disposition: form-data; name="message"'
const endless: [string, string, string, string][] = [
  [
    'a name of backslashes that does not end',
    'multipart/form-data; boundary=XbX',
    `--XbX\r\n${message.replace(/message"/, '\\'.repeat(16_000))}\r\n\r\n<a/>\r\n--XbX--\r\n`,
    '/v1/messages',
  ],
  ['marks within a line', 'multipart/form-data; boundary=-', `x${'-'.repeat(30 << 20)}`, '/v1/messages'],
  [
    'nothing but line ends',
    'multipart/form-data; boundary=XbX',
    `--XbX\r\n${message}\r\n\r\n${'\n'.repeat(30 << 20)}`,
    '/v1/messages',
  ],
  [
    'a JSON string of escaped quotes that does not end',
    'application/json',
    `{"name":"${'\\"'.repeat(500_000)}`,
    '/v1/subscriptions',
  ],
  [
    'ninety thousand settings nobody knows',
    'application/json',
    JSON.stringify(Object.fromEntries(Array.from({ length: 90_000 }, (_, i) => [`x${i}`, 1]))),
    '/v1/subscriptions',
  ],
]
test.each(endless)('a body made to take long is refused, and holds nobody up: %s', async (_, type, body, path) => {
  const json = type === 'application/json'
  const headers: [string, string][] = [
    key(),
    ['Content-Type', type],
    ...(json ? [] : [['Content-Encoding', 'gzip'] satisfies [string, string]]),
  ]
  let refused = false
  const answer = rawHttp(hub.url, { path, headers, body: json ? body : gzipSync(body) }).finally(() => (refused = true))
  let longest = 0
  do {
    const asked = performance.now()
    expect((await fetch(`${hub.url}/healthz`)).status).toBe(200)
    longest = Math.max(longest, performance.now() - asked)
  } while (!refused)
  expect(problemOf(await answer).code).toBe('HUB_REQUEST_INVALID')
  expect((await answer).text.length).toBeLessThan(10_000)
  expect(longest).toBeLessThan(3_000)
})

test('a call with thousands of faults is told the first of them', async () => {
  const path = '/v1/receipts/ack'
  const body = JSON.stringify({ receipts: Array.from({ length: 9_000 }, () => 1) })
  const answer = await rawHttp(hub.url, { path, headers: [key(), ['Content-Type', 'application/json']], body })
  expect([answer.status, problemOf(answer).code]).toEqual([400, 'HUB_REQUEST_INVALID'])
  expect(problemOf(answer).text.en).toContain('receipts 0 = 1: must be text')
  expect(answer.text.length).toBeLessThan(10_000)
})

test('a partner has ten streams and no more, also when it asks for forty at once', async () => {
  const leave = new AbortController()
  const headers = { authorization: `Bearer ${hub.env.HUB_KEY}` }
  const streams = await Promise.all(
    Array.from({ length: 40 }, () => fetch(`${hub.url}/v1/events`, { headers, signal: leave.signal })),
  )
  leave.abort()
  expect(streams.filter(({ status }) => status === 200)).toHaveLength(10)
  expect(streams.filter(({ status }) => status === 429)).toHaveLength(30)
})

test.each(['NUL', 'com1.pdf', 'a:b.pdf', '..', 'invoice.pdf.', 'a\u202efdp.exe', 'a%00b.pdf'])(
  'an attachment named %j, which some systems cannot store or show as it is, is refused in a form and in a zip alike',
  async (name) => {
    const stored = name.replace('%00', '\0')
    const named = `Content-Disposition: form-data; name="file"; filename*=UTF-8''${encodeURIComponent(stored)}`
    const body = form([
      [disposition('message', 'a.xml'), order()],
      [named, 'x'],
    ])
    const refused = await post(body, 'multipart/form-data; boundary=XbX')
    expect(refused.status).toBe(400)
    const zipped = await post(
      zipOf([
        ['a.xml', Buffer.from(order())],
        [stored, Buffer.from('x')],
      ]),
      'application/zip',
    )
    expect(zipped.status).toBe(422)
    expect(zipped.text).toContain('HUB_ZIP_UNSAFE')
  },
)
