// Queries on their way: asked by address, message, JSON and file; answered by the authority, by the hub, by both; only
// one's own; told when nothing comes.
import { connect } from 'node:net'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bytesOfBody, type Receipt } from '../../messages/receipt.js'
import { receiptFromXml } from '../../messages/receipt-xml.js'
import { sample, type RunningHub } from '../support/hub.js'
import { usedBeforeItEnds } from '../support/in-time.js'
import { sharedHub } from '../support/shared-hub.js'
import { until } from '../support/until.js'

let hub: RunningHub
let remove: () => Promise<void>
beforeAll(
  async () =>
    ({ hub, remove } = await sharedHub({
      config: { queries: { httpSeconds: 2, fileSeconds: 60 } },
    })),
)
afterAll(async () => remove())

interface Row extends Record<string, unknown> {
  source: string
  hubMessage?: string
  state?: string
}
interface Answer {
  messageId: string
  status: string
  note?: string
  code?: string
  page: { number: number; size: number; total: number }
  rows: Row[]
}
const ask = async (address: string, key?: string) => {
  const answer = await hub.get(`/v1/queries/${address}`, key === undefined ? {} : { key })
  return {
    status: answer.status,
    location: answer.headers.get('location'),
    body: (await answer.json()) as Answer & {
      code?: string
      title?: string
      remedy?: { zh: string; en: string }
    },
  }
}
const business = (receipts: Receipt[]) => receipts.filter((r) => r.stage === 'business')
const has = (status: string) => (receipts: Receipt[]) => business(receipts).some((r) => r.status === status)
const question = (query: string, system: string, number: string, criteria = '') =>
  `<${query} xmlns="urn:singlewindow:${system}:${query}:1"><Head><MessageID>${number}</MessageID>` +
  `<FunctionCode>13</FunctionCode><MessageType>${query}</MessageType><SenderID>TESTSENDER01</SenderID>` +
  '<ReceiverID>MOFCOM</ReceiverID><SendTime>2026-06-01T09:00:00</SendTime><Version>1.0</Version>' +
  `</Head>${criteria}</${query}>`

/** A dual-use licence is applied for and granted. */
async function licence(number: string): Promise<{ messageId: string; licenceNumber: string }> {
  const xml = await (await hub.get('/v1/catalogue/4.24.1.1.1/sample')).text()
  const own = xml.replace(/<MessageID>[^<]*/, `<MessageID>${number}`).replaceAll('2026SY000317', number)
  const { receipts } = await hub.send(own)
  const { messageId } = receipts[0]!
  const [approved] = business(await hub.receiptsOf(messageId, has('approved'))).filter((r) => r.status === 'approved')
  return { messageId, licenceNumber: approved!.agencyReference! }
}

test('a licence is found by its application number, with what the authority has decided', async () => {
  const { messageId, licenceNumber } = await licence('QRY0000001')
  await licence('QRY0000002')
  const { status, body } = await ask('19.1.3.1.1?applicationNumber=QRY0000001&wait=10')
  expect([status, body.status, body.page.total]).toEqual([200, 'answered', 1])
  expect(body.rows[0]).toMatchObject({
    source: 'agency',
    hubMessage: messageId,
    state: 'approved',
    applicationNumber: 'QRY0000001',
    licenceNumber,
    issuedBy: '商务部配额许可证事务局',
  })
})

test('by the number the authority gave it, the same licence is found', async () => {
  const { licenceNumber } = await licence('QRY0000003')
  const { body } = await ask(`19.1.3.1.1?licenceNumber=${licenceNumber}&wait=10`)
  expect(body.rows.map((row) => row.applicationNumber)).toEqual(['QRY0000003'])
})

