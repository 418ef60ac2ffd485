// Notices: an agency speaks first, and those who subscribed are told, once each, and nobody else.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { receiptFromXml } from '../../messages/receipt-xml.js'
import { sample, samplePath, type RunningHub } from '../support/hub.js'
import { hubOfFile } from '../support/shared-hub.js'
import { until } from '../support/until.js'

/** Tests that do not hear of each other's declarations share a hub, each as a partner of its own. */
const hubForNumbers = hubOfFile()
const hubForThree = hubOfFile({ config: { mostSubscriptions: 3 } })

const status = (entryId: string, channel: string) =>
  sample('dec/DEC_RESULT.xml')
    .toString()
    .replace(/<CUS_CIQ_NO>.*<\/CUS_CIQ_NO>/, `<CUS_CIQ_NO>9${entryId.slice(1)}</CUS_CIQ_NO>`)
    .replace(/<ENTRY_ID>.*<\/ENTRY_ID>/, `<ENTRY_ID>${entryId}</ENTRY_ID>`)
    .replace(/<CHANNEL>.*<\/CHANNEL>/, `<CHANNEL>${channel}</CHANNEL>`)

const subscribe = (hub: RunningHub, body: object, key?: string) =>
  hub.send(JSON.stringify(body), {
    type: 'application/json',
    path: '/v1/subscriptions',
    ...(key === undefined ? {} : { key }),
  })

async function addPartner(hub: RunningHub, partnerId: string, rights: string[] = ['*']): Promise<string> {
  await hub.ops('/ops/partners', { partnerId, name: '测试报关有限公司', settings: { rights } })
  return (await hub.ops<{ secret: string }>(`/ops/partners/${partnerId}/keys`, { kind: 'http' })).secret
}

const noticesOf = async (hub: RunningHub, key?: string) =>
  (await hub.read<{ receipts: Receipt[] }>('/v1/receipts', key === undefined ? {} : { key })).receipts.filter(
    (r) => r.stage === 'notice',
  )

async function customsSays(hub: RunningHub, xml: string): Promise<void> {
  const response = await fetch(`${hub.env.HUB_SIMULATOR_URL}/gacc/notices`, {
    method: 'POST',
    body: xml,
    headers: { 'content-type': 'application/xml' },
  })
  expect(response.status).toBe(202)
}

