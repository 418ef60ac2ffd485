// The forms: each one complete, its samples valid, its broken samples refused for exactly what is wrong with them, its
// answers of their form.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import mustache from 'mustache'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { invent } from '../../adapters/simulator/invent.js'
import { readReply } from '../../messages/reply.js'
import { readXml } from '../../messages/xml-reading.js'
import { brokenOf } from '../../xsd/form/broken.js'
import { answersOf } from '../../xsd/form/answers.js'
import { formSchema } from '../../xsd/form-store/files.js'
import { pageOf } from '../../xsd/form-store/page.js'
import { createTreeJudge } from '../../xsd/form/judge-tree.js'
import { documentType, rootOf } from '../../xsd/form/document.js'
import { examine } from '../../xsd/form/examine.js'
import { formSkeleton } from '../../xsd/form/skeleton.js'
import { toXsd } from '../../xsd/form/to-xsd.js'
import { elementsAt } from '../../xsd/form/tree.js'
import { englishOf, unwritten } from '../../xsd/form/words.js'
import { contradictions } from '../../xsd/form/obligatory.js'
import { forgottenLater } from '../../xsd/form/later-messages.js'
import { isPublished, limitOf } from '../../xsd/form/limits.js'
import type { Rule } from '../../xsd/rules/rule.js'
import { samplesOf } from '../../xsd/form/samples.js'
import { FormDataError, listForms, readForm, readForms } from '../../xsd/form/read.js'
import { readLibrary } from '../../xsd/form/read/library.js'
import { isMap } from '../../xsd/form/read/written.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { formFolders } from '../../xsd/form-store/stored.js'
import { walk } from '../../xsd/form/node.js'
import { codeSystems, kindOf } from '../../xsd/form/name-kinds.js'
import { createEngine } from '../../xsd/engine.js'
import { readSchemaFiles } from '../../xsd/schema-files.js'
import { root } from '../support/hub.js'
import { formOf } from '../support/forms.js'
import { routing } from '../support/data.js'
import { tempDir } from '../support/temp.js'
import { mkdirSync, writeFileSync, cpSync } from 'node:fs'

const index = formIndex()
const families = index.families.filter(({ family }) => family.startsWith('forms-'))
const documents = families.flatMap((family) => family.documents.map(({ id }) => id))
/** The forms, then the queries. */
const printed = Object.keys(index.files).map((document) => formOf(document)!)
const engine = createEngine({
  documents: index.families,
  rules: [],
  schemas: readSchemaFiles(join(root, 'xsd/families')),
  faultLimit: 100,
})
const places = (faults: readonly { code: string; path?: string }[]) => faults.map(({ code, path }) => ({ code, path }))
/** Two runs that share most of their names are one longer run. */
const overlaps = (run: string, other: string) => run.split(' ').filter((name) => other.includes(name)).length >= 3
/** Some forms of each category here; `npm run conformance` looks at every message of all of them. */
const some = documents.filter((_, i) => i % 9 === 0)

test('what `hub form new` writes has nothing wrong with it once its source is named', () => {
  const operation = {
    code: '4.24.1.1.1',
    title: { zh: '试验申请', en: 'Trial application' },
    kind: 'filing',
    agencies: ['mofcom'],
  }
  const library = readLibrary(join(root, 'xsd/forms'), join(root, 'xsd/codes'))
  const text = formSkeleton(operation, 'TrialApplication')
  const file = '04-licences/TrialApplication.yaml'
  expect(readForm(file, text, library)).toEqual({ faults: [`${file}:4 source is missing`] })
  const read = readForm(file, text.replace(/source: .*/, 'source: 测试办法（2026年）附件'), library)
  if ('faults' in read) throw new Error(read.faults.join('; '))
  const own = createEngine({
    documents: [{ family: 'forms', title: operation.title, receipts: [], documents: [documentType(read.form)] }],
    rules: [],
    forms: () => read,
    schemas: readSchemaFiles(join(root, 'xsd/families')),
    faultLimit: 100,
  })
  expect(examine(read, own.inspect).remarks).toEqual([])
})