test('the same question asked again is another question, with what is true by then', async () => {
  const criteria = '<Criteria><ApplicationNumber>QRY0000004</ApplicationNumber></Criteria>'
  const xml = question('MobileLicenceStatusQuery', '19.1', 'QUESTION-1', criteria)
  const results: string[] = []
  for (const filed of [false, true]) {
    if (filed) await licence('QRY0000004')
    const { status, receipts } = await hub.send(xml)
    expect([status, receipts[0]?.code]).toEqual([202, 'HUB_ACCEPTED'])
    const [answer] = business(await hub.receiptsOf(receipts[0]!.messageId, has('approved')))
    expect(answer).toMatchObject({ code: 'answered', text: { zh: '查询结果' } })
    results.push(answer!.body!.content!)
  }
  expect(results[0]).toContain('<Total>0</Total>')
  expect(results[1]).toContain('<ApplicationNumber>QRY0000004</ApplicationNumber>')
})

test('a declaration shows its state and customs’ number, by JSON too', async () => {
  const { receipts } = await hub.send(sample('dec/DecMessage-transit.xml'))
  await hub.receiptsOf(receipts[0]!.messageId, has('released'))
  const json = JSON.stringify({
    DeclarationQuery: {
      Head: {
        MessageID: 'QUESTION-J1', FunctionCode: '13', MessageType: 'DeclarationQuery', SenderID: 'TESTSENDER01',
        ReceiverID: 'GACC', SendTime: '2026-06-01T09:00:00', Version: '1.0',
      },
      Criteria: { IEFlag: 'I', State: 'released' },
    },
  }) // prettier-ignore
  const sent = await hub.send(json, { type: 'application/json' })
  expect(sent.receipts[0]).toMatchObject({ status: 'accepted', operation: '1.1.7.1.1' })
  const [answer] = business(await hub.receiptsOf(sent.receipts[0]!.messageId, has('approved')))
  const content = answer!.body!.content!
  expect(content).toContain('<Source>agency</Source>')
  expect(content).toMatch(/<EntryId>\d{18}<\/EntryId>/)
  expect(content).toContain('<State>released</State>')
  // Asked by address, each code has its meaning beside it.
  const { body } = await ask('1.1.7.1.1?ieFlag=I&status=released&wait=10')
  expect(body.rows[0]).toMatchObject({ ieFlag: 'I', ieFlagText: '进口', state: 'released' })
  const table = await hub.cli('query', '1.1.7.1.1', '--ieFlag', 'I', '--status', 'released')
  expect(table.stdout).toContain('I 进口')
})

test('statistics count what was filed, by month and state', async () => {
  const { body } = await ask('1.1.7.2.1?wait=10')
  // The hub's own count of the same declaration is no row of its own.
  expect(body.rows).toEqual([expect.objectContaining({ source: 'agency', ieFlag: 'I', state: 'released', count: '1' })])
})

test('by file: the result lies in the InBox beside its receipt', async () => {
  await licence('QRY0000005')
  const criteria = '<Criteria><ApplicationNumber>QRY0000005</ApplicationNumber></Criteria>'
  const file = join(hub.dataDir, 'question.xml')
  await writeFile(file, question('MobileLicenceStatusQuery', '19.1', 'QUESTION-F1', criteria))
  await hub.sftp(`put ${file} /OutBox/question.xml\n`)
  const names = async () => (await hub.sftp('ls -1 /InBox\n')).stdout.split('\n')
  const name = await until('the result', async () => (await names()).find((n) => /Receipt_/.test(n)), 20_000)
  const local = join(hub.dataDir, 'result.xml')
  await hub.sftp(
    `get ${name
      .trim()
      .replace(/^.*\//, '/InBox/')
      .replace(/^(?!\/)/, '/InBox/')} ${local}\n`,
  )
  const { body, code } = receiptFromXml(await readFile(local, 'utf8'))
  expect([code, bytesOfBody(body!)!.toString()]).toEqual(['answered', expect.stringContaining('QRY0000005')])
})

