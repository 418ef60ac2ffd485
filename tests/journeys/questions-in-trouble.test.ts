// Questions when something goes wrong: the hub is killed while one lies at its agency, Redis or the agency is away, the
// agency says too much or somebody else's rows, the right to see ends, the asker hangs up or asks what harms. Who asks
// is always told; nobody hears of another's filings; filings go on.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { sample, startHub, type RunningHub } from '../support/hub.js'
import { ownAgency, ownRedis, freePort } from '../support/neighbours.js'
import { sharedHub } from '../support/shared-hub.js'
import { tempDir } from '../support/temp.js'
import { until } from '../support/until.js'

interface Answer {
  messageId: string
  status: string
  code?: string
  title?: string
  note?: string
  asOf?: string
  page?: { number: number; size: number; total: number; more?: boolean }
  rows?: ({ source: string; hubMessage?: string; sharedBy?: string } & Record<string, unknown>)[]
}
const askOf = async (hub: RunningHub, address: string, key?: string) => {
  const answer = await hub.get(`/v1/queries/${address}`, key === undefined ? {} : { key })
  return {
    status: answer.status,
    location: answer.headers.get('location'),
    retryAfter: answer.headers.get('retry-after'),
    body: (await answer.json()) as Answer,
  }
}
const business = (receipts: Receipt[]) => receipts.filter(({ stage }) => stage === 'business')
const has = (status: string) => (receipts: Receipt[]) => business(receipts).some((r) => r.status === status)
async function partnerOf(hub: RunningHub, partnerId: string, settings: object = {}): Promise<string> {
  await hub.ops('/ops/partners', { partnerId, name: '测试报关有限公司', settings: { rights: ['*'], ...settings } })
  return (await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http', label: 'test' })).secret
}
let declared = 0
/** A declaration under a number of its own. */
const declaration = (number = `TROUBLE${String(++declared).padStart(5, '0')}`) =>
  sample('dec/DecMessage-minimal.xml')
    .toString()
    .replace(/(ClientSeqNo>)[^<]*/, `$1${number}`)

test('killed while a question lies at its agency and a notice comes: each is given after the start, once', async () => {
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort })
  const dataDir = await tempDir('hub')
  const options = { dataDir, httpPort, config: agency.config, env: agency.env }
  const hub = await startHub(options)
  const { receipts } = await hub.send(declaration())
  const { messageId, reference } = receipts[0]!
  await hub.receiptsOf(messageId, has('released'))
  await agency.control({ documentType: 'DeclarationQuery', hold: true })
  const asked = await askOf(hub, `1.1.7.1.1?reference=${reference}`)
  expect([asked.status, asked.body.status]).toEqual([202, 'processing'])
  await until('the agency to have the question', async () => (await hub.state(asked.body.messageId)) === 'submitted')
  // Two partners subscribed to one number.
  const number = '900020260000000091'
  const other = await partnerOf(hub, 'subscribed', { subscriptions: 'granted' })
  const keys = [hub.env.HUB_KEY!, other]
  const subscription = { operation: '18.2.1.1.1', reference: number }
  for (const key of keys)
    await hub.send(JSON.stringify(subscription), { type: 'application/json', path: '/v1/subscriptions', key })
  const says = (channel: string) =>
    fetch(`${agency.url}/gacc/notices`, {
      method: 'POST',
      body: sample('dec/DEC_RESULT.xml')
        .toString()
        .replace(/<CUS_CIQ_NO>.*<\/CUS_CIQ_NO>/, `<CUS_CIQ_NO>9${number.slice(1)}</CUS_CIQ_NO>`)
        .replace(/<ENTRY_ID>.*<\/ENTRY_ID>/, `<ENTRY_ID>${number}</ENTRY_ID>`)
        .replace(/<CHANNEL>.*<\/CHANNEL>/, `<CHANNEL>${channel}</CHANNEL>`),
      headers: { 'content-type': 'application/xml' },
    })
  const noticesAt = async (at: RunningHub) =>
    Promise.all(
      keys.map(async (key) => {
        const { receipts } = await at.read<{ receipts: Receipt[] }>('/v1/receipts', { key })
        return receipts.filter(({ stage }) => stage === 'notice').map(({ code }) => code)
      }),
    )
  await hub.stop('SIGKILL')
  await agency.clear()
  // Customs speaks while nobody hears.
  await says('P')
  let again = await startHub(options)
  const told = await askOf(again, `1.1.7.1.1/${asked.body.messageId}?wait=60`)
  expect(told.body).toMatchObject({ status: 'answered', rows: [{ hubMessage: messageId, state: 'released' }] })
  const all = await again.read<{ receipts: Receipt[] }>(`/v1/messages/${asked.body.messageId}/receipts`)
  expect(business(all.receipts).map(({ code }) => code)).toEqual(['answered'])

  const each = async (codes: string[]) =>
    until(`each to have heard ${codes.join()}`, async () => {
      const heard = await noticesAt(again)
      return heard.every((one) => one.length >= codes.length) && heard
    })
  expect(await each(['P'])).toEqual([['P'], ['P']])
  // Killed as soon as one is on disk: it is neither lost nor told twice, also when customs says it again.
  const kept = async () => (await again.log()).filter(({ msg }) => msg === 'reply kept').length
  const before = await kept()
  await says('R')
  await until('it to be kept', async () => (await kept()) > before)
  await again.stop('SIGKILL')
  again = await startHub(options)
  const once = await kept()
  await says('R')
  await until('the repetition to be taken', async () => (await kept()) > once)
  expect(await each(['P', 'R'])).toEqual([
    ['P', 'R'],
    ['P', 'R'],
  ])
  // Whoever unsubscribes keeps what it was told, and hears no more.
  const ended = await fetch(`${again.url}/v1/subscriptions?operation=18.2.1.1.1&reference=${number}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${other}` },
  })
  expect(ended.status).toBe(200)
  await says('J')
  await until('the other to hear', async () => (await noticesAt(again))[0]!.length === 3)
  expect(await noticesAt(again)).toEqual([
    ['P', 'R', 'J'],
    ['P', 'R'],
  ])
})