test('of a declaration filed elsewhere who subscribed to its number hears once, and nobody else', async () => {
  const hub = await hubForNumbers()
  const [b, c] = [await addPartner(hub, 'b'), await addPartner(hub, 'c')]
  expect((await subscribe(hub, { operation: '18.2.1.1.1', reference: '900020260000000021' })).status).toBe(200)
  // The hub's demo partner is trusted with any number; others are told of what an operator grants.
  expect((await subscribe(hub, { operation: '18.2', reference: '900020260000000022' }, b)).status).toBe(200)
  await hub.ops('/ops/partners/b/subscriptions/grant', { operation: '18.2', reference: '900020260000000022' })

  const xml = status('900020260000000021', 'R')
  await customsSays(hub, xml)
  const [notice] = await until('the notice', async () => {
    const found = await noticesOf(hub)
    return found.length > 0 && found
  })
  expect(notice).toMatchObject({
    stage: 'notice',
    agency: 'gacc',
    operation: '18.2.1.1.1',
    documentType: 'DEC_RESULT',
    status: 'released',
    code: 'R',
    reference: '900020260000000021',
    faults: [],
  })
  expect(notice!.body!.content).toBe(xml)
  await customsSays(hub, status('900020260000000022', 'P'))
  await until('the other notice', async () => (await noticesOf(hub, b)).length === 1)
  expect(await noticesOf(hub)).toHaveLength(1)
  expect(await noticesOf(hub, c)).toEqual([])

  // The same again is the same news; acknowledged, it leaves the mailbox.
  await customsSays(hub, xml)
  await until(
    'the repetition was taken',
    async () => (await hub.log()).filter((l) => l.msg === 'reply kept' && l.known === true).length === 1,
  )
  await fetch(`${hub.url}/v1/receipts/${notice!.receiptId}/ack`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.env.HUB_KEY}` },
  })
  expect(await noticesOf(hub)).toEqual([])
  expect(
    (await hub.ops<{ notices: { deliveries: number }[] }>('/ops/notices')).notices.map((n) => n.deliveries),
  ).toEqual([1, 1])
})

test('a receipt of a message filed here goes to its own partner alone, whoever subscribed', async () => {
  const hub = await hubForNumbers()
  const b = await addPartner(hub, 'all')
  await hub.ops('/ops/partners/all/subscriptions', { operation: '18.2.1.1.1' })
  const { receipts } = await hub.send(sample('dec/DecMessage.xml'))
  await hub.receiptsOf(receipts[0]!.messageId, (all) => all.some((r) => r.status === 'released'))
  await hub.cli('simulate', 'notice', samplePath('dec/DEC_RESULT.xml'))
  await until('the notice of a stranger’s declaration', async () => (await noticesOf(hub, b)).length === 1)
  expect((await noticesOf(hub, b))[0]!.reference).toBe('900020250000000018')
})

test('a pushed declaration reaches who subscribed to its company or its port', async () => {
  const hub = await hubForThree()
  const [own, other] = [await addPartner(hub, 'own'), await addPartner(hub, 'other')]
  const pushed = sample('dec/DecMessage.xml').toString()
  const trader = /<TradeCode>([^<]*)/.exec(pushed)![1]!
  const port = /<IEPort>([^<]*)/.exec(pushed)![1]!
  await hub.ops('/ops/partners', { partnerId: 'own', settings: { companies: { codes: [trader], principals: [] } } })
  const put = (body: object, key: string) =>
    fetch(`${hub.url}/v1/subscriptions`, {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    })
  const company = { operation: '18.2.1.1.3', company: trader }
  for (const key of [own, other]) expect((await put(company, key)).status).toBe(200)
  expect((await put(company, own)).status, 'the same again is the same').toBe(200)
  expect(await hub.read('/v1/subscriptions', { key: own })).toMatchObject({
    subscriptions: [{ ...company, granted: false }],
  })
  for (const wrong of [{ operation: '18.2.1.1.3' }, { ...company, port }])
    expect(((await (await put(wrong, own)).json()) as { code: string }).code).toBe('HUB_REQUEST_INVALID')
  expect((await put({ operation: '18.2.1.1.3', port }, hub.env.HUB_KEY!)).status).toBe(200)

  await customsSays(hub, pushed)
  await until('those at the port and of the company to be told', async () => {
    const told = await Promise.all([noticesOf(hub), noticesOf(hub, own)])
    return told.every((notices) => notices.length === 1)
  })
  expect((await noticesOf(hub, own))[0]).toMatchObject({ operation: '18.2.1.1.3', documentType: 'DecMessage' })
  expect(await noticesOf(hub, other), 'another’s company, and no grant').toEqual([])
  const ended = await fetch(`${hub.url}/v1/subscriptions?operation=18.2.1.1.3&company=${trader}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${own}` },
  })
  expect(await ended.json()).toEqual({ subscriptions: [] })
})

test('who guesses another’s number hears nothing until an operator grants it', async () => {
  const hub = await hubForThree()
  const [guessing, terminal, agent, anyone] = [
    await addPartner(hub, 'guessing'),
    await addPartner(hub, 'terminal'),
    await addPartner(hub, 'agent'),
    await addPartner(hub, 'anyone'),
  ]
  const companies = (partnerId: string, setting: object) =>
    hub.ops('/ops/partners', { partnerId, settings: { companies: setting } })
  await companies('guessing', { codes: ['MATEST002', '2904'] })
  await companies('terminal', { codes: ['matest001'] })
  await companies('agent', { codes: ['MATEST003'], principals: ['MATEST001'] })
  await companies('anyone', { mode: 'off', codes: ['MATEST004'], principals: ['*'] })
  const container = { operation: '13.4.1.1.1', reference: 'TESU2505010' }
  type Answer = { body: { subscriptions: { granted: boolean }[]; waiting?: { zh: string; en: string } } }
  for (const key of [guessing, terminal, agent, anyone]) {
    const { body } = (await subscribe(hub, container, key)) as unknown as Answer
    expect(body.subscriptions).toEqual([{ ...container, channel: 'http', granted: false }])
    expect(body.waiting).toEqual({
      zh: expect.stringContaining('尚待运维授权') as string,
      en: expect.stringContaining('waits for an operator') as string,
    })
  }
  await customsSays(hub, sample('port/MT0102.xml').toString())
  await until('the terminal and its agent to be told', async () => {
    const told = await Promise.all([terminal, agent].map((key) => noticesOf(hub, key)))
    return told.every((notices) => notices.length === 1)
  })
  expect(await noticesOf(hub, guessing), 'its codes are of others; customs is the sender').toEqual([])
  expect(await noticesOf(hub, anyone), '* proves nothing').toEqual([])

  // A release names no company at all: only a grant brings it.
  const release = { operation: '18.2.1.1.1', reference: '900020260000000031' }
  for (const key of [terminal, guessing]) await subscribe(hub, release, key)
  const listed = await hub.cli('partner', 'subscriptions', 'guessing')
  expect(listed.stdout).toMatch(/18\.2\.1\.1\.1 +900020260000000031 +http +no: only notices that name its company/)
  const granted = await hub.cli('partner', 'grant', 'guessing', '18.2.1.1.1', '-r', release.reference, '-w', 'a client')
  expect(granted.stdout).toMatch(/18\.2\.1\.1\.1 +900020260000000031 +http +yes/)
  expect((await hub.cli('partner', 'grant', 'guessing', '18.2.1.1.1', '-r', 'OTHER')).stderr).toContain('HUB_NOT_FOUND')
  await customsSays(hub, status(release.reference, 'R'))
  await until('the grant to count', async () => (await noticesOf(hub, guessing)).length === 1)
  expect(await noticesOf(hub, terminal)).toHaveLength(1)
  const { audit } = await hub.ops<{ audit: object[] }>('/ops/audit?target=guessing')
  expect(audit).toContainEqual(
    expect.objectContaining({
      ...{ action: 'partner.grant', who: 'operator', why: 'a client' },
      detail: expect.objectContaining(release) as object,
    }),
  )

  // Asking again keeps the grant; three are enough here; what an operator gives is not counted.
  const again = (await subscribe(hub, { ...release, channel: 'sftp' }, guessing)) as unknown as Answer
  expect(again.body.waiting).toBeUndefined()
  await subscribe(hub, { ...release, reference: '900020260000000032' }, guessing)
  const full = await subscribe(hub, { ...release, reference: '900020260000000033' }, guessing)
  expect([full.status, full.body.code]).toEqual([409, 'HUB_SUBSCRIPTIONS_FULL'])
  await hub.ops('/ops/partners/guessing/subscriptions', { operation: '18.2.1.1.1' })
  // And not too many at a time.
  const slowed = await until('one too many', async () => {
    const many = await Promise.all(Array.from({ length: 150 }, () => subscribe(hub, release, anyone)))
    return many.find((answer) => answer.status === 429)
  })
  expect(slowed.body.code).toBe('HUB_RATE_LIMITED')
})

test('a subscription names a notice, is within the partner’s rights, and names a number', async () => {
  const hub = await hubForThree()
  const narrow = await addPartner(hub, 'narrow', ['10'])
  expect((await subscribe(hub, { operation: '1.1.2.1.1', reference: 'X' })).body.code).toBe('HUB_REQUEST_INVALID')
  expect((await subscribe(hub, { operation: '99.1', reference: 'X' })).body.code).toBe('HUB_OPERATION_UNKNOWN')
  expect((await subscribe(hub, { operation: '18.2.1.1.1' })).body.code).toBe('HUB_REQUEST_INVALID')
  expect((await subscribe(hub, { operation: '18.2.1.1.1', reference: 'X' }, narrow)).body.code).toBe(
    'HUB_OPERATION_FORBIDDEN',
  )
  const refused = await hub.send(sample('dec/DEC_RESULT.xml'))
  expect(refused).toMatchObject({ status: 422, receipts: [{ status: 'refused', code: 'HUB_OPERATION_NOTICE' }] })
})

test('a subscription sent as a file brings its notices into the InBox, and customs gets it too', async () => {
  const hub = await hubForThree()
  const number = '900020260000000077'
  const form = (await hub.cli('form', 'show', 'NoticeSubscription', '--sample')).stdout
  const wish = (id: string, functionCode: string) =>
    form
      .replace(/<MessageID>[^<]*/, `<MessageID>${id}`)
      .replace(/<FunctionCode>[^<]*/, `<FunctionCode>${functionCode}`)
      .replace(/<Subject>[^<]*/, `<Subject>${number}`)
  const drop = async (name: string, xml: string) => {
    const file = join(hub.dataDir, name)
    await writeFile(file, xml)
    await hub.sftp(`put ${file} /OutBox/${name}\n`)
  }
  const got = new Map<string, Receipt>()
  const inBox = async (fits: (receipt: Receipt) => boolean) => {
    const { stdout } = await hub.sftp('ls -1 /InBox\n')
    const names = stdout.split('\n').flatMap((line) => /[\w.-]+\.xml$/.exec(line.trim()) ?? [])
    for (const name of names.filter((one) => !got.has(one))) {
      const local = join(hub.dataDir, `got-${name}`)
      await hub.sftp(`get /InBox/${name} ${local}\n`)
      got.set(name, receiptFromXml(await readFile(local, 'utf8')))
    }
    return [...got.values()].find(fits)
  }
  const listed = async () =>
    (
      await hub.read<{ subscriptions: { operation: string; reference: string; channel: string }[] }>(
        '/v1/subscriptions',
      )
    ).subscriptions

  await drop('subscribe.xml', wish('SUB-1', '9'))
  const taken = await until('the receipt', () => inBox(({ code }) => code === 'HUB_SUBSCRIBED'), 30_000)
  expect(taken).toMatchObject({ status: 'accepted', operation: '18.2.1.1.1', reference: 'SUB-1' })
  expect(taken.text.zh).toBe(`已订阅 18.2.1.1.1 的通知，对象：${number}；现有订阅 1 项。`)
  expect(await listed()).toEqual([{ operation: '18.2.1.1.1', reference: number, channel: 'sftp', granted: true }])
  const answer = await until(
    'what customs says to it',
    () => inBox(({ stage, status: was }) => stage === 'business' && was === 'approved'),
    30_000,
  )
  expect(answer).toMatchObject({ agency: 'gacc', reference: 'SUB-1' })

  await customsSays(hub, status(number, 'R'))
  const notice = await until('the notice', () => inBox(({ stage }) => stage === 'notice'), 30_000)
  expect(notice).toMatchObject({ operation: '18.2.1.1.1', status: 'released' })
  expect(JSON.stringify(notice)).toContain(number)

  const { receipts } = await hub.send(wish('SUB-2', '1'))
  expect([receipts[0]!.status, receipts[0]!.code]).toEqual(['accepted', 'HUB_UNSUBSCRIBED'])
  expect(await listed()).toEqual([])
  const again = await hub.send(wish('SUB-1', '9'))
  expect(again.receipts[0]!.code).toBe('HUB_SUBSCRIBED')
  expect(await listed(), 'the same message again is answered as before').toEqual([])
})

test('a partner without the right, or at its limit, subscribes to nothing by a message either', async () => {
  const hub = await hubForThree()
  const form = (await hub.cli('form', 'show', 'NoticeSubscription', '--sample')).stdout
  const other = await addPartner(hub, 'narrower', ['1.1'])
  const refused = await hub.send(form, { key: other })
  expect([refused.status, refused.receipts[0]!.code]).toEqual([403, 'HUB_OPERATION_FORBIDDEN'])
  for (const reference of ['FIRST-1', 'FIRST-2']) await subscribe(hub, { operation: '18.2.1.1.1', reference })
  expect((await hub.send(form)).receipts[0]!.code).toBe('HUB_SUBSCRIBED')
  const second = form.replace(/<MessageID>[^<]*/, '<MessageID>SUB-9').replace(/<Subject>[^<]*/, '<Subject>OTHER-1')
  const full = await hub.send(second)
  expect([full.receipts[0]!.status, full.receipts[0]!.code]).toEqual(['refused', 'HUB_SUBSCRIPTIONS_FULL'])
  const { subscriptions } = await hub.read<{ subscriptions: object[] }>('/v1/subscriptions')
  expect(subscriptions).toHaveLength(3)
})
