// The queries: each one readable as it is written, its questions valid, its broken ones refused for what is wrong, its
// page as it is.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { provesCriteria } from '../../hub/queries/proven-criteria.js'
import { answeredView } from '../../hub/queries/answer-view.js'
import { createFromLedger } from '../../hub/queries/from-ledger.js'
import { createQueryBook } from '../../hub/queries/book.js'
import { readSegmentTree } from '../../messages/edifact/segment-tree.js'
import { writeQuestion } from '../../messages/queries/question.js'
import { meeting, rowsOf, type Filing, type Row } from '../../messages/queries/filing.js'
import { leavesOf } from '../../messages/queries/reading-leaves.js'
import { createGroups, joinRows } from '../../messages/queries/rows.js'
import { leavesOfSegments } from '../../messages/queries/segment-leaves.js'
import { commonFacts } from '../../messages/queries/shape.js'
import type { XmlElement } from '../../messages/xml-reading.js'
import { createEngine } from '../../xsd/engine.js'
import { examine } from '../../xsd/form/examine.js'
import { documentType } from '../../xsd/form/document.js'
import type { Node } from '../../xsd/form/node.js'
import { readLibrary } from '../../xsd/form/read/library.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { formFolders } from '../../xsd/form-store/stored.js'
import { toXsd } from '../../xsd/form/to-xsd.js'
import { resultRoot } from '../../xsd/queries/query-form.js'
import { readQueries } from '../../xsd/queries/read.js'
import { queryRemarks } from '../../xsd/queries/remarks.js'
import { sharedEnd } from '../../xsd/queries/titles.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'
import { routing } from '../support/data.js'
import { formOf } from '../support/forms.js'
import { root } from '../support/hub.js'
import { tempDir } from '../support/temp.js'

/** As the build keeps them: reading all of them as they are written takes seconds. */
const forms = formIndex()
  .families.filter(({ family }) => family.startsWith('forms-'))
  .flatMap(({ documents }) => documents.map(({ id }) => formOf(id)!.form))
const library = readLibrary(formFolders.forms, formFolders.codes)
const { queries, prints, waiting, faults } = readQueries(formFolders.forms, library, forms)
const schemas = readSchemaFiles(join(root, 'xsd/families'))
/** Some of them here; `hub form check` looks at all. */
const some = queries.filter((_, i) => i % 10 === 0)

test('a column of several documents is called by a name that fits each of them', () => {
  const titleOf = (query: string, column: string) =>
    queries.find(({ shape }) => shape.query === query)!.shape.columns.find(({ name }) => name === column)?.zh
  // Each kind of certificate has a number of its own name, each kind of exhibit a list of its own.
  expect(titleOf('ManufacturerCertificateQuery', 'CertificateNumber')).toBe('证明编号')
  expect(titleOf('FoodSafetyEnterpriseQuery', 'RegistrationNumber')).toBe('备案编号')
  expect(titleOf('ExhibitWriteOffQuery', 'ItemsQuantity')).toBe('展品核销数量')
  const groups = [
    { zh: '巡展展品', en: 'Touring exhibits' },
    { zh: '留购展品', en: 'Bought exhibits' },
    { zh: '收货人', en: 'Consignee' },
  ] as const
  expect(sharedEnd(groups[0], groups[1])).toEqual({ zh: '展品', en: 'Exhibits' })
  expect(sharedEnd(groups[0], groups[2])).toEqual(groups[0])
})