test('while Redis is away the hub’s own answers come, and an agency’s comes after it', async () => {
  const redis = await ownRedis()
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort })
  const { agencies } = agency.config as { agencies: { default: object } }
  const hub = await startHub({
    httpPort,
    env: { ...agency.env, REDIS_URL: redis.url },
    config: {
      agencies: { default: { ...agencies.default, queries: { operations: { '1.1.7.2': 'hub' } } } },
    },
  })
  const { receipts } = await hub.send(declaration())
  const { messageId, reference } = receipts[0]!
  await hub.receiptsOf(messageId, has('released'))
  await redis.stop('SIGKILL')
  const asked = await askOf(hub, `1.1.7.1.1?reference=${reference}&wait=1`)
  expect([asked.status, asked.body.status]).toEqual([202, 'processing'])
  const counted = await askOf(hub, '1.1.7.2.1?wait=5')
  expect([counted.status, counted.body.status, counted.body.rows?.length]).toEqual([200, 'answered', 1])
  const unwaited = await askOf(hub, '1.1.7.2.1')
  const later = await askOf(hub, `1.1.7.2.1/${unwaited.body.messageId}?wait=60`)
  expect([later.body.status, later.body.rows?.length], 'as a message, too').toEqual(['answered', 1])
  await redis.start()
  const told = await askOf(hub, `1.1.7.1.1/${asked.body.messageId}?wait=60`)
  expect(told.body).toMatchObject({ status: 'answered', rows: [{ hubMessage: messageId }] })
})

test('whoever asked is told at the deadline, though Redis lost all while the question lay at its agency', async () => {
  const redis = await ownRedis()
  const httpPort = await freePort()
  const agency = await ownAgency({ hubPort: httpPort })
  const hub = await startHub({
    httpPort,
    env: { ...agency.env, REDIS_URL: redis.url },
    config: { ...agency.config, queries: { httpSeconds: 4 } },
  })
  await agency.control({ documentType: 'DeclarationQuery', hold: true })
  const { body } = await askOf(hub, '1.1.7.1.1?reference=LOST-1')
  await until('the agency to have the question', async () => (await hub.state(body.messageId)) === 'submitted')
  await redis.flush()
  const told = await askOf(hub, `1.1.7.1.1/${body.messageId}?wait=30`)
  expect(told.body).toMatchObject({ status: 'answered', note: expect.stringContaining('未在期限内答复') as string })
})

