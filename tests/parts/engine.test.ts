// The check, with the real schemas and in the real threads: every sample passes, every broken one gets exactly its
// faults, and hostile bytes are refused cheaply.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { createChecker } from '../../xsd/checker.js'
import { createEngine } from '../../xsd/engine.js'
import { checkSchemas } from '../../xsd/schema-check.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'
import { documents, rules } from '../support/data.js'
import { root, sample, samplePath } from '../support/hub.js'

const checker = createChecker({ documents, schemasDir: join(root, 'xsd/families'), rules, threads: 1 })
afterAll(() => checker.close())

const families = documents.map(({ family }) => family)
const xmlIn = (dir: string) => (existsSync(dir) ? readdirSync(dir).filter((f) => f.endsWith('.xml')) : [])
const receiptRoots = new Set(documents.flatMap((d) => d.receipts).map((r) => r.root))

describe.each(families)('%s', (family) => {
  test('every sample a partner could send passes, and is the document its file says', async () => {
    for (const file of xmlIn(samplePath(`${family}/`))) {
      const { document, faults, root: found } = await checker.inspect(sample(`${family}/${file}`))
      if (!document && found && receiptRoots.has(found.name)) continue
      expect({ file, faults }).toEqual({ file, faults: [] })
      expect(file.startsWith(document!.type), `${file} is a ${document!.type}`).toBe(true)
      expect(document!.keys.length, `${file} has keys by which its receipts find it`).toBeGreaterThan(
        document!.reference === undefined ? -1 : 0,
      )
    }
  })

  test('every broken sample is refused with exactly the faults written beside it', async () => {
    const invalid = samplePath(`${family}/invalid`)
    for (const file of xmlIn(invalid)) {
      const expected = JSON.parse(readFileSync(join(invalid, file.replace(/\.xml$/, '.expected.json')), 'utf8')) as {
        code: string
        path: string
      }[]
      const { faults } = await checker.inspect(readFileSync(join(invalid, file)))
      expect({ file, faults: faults.map(({ code, path }) => ({ code, path })) }).toEqual({
        file,
        faults: expected.map(({ code, path }) => ({ code, path })),
      })
      for (const f of faults)
        expect(f, file).toMatchObject({
          line: expect.any(Number) as number,
          rule: expect.any(String) as string,
          text: {
            zh: expect.stringMatching(/[\u4e00-\u9fff]/) as string,
            en: expect.stringMatching(/[a-z]/) as string,
          },
        })
    }
  })
})

test('every document type lists samples that exist, and every family has broken ones', () => {
  for (const { family, documents: types } of documents) {
    for (const type of types)
      for (const file of type.samples) expect(existsSync(samplePath(file)), `${type.id}: ${file}`).toBe(true)
    const broken = samplePath(`${family}/invalid`)
    expect(
      (existsSync(broken) ? readdirSync(broken) : []).filter((file) => file.endsWith('.expected.json')).length,
      family,
    ).toBeGreaterThan(4)
  }
})

test('every schema compiles', async () => {
  expect((await checkSchemas(join(root, 'xsd/families'))).filter((s) => !s.ok)).toEqual([])
})

describe('a message that uses prefixes, several nodes and GBK', () => {
  test('is told where its fault is by plain names, positions and the line in its own bytes', async () => {
    const text = sample('ceb/CEB621Message.xml').toString()
    const second = text.lastIndexOf('<ceb:customsCode>')
    const broken = `${text.slice(0, second)}<ceb:customsCode>12345678${text.slice(text.indexOf('<', second + 5))}`
    const { faults } = await checker.inspect(Buffer.from(broken))
    expect(faults[0]).toMatchObject({
      code: 'HUB_XSD_LENGTH',
      path: '/CEB621Message/Inventory[2]/InventoryHead/customsCode',
      line: broken.slice(0, second).split('\n').length,
    })
  })

  test('keeps Chinese names whole when it comes as GBK', async () => {
    const { document, faults } = await checker.inspect(sample('ceb/CEB311Message-gbk.xml'))
    expect(faults).toEqual([])
    expect(document!.type).toBe('CEB311Message')
  })
})