test('a criterion that is unknown, empty or impossible is named, and nothing is recorded', async () => {
  const before = await hub.read<{ messages: unknown[] }>('/v1/messages?operation=1.1.7.1.1&limit=100')
  const unknown = await ask('1.1.7.1.1?importrCode=1&entryId=')
  expect([unknown.status, unknown.body.code]).toEqual([400, 'HUB_QUERY_CRITERION'])
  expect(unknown.body.title).toContain('importrCode is not a criterion; did you mean importerCode')
  expect(unknown.body.title).toContain('entryId is empty')
  const wrong = await ask('1.1.7.1.1?from=2026-13-01&status=gone')
  // By the names that were asked with, each said once.
  expect(wrong.body.title).toMatch(/; from holds '2026-13-01'.*date/)
  expect(wrong.body.title).toContain("wrong: status holds 'gone'")
  expect(wrong.body.remedy!.en).toContain('GET /v1/queries/1.1.7.1.1/criteria')
  expect(wrong.body.remedy!.zh).toContain('hub query 1.1.7.1.1 --criteria')
  const backwards = await ask('1.1.7.1.1?from=2026-12-01&to=2026-01-31')
  expect([backwards.status, backwards.body.title]).toEqual([
    400,
    expect.stringContaining('submittedFrom 2026-12-01 is after submittedTo 2026-01-31'),
  ])
  expect((await ask('1.1.1.1.1')).body.code).toBe('HUB_QUERY_NONE')
  const after = await hub.read<{ messages: unknown[] }>('/v1/messages?operation=1.1.7.1.1&limit=100')
  expect(after.messages.length).toBe(before.messages.length)
})

test('another partner sees none of it, and not the answer either (promise 9)', async () => {
  await hub.ops('/ops/partners', { partnerId: 'curious', name: '测试报关有限公司', settings: { rights: ['*'] } })
  const { secret } = await hub.ops<{ secret: string }>('/ops/partners/curious/keys', { kind: 'http', label: 'test' })
  const own = await ask('19.1.3.1.1?applicationNumber=QRY0000001&wait=10')
  const theirs = await ask('19.1.3.1.1?applicationNumber=QRY0000001&wait=10', secret)
  expect(own.body.rows.length).toBe(1)
  expect([theirs.body.status, theirs.body.rows]).toEqual(['answered', []])
  expect((await ask(`19.1.3.1.1/${own.body.messageId}`, secret)).status).toBe(404)
})

