// A form on its way: through both doors to the authority that decides, and home with its number; refused with the rule
// it breaks; with a remark.
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Receipt } from '../../messages/receipt.js'
import { samplesOf } from '../../xsd/form/samples.js'
import { storedForm } from '../../xsd/form-store/stored.js'
import { toJson } from '../../xsd/form/to-json.js'
import { sample } from '../support/hub.js'
import { tempDir } from '../support/temp.js'
import { zipOf } from '../support/zip.js'
import { commonHub } from '../support/shared-hub.js'
import type { RunningHub } from '../support/hub.js'
import { pdfPages, pdfTitle } from '../support/pdf.js'
import { until } from '../support/until.js'

let hub: RunningHub
let remove: () => Promise<void>
beforeAll(async () => ({ hub, remove } = await commonHub()))
afterAll(async () => remove())

const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length
const business = (receipts: Receipt[]) => receipts.filter((r) => r.stage === 'business')
const has = (status: string) => (receipts: Receipt[]) => business(receipts).some((r) => r.status === status)
const sampleOf = async (operation: string) => (await hub.get(`/v1/catalogue/${operation}/sample`)).text()
const numbered = (xml: string, number: string) => xml.replace(/<MessageID>[^<]*/, `<MessageID>${number}`)

test('a dual-use licence is applied for, taken in and granted, under a number of its own each time', async () => {
  const xml = await sampleOf('4.24.1.1.1')
  const numbers: (string | undefined)[] = []
  for (const number of ['FORM-0001', 'FORM-0002']) {
    const other = numbered(xml, number).replaceAll('2026SY000317', `2026SY-${number}`)
    const { status, receipts } = await hub.send(other)
    expect([status, receipts[0]?.reference]).toEqual([202, number])
    expect(receipts[0]).toMatchObject({
      status: 'accepted',
      operation: '4.24.1.1.1',
      documentType: 'DualUseLicenceApplication',
    })
    const answers = business(await hub.receiptsOf(receipts[0]!.messageId, has('approved')))
    expect(answers.map((r) => [r.agency, r.status, r.code])).toEqual([
      ['mofcom', 'submitted', 'passed-on-by-the-province'],
      ['mofcom', 'approved', 'licensed'],
    ])
    expect(answers[1]!.text).toMatchObject({ zh: '准予许可并发证', en: 'Licensed' })
    numbers.push(answers[1]!.agencyReference)
  }
  expect(numbers[0]).toMatch(/^\d\d-\d\d-\d{6}$/)
  expect(numbers[0]).not.toBe(numbers[1])
})

test('by SFTP the same: the file is taken, and the answers lie in the InBox', async () => {
  const xml = numbered(await sampleOf('4.24.1.1.1'), 'FORM-0003').replaceAll('2026SY000317', '2026SY-FORM-0003')
  const file = `${hub.dataDir}/form.xml`
  await writeFile(file, xml)
  await hub.sftp(`put ${file} /OutBox/form.xml\n`)
  const names = async () => (await hub.sftp('ls -1 /InBox\n')).stdout
  await until('the technical receipt', async () => /Successed_form_/.test(await names()), 20_000)
  const { form, rules } = storedForm('DualUseLicenceApplication')!
  const json = toJson(samplesOf(form, rules)[0]!.tree).replace(/"MessageID": "[^"]*"/, '"MessageID": "FORM-0010"')
  await writeFile(file, json.replaceAll('2026SY000317', '2026SY-FORM-0010'))
  await hub.sftp(`put ${file} /OutBox/asjson.json\n`)
  await until('the receipt of the JSON file', async () => /Successed_asjson_/.test(await names()), 20_000)
  await until('both answers', async () => ((await names()).match(/Receipt_rcp_/g) ?? []).length >= 2, 20_000)
})

