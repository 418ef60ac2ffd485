// Port flat files in the hub: known as documents of the catalogue, answered in their sender's form, and such answers
// read again.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadAnswers, readMessage, render } from '../../../adapters/simulator/answers.js'
import { flatAnswer, flatReceipt, flatResults } from '../../../messages/flatfile/answer.js'
import { inspectFlat } from '../../../messages/flatfile/inspect.js'
import { readReply } from '../../../messages/reply.js'
import type { Receipt } from '../../../messages/receipt.js'
import { receiptStatuses } from '../../../messages/states.js'
import { resolve } from '../../../routing/resolve.js'
import { createEngine } from '../../../xsd/engine.js'
import { readSchemaFiles } from '../../../xsd/schema-files.js'
import { flatTables } from '../../support/flatfile.js'
import { routing } from '../../support/data.js'
import { root } from '../../support/hub.js'

const family = routing.documents.find((one) => one.family === 'flatfile')!
const { inspect } = createEngine({
  documents: routing.documents,
  mappings: routing.mappings,
  schemas: readSchemaFiles(join(root, 'xsd/families')),
  rules: [],
  faultLimit: 100,
})
const folder = join(root, 'xsd/families/flatfile/samples')
const sample = (name: string) => readFileSync(join(folder, name))
const files = readdirSync(folder).filter((name) => name.endsWith('.txt'))

describe('the hub', () => {
  test.each(files)('%s is known, has a reference and keys, and belongs to one operation of the catalogue', (name) => {
    const { document, faults, derived } = inspect(sample(name))
    expect(faults).toEqual([])
    if (!derived)
      expect(document).toMatchObject({
        type: `${name.slice(0, name.indexOf('-'))}-flat`,
        family: 'flatfile',
        reference: expect.stringMatching(/.+/) as string,
      })
    expect(document?.keys.map(({ name: key }) => key)).toContain(derived ? 'messageId' : 'flatFile')
    expect(resolve(routing, document!).outcome).toBe('resolved')
  })

  test('a bay plan of a ship from abroad is filed with its entry, of a leaving one with its exit', () => {
    const entry = sample('BAPLIE-gbk.txt')
    const operationOf = (bytes: Uint8Array) => {
      const { document } = inspect(bytes)
      const found = resolve(routing, document!)
      return found.outcome === 'resolved' ? found.operation.code : found.outcome
    }
    expect(operationOf(entry)).toBe('3.1.2.2.1')
    expect(
      operationOf(Buffer.from(entry.toString('latin1').replace('KRPUS:BUSAN:CNNGB', 'CNSHA:BUSAN:KRPUS'), 'latin1')),
    ).toBe('3.1.4.2.1')
  })

  test('the same records in GBK and UTF-8, on lines or not, are the same file', () => {
    const gbk = sample('COARRI-gbk.txt')
    const utf8 = Buffer.from(new TextDecoder('gb18030').decode(gbk).replaceAll('\r\n', ''))
    expect(inspect(utf8).document?.identity).toBe(inspect(gbk).document?.identity)
    expect(inspect(Buffer.from(utf8.toString().replace('N:2201', 'Y:2201'))).document?.identity).not.toBe(
      inspect(gbk).document?.identity,
    )
  })

  test('add, delete and change follow their original; a file of function 9 is an original', () => {
    expect(inspect(sample('IFCSUM-coastal.txt')).document?.changes).toBeUndefined()
    expect(inspect(sample('IFCSUM-change.txt')).document).toMatchObject({
      changes: true,
      order: inspect(sample('IFCSUM-coastal.txt')).document!.order,
    })
    expect(inspect(sample('IFCSUM-delete.txt')).document?.changes).toBe(true)
  })

  test('what is wrong is told with the document it is wrong in, and no keys are taken from it', () => {
    const { document, faults } = inspect(sample('invalid/IFCSUM-status.txt'))
    expect(faults).toMatchObject([
      {
        code: 'HUB_FLAT_VALUE',
        path: '51(13):6',
        value: 'X',
        rule: 'E|F|L',
        text: {
          zh: expect.stringContaining('第 13 条记录 51 第 6 项（箱状态）') as string,
          en: expect.stringContaining('record 13, tag 51 field 6 (Status)') as string,
        },
      },
    ])
    expect(document).toMatchObject({ type: 'IFCSUM-flat', reference: '026W', keys: [] })
  })
})