describe('every query', () => {
  test('is of documents that are there, or waits for those that are not', () => {
    expect(faults).toEqual([])
    expect(queries.length).toBeGreaterThan(200)
    const types = new Set(routing.documents.flatMap(({ documents }) => documents.map(({ id }) => id)))
    expect(queries.flatMap(({ shape }) => shape.of).filter((one) => !types.has(one))).toEqual([])
    for (const { lacks } of waiting) expect(lacks.length).toBeGreaterThan(0)
  })

  test('serves a query of the catalogue, or stands beside the form that serves an operation', () => {
    const wrong = queries.flatMap(({ shape }) =>
      shape.operations.filter((code) => {
        const entry = routing.operations.get(code)
        return entry?.kind !== 'query' && !entry?.documents.length
      }),
    )
    expect(wrong).toEqual([])
    for (const { print } of prints) for (const code of print.serves) expect(routing.operations.has(code)).toBe(true)
  })

  test('is no other query under another title', () => {
    const asked = new Map<string, string>()
    const same: string[] = []
    for (const { shape } of queries) {
      const { of, only, criteria, columns } = shape
      const key = JSON.stringify([
        [...of].sort(),
        only,
        criteria.map(({ name }) => name),
        columns.map(({ name }) => name),
      ])
      if (asked.has(key)) same.push(`${asked.get(key)} and ${shape.query}`)
      asked.set(key, shape.query)
    }
    expect(same).toEqual([])
  })

  test('calls a value as the forms do, says what it counts, and tells a story whose days follow each other', () => {
    expect([...queryRemarks(queries, forms)]).toEqual([])
    const told = (query: string, own: Partial<Node>, of: Node) =>
      queryRemarks(
        queries.map((one) => (one.form.document === query ? { ...one, own: [{ ...of, ...own }] } : one)),
        forms,
      ).get(query) ?? []
    const ownOf = (query: string, name: string) =>
      queries.find(({ form }) => form.document === query)!.own.find((one) => one.name === name)!
    const item = ownOf('ExportLicenceWriteOffQuery', 'EntryItem')
    expect(told('ExportLicenceWriteOffQuery', { name: 'ItemNumber' }, item).join()).toContain(
      'ItemNumber (报关单项号) is integer here and code in Postal',
    )
    expect(told('ExportLicenceWriteOffQuery', { zh: 'Entry item' }, item)).toEqual([
      'EntryItem needs a Chinese label, not Entry item',
    ])
    const count = ownOf('DeclarationStatistics', 'ReturnedCount')
    expect(told('DeclarationStatistics', { name: 'Returned' }, count).join()).toContain('does not say what it counts')
    const species = ownOf('ListedSpeciesQuery', 'LatinName')
    expect(told('ListedSpeciesQuery', { name: 'ScientificName', zh: '拉丁学名' }, species).join()).toContain(
      '拉丁学名 is called LatinName in the forms, not ScientificName',
    )
    const state = ownOf('DeclarationQuery', 'Channel')
    expect(told('DeclarationQuery', { name: 'State' }, state)).toContain(
      'State is what every filing has: extra hides it',
    )
    const used = ownOf('DeclarationQuery', 'ReleasedAt')
    const early = queries.map((one) =>
      one.form.document === 'DeclarationQuery'
        ? {
            ...one,
            columns: one.columns.map((node) =>
              node.name === used.name ? { ...node, eg: '2026-05-31T09:00:00' } : node,
            ),
          }
        : one,
    )
    expect([...queryRemarks(early, forms)]).toEqual([
      ['DeclarationQuery', ['the example of ReleasedAt, 2026-05-31, lies before that of SubmittedAt, 2026-06-01']],
    ])
  })

  test('gives a name one type and a code one meaning, whichever query a row comes from', () => {
    const two = queries.filter(({ form }) =>
      ['TradingRebateRecordQuery', 'OriginRegistrationQuery'].includes(form.document),
    )
    const states = two.map(({ own }) => own.find(({ name }) => name === 'RegistrationState')!.leaf!.codes!)
    expect(states[0]!.find(({ code }) => code === '1')).toEqual(states[1]!.find(({ code }) => code === '1'))
    const other = two.map((one, i) =>
      i === 0
        ? one
        : {
            ...one,
            own: one.own.map((node) =>
              node.name === 'RegistrationState'
                ? { ...node, leaf: { ...node.leaf!, codes: [{ code: '1', zh: '无效' }] } }
                : node,
            ),
          },
    )
    expect([...queryRemarks(other, forms).values()].flat().join()).toMatch(/RegistrationState 1 is 无效 here and 有效/)
  })

  test('asks by the state and the day of the filing, never of a thing in its document that is called so too', () => {
    const wrong = queries.flatMap(({ shape }) =>
      [...shape.columns, ...shape.criteria].flatMap((one) => {
        const { name, common, paths } = one
        const parameters = 'parameters' in one ? one.parameters : []
        const isFact = (commonFacts as readonly string[]).includes(name)
        const sound =
          (!isFact || (common === name && paths === undefined)) &&
          (!/^Submitted(From|To)$/.test(name) || common === 'SubmittedAt') &&
          parameters.includes('status') === (parameters.length > 0 && common === 'State')
        return sound ? [] : [`${shape.query}: ${name} is ${paths?.join(' or ') ?? common ?? 'known to nobody'}`]
      }),
    )
    expect(wrong).toEqual([])
  })

  test('heads its columns as a clerk would, without box numbers and hints of the paper, in written English', () => {
    const abbreviated =
      /\b(cds?|cde|typecd|markcd|cuscd|etps(no)?|invt|ebc|apl|appl|ass|cert|seq|qty|amt|num|wt|msg|docu|contr|dec|mod|io|reg|voy|scc|dest|traf)\b/
    const wrong = queries.flatMap(({ shape }) =>
      [shape.columns, shape.criteria].flatMap((titled) => {
        const twice = (['zh', 'en'] as const).flatMap((in_) =>
          titled.filter((one, i) => titled.findIndex((other) => other[in_] === one[in_]) !== i),
        )
        const clumsy = titled.filter(
          ({ zh, en }) =>
            /^(第\d+栏|\d+[a-z]? |[A-Z]\([a-z]\))|\s\d|[（，；][^（]*[，；][^（）]*）$/.test(zh) ||
            /(\p{Script=Han}{2,})\1/u.test(zh) ||
            /^(ID|Code|No|Number|Kind|Type|From|To|Date|On|At|Value)$/.test(en) ||
            abbreviated.test(en) ||
            /[a-z][A-Z]|[A-Z]{2}[a-z]|: |from,/.test(en),
        )
        return [...twice, ...clumsy].map(({ name, zh, en }) => `${shape.query} ${name}: ${zh}, ${en}`)
      }),
    )
    expect(wrong).toEqual([])
  })

  test('calls a number that was granted as the paper does, and one of several forms by what fits them all', () => {
    const titleOf = (query: string, name: string) => {
      const { shape } = queries.find(({ form }) => form.document === query)!
      return shape.columns.find((one) => one.name === name)?.zh
    }
    expect([
      titleOf('ToxicChemicalNoticeQuery', 'NoticeNumber'),
      titleOf('LiaisonFormQuery', 'EntryId'),
      titleOf('ExportLicenceApplicationQuery', 'TotalQuantity'),
    ]).toEqual(['放行通知单编号', '报关单号', '总计数量'])
  })

  test('names each value once, and none as every row names its own', () => {
    const wrong = queries.flatMap(({ shape, columns }) => {
      const names = columns.map(({ name }) => name)
      const own = ['Source', 'AsOf', 'HubMessage', 'SharedBy', 'StateText']
      const twice = names.filter((name, i) => names.indexOf(name) !== i || own.includes(name))
      const parameters = shape.criteria.flatMap((one) => one.parameters)
      const asked = parameters.filter(
        (name, i) => parameters.indexOf(name) !== i || ['page', 'size', 'wait'].includes(name),
      )
      return [...twice, ...asked].map((name) => `${shape.query}: ${name}`)
    })
    expect(wrong).toEqual([])
  })
})