test('what the form forbids or misses is refused, with the rule, the place and the line', async () => {
  const xml = numbered(await sampleOf('4.24.1.1.1'), 'FORM-0004')
  const { status, receipts } = await hub.send(xml.replace(/ *<PermitForm>1<\/PermitForm>\n/, ''))
  expect(status).toBe(422)
  expect(receipts[0]!.faults).toMatchObject([
    {
      code: 'HUB_RULE_REQUIRED',
      path: '/DualUseLicenceApplication/PermitForm',
      rule: expect.stringMatching(/^DUAL-USE-LICENCE-APPLICATION-R01/) as string,
    },
  ])
  expect(receipts[0]!.faults[0]!.text.zh).toContain('出口须填境外最终用户')
})

test('what is only odd goes its way, and the receipt says what to look at', async () => {
  const xml = numbered(await sampleOf('4.24.1.1.1'), 'FORM-0005').replaceAll('2026SY000317', '2026SY-FORM-0005')
  const { status, receipts } = await hub.send(xml.replace('<WatchList>0<', '<WatchList>1<'))
  expect(status).toBe(202)
  expect(receipts[0]).toMatchObject({
    status: 'accepted',
    faults: [
      { level: 'warn', path: '/DualUseLicenceApplication/EndUser/WatchList' },
      { level: 'warn', code: 'HUB_ATTACHMENT_MISSING', value: '附件.pdf' },
    ],
  })
  const { messageId } = receipts[0]!
  await hub.receiptsOf(messageId, has('approved'))
  const xmlReceipts = await (await hub.get(`/v1/messages/${messageId}/receipts`, { accept: 'application/xml' })).text()
  expect(xmlReceipts).toContain('<Fault level="warn">')
})

test('a file that a message names but does not bring is noted in the receipt; the message goes on', async () => {
  const declaration = sample('dec/DecMessage.xml').toString()
  const pdf = '010000000001IM000000000000000018.pdf'
  const path = '/DecMessage/EdocRealation/EdocID'
  const told = (receipts: Receipt[]) => receipts[0]!.faults.map((f) => [f.code, f.level, f.path, f.value])
  const alone = await hub.send(declaration)
  expect([alone.status, alone.receipts[0]!.status]).toEqual([202, 'accepted'])
  expect(told(alone.receipts)).toEqual([['HUB_ATTACHMENT_MISSING', 'warn', path, pdf]])
  expect(alone.receipts[0]!.faults[0]!.line).toBe(lineOf(declaration, '<EdocID>'))
  expect(alone.receipts[0]!.faults[0]!.remedy?.zh).toContain('zip')

  const zipped = (name: string) =>
    zipOf([
      ['a.xml', declaration],
      [name, '%PDF-1.4'],
    ])
  const complete = await hub.send(zipped(pdf.toUpperCase()), { type: 'application/zip', path: '/v1/validate' })
  expect([complete.status, told(complete.receipts)]).toEqual([200, []])
  const other = await hub.send(zipped('other.pdf'), { type: 'application/zip', path: '/v1/validate' })
  expect(told(other.receipts)).toEqual([['HUB_ATTACHMENT_MISSING', 'warn', path, pdf]])
  const structured = declaration.replace('<EdocFomatType>US<', '<EdocFomatType>S<')
  expect(told((await hub.send(structured, { path: '/v1/validate' })).receipts)).toEqual([])

  const file = join(await tempDir('dec'), 'dec.xml')
  await writeFile(file, declaration)
  const { stdout, code } = await hub.cli('validate', file)
  expect(code).toBe(0)
  expect(stdout).toMatch(/! HUB_ATTACHMENT_MISSING line \d+ \/DecMessage\/EdocRealation\/EdocID/)
})

test('a number to be filed first is noted until the hub has seen it from this partner', async () => {
  const filing = numbered(await sampleOf('4.2.1.1.1'), 'KNOWN-FILING')
  const user = numbered(await sampleOf('4.2.1.1.2'), 'KNOWN-USER')
  const told = async () => {
    const { status, receipts } = await hub.send(user, { path: '/v1/validate' })
    return [status, receipts[0]!.faults.filter(({ code }) => code === 'HUB_RULE_KNOWN').map((f) => [f.level, f.path])]
  }
  const code = /<UnitCreditCode>([^<]*)</.exec(user)![1]!
  const own = filing.replace(/(<Applicant>[\s\S]*?<UnifiedSocialCreditCode>)[^<]*/, `$1${code}`)
  expect(await told()).toEqual([200, [['warn', '/CitesUserFiling/UnitCreditCode']]])
  expect((await hub.send(own)).status).toBe(202)
  expect(await told()).toEqual([200, []])
})