describe('the receipt in the form of a flat file', () => {
  const original = inspectFlat(sample('IFCSUM-coastal.txt'), flatTables()).header!
  const receipt: Receipt = {
    receiptId: 'rcp_1',
    messageId: 'msg_1',
    reference: '026W',
    stage: 'technical',
    status: 'accepted',
    code: 'HUB_ACCEPTED',
    text: { zh: '报文已接收：将转发。', en: "It's taken." },
    time: '2026-11-23T02:15:30.000Z',
    faults: [],
  }
  const text = (bytes: Uint8Array) => new TextDecoder('gb18030').decode(bytes)

  test('turns sender and receiver round, says the result in 90 and counts its records in 99', () => {
    expect(text(flatAnswer(receipt, original)).split('\r\n')).toEqual([
      "00:IFCSUM:MANIFEST:9:CNTESTPORT:TESTCARRIER:202611231015'",
      "90:1:HUB_ACCEPTED:报文已接收：将转发。:msg_1:026W:202611230915:::20261123101530'",
      "99:3'",
      '',
    ])
  })

  test('is made of the file as it was received; what is no flat file is not answered so', () => {
    expect(flatReceipt(receipt, sample('IFCSUM-coastal.txt'))).toEqual(flatAnswer(receipt, original))
    expect(flatReceipt(receipt, sample('invalid/UNKNOWN-type.txt'))).toBeDefined()
    for (const text of ['<a/>', "UNB+UNOA:2'", "12:A'", ''])
      expect(flatReceipt(receipt, Buffer.from(text))).toBeUndefined()
  })

  test('names every fault of a refused file by record, tag and field', () => {
    const { header, faults } = inspectFlat(sample('invalid/IFCSUM-weight.txt'), flatTables())
    const lines = text(
      flatAnswer({ ...receipt, status: 'refused', code: 'HUB_SCHEMA_VIOLATION', faults }, header!),
    ).split('\r\n')
    expect(lines[1]).toMatch(/^90:6:HUB_SCHEMA_VIOLATION:/)
    expect(lines[2]).toMatch(/^91:10:41:7:HUB_FLAT_FORMAT:2350,5:.*9\(9\)\.9\(3\)。'$/)
    expect(lines[3]).toBe("99:4'")
  })

  test('holds separators in its texts as text, in English too, and is UTF-8 where GBK has no such character', () => {
    expect(text(flatAnswer(receipt, original, { language: 'en' }))).toContain(":It?'s taken.:")
    const odd = flatAnswer({ ...receipt, text: { zh: '舱单😀', en: 'x' } }, original)
    expect(Buffer.from(odd).toString('utf8')).toContain('舱单😀')
  })

  test('has a result for every status, and is read again as an answer to its file', () => {
    expect(Object.keys(flatResults).sort()).toEqual([...receiptStatuses].sort())
    const reply = readReply(
      flatAnswer({ ...receipt, stage: 'business', status: 'rejected', code: '7', agencyReference: 'A1' }, original),
      family.receipts,
    )
    expect(reply?.receiptType.id).toBe('FlatReceipt')
    expect(reply?.entries).toMatchObject([
      { code: '7', status: 'rejected', agencyReference: 'A1', time: '2026-11-23T02:15:30.000Z' },
    ])
    expect(inspect(sample('IFCSUM-coastal.txt')).document?.keys).toContainEqual(reply?.entries[0]?.keys[0])
  })
})

test('a simulated authority answers every flat file in its own form, and the answer finds its file', () => {
  const book = loadAnswers(join(root, 'xsd/families'))
  for (const name of files.filter((one) => !inspect(sample(one)).derived)) {
    const message = readMessage(sample(name))
    const type = book.identify(message)
    const course = book.find(type ?? '', message)
    expect(type, name).toBe(`${name.slice(0, name.indexOf('-'))}-flat`)
    const said = [...course!.stages, ...course!.refusal].map(
      (stage) =>
        readReply(
          render(stage, message, { submissionId: 'sub_1', at: new Date(), refusal: "weight?: 'wrong'" }),
          family.receipts,
        )?.entries[0],
    )
    expect(
      said.map((entry) => entry?.status),
      name,
    ).toEqual(['processing', 'approved', 'rejected'])
    expect(said[2]?.text.zh, name).toBe("weight?: 'wrong'")
    const own = inspect(sample(name)).document!.keys
    for (const entry of said) expect(own, name).toContainEqual(entry?.keys[0])
  }
})