describe('what the codes in a row mean', () => {
  const book = createQueryBook({ index: formIndex(), routing })
  const shownBy = (query: string, values: Row['values'], of: Partial<Row> = {}) => {
    const { shape } = queries.find(({ form }) => form.document === query)!
    const row: Row = { source: 'hub', asOf: '2026-06-02T09:00:00', values, ...of }
    const result = { asOf: row.asOf, page: 1, size: 20, total: 1, more: false, rows: [row] }
    const ids = { messageId: 'msg_1', operation: shape.operations[0]! }
    const { rows } = answeredView({ shape, meanings: book.meaningsOf(shape) }, ids, [result])
    const { source: _, asOf: __, ...shown } = rows![0]!
    return shown
  }

  test('stands beside each, in the words of customs’ own list, also where the published field is plain text', () => {
    const transit = { NativeTrafMode: [{ text: '4' }], TransFlag: [{ text: '1E' }], BillNo: [{ text: 'TEST26060018' }] }
    expect(shownBy('CustomsTransitQuery', transit)).toEqual({
      nativeTrafMode: '4',
      nativeTrafModeText: '公路运输',
      transFlag: '1E',
      transFlagText: '中欧班列',
      billNo: 'TEST26060018',
    })
    expect(shownBy('TradeQuery', { TradeMode: [{ text: '0110' }] })).toMatchObject({ tradeModeText: '一般贸易' })
  })

  test('is not made up for a code that no list has; of several, such a code stands for itself', () => {
    expect(shownBy('CustomsTransitQuery', { NativeTrafMode: [{ text: '?' }] })).toEqual({ nativeTrafMode: '?' })
    const certificates = { CertificatesKind: [{ text: '01' }, { text: '??' }] }
    expect(shownBy('VesselAttachmentQuery', certificates)).toEqual({
      certificatesKind: ['01', '??'],
      certificatesKindText: ['船舶国籍证书', '??'],
    })
    expect(shownBy('DeclarationQuery', { CustomMaster: [{ text: '5301' }] })).toEqual({ customMaster: '5301' })
  })

  test('says the unit of a quantity, and which business and which message it is', () => {
    const balance = { Balance: [{ text: '12.5', beside: '035' }] }
    expect(shownBy('ImportLicenceQuery', balance)).toEqual({
      balance: { value: '12.5', unit: '035', unitText: '千克' },
    })
    const movement = { MessageType: [{ text: 'CUSREP' }] }
    expect(shownBy('VesselMovementHistoryQuery', movement)).toEqual({
      messageType: 'CUSREP',
      messageTypeText: routing.documents.flatMap(({ documents }) => documents).find(({ id }) => id === 'CUSREP')!.title
        .zh,
    })
  })

  test('says the state where no receipt has said it yet', () => {
    const released = { State: [{ text: 'released' }] }
    expect(shownBy('DeclarationQuery', released)).toEqual({ state: 'released', stateText: '已放行（办结）' })
    expect(shownBy('DeclarationQuery', released, { stateText: '放行' })).toMatchObject({ stateText: '放行' })
  })
})