test('an authority that refuses says why', async () => {
  await hub.simulator('POST', '/control', {
    documentType: 'DualUseLicenceApplication',
    refuse: '最终用途存疑',
    times: 1,
  })
  const { receipts } = await hub.send(
    numbered(await sampleOf('4.24.1.1.1'), 'FORM-0006').replaceAll('2026SY000317', '2026SY-FORM-0006'),
  )
  const answers = business(await hub.receiptsOf(receipts[0]!.messageId, has('rejected')))
  expect(answers.at(-1)).toMatchObject({ code: 'refused', text: { zh: '不予许可：最终用途存疑', en: 'Refused' } })
})

test('the catalogue gives the schema of a form, complete in one file', async () => {
  const { schemas } = await hub.read<{ schemas: { file: string; content: string }[] }>(
    '/v1/catalogue/4.24.1.1.1/schema',
  )
  expect(schemas.map(({ file }) => file)).toEqual(['forms/DualUseLicenceApplication.xsd'])
  expect(schemas[0]!.content).toContain('两用物项和技术进出口许可证申请')
  const { links } = await hub.read<{ links: Record<string, string> }>('/v1/catalogue/4.24.1.1.1')
  expect(links.page).toBe('docs/forms/04-licences.md#dualuselicenceapplication')
  const jsonSchema = await hub.read<{ required: string[] }>(links.jsonSchema!)
  expect(jsonSchema.required).toEqual(['DualUseLicenceApplication'])
  const bundle = Buffer.from(await (await hub.get(links.bundle!)).arrayBuffer())
  const names = bundle.toString('latin1')
  for (const name of [
    'schemas/forms/DualUseLicenceApplication.xsd',
    'json-schema/DualUseLicenceApplication.json',
    'samples/forms/DualUseLicenceApplication/4.24.1.1.1-original.xml',
    'samples/forms/DualUseLicenceApplication/4.24.1.1.1-original.json',
  ])
    expect(names).toContain(name)
})

test('as JSON the same: kept as it came, sent on as XML, faults by JSON pointer and line', async () => {
  const sent = await hub.get('/v1/catalogue/4.24.1.1.1/sample', { accept: 'application/json' })
  expect(sent.headers.get('content-type')).toBe('application/json')
  const shown = await hub.cli('form', 'show', 'DualUseLicenceApplication', '--sample', '4.24.1.1.1-original', '--json')
  const text = await sent.text()
  expect(JSON.parse(shown.stdout)).toEqual(JSON.parse(text))
  const all = await hub.cli('form', 'show', 'DualUseLicenceApplication', '--broken', '--json')
  const [first] = (JSON.parse(all.stdout) as { broken: { name: string }[] }).broken
  const one = await hub.cli('form', 'show', 'DualUseLicenceApplication', '--broken', first!.name, '--json')
  expect(JSON.parse(one.stdout), 'a broken sample with the faults it is told').toEqual(first)
  const json = text
    .replace(/"MessageID": "[^"]*"/, '"MessageID": "FORM-0007"')
    .replaceAll('2026SY000317', '2026SY-FORM-0007')
  const { status, receipts } = await hub.send(json, { type: 'application/json' })
  expect(status).toBe(202)
  expect(receipts[0]).toMatchObject({ reference: 'FORM-0007', operation: '4.24.1.1.1', status: 'accepted' })
  const { messageId } = receipts[0]!
  await hub.receiptsOf(messageId, has('approved'))
  expect(await (await hub.get(`/v1/messages/${messageId}/content`)).text()).toBe(json)
  const forwarded = await (await hub.get(`/v1/messages/${messageId}/forwarded`)).text()
  expect(forwarded).toMatch(
    /^<\?xml[^>]*>\s*<DualUseLicenceApplication xmlns="urn:singlewindow:4\.24:DualUseLicenceApplication:1">/,
  )

  const broken = await hub.send(
    json
      .replace('FORM-0007', 'FORM-0008')
      .replace('"HsCode": "8102100001"', '"HsCode": "81"')
      .replace('"PermitForm"', '"PermitFrom"'),
    { type: 'application/json' },
  )
  expect([broken.status, broken.receipts[0]!.faults.map(({ code, path }) => [code, path])]).toEqual([
    422,
    [['HUB_JSON_UNKNOWN', '/DualUseLicenceApplication/PermitFrom']],
  ])
  const wrong = json.replace('FORM-0007', 'FORM-0009').replace('"HsCode": "8102100001"', '"HsCode": "81"')
  const [fault] = (await hub.send(wrong, { type: 'application/json' })).receipts[0]!.faults
  expect(fault).toMatchObject({ code: 'HUB_XSD_PATTERN', path: '/DualUseLicenceApplication/Items/0/HsCode' })
  expect(wrong.split('\n')[fault!.line! - 1]).toContain('"HsCode": "81"')
})

