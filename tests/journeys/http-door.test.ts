// The HTTP door as an engineer meets it: forms of sending, forms of answering, search, catalogue, documentation,
// monitoring.
import { gzipSync } from 'node:zlib'
import { XmlBufferInputProvider, XmlDocument, XsdValidator, xmlRegisterInputProvider } from 'libxml2-wasm'
import { beforeAll, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import type { Receipt } from '../../messages/receipt.js'
import { receiptFromXml, receiptToXml } from '../../messages/receipt-xml.js'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, sample, type RunningHub } from '../support/hub.js'
import { refereeOf, type OpenApi } from '../support/interface.js'
import { refereeAt, refereedFetch } from '../support/refereed.js'
import { sharedHub } from '../support/shared-hub.js'
import { until } from '../support/until.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'

let hub: RunningHub
beforeAll(async () => {
  const shared = await sharedHub({ refereed: true })
  hub = shared.hub
  return shared.remove
})

/** The order sample with references of its own. */
const order = () =>
  sample('ceb/CEB311Message.xml')
    .toString()
    .replace(/[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}/g, () => crypto.randomUUID().toUpperCase())
    .replace(/<((?:ceb:)?orderNo)>[^<]*</, (_, name: string) => `<${name}>${crypto.randomUUID().slice(0, 18)}<`)

test('a receipt comes as XML on request, valid by its schema and equal to the JSON one', async () => {
  const { receipts } = await hub.send(order())
  const asXml = await (await hub.get(`/v1/receipts/${receipts[0]!.receiptId}`, { accept: 'application/xml' })).text()
  expect(receiptFromXml(asXml)).toEqual(receipts[0])
  const schemas = readSchemaFiles(join(root, 'xsd/families'))
  xmlRegisterInputProvider(new XmlBufferInputProvider({ 'schema:///common/xml.xsd': schemas.bytes('common/xml.xsd') }))
  const validator = XsdValidator.fromDoc(
    XmlDocument.fromBuffer(schemas.bytes('receipt/receipt.xsd'), {
      url: 'schema:///receipt/receipt.xsd',
    }),
  )
  validator.validate(XmlDocument.fromString(asXml))
  const odd: Receipt = {
    ...receipts[0]!,
    text: { zh: '字符 <&>" \u0001\ud800 𠮷', en: 'a\r\n\tb' },
    body: { mediaType: 'text/xml', encoding: 'base64', content: Buffer.from([0xc4, 0xe3, 0]).toString('base64') },
    faults: [{ code: 'HUB_X', path: '/a', line: 3, rule: 'r', value: ']]>', text: { zh: '错', en: 'wrong' } }],
  }
  validator.validate(XmlDocument.fromString(receiptToXml(odd)))
  expect(receiptFromXml(receiptToXml(odd))).toEqual({
    ...odd,
    text: { zh: '字符 <&>" \ufffd\ufffd 𠮷', en: 'a\r\n\tb' },
  })
  const list = await (await hub.get('/v1/receipts', { accept: 'text/xml' })).text()
  validator.validate(XmlDocument.fromString(list))
})

