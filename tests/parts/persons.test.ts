// persons — what is hidden from those who run the hub, and what is not: by syntax, by kind of field, by what shows it.
import { describe, expect, it, test } from 'vitest'
import { createPersons } from '../../messages/persons/persons.js'
import { isPhone } from '../../messages/persons/flat-spans.js'
import { withoutPatterns } from '../../messages/persons/patterns.js'
import { walk } from '../../xsd/form/node.js'
import { samplesOf } from '../../xsd/form/samples.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { toJson } from '../../xsd/form/to-json.js'
import { labelNamesPerson } from '../../xsd/persons/labels.js'
import { storedPersonFields } from '../../xsd/form-store/persons.js'
import { leafNamesPerson, publishedLabels } from '../../xsd/persons/read.js'
import { formFolders } from '../../xsd/form-store/stored.js'
import { join } from 'node:path'
import { readdirSync, readFileSync } from 'node:fs'
import { formOf } from '../support/forms.js'
import { inventedId, inventedMobile } from '../support/persons.js'

formIndex()
const persons = createPersons(storedPersonFields())
const shown = async (text: string | Buffer) => (await persons.bytes(Buffer.from(text as string))).bytes.toString()
const id = inventedId()
const mobile = inventedMobile(8)
const families = join(formFolders.forms, '../families')

test('a reference looks the same with what its message names and without; a number that shows itself is hidden', () => {
  const row = (reference: string) => ({ reference, detail: `${reference} was restored` })
  expect(persons.answer(row('TEST-PASSENGER-1'), ['TEST-PASSENGER-1'])).toEqual({
    reference: 'TEST-PASSENGER-1',
    detail: '*** was restored',
  })
  expect(persons.answer(row('TEST-PASSENGER-1')).reference).toBe('TEST-PASSENGER-1')
  for (const values of [[], [id]]) expect(persons.answer({ reference: `REF-${id}` }, values).reference).toBe('REF-***')
})

describe('a number that shows itself', () => {
  it('is hidden in any sentence, in groups and beside Chinese', () => {
    const groups = `${id.slice(0, 6)} ${id.slice(6, 14)} ${id.slice(14)}`
    for (const said of [id, id.toLowerCase(), groups, `号${id}的`, `REF-${id}`, `x=${id};`])
      expect(withoutPatterns(said)).toMatch(/\*\*\*/)
    for (const said of [mobile, `+86${mobile}`, `+86 ${mobile}`, `致电${mobile}。`, `tel${mobile}`])
      expect(withoutPatterns(said)).toContain('***')
    expect(withoutPatterns(`${mobile.slice(0, 3)}-${mobile.slice(3, 7)}-${mobile.slice(7)}`)).toBe('***')
  })

  it('is not seen where another number only looks like one', () => {
    const wrong = `${id.slice(0, 17)}${id[17] === '1' ? '2' : '1'}`
    for (const said of [
      wrong,
      '224820261000000451',
      '2026060109000012345',
      `sha256:ab${mobile}cd`,
      `${mobile}.50`,
      `msg_01M8HDCT03W7WQK0ZT6SHXSF8D`,
      '91110000MA0000001L',
    ])
      expect(withoutPatterns(said)).toBe(said)
  })

  it('takes what a sentence says behind a word for it', () => {
    for (const [said, gone] of [
      ['订购人姓名：测试乙，与证件不符', '测试乙'],
      ['收件人[测试丙]电话有误', '测试丙'],
      ['订购人 测试丁 未实名', '测试丁'],
      ['护照号码 E00000001 无效', 'E00000001'],
      ['passport no. E00000002 is unknown', 'E00000002'],
      ['联系电话：010-00000000', '010-00000000'],
      ['Contact person: Tester Tom', 'Tester Tom'],
    ])
      expect(withoutPatterns(said!)).not.toContain(gone)
    for (const said of ['姓名不能为空。', '联系电话不符合要求，应为电话号码。', '证件号码与姓名不一致'])
      expect(withoutPatterns(said)).toBe(said)
  })
})