/** What an agency was asked. */
interface AskedThere {
  xml: string
  number: string
  partner: string
}
/** Its result, as the agency gives it. */
const own = ({ xml }: AskedThere, rows: string[], { original = numberOf(xml), query = 'DeclarationQuery' } = {}) =>
  `<${query}Result xmlns="urn:singlewindow:1.1:${query}Result:1"><Head><MessageID>ANSWER-${++answers}</MessageID>` +
  `<FunctionCode>11</FunctionCode><MessageType>${query}Result</MessageType><SenderID>GACC</SenderID>` +
  `<ReceiverID>${/<SenderID>([^<]*)/.exec(xml)![1]}</ReceiverID><SendTime>2026-06-01T09:00:00</SendTime>` +
  `<Version>1.0</Version></Head>` +
  `<OriginalMessageID>${original}</OriginalMessageID><AsOf>2026-06-01T09:00:00</AsOf>` +
  `<Page><Number>1</Number><Size>20</Size><Total>${rows.length}</Total></Page>` +
  rows.map((row) => `<Row><Source>agency</Source><AsOf>2026-06-01T09:00:00</AsOf>${row}</Row>`).join('') +
  `</${query}Result>`
let answers = 0
const numberOf = (xml: string) => /<MessageID>([^<]*)/.exec(xml)![1]!
const entry = (number: string) => `<EntryId>${number}</EntryId><State>released</State>`

