// The books of processing trade: a handbook is set up, changed and settled, and each receipt comes back to the message
// it speaks of.
import { describe, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { sample } from '../support/hub.js'
import { hubOfFile } from '../support/shared-hub.js'

const startHub = hubOfFile()

const has = (status: string, code?: string) => (receipts: Receipt[]) =>
  receipts.some((r) => r.stage === 'business' && r.status === status && (code === undefined || r.code === code))
const business = (receipts: Receipt[]) => receipts.filter((r) => r.stage === 'business')

describe('a handbook', () => {
  test('is set up, gets its number, is changed under it, and written off', async () => {
    const hub = await startHub()
    const setUp = await hub.send(sample('nems/EML111.xml'))
    expect(setUp.receipts[0]).toMatchObject({ status: 'accepted', operation: '9.1.1.1.1' })
    const first = business(await hub.receiptsOf(setUp.receipts[0]!.messageId, has('approved')))
    expect(first.map((r) => [r.code, r.status])).toEqual([
      ['1', 'processing'],
      ['1', 'approved'],
    ])
    expect(first[1]!.agencyReference).toMatch(/^C99\d{9}$/)
    const change = await hub.send(sample('nems/EML111-change.xml'))
    const second = business(await hub.receiptsOf(change.receipts[0]!.messageId, has('approved')))
    expect(second.map((r) => r.code)).toEqual(['1', '1'])
    expect(business(await hub.receiptsOf(setUp.receipts[0]!.messageId, has('approved')))).toHaveLength(2)
    const report = await hub.send(sample('nems/EML121.xml'))
    expect(report.receipts[0]).toMatchObject({ operation: '9.1.1.2.1' })
    expect(business(await hub.receiptsOf(report.receipts[0]!.messageId, has('approved'))).map((r) => r.code)).toEqual([
      '1',
      '2',
      '5',
    ])
  })

  test('comes as an import file, saved, then declared; turned down it is corrected under its number', async () => {
    const hub = await startHub()
    const saved = await hub.send(sample('nems/EmlMessage-save.xml'))
    expect(saved.receipts[0]).toMatchObject({ status: 'accepted', operation: '9.1.10.1.5', reference: 'TEST-EML-0001' })
    await hub.receiptsOf(saved.receipts[0]!.messageId, has('submitted'))
    await hub.simulator('POST', '/control', { documentType: 'EmlMessage', refuse: '商品编码与品名不符', times: 1 })
    const declared = await hub.send(sample('nems/EmlMessage.xml'))
    const refused = business(await hub.receiptsOf(declared.receipts[0]!.messageId, has('rejected')))
    expect(refused.at(-1)).toMatchObject({ code: '3', text: { zh: '商品编码与品名不符' } })
    const mended = await hub.send(sample('nems/EmlMessage.xml').toString().replace('测试通信模块', '测试无线模块'))
    expect(mended.receipts[0]).toMatchObject({ status: 'accepted' })
    expect(business(await hub.receiptsOf(mended.receipts[0]!.messageId, has('approved'))).map((r) => r.code)).toEqual([
      '0',
      'Y',
      '1',
    ])
  })

  test('sent twice with other bytes under one number is a conflict, and its parts are not', async () => {
    const hub = await startHub()
    const message = sample('nems/EML111.xml').toString()
    await hub.send(message)
    const again = await hub.send(message.replace('<dclQty>1000<', '<dclQty>1001<'))
    expect(again.receipts[0]).toMatchObject({ status: 'refused', code: 'HUB_REFERENCE_CONFLICT' })
    const part = await hub.send(sample('nems/EML111-second-part.xml'))
    expect(part.receipts[0]).toMatchObject({ status: 'accepted' })
  })
})

describe('the other books', () => {
  test('reach customs under their operations, and each hears of itself; of new ones the hub asks', async () => {
    const hub = await startHub()
    expect((await hub.send(sample('nems/EMS111.xml'))).receipts[0]).toMatchObject({
      status: 'refused',
      code: 'HUB_OPERATION_AMBIGUOUS',
    })
    const courses: [string, string | undefined, string, string[]][] = [
      ['EMS101.xml', undefined, '9.1.2.1.1', ['1', '1']],
      ['EMS111.xml', '9.1.2.2.1', '9.1.2.2.1', ['1', '1']],
      ['EMS111-zone.xml', undefined, '9.1.3.1.1', ['1', '1']],
      ['EMS121.xml', undefined, '9.1.2.3.1', ['1', '2', '5']],
      ['BWS101.xml', undefined, '9.1.3.2.1', ['1', '1']],
      ['BHL101.xml', undefined, '9.1.6.1.1', ['Y', '1']],
      ['BHL111.xml', undefined, '9.1.6.2.1', ['Y', '1']],
      ['CMB101.xml', undefined, '9.1.3.3.1', ['1']],
      ['EmsMessage.xml', undefined, '9.1.10.1.1', ['0', 'Y', '1']],
      ['BwlMessage.xml', undefined, '9.1.10.1.4', ['0', 'Y', '1']],
    ]
    for (const [file, named, operation, codes] of courses) {
      const {
        receipts: [technical],
        body,
      } = await hub.send(sample(`nems/${file}`), named === undefined ? {} : { headers: { 'x-operation': named } })
      expect(technical, `${file} ${JSON.stringify(body)}`).toMatchObject({ status: 'accepted', operation })
      expect(
        business(await hub.receiptsOf(technical!.messageId, has('approved'))).map((r) => r.code),
        file,
      ).toEqual(codes)
    }
  })
})