// What partners write is looked through on the main thread: in every line of the log, and in all that /ops answers.
test.each(['passport', 'phone', '姓名', '联系人：', '证件号：', 'passport number = "'])(
  'a hundred thousand blanks behind “%s” take no longer than as many letters',
  (word) => {
    for (const blank of [' ', '\t', '\u3000']) {
      const said = `${word}${blank.repeat(100_000)}!`
      const begun = performance.now()
      expect(withoutPatterns(said)).toBe(said)
      expect(isPhone(blank.repeat(100_000) + 'x')).toBe(false)
      expect(performance.now() - begun).toBeLessThan(2_000)
    }
    expect(withoutPatterns('passport  number :  “ E00000009')).toBe('passport  number :  “ ***')
    expect(withoutPatterns('电话 号码 ： 020-12345678')).toBe('电话 号码 ： ***')
  },
)

describe('what a schema says of its fields', () => {
  it('every published field with a person’s name, number or telephone is known by its name', () => {
    const { names } = storedPersonFields()
    const labels = [...publishedLabels(families)]
    const said = labels.filter(({ zh }) => labelNamesPerson(zh))
    expect(said.length).toBeGreaterThan(150)
    // A name that is something else elsewhere is not hidden by its name alone: a short list, looked at by people.
    const open = new Set(said.map(({ name }) => name).filter((name) => !names.includes(name)))
    expect([...open].sort()).toMatchInlineSnapshot(`
      [
        "Communication",
        "HostId",
        "Name",
        "SendId",
      ]
    `)
    for (const zh of [
      '证件类型',
      '订购人证件类型',
      '联系人类别',
      '企业名称',
      '报关单号',
      '许可证件号',
      '操作员卡的证书号',
    ])
      expect(labelNamesPerson(zh)).toBe(false)
  })

  it('of each form these fields are hidden and no others, as XML and as JSON', async () => {
    let fields = 0
    for (const document of Object.keys(formIndex().files)) {
      const { form, rules, query } = formOf(document)!
      if (query) continue
      const { tree, xml } = samplesOf(form, rules)[0]!
      const personal = new Set(
        [...walk(form.fields)].filter(({ node }) => leafNamesPerson(node)).map(({ path }) => path),
      )
      const [asXml, asJson] = [await shown(xml), JSON.parse(await shown(toJson(tree))) as Record<string, Json>]
      const plain = JSON.parse(toJson(tree)) as Record<string, Json>
      const hidden = new Set<string>()
      for (const { path, value } of leaves(asJson[document]!)) {
        if (value !== '***') continue
        hidden.add(path)
        // What shows by itself that it names somebody is hidden anywhere.
        if (!personal.has(path)) expect(withoutPatterns(valueAt(plain, document, path))).toContain('***')
      }
      const there = [...leaves(plain[document]!)].map(({ path }) => path)
      for (const path of personal) if (there.includes(path)) expect([...hidden], document).toContain(path)
      expect(asXml.split('***').length, document).toBe(JSON.stringify(asJson).split('***').length)
      fields += hidden.size
    }
    expect(fields).toBeGreaterThan(1000)
  })
})

type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** Every leaf with its path, lists left out of it. */
function* leaves(value: Json, path = ''): Generator<{ path: string; value: string | number | boolean | null }> {
  if (Array.isArray(value)) for (const one of value) yield* leaves(one, path)
  else if (typeof value === 'object' && value !== null)
    for (const [name, one] of Object.entries(value)) yield* leaves(one, path === '' ? name : `${path}/${name}`)
  else yield { path, value }
}
const valueAt = (whole: Record<string, Json>, document: string, path: string): string =>
  [...leaves(whole[document]!)]
    .filter((one) => one.path === path)
    .map(({ value }) => String(value))
    .join(' ')