test('gzip, multipart with attachments, and a zip with several messages are each taken', async () => {
  expect((await hub.send(gzipSync(order()), { headers: { 'content-encoding': 'gzip' } })).status).toBe(202)

  const form = new FormData()
  form.append('message', new Blob([order()], { type: 'application/xml' }), 'order.xml')
  form.append('attachment', new Blob(['%PDF-1.4 invoice'], { type: 'application/pdf' }), '发票.pdf')
  const posted = await fetch(`${hub.url}/v1/messages`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${hub.env.HUB_KEY}` },
  })
  expect(posted.status).toBe(202)
  const { receipts } = (await posted.json()) as { receipts: Receipt[] }
  expect(await hub.read(`/v1/messages/${receipts[0]!.messageId}`)).toMatchObject({
    attachments: [{ name: '发票.pdf', mediaType: 'application/pdf' }],
  })

  const zip = new ZipFile()
  zip.addBuffer(Buffer.from(order()), 'one.xml')
  zip.addBuffer(Buffer.from(order().replace(/<(ceb:)?appType>1</, '<$1appType>9<')), 'two.xml')
  zip.end()
  const chunks: Buffer[] = []
  for await (const chunk of zip.outputStream) chunks.push(chunk as Buffer)
  const batch = await hub.send(Buffer.concat(chunks), { type: 'application/zip' })
  expect(batch.status).toBe(207)
  expect(batch.receipts.map((r) => r.status)).toEqual(['accepted', 'refused'])
  expect(batch.receipts[1]!.faults[0]).toMatchObject({ code: 'HUB_XSD_ENUMERATION', value: '9' })
})

test('validate says the same as sending would, and records nothing', async () => {
  const before = await hub.ops<{ messages: number }>('/ops/status')
  const body = order()
  const valid = await hub.send(body, { path: '/v1/validate' })
  expect(valid).toMatchObject({ status: 200, receipts: [{ status: 'accepted', code: 'HUB_VALID' }] })
  expect(valid.receipts[0]!.text.en).toBe('The message passed the checks. Nothing was recorded or submitted.')
  const broken = await hub.send(body.replace(/<(ceb:)?appType>1</, '<$1appType>9<'), { path: '/v1/validate' })
  expect(broken.status).toBe(422)
  expect(broken.receipts[0]!.faults).toHaveLength(1)
  expect((await hub.ops<{ messages: number }>('/ops/status')).messages).toBe(before.messages)
  expect((await hub.send(body)).status).toBe(202)
})

test('a message is found by its reference, its operation and its state, in pages', async () => {
  const sent = await hub.send(order())
  const { reference, messageId } = sent.receipts[0]!
  expect(sent.headers.get('location')).toBe(`/v1/messages/${messageId}`)
  expect(await hub.read(`/v1/messages?reference=${reference}`)).toMatchObject({
    messages: [{ messageId, operation: '10.1.1.1.1' }],
  })
  const page = await hub.read<{ messages: { messageId: string }[]; cursor: string }>(
    '/v1/messages?operation=10.1.1.1.1&limit=2',
  )
  expect(page.messages).toHaveLength(2)
  const next = await hub.read<{ messages: { messageId: string }[] }>(
    `/v1/messages?operation=10.1.1.1.1&limit=2&cursor=${page.cursor}`,
  )
  expect(next.messages.map((m) => m.messageId)).not.toContain(page.messages[1]!.messageId)
  expect((await hub.get('/v1/messages?state=nonsense')).status).toBe(400)
})

test('X-Operation must be one the content permits', async () => {
  const declaration = sample('dec/DecMessage-minimal.xml')
  const wrong = await hub.send(declaration, { headers: { 'x-operation': '1.1.3.1.1' } })
  expect(wrong.receipts[0]).toMatchObject({ code: 'HUB_OPERATION_MISMATCH' })
  const unknown = await hub.send(declaration, { headers: { 'x-operation': '9.9.9.9.9' } })
  expect(unknown.receipts[0]).toMatchObject({ code: 'HUB_OPERATION_UNKNOWN' })
  const imported = await hub.send(declaration, { headers: { 'x-operation': '1.1.9.1.1' } })
  expect(imported.receipts[0]).toMatchObject({ status: 'accepted', operation: '1.1.9.1.1' })
})

test('a planned operation says so, is found by name, and has no schema or sample yet', async () => {
  const planned = (
    await hub.read<{ operations: { code: string; status: string }[] }>('/v1/catalogue?all=true')
  ).operations.find(({ status }) => status === 'planned')?.code
  // While there is one.
  const sent = planned === undefined ? [] : [order(), '<Own xmlns="urn:test"/>', 'not even XML']
  for (const bytes of sent) {
    const { status, receipts } = await hub.send(bytes, { headers: { 'x-operation': planned! } })
    expect([status, receipts[0]!.code, receipts[0]!.remedy?.zh]).toEqual([
      422,
      'HUB_OPERATION_PLANNED',
      expect.stringContaining('单一窗口网页端'),
    ])
  }
  const garbage = await hub.send(order(), { headers: { 'x-operation': 'inventory' } })
  expect(garbage.receipts[0]!.code).toBe('HUB_OPERATION_UNKNOWN')
  for (const what of planned === undefined ? [] : ['schema', 'sample']) {
    const answer = await hub.get(`/v1/catalogue/${planned}/${what}`)
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([404, 'HUB_OPERATION_PLANNED'])
  }
  expect(((await (await hub.get('/v1/catalogue/9.9.9.9.9')).json()) as { code: string }).code).toBe(
    'HUB_OPERATION_UNKNOWN',
  )
  const named = await hub.read<{ operations: { code: string }[] }>(`/v1/catalogue?q=${encodeURIComponent('清单申报')}`)
  expect(named.operations.map(({ code }) => code)).toContain('10.1.3.1.1')
  expect((await hub.cli('catalogue', '清单申报')).stdout).toContain('10.1.3.1.1')
  expect(await hub.cli('catalogue', 'zzzzzz')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('fewer words') as string,
  })
})

test('every refusal says what to do, in JSON, in XML and on the command line', async () => {
  const broken = order().replace(/<(ceb:)?currency>[^<]*/, '<$1currency>RENMINBI')
  const { receipts } = await hub.send(broken)
  const [receipt] = receipts
  expect(receipt!.status).toBe('refused')
  expect(receipt!.remedy).toMatchObject({
    zh: expect.stringMatching(/[一-鿿]/) as string,
    en: expect.any(String) as string,
  })
  for (const fault of receipt!.faults) expect(fault.remedy?.en).toMatch(/\w/)
  const again = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${receipt!.messageId}/receipts`)
  expect(again.receipts).toEqual(receipts)
  const asXml = await (await hub.get(`/v1/receipts/${receipt!.receiptId}`, { accept: 'application/xml' })).text()
  expect(receiptFromXml(asXml)).toEqual(receipt)
  expect(asXml).toContain('<Remedy xml:lang="zh">')
  expect((await hub.send(order())).receipts[0]).not.toHaveProperty('remedy')
  const file = join(hub.dataDir, 'broken.xml')
  writeFileSync(file, broken)
  expect((await hub.cli('validate', file)).stdout).toContain(`→ ${receipt!.faults[0]!.remedy!.zh}`)
})

