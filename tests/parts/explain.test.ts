// What a sender is told of a message that breaks its schema: every fault of one element, in words of our own, in both
// languages.
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../messages/fault.js'
import { some } from '../support/every.js'
import { documents } from '../support/data.js'
import { engine } from '../support/engine.js'
import { sample } from '../support/hub.js'
import { foreignWords } from '../support/raw-text.js'
import { Random } from '../support/seeded.js'
import { mutantsOf } from '../support/xml-mutants.js'

const faultsOf = async (text: string): Promise<Fault[]> => engine.inspect(Buffer.from(text)).faults
const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length

describe('all faults of one element are told at once', () => {
  test('three unknown fields are three faults, each at its place', async () => {
    const text = sample('dec/DecMessage.xml').toString()
    const wrong = text.replace(
      '</DecHead>',
      '<PayWay>1</PayWay>\n<InRatio>1</InRatio>\n<TradeModes>1</TradeModes></DecHead>',
    )
    expect(await faultsOf(wrong)).toMatchObject(
      ['PayWay', 'InRatio', 'TradeModes'].map((name) => ({
        code: 'HUB_XSD_ELEMENT_UNEXPECTED',
        path: `/DecMessage/DecHead/${name}`,
        line: lineOf(wrong, `<${name}>`),
        rule: 'unknown',
      })),
    )
    const [first, , third] = await faultsOf(wrong)
    expect(first!.text).toEqual({
      zh: '此处不应出现元素 PayWay：DecHead 中没有该字段。',
      en: 'Element PayWay is not expected here: there is no such field in DecHead.',
    })
    expect(third!.text.en).toContain('did you mean TradeMode')
    expect(third!.text.zh).toContain('是否应为 TradeMode')
  })

  test.each([
    ['ceb/CEB621Message.xml', '/CEB621Message/Inventory[1]/InventoryHead', ['ebpCode', 'customsCode', 'netWeight']],
    ['dec/DecMessage.xml', '/DecMessage/DecHead', ['AgentName', 'CustomMaster', 'GrossWet']],
    ['sas/SAS101.xml', '/Signature/Object/Package/EnvelopInfo', ['version', 'sender_id', 'send_time']],
    ['acd/ImportAgrRequest.xml', '/ImportAgrRequest/ImportInfo', ['GName', 'TradeCode', 'DeclTele']],
  ])('three missing fields of %s are three faults', async (file, path, names) => {
    let text = sample(file).toString()
    for (const name of names) text = text.replace(new RegExp(`<((?:\\w+:)?${name})>[^<]*</\\1>\\s*`), '')
    expect((await faultsOf(text)).map(({ code, path, rule }) => [code, path, rule]).sort()).toEqual(
      names.map((name) => ['HUB_XSD_ELEMENT_MISSING', path, `required=${name}`]).sort(),
    )
  })

  test('what stands behind the first fault is looked at too: values, lines of goods, attributes', async () => {
    const text = sample('ceb/CEB621Message.xml').toString()
    const wrong = text
      .replace(/<((?:\w+:)?guid)>[^<]*<\/\1>\s*/, '')
      .replace(/(<(?:\w+:)?customsCode>)[^<]*/, '$199999')
      .replace(/(<(?:\w+:)?netWeight>)[^<]*/, '$1heavy')
      .replace(/(<(?:\w+:)?gnum>)[^<]*/, '$1one')
    const faults = await faultsOf(wrong)
    expect(faults.map(({ path, code }) => `${code} ${path!.replace(/^.*\//, '')}`)).toEqual([
      'HUB_XSD_ELEMENT_MISSING InventoryHead',
      'HUB_XSD_LENGTH customsCode',
      'HUB_XSD_TYPE netWeight',
      'HUB_XSD_TYPE gnum',
    ])
    expect([...faults].sort((a, b) => a.line! - b.line!)).toEqual(faults)
  })

  test('only what is required is said to lack', async () => {
    const text = sample('dec/DecMessage.xml').toString()
    const wrong = text
      .replace(/<ContainerId>[^<]*<\/ContainerId>\s*/, '')
      .replace(/<ContainerWt>[^<]*<\/ContainerWt>\s*/, '')
    expect(await faultsOf(wrong)).toMatchObject([{ code: 'HUB_XSD_ELEMENT_MISSING', rule: 'required=ContainerId' }])
  })

  test('a misplaced field is told where it belongs, a repeated one that it stands once', async () => {
    const text = sample('acd/ImportAgrRequest.xml').toString()
    const field = /<GName>[^<]*<\/GName>\s*/.exec(text)![0]
    const moved = text.replace(field, '').replace('</ImportInfo>', `${field}</ImportInfo>`)
    expect(await faultsOf(moved)).toMatchObject([{ path: '/ImportAgrRequest/ImportInfo/GName', rule: 'order' }])
    expect((await faultsOf(moved))[0]!.text.en).toMatch(/it must stand before \w+/)
    const twice = await faultsOf(text.replace(field, field + field))
    expect(twice).toMatchObject([{ path: '/ImportAgrRequest/ImportInfo/GName[2]', rule: 'maxOccurs=1' }])
    expect(twice[0]!.text.zh).toContain('最多出现 1 次')
  })
})