describe('a document that no form describes', () => {
  const gone = [id, mobile, '测试张', 'E00000009', 'TESTER']
  const bare = async (text: string | Buffer) => {
    const out = await shown(text)
    for (const value of gone) expect(out, value).not.toContain(value)
    return out
  }

  it('hides elements, attributes, CDATA, and what stands in base64 or escaped in another', async () => {
    const buyer = `<buyerName>测试张</buyerName><buyerIdNumber>${id}</buyerIdNumber>`
    const inner = `<CEB311Message><Order>${buyer}</Order></CEB311Message>`
    const out = await bare(`<?xml version="1.0"?><Package xmlns:c="urn:x"><c:buyerName>测试张</c:buyerName>
      <Party contactName="测试张" id='7'/><buyerName><![CDATA[ 测试张 ]]></buyerName>
      <UNDGContact><Name>TESTER</Name></UNDGContact><note>请致电${mobile}</note>
      <Data>${Buffer.from(inner).toString('base64')}</Data><Escaped>${inner.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</Escaped>
      <ebpName>测试平台有限公司</ebpName></Package>`)
    expect(out).toContain("id='7'")
    expect(out).toContain('测试平台有限公司')
    const data = /<Data>([^<]*)/.exec(out)![1]!
    expect(Buffer.from(data, 'base64').toString()).toBe(inner.replace('测试张', '***').replace(id, '***'))
    expect(await shown(`<a><Data>${Buffer.from(`<a>${'x'.repeat(80)}</a>`).toString('base64')}</Data></a>`)).toContain(
      'PGE+',
    )
  })

  it('hides them where the document is broken, cut, or of another encoding', async () => {
    await bare(`<CEB311Message><buyerName>测试张<buyerName>测试张</Wrong attr="<buyerName>测试张`)
    await bare(`<a buyerName="测试张>`)
    await bare(`{"BuyerName": 1, "buyerName": "测试张", "buyerIdNumber": ["${id}"`)
    const wide = Buffer.from(`\ufeff<a><buyerName>测试张</buyerName></a>`, 'utf16le')
    expect((await persons.bytes(wide)).bytes.toString()).toBe('<a><buyerName>***</buyerName></a>')
    const gbk = Buffer.concat([
      Buffer.from('<?xml version="1.0" encoding="GBK"?><a><buyerName>'),
      Buffer.from([0xb2, 0xe2, 0xca, 0xd4]),
      Buffer.from('</buyerName><ebcName>'),
      Buffer.from([0xb2, 0xe2, 0xca, 0xd4]),
      Buffer.from('</ebcName></a>'),
    ])
    expect((await persons.bytes(gbk)).bytes.toString()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><a><buyerName>***</buyerName><ebcName>测试</ebcName></a>',
    )
  })

  it('hides whom an EDIFACT message names, and no company', async () => {
    const out = await bare(
      `UNB+UNOC:3+A+B+260101:0900+1'UNH+1+IFTMIN:D:96B:UN'CTA+IC+:TESTER ?'TOM'COM+010-00000000:TE'` +
        "NAD+CN+++TESTER PERSON+8 TEST ROAD'NAD+CZ+++TEST TOYS FACTORY CO LTD'NAD+N1+++测试贸易有限公司'FTX+AAI+++CALL " +
        `${mobile}'UNT+9+1'`,
    )
    expect(out).toContain("CTA+IC+:***'COM+***:TE'NAD+CN+++***+8 TEST ROAD'NAD+CZ+++TEST TOYS FACTORY CO LTD'")
    expect(out).toContain("NAD+N1+++测试贸易有限公司'FTX+AAI+++CALL ***'")
    const list = await bare(
      "UNA:+.? 'UNB+UNOA:3+A+B+260101:0900+1'UNH+1+PAXLST:D:02B:UN:IATA'NAD+FL+++TESTER:AIR+TEST ROAD'" +
        "DOC+P:110:111+E00000009'LOC+178+PVG'UNT+4+1'",
    )
    expect(list).toContain("NAD+FL+++***:***+***'DOC+P:110:111+***'LOC+178+PVG'")
  })

  it('hides persons and telephones in a port flat file', async () => {
    const out = await bare(
      `00:IFTMBF:BOOKING:9:TESTCARRIER:CNTEST:202611230915'\n20::测试货主有限公司^测试路7号^ATTN TESTER^010-00000000'\n` +
        `21::TESTER^NO.9 TEST ROAD^TEL ${mobile}'\n40:22G1:1:F'\n99:4'`,
    )
    expect(out).toContain("20::测试货主有限公司^测试路7号^***^***'\n21::***^NO.9 TEST ROAD^***'\n40:22G1:1:F'")
  })

  it('gives what names nobody as the very bytes', async () => {
    for (const family of ['dec', 'coo'])
      for (const name of readdirSync(join(families, family, 'samples'))
        .filter((one) => one.endsWith('.xml'))
        .slice(0, 3))
        expect((await shown(readFileSync(join(families, family, 'samples', name)))).length).toBeGreaterThan(100)
    const plain = Buffer.from('<a><b>1</b><price>13.5</price></a>')
    expect((await persons.bytes(plain)).bytes).toBe(plain)
    expect(await persons.bytes(Buffer.from('%PDF-1.7'))).toMatchObject({ unread: true })
  })

  it('is hidden in time that grows with its length, however it is written', async () => {
    for (const piece of [
      '<a "',
      "<a b='",
      '<',
      '<![CDATA[',
      '<!--',
      '{"a\\"',
      '["',
      "NAD+?'",
      '20::^',
      '姓名 ',
      '</a',
      '86 86-',
    ])
      expect(
        await persons.bytes(Buffer.from(`${piece.startsWith('N') ? 'UNB+' : '<x>'}${piece.repeat(100_000)}`)),
      ).toBeDefined()
    for (const piece of ['{"a":', '["\\', '{"'])
      expect(await persons.bytes(Buffer.from(piece.repeat(200_000)))).toBeDefined()
  })
})