test('the catalogue shows what can be sent, its schemas and a sample that passes', async () => {
  const { operations } = await hub.read<{ operations: { code: string; status: string }[] }>('/v1/catalogue?prefix=10.1')
  expect(operations.every((o) => o.code.startsWith('10.1.') && o.status === 'working')).toBe(true)
  expect(await hub.read('/v1/catalogue/2.1.1.1.1')).toMatchObject({
    title: { zh: '水运原始舱单主要数据申报' },
    agencies: ['gacc'],
  })
  const { schemas } = await hub.read<{ schemas: { file: string; content: string }[] }>(
    '/v1/catalogue/10.1.3.1.1/schema',
  )
  expect(schemas.map((s) => s.file)).toEqual(
    expect.arrayContaining(['ceb/202205/CEB621Message.xsd', 'ceb/202205/ceb-common.xsd']),
  )
  const bytes = await (await hub.get('/v1/catalogue/10.1.3.1.1/sample')).text()
  expect((await hub.send(bytes, { path: '/v1/validate' })).status).toBe(200)
  expect((await hub.get('/v1/catalogue/9.9.9.9.9')).status).toBe(404)
  expect(
    (await hub.read<{ schemas: { content: string }[] }>('/v1/catalogue/2.6.5.1.1/schema')).schemas[0]!.content,
  ).toContain('M_PAXLST')
  expect((await hub.get('/v1/catalogue/2.6.5.1.1/sample')).headers.get('content-type')).toBe('application/edifact')
})

test('a sample of a document that serves several operations is filed as the one it was asked for', async () => {
  // Import and export declarations; a manifest and its change; ships that arrive and that leave.
  for (const code of ['1.1.1.1.1', '1.1.2.1.1', '2.1.1.1.1', '2.1.1.1.2', '3.1.2.2.1', '3.1.4.2.1']) {
    const given = await hub.get(`/v1/catalogue/${code}/sample`)
    const sent = { path: '/v1/validate', type: given.headers.get('content-type')!, headers: { 'x-operation': code } }
    expect([code, (await hub.send(await given.text(), sent)).status]).toEqual([code, 200])
  }
})

