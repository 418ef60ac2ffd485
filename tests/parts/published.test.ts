// Published forms: what the authorities publish is taken, however the hub wrote it before; what they do not publish is
// refused.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { documents } from '../support/data.js'
import { engine } from '../support/engine.js'
import { sample, samplePath } from '../support/hub.js'

const inspect = async (text: string | Buffer) => engine.inspect(Buffer.from(text as string))
const verdict = async (text: string | Buffer) => {
  const { document, faults } = await inspect(text)
  return faults.length > 0 ? faults.map(({ code, path }) => `${code} ${path}`) : [document!.type]
}

describe('express messages as published', () => {
  test.each(['EXP301', 'EXP307', 'EXP311'])(
    'a %s with its outer elements in no namespace is taken, with the data in either of the two',
    async (type) => {
      const text = sample(`exp/${type}-published.xml`).toString()
      expect(await verdict(text)).toEqual([type])
      expect(await verdict(text.replace(/chinaport\.gov\.cn\/[Ee]xp/g, 'chinaport.gov.cn/exp'))).toEqual([type])
      expect(await verdict(text.replace(/chinaport\.gov\.cn\/[Ee]xp/g, 'chinaport.gov.cn/Exp'))).toEqual([type])
      const strange = await inspect(text.replace(/chinaport\.gov\.cn\/[Ee]xp/g, 'chinaport.gov.cn/other'))
      expect(strange.faults[0]!.code).toBe('HUB_XSD_ELEMENT_UNEXPECTED')
    },
  )
})

/** Moves the first element of the envelope behind its last. */
const turned = (text: string) =>
  text.replace(/(<EnvelopInfo>\s*)(<(\w+)>[^<]*<\/\3>\s*)([\s\S]*?)(<\/EnvelopInfo>)/, '$1$4$2$5')

test('the envelope of bonded and express messages takes any order, each field once', async () => {
  const tried: string[] = []
  for (const family of ['sas', 'nems', 'exp'])
    for (const type of documents.find((one) => one.family === family)!.documents) {
      const text = sample(type.samples[0]!).toString()
      if (!/<EnvelopInfo>\s*<version>/.test(text)) continue
      expect(turned(text)).not.toBe(text)
      expect({ id: type.id, is: await verdict(turned(text)) }).toEqual({ id: type.id, is: [type.id] })
      const twice = await inspect(text.replace(/<version>[^<]*<\/version>/, '$&$&'))
      expect(twice.faults[0]!.code, type.id).toBe('HUB_XSD_ELEMENT_UNEXPECTED')
      tried.push(type.id)
    }
  expect(tried.length).toBeGreaterThan(25)
})

test('the platform of Nanjing is sent a manifest in no namespace: its type says what it is', async () => {
  const text = sample('manifest/MT5101-2-platform-without-namespace.xml').toString()
  const { document, faults, root: outer } = await inspect(text)
  expect(faults).toEqual([])
  expect(document).toMatchObject({ type: 'MT5101', facts: { functionCode: '2' } })
  expect(outer!.name).toBe('MFTMessage')
  for (const type of documents
    .find(({ family }) => family === 'manifest')!
    .documents.filter((t) => t.root === 'Manifest')) {
    const manifest = sample(type.samples[0]!)
      .toString()
      .replace(/^[\s\S]*?(?=<Manifest)/, '')
    const bare = manifest.replace(/ xmlns="[^"]*"/, '')
    const wrapped = text.replace(/<Manifest>[\s\S]*<\/Manifest>/, () => bare)
    expect(await verdict(wrapped), type.id).toEqual([type.id])
    const alone = (await inspect(bare)).faults
    expect(alone).toMatchObject([{ code: 'HUB_DOCUMENT_NAMESPACE', path: '/Manifest', line: 1 }])
    expect(alone[0]!.text.en).toBe(`Root Manifest must be in namespace ${type.namespace}, not "".`)
  }
  const unknown = await inspect(text.replace('MT5101</MessageType>', 'MT5199</MessageType>'))
  expect(unknown.faults[0]!.text.en.length).toBeLessThan(400)
})

test('a fault of a manifest in no namespace is told at its place in what was sent', async () => {
  const text = sample('manifest/MT5101-2-platform-without-namespace.xml').toString()
  const broken = text.replace('<TypeCode>1</TypeCode>', '<TypeCode>1</TypeCode><Colour>red</Colour>')
  const { faults } = await inspect(broken)
  expect(faults[0]).toMatchObject({
    path: '/MFTMessage/MFTData/Manifest/Declaration/BorderTransportMeans/Colour',
    line: broken.slice(0, broken.indexOf('<Colour>')).split('\n').length,
  })
})

