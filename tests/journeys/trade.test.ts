// Certificates of origin, express, inspection and quarantine: from the partner to the office that answers, and back to
// the message each receipt speaks of.
import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { sample } from '../support/hub.js'
import { hubOfFile } from '../support/shared-hub.js'

const startHub = hubOfFile()

const has = (status: string) => (receipts: Receipt[]) =>
  receipts.some((r) => r.stage === 'business' && r.status === status)
const business = (receipts: Receipt[]) => receipts.filter((r) => r.stage === 'business')

describe('a certificate of origin', () => {
  test('is saved, then declared under the same number, and approved', async () => {
    const hub = await startHub()
    const declared = sample('coo/Certificate.xml').toString()
    const saved = await hub.send(declared.replace('<ApplyType>1', '<ApplyType>0'))
    expect(saved.receipts[0]).toMatchObject({
      status: 'accepted',
      operation: '5.1.1.1.1',
      reference: 'RC26MATEXT0010001',
    })
    await hub.receiptsOf(saved.receipts[0]!.messageId, has('processing'))
    const answer = await hub.send(declared)
    expect(answer.receipts[0]).toMatchObject({ status: 'accepted', code: 'HUB_ACCEPTED' })
    expect(answer.receipts[0]!.messageId).not.toBe(saved.receipts[0]!.messageId)
    const receipts = business(await hub.receiptsOf(answer.receipts[0]!.messageId, has('approved')))
    // Filed and received both say 1; said within the second of those for the saved one, they are the same bytes and are
    // not told twice.
    expect([...new Set(receipts.map((r) => r.code))]).toEqual(['1', '2', '5'])
  })

  test('and two documents that belong to it each hear of themselves, also when customs does not take one', async () => {
    const hub = await startHub()
    const invoice = sample('coo/CooFile.xml').toString()
    const first = await hub.send(invoice)
    await hub.receiptsOf(first.receipts[0]!.messageId, has('approved'))
    await hub.simulator('POST', '/control', { documentType: 'CooFile', refuse: '附件无法打开', times: 1 })
    const second = await hub.send(
      invoice.replace('<FileType>1', '<FileType>3').replace('TEST-INV-2026-0001.pdf', 'TEST-BILL.pdf'),
    )
    const refused = business(await hub.receiptsOf(second.receipts[0]!.messageId, has('rejected')))
    expect(refused).toMatchObject([{ code: '4', text: { zh: '附件无法打开' } }])
    expect(business(await hub.receiptsOf(first.receipts[0]!.messageId, has('approved')))).toHaveLength(1)
  })

  test('goes to CCPIT when the partner names its operation', async () => {
    const hub = await startHub()
    const answer = await hub.send(sample('coo/Certificate-change.xml'), { headers: { 'x-operation': '5.2.5.1.1' } })
    expect(answer.receipts[0]).toMatchObject({ status: 'accepted', operation: '5.2.5.1.1' })
    const receipts = business(await hub.receiptsOf(answer.receipts[0]!.messageId, has('approved')))
    expect(new Set(receipts.map((r) => r.agency))).toEqual(new Set(['ccpit']))
  })
})

describe('express', () => {
  test('a declaration, a manifest and an agreement reach customs, and each hears of itself', async () => {
    const hub = await startHub()
    const courses: [string, string, string, string[]][] = [
      ['exp/EXP301.xml', '11.1.2.1.1', 'released', ['D0', 'D2', 'Y', 'EXP310', '10', '11']],
      ['exp/EXP301-goods.xml', '11.1.4.1.1', 'released', ['D0', 'D2', 'Y', 'EXP310', '10', '11']],
      ['exp/EXP301-lower-case.xml', '11.1.2.1.1', 'released', ['D0', 'D2', 'Y', 'EXP310', '10', '11']],
      ['exp/EXP311.xml', '11.1.1.1.1', 'approved', ['DY', 'NY']],
      ['exp/EXP307.xml', '11.1.3.1.1', 'approved', ['D0', 'Y', '0']],
    ]
    const answers = await Promise.all(courses.map(([file]) => hub.send(sample(file))))
    for (const [i, [file, operation, end, codes]] of courses.entries()) {
      const [technical] = answers[i]!.receipts
      expect(technical, JSON.stringify(answers[i]!.body)).toMatchObject({ status: 'accepted', operation })
      const receipts = business(
        await hub.receiptsOf(technical!.messageId, (some) => has(end)(some) && business(some).length >= codes.length),
      )
      expect(
        receipts.map((r) => r.code),
        file,
      ).toEqual(codes)
    }
  })
})

describe('inspection and quarantine', () => {
  test('an entry, an exit and one without direction are told apart; a refused one is corrected', async () => {
    const hub = await startHub()
    const courses: [string, string][] = [
      ['ciq/EEntDeclIo.xml', '15.8.1.1.1'],
      ['ciq/EEntDeclIo-exit.xml', '15.8.2.1.1'],
      ['ciq/EEntDeclIo-minimal.xml', '15.8.1.1.1'],
    ]
    for (const [file, operation] of courses) {
      const { receipts } = await hub.send(sample(file))
      expect(receipts[0], file).toMatchObject({ status: 'accepted', operation })
      const all = await hub.receiptsOf(
        receipts[0]!.messageId,
        (some) => has('approved')(some) && business(some).length >= 3,
      )
      expect(business(all).map((r) => r.code)).toEqual(['00', '01', '10'])
    }
    await hub.simulator('POST', '/control', { documentType: 'EEntDeclIo', refuse: '货物属性填写错误', times: 1 })
    const wrong = sample('ciq/EEntDeclIo-minimal.xml').toString().replace('TESTCIQ20260002', 'TESTCIQ20260009')
    const first = await hub.send(wrong)
    expect(business(await hub.receiptsOf(first.receipts[0]!.messageId, has('rejected'))).at(-1)).toMatchObject({
      code: '21',
      text: { zh: '退单：货物属性填写错误' },
    })
    const mended = await hub.send(wrong.replace('<GNo>1</GNo>', '<GNo>1</GNo><GoodsAttr>11</GoodsAttr>'))
    expect(mended.receipts[0]).toMatchObject({ status: 'accepted', reference: 'TESTCIQ20260009' })
    await hub.receiptsOf(mended.receipts[0]!.messageId, has('approved'))
  })
})