test('the command line shows a schema with all it includes, and a sample that passes', async () => {
  const shown = JSON.parse((await hub.cli('schema', 'show', 'CEB621Message', '--json')).stdout) as {
    schemas: { file: string; content: string }[]
  }
  expect(shown).toEqual(await hub.read('/v1/catalogue/10.1.3.1.1/schema'))
  expect((await hub.cli('schema', 'show', 'common/xmldsig.xsd')).stdout).toMatch(/^<\?xml[\s\S]*<\/xs:schema>\n$/)
  expect(
    (await hub.send((await hub.cli('schema', 'show', 'CEB621Message', '--sample')).stdout, { path: '/v1/validate' }))
      .status,
  ).toBe(200)
  expect((await hub.cli('schema', 'list')).stdout).toContain('ceb/202205/CEB621Message.xsd')
  expect(await hub.cli('schema', 'show', 'CEB999Message')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('hub schema list') as string,
  })
})

test('the description at /docs holds bodies to send, who may call what, and errors as problems', async () => {
  interface Described {
    requestBody?: { content: Record<string, { example?: string; schema: { properties?: object } }> }
    responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>
    security: object[]
    summary?: string
    tags?: string[]
  }
  const openapi = await hub.read<OpenApi & { paths: Record<string, Record<string, Described>> }>('/openapi.json')
  expect(openapi).toEqual(await hub.read('/docs/json'))
  const { paths } = openapi
  const referee = refereeOf(openapi)
  const all = Object.entries(paths).flatMap(([path, calls]) =>
    Object.entries(calls).map(([method, call]) => ({ name: `${method} ${path}`, ...call })),
  )
  for (const { name, responses, security, summary, tags } of all) {
    expect(summary ?? '', `${name} has a summary`).toMatch(/\w/)
    expect(Object.keys(referee.answerOf(responses['4XX']!).content!), name).toContain('application/problem+json')
    // Who asks for a token shows id and secret by itself.
    const scheme = { ops: 'operator', agency: 'agency', signing: 'signer' }[tags![0]!] ?? 'key'
    expect(security, name).toEqual(tags![0] === 'oauth2' ? [] : [{ [scheme]: [] }])
  }
  for (const path of ['/v1/messages', '/v1/validate']) {
    const { content } = paths[path]!.post!.requestBody!
    expect(Object.keys(content)).toEqual(
      expect.arrayContaining(['application/xml', 'application/edifact', 'text/plain']),
    )
    expect(content['multipart/form-data']!.schema.properties).toHaveProperty('message')
    for (const type of ['application/xml', 'application/edifact'])
      expect((await hub.send(content[type]!.example!, { type, path: '/v1/validate' })).status, type).toBe(200)
  }
  const { receipts } = await hub.send(sample('ceb/CEB411Message.xml'))
  const found = await hub.get(`/v1/messages?reference=${receipts[0]!.reference}`)
  expect(referee.look('GET', '/v1/messages', found.status, 'application/json', await found.text())).toEqual([])
  const whole = await hub.read<{ submissions: object[]; receipts: object[] }>(`/v1/messages/${receipts[0]!.messageId}`)
  expect(whole).toMatchObject({
    submissions: [{ agency: 'gacc' }],
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  })
  expect(Object.keys(paths['/v1/events']!.get!.responses['200']!.content!)).toEqual(['text/event-stream'])
  expect(paths['/v1/events']!.get!.responses['200']!.description).toContain('`receipt`')
})

