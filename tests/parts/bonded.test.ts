// Bonded trade (加工贸易、保税): the two forms of one message type are told apart, saving asks for less than declaring, and
// every receipt of customs finds the document it answers, in whatever envelope it comes.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readReply } from '../../messages/reply.js'
import { resolve } from '../../routing/resolve.js'
import { createChecker } from '../../xsd/checker.js'
import { createEngine } from '../../xsd/engine.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'
import { routing, rules } from '../support/data.js'
import { root, sample } from '../support/hub.js'

const checker = createChecker({
  documents: routing.documents,
  mappings: routing.mappings,
  schemasDir: join(root, 'xsd/families'),
  rules,
  threads: 1,
})
afterAll(() => checker.close())
const look = async (xml: string | Buffer) => {
  const { document, faults } = await checker.inspect(Buffer.from(xml as string))
  return {
    type: document?.type,
    schema: document?.schema.file,
    facts: document?.facts ?? {},
    keys: document?.keys ?? [],
    faults: faults.map(({ code, path }) => `${code} ${path ?? ''}`),
  }
}
const text = (file: string) => sample(`sas/${file}`).toString()
const dsig = ' xmlns="http://www.w3.org/2000/09/xmldsig#"'
const head = '/Signature/Object/Package/DataInfo/BussinessData/InvtMessage/InvtHeadType'

describe('one message type, two forms', () => {
  test('an import file and a customs-level message of one type are different documents', async () => {
    for (const [client, customs] of [
      ['InvtMessage', 'INV101'],
      ['PassPortMessage', 'SAS121'],
      ['AppMessage', 'SAS101'],
      ['StockMessage', 'SAS111'],
    ] as const) {
      const [file, message] = [text(`${client}.xml`), text(`${customs}.xml`)]
      expect(await look(file)).toMatchObject({
        type: client,
        schema: `sas/client/${client}-declare.xsd`,
        faults: [],
      })
      expect(await look(file.replace('<Signature', `<Signature${dsig}`))).toMatchObject({
        type: client,
        schema: `sas/client/dsig/${client}-declare.xsd`,
        faults: [],
      })
      expect(await look(message)).toMatchObject({ type: customs, schema: `sas/dsig/${customs}.xsd`, faults: [] })
      expect(await look(message.replace(dsig, ''))).toMatchObject({
        type: customs,
        schema: `sas/${customs}.xsd`,
        faults: [],
      })
    }
  })

  test('a file that belongs to a document bears its message type and is told by its content', async () => {
    expect(await look(text('UN_STRUCTURED.xml'))).toMatchObject({
      type: 'UN_STRUCTURED',
      facts: { messageType: 'INV101' },
      faults: [],
    })
    expect(await look(text('SasAcmpRLMessage.xml'))).toMatchObject({
      type: 'SasAcmpRLMessage',
      facts: { messageType: 'SAS101' },
      faults: [],
    })
  })
})

describe('saving and declaring', () => {
  test('what may be saved half filled in is not declared: every field that lacks is named', async () => {
    const saved = text('InvtMessage-save.xml')
    expect(await look(saved)).toMatchObject({
      type: 'InvtMessage',
      schema: 'sas/client/InvtMessage-save.xsd',
      faults: [],
    })
    const { schema, faults } = await look(saved.replace('<DelcareFlag>0<', '<DelcareFlag>1<'))
    expect(schema).toBe('sas/client/InvtMessage-declare.xsd')
    // What is there and empty is the XSD's to tell; what is not there, the rules'.
    for (const field of ['BizopEtpsno', 'DclTypecd', 'SupvModecd', 'GenDecFlag'])
      expect(faults.filter((f) => f.endsWith(`${head}/${field}`))).toHaveLength(1)
    const { faults: missing } = await look(
      text('InvtMessage-minimal.xml').replace(/\s*<(SupvModecd|DclEtpsNm)>.*/g, ''),
    )
    expect(missing).toEqual([`HUB_RULE_REQUIRED ${head}/DclEtpsNm`, `HUB_RULE_REQUIRED ${head}/SupvModecd`])
  })

  test('senders order the fields of an import file freely, and leave out what has no value', async () => {
    const file = text('InvtMessage.xml')
    const fields = /<InvtHeadType>([\s\S]*?)<\/InvtHeadType>/.exec(file)![1]!
    const turned = file.replace(fields, fields.split('\n').reverse().join('\n'))
    expect((await look(turned)).faults).toEqual([])
    expect(
      (
        await look(
          file
            .replace(/<SignedInfo>[\s\S]*<\/KeyInfo>/, '')
            .replace(/<PocketInfo>[\s\S]*<\/PocketInfo>/, '<PocketInfo/>'),
        )
      ).faults,
    ).toEqual([])
  })

  test('the times the published pattern refused are taken: years with a 0, nine in the morning', async () => {
    expect(
      (await look(text('INV101.xml').replace(/<invtDclTime>.*</, '<invtDclTime>2030-10-20 09:05:59<'))).faults,
    ).toEqual([])
  })
})