test('the import message of 2018 is taken with its old head, without the declarant’s name', async () => {
  const text = sample('dec/ImportMessage-2018.xml').toString()
  expect(text).not.toContain('DeclareName')
  expect(await verdict(text)).toEqual(['ImportMessage'])
  const all = text.replace('<PayWay>1</PayWay>', '<PayWay>1</PayWay><InRatio>0.5</InRatio><PaymentMark/>')
  for (const operType of ['A', 'C', 'E'])
    expect(await verdict(all.replace('<OperType>C', `<OperType>${operType}`)), operType).toEqual(['ImportMessage'])
})

test('both editions of BWS101 are taken, but not the two names of one block in one message', async () => {
  const second = sample('nems/BWS101-second-edition.xml').toString()
  expect(await verdict(second)).toEqual(['BWS101'])
  expect(await verdict(second.replaceAll('PreBwsPutrecAcmpFormDt', 'BwsPutrecAcmpFormDt'))).toEqual(['BWS101'])
  const block = /<PreBwsPutrecAcmpFormDt>[\s\S]*<\/PreBwsPutrecAcmpFormDt>/.exec(second)![0]
  const both = second.replace(block, block + block.replaceAll('PreBws', 'Bws'))
  expect((await verdict(both))[0]).toContain('HUB_XSD_ELEMENT_UNEXPECTED')
})

test('an agency agreement names its currency twice, as published', async () => {
  const text = sample('acd/ImportAgrRequest.xml').toString()
  const once = (at: number) => {
    const parts = text.split(/ *<Curr>502<\/Curr>\n/)
    expect(parts.length).toBe(3)
    return at === 0
      ? parts[0] + parts.slice(1).join('    <Curr>502</Curr>\n')
      : `${parts[0]}    <Curr>502</Curr>\n${parts.slice(1).join('')}`
  }
  for (const at of [0, 1])
    expect((await inspect(once(at))).faults.map(({ code }) => code)).toContain('HUB_XSD_ELEMENT_MISSING')
})

describe('cross-border messages that customs want signed', () => {
  const signed = ['CEB607', 'CEB621', 'CEB623', 'CEB625', 'CEB711'].map((id) => `${id}Message`)
  const types = documents.find(({ family }) => family === 'ceb')!.documents
  test('are refused when declared without a signature, or with an empty one', async () => {
    for (const type of types) {
      const text = sample(type.samples[0]!).toString()
      const declared = text.replace(/(appStatus>)1</g, '$12<')
      const bare = declared.replace(/<(\w+:)?Signature[ >][\s\S]*<\/(\w+:)?Signature>/, '')
      const path = `/${type.root}/Signature`
      expect({ id: type.id, is: await verdict(bare) }).toEqual({
        id: type.id,
        is: signed.includes(type.id) ? [`HUB_SIGNATURE_MISSING ${path}`] : [type.id],
      })
      if (!signed.includes(type.id)) continue
      const empty = declared.replace(/(SignatureValue>)[^<]+</, '$1<')
      expect(await verdict(empty), type.id).toEqual([`HUB_SIGNATURE_MISSING ${path}/SignatureValue`])
      expect(await verdict(bare.replace(/(appStatus>)2</g, '$11<')), type.id).toEqual([type.id])
    }
  })
})

describe('what only agencies send', () => {
  const filed = new Set(documents.flatMap((d) => d.documents).map(({ id }) => id))
  const samples = ['ceb', 'dec', 'manifest', 'road', 'rail', 'port', 'sas', 'nems', 'exp', 'coo', 'ciq', 'acd'].flatMap(
    (family) =>
      readdirSync(samplePath(`${family}/`))
        .filter((file) => file.endsWith('.xml'))
        .map((file) => `${family}/${file}`),
  )
  test('every sample of a receipt is told to be one, by its name, in two languages', async () => {
    const told = new Set<string>()
    const names = new Map(documents.flatMap((d) => d.receipts).map(({ id, title }) => [id, title]))
    for (const file of samples) {
      const { document, faults } = engine.inspect(readFileSync(samplePath(file)))
      if (document && filed.has(document.type)) continue
      expect({ file, faults }).toMatchObject({
        file,
        faults: [{ code: 'HUB_DOCUMENT_RECEIPT', line: 1, rule: 'receipt' }],
      })
      const { text } = faults[0]!
      const id = /^(\S+) is a receipt of the agency\. It cannot be filed/.exec(text.en)![1]!
      expect(text.zh).toContain(`${id} 是主管部门的回执，不予申报（${names.get(id)!.zh}）`)
      told.add(id)
    }
    expect(told.size).toBeGreaterThan(60)
    for (const id of ['INV201', 'CEB622Message', 'DecImportResponse', 'MT9999', 'CommonResponeMessage'])
      expect(
        [...told].some((one) => one.startsWith(id)),
        id,
      ).toBe(true)
  })
})

