// Questions the hub alone answers, to a caller who waits: answered in the call, kept, seen by nobody else; and no
// messages.
import { beforeAll, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { cleanEnv, cli, launchHub, sample, type RunningHub } from '../support/hub.js'
import { run } from '../support/process.js'
import { newFolder } from '../support/temp.js'
import { until } from '../support/until.js'

let hub: RunningHub
let dataDir: string
let key: string
/** Reached by no calls: what is filed waits for it, and the hub answers what is asked. */
const agency = { connector: 'http', url: 'http://127.0.0.1:9', answers: 'async', queries: { answeredBy: 'hub' } }
const config = { agencies: { gacc: agency, mofcom: agency } }
beforeAll(async () => {
  const folder = await newFolder()
  dataDir = folder.path
  hub = await launchHub({ dataDir, config })
  key = await keyOf('declarant')
  return async () => {
    await hub.stop('SIGKILL')
    await folder.remove()
  }
})

interface Answer {
  messageId: string
  status: string
  code?: string
  title?: string
  page: { total: number; next?: string }
  rows: { source: string; orderNo?: string; hubMessage?: string; sharedBy?: string; state?: string }[]
}
const ask = async (address: string, as = key) => {
  const answer = await hub.get(`/v1/queries/${address}`, { key: as })
  const body = (await answer.json()) as Answer
  return { status: answer.status, location: answer.headers.get('location'), body }
}
async function keyOf(partnerId: string, rights = ['*']): Promise<string> {
  await hub.ops('/ops/partners', { partnerId, name: '测试报关有限公司', settings: { rights } })
  return (await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http', label: 'test' })).secret
}
const asked = async () =>
  (await hub.read<{ messages: unknown[] }>('/v1/messages?operation=1.1.7.1.1', { key })).messages.length

test('who waits has the answer in the call and finds it again by its number', async () => {
  const { receipts } = await hub.send(sample('dec/DecMessage-minimal.xml'), { key })
  const { messageId, reference } = receipts[0]!
  const { status, body } = await ask(`1.1.7.1.1?reference=${reference}&wait=10`)
  expect([status, body.status, body.page.total]).toEqual([200, 'answered', 1])
  expect(body.rows).toEqual([expect.objectContaining({ source: 'hub', hubMessage: messageId })])
  expect(await asked()).toBe(0)
  const mailbox = await hub.read<{ receipts: Receipt[] }>('/v1/receipts', { key })
  expect(mailbox.receipts.filter(({ stage }) => stage === 'business')).toEqual([])

  const place = `1.1.7.1.1/${body.messageId}`
  expect((await ask(place)).body).toEqual(body)
  expect((await ask(`1.1.7.2.1/${body.messageId}`)).status, 'under another operation').toBe(404)
  expect((await ask(place, await keyOf('curious'))).status, 'another partner (promise 9)').toBe(404)
  const stranger = await ask(`1.1.7.1.1?reference=${reference}&wait=10`, await keyOf('stranger'))
  expect([stranger.body.status, stranger.body.rows]).toEqual(['answered', []])
})

test('who asked what is on record for the operator', async () => {
  const { body } = await ask('1.1.7.1.1?reference=NOTHERE&wait=10')
  const { questions } = await until('the record', async () => {
    const page = await hub.ops<{ questions: { messageId: string }[] }>('/ops/questions?partnerId=declarant&limit=1')
    return page.questions[0]?.messageId === body.messageId && page
  })
  expect(questions).toEqual([
    expect.objectContaining({
      partnerId: 'declarant',
      operation: '1.1.7.1.1',
      query: 'DeclarationQuery',
      criteria: { Reference: 'NOTHERE' },
      total: 0,
    }),
  ])
  const others = await hub.ops<{ questions: object[] }>('/ops/questions?partnerId=nobody')
  expect(others.questions).toEqual([])
})

test('who does not wait has a place to look, as ever', async () => {
  const before = await asked()
  const first = await ask('1.1.7.1.1?status=accepted')
  expect([first.status, first.body.status]).toEqual([202, 'processing'])
  const later = await ask(`${first.location!.replace('/v1/queries/', '')}?wait=20`)
  expect([later.status, later.body.status]).toEqual([200, 'answered'])
  expect(await asked()).toBe(before + 1)
})

test('an impossible value is named, whoever answers; who has no right to a query asks nothing', async () => {
  const wrong = await ask('1.1.7.1.1?from=2026-02-30&status=gone&wait=10')
  expect([wrong.status, wrong.body.code]).toEqual([400, 'HUB_QUERY_CRITERION'])
  expect(wrong.body.title).toMatch(/status holds 'gone'.*from holds '2026-02-30'/s)
  const control = await ask('1.1.7.1.1?entryId=%01&wait=10')
  expect([control.status, control.body.title]).toEqual([
    400,
    expect.stringContaining('entryId holds a control character'),
  ])
  const narrow = await keyOf('narrow', ['10'])
  const forbidden = await ask('1.1.7.1.1?wait=10', narrow)
  expect([forbidden.status, forbidden.body.code]).toEqual([403, 'HUB_OPERATION_FORBIDDEN'])
})

test('what another shares is on record before it is given', async () => {
  const [owner, reader] = [await keyOf('forwarder'), await keyOf('importer')]
  await hub.send(sample('dec/DecMessage-minimal.xml'), { key: owner })
  const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)
  const granted = await fetch(`${hub.url}/v1/grants`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${owner}`, 'content-type': 'application/json' },
    body: JSON.stringify({ partner: 'importer', until: day }),
  })
  expect(granted.status).toBe(200)
  const { body } = await ask('1.1.7.1.1?wait=10', reader)
  expect(body.rows.map(({ sharedBy }) => sharedBy)).toEqual(['forwarder'])
  const { uses } = await hub.read<{ uses: object[] }>('/v1/grants/uses', { key: owner })
  expect(uses).toEqual([expect.objectContaining({ partner: 'importer', operation: '1.1.7.1.1', rows: 1 })])
})

test('a partner that has its receipts elsewhere has the answer there too: its question is a message', async () => {
  const elsewhere = await keyOf('elsewhere')
  await hub.ops('/ops/partners', {
    partnerId: 'elsewhere',
    name: '测试报关有限公司',
    settings: { rights: ['*'], returns: { business: 'sftp' } },
  })
  const { body } = await ask('1.1.7.1.1?wait=10', elsewhere)
  expect(body.status).toBe('answered')
  const { messages } = await hub.read<{ messages: unknown[] }>('/v1/messages?operation=1.1.7.1.1', { key: elsewhere })
  expect(messages.length).toBe(1)
})

test('10,000 rows, page by page while others come in: none is missing, none is twice', async () => {
  const many = await keyOf('many-orders')
  const [before, order, after] = sample('ceb/CEB311Message.xml')
    .toString()
    .split(/(<Order>[^]*<\/Order>)/)
  const short = order!.replace(/(<OrderList>[^]*?<\/OrderList>)[^]*(<\/Order>)/, '$1$2')
  const orders = (message: number, count: number) =>
    before!.replace(/guid="[^"]*"/, `guid="${crypto.randomUUID().toUpperCase()}"`) +
    Array.from({ length: count }, (_, i) =>
      short
        .replace(/<guid>[^<]*/, `<guid>${crypto.randomUUID().toUpperCase()}`)
        .replace(/<orderNo>[^<]*/, `<orderNo>PAGED-${message}-${i}`),
    ).join('') +
    after!
  const send = async (xml: string) => expect((await hub.send(xml, { key: many })).status).toBe(202)
  for (let message = 0; message < 100; message++) await send(orders(message, 100))

  const numbers: unknown[] = []
  let next: string | undefined
  let pages = 0
  do {
    const { status, body } = await ask(`10.1.1.3.1?size=500&wait=60${next === undefined ? '' : `&after=${next}`}`, many)
    expect([status, body.status]).toEqual([200, 'answered'])
    numbers.push(...body.rows.map(({ orderNo }) => orderNo))
    next = body.page.next
    await send(orders(1000 + pages++, 1))
  } while (next !== undefined)
  expect(pages).toBe(20)
  expect(numbers.length).toBe(10_000)
  expect(new Set(numbers).size).toBe(10_000)

  // The command walks the same way.
  const some = await keyOf('some-orders')
  for (let message = 0; message < 3; message++)
    expect((await hub.send(orders(2000 + message, 2), { key: some })).status).toBe(202)
  const csv = await run(process.execPath, [cli, 'query', '10.1.1.3.1', '--all', '--size', '1', '--csv'], {
    env: { ...cleanEnv(), HUB_URL: hub.url, HUB_KEY: some },
  })
  expect([...csv.stdout.matchAll(/PAGED-200\d-\d/g)].map(([number]) => number)).toEqual(
    [2, 1, 0].flatMap((message) => [`PAGED-200${message}-0`, `PAGED-200${message}-1`]),
  )

  const wrong = async (address: string) => (await ask(address, many)).body.title
  expect(await wrong('10.1.1.3.1?after=2&wait=5')).toContain('is no page.next of an answer')
  const first = (await ask('10.1.1.3.1?size=1&wait=60', many)).body.page.next!
  expect(await wrong(`10.1.1.3.1?after=${first}&page=2&wait=5`)).toContain('exclude each other')
  expect(await wrong(`10.1.1.3.1?after=${first}`)).toContain('wait is given')
  // A filing of another forwarder, and one that a restored ledger does not have, are told in the same words.
  const foreign = await ask(`10.1.1.3.1?after=${first}&wait=5`, await keyOf('no-orders'))
  const gone = await ask('10.1.1.3.1?after=msg_00000000000000000000000000&wait=5', many)
  expect([foreign.status, foreign.body.title]).toEqual([400, gone.body.title])
  expect(gone.body.title).toContain('ask again without it')
})

test('a hub that is stopped and started again still has what it answered a moment before', async () => {
  const { body } = await ask('1.1.7.1.1?wait=10')
  await hub.stop('SIGTERM')
  hub = await launchHub({ dataDir, config })
  const found = await until('the answer', async () => {
    const again = await ask(`1.1.7.1.1/${body.messageId}`)
    return again.status === 200 && again.body
  })
  expect(found).toEqual(body)
})