describe('with an agency that says what it likes', () => {
  let hub: RunningHub
  const asked: AskedThere[] = []
  /** What it says at once to a question; undefined: taken, and the answer comes later. */
  let say: (question: AskedThere) => string | undefined = () => undefined
  beforeAll(async () => {
    const agency = createServer((request, response) => {
      let xml = ''
      request.setEncoding('utf8').on('data', (some: string) => (xml += some))
      request.on('end', () => {
        if (!xml.includes('<FunctionCode>13<')) return void response.writeHead(202).end()
        const question = { xml, number: numberOf(xml), partner: String(request.headers['x-partner']) }
        asked.push(question)
        const said = say(question)
        response.writeHead(said === undefined ? 202 : 200, { 'content-type': 'application/xml' }).end(said)
      })
    })
    await new Promise<void>((resolve) => agency.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(agency.address() as AddressInfo).port}`
    const shared = await sharedHub({
      config: {
        queries: { httpSeconds: 4 },
        agencies: {
          gacc: {
            url,
            callbackTokenEnv: 'GACC_TOKEN',
            queries: { answeredBy: 'both', operations: { '1.1.7.2': 'hub', '1.1.7.1.3': 'hub' } },
          },
          // Nobody is there.
          mofcom: { url: 'http://127.0.0.1:9', retrySeconds: [0.2] },
        },
      },
      env: { GACC_TOKEN: 'token-of-customs' },
    })
    hub = shared.hub
    return async () => {
      await shared.remove()
      agency.closeAllConnections()
      agency.close()
    }
  })
  const ask = (address: string, key?: string) => askOf(hub, address, key)
  const post = async (xml: string) =>
    (
      await fetch(`${hub.url}/agency/gacc/receipts`, {
        method: 'POST',
        body: xml,
        headers: { authorization: 'Bearer token-of-customs', 'content-type': 'application/xml' },
      })
    ).status
  const underWay = (partner: string) =>
    until('the agency to be asked', () => asked.find((one) => one.partner === partner))
  const grant = async (method: string, owner: string, body?: object, more = '') => {
    const answer = await fetch(`${hub.url}/v1/grants${more}`, {
      method,
      headers: { authorization: `Bearer ${owner}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    expect(answer.status).toBe(200)
  }
  const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)

  test('an agency that answers twice is heard once; what it says to a question nobody asked is nobody’s', async () => {
    say = () => undefined
    const key = await partnerOf(hub, 'twice')
    const other = await partnerOf(hub, 'twice-other')
    const first = await ask('1.1.7.1.1', key)
    const question = await underWay('twice')
    expect(await post(own(question, [entry('224820261000000001')]))).toBe(202)
    expect(await post(own(question, [entry('224820261000000002')]))).toBe(202)
    expect(await post(own(question, [entry('224820261000000003')], { original: 'QRY_NOBODY' }))).toBe(202)
    const { body } = await ask(`1.1.7.1.1/${first.body.messageId}?wait=30`, key)
    expect(body.rows?.map(({ entryId }) => entryId)).toEqual(['224820261000000001'])
    await until('all three to be kept', async () => {
      const log = await hub.log()
      return log.filter(({ msg, agency }) => msg === 'reply kept' && agency === 'gacc').length === 3
    })
    const { receipts } = await hub.read<{ receipts: Receipt[] }>(`/v1/messages/${first.body.messageId}/receipts`, {
      key,
    })
    expect(business(receipts)).toHaveLength(1)
    for (const one of [key, other]) {
      const mailbox = await hub.get('/v1/receipts', { key: one })
      expect(await mailbox.text()).not.toMatch(/22482026100000000[23]/)
    }
  })

  test('the answer to another’s question goes to him who asked it, and to nobody else', async () => {
    say = () => undefined
    const [key, other] = [await partnerOf(hub, 'mixed-a'), await partnerOf(hub, 'mixed-b')]
    const [mine, theirs] = [await ask('1.1.7.1.1', key), await ask('1.1.7.1.1', other)]
    const [a, b] = [await underWay('mixed-a'), await underWay('mixed-b')]
    // To the second asker at once, to the first never.
    expect(await post(own(b, [entry('224820261000000011')], { original: b.number }))).toBe(202)
    const got = await ask(`1.1.7.1.1/${theirs.body.messageId}?wait=30`, other)
    expect(got.body.rows?.map(({ entryId }) => entryId)).toEqual(['224820261000000011'])
    const none = await ask(`1.1.7.1.1/${mine.body.messageId}?wait=30`, key)
    expect([none.body.status, none.body.rows, none.body.note]).toEqual([
      'answered',
      [],
      expect.stringContaining('gacc 未在期限内答复'),
    ])
    expect(a.number).not.toBe(b.number)
  })

  test('where the agency is dead the hub’s rows come at the deadline, with a note that says so', async () => {
    const key = await partnerOf(hub, 'dead-agency')
    const { status, body } = await ask('4.3.3.1.1?wait=30', key)
    expect([status, body.status, body.rows]).toEqual([200, 'answered', []])
    expect(body.note).toContain('mofcom 未在期限内答复')
  })

  test('a grant that ends while the question is with the agency shows nothing, in rows, totals or codes', async () => {
    say = () => undefined
    const [owner, key, stranger] = [
      await partnerOf(hub, 'grants-owner'),
      await partnerOf(hub, 'grants-reader'),
      await partnerOf(hub, 'grants-stranger'),
    ]
    const filed = await hub.send(declaration(), { key: owner })
    const { messageId, reference } = filed.receipts[0]!
    await grant('PUT', owner, { partner: 'grants-reader', until: tomorrow() })
    const counts = await ask('1.1.7.2.1?wait=5', key)
    expect(counts.body.rows).toEqual([expect.objectContaining({ sharedBy: 'grants-owner' })])
    const seen = await ask('1.1.7.1.1', key)
    const question = await underWay('grants-reader')
    await grant('DELETE', owner, undefined, '?partner=grants-reader')
    await post(own(question, []))
    const strip = ({ body }: Awaited<ReturnType<typeof ask>>) => {
      const { messageId: _, asOf: __, ...rest } = body
      return rest
    }
    const told = await ask(`1.1.7.1.1/${seen.body.messageId}?wait=30`, key)
    expect([told.body.rows, told.body.page?.total]).toEqual([[], 0])

    // Ended, or never there: the same answers as about a number that nobody ever filed.
    for (const as of [key, stranger])
      for (const address of ['1.1.7.1.3?reference=', '1.1.7.1.3?entryId=0&reference=']) {
        const [real, unreal] = [
          await ask(`${address}${reference}&wait=5`, as),
          await ask(`${address}NEVERFILED&wait=5`, as),
        ]
        expect(real.status).toBe(unreal.status)
        expect(JSON.stringify(strip(real)).replaceAll(reference, '')).toEqual(
          JSON.stringify(strip(unreal)).replaceAll('NEVERFILED', ''),
        )
        expect(JSON.stringify(real)).not.toContain(messageId)
      }
    const { uses } = await hub.read<{ uses: { operation: string }[] }>('/v1/grants/uses', { key: owner })
    expect(uses.map(({ operation }) => operation)).toEqual(['1.1.7.2.1'])
  })

  test('who hangs up while it waits has the answer in its mailbox all the same', async () => {
    say = () => undefined
    const key = await partnerOf(hub, 'hangs-up')
    const gone = new AbortController()
    const waits = fetch(`${hub.url}/v1/queries/1.1.7.1.1?wait=60`, {
      headers: { authorization: `Bearer ${key}` },
      signal: gone.signal,
    }).then(
      () => 'answered',
      () => 'hung up',
    )
    const question = await underWay('hangs-up')
    gone.abort()
    expect(await waits).toBe('hung up')
    await post(own(question, [entry('224820261000000021')]))
    const { receipts } = await hub.read<{ receipts: Receipt[] }>('/v1/receipts?wait=30', { key })
    expect(receipts.map(({ code }) => code)).toEqual(['answered'])
    expect(receipts[0]!.body?.content).toContain('224820261000000021')
  })

  test('a partner with a webhook has the answer there, once, and to the call that waits', async () => {
    const key = await partnerOf(hub, 'hooked')
    const calls: Receipt[] = []
    const server = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (some: string) => (body += some))
      request.on('end', () => {
        calls.push(JSON.parse(body) as Receipt)
        response.writeHead(204).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/receipts`
      await hub.ops('/ops/partners/hooked/webhook', { url })
      say = (question) => own(question, [entry('224820261000000031')])
      for (const address of ['1.1.7.1.1', '1.1.7.2.1']) {
        const { status, body } = await ask(`${address}?wait=30`, key)
        expect([status, body.status]).toEqual([200, 'answered'])
        const at = await until('the webhook', () => calls.find(({ messageId }) => messageId === body.messageId))
        expect(at).toMatchObject({ code: 'answered', stage: 'business' })
      }
      const mailbox = await hub.read<{ receipts: Receipt[] }>('/v1/receipts', { key })
      expect(mailbox.receipts).toEqual([])
      expect(calls.filter(({ stage }) => stage === 'business')).toHaveLength(2)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  test('of too many questions at once some are told to come again, and filings are taken meanwhile', async () => {
    const key = await partnerOf(hub, 'crowd')
    await hub.send(declaration(), { key })
    const crowd = Array.from({ length: 120 }, () => ask('1.1.7.2.1?wait=30', key))
    const filings = Array.from({ length: 5 }, () => hub.send(declaration(), { key }))
    expect((await Promise.all(filings)).map(({ status }) => status)).toEqual([202, 202, 202, 202, 202])
    const all = await Promise.all(crowd)
    const [answered, full] = [all.filter(({ status }) => status === 200), all.filter(({ status }) => status !== 200)]
    expect(answered.length).toBeGreaterThan(60)
    expect(full.length).toBeGreaterThan(0)
    for (const { status, body, retryAfter } of full)
      expect([status, body.code, Number(retryAfter) > 0]).toEqual([503, 'HUB_QUERIES_FULL', true])
    expect((await ask('1.1.7.2.1?wait=30', key)).status).toBe(200)
  })

  test.each([
    ['a value of 12,000 characters', `billNo=${'9'.repeat(12_000)}`],
    ['SQL', `reference=${encodeURIComponent("' or 1=1; drop table message; --")}`],
    ['SQL as a wildcard', 'reference=%25'],
    ['a regular expression', `billNo=${encodeURIComponent('.*')}`],
    ['a regular expression that explodes', `billNo=${encodeURIComponent('(a+)+$')}`],
    ['XML', `billNo=${encodeURIComponent('</BillNo></Criteria><Criteria><BillNo>1')}`],
    ['an entity', `billNo=${encodeURIComponent('&xxe;')}`],
    ['a zero byte', 'billNo=%00'],
    ['half a pair', 'billNo=%ED%A0%80'],
    ['broken percent signs', 'billNo=%E4%B8'],
    ['the 25th hour', 'from=2026-06-01T25:00:00'],
    ['the 31st of June', 'from=2026-06-31'],
    ['the year 0', 'from=0000-01-01'],
    ['the year 10000', 'to=10000-01-01'],
    ['a list where one value is meant', 'status=released&status=accepted'],
    ['an object', 'reference[a]=1'],
    ['__proto__', '__proto__=1'],
    ['constructor', 'constructor=1'],
    ['page 0', 'page=0'],
    ['page 1.5', 'page=1.5'],
    ['page NaN', 'page=NaN'],
    ['page 1e3', 'page=99999999999999999999'],
    ['a size beyond the largest', 'size=100000'],
    ['a negative wait', 'wait=-1'],
    ['an hour’s wait', 'wait=3600'],
  ])('%s harms nothing: a clear answer without a row', async (name, criteria) => {
    say = (question) => own(question, [])
    const key = await (hostile ??= partnerOf(hub, 'hostile'))
    if (name.startsWith('a value')) await hub.send(declaration(), { key })
    for (const operation of ['1.1.7.1.1', '1.1.7.2.1']) {
      const wait = criteria.startsWith('wait') ? '' : '&wait=20'
      const response = await fetch(`${hub.url}/v1/queries/${operation}?${criteria}${wait}`, {
        headers: { authorization: `Bearer ${key}` },
      })
      const text = await response.text()
      expect(response.status).toBeLessThan(500)
      const body = JSON.parse(text) as Answer
      if (response.status === 200) expect([body.status, body.rows]).toEqual(['answered', []])
      else expect([response.status, body.code]).toEqual([400, expect.stringMatching(/^HUB_/)])
    }
  })
  let hostile: Promise<string> | undefined
})