describe('what is made of a query', () => {
  test('a value that is taken without asking the schema is valid by the schema', () => {
    const tried = [
      '2026-02-28', '2026-02-30', '2026-13-01', '0000-01-01', '2026-06-01T23:59:59', '2026-06-01T24:00:01', '1',
      '0001', '-5', '1e3',
      '12345678901234567890', '224820261000000451', 'A', 'released', 'gone', 'B'.repeat(40), '测试', '测'.repeat(300),
      '\u{20bb7}'.repeat(20),
      'a\u0001b', 'a\tb', 'a\u00a0b', 'a&b<c>"d', '\ud800', '\ufffe', '１２３４', '1.1.7.1.1', '^$', 'x|y', '.',
    ] // prettier-ignore
    let proven = 0
    const examples = { proven: 0, judged: 0 }
    const wrong: string[] = []
    for (const { form, shape, columns } of some) {
      const { inspect } = createEngine({
        documents: [{ family: 'queries', title: form.title, receipts: [], documents: [documentType(form)] }],
        rules: [],
        forms: () => ({ form, rules: [], query: { shape, columns } }),
        schemas,
        faultLimit: 100,
      })
      const leaves = createQueryBook({
        index: { families: [{ family: 'queries-1', documents: [{ id: shape.query }] }] } as never,
        routing,
        formOf: () => form,
      }).leavesOf(shape.query)
      const asked = { messageId: 'Q1', sender: 'TEST', receiver: 'GACC', page: 1, size: 20 }
      for (const { name, eg } of shape.criteria)
        for (const value of [...tried, eg]) {
          const criteria = { [name]: [value] }
          if (!provesCriteria(leaves, criteria)) continue
          proven++
          const { faults } = inspect(
            writeQuestion(shape, { ...asked, criteria }, shape.operations[0]!, '2026-06-01T09:00:00'),
          )
          if (faults.length > 0) wrong.push(`${shape.query}/${name} ${value}: ${faults[0]!.text.en}`)
        }
      for (const { name, eg } of shape.criteria)
        if (eg !== '') examples[provesCriteria(leaves, { [name]: [eg] }) ? 'proven' : 'judged']++
    }
    expect(wrong).toEqual([])
    expect(proven).toBeGreaterThan(200)
    expect(examples.proven, 'most need no look into the schema').toBeGreaterThan(9 * examples.judged)
  })

  test('its questions are valid, and each broken one has exactly the fault that was put into it', () => {
    const remarks = some.flatMap(({ form, shape, columns }) => {
      const engine = createEngine({
        documents: [{ family: 'queries', title: form.title, receipts: [], documents: [documentType(form)] }],
        rules: [],
        forms: () => ({ form, rules: [], query: { shape, columns } }),
        schemas,
        faultLimit: 100,
      })
      return examine({ form, rules: [] }, engine.inspect).remarks.map((remark) => `${form.document}: ${remark}`)
    })
    expect(remarks).toEqual([])
  })

  test('the schema of its result has a row with its source and its time', () => {
    for (const { form, shape, columns } of some) {
      const schema = toXsd(resultRoot(form, columns), shape.resultNamespace, form.source)
      expect(schema).toContain('<xs:element name="Source">')
      for (const { name } of columns) expect(schema).toContain(`<xs:element name="${name}"`)
    }
  })
})