describe('values are told by what they must be', () => {
  test('a number by its digits and decimals; no name of a type is told', async () => {
    const text = sample('dec/DecMessage.xml').toString()
    const [one] = await faultsOf(text.replace(/<GrossWet>[^<]*/, '<GrossWet>heavy'))
    expect(one).toMatchObject({ code: 'HUB_XSD_TYPE', path: '/DecMessage/DecHead/GrossWet', value: 'heavy' })
    expect(one!.text.en).toMatch(/it must be a number, at most \d+ digits and \d decimals/)
    expect(one!.text.zh).toMatch(/数值，最多 \d+ 位，其中小数最多 \d 位/)
    expect(JSON.stringify(one)).not.toMatch(/Head\.|given/)
  })

  test('an attribute too long is told as a length, with its value', async () => {
    const text = sample('manifest/MT1101-9.xml').toString()
    const [one] = await faultsOf(text.replace(/CurrencyTypeCode="[^"]*"/, 'CurrencyTypeCode="DOLLAR"'))
    expect(one).toMatchObject({ code: 'HUB_XSD_LENGTH', rule: 'maxLength=3', value: 'DOLLAR' })
    expect(one!.path).toMatch(/\/ValueAmount\/@CurrencyTypeCode$/)
  })

  test('nil where nothing may be nil is one fault: it must be filled in', async () => {
    const text = sample('nems/EML111.xml').toString()
    const nil = '<masterCuscd xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'
    const faults = await faultsOf(text.replace(/<masterCuscd>[^<]*<\/masterCuscd>/, nil))
    expect(faults).toMatchObject([{ code: 'HUB_XSD_CONTENT', rule: 'nillable=false' }])
    expect(faults[0]!.text.en).toContain('it must be filled in')
  })

  test('codes hold no blanks around them, in any family', async () => {
    const codes: [string, string][] = [
      ['exp/EXP311.xml', 'IEFlag'],
      ['dec/DecMessage.xml', 'IEFlag'],
      ['dec/DecMessage.xml', 'CustomMaster'],
      ['manifest/MT1101-9.xml', 'FunctionCode'],
      ['sas/InvtMessage.xml', 'DelcareFlag'],
      ['nems/EML111.xml', 'dclTypecd'],
      ['ceb/CEB621Message.xml', 'customsCode'],
      ['coo/Certificate.xml', 'ApplyType'],
      ['ciq/EEntDeclIo.xml', 'CiqIEFlag'],
      ['acd/ImportAgrRequest.xml', 'TradeMode'],
      ['road/MT1401-9.xml', 'FunctionCode'],
      ['rail/WLJK_ERRA.xml', 'FUNCTION_CODE'],
      ['port/MT9801.xml', 'TradeType'],
    ]
    for (const [file, name] of codes) {
      const text = sample(file).toString()
      const padded = text.replace(new RegExp(`(<(?:\\w+:)?${name}>)([^<]+)`), '$1 $2 ')
      expect(padded, file).not.toBe(text)
      expect((await faultsOf(padded)).length, `${file} ${name}`).toBeGreaterThan(0)
    }
  })
})

test('every fault of any family is told in our own words, in Chinese and in English', async () => {
  const random = new Random(14)
  const pick = (below: number) => random.int(0, below - 1)
  let told = 0
  for (const family of documents)
    for (const type of some(family.documents)) {
      if (['edifact', 'flatfile'].includes(family.family)) continue
      // Each type gets a few, so that all ways meet all families; the conformance suite tries them all.
      const mutants = mutantsOf(sample(type.samples[0]!).toString(), pick)
      for (let i = 0; i < 4; i++) {
        const { what, text } = mutants[pick(mutants.length)]!
        const faults = await faultsOf(text)
        for (const one of faults)
          expect({ type: type.id, what, words: foreignWords(one), one }).toMatchObject({ words: [] })
        told += faults.length
      }
    }
  expect(told).toBeGreaterThan(process.env.EVERY_DOCUMENT === undefined ? 60 : 200)
})

test('a right name in a wrong namespace is told its namespace', async () => {
  const text = sample('ceb/CEB621Message.xml').toString()
  const wrong = text.replace(
    /<(\w+:)?customsCode>([^<]*)<\/(\w+:)?customsCode>/,
    '<customsCode xmlns="urn:other">$2</customsCode>',
  )
  expect(wrong).not.toBe(text)
  const told = (await faultsOf(wrong)).find(({ path }) => path!.endsWith('/customsCode'))!
  expect(told).toMatchObject({
    code: 'HUB_XSD_ELEMENT_UNEXPECTED',
    rule: 'namespace=http://www.chinaport.gov.cn/ceb',
    line: lineOf(wrong, '<customsCode xmlns'),
  })
  expect(told.text.en).toContain('it must be in namespace http://www.chinaport.gov.cn/ceb, not urn:other')
  expect(told.text.zh).toContain('其命名空间应为 http://www.chinaport.gov.cn/ceb，实际为 urn:other')
})