test('when nothing comes in time the hub answers what it knows; a late answer is nobody’s', async () => {
  const xml = await (await hub.get('/v1/catalogue/1.5.1.1.1/sample')).text()
  const { receipts: taken } = await hub.send(xml, { headers: { 'x-operation': '1.5.1.1.1' } })
  const { messageId } = taken[0]!
  await hub.receiptsOf(messageId, has('approved'))
  await hub.simulator('POST', '/control', { documentType: 'DutyExemptionDataQuery', hold: true })
  const first = await ask('1.5.4.1.1?cutMode=789')
  expect([first.status, first.body.status]).toEqual([202, 'processing'])
  const later = await ask(`${first.location!.replace('/v1/queries/', '')}?wait=20`)
  expect(later.body.status).toBe('answered')
  expect(later.body.note).toContain('gacc 未在期限内答复')
  expect(later.body.rows).toEqual([
    expect.objectContaining({ source: 'hub', hubMessage: messageId, state: 'approved', cutMode: '789' }),
  ])
  await hub.simulator('DELETE', '/control')
  const { messages } = await hub.read<{ messages: { messageId: string }[] }>('/v1/messages?operation=1.5.4.1.1')
  const asked = messages.find((one) => one.messageId === first.body.messageId)!
  await until(
    'the late answer to be kept',
    async () => (await hub.log()).some((line) => line.agency === 'gacc' && JSON.stringify(line).includes('reply')),
    20_000,
  )
  const receipts = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${asked.messageId}/receipts`)
  expect(business(receipts.receipts).length).toBe(1)
  const orphans = await hub.ops<{ orphans: unknown[] }>('/ops/orphans')
  expect(orphans.orphans).toEqual([])
})

test('while an authority turns questions away, filings go on and no dead letter is made', async () => {
  await hub.simulator('POST', '/control', { documentType: 'MobileLicenceStatusQuery', fail: 503 })
  const asked = await Promise.all(Array.from({ length: 6 }, () => ask('19.1.3.1.1?applicationNumber=QRY0000007')))
  expect(asked.map(({ status }) => status)).toEqual([202, 202, 202, 202, 202, 202])
  await licence('QRY0000007')
  const answers = await Promise.all(asked.map(({ body }) => ask(`19.1.3.1.1/${body.messageId}?wait=20`)))
  expect(answers.map(({ body }) => [body.status, body.rows[0]?.source])).toEqual(asked.map(() => ['answered', 'hub']))
  await hub.simulator('DELETE', '/control')
  const dead = await hub.ops<{ submissions: unknown[] }>('/ops/dead')
  expect(dead.submissions).toEqual([])
})

test('a Chinese character in an address that is not percent-encoded is named', async () => {
  const { hostname, port } = new URL(hub.url)
  const socket = connect(Number(port), hostname)
  socket.write('GET /v1/catalogue?q=出口许可证 HTTP/1.1\r\nHost: hub\r\n\r\n')
  let answer = ''
  for await (const bytes of socket) answer += String(bytes)
  expect(answer).toMatch(/^HTTP\/1\.1 400 /)
  expect(answer).toContain('must be percent-encoded')
  expect(answer).toContain('地址中有未编码的字符')
})

test('each query stands in the description of the interface, with its own criteria', async () => {
  const { paths } = await hub.read<{
    paths: Record<string, { get: { parameters: { name: string; description: string }[] } }>
  }>('/docs/json')
  const parameters = paths['/v1/queries/1.1.7.1.1']!.get.parameters.map(({ name }) => name)
  expect(parameters).toEqual(
    expect.arrayContaining(['entryId', 'tradeCode', 'submittedFrom', 'state', 'page', 'size', 'wait']),
  )
  const { queries } = await hub.read<{ queries: { operation: string }[] }>('/v1/queries')
  expect(queries.length).toBeGreaterThan(200)
})

test('at the command line a query is a table, CSV or JSON; a slip is told in words', async () => {
  const args = ['query', '19.1.3.1.1', '--applicationNumber', 'QRY0000001']
  const shown = await hub.cli(...args)
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringMatching(/申请|来源[^]*QRY0000001[^]*1 of 1 rows/)])
  const csv = await hub.cli(...args, '--csv')
  expect(csv.stdout.replace(/^\ufeff/, '').split('\r\n')[0]).toMatch(/^来源,[^,]*申请编号,/)
  expect(csv.stdout).toMatch(/\r\n(主管部门|本系统),QRY0000001,.*已通过/)
  const json = JSON.parse((await hub.cli(...args, '--json')).stdout) as Answer
  expect(json.rows[0]!.applicationNumber).toBe('QRY0000001')
  const slip = await hub.cli('query', '19.1.3.1.1', '--aplicationNumber', 'X')
  expect([slip.code, slip.stderr]).toEqual([1, expect.stringContaining('did you mean applicationNumber')])
  expect((await hub.cli('query', '报关数据查询', '--criteria')).stdout).toContain('--entryId')
  const several = (await hub.cli('query', '修撤单')).stdout
  expect([several.includes('AmendmentQuery'), several.includes('DeclarationQuery')]).toEqual([true, false])
  expect((await hub.cli('query', '没有的查询')).stderr).toContain('no query is called 没有的查询')
})

// --- Filings another shares ---

interface Grants {
  given: { partner: string; operation?: string; company?: string; until: string; expired: boolean }[]
  received: { owner: string }[]
}
const keyOf = async (partnerId: string, name: string) => {
  await hub.ops('/ops/partners', { partnerId, name, settings: { rights: ['*'] } })
  return (await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http', label: 'test' })).secret
}
const call = async (method: string, path: string, key: string, body?: object) => {
  const answer = await fetch(hub.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: answer.status, body: (await answer.json()) as Grants & { code?: string; title?: string } }
}

test('a forwarder lets another see its filings by date, operation and company; each look is recorded', async () => {
  const [forwarder, importer] = [
    await keyOf('forwarder', '测试货代有限公司'),
    await keyOf('importer', '测试钼业有限公司'),
  ]
  const xml = await (await hub.get('/v1/catalogue/4.24.1.1.1/sample')).text()
  const [, company] = /<UnifiedSocialCreditCode>([^<]+)</.exec(xml)!
  const filed = await hub.send(
    xml.replace(/<MessageID>[^<]*/, '<MessageID>SHARED-1').replaceAll('2026SY000317', 'SHARED0001'),
    { key: forwarder },
  )
  const { messageId } = filed.receipts[0]!
  await until('the licence', async () => {
    const { receipts } = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${messageId}/receipts`, {
      key: forwarder,
    })
    return has('approved')(receipts)
  })
  let shownToOthers = 0
  const seen = async (key = importer) => {
    const { rows } = (await ask('19.1.3.1.1?applicationNumber=SHARED0001&wait=10', key)).body
    if (rows.some(({ sharedBy }) => sharedBy !== undefined)) shownToOthers++
    return rows.map((row) => [row.source, row.sharedBy])
  }
  const shared = [['hub', 'forwarder']]
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  const put = (more: object) => call('PUT', '/v1/grants', forwarder, { partner: 'importer', until: tomorrow, ...more })
  const revoke = (more = '') => call('DELETE', `/v1/grants?partner=importer${more}`, forwarder)

  expect(await seen(), 'no grant').toEqual([])
  expect(
    (await seen(forwarder)).map(([, sharedBy]) => sharedBy),
    'its own',
  ).toEqual([undefined])

  const { body } = await put({})
  expect(body.given).toEqual([expect.objectContaining({ partner: 'importer', expired: false })])
  expect(await seen()).toEqual(shared)
  expect((await call('GET', '/v1/grants', importer)).body).toMatchObject({
    given: [],
    received: [{ owner: 'forwarder' }],
  })
  expect(await seen(hub.env.HUB_KEY), 'another partner').toEqual([])
  const own = await hub.get(`/v1/messages/${messageId}`, { key: importer })
  const none = await hub.get('/v1/messages/msg_00000000000000000000000000', { key: importer })
  const told = async (answer: Response) => (await answer.text()).replaceAll(/msg_\w+|"instance":"[^"]*"/g, '')
  expect([own.status, await told(own)], 'as if it were not there').toEqual([none.status, await told(none)])
  const counted = await ask('4.24.2.1.1?wait=10', importer)
  expect(counted.status).toBeLessThan(500)

  await revoke()
  expect(await seen(), 'revoked').toEqual([])
  expect((await revoke()).status).toBe(404)

  await put({ operation: '1.1' })
  expect(await seen(), 'another operation').toEqual([])
  await put({ operation: '4.24' })
  expect(await seen()).toEqual(shared)
  await revoke('&operation=4.24')
  expect(await seen()).toEqual([])

  await put({ company: '91110000000000000A' })
  expect(await seen(), 'another company').toEqual([])
  await put({ company: company!.toLowerCase() })
  expect(await seen()).toEqual(shared)
  await revoke()

  let tries = 0
  const { used, end } = await usedBeforeItEnds(async (end) => {
    tries++
    await put({ until: end.toISOString() })
    return seen()
  })
  expect(used).toEqual(shared)
  await until('the grant to end', async () => Date.now() > end.getTime())
  expect(await seen(), 'expired').toEqual([])
  expect((await call('GET', '/v1/grants', forwarder)).body.given).toEqual([expect.objectContaining({ expired: true })])

  await put({})
  await hub.ops('/ops/partners/forwarder/disable', {})
  expect(await seen(), 'a disabled owner').toEqual([])
  await hub.ops('/ops/partners/forwarder/enable', {})
  expect(await seen()).toEqual(shared)

  const { uses } = await hub.read<{ uses: object[] }>('/v1/grants/uses', { key: forwarder })
  expect(uses.length).toBe(shownToOthers)
  expect(uses[0]).toMatchObject({ partner: 'importer', operation: '19.1.3.1.1', rows: 1 })
  const { audit } = await hub.ops<{ audit: { who: string; action: string }[] }>(
    '/ops/audit?target=forwarder&action=grant',
  )
  const done = (action: string) => audit.filter((one) => one.action === action).map(({ who }) => who)
  expect([done('grant.put').length, done('grant.revoke').length]).toEqual([6 + tries, 3])
  expect(new Set(done('grant.use'))).toEqual(new Set(['partner:importer']))
})

