// Bonded trade (加工贸易、保税) from the company's system to customs and back: saved, declared, decided, turned down and sent
// again.
import { beforeAll, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { sample, type RunningHub } from '../support/hub.js'
import { commonHub } from '../support/shared-hub.js'

const text = (file: string) => sample(`sas/${file}`).toString()
const business = (receipts: Receipt[]) => receipts.filter((r) => r.stage === 'business')
const has = (status: string, code?: string) => (receipts: Receipt[]) =>
  business(receipts).some((r) => r.status === status && (code === undefined || r.code === code))
let hub: RunningHub
beforeAll(async () => {
  const shared = await commonHub()
  hub = shared.hub
  return shared.remove
})

const send = async (xml: string) => {
  const answer = await hub.send(xml)
  expect(answer.status, JSON.stringify(answer.body)).toBe(202)
  return answer.receipts[0]!
}

/** What is sent, the operation it is, the status its course ends in, and the receipt that says so. */
const courses: [string, string, string, string, string][] = [
  ['a verification list 核注清单, declared', 'InvtMessage.xml', '9.1.3.5.1', 'approved', '2'],
  ['one of a handbook', 'InvtMessage-minimal.xml', '9.1.1.3.1', 'approved', '2'],
  ['a gate release slip 核放单', 'PassPortMessage.xml', '9.1.3.9.1', 'released', '1'],
  ['a business declaration form 业务申报表', 'AppMessage.xml', '9.1.3.7.1', 'approved', '1'],
  ['a warehouse order 出入库单', 'StockMessage.xml', '9.1.3.8.1', 'approved', '1'],
  ['a slip of a two-step declaration 两步核放', 'Sas2sPassPortMessage.xml', '9.1.3.13.1', 'released', '1'],
  ['a verification list as it goes to customs', 'INV101.xml', '9.1.3.5.1', 'approved', '2'],
  ['a business declaration form as it goes to customs', 'SAS101.xml', '9.1.3.7.1', 'approved', '1'],
  ['a warehouse order as it goes to customs', 'SAS111.xml', '9.1.3.8.1', 'approved', '1'],
  ['a gate release slip as it goes to customs', 'SAS121.xml', '9.1.3.9.1', 'released', '1'],
  ['vehicles', 'SAS131.xml', '9.1.3.11.1', 'approved', '1'],
]

test('each kind of bonded document reaches customs once, and every receipt comes back to it', async () => {
  for (const [what, file, operation, status, code] of courses) {
    const technical = await send(text(file))
    expect(technical, what).toMatchObject({ status: 'accepted', operation })
    const receipts = await hub.receiptsOf(technical.messageId, has(status, code))
    expect(
      receipts.every((r) => r.messageId === technical.messageId),
      what,
    ).toBe(true)
    expect(
      business(receipts).every((r) => r.body !== undefined),
      what,
    ).toBe(true)
  }
  const { taken } = await hub.simulator<{ taken: { times: number }[] }>('GET', '/taken')
  expect(taken.map((t) => t.times)).toEqual(courses.map(() => 1))
})

test('a list is saved, gets its number, and is declared under it: the declared one gets the answers', async () => {
  const saved = await send(
    text('InvtMessage-save.xml')
      .replace('TEST-INV-2026-0004', 'TEST-INV-2026-0101')
      .replace('<BizopEtpsno/>', '<BizopEtpsno>1101919999</BizopEtpsno>')
      .replace(/<SysId>..</, '<SysId>Z7<'),
  )
  const [imported] = business(await hub.receiptsOf(saved.messageId, has('submitted')))
  const seqNo = imported!.agencyReference!
  expect(seqNo).toMatch(/^9\d{17}$/)

  const declared = await send(
    text('InvtMessage.xml')
      .replace('TEST-INV-2026-0001', 'TEST-INV-2026-0101')
      .replace('<SeqNo/>', `<SeqNo>${seqNo}</SeqNo>`),
  )
  expect(declared.messageId).not.toBe(saved.messageId)
  const receipts = business(await hub.receiptsOf(declared.messageId, (all) => business(all).length >= 6))
  expect(receipts.map(({ status, code }) => `${status} ${code}`).sort()).toEqual([
    'approved 1',
    'approved 1',
    'approved 2',
    'approved 4',
    'processing Y',
    'submitted 0',
  ])
  expect(receipts.find((r) => r.code === '4')!.agencyReference).toMatch(/^QD010199I\d{9}$/)
  expect(business(await hub.receiptsOf(saved.messageId, has('submitted')))).toHaveLength(1)
})

test('a slip that customs turns down is corrected and sent again under the same number', async () => {
  await hub.simulator('POST', '/control', { refuse: '车辆信息未备案', times: 1 })
  const slip = text('PassPortMessage.xml').replace('TEST-PASS-2026-0001', 'TEST-PASS-2026-0101')
  const first = await send(slip)
  const turnedDown = business(await hub.receiptsOf(first.messageId, has('rejected'))).find(
    (r) => r.status === 'rejected',
  )!
  expect(turnedDown).toMatchObject({ code: '3', text: { zh: '车辆信息未备案', en: 'Turned down' } })

  const again = await send(slip.replaceAll('京TEST01', '京TEST02'))
  expect(again.reference).toBe(first.reference)
  await hub.receiptsOf(again.messageId, has('released'))
})

test('the same file twice is answered once; another file under the number of one under way is a conflict', async () => {
  const order = text('StockMessage.xml').replace('TEST-STOCK-2026-0001', 'TEST-STOCK-2026-0101')
  const first = await send(order)
  const second = await hub.send(order)
  expect(second.receipts[0]!.messageId).toBe(first.messageId)
  const other = await hub.send(order.replace('<GrossWt>26.4<', '<GrossWt>27<'))
  expect(other.status).toBe(409)
  await hub.receiptsOf(first.messageId, has('approved'))
  const { taken } = await hub.simulator<{ taken: { documentType: string; times: number }[] }>('GET', '/taken')
  expect(taken.filter((t) => t.documentType === 'StockMessage').map((t) => t.times)).toEqual([1, 1])
})