test('an entry with faults is told with file and line, beside the sound ones', async () => {
  const dir = await tempDir('queries')
  cpSync(join(formFolders.forms, 'types'), join(dir, 'types'), { recursive: true })
  mkdirSync(join(dir, '01-goods-declaration'))
  writeFileSync(
    join(dir, '01-goods-declaration/queries.yaml'),
    [
      '- query: TrialQuery',
      '  title: { zh: 测试查询, en: Trial query }',
      '  serves: [1.1.7.1.1]',
      '  of: [DecMessage]',
      '  by: [DecHead/EntryId, DecHead/Nothing]',
      '  rows: [DecHead/EntryId, Nowhere]',
      '  colour: red',
      '- query: SoundQuery',
      '  title: { zh: 测试查询, en: Sound query }',
      '  serves: [1.1.7.1.2]',
      '  of: [DecMessage, NotHereYet]',
      '  by: [DecHead/EntryId]',
      '  rows: [DecHead/EntryId, NotKnownYet]',
    ].join('\n'),
  )
  const read = readQueries(dir, library, [])
  expect(read.faults.map((one) => one.replace(/^01-goods-declaration\/queries\.yaml:(\d+) .*/, '$1')).sort()).toEqual([
    '5',
    '6',
    '7',
  ])
  expect(read.waiting).toEqual([{ name: 'SoundQuery', serves: ['1.1.7.1.2'], lacks: ['NotHereYet'] }])
})

test('a query of the facts given stands in the pages of docs/forms', () => {
  for (const { form } of some)
    expect(readFileSync(join(root, 'docs/forms', `${form.category}.md`), 'utf8')).toContain(`## ${form.document}\n`)
})

test('a query of the council shows its certificates, whichever way they were filed, and none of customs', () => {
  const query = (name: string) => queries.find(({ shape }) => shape.query === name)!.shape
  const from = { source: 'hub', asOf: '2026-06-01T09:00:00' } as const
  const filing = (operation: string, document: string, content: XmlElement) => ({
    ...{ operation, document, content: leavesOf(content), answers: [] },
    ...{ reference: 'R-1', submittedAt: '2026-06-01T09:00:00' },
  })
  const pack = (kind: string) => ({ CertificateHead: { CertNo: 'X26000001', CertType: kind } })
  const form = (kind: string, code = '9') => ({
    Head: { FunctionCode: code },
    ApplicationNumber: 'TS-CO-1',
    CertificateKind: kind,
    Original: { CertificateNumber: '263100T000010001' },
  })
  const shown = (name: string, ...args: Parameters<typeof filing>) =>
    rowsOf(query(name), filing(...args), { criteria: {} }, from).length
  for (const [name, expected] of Object.entries({
    CcpitPreferentialCertificateQuery: [1, 0, 1, 0, 0],
    CcpitGeneralCertificateQuery: [0, 1, 0, 1, 0],
    CustomsOriginCertificateQuery: [0, 0, 0, 0, 1],
  }))
    expect([
      name,
      shown(name, '5.2.1.1.1', 'Certificate', pack('G')),
      shown(name, '5.2.1.1.1', 'Certificate', pack('C')),
      shown(name, '5.2.5.1.1', 'CcpitOriginCertificate', form('RCEP')),
      shown(name, '5.2.5.1.1', 'CcpitOriginCertificate', form('CO')),
      shown(name, '5.1.6.1.1', 'Certificate', pack('C')),
    ]).toEqual([name, ...expected])
  const cancelled = (code: string) =>
    shown('CcpitCancelledCertificateQuery', '5.2.1.1.1', 'CcpitOriginCertificate', form('CO', code))
  expect([cancelled('9'), cancelled('1')]).toEqual([0, 1])
})