test('a document that has its form and belongs to no operation is told where, and what may stand there', async () => {
  const text = sample('sas/SAS121.xml').toString()
  const odd = text.replace(/(ownerSystem>)[^<]*/, '$199')
  const { status, receipts } = await hub.send(odd, { path: '/v1/validate' })
  expect([status, receipts[0]!.code, receipts[0]!.documentType]).toEqual([422, 'HUB_DOCUMENT_VARIANT', 'SAS121'])
  expect(receipts[0]!.faults).toMatchObject([
    {
      path: '/Signature/Object/Package/DataInfo/BussinessData/SAS121/SasPassportBsc/ownerSystem',
      line: text.slice(0, text.indexOf('<ownerSystem>')).split('\n').length,
      value: '99',
      text: {
        zh: '报文 SAS121 的 ownerSystem="99" 无对应业务，允许值：1|2|其他值。',
        en: 'SAS121 with ownerSystem="99" belongs to no operation. Allowed: 1|2|another value.',
      },
    },
  ])
})

test('a misspelt filter and a value that does not fit are faults in both languages', async () => {
  const problem = async (path: string, key?: string) => {
    const answer = await hub.get(path, key === undefined ? {} : { key })
    return [answer.status, ((await answer.json()) as { text?: { zh: string; en: string } }).text] as const
  }
  const [status, text] = await problem('/v1/messages?referance=abc')
  expect(status).toBe(400)
  expect(text!.en).toContain('query referance: no such parameter; did you mean reference?')
  expect(text!.zh).toContain('query referance：没有这个参数，是否应为 reference？')
  expect((await problem('/ops/messages?partner=demo', hub.env.HUB_OPS_KEY))[0]).toBe(400)
  const [, limit] = await problem('/v1/messages?limit=many&state=lost')
  expect(limit!.en).toContain('query limit = "many": must be a whole number from 1 to 500')
  expect(limit!.en).toContain('query state = "lost": must be one of refused, accepted')
  expect(limit!.zh).toMatch(/必须是整数/)
  expect(limit!.zh).not.toMatch(/must/)
})

test('the interface documents itself, and health, metrics and the board are there', async () => {
  const openapi = (await (await fetch(`${hub.url}/docs/json`)).json()) as { paths: Record<string, unknown> }
  for (const path of [
    '/v1/messages',
    '/v1/validate',
    '/v1/messages/{id}',
    '/v1/messages/{id}/receipts',
    '/v1/messages/{id}/content',
    '/v1/receipts',
    '/v1/receipts/{id}/ack',
    '/v1/receipts/ack',
    '/v1/catalogue',
    '/v1/catalogue/{code}',
    '/v1/catalogue/{code}/schema',
    '/v1/catalogue/{code}/sample',
  ])
    expect(Object.keys(openapi.paths), path).toContain(path)
  expect(await (await fetch(`${hub.url}/healthz`)).json()).toEqual({ alive: true })
  const ready = await until('it to be ready', async () => {
    const said = (await (await fetch(`${hub.url}/readyz`)).json()) as { status: string; checks: { name: string }[] }
    return said.status === 'ready' && said
  })
  expect(ready.checks.map((c) => c.name)).toEqual(['ledger', 'checker', 'disk', 'redis', 'intake'])
  const metrics = await (await fetch(`${hub.url}/metrics`)).text()
  expect(metrics).toMatch(
    /hub_messages_total\{channel="http",outcome="accepted",document="CEB311Message",code="HUB_ACCEPTED"\} \d+/,
  )
  expect(metrics).toMatch(/hub_step_seconds_bucket\{le="[\d.]+",step="accept",channel="http"\}/)
  const board = await fetch(`${hub.url}/monitor/queues`, {
    headers: { authorization: `Basic ${Buffer.from(`ops:${hub.env.HUB_OPS_KEY}`).toString('base64')}` },
  })
  expect(board.status).toBe(200)
  expect(await board.text()).toContain('Single Window hub')
})

test('no secret and no payload reaches the log', async () => {
  const { receipts } = await hub.send(order())
  // The line may be written a moment after the answer.
  const log = await until('the line of the message', async () => {
    const lines = JSON.stringify(await hub.log())
    return lines.includes(receipts[0]!.messageId) && lines
  })
  for (const secret of [hub.env.HUB_KEY!, hub.env.HUB_OPS_KEY!, '<ceb:', 'orderNo']) expect(log).not.toContain(secret)
})

