// What `hub schema check <family>` says of the samples of a pack somebody writes.
import { cp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readBookData } from '../../adapters/simulator/book-data.js'
import { loadDocuments } from '../../routing/load.js'
import { loadRules } from '../../xsd/rules/load.js'
import { checkPackSamples, checkSchemas } from '../../xsd/schema-check.js'
import { root } from '../support/hub.js'
import { tempDir } from '../support/temp.js'

test('a good sample with a fault, a broken one that is told otherwise and one without its list are named', async () => {
  const dir = await tempDir('packs')
  for (const pack of ['common', 'acd']) await cp(join(root, 'xsd/families', pack), join(dir, pack), { recursive: true })
  const check = () => {
    const documents = loadDocuments(dir)
    return checkPackSamples(
      dir,
      documents,
      documents.find(({ family }) => family === 'acd')!,
    )
  }
  expect(check()).toEqual({ samples: 4, broken: 15, remarks: [] })
  expect((await checkSchemas(dir, 'acd')).map(({ file }) => file.replace(/\/.*/, ''))).toEqual(['acd', 'acd', 'acd'])

  const samples = join(dir, 'acd/samples')
  const good = join(samples, 'ImportAgrRequest-minimal.xml')
  await writeFile(good, (await readFile(good, 'utf8')).replace(/<Curr>\d+</, '<Curr>dollars<'))
  await rename(join(samples, 'ImportAgrRequest.xml'), join(samples, 'Request.xml'))
  const lists = join(samples, 'invalid')
  await writeFile(
    join(lists, 'ImportAgrRequest-30-february.expected.json'),
    '[{"code": "HUB_XSD_LENGTH", "path": "/ImportAgrRequest/ImportInfo/IEDate"}]',
  )
  await rm(join(lists, 'ImportAgrRequest-no-agent.expected.json'))
  const { remarks } = check()
  expect(remarks).toEqual([
    'samples/ImportAgrRequest.xml: family.yaml names it, and there is no such file',
    expect.stringMatching(
      /^samples\/ImportAgrRequest-minimal\.xml: HUB_XSD_\w+ \/ImportAgrRequest\S*Curr\[1\] line \d+: /,
    ),
    'samples/Request.xml: it holds ImportAgrRequest; its name is to begin with that',
    'samples/invalid/ImportAgrRequest-30-february.xml: HUB_RULE_DATE /ImportAgrRequest/ImportInfo/IEDate ' +
      'instead of HUB_XSD_LENGTH /ImportAgrRequest/ImportInfo/IEDate',
    'samples/invalid/ImportAgrRequest-no-agent.xml: ImportAgrRequest-no-agent.expected.json is missing; ' +
      'it lists the faults, each with code and path',
  ])

  for (const what of ['date-with-dashes', 'papers-unknown', 'no-currency', 'no-goods-name', 'sign-of-513'])
    await rm(join(lists, `ImportAgrRequest-${what}.expected.json`))
  for (const what of [
    'tariff-code-of-11',
    'total-below-zero',
    'total-in-words',
    'total-of-five-decimals',
    '30-february',
  ])
    await rm(join(lists, `ImportAgrRequest-${what}.expected.json`))
  expect(check().remarks.at(-1)).toBe('samples/invalid: 4 broken samples; a pack has at least 5')
})

test('a slip in family.yaml or answers.yaml is told in words; so is a schema that is missing', async () => {
  const dir = await tempDir('packs')
  await cp(join(root, 'xsd/families/acd'), join(dir, 'acd'), { recursive: true })
  const file = join(dir, 'acd/family.yaml')
  const text = await readFile(file, 'utf8')
  const faultsOf = async (wrong: string) => {
    await writeFile(file, wrong)
    const faults: string[] = []
    loadDocuments(dir, faults)
    return faults.map((fault) => fault.replace(`${dir}/`, ''))
  }
  expect(await faultsOf(text)).toEqual([])
  expect(await faultsOf(text.replace('otherwise: processing', 'otherwise: procesing'))).toEqual([
    expect.stringMatching(
      /^acd\/family\.yaml:\d+ receipts\.0\.otherwise = "procesing": must be one of .*; did you mean processing\? 只能是/,
    ),
  ])
  expect(await faultsOf(text.replace('file: ImportAgrRequest.xsd', 'file: ImportAgrRequst.xsd'))).toEqual([
    'acd/family.yaml: there is no schemas/ImportAgrRequst.xsd',
  ])
  await writeFile(file, text)
  const answers = join(dir, 'acd/answers.yaml')
  await writeFile(answers, (await readFile(answers, 'utf8')).replace('    stages:', '    stage:'))
  expect(() => readBookData(dir)).toThrow(
    /answers\.yaml:\d+ answers\.0: stages is missing .*\n.*:\d+ answers\.0\.stage: no such setting; did you mean stages\? 没有这个设置，是否应为 stages？/,
  )
})

test('a key that is not known is told with its line and the nearest one, in each file of a pack', async () => {
  const dir = await tempDir('packs')
  for (const pack of ['common', 'acd', 'ceb'])
    await cp(join(root, 'xsd/families', pack), join(dir, pack), { recursive: true })
  const documents = loadDocuments(dir)
  /** Puts a word in the place of another, asks, and puts the old file back. */
  const slip = async (file: string, right: string, wrong: string, ask: () => unknown) => {
    const path = join(dir, file)
    const text = await readFile(path, 'utf8')
    expect(text).toContain(right)
    const line = text.slice(0, text.indexOf(right) + right.search(/\S/)).split('\n').length
    await writeFile(path, text.replace(right, wrong))
    let said: string
    try {
      said = String(ask())
    } catch (error) {
      said = String(error)
    }
    await writeFile(path, text)
    return said.replaceAll(`${dir}/`, '').replace(`:${line} `, ':LINE ')
  }
  const family = () => {
    const faults: string[] = []
    loadDocuments(dir, faults)
    return faults.join('\n')
  }
  expect(await slip('acd/family.yaml', '\n    companies:', '\n    compnies:', family)).toBe(
    'acd/family.yaml:LINE documents.0.compnies: no such setting; did you mean companies? 没有这个设置，是否应为 companies？',
  )
  expect(await slip('acd/answers.yaml', '\n    refusal:', '\n    refusel:', () => readBookData(dir))).toContain(
    'acd/answers.yaml:LINE answers.0.refusel: no such setting; did you mean refusal? 没有这个设置，是否应为 refusal？',
  )
  const rules = () => loadRules(dir, documents)
  expect(await slip('ceb/rules.yaml', ' when: {', ' wehn: {', rules)).toMatch(
    /ceb\/rules\.yaml:LINE rules\.\d+\.wehn: no such setting; did you mean when\? 没有这个设置，是否应为 when？/,
  )
  expect(await slip('ceb/rules.yaml', ' require: ', ' requier: ', rules)).toMatch(
    /ceb\/rules\.yaml:LINE rules\.\d+: a rule is of one kind; this one has no kind; did you mean require\? 规则须有且只有一种，此处没有，是否应为 require？/,
  )
  expect(await slip('ceb/rules.yaml', '\nfamily: ceb', '\nfamily: [ceb', rules)).toMatch(
    /ceb\/rules\.yaml:\d+: .* YAML 语法错误/,
  )
})
