// What the hub reads out of an agency's answer: whom it speaks of, what it says, and when.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'
import type { ReceiptType } from '../../messages/document-type.js'
import { agencyNumberName } from '../../messages/agency-numbers.js'
import type { Receipt } from '../../messages/receipt.js'
import { receiptFromXml, receiptToXml } from '../../messages/receipt-xml.js'
import { isoTime, readReply } from '../../messages/reply.js'
import { receiptLines } from '../../hub/cli/show.js'
import { nodesAt, readXml, valueAt, valuesAt, XmlReadError } from '../../messages/xml-reading.js'
import { samplePath } from '../support/hub.js'
import { documents as families } from '../support/data.js'

const title = { zh: '测试回执', en: 'Test receipt' }

const perNode: ReceiptType = {
  id: 'ReturnMessage',
  title,
  source: 'this test',
  root: 'ReturnMessage',
  each: 'Return',
  keys: [
    { key: 'guid', path: 'guid' },
    { key: 'orderNo', path: 'Head/orderNo' },
    { key: 'messageGuid', path: '/@guid' },
  ],
  learn: { invtNo: 'invtNo' },
  code: 'status',
  text: 'info',
  time: 'time',
  agencyReference: 'invtNo',
  status: { '100': 'rejected', '/-\\d+/': 'rejected', '800': 'released' },
  otherwise: 'processing',
  meanings: { '100': { zh: '退单', en: 'refused by customs' }, '800': { zh: '放行', en: 'released' } },
}
const plain: ReceiptType = {
  id: 'Plain',
  title,
  source: 'this test',
  root: 'Result',
  keys: [{ key: 'seqNo', path: 'SeqNo' }],
  defaultCode: 'T',
  status: { T: 'submitted' },
  otherwise: 'failed',
}
const special: ReceiptType = { ...plain, id: 'Special', match: { 'Head/Type': '/SP\\d/' }, defaultCode: 'S' }
const atLevels: ReceiptType = {
  id: 'Levels',
  title,
  source: 'this test',
  root: 'Levels',
  match: [{ 'Bill/Code': '/.+/' }, { 'Box/Code': '/.+/' }, { Code: '/.+/' }],
  each: ['Bill', 'Box', '.'],
  about: [
    { key: 'bill', path: 'BillNo' },
    { key: 'box', path: 'BoxNo' },
  ],
  keys: [{ key: 'messageId', path: '/MessageID' }],
  code: 'Code',
  status: { '11': 'released', '12': 'rejected' },
  otherwise: 'processing',
}
const types = [plain, special, perNode, atLevels]
const read = (xml: string) => readReply(Buffer.from(xml), types)