test('JSON that is cut short, holds a name twice or is no document of ours is refused with the place', async () => {
  const codes = async (body: string) => {
    const { status, receipts } = await hub.send(body, { type: 'application/json' })
    return [status, receipts[0]?.faults[0]?.code, receipts[0]?.faults[0]?.line]
  }
  expect(await codes('{"DualUseLicenceApplication": {\n"Head": ')).toEqual([422, 'HUB_JSON_NOT_WELL_FORMED', 2])
  expect(await codes('{"DualUseLicenceApplication": {"Head": 1,\n"Head": 2}}')).toEqual([
    422,
    'HUB_JSON_NOT_WELL_FORMED',
    2,
  ])
  expect(await codes('{"CEB621Message": {}}')).toEqual([422, 'HUB_JSON_DOCUMENT', undefined])
  expect(await codes('{"DualUseLicenceApplication": {"Items": {}}}')).toEqual([422, 'HUB_JSON_STRUCTURE', 1])
})

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const licence = async (number: string) =>
  numbered(await sampleOf('4.24.1.1.1'), number).replaceAll('2026SY000317', `2026SY-${number}`)

test('the licence comes as a PDF with the approval, to its owner alone, as a file to save', async () => {
  const { receipts } = await hub.send(await licence('FORM-0021'))
  const receipt = business(await hub.receiptsOf(receipts[0]!.messageId, has('approved'))).at(-1)!
  expect(receipt.faults).toEqual([])
  expect(receipt.attachments).toMatchObject([
    { name: expect.stringMatching(/^Licence-.*\.pdf$/) as string, mediaType: 'application/pdf' },
  ])
  const [attachment] = receipt.attachments!
  const response = await hub.get(attachment!.href!)
  expect(response.status).toBe(200)
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'application/pdf',
    'content-disposition': `attachment; filename="${attachment!.name}"`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining('sandbox') as string,
  })
  const pdf = Buffer.from(await response.arrayBuffer())
  expect([pdf.length, sha256(pdf)]).toEqual([attachment!.size, attachment!.sha256])
  expect(pdfTitle(pdf)).toBe(
    `两用物项和技术进（出）口许可证 ${/<LicenceNumber>([^<]*)/.exec(receipt.body!.content!)![1]}`,
  )

  const added = JSON.parse((await hub.cli('partner', 'add', 'other', '--name', '测试货代', '--json')).stdout) as {
    secret: string
  }
  const strangers = [attachment!.href!, attachment!.href!.replace(attachment!.name, 'nothing.pdf')]
  for (const path of strangers) expect((await hub.get(path, { key: added.secret })).status, path).toBe(404)
  expect((await hub.get(strangers[1]!)).status).toBe(404)

  const xml = await (await hub.get(`/v1/receipts/${receipt.receiptId}`, { accept: 'application/xml' })).text()
  expect(xml).toContain(`<Attachment name="${attachment!.name}"`)
  const saved = await tempDir('saved')
  const { stdout } = await hub.cli('receipts', '--message', receipt.messageId, '--attachments', saved)
  expect(stdout).toContain(attachment!.name)
  expect(sha256(await readFile(join(saved, `${receipt.receiptId}_${attachment!.name}`)))).toBe(attachment!.sha256)

  const read = await fetch(`${hub.url}/ops/receipts/${receipt.receiptId}/attachments/${attachment!.name}`, {
    headers: { authorization: `Bearer ${hub.env.HUB_OPS_KEY}` },
  })
  expect([read.status, read.headers.get('content-type')]).toEqual([200, 'application/octet-stream'])
  const { audit } = await hub.ops<{ audit: object[] }>(`/ops/audit?target=${receipt.messageId}`)
  expect(audit[0]).toMatchObject({ action: 'message.read', detail: { what: 'attachment', name: attachment!.name } })
})

