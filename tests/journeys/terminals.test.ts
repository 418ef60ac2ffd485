// Rail yards and port terminals: a yard's report is decided on and its goods are released; a terminal's report is
// handed over, and what customs then instructs comes as news to who subscribed.
import { expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { sample, type RunningHub } from '../support/hub.js'
import { hubOfFile } from '../support/shared-hub.js'
import { until } from '../support/until.js'

const startHub = hubOfFile()

const business = (receipts: Receipt[]) => receipts.filter((r) => r.stage === 'business')
const has = (code: string) => (receipts: Receipt[]) => business(receipts).some((r) => r.code === code)

async function customsSays(hub: RunningHub, file: string): Promise<void> {
  const response = await fetch(`${hub.env.HUB_SIMULATOR_URL}/gacc/notices`, {
    method: 'POST',
    body: new Uint8Array(sample(file)),
    headers: { 'content-type': 'application/xml' },
  })
  expect(response.status).toBe(202)
}

test('goods at a rail yard are approved, released and loaded; a refusal names the waybill', async () => {
  const hub = await startHub()
  const arrived = await hub.send(sample('rail/WLJK_ERRA.xml'))
  expect(arrived.receipts[0]).toMatchObject({ status: 'accepted', operation: '2.4.4.1.1', documentType: 'WLJK_ERRA' })
  const heard = business(await hub.receiptsOf(arrived.receipts[0]!.messageId, has('TLN')))
  expect(heard.map((r) => [r.code, r.status])).toEqual([
    ['01', 'approved'],
    ['TREL', 'released'],
    ['TLN', 'released'],
  ])

  await hub.simulator('POST', '/control', { documentType: 'WLJK_ERTA', hold: true })
  const tallied = await hub.send(sample('rail/WLJK_ERTA.xml'))
  const { messageId } = tallied.receipts[0]!
  await until('customs has it', async () =>
    (await hub.simulator<{ taken: { documentType: string }[] }>('GET', '/taken')).taken.some(
      (t) => t.documentType === 'WLJK_ERTA',
    ),
  )
  await customsSays(hub, 'rail/WLJK_ERTR.xml')
  const [refused] = business(await hub.receiptsOf(messageId, has('03')))
  expect(refused).toMatchObject({
    status: 'rejected',
    text: { zh: '运单件数与舱单不符' },
    faults: [{ code: '03', path: 'bill', value: 'TSTRW250402' }],
  })
})

test('a lorry at the gate: customs’ instructions reach who subscribed to the container', async () => {
  const hub = await startHub()
  const gate = await hub.send(sample('port/MT9901-gate.xml'))
  expect(gate.receipts[0]).toMatchObject({ status: 'accepted', operation: '13.1.1.1.1', documentType: 'MT9901' })
  await until('customs has it', async () =>
    (await hub.simulator<{ taken: { reference: string }[] }>('GET', '/taken')).taken.some(
      (t) => t.reference === gate.receipts[0]!.reference,
    ),
  )

  const container = /<CargoNo>(.*?)</.exec(sample('port/MT0102.xml').toString())![1]!
  expect(
    (
      await hub.send(JSON.stringify({ operation: '13.4.1.1.1', reference: container }), {
        type: 'application/json',
        path: '/v1/subscriptions',
      })
    ).status,
  ).toBe(200)
  await customsSays(hub, 'port/MT0102.xml')
  const notices = await until('the instruction', async () => {
    const found = (await hub.read<{ receipts: Receipt[] }>('/v1/receipts')).receipts.filter((r) => r.stage === 'notice')
    return found.length > 0 && found
  })
  expect(notices).toMatchObject([
    {
      operation: '13.4.1.1.1',
      documentType: 'MT0102',
      code: 'A',
      status: 'processing',
      text: { zh: '查验指令：人工检查' },
    },
  ])
  // Told to somebody, it waits for nobody; the same container in the terminal's own report does not make it a receipt
  // of that report.
  expect((await hub.ops<{ orphans: unknown[] }>('/ops/orphans')).orphans).toEqual([])
  expect(business(await hub.receiptsOf(gate.receipts[0]!.messageId, () => true))).toEqual([])

  // One that nobody asked to hear waits for a person.
  await customsSays(hub, 'port/MT0102-minimal.xml')
  await until(
    'the instruction nobody subscribed to',
    async () => (await hub.ops<{ orphans: unknown[] }>('/ops/orphans')).orphans.length === 1,
  )
})