test('a grant that could show nothing is told as wrong; one to a partner nobody knows is not told apart', async () => {
  const forwarder = await keyOf('forwarder-2', '测试货代二有限公司')
  const put = (more: object) =>
    call('PUT', '/v1/grants', forwarder, { partner: 'importer', until: '2099-01-01', ...more })
  const wrong = async (more: object) => {
    const { status, body } = await put(more)
    return [status, body.code, body.title]
  }
  const soon = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  expect(await wrong({})).toEqual([400, 'HUB_REQUEST_INVALID', expect.stringContaining('5 years')])
  expect(await wrong({ until: '2020-01-01' })).toEqual([400, 'HUB_REQUEST_INVALID', expect.stringContaining('is over')])
  expect(await wrong({ until: '2027-13-01' })).toEqual([400, 'HUB_REQUEST_INVALID', expect.stringContaining('no date')])
  expect(await wrong({ until: soon, operation: '1.1.7.1.1' })).toEqual([
    400,
    'HUB_REQUEST_INVALID',
    expect.stringContaining('no filing'),
  ])
  expect((await put({ until: soon, operation: '99.1' })).body.code).toBe('HUB_OPERATION_UNKNOWN')
  expect((await put({ until: soon, partner: 'forwarder-2' })).status).toBe(400)
  const [there, notThere] = [await put({ until: soon }), await put({ until: soon, partner: 'nobody-here' })]
  expect([there.status, notThere.status]).toEqual([200, 200])
})