test('by SFTP the licence lies in the InBox beside its receipt, and the receipt says where', async () => {
  const file = join(await tempDir('filing'), 'licence.xml')
  await writeFile(file, await licence('FORM-0022'))
  await hub.sftp(`put ${file} /OutBox/licence.xml\n`)
  const names = async () => (await hub.sftp('ls -1 /InBox\n')).stdout.split('\n').map((line) => line.trim())
  await until('the certificate', async () => (await names()).some((name) => /Attachment_rcp_/.test(name)), 20_000)
  const place = (await names()).find((name) => /Attachment_rcp_/.test(name))!
  const id = /rcp_[0-9A-Z]+/.exec(place)![0]
  await until('its receipt', async () => (await names()).some((name) => name.includes(`Receipt_${id}`)))
  const receipt = (await names()).find((name) => name.includes(`Receipt_${id}`))!
  const there = await tempDir('inbox')
  await hub.sftp(`get ${place} ${there}/a.pdf\nget ${receipt} ${there}/r.xml\n`)
  const xml = await readFile(join(there, 'r.xml'), 'utf8')
  expect(xml).toContain(`file="${place.split('/').at(-1)}"`)
  expect(xml).toContain(`sha256="${sha256(await readFile(join(there, 'a.pdf')))}"`)
})

const toPrint = async (operation: string, messageId: string, ...numbers: string[]) =>
  numbered(await sampleOf(operation), messageId).replace(
    /<Documents>[\s\S]*<\/Documents>/,
    numbers.map((number) => `<Documents><Number>${number}</Number></Documents>`).join(''),
  )

test('a declaration that was filed is printed on request under its number, as a PDF of its boxes', async () => {
  const declared = await hub.send(sample('dec/DecMessage.xml'))
  const released = business(await hub.receiptsOf(declared.receipts[0]!.messageId, has('released'))).at(-1)!
  const number = /<ENTRY_ID>([^<]*)/.exec(released.body!.content!)![1]!
  const asked = await hub.send(await toPrint('1.1.8.2.1', 'PRINT-0001', number))
  expect(asked.receipts[0]).toMatchObject({ operation: '1.1.8.2.1', documentType: 'DeclarationPrint', faults: [] })
  const receipt = business(await hub.receiptsOf(asked.receipts[0]!.messageId, has('approved'))).at(-1)!
  expect(receipt).toMatchObject({ code: 'printed', faults: [], attachments: [{ mediaType: 'application/pdf' }] })
  const pdf = Buffer.from(await (await hub.get(receipt.attachments![0]!.href!)).arrayBuffer())
  expect(pdfTitle(pdf)).toMatch(new RegExp(`报关单.* ${number}$`))
  expect(pdfPages(pdf)).toBeGreaterThan(0)

  // The same print may be wanted again, under a number of its own; another's number prints nothing.
  const twice = await hub.send(await toPrint('1.1.8.2.1', 'PRINT-0002', number))
  await hub.receiptsOf(twice.receipts[0]!.messageId, has('approved'))
  const none = await hub.send(await toPrint('1.1.8.2.1', 'PRINT-0003', number, '999999999999999999'))
  const refused = business(await hub.receiptsOf(none.receipts[0]!.messageId, has('rejected'))).at(-1)!
  expect([refused.code, refused.attachments]).toEqual(['not-found', undefined])
})