describe('what is said of a document', () => {
  it('a fault at such a field quotes its value nowhere', () => {
    const fault = (path: string, value: string) => ({
      code: 'HUB_XSD_PATTERN',
      path,
      value,
      text: { zh: `字段 的值“${value}”不符合要求`, en: `Field holds '${value}'; it must be something.` },
    })
    for (const [path, value] of [
      ['/CEB311Message/Order[2]/OrderHead/buyerIdNumber', '12345'],
      ['/PassengerManifest/Persons/3/DocumentNumber', 'E0 9'],
      ['/Package/Person/@contactName', '测试张'],
      ['CTA(3)+2:2', 'TESTER'],
      ['COM(1)+1:1', '010 00'],
      ['21(1):3', 'TESTER'],
    ]) {
      const { faults } = persons.answer({ faults: [fault(path!, value!)] })
      expect(JSON.stringify(faults).replace(path!, ''), path).not.toContain(value)
    }
    const other = { faults: [fault('/CEB311Message/Order/OrderHead/orderNo', 'TESTO1')] }
    expect(persons.answer(other)).toEqual(other)
  })

  it('an agency that names the person of a message is not repeated, and ids stay', () => {
    const told = {
      messageId: 'msg_01M8HDCT03W7WQK0ZT6SHXSF8D',
      partnerId: 'TESTER',
      text: { zh: '订单 TESTER 1 已退', en: `${id} refused` },
      body: {
        mediaType: 'application/xml',
        encoding: 'base64',
        content: Buffer.from(`<a>${id}</a>`).toString('base64'),
      },
      keys: [{ name: 'buyerIdNumber', value: 'E00000009' }],
      criteria: { BuyerIdNumber: 'E00000009', orderNo: 'TESTO1' },
    }
    expect(persons.answer(told, ['TESTER'])).toEqual({
      ...told,
      text: { zh: '订单 *** 1 已退', en: '*** refused' },
      body: { mediaType: 'application/xml', encoding: 'utf-8', content: '<a>***</a>' },
      keys: [{ name: 'buyerIdNumber', value: '***' }],
      criteria: { BuyerIdNumber: '***', orderNo: 'TESTO1' },
    })
  })
})