test('the operator grants and takes back in the owner’s name, and both must be there', async () => {
  const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  const grant = [
    'partner',
    'grant',
    'forwarder-2',
    '4.24',
    '--to',
    'importer',
    '--until',
    day,
    '--why',
    'asked by letter',
  ]
  // To the end of that day in Beijing.
  const next = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10)
  const { stdout } = await hub.cli(...grant)
  expect(stdout).toMatch(/UNTIL UTC\+8/)
  expect(stdout).toMatch(new RegExp(`importer +4[.]24 +all +${next} 00:00:00`))
  expect((await hub.cli(...grant.with(2, 'nobody-here'))).code).toBe(1)
  expect((await hub.cli(...grant.with(5, 'nobody-here'))).stderr).toContain('no partner nobody-here')
  expect((await hub.cli('partner', 'grants', 'importer')).stdout).toMatch(/forwarder-2 +4\.24/)
  const revoked = await hub.cli('partner', 'revoke', 'forwarder-2', '4.24', '--to', 'importer', '--json')
  const { given } = JSON.parse(revoked.stdout) as Grants
  expect(given.filter(({ operation }) => operation === '4.24')).toEqual([])
  expect((await hub.cli('partner', 'grant', 'forwarder-2', '--to', 'importer')).stderr).toContain('--until')
})