describe('a receipt', () => {
  test('with two nodes speaks of two documents, each with its own code, text and keys', () => {
    const reply = read(`<?xml version="1.0" encoding="UTF-8"?>
      <c:ReturnMessage xmlns:c="http://example.invalid/c" guid="G0">
        <c:Return><c:guid>G1</c:guid><c:Head><c:orderNo>N1</c:orderNo></c:Head><c:status>100</c:status>
          <c:info>商品编号 &lt;A&amp;B&gt; 不存在</c:info><c:time>20260301080910123</c:time></c:Return>
        <c:Return><c:guid/><c:Head><c:orderNo> N2 </c:orderNo></c:Head><c:invtNo>990000000000000001</c:invtNo>
          <c:status>800</c:status><c:info><![CDATA[放行 & 结关]]></c:info></c:Return>
      </c:ReturnMessage>`)
    expect(reply?.receiptType.id).toBe('ReturnMessage')
    expect(reply?.entries).toMatchObject([
      {
        keys: [
          { name: 'guid', value: 'G1' },
          { name: 'orderNo', value: 'N1' },
          { name: 'messageGuid', value: 'G0' },
        ],
        learn: [],
        code: '100',
        text: { zh: '商品编号 <A&B> 不存在', en: 'refused by customs' },
        time: '2026-03-01T00:09:10.123Z',
        status: 'rejected',
      },
      {
        keys: [
          { name: 'orderNo', value: 'N2' },
          { name: 'messageGuid', value: 'G0' },
        ],
        learn: [{ name: 'invtNo', value: '990000000000000001' }],
        code: '800',
        text: { zh: '放行 & 结关', en: 'released' },
        agencyReference: '990000000000000001',
        status: 'released',
      },
    ])
  })

  test('with an unlisted code keeps the agency’s words; a listed pattern gives the status', () => {
    const [unknown, negative] = read(
      '<ReturnMessage><Return><status>777</status><info>其他</info></Return><Return><status>-301008</status></Return>' +
        '</ReturnMessage>',
    )!.entries
    expect(unknown).toMatchObject({ code: '777', status: 'processing', text: { zh: '其他', en: '其他' } })
    expect(negative).toMatchObject({ code: '-301008', status: 'rejected', text: title })
  })

  test('is told from others of the same root by its conditions', () => {
    expect(read('<Result><Head><Type>SP1</Type></Head><SeqNo>9</SeqNo></Result>')!.receiptType.id).toBe('Special')
    const other = read('<Result><Head><Type>XSP1</Type></Head><SeqNo>9</SeqNo></Result>')!
    expect(other.receiptType.id).toBe('Plain')
    expect(other.entries).toMatchObject([
      { keys: [{ name: 'seqNo', value: '9' }], learn: [], code: 'T', text: title, status: 'submitted' },
    ])
  })

  test('that speaks of bills, boxes and the whole message gives each its own status', () => {
    const both = read(
      '<Levels><MessageID>M</MessageID><Box><BoxNo>B1</BoxNo><Code>12</Code></Box><Box><BoxNo>B2</BoxNo><Code/>' +
        '</Box><Bill><BillNo>N1</BillNo><Code>11</Code></Bill></Levels>',
    )!
    expect(both.entries.map(({ about, code, status }) => [about, code, status])).toEqual([
      [{ name: 'bill', value: 'N1' }, '11', 'released'],
      [{ name: 'box', value: 'B1' }, '12', 'rejected'],
    ])
    for (const { keys } of both.entries) expect(keys).toEqual([{ name: 'messageId', value: 'M' }])
    const whole = read('<Levels><MessageID>M</MessageID><Bill><BillNo>N1</BillNo></Bill><Code>11</Code></Levels>')!
    expect(whole.entries.map(({ about, status }) => [about, status])).toEqual([[undefined, 'released']])
    expect(read('<Levels><MessageID>M</MessageID><Bill><BillNo>N1</BillNo></Bill></Levels>')).toBeUndefined()
  })

  test('in GBK is read by its declaration, and also when the declaration lies', () => {
    const xml = (declared: string) =>
      iconv.encode(
        `<?xml version="1.0" encoding="${declared}"?><ReturnMessage><Return><guid>G1</guid><info>海关退单</info>` +
          '</Return></ReturnMessage>',
        'gbk',
      )
    for (const declared of ['GBK', 'GB2312', 'gb18030', 'UTF-8']) {
      expect(readReply(xml(declared), types)!.entries[0], declared).toMatchObject({
        keys: [{ name: 'guid', value: 'G1' }],
        text: { zh: '海关退单' },
      })
    }
  })

  test('that is cut off, has a DOCTYPE, is of an unknown form or no XML at all is not read as anything', () => {
    expect(read('<ReturnMessage><Return><guid>G1</guid></Return>')).toBeUndefined()
    expect(
      read(
        '<!DOCTYPE ReturnMessage [<!ENTITY a "b">]><ReturnMessage><Return><guid>&a;</guid></Return></ReturnMessage>',
      ),
    ).toBeUndefined()
    expect(read('<Unknown/>')).toBeUndefined()
    expect(read('OK')).toBeUndefined()
    expect(read('')).toBeUndefined()
    expect(read('<Return>'.repeat(300))).toBeUndefined()
  })
})

test('times without a zone are China time; what is no time is left out', () => {
  const times: [string, string | undefined][] = [
    ['20260301080910', '2026-03-01T00:09:10.000Z'],
    ['20260301080910123', '2026-03-01T00:09:10.123Z'],
    ['20260301080910+09', '2026-02-28T23:09:10.000Z'],
    ['20260301', '2026-02-28T16:00:00.000Z'],
    ['2026-03-01T08:09:10', '2026-03-01T00:09:10.000Z'],
    ['2026-03-01 08:09:10', '2026-03-01T00:09:10.000Z'],
    ['2026/3/1 8:09', '2026-03-01T00:09:00.000Z'],
    ['2026-03-01T08:09:10.5+08:00', '2026-03-01T00:09:10.500Z'],
    ['2026-03-01T08:09:10Z', '2026-03-01T08:09:10.000Z'],
    ['2026-03-01T08:09:10+0900', '2026-02-28T23:09:10.000Z'],
    ['20260231080910', undefined],
    ['20261301080910', undefined],
    ['2026030', undefined],
    ['今天', undefined],
    ['', undefined],
  ]
  for (const [written, iso] of times) expect(isoTime(written), written).toBe(iso)
})

test('paths lead to every occurrence and attribute, never to what a document must not name', () => {
  const {
    tree,
    root: name,
    namespace,
  } = readXml(
    Buffer.from(
      '<a:R xmlns:a="urn:a" xmlns="urn:b" a:id="1"><L><x ' +
        'k="v">1</x><x>2</x></L><L><x>3</x></L><__proto__><y>4</y></__proto__></a:R>',
    ),
  )
  expect([name, namespace]).toEqual(['R', 'urn:a'])
  expect(valuesAt(tree, 'L/x')).toEqual(['1', '2', '3'])
  expect(valuesAt(tree, 'L/x@k')).toEqual(['v'])
  expect(valuesAt(tree, 'L/x/@k')).toEqual(['v'])
  expect(valueAt(tree, '@id')).toBe('1')
  expect(valueAt(tree, '__proto__/y')).toBe('4')
  expect(valueAt(tree, 'constructor')).toBeUndefined()
  expect(nodesAt(tree, 'L')).toHaveLength(2)
  expect(({} as Record<string, unknown>).y).toBeUndefined()
  expect(() => readXml(Buffer.from([0xef, 0xbb, 0xbf, 0x3c, 0x61, 0xff, 0x3e]))).toThrow(XmlReadError)
})