test('a declaration accepted in May and declared in June is counted once, by customs', () => {
  const shape = queries.find(({ shape: { statistics } }) => statistics?.groupBy.includes('Month'))!.shape
  const row = (source: Row['source'], month: string, sharedBy?: string): Row => ({
    source,
    asOf: '2026-06-01T09:00:00',
    ...(sharedBy === undefined ? {} : { sharedBy }),
    values: Object.fromEntries(
      [...shape.statistics!.groupBy, 'Count'].map((name) => [name, [{ text: name === 'Month' ? month : '1' }]]),
    ),
  })
  const [customs, own, shared] = [row('agency', '2026-06'), row('hub', '2026-05'), row('hub', '2026-05', 'owner')]
  expect(joinRows(shape, { agency: [customs], hub: [own, shared] }, { all: true })).toEqual([customs, shared])
  expect(joinRows(shape, { agency: [], hub: [own, shared] }, { all: true })).toEqual([own, shared])
})

test('a confirmed train is found by its status, whether its wagons are laden or empty', () => {
  const { shape } = queries.find(({ form }) => form.document === 'TrainStatusReceiptQuery')!
  const filing: Filing = {
    ...{ operation: '3.4.5.2.1', document: 'TrainConfirmation', reference: 'R-1', state: 'released', answers: [] },
    ...{ submittedAt: '2026-06-01T09:00:00', content: leavesOf({ TrainNumber: '86012', Wagons: [{ State: '1' }] }) },
  }
  const found = (state: string) =>
    rowsOf(shape, filing, { criteria: { State: [state] } }, { source: 'hub', asOf: '2026-06-01T09:00:00' })
  expect(found('released').map(({ values }) => values.State)).toEqual([[{ text: 'released' }]])
  expect([found('1'), found('rejected')]).toEqual([[], []])
})

test('a train that runs daily: today’s report is shown once, beside yesterday’s, also before it has its number', () => {
  const shape = formOf('TrainStatusReceiptQuery')!.query!.shape
  const row = (source: Row['source'], values: Record<string, string>): Row => ({
    source,
    asOf: '2026-05-13T09:00:00',
    values: Object.fromEntries(Object.entries(values).map(([name, text]) => [name, [{ text }]])),
  })
  const train = { Direction: 'I', TrainNumber: '86012', Customs: '9404' }
  const yesterday = { ...train, ConfirmationNumber: 'LCQRI94042026051201' }
  const hub = [row('hub', train), row('hub', { ...yesterday, WagonCount: '40' })]
  const [first, second, ...none] = joinRows(shape, { agency: [row('agency', yesterday)], hub }, { all: true })
  expect(first!.values.WagonCount?.[0]?.text).toBe('40')
  expect(second).toEqual(hub[0])
  expect(none).toEqual([])
})

test('own and shared filings that are together more than are looked at: the answer says so', async () => {
  const shape = queries.find(({ shape: { query } }) => query === 'DeclarationQuery')!.shape
  const ask = (filings: number) =>
    createFromLedger({
      routing,
      ledger: {
        filed: async ({ partnerId }) => ({
          messages: Array.from({ length: filings }, (_, i) => ({
            ...{
              messageId: `${partnerId}-${i}`,
              reference: `${i}`,
              operation: '1.1.2.1.1',
              documentType: 'DecMessage',
            },
            ...{ receivedAt: new Date(i), place: i, state: 'released' as const },
          })),
          fitting: filings,
          more: false,
        }),
        filedContent: async () => [],
        filingGrantsTo: async () => [
          { owner: 'owner', partner: 'asker', operation: '', company: '', until: new Date(), grantedAt: new Date() },
        ],
      },
    })(shape, { criteria: { TradeName: ['测试进出口贸易有限公司'] } }, 'asker', { most: 20 })
  expect([(await ask(1_000)).more, (await ask(1_001)).more]).toEqual([false, true])
})