describe('which operation it is', () => {
  const operationOf = async (xml: string, named?: string) => {
    const { type, facts } = await look(xml)
    const r = resolve(routing, { type: type!, facts }, { named })
    return r.outcome === 'resolved' ? r.operation.code : r.outcome
  }
  test('a verification list: by the bonded system it names and by import or export', async () => {
    const list = text('InvtMessage-minimal.xml')
    const as = (sysId: string, ie: string) =>
      operationOf(
        list
          .replace(/<SysId>.*<\/SysId>/, `<SysId>${sysId}</SysId>`)
          .replace(/<ImpexpMarkcd>.</, `<ImpexpMarkcd>${ie}<`),
      )
    expect(await Promise.all(['B1', '95', 'Z7', 'Z8'].flatMap((id) => [as(id, 'I'), as(id, 'E')]))).toEqual([
      '9.1.1.3.1',
      '9.1.1.4.1',
      '9.1.2.4.1',
      '9.1.2.5.1',
      '9.1.3.5.1',
      '9.1.3.6.1',
      '9.1.4.2.1',
      '9.1.4.3.1',
    ])
  })
  test('where no system is named the account book tells it, and a named operation holds', async () => {
    const saved = (book: string) =>
      text('InvtMessage-save.xml')
        .replace(/\s*<SysId>.*<\/SysId>/, '')
        .replace('<PutrecNo>E', `<PutrecNo>${book}`)
    expect(await Promise.all(['B', 'E', 'H', 'T', 'L'].map((book) => operationOf(saved(book))))).toEqual([
      '9.1.1.3.1',
      '9.1.2.4.1',
      '9.1.3.5.1',
      '9.1.3.5.1',
      '9.1.4.2.1',
    ])
    expect(await operationOf(saved('X'))).toBe('ambiguous')
    expect(await operationOf(saved('X'), '9.1.4.2.1')).toBe('9.1.4.2.1')
    expect(await operationOf(text('INV101.xml'))).toBe('9.1.3.5.1')
  })
  test('forms, orders, slips and vehicles: special supervision area or bonded logistics', async () => {
    const zone = ['AppMessage', 'StockMessage', 'PassPortMessage', 'Sas2sPassPortMessage'].map((id) =>
      operationOf(text(`${id}.xml`)),
    )
    expect(await Promise.all(zone)).toEqual(['9.1.3.7.1', '9.1.3.8.1', '9.1.3.9.1', '9.1.3.13.1'])
    const logistics = ['AppMessage', 'StockMessage', 'PassPortMessage', 'Sas2sPassPortMessage'].map((id) =>
      operationOf(text(`${id}-minimal.xml`)),
    )
    expect(await Promise.all(logistics)).toEqual(['9.1.4.4.1', '9.1.4.5.1', '9.1.4.6.1', '9.1.4.10.1'])
    expect(
      await Promise.all(['SAS101', 'SAS111', 'SAS121', 'SAS131'].map((id) => operationOf(text(`${id}.xml`)))),
    ).toEqual(['9.1.3.7.1', '9.1.3.8.1', '9.1.3.9.1', '9.1.3.11.1'])
    expect(await operationOf(text('SAS121.xml').replace('<ownerSystem>1<', '<ownerSystem>2<'))).toBe('9.1.4.6.1')
  })
  test('a list that gathers warehouse orders is a consolidated declaration, or the list it is', async () => {
    const gathered = text('InvtMessage.xml').replace('<InvtType>0<', '<InvtType>1<')
    expect(await operationOf(gathered)).toBe('9.1.3.10.1')
    expect(await operationOf(gathered, '9.1.3.5.1')).toBe('9.1.3.5.1')
  })
})