/** Calls that need an agency or a neighbour this hub has not: the journeys that make them hold their answers too. */
const madeElsewhere = {
  'GET /.well-known/jwks.json': 'signed-receipts',
  'POST /ops/submissions/{id}/resolve': 'agency-trouble',
  'GET /v1/receipts/{id}/attachments/{name}': 'receipt-attachments',
  'GET /ops/receipts/{id}/attachments/{name}': 'receipt-attachments',
  'POST /ops/answers/{id}/release': 'agency-answers',
  'POST /ops/shared-keys/{id}/close': 'agency-answers',
  'POST /ops/partners/{id}/certificates': 'partner-credentials',
  'DELETE /ops/partners/{id}/certificates/{certificate}': 'verification',
  'POST /ops/keys/rotate': 'slow/encryption',
  'POST /ops/keys/reseal': 'slow/encryption',
  'GET /signing/tasks': 'signatures',
  'POST /signing/tasks/{id}': 'signatures',
  'POST /agency/{agency}/receipts': 'agency-answers',
  'POST /ops/operators': 'operators',
  'POST /ops/operators/{name}/role': 'operators',
  'POST /ops/operators/{name}/disable': 'operators',
  'POST /ops/operators/{name}/enable': 'operators',
  'POST /ops/operators/{name}/reset': 'operators',
  'POST /ops/operators/{name}/key': 'operators',
  'POST /ops/operators/{name}/sign-out': 'operators',
  'POST /ops/me/password': 'operators',
  'DELETE /ops/me/sessions': 'operators',
  'DELETE /ops/me/sessions/{id}': 'operators',
  'DELETE /ops/operators/{name}/sessions/{id}': 'operators',
  'POST /ops/approvals/{id}/approve': 'operators',
  'POST /ops/approvals/{id}/decline': 'operators',
  'POST /ops/dead/replay': 'operators',
  'PUT /v1/agents': 'companies',
  'DELETE /v1/agents': 'companies',
  'PUT /ops/partners/{id}/agents': 'companies',
  'DELETE /ops/partners/{id}/agents': 'companies',
}