describe('of a message with several inventories', () => {
  const inventory = (end: string, ebcCode: string) => ({
    InventoryHead: { guid: `GUID-${end}`, copNo: `COP-${end}`, orderNo: `ORDER-${end}`, ebcCode },
  })
  const told = (end: string, invtNo: string, returnStatus: string) => ({
    InventoryReturn: { guid: `GUID-${end}`, copNo: `COP-${end}`, invtNo, returnStatus },
  })
  const together = (...some: ReturnType<typeof told>[]) =>
    leavesOf({ '@guid': 'MESSAGE', InventoryReturn: some.map(({ InventoryReturn }) => InventoryReturn) })
  const filing = (...answers: Filing['answers']): Filing => ({
    document: 'CEB621Message',
    operation: '10.1.3.1.1',
    reference: 'MESSAGE',
    submittedAt: '2026-06-01T09:00:00',
    content: leavesOf({ Inventory: [inventory('A', '1101919999'), inventory('B', '4403960001')] }),
    answers,
  })
  const shape = queries.find(({ shape: { query } }) => query === 'ImportInventoryQuery')!.shape
  const from = { source: 'hub', asOf: '2026-06-01T09:00:00' } as const
  const shown = (one: Filing, criteria = {}) =>
    rowsOf(shape, one, { criteria }, from).map(({ values }) =>
      ['CopNo', 'InvtNo', 'ReturnStatus'].map((name) => values[name]?.[0]?.text),
    )

  test('each has its own number and state, whether customs answers them together or one by one', () => {
    const rows = [
      ['COP-A', 'INVT-A', '100'],
      ['COP-B', 'INVT-B', '800'],
    ]
    expect(shown(filing(together(told('A', 'INVT-A', '100'), told('B', 'INVT-B', '800'))))).toEqual(rows)
    const [a, b] = [leavesOf(told('A', 'INVT-A', '100')), leavesOf(told('B', 'INVT-B', '800'))]
    expect(shown(filing(a, b))).toEqual(rows)
    expect(shown(filing(b, a), { InvtNo: ['INVT-B'] })).toEqual([rows[1]])
  })

  test('one that customs has not answered yet has no number; what is said of the whole message is said of each', () => {
    expect(shown(filing(leavesOf(told('B', 'INVT-B', '800'))))).toEqual([
      ['COP-A', undefined, undefined],
      ['COP-B', 'INVT-B', '800'],
    ])
    expect(shown(filing(leavesOf({ InventoryReturn: { returnStatus: '2' } })))).toEqual([
      ['COP-A', undefined, '2'],
      ['COP-B', undefined, '2'],
    ])
  })

  test('a message of one inventory does not show what the same file says of another’s', () => {
    const alone = {
      ...filing(together(told('A', 'INVT-A', '100'), told('B', 'INVT-B', '800'))),
      content: leavesOf({ Inventory: inventory('B', '4403960001') }),
    }
    expect(shown(alone)).toEqual([['COP-B', 'INVT-B', '800']])
  })

  test('statistics of a company that may see its own alone count nothing of the other’s', () => {
    const shared: Filing = {
      ...filing(together(told('A', 'INVT-A', '100'), told('B', 'INVT-B', '800'))),
      sharedBy: 'forwarder',
      companies: { codes: ['4403960001'], paths: ['ebcCode'] },
    }
    const measured = {
      ...shape,
      statistics: { groupBy: ['CopNo'], measures: [{ name: 'Status', sum: 'returnStatus' }] },
    }
    const counted = (one: Filing) => {
      const groups = createGroups(measured, from)
      groups.add(one, meeting(measured, one, {}))
      return groups.rows().map(({ values }) => [values.CopNo?.[0]?.text, values.Status?.[0]?.text])
    }
    expect(counted(shared)).toEqual([['COP-B', '800']])
    const { companies: _, ...own } = shared
    expect(counted(own)).toEqual([
      ['COP-A', '100'],
      ['COP-B', '800'],
    ])
  })

  test('statistics count inventories, not the messages they came in, and what stands around them once', () => {
    const filed: Filing = {
      ...filing(together(told('A', 'INVT-A', '100'), told('B', 'INVT-B', '800'))),
      state: 'released',
    }
    const measures = [
      { name: 'Count', count: true as const },
      { name: 'ReleasedCount', count: ['released'] },
      { name: 'AnsweredCount', count: 'returnStatus' },
    ]
    const counted = {
      ...shape,
      columns: [...shape.columns, { ...shape.columns[0]!, name: 'Month', common: 'Month' as const }],
    }
    const ofMonth = createGroups({ ...counted, statistics: { groupBy: ['Month'], measures } }, from)
    ofMonth.add(filed, meeting(counted, filed, {}))
    expect(ofMonth.rows().map(({ values }) => measures.map(({ name }) => values[name]?.[0]?.text))).toEqual([
      ['2', '2', '2'],
    ])
  })
})