describe('receipts', () => {
  const types = routing.documents.flatMap((family) => family.receipts)
  const read = (xml: string) => {
    const reply = readReply(Buffer.from(xml), types)!
    const { keys, learn, status, code, agencyReference, text: said } = reply.entries[0]!
    return {
      id: reply.receiptType.id,
      answers: reply.receiptType.answers,
      keys: keys.map(({ name, value }) => `${name}=${value}`),
      learn: learn.map(({ name }) => name),
      status,
      code,
      agencyReference,
      zh: said.zh,
      en: said.en,
    }
  }

  test('every sample is read as what its file says, and cites the document it answers', () => {
    const files = readdirSync(join(root, 'xsd/families/sas/samples')).filter((f) => /^(INV2|SAS2)\d\d/.test(f))
    expect(files.length).toBeGreaterThan(18)
    for (const file of files) {
      const { id, keys, answers } = read(text(file))
      expect(id).toBe(file.replace(/(-second-edition)?\.xml/, ''))
      expect(
        keys.some((key) => key.startsWith('bondedSeqNo=9000000000000000')),
        file,
      ).toBe(true)
      expect(answers, file).toBeDefined()
    }
  })

  test('a decision of the second edition, with handbook and logistics goods, is valid', () => {
    const second = text('INV201-second-edition.xml')
    expect(second).toMatch(/<EmsPutrecDt>[^]*<BwsDt>/)
    const schema = types.find(({ id }) => id === 'INV201')!.schema!
    const schemas = readSchemaFiles(join(root, 'xsd/families'))
    const engine = createEngine({ documents: routing.documents, rules, schemas, faultLimit: 9 })
    expect(engine.validate(Buffer.from(second), schema)).toEqual([])
    expect(read(second)).toMatchObject({
      id: 'INV201',
      status: 'approved',
      answers: ['InvtMessage', 'INV101', 'INV141'],
      keys: ['bondedSeqNo=900000000000000001', 'bondedNo=QD010126I000000001'],
    })
  })

  test('a decision gives every reason, with or without the namespace, prefixes and a signature', () => {
    const plain = text('SAS221.xml')
    const body = plain.replace(/<\?xml.*\?>\s*/, '')
    const forms = [
      plain,
      plain.replace('<Package', `<Package${dsig}`),
      plain
        .replace('<SAS221>', '<ns2:SAS221 xmlns:ns2="cn.gov.customs.hde.app.sas">')
        .replace('</SAS221>', '</ns2:SAS221>'),
      `<Signature${dsig}><Object Id="String">${body}</Object></Signature>`,
    ]
    for (const form of forms) {
      expect(read(form)).toMatchObject({
        status: 'rejected',
        code: '3',
        zh: '车辆信息未备案；关联清单未审核通过',
        en: 'Turned down',
        agencyReference: 'Z0101I990301000000000001',
        keys: ['bondedSeqNo=900000000000000014', 'bondedNo=Z0101I990301000000000001'],
        learn: ['bondedNo'],
      })
    }
  })

  test.each([
    [
      'INV201',
      {
        Y: 'processing',
        '1': 'approved',
        '2': 'processing',
        '3': 'rejected',
        '4': 'approved',
        '5': 'approved',
        Z: 'rejected',
      },
    ],
    ['SAS201', { Y: 'processing', '1': 'approved', '2': 'processing', '3': 'rejected', Z: 'rejected' }],
    ['SAS211', { '1': 'approved', '3': 'rejected' }],
    ['SAS231', { '1': 'approved', '3': 'rejected' }],
    ['SAS251', { '1': 'approved', '3': 'rejected' }],
    ['SAS223', { '1': 'released', '2': 'processing' }],
    ['SAS253', { '1': 'released', '2': 'processing' }],
    ['INV200', { '1': 'processing', '2': 'rejected' }],
    ['INV202', { '1': 'approved', '2': 'processing' }],
  ] as const)('%s: each result of customs has its status', (file, statuses) => {
    const xml = text(`${file}.xml`)
    const said = Object.fromEntries(
      Object.keys(statuses).map((code) => [
        code,
        read(xml.replace(/<manageResult>.*<\/manageResult>/, `<manageResult>${code}</manageResult>`)).status,
      ]),
    )
    expect(said).toEqual(statuses)
  })

  test("the import response: success teaches the number, anything else is a refusal in the client's own words", () => {
    expect(read(text('CommonResponeMessage.xml'))).toMatchObject({
      status: 'submitted',
      agencyReference: '900000000000000001',
      learn: ['bondedSeqNo'],
    })
    expect(read(text('CommonResponeMessage-failed.xml'))).toMatchObject({ status: 'rejected', code: '-1', learn: [] })
    expect(read(text('CommonResponeMessage-failed.xml')).zh).toContain('重复')
  })
})