describe('hostile bytes', () => {
  const refused = async (bytes: Buffer | string) =>
    (await checker.inspect(Buffer.from(bytes as string))).faults[0]!.code
  test('entities are never expanded, wherever the DOCTYPE hides', async () => {
    const order = sample('ceb/CEB311Message.xml').toString()
    for (const doctype of [
      '<!DOCTYPE a [<!ENTITY x "y">]>',
      '<!-- c --><!DOCTYPE a SYSTEM "x">',
      '<?pi <!-- ?>\n\n<!DOCTYPE\na>',
      '<!-- <?xml ?> --><!doctype a>',
    ])
      expect(await refused(order.replace('?>', `?>${doctype}`)), doctype).toBe('HUB_XML_DOCTYPE')
  })
  test('a comment that speaks of DOCTYPE, and text that does, harm nobody', async () => {
    const order = sample('ceb/CEB311Message.xml').toString().replace('?>', '?><!-- <!DOCTYPE a> -->')
    expect((await checker.inspect(Buffer.from(order))).faults).toEqual([])
  })
  test('depth, attributes and names without end cost milliseconds', async () => {
    const begun = process.cpuUsage()
    expect(await refused('<a>'.repeat(200_000))).toBe('HUB_TOO_DEEP')
    expect(await refused(`<a ${Array.from({ length: 50_000 }, (_, i) => `a${i}="x"`).join(' ')}/>`)).toBe(
      'HUB_DOCUMENT_UNKNOWN',
    )
    expect(await refused(`<${'a'.repeat(100_000)}/>`)).toMatch(/HUB_(XML_NOT_WELL_FORMED|DOCUMENT_UNKNOWN)/)
    // Of the processor, all threads: how long it takes depends on what else the machine does.
    expect(process.cpuUsage(begun).user / 1000).toBeLessThan(5_000)
  })
  test('random damage to a good message never breaks the checker', async () => {
    let seed = 7
    const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(sample('ceb/CEB411Message.xml'))
      for (let i = 0; i < 3; i++) bytes[Math.floor(random() * bytes.length)] = Math.floor(random() * 256)
      const { faults } = await checker.inspect(bytes)
      for (const { code } of faults) expect(code).toMatch(/^HUB_/)
    }
    expect((await checker.inspect(sample('ceb/CEB411Message.xml'))).faults).toEqual([])
  })
})

describe('threads are shared out by partner', () => {
  const order = sample('ceb/CEB311Message.xml')
  const elements = (count: number) => Buffer.from(`<a>${'<b/>'.repeat(count)}</a>`)

  test('a small message is checked while large ones of another partner are', async () => {
    const large = [1, 2, 3].map(() => checker.inspect(elements(250_000), { owner: 'flood' }))
    let done = 0
    for (const one of large) void one.then(() => done++)
    const { faults } = await checker.inspect(order, { owner: 'neighbour' })
    expect({ faults, done }).toEqual({ faults: [], done: 0 })
    await Promise.all(large)
  })
  test('whoever has sent a thousand waits for them himself: the next partner is next', async () => {
    let done = 0
    const flood = Array.from({ length: 1_000 }, () =>
      checker.inspect(elements(5_000), { owner: 'flood' }).then(() => done++),
    )
    const { faults } = await checker.inspect(order, { owner: 'neighbour' })
    expect(faults).toEqual([])
    expect(done).toBeLessThan(100)
    await Promise.all(flood)
  })
})

test('a schema that does not compile is the fault of the hub, never told to the sender as his', () => {
  const type = documents[0]!.documents[0]!
  const broken = {
    list: ['broken.xsd'],
    url: (file: string) => `schema:///${file}`,
    bytes: () =>
      Buffer.from(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a" type="none"/></xs:schema>',
      ),
    closure: () => ['broken.xsd'],
  }
  const engine = createEngine({
    documents: [{ ...documents[0]!, documents: [{ ...type, schemas: [{ file: 'broken.xsd', version: '1' }] }] }],
    schemas: broken,
    rules: [],
    faultLimit: 1,
  })
  expect(() => engine.inspect(sample(type.samples[0]!))).toThrow(/none/)
})

test('an edition is in force from the first moment of its first day in China to the last of its last', () => {
  const type = documents[0]!.documents[0]!
  const schema = type.schemas[0]!
  const editions = [
    { ...schema, version: 'old', until: '2030-06-30' },
    { ...schema, version: 'new', from: '2030-07-01' },
  ]
  const engine = createEngine({
    documents: [{ ...documents[0]!, documents: [{ ...type, schemas: editions }] }],
    schemas: readSchemaFiles(join(root, 'xsd/families')),
    rules: [],
    faultLimit: 1,
  })
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const editionAt = (time: string) => {
    vi.setSystemTime(new Date(time))
    return engine.inspect(sample(type.samples[0]!)).document!.schema.version
  }
  expect(editionAt('2030-06-30T23:59:59.999+08:00')).toBe('old')
  expect(editionAt('2030-07-01T00:00:00+08:00')).toBe('new')
  expect(editionAt('2030-07-01T08:00:00+08:00')).toBe('new')
})

test('a file that was cut in the middle is said to be incomplete, wherever the cut is', async () => {
  const whole = sample('dec/DecMessage.xml')
  const end = whole.indexOf('</DecHead>')
  for (const cut of [end + 4, end - 3, end - 40, whole.lastIndexOf('</DecMessage>') + 6]) {
    const [fault] = (await checker.inspect(whole.subarray(0, cut))).faults
    expect(fault, `cut at ${cut}`).toMatchObject({ code: 'HUB_XML_NOT_WELL_FORMED' })
    expect(fault!.text.en, `cut at ${cut}`).toMatch(/^Not well-formed XML: the message is incomplete: /)
    expect(fault!.text.zh, `cut at ${cut}`).toContain('报文不完整')
  }
})