describe('every form', () => {
  test('has a Chinese label, a limit and an example at every leaf', () => {
    const wrong: string[] = []
    for (const document of documents) {
      const { form } = formOf(document)!
      for (const { path, node } of walk(form.fields)) {
        if (!/[\u4e00-\u9fff]|^[A-Z]/.test(node.zh)) wrong.push(`${document} ${path}: label ${node.zh}`)
        if (node.fields) continue
        const { leaf, eg } = node
        if (eg === undefined || eg === '') wrong.push(`${document} ${path}: no example`)
        const limited = leaf!.base !== 'string' || (leaf!.maxLength ?? leaf!.pattern ?? leaf!.codes) !== undefined
        if (!limited) wrong.push(`${document} ${path}: no limit`)
      }
    }
    expect(wrong).toEqual([])
    expect(documents.length).toBeGreaterThan(0)
  })

  test('has a label in plain English also where it gives none: customs’ own short words are written out', () => {
    expect(['VehicleCustomsNo', 'IEFlag', 'NoLossStatement', 'HsCode', 'TrafMode', 'GrossWt'].map(englishOf)).toEqual([
      'Vehicle customs number',
      'Import or export',
      'No loss statement',
      'HS code',
      'Transport mode',
      'Gross weight',
    ])
    expect(englishOf('UnifiedSocialCreditCode')).toBe('Unified social credit code')
    expect(['ShipNameEn', 'GdsNm', 'RvcMethod'].map(englishOf)).toEqual([
      'Ship name in English',
      'Goods name',
      'RVC method',
    ])
    expect(['Rtn flag', 'Name zh', 'HS code', 'Height (mm)'].map(unwritten)).toEqual([['Rtn'], ['zh'], [], []])
    const short = documents.flatMap((document) =>
      [...walk(formOf(document)!.form.fields)]
        .filter(({ node }) => unwritten(node.en).length > 0)
        .map(({ path, node }) => `${document}/${path}: ${node.en}`),
    )
    expect(short).toEqual([])
  })

  test('gives one Chinese label one element, published names aside', () => {
    const settled: [label: RegExp, name: string][] = [
      [/^法定代表人(（|$)/, 'LegalRepresentative'],
      [/^合同号$/, 'ContractNumber'],
      [/^合同签订日期$/, 'ContractDate'],
      [/^海关信用等级$/, 'CreditLevel'],
      [/^(拉丁)?学名|^拉丁/, 'LatinName'],
      [/^性别$/, 'Sex'],
      [/^备注$/, 'Remark'],
      [/^授权编号$/, 'AuthorizationNumber'],
      [/^组织机构代码$/, 'OrganizationCode'],
      [/^手机号码$/, 'Mobile'],
      [/^航次号$/, 'VoyageNo'],
      [/^删除原因$/, 'DeletionReason'],
      [/^网址$/, 'Website'],
      [/^职务$/, 'Position'],
      [/^船旗国/, 'Flag'],
      [/^原产国(（地区）)?$/, 'Origin'],
      [/^(贸易|监管)方式$/, 'TradeMode'],
      [/^成交方式$/, 'TransMode'],
      [/^申请编号$/, 'ApplicationNumber'],
      [/^提单号$|^提（?运）?单号$/, 'BillNo'],
      [/^报关单号$/, 'DeclarationNumber'],
      [/^进出[口境]标志$/, 'IEFlag'],
      [/^航班号/, 'FlightNo'],
      [/^(出口|商业|购车|对应)?发票号码?$/, 'InvoiceNumber'],
    ]
    /** Names their authority has published or its paper numbers, and lists of several. */
    const published: Record<string, string> = {
      EntryId: 'customs’ own name for the number of a declaration',
      EntryIds: 'the same, several',
      ListNo: 'of the mandate platform: 提单号 by its kind',
      ExportDeclarationNo: 'of the tax authority: 18 digits with the item',
      Memo: 'of the flight and vehicle messages (CDS)',
      Career: 'of the flight messages (CDS)',
      Column15: 'numbered box',
      Rmk: 'of the bonded systems (INV, SAS)',
      EcontSignDte: 'of the licence system’s web form',
      Notes: 'of the transit messages (TRN)',
      Note: 'of the transit messages (TRN)',
      Number: 'within a group that says of what',
      TradeModes: 'several',
      Mode: 'within a group that says of what',
      TradeKind: 'of the gold permit: its own three',
      AmendmentNumber: 'of an amendment, beside the number of what it amends',
      ReportNumber: 'of a report',
      Direction: 'where it has more values than I and E',
      OriginCountry: 'where Origin stands beside it for the place of origin',
      LegalRepresentativeId: 'his number',
      Post: 'of the resident office’s paper form',
    }
    const other = documents.flatMap((document) =>
      [...walk(formOf(document)!.form.fields)]
        .filter(({ node }) => !node.fields && published[node.name] === undefined)
        .flatMap(({ path, node }) =>
          settled
            .filter(([label, name]) => label.test(node.zh) && node.name !== name)
            .map(([, name]) => `${document}/${path}: ${name}`),
        ),
    )
    expect(other).toEqual([])
  })

  test('writes one name in one way: no two elements differ in capitals alone, and no second name comes back', () => {
    const names = new Set(
      documents.flatMap((document) => [...walk(formOf(document)!.form.fields)].map(({ node }) => node.name)),
    )
    const spellings = new Map<string, Set<string>>()
    for (const name of names) {
      const key = name.toLowerCase()
      spellings.set(key, (spellings.get(key) ?? new Set()).add(name))
    }
    /** Two things, or names their authorities have published. */
    const reasons: Record<string, string> = {
      entryid: 'EntryID of the mandate platform, EntryId of customs',
      id: 'ID: a line of the CITES paper',
      subclass: 'SubClass of mail (UPU list 117), Subclass of special articles',
    }
    const twice = [...spellings].filter(([key, { size }]) => size > 1 && reasons[key] === undefined)
    expect(twice.map(([, all]) => [...all].sort())).toEqual([])
    expect(
      ['Gender', 'Representative', 'Remarks', 'InvoiceNo', 'FlightNumber'].filter((name) => names.has(name)),
    ).toEqual([])
  })

  test('gives a person’s sex by one of two lists: 1 and 2 (GB/T 2261.1), or as his passport does, M and F', () => {
    /** Forms with codes of their own. */
    const reasons: Record<string, string> = {
      PassengerManifest: 'the carriers’ PAXLST has U, not known, too',
      NationalQuarantineStationUse: 'animals',
      WildlifeCertificateApplication: 'animals',
    }
    const other = documents
      .filter((document) => reasons[document] === undefined)
      .flatMap((document) =>
        [...walk(formOf(document)!.form.fields)]
          .filter(({ node }) => node.name === 'Sex' && !['sex', 'passport-sex'].includes(node.leaf?.list ?? ''))
          .map(({ path }) => `${document}/${path}`),
      )
    expect(other).toEqual([])
  })

  test('gives one name one length in all forms, but where a published record fixes another', () => {
    const { limits } = readLibrary(formFolders.forms, formFolders.codes)
    const lengths = new Map<string, Map<string, string>>()
    const deviating = new Set<string>()
    for (const document of documents) {
      const { form } = formOf(document)!
      for (const { path, node } of walk([...form.fields, ...form.life.flatMap(({ brings }) => brings)])) {
        const type = node.leaf?.type ?? ''
        const kind = /^(text|decimal|money)\(/.exec(type)?.[1]
        if (!kind) continue
        const decided = limitOf(limits, { name: node.name, zh: node.zh, type })
        if (isPublished(limits, `${form.category}/${document}`, path)) {
          if (decided !== undefined && decided !== type)
            for (const one of [form.category, document, `${document}/${path}`]) deviating.add(one)
          continue
        }
        // A name with limits by its label (a person, goods, a company) has one for each of these.
        const name = `${node.name} ${kind} ${isMap(limits.names[node.name]) ? decided : ''}`
        if (!lengths.has(name)) lengths.set(name, new Map())
        lengths.get(name)!.set(type, `${document}/${path}`)
      }
    }
    const several = [...lengths].filter(([, types]) => types.size > 1)
    expect(several.map(([name, types]) => `${name}: ${[...types].flat().join(' ')}`)).toEqual([])
    const published = Object.entries(limits.published)
    expect(published.filter(([, source]) => source.length < 8)).toEqual([])
    expect(published.map(([of]) => of).filter((of) => !deviating.has(of))).toEqual([])
    expect(published.length).toBeLessThanOrEqual(35)
  })

  test('means one thing by one name: files, flags, numbers, days and codes are never called alike', () => {
    /** Where one name is of two kinds all the same, and why nobody stumbles over it. */
    const reasons: Record<string, string> = {
      Attachments: 'files with their kind where the authority tells kinds apart, else the files alone',
      Evidence: 'the same, of proofs',
      CustomsCode: 'a company’s; of an office in three messages whose names the ports have published',
      GNo: 'customs’ own: the place in the list, or the item meant',
      GoodsNo: 'customs’ own: of a container, all its items in one text',
      ListNumber: 'a number of an official list; two lists number with letters',
      No:
        'the place in the list; of a declaration’s item, its number there; ' +
        'eight digits in the tax authority’s tables',
      Number: 'within a group that says of what',
    }
    const kinds = new Map<string, Map<string, string>>()
    for (const document of documents) {
      const { form } = formOf(document)!
      for (const { path, node } of walk([...form.fields, ...form.life.flatMap(({ brings }) => brings)])) {
        if (!kinds.has(node.name)) kinds.set(node.name, new Map())
        kinds.get(node.name)!.set(kindOf(node.leaf?.type), `${document}/${path}`)
      }
    }
    const several = [...kinds].filter(([, of]) => {
      const coded = [...of.keys()].filter((kind) => codeSystems.includes(kind))
      // One system may stand beside words: a port abroad that has no code.
      return coded.length > 1 || [...of.keys()].filter((kind) => !coded.includes(kind) || !of.has('words')).length > 1
    })
    expect(
      several.filter(([name]) => !reasons[name]).map(([name, of]) => `${name}: ${[...of].flat().join(' ')}`),
    ).toEqual([])
    expect(Object.keys(reasons).filter((name) => !several.some(([one]) => one === name))).toEqual([])
  })

  test('shares what stands in three forms alike: a run of six elements or more is written once, in blocks.yaml', () => {
    /** The paper forms number their boxes, each in its own way. */
    const reasons = ['DespatchCountry LoadPort TransportMode TransportName ' +
      'VoyageNo BillNo', 'ItemNo Vin EngineNumber Displacement Brand PurchasedOn'] // prettier-ignore
    const runs = new Map<string, Set<string>>()
    const look = (file: string, fields: unknown) => {
      const held = Object.entries(isMap(fields) ? fields : {})
      const names = held.map(([name, one]) => (isMap(one) && (one.fields ?? one.use) !== undefined ? '' : name))
      for (let i = 0; i + 6 <= names.length; i++) {
        const run = names.slice(i, i + 6)
        if (!run.includes('')) runs.set(run.join(' '), (runs.get(run.join(' ')) ?? new Set()).add(file))
      }
      for (const [, one] of held)
        if (isMap(one)) {
          look(file, one.fields)
          look(file, one.plus)
        }
    }
    for (const file of listForms(formFolders.forms)) {
      const form = parse(readFileSync(join(formFolders.forms, file), 'utf8'), { merge: true }) as Record<
        string,
        unknown
      >
      look(file, form.fields)
      for (const stage of (form.life ?? []) as { brings?: unknown }[]) look(file, stage.brings)
    }
    const often = [...runs].filter(([run, { size }]) => size >= 3 && !reasons.some((one) => overlaps(run, one)))
    expect(often.map(([run, files]) => `${run}: ${[...files].join(', ')}`)).toEqual([])
    expect(runs.size).toBeGreaterThan(1000)
  })

  test('says the mode of transport by customs’ own list: who carries his goods himself is L in every form', () => {
    /** Another authority’s own words, and ways that are no mode of transport over the border. */
    const reasons: Record<string, string> = {
      'CcpitOriginCertificate/Transport/Mode': 'the words of the certificate, MULTI among them',
      'ImportGrainEnterprise/TransportIn': 'from the quay into the mill',
    }
    const { lists } = readLibrary(formFolders.forms, formFolders.codes)
    const known = new Set(lists['customs-transport']!.map(({ code, zh }) => `${code} ${zh}`))
    const modes = documents.flatMap((document) =>
      [...walk(formOf(document)!.form.fields)]
        .filter(({ node }) => node.leaf?.codes && (/运输方式/.test(node.zh) || node.name === 'TransportMode'))
        .map(({ path, node }) => ({ path: `${document}/${path}`, codes: node.leaf!.codes! })),
    )
    expect(modes.length).toBeGreaterThan(50)
    const other = modes
      .filter(({ path }) => reasons[path] === undefined)
      .filter(({ codes }) => codes.some(({ code, zh }) => !known.has(`${code} ${zh}`)))
    expect(other.map(({ path, codes }) => `${path}: ${codes.map(({ code, zh }) => code + zh).join(' ')}`)).toEqual([])
  })

  test('takes a code list whole where it has all of its codes', () => {
    const { lists } = readLibrary(formFolders.forms, formFolders.codes)
    const codesOf = (codes: readonly { code: string; zh: string }[]) =>
      codes
        .map(({ code, zh }) => `${code} ${zh}`)
        .sort()
        .join(' ')
    const whole = new Map(Object.entries(lists).map(([list, codes]) => [codesOf(codes), list]))
    const other = documents.flatMap((document) =>
      [...walk(formOf(document)!.form.fields)]
        .filter(({ node }) => node.leaf?.codes && node.leaf.list === undefined && whole.has(codesOf(node.leaf.codes)))
        .map(({ path, node }) => `${document}/${path}: ${whole.get(codesOf(node.leaf!.codes!))}`),
    )
    expect(other).toEqual([])
  })

  test('is no copy of another: no two share more than 85 % of their leaves', () => {
    const leaves = documents.map((document) => {
      const { form } = formOf(document)!
      return new Set(
        [...walk(form.fields)].filter(({ node }) => node.leaf).map(({ path, node }) => `${path} ${node.zh}`),
      )
    })
    const alike: string[] = []
    leaves.forEach((one, i) =>
      leaves.slice(i + 1).forEach((other, j) => {
        const shared = [...one].filter((leaf) => other.has(leaf)).length
        if (shared > 0.85 * Math.max(one.size, other.size)) alike.push(`${documents[i]} and ${documents[i + 1 + j]}`)
      }),
    )
    expect(alike).toEqual([])
  })

  test('serves operations of the catalogue, which go to the authorities it names', () => {
    const wrong: string[] = []
    for (const document of documents) {
      const { form } = formOf(document)!
      for (const { operation } of form.serves) {
        const entry = routing.operations.get(operation)
        if (!entry) wrong.push(`${document} serves ${operation}`)
        else if (!entry.documents.some(({ type }) => type === document))
          wrong.push(`${operation} is not carried by ${document}`)
      }
    }
    expect(wrong).toEqual([])
  })
})

describe('what is made of a form', () => {
  test('its samples are valid, with all it may have and with as little, for each function of each operation', () => {
    const wrong: object[] = []
    for (const document of some) {
      const { form, rules } = formOf(document)!
      for (const { name, xml, left } of samplesOf(form, rules)) {
        const { faults, document: known } = engine.inspect(Buffer.from(xml))
        if (faults.length > 0 || left.length > 0)
          wrong.push({ document, name, faults: places(faults), left: places(left) })
        else if (known?.type !== document || !known.reference) wrong.push({ document, name, known: known?.type })
      }
    }
    expect(wrong).toEqual([])
  })

  test('each broken sample has exactly the fault that was put into it', () => {
    const wrong: object[] = []
    let count = 0
    for (const document of some) {
      const { form, rules } = formOf(document)!
      for (const { name, xml, expected } of brokenOf(form, rules, samplesOf(form, rules))) {
        const { faults } = engine.inspect(Buffer.from(xml))
        if (JSON.stringify(places(faults)) !== JSON.stringify(places(expected)))
          wrong.push({ document, name, told: places(faults), expected })
        count++
      }
    }
    expect(wrong).toEqual([])
    expect(count).toBeGreaterThan(5 * some.length)
  })

  test('where several may be chosen, a condition holds whichever of them comes first', () => {
    const { form, rules } = formOf('TaxGuaranteeFiling')!
    const xml = samplesOf(form, rules)
      .find(({ name }) => name === 'minimal')!
      .xml.replace(/<Elements>.*<\/Elements>\s*/, '')
    const chosen = (...codes: string[]) => {
      const written = codes.map((one) => `<Business>${one}</Business>`).join('')
      return engine.inspect(Buffer.from(xml.replace(/<Business>.*<\/Business>/, written)))
    }
    for (const codes of [['3'], ['3', '1'], ['1', '3']])
      expect(places(chosen(...codes).faults)).toEqual([
        { code: 'HUB_RULE_REQUIRED', path: '/TaxGuaranteeFiling/Elements' },
      ])
    expect(chosen('1', '2').faults).toEqual([])
  })

  test('asks for no field always that one of its rules asks for sometimes', () => {
    const { form, rules } = formOf('DualUseLicenceApplication')!
    const always = form.fields.find(({ min, fields }) => min > 0 && fields)!
    const inner = `${always.name}/${always.fields!.find(({ min, leaf }) => min > 0 && leaf)!.name}`
    const optional = form.fields.find(({ min }) => min === 0)!.name
    const rule = (body: object): Rule => ({ ...rules[0]!, when: undefined, id: 'T-1', ...body }) as unknown as Rule
    const when = { 'Head/FunctionCode': '9' }
    const wrong = [
      { forbid: inner },
      { when, require: [inner] },
      { either: [inner, optional] },
      { one: [optional, inner] },
      { when: { [inner]: 'absent' }, require: optional },
    ]
    for (const body of wrong) expect(contradictions(form, [rule(body)]), JSON.stringify(body)).toHaveLength(1)
    for (const body of [
      { forbid: optional },
      { when, require: [optional] },
      { require: [inner] },
      { either: [optional] },
    ])
      expect(contradictions(form, [rule(body)]), JSON.stringify(body)).toEqual([])
    const all = documents.flatMap((document) => {
      const one = formOf(document)!
      return contradictions(one.form, one.rules).map((sentence) => `${document}: ${sentence}`)
    })
    expect(all).toEqual([])
  })

  test('a change finds its original, an approval answers no withdrawal, and no file comes twice', () => {
    const all = documents.flatMap((document) => {
      const one = formOf(document)!
      return forgottenLater(one.form, one.rules).map((sentence) => `${document}: ${sentence}`)
    })
    expect(all).toEqual([])
    const { form, rules } = formOf('TrainConfirmation')!
    const told = (other: Partial<typeof form>) => forgottenLater({ ...form, ...other }, rules)
    // The kind of train is asked of a report and its change, and a deletion may leave it out.
    expect(told({ identity: [...form.identity, 'TrainKind'] })).toEqual([
      'identity TrainKind may be absent: a change or withdrawal would not find its original by it',
    ])
    expect(told({ identity: ['Direction', 'TrainNumber'] })).toEqual([
      'identity TrainNumber runs every day: name its day too',
    ])
    const temporary = formOf('TemporaryMovementConfirmation')!
    expect(forgottenLater({ ...temporary.form, identity: ['PlannedDate'] }, temporary.rules)).toEqual([
      'identity PlannedDate is only planned: a change may put it off',
    ])
    const deleted = form.life.find(({ on }) => on?.join() === '3')!
    expect(told({ life: form.life.map((one) => (one === deleted ? { ...one, status: 'released' } : one)) })).toEqual([
      `life ${deleted.zh} is approved, not released: nothing is let go by a withdrawal`,
    ])
    expect(told({ identity: [...form.identity, 'DeclaredAt'] })).toEqual([
      'identity DeclaredAt is the day of the message: a change has another',
    ])
    const loss = formOf('ExhibitLossWriteOff')!
    expect(forgottenLater({ ...loss.form, identity: ['TotalAmount'] }, loss.rules)).toContain(
      'identity TotalAmount is an amount or an hour: a change may correct it',
    )
    const company = formOf('CustomsEnterpriseRegistration')!
    expect(forgottenLater({ ...company.form, identity: ['EntityType'] }, company.rules)).toEqual([
      'identity EntityType may be changed by a change (报关单位类型)',
    ])
    const approved = form.life.find(({ status }) => status === 'approved')!
    expect(told({ life: form.life.filter(({ on }) => on?.join() !== '3') })).toEqual([
      'life has no step that grants delete: give it one, with on: [delete]',
    ])
    const { on: _, ...general } = approved
    expect(told({ life: form.life.map((one) => (one === approved ? general : one)) })).toEqual([
      `life ${approved.zh} needs on: it answers a withdrawal, cancellation or extension too`,
    ])
    const review = { code: 'manual-review', zh: '待人工审核', en: 'manual review', status: 'processing', brings: [] }
    expect(told({ life: [...form.life, review] })).toEqual([
      'life 待人工审核 stands after the decision that it leads to',
    ])
    // A customs code that only some companies have is asked for because of what the company is: it may be an identity.
    expect(forgottenLater(formOf('SpecialArticlesUnit')!.form, formOf('SpecialArticlesUnit')!.rules)).toEqual([])
    const vessel = formOf('VesselInformationRecord')!
    const short = { ...vessel.form.short!, needs: [...vessel.form.short!.needs, 'Certificates'] }
    const fields = vessel.form.fields.map((one) => (one.name === 'Certificates' ? { ...one, min: 1 } : one))
    expect(forgottenLater({ ...vessel.form, short, fields }, vessel.rules)).toEqual([
      'short needs Certificates: cancel would enclose its files again',
    ])
  })

  test('a withdrawal is not asked for the papers of the first filing, by no rule', () => {
    const { form, rules } = formOf('CcpitProductRecord')!
    const [rule] = rules.filter(({ require }) => [require].flat().includes('CostSheet'))
    const again = 'asks for the files of CostSheet again in a withdrawal or cancellation'
    const asked = (when: NonNullable<Rule['when']>) => forgottenLater(form, [{ ...rule!, when }])
    expect(asked(rule!.when!)).toEqual([])
    expect(asked({ ContainsImported: '1' })).toEqual([`rule ${rule!.id} ${again}`])
    expect(asked({ 'Head/FunctionCode': ['9', '1'] })).toEqual([`rule ${rule!.id} ${again}`])
    // The paper of a termination is the termination's own.
    expect(asked({ 'Head/FunctionCode': ['4', '1'] })).toEqual([])
  })

  test('a corrected hour is the same voyage, another day is another one', () => {
    const { form, rules } = formOf('PassengerManifest')!
    const { xml } = samplesOf(form, rules).find(({ name }) => name === 'full')!
    const orderAt = (time: string) =>
      engine.inspect(Buffer.from(xml.replace(/(<DepartureTime>)[^<]*/, `$1${time}`))).document!.order
    expect(orderAt('2026-07-02T09:55:00')).toBe(orderAt('2026-07-02T08:40:00'))
    expect(orderAt('2026-07-03T08:40:00')).not.toBe(orderAt('2026-07-02T08:40:00'))
  })

  test('a number made of others is looked at as a whole, at its start or at its end', () => {
    const judged = (document: string, numbers: Record<string, string>) => {
      const { form, rules } = formOf(document)!
      const { tree } = samplesOf(form, rules).find(({ name }) => name === 'full')!
      for (const [path, text] of Object.entries(numbers)) elementsAt(tree, path).forEach((one) => (one.text = text))
      return places(createTreeJudge(form, rules)(tree, true))
    }
    const wrong = (path: string) => [{ code: 'HUB_RULE_VALUE', path: `/${path}` }]
    for (const [document, field, right, other] of [
      ['VesselInformationRecord', 'VesselNumber', 'UN0110001/2248', 'UN0110001/5304'],
      ['VesselInformationRecord', 'VesselNumber', 'UN0110001/2248', 'UN0110013/2248'],
      ['AircraftInformationRecord', 'AircraftNo', 'B-000T/2233', 'B-000T/2248'],
      ['CoastalEmptyContainer', 'VesselNumber', 'UN0110001/5304', 'UN0110013/5304'],
    ] as const) {
      expect(judged(document, { [field]: right }), document).toEqual([])
      expect(judged(document, { [field]: other }), document).toEqual(wrong(`${document}/${field}`))
    }
  })

  test('a withdrawal or cancellation names its paper and need not repeat it; a first filing leaves nothing out', () => {
    const shorts = documents.map((document) => formOf(document)!.form).filter(({ short }) => short)
    expect(shorts.length).toBeGreaterThan(150)
    const none = /一项必填|必填栏均须填写/
    for (const form of shorts.filter((_, i) => i % 12 === 0)) {
      const { rules } = formOf(form.document)!
      const samples = samplesOf(form, rules)
      const [fn] = form.short!.functions
      const serve = form.serves.find(({ functions }) => functions.includes(fn!))!
      const { xml, tree } = samples.find(({ name }) => name === `${serve.operation}-${fn}`)!
      expect(engine.inspect(Buffer.from(xml)).faults, form.document).toEqual([])
      const held = tree.children.map(({ node }) => node)
      const missing = form.fields.filter(
        ({ name, usual }) => usual !== undefined && !held.some((one) => one.name === name),
      )
      expect(missing.length, form.document).toBeGreaterThan(0)
      // The same message as a first filing is told of every box it lacks.
      const first = form.functions.find(({ name }) => !form.short!.functions.includes(name))!
      const { faults } = engine.inspect(Buffer.from(xml.replace(/<FunctionCode>[^<]*/, `<FunctionCode>${first.code}`)))
      const told = faults.filter(({ text }) => none.test(text.zh)).map(({ path }) => path)
      for (const { name } of missing) expect(told, form.document).toContain(`/${form.document}/${name}`)
    }
  })
  test('its answers have their own form, and say how far it is', () => {
    const wrong: object[] = []
    const receiptTypes = index.families.flatMap((family) => family.receipts)
    for (const document of some) {
      const { form, rules } = formOf(document)!
      if (form.kind !== 'filing') continue
      const sample = samplesOf(form, rules)[0]!
      const { reference } = engine.inspect(Buffer.from(sample.xml)).document!
      const view = {
        ...readXml(Buffer.from(sample.xml)).tree,
        sim: invent('sub_1', new Date('2026-06-02T01:00:00Z'), '材料不全'),
      }
      for (const { stages, refusal = [] } of answersOf(form))
        for (const stage of [...stages, ...refusal]) {
          const xml = Buffer.from(mustache.render(stage.template, view))
          const faults = engine.validate(xml, `forms/${document}Answer.xsd`)
          const entry = readReply(xml, receiptTypes)?.entries[0]
          const status = form.life.find(({ code }) => code === stage.name)?.status
          if (faults.length > 0 || entry?.status !== status || entry?.keys[0]?.value !== `TESTSENDER01|${reference}`)
            wrong.push({ document, stage: stage.name, faults: places(faults), entry })
        }
    }
    expect(wrong).toEqual([])
  })

  test('its page is as the form is: `hub form print` puts it right', () => {
    const stale = [...new Set(printed.map(({ form }) => form.category))].filter((category) => {
      const forms = printed.filter(({ form }) => form.category === category)
      const { title } = [...routing.operations.values()].find(
        (o) => o.category.code === String(Number(category.slice(0, 2))),
      )!.category
      return readFileSync(join(root, 'docs/forms', `${category}.md`), 'utf8') !== pageOf(category, title, forms)
    })
    expect(stale).toEqual([])
  })

  test('its schema stands alone, and has the labels of the form', () => {
    for (const document of some) {
      const schema = formSchema(`forms/${document}.xsd`)!.toString()
      expect(schema).not.toMatch(/schemaLocation/)
      expect(schema).toContain(formOf(document)!.form.fields[0]!.zh)
    }
  })
})

describe('a code that may be declared only on some days', () => {
  const lists = [
    'code\tzh\ten\tfrom\tto\tsource',
    '0139\t旅游购物商品\tGoods bought by tourists\t\t2020-12-31\t测试公告（2020年）',
    '9810\t出口海外仓\tTo overseas warehouses\t2020-07-01\t\t测试公告（2020年）',
    '0110\t一般贸易\tGeneral trade\t\t\t测试公告（2020年）',
  ]
  /** A form of its own with a list of its own. */
  async function formWith(fields: string[], list = lists) {
    const dir = await tempDir('codes')
    const codes = join(dir, 'codes')
    cpSync(join(formFolders.forms, 'types'), join(dir, 'types'), { recursive: true })
    cpSync(formFolders.codes, codes, { recursive: true })
    writeFileSync(join(codes, 'test-mode.tsv'), `${list.join('\n')}\n`)
    mkdirSync(join(dir, '04-licences'))
    const text = [
      'document: Trial',
      'title: { zh: 测试, en: Trial }',
      'kind: filing',
      'source: 测试规定（2026年）附件',
      'marks: own',
      'serves:',
      '  4.1.1.1.1: { functions: [original, change] }',
      'agencies: [mara]',
      'fields:',
      '  Mode: { zh: 方式, type: code(test-mode), eg: "0110" }',
      ...fields,
      'life:',
      '  - { zh: 已受理, en: received, status: processing }',
    ]
    writeFileSync(join(dir, '04-licences', 'Trial.yaml'), text.join('\n'))
    return readForms(dir, codes)[0]!
  }
  const ask = ({ form, rules }: Awaited<ReturnType<typeof formWith>>, mode: string, day: string, change = false) => {
    const tree = samplesOf(form, rules).find(({ name }) => name === 'full')!.tree
    const put = (path: string, text: string) => elementsAt(tree, path).forEach((one) => (one.text = text))
    put('Mode', mode)
    put('DeclaredOn', day)
    if (!form.fields.some(({ name }) => name === 'DeclaredOn')) put('Head/SendTime', `${day}T09:00:00`)
    if (change) put('Head/FunctionCode', '4')
    return createTreeJudge(form, rules)(tree, true).map(({ code, path, level }) => ({ code, path, level }))
  }
  const refused = { code: 'HUB_RULE_VALUE', path: '/Trial/Mode', level: undefined }
  const declared = ['  DeclaredOn: { zh: 申报日期, type: date }']

  test('is refused before its first and after its last day of declaration, and taken on these days', async () => {
    const form = await formWith(declared)
    expect(ask(form, '0139', '2020-12-31')).toEqual([])
    expect(ask(form, '0139', '2021-01-01')).toEqual([refused])
    expect(ask(form, '9810', '2020-07-01')).toEqual([])
    expect(ask(form, '9810', '2020-06-30')).toEqual([refused])
    expect(ask(form, '0110', '2026-06-01')).toEqual([])
    expect(toXsd(rootOf(form.form), 'urn:test', 'test')).toContain('旅游购物商品（至 2020-12-31）')
  })

  test('only warns in a change of an earlier declaration, and in a form that has no declaration date', async () => {
    const warned = { ...refused, level: 'warn' }
    expect(ask(await formWith(declared), '0139', '2021-01-01', true)).toEqual([warned])
    const undated = await formWith(['  Name: { zh: 名称, type: text(200), eg: 测试 }'])
    expect(ask(undated, '0139', '2021-01-01')).toEqual([warned])
    expect(ask(undated, '0139', '2020-12-31')).toEqual([])
  })

  test('has a broken sample like every rule', async () => {
    const { form, rules } = await formWith(declared)
    const broken = brokenOf(form, rules, samplesOf(form, rules)).find(({ name }) => name === 'rule-inForce')
    expect(broken?.expected).toEqual([{ code: 'HUB_RULE_VALUE', path: '/Trial/Mode', rule: 'TRIAL-CODE-1' }])
  })

  test('stands in a list whose faults are told with file and line', async () => {
    const wrong = lists.map((line) => line.replace('2020-12-31', '2020-02-30').replace('0110', '9810'))
    await expect(formWith(declared, wrong)).rejects.toThrow(
      /test-mode\.tsv:2 .*2020-02-30[^]*test-mode\.tsv:4 code 9810 stands twice/,
    )
  })
})

describe('a form with faults', () => {
  const library = readLibrary(formFolders.forms, formFolders.codes)
  const text = [
    'document: Trial',
    'title: { zh: 测试, en: Trial }',
    'kind: filing',
    'source: 测试规定（2026年）附件',
    'marks: own',
    'serves:',
    '  4.1.1.1.1: { functions: [original, change] }',
    'agencies: [mara]',
    'identity: [Number]',
    'keys: [Number, Missing]',
    'fields:',
    '  Number: { zh: 编号, type: text(20), eg: A1 }',
    '  Name: { type: text(20), eg: A1 }',
    '  Amount: { zh: 金额, type: money(2), eg: "12.345 CNY" }',
    '  Kind: { zh: 种类, type: "code(1 甲, 2 乙)", eg: "3" }',
    '  Odd: { zh: 其他, type: words(3), eg: x }',
    '  From: { zh: 起, type: date, eg: 2026-02-30 }',
    'rules:',
    '  - { if: { Kind: "9" }, require: [Numbr], zh: 甲, en: A }',
    '  - { frobnicate: [Number], zh: 乙, en: B }',
    'life:',
    '  - { zh: 已受理, en: received, status: underway }',
  ].join('\n')

  test('hears of all of them at once, with file and line', () => {
    const read = readForm('04-licences/Trial.yaml', text, library)
    expect('faults' in read ? read.faults.map((one) => one.replace(/^.*?:(\d+) .*/, '$1')) : []).toEqual(
      expect.arrayContaining(['10', '13', '14', '15', '16', '17', '19', '20', '22']),
    )
    expect('faults' in read ? read.faults.join('\n') : '').toContain('04-licences/Trial.yaml:19 Numbr is no field')
    const short = text
      .replace(/source: .*/, 'source: 测试')
      .replace('status: underway', 'status: approved, on: [extend]')
    const again = readForm('04-licences/Trial.yaml', short, library)
    for (const sentence of [
      'Trial.yaml:4 source 测试 has fewer than 10 characters: name the regulation or standard in full',
      'Trial.yaml:22 on names extend, which no operation of serves has',
    ])
      expect('faults' in again ? again.faults.join('\n') : '').toContain(sentence)
  })

  test('hears that a name has another length in all other forms, and what is wrong with a run it uses', () => {
    const lines = text.split('\n').slice(0, 11)
    const fields = [
      '  Number: { zh: 编号, type: text(60), eg: A1 }',
      '  Remark: { zh: 备注, type: text(200), eg: 无 }',
      '  Line: { use: exemptLine, eg: { Nmae: 车床 }, but: { Model: { zh: 型号 } } }',
      '  Other: { use: noSuchRun }',
      '  Lines: { zh: 各行, occurs: 1..9, fields: { Line: { use: exemptLine, eg: { HsCode: "84" } } } }',
    ]
    const life = ['life:', '  - { zh: 已受理, en: received, status: processing }']
    const broken = [...lines.filter((line) => !line.startsWith('keys')), ...fields, ...life].join('\n')
    const read = readForm('04-licences/Trial.yaml', broken, library)
    const told = 'faults' in read ? read.faults : []
    for (const sentence of [
      'Trial.yaml:12 Remark is text(255) in all forms (types/limits.yaml), not text(200)',
      'Trial.yaml:13 exemptLine has no Nmae',
      'Trial.yaml:13 exemptLine has no Model',
      'Trial.yaml:14 there is no run noSuchRun in types/blocks.yaml',
      'HsCode: example 84 does not fit',
    ])
      expect(told.join('\n')).toContain(sentence)
    const sound = broken
      .replace('text(200)', 'text(255)')
      .replace('{ Nmae: 车床 }, but: { Model: { zh: 型号 } }', '{ Name: 车床 }, but: { EntryItem: { occurs: 0..1 } }')
      .replace(/\n.*noSuchRun.*/, '')
      .replace('"84"', '"8457101000"')
    const { form } = readForm('04-licences/Trial.yaml', sound, library) as Extract<
      ReturnType<typeof readForm>,
      object
    > & { form: import('../../xsd/form/node.js').Form }
    const [, , no, , , , item, , name] = form.fields
    expect([no!.name, item!.name, item!.min, name!.eg]).toEqual(['No', 'EntryItem', 0, '车床'])
  })

  test('one sound form beside two broken ones: both faults are told, and the hub does not start', async () => {
    const dir = await tempDir('forms')
    cpSync(join(formFolders.forms, 'types'), join(dir, 'types'), { recursive: true })
    mkdirSync(join(dir, '04-licences'))
    for (const name of ['Trial', 'Other'])
      writeFileSync(join(dir, '04-licences', `${name}.yaml`), text.replace('Trial\n', `${name}\n`))
    const told = (() => {
      try {
        readForms(dir, formFolders.codes)
        return ''
      } catch (error) {
        return error instanceof FormDataError ? error.message : String(error)
      }
    })()
    expect(told).toContain('Trial.yaml:19')
    expect(told).toContain('Other.yaml:19')
  })
})