test('a variant that does not exist is told with its line, its place and what may stand there', async () => {
  const text = sample('dec/DecMessage.xml').toString()
  const line = text.slice(0, text.indexOf('<OperType>')).split('\n').length
  const wrong = (await inspect(text.replace('<OperType>C<', '<OperType>X<'))).faults
  expect(wrong).toMatchObject([
    {
      code: 'HUB_DOCUMENT_VARIANT',
      path: '/DecMessage/DecSign/OperType',
      line,
      value: 'X',
      rule: 'enumeration=A|B|C|D|E|G',
    },
  ])
  expect(wrong[0]!.text.en).toBe('DecMessage with OperType="X" belongs to no operation. Allowed: A|B|C|D|E|G.')
  const missing = (await inspect(text.replace(/<OperType>C<\/OperType>/, ''))).faults
  expect(missing).toMatchObject([{ path: '/DecMessage/DecSign/OperType', rule: 'enumeration=A|B|C|D|E|G' }])
  const kind = (
    await inspect(sample('exp/EXP301.xml').toString().replace('EXP301</message_type>', 'EXP999</message_type>'))
  ).faults
  expect(kind).toMatchObject([
    { path: '/Package/EnvelopInfo/message_type', value: 'EXP999', rule: 'enumeration=EXP301|EXP307|EXP311' },
  ])
  const code = (
    await inspect(sample('manifest/MT1101-9.xml').toString().replace('>9</FunctionCode>', '>7</FunctionCode>'))
  ).faults
  expect(code).toMatchObject([{ path: '/Manifest/Head/FunctionCode', value: '7', rule: 'enumeration=0|3|5|9' }])
})

test('where each fact of a message stands is said when it is asked for, and only then', async () => {
  const text = sample('exp/EXP301.xml').toString()
  const { document } = engine.inspect(Buffer.from(text), { places: true })
  const line = text.slice(0, text.search(/<(\w+:)?EntryType>/)).split('\n').length
  expect(document!.places!.entryType).toEqual({
    path: '/Package/DataInfo/SignedData/Data/EXP301/EntryHead/EntryType',
    line,
  })
  expect((await inspect(text)).document!.places).toBeUndefined()
})

test('an import file of the bonded systems without its mark or value is told exactly that', async () => {
  const files = ['EmlMessage', 'EmsMessage', 'BwlMessage'].map((id) => `nems/${id}.xml`)
  files.push(...['InvtMessage', 'PassPortMessage', 'AppMessage', 'StockMessage'].map((id) => `sas/${id}.xml`))
  for (const file of files) {
    const text = sample(file).toString()
    const field = /<DelcareFlag>[^<]*<\/DelcareFlag>/
    const told = async (one: string) => (await inspect(text.replace(field, one))).faults
    // Where the mark also chooses between saving and declaring, it is that choice which cannot be made.
    const [missing, ...others] = await told('')
    expect([`${missing!.path} ${missing!.rule}`, others], file).toEqual([
      expect.stringMatching(/BussinessData required=DelcareFlag$|BussinessData\/DelcareFlag enumeration=0\|1$/),
      [],
    ])
    expect(await told('<DelcareFlag>7</DelcareFlag>'), file).toMatchObject([
      { rule: 'enumeration=0|1', value: '7', path: expect.stringMatching(/DelcareFlag$/) as string },
    ])
  }
  // What goes to customs itself has no such mark: it is a field nobody knows there.
  const customs = sample('sas/INV101.xml').toString().replace('<INV101>', '<DelcareFlag>1</DelcareFlag><INV101>')
  expect((await inspect(customs)).faults[0]).toMatchObject({ path: expect.stringMatching(/DelcareFlag$/) as string })
})