test('a receipt that only two numbers together place is found by both, or not at all', () => {
  const pair: ReceiptType = {
    ...plain,
    id: 'Pair',
    root: 'Pair',
    each: 'Bill',
    keys: [{ key: 'bill', path: '/Master+House' }],
  }
  const keys = (xml: string) => readReply(Buffer.from(xml), [pair])!.entries.flatMap((entry) => entry.keys)
  expect(
    keys('<Pair><Master>M1</Master><Bill><House>H1</House></Bill><Bill><House> H2 </House></Bill></Pair>'),
  ).toEqual([
    { name: 'bill', value: 'M1|H1' },
    { name: 'bill', value: 'M1|H2' },
  ])
  expect(keys('<Pair><Master>M1</Master><Bill><House/></Bill></Pair>')).toEqual([])
})

describe('every published receipt form', () => {
  const all = families.flatMap((family) => family.receipts)
  const samples = families.flatMap((family) => {
    const dir = samplePath(`${family.family}/`)
    // A family may give its messages and its receipts one root: what fits the description of a receipt is one.
    const documents = new Set(family.documents.flatMap((d) => d.samples))
    const files = existsSync(dir)
      ? readdirSync(dir).filter((f) => f.endsWith('.xml') && !documents.has(`${family.family}/${f}`))
      : []
    return files
      .filter((f) => readReply(readFileSync(join(dir, f)), all) !== undefined)
      .map((f) => join(family.family, f))
  })

  test('has samples to be read here', () => {
    expect(samples.length).toBeGreaterThan(5)
  })

  test.each(samples)('%s says whom it speaks of and what happened', (file) => {
    const reply = readReply(readFileSync(samplePath(file)), all)
    expect(reply?.entries.length).toBeGreaterThan(0)
    for (const entry of reply!.entries) {
      // Only a receipt that always comes as the answer to the call may do without.
      if (reply!.receiptType.keys.length > 0) expect(entry.keys.length, 'keys').toBeGreaterThan(0)
      expect(entry.code).not.toBe('')
      expect(entry.text.zh).not.toBe('')
      expect(entry.text.en).not.toBe('')
      if (reply!.receiptType.time !== undefined && entry.time !== undefined)
        expect(entry.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    }
  })
})

test('an agency number says what it is, in JSON, in XML and on the command line', () => {
  for (const type of families.flatMap(({ receipts }) => receipts)) {
    const path = type.agencyReference
    // EDIFACT and flat files have places, not names.
    if (path === undefined || /\d$/.test(path)) continue
    const name = type.agencyReferenceName ?? agencyNumberName(path)
    expect(name?.zh ?? '', `${type.id} ${path}`).toMatch(/[\u4e00-\u9fff]/)
    expect(name?.en ?? '', `${type.id} ${path}`).toMatch(/^[A-Za-z]/)
  }
  const numbers = ['dec/DecImportResponse.xml', 'dec/DEC_RESULT.xml'].map((file) => {
    const entry = readReply(
      readFileSync(samplePath(file)),
      families.flatMap(({ receipts }) => receipts),
    )!.entries[0]!
    return [entry.agencyReferenceName!.zh, entry.agencyReference]
  })
  expect(numbers.map(([name]) => name)).toEqual(['统一编号', '报关单号'])
  const name = { zh: '报关单号', en: 'number of the "customs" declaration' }
  const receipt: Receipt = {
    receiptId: 'rcp_1',
    messageId: 'msg_1',
    reference: 'R1',
    stage: 'business',
    agency: 'gacc',
    status: 'released',
    code: 'P',
    text: { zh: '放行', en: 'Released' },
    time: '2026-11-28T08:00:00.000Z',
    faults: [],
    agencyReference: '010120261000000001',
    agencyReferenceName: name,
  }
  expect(receiptFromXml(receiptToXml(receipt))).toEqual(receipt)
  expect(receiptLines(receipt)).toContain(`agency no. 010120261000000001   报关单号 ${name.en}`)
})

test('why an authority refuses a form, or found nothing to print, stands on the command line', () => {
  const receipt: Receipt = {
    receiptId: 'rcp_1',
    messageId: 'msg_1',
    reference: 'R1',
    stage: 'business',
    agency: 'gacc',
    status: 'rejected',
    code: '3',
    text: { zh: '未找到单证', en: 'Not found' },
    time: '2026-11-28T08:00:00.000Z',
    faults: [],
    body: {
      mediaType: 'application/xml',
      encoding: 'utf-8',
      content:
        '<PrintAnswer><State>3</State><Result><Reasons>编号 A&amp;B 无已办结单证</Reasons></Result></PrintAnswer>',
    },
  }
  expect(receiptLines(receipt)).toContain('  原因 reasons  编号 A&B 无已办结单证')
  expect(receiptLines({ ...receipt, body: { mediaType: 'application/xml', size: 2_000_000 } })).not.toContain('reasons')
})