test('every call answers what its description says, with no member more', async () => {
  const referee = await refereeAt(hub.url)
  interface Asked {
    /** null: the call shows none. */
    key?: string | null
    body?: unknown
    type?: string
  }
  async function ask<T>(call: string, { key = hub.env.HUB_KEY!, body, type = 'application/json' }: Asked = {}) {
    const [method, path] = call.split(' ') as [string, string]
    const response = await refereedFetch(hub.url, path, {
      method,
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': type }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    expect(`${call} ${response.status} ${response.ok ? '' : text}`).toMatch(/ 2\d\d $/)
    return (/json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : text) as T
  }
  const ops = <T>(call: string, body?: unknown) => ask<T>(call, { key: hub.env.HUB_OPS_KEY!, body })
  const why = '核对接口'
  const filed = async (xml: string, is: (state: string) => boolean) => {
    const { receipts } = await ask<{ receipts: Receipt[] }>('POST /v1/messages', { body: xml, type: 'application/xml' })
    await until(`${receipts[0]!.code} to be there`, async () => is(await hub.state(receipts[0]!.messageId)))
    return receipts[0]!
  }
  const waiting = async (kind: string, messageId: string) =>
    (await ops<{ submissions: { submissionId: string; messageId: string }[] }>(`GET /ops/${kind}`)).submissions.find(
      (one) => one.messageId === messageId,
    )!.submissionId

  // A declaration from its door to its receipts.
  await ask('POST /v1/validate', { body: order(), type: 'application/xml' })
  const { messageId, receiptId } = await filed(order(), (state) => state === 'approved')
  for (const part of ['', '/receipts', '/content', '/forwarded']) await ask(`GET /v1/messages/${messageId}${part}`)
  await ask('GET /v1/messages?limit=3')
  const edifact = (await hub.read<OpenApi>('/openapi.json')).paths['/v1/messages']!.post as unknown as {
    requestBody: { content: Record<string, { example: string }> }
  }
  const acknowledged = await ask<{ receipts: Receipt[] }>('POST /v1/messages', {
    body: edifact.requestBody.content['application/edifact']!.example,
    type: 'application/edifact',
  })
  await ask(`GET /v1/messages/${acknowledged.receipts[0]!.messageId}/acknowledgement`)
  const { receipts } = await ask<{ receipts: Receipt[] }>('GET /v1/receipts?limit=100')
  await ask(`GET /v1/receipts/${receiptId}`)
  await ask(`GET /v1/receipts/${receipts.find(({ body }) => body)!.receiptId}/body`)
  await ask(`POST /v1/receipts/${receiptId}/ack`)
  await ask('POST /v1/receipts/ack', { body: { receipts: [receiptId] } })
  await ask(`POST /v1/receipts/${receiptId}/resend`)
  await ask('GET /v1/receipts/undelivered')
  await ask('POST /v1/receipts/replay', { body: {} })

  // What can be filed and asked, and who hears of what.
  await ask('GET /v1/catalogue')
  for (const part of ['', '/schema', '/sample', '/bundle.zip']) await ask(`GET /v1/catalogue/1.1.6.1.2${part}`)
  await ask('GET /v1/catalogue/4.24.1.1.1/json-schema')
  await ask('GET /v1/queries')
  await ask('GET /v1/queries/1.1.7.1.1/criteria')
  const asked = await ask<{ messageId: string }>('GET /v1/queries/1.1.7.1.1?from=2026-06-01')
  await ask(`GET /v1/queries/1.1.7.1.1/${asked.messageId}?wait=5`)
  const subscription = { operation: '18.2.1.1.1', reference: 'TESTBL0001' }
  for (const method of ['POST', 'PUT']) await ask(`${method} /v1/subscriptions`, { body: subscription })
  await ask('GET /v1/subscriptions')
  await ask(`DELETE /v1/subscriptions?${new URLSearchParams(subscription)}`)

  // The operator's partners, keys and agencies.
  await ops('POST /ops/partners', { partnerId: 'referee', name: '测试企业', settings: { rights: ['*'] } })
  await ops('GET /ops/partners')
  const inAYear = new Date(Date.now() + 365 * 86_400_000).toISOString().slice(0, 10)
  const grant = { partner: 'referee', until: inAYear }
  for (const [path, key] of [
    ['/v1/grants', hub.env.HUB_KEY!],
    ['/ops/partners/demo/grants', hub.env.HUB_OPS_KEY!],
  ] as const) {
    for (const method of ['POST', 'PUT']) await ask(`${method} ${path}`, { key, body: grant })
    await ask(`GET ${path}`, { key })
    await ask(`DELETE ${path}?partner=referee`, { key })
  }
  await ask('GET /v1/grants/uses')
  await ask('GET /v1/agents')
  const { id, secret } = await ops<{ id: string; secret: string }>('POST /ops/partners/referee/keys', {
    kind: 'oauth',
  })
  await ask('POST /oauth2/token', {
    key: null,
    body: `${new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret })}`,
    type: 'application/x-www-form-urlencoded',
  })
  await ops('GET /ops/partners/referee/keys')
  await ops('GET /ops/partners/referee/certificates')
  await ops(`DELETE /ops/partners/referee/keys/${id}`)
  await ops('POST /ops/partners/referee/webhook', { url: 'https://partner.example/receipts' })
  await ops('DELETE /ops/partners/referee/webhook')
  await ops('POST /ops/partners/referee/subscriptions', { operation: '18.2.1.1.1' })
  await ops('POST /ops/partners/referee/subscriptions/grant', { operation: '18.2.1.1.1' })
  await ops('GET /ops/partners/referee/subscriptions')
  await ops('DELETE /ops/partners/referee/subscriptions?operation=18.2.1.1.1')
  for (const verb of ['disable', 'enable']) await ops(`POST /ops/partners/referee/${verb}`, { why })
  await ops('POST /ops/agencies/mot/pause', { why })
  await ops('POST /ops/agencies/mot/resume', { why })
  await ops('POST /ops/agencies/mot/windows', {
    start: `${inAYear}T20:00`,
    end: `${inAYear}T22:00`,
    why,
  })
  await ops('GET /ops/agencies')
  await ops('GET /ops/agencies/mot')
  await ops('POST /ops/agencies/mot/windows/clear', { why })
  await ops('POST /ops/agencies/gacc/test', { status: 202, headers: {}, body: '' })
  await ops('POST /ops/config/reload', { why })

  // What needs a person.
  // What is sent again is not the next to fail.
  for (const verb of ['drop', 'replay']) {
    await hub.simulator('POST', '/control', { documentType: 'CEB311Message', fail: 400, times: 1 })
    const dead = await filed(order(), (state) => state === 'failed')
    await ops(`POST /ops/submissions/${await waiting('dead', dead.messageId)}/${verb}`, { why })
  }
  await hub.simulator('POST', '/control', { documentType: 'MT1101', refuse: '测试退单', times: 1 })
  await filed(sample('manifest/MT1101-9.xml').toString(), (state) => state === 'rejected')
  const change = await filed(sample('manifest/MT1101-5.xml').toString(), (state) => state === 'held')
  await ops(`POST /ops/submissions/${await waiting('held', change.messageId)}/release`, { decision: 'dead', why })
  await hub.simulator('POST', '/control', { documentType: 'DecMessage', hold: true })
  const dec = await filed(sample('dec/DecMessage.xml').toString(), (state) => state !== 'accepted')
  const orphans: { replyId: string }[] = []
  for (const [i, entryId] of ['900020250000000018', '900020250000000019'].entries()) {
    await fetch(`${hub.env.HUB_SIMULATOR_URL}/gacc/notices`, {
      method: 'POST',
      body: sample('dec/DEC_RESULT.xml').toString().replaceAll('900020250000000018', entryId),
      headers: { 'content-type': 'application/xml' },
    })
    orphans.push(
      await until('the orphan', async () => {
        const { orphans: all } = await ops<{ orphans: { replyId: string }[] }>('GET /ops/orphans')
        return all.length > i && all.find(({ replyId }) => orphans.every((known) => known.replyId !== replyId))
      }),
    )
  }
  const { submissions } = await ops<{ submissions: { submissionId: string }[] }>(`GET /ops/messages/${dec.messageId}`)
  const { submissionId } = submissions[0]!
  await ops(`POST /ops/orphans/${orphans[0]!.replyId}/match`, { submissionId, why })
  await ops(`POST /ops/orphans/${orphans[1]!.replyId}/drop`, { why })

  // What an operator looks at.
  await ops(`POST /ops/receipts/${receiptId}/resend`, { why })
  const { n } = await ops<{ n: number }>('POST /ops/holds', { kind: 'message', value: messageId, why })
  await ops('GET /ops/holds')
  await ops(`POST /ops/holds/${n}/release`, { why })
  for (const path of [
    `messages/${messageId}/content`,
    `messages/${messageId}/evidence`,
    `search?q=${messageId}`,
    'messages?limit=3',
    'messages.csv?limit=3',
    ...['status', 'queues', 'unclear', 'overdue', 'notices', 'answers/held', 'shared-keys', 'receipts/undelivered'],
    ...['audit', 'mailboxes', 'signers', 'retention', 'keys', 'questions'],
    ...['me', 'me/sessions', 'operators', 'operators/operator/sessions', 'approvals', 'partners/demo/agents'],
  ])
    await ops(`GET /ops/${path}`)
  await ops('POST /ops/retention/walk', { why })
  await ops('POST /ops/backup', { why })

  const { paths } = await hub.read<OpenApi>('/openapi.json')
  const answered = new Set([...referee.seen].flatMap((seen) => /^(\S+ \S+) 2\d\d$/.exec(seen)?.slice(1) ?? []))
  const missed = Object.entries(paths)
    // Each query stands there with its own criteria, so that one asked is all.
    .filter(
      ([path]) =>
        path !== '/v1/queries/{operation}' && (!/^\/v1\/queries\/\d/.test(path) || /1\.1\.7\.1\.1$/.test(path)),
    )
    .flatMap(([path, calls]) => Object.keys(calls).map((method) => `${method.toUpperCase()} ${path}`))
    .filter((call) => !answered.has(call) && call !== 'GET /v1/events')
  expect(missed.sort()).toEqual(Object.keys(madeElsewhere).sort())
})