describe('a row of an EDIFACT message', () => {
  const rowOf = (query: string, document: string, operation: string, file: string) => {
    const { shape } = queries.find(({ form }) => form.document === query)!
    const bytes = readFileSync(join(root, 'xsd/families/edifact/samples', file))
    const content = leavesOfSegments(readSegmentTree(bytes).tree)
    const common = { reference: 'R1', state: 'released', submittedAt: '2026-01-27T09:00:00', answers: [] }
    const rows = rowsOf(shape, { ...common, document, operation, content }, { criteria: {} }, {
      source: 'hub',
      asOf: '2026-06-02T09:00:00',
    }) // prettier-ignore
    return rows.map(({ values }) =>
      Object.fromEntries(Object.entries(values).map(([name, found]) => [name, found.map(({ text }) => text).join()])),
    )
  }

  test('of an application to customs says its number, the voyage and the reason that is written in it', () => {
    expect(rowOf('VesselAmendmentHistoryQuery', 'GENRAL', '3.1.5.1.1', 'GENRAL-D00B-chinese.edi')).toEqual([
      {
        Reference: 'R1',
        JourneyID: '607W',
        Reason: '截关时间改为18时 航次 607W 船舶因大雾延误 航次 607W',
        State: 'released',
        SubmittedAt: '2026-01-27T09:00:00',
      },
    ])
  })

  test('of a crew list says flight, day, route and how many they are', () => {
    const row = {
      FlightNo: 'TX871',
      FlightDate: '2026-01-28',
      FromAirport: 'PVG',
      ToAirport: 'ICN',
      AircrewSum: '3',
    }
    const list = ['PAXLST', '3.2.4.3.1', 'PAXLST-D12B-crew.edi'] as const
    expect(rowOf('AircraftDocumentHistoryQuery', ...list)).toEqual([expect.objectContaining(row)])
  })

  test('says the journey of an arrival as the one that arrives, of a departure as the one that leaves', () => {
    const journeys = (operation: string, file: string) =>
      rowOf('AircraftMovementHistoryQuery', 'CUSREP', operation, file).map(
        ({ VoyageIn, VoyageOut, ArrivalDate }) => [VoyageIn, VoyageOut, ArrivalDate], // prettier-ignore
      )
    expect(journeys('3.2.2.1.1', 'CUSREP-D95B-arrival.edi')).toEqual([['606E', undefined, '2026-01-29']])
    expect(journeys('3.2.4.1.1', 'CUSREP-D96A-departure.edi')[0]!.slice(0, 2)).toEqual([undefined, 'K222'])
  })

  test('of a ship stands in no query of aircraft, and of a passenger list in none of aircraft’s documents', () => {
    expect(rowOf('AircraftMovementHistoryQuery', 'CUSREP', '3.1.2.1.1', 'CUSREP-D95B-arrival.edi')).toEqual([])
    expect(rowOf('AircraftDocumentHistoryQuery', 'PAXLST', '2.6.5.1.1', 'PAXLST-D02B-arrival.edi')).toEqual([])
    expect(rowOf('VesselMovementHistoryQuery', 'CUSREP', '3.1.2.1.1', 'CUSREP-D95B-arrival.edi').length).toBe(1)
  })
})
