// What the hub reads before it starts, where several files are wrong: one report has the faults of all of them, and
// none that only follows from another.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { DataError, readData } from '../../hub/boot/data.js'
import { formFolders } from '../../xsd/form-store/stored.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { readWrittenForms } from '../../xsd/form-store/written-forms.js'
import { cleanEnv, cli, root } from '../support/hub.js'
import { run } from '../support/process.js'
import { tempDir } from '../support/temp.js'

/** Copies of all data, to be broken. */
async function copies() {
  const dir = await tempDir('data')
  const [routingDir, familiesDir, formsDir] = ['routing', 'families', 'forms'].map((name) => join(dir, name))
  cpSync(join(root, 'routing'), routingDir!, { recursive: true, filter: (file) => !file.endsWith('.ts') })
  const families = join(root, 'xsd/families')
  cpSync(families, familiesDir!, { recursive: true, filter: (file) => !file.includes('/samples') })
  const form = '04-licences/DualUseLicenceApplication.yaml'
  mkdirSync(join(formsDir!, '04-licences'), { recursive: true })
  cpSync(join(formFolders.forms, 'types'), join(formsDir!, 'types'), { recursive: true })
  cpSync(join(formFolders.forms, form), join(formsDir!, form))
  const change = (file: string, from: string | RegExp, to: string) => {
    const before = readFileSync(join(dir, file), 'utf8')
    const after = before.replace(from, to)
    expect(after, file).not.toBe(before)
    writeFileSync(join(dir, file), after)
  }
  return { dir, routingDir: routingDir!, familiesDir: familiesDir!, formsDir: formsDir!, form, change }
}

function faultsOf({ dir, routingDir, familiesDir, formsDir }: Awaited<ReturnType<typeof copies>>, ownForms = false) {
  const forms = () => {
    if (ownForms) readWrittenForms(formsDir, formFolders.codes)
    return formIndex()
  }
  try {
    readData({ agencies: {}, routingDir, familiesDir }, forms)
    return []
  } catch (error) {
    if (!(error instanceof DataError)) throw error
    return error.faults.map((fault) => fault.replace(`${dir}/`, ''))
  }
}

test('a form, an agency, an operation, a pack and a rule at fault are told together, each with its file', async () => {
  const data = await copies()
  const { form, change } = data
  expect(faultsOf(data)).toEqual([])
  change(`forms/${form}`, /^source: .*$/m, 'source:')
  change('routing/agencies.yaml', /\{ code: mara, title/, '{ code: mara, policy: { atOnce: none }, title')
  change('routing/catalogue/04-licences.yaml', 'agencies: [mara]', 'agencies: [maar]')
  change('families/acd/family.yaml', /^( *)title: /m, '$1titel: ')
  change('families/ceb/rules.yaml', 'unique: OrderList/gnum', 'unike: OrderList/gnum')
  const faults = faultsOf(data, true)
  for (const told of [
    /^04-licences\/DualUseLicenceApplication\.yaml:\d+ source is missing$/,
    /^routing\/agencies\.yaml:9 agencies\.5\.policy\.atOnce/,
    /^04-licences\.yaml: 4\.1\.1\.1\.1 names the unknown agency maar$/,
    /^families\/acd\/family\.yaml:\d+ .*titel/,
    /^families\/ceb\/rules\.yaml:\d+ .*unique.*\(CEB-311-GNUM\)$/,
  ])
    expect(faults).toContainEqual(expect.stringMatching(told))
  expect(faults.filter((fault) => !/^(04-lic|routing\/agen|families\/(acd|ceb)\/)/.test(fault))).toEqual([])
})

test('a file that cannot be read is one fault: what it says is not missed in the other files', async () => {
  for (const [file, from, to] of [
    ['routing/agencies.yaml', 'agencies:', 'agencies: ['],
    ['routing/catalogue/04-licences.yaml', 'systems:', 'systems: ['],
    ['families/edifact/family.yaml', 'family:', 'family: ['],
  ] as const) {
    const data = await copies()
    data.change(file, from, to)
    const faults = faultsOf(data)
    expect(faults.length, faults.join('\n')).toBeGreaterThan(0)
    expect(faults.filter((fault) => !fault.startsWith(`${file}:`))).toEqual([])
  }
})

test('a start and hub doctor report the same faults, and an agency of hub.yaml is not missed for them', async () => {
  const data = await copies()
  data.change('routing/agencies.yaml', /\{ code: mara, title/, '{ code: mara, policy: { atOnce: none }, title')
  data.change('families/ceb/rules.yaml', 'unique: OrderList/gnum', 'unike: OrderList/gnum')
  const hub = join(data.dir, 'hub')
  mkdirSync(hub)
  const settings = `routingDir: ${data.routingDir}\nfamiliesDir: ${data.familiesDir}\n`
  writeFileSync(join(hub, 'hub.yaml'), settings)
  const env = { ...cleanEnv(), HUB_DATA: hub, HUB_HTTP_PORT: '0', HUB_SFTP_PORT: '0' }
  const start = await run(process.execPath, [cli, 'start'], { env })
  expect(start.code).toBe(1)
  expect(start.stderr).toMatch(/the hub's data has 2 faults 数据有 2 处错误/)
  const doctor = await run(process.execPath, [cli, 'doctor'], { env })
  for (const said of [start.stderr, doctor.stdout]) {
    expect(said).toMatch(/agencies\.yaml:9 agencies\.5\.policy\.atOnce/)
    expect(said).toMatch(/ceb\/rules\.yaml:\d+ .*\(CEB-311-GNUM\)/)
  }
  // Of a file that is no YAML nothing is known: it is the fault, not the agency that it would have named.
  data.change('routing/agencies.yaml', 'agencies:', 'agencies: [')
  writeFileSync(join(hub, 'hub.yaml'), `${settings}agencies: { mara: { url: 'http://127.0.0.1:9' } }\n`)
  const again = await run(process.execPath, [cli, 'start'], { env })
  expect(again.stderr).toMatch(/agencies\.yaml:\d+: .*YAML 语法错误/)
  expect(again.stderr).not.toContain('no agency has this code')
})

test('a form that serves an operation the catalogue lacks is refused, and how to find its code is said', () => {
  const index = formIndex()
  const links = { ...index.links, '4.24.9.1.1': [{ type: 'DualUseLicenceApplication', when: {} }] }
  const told =
    'form DualUseLicenceApplication serves 4.24.9.1.1, which the catalogue does not have: `hub catalogue` finds'
  expect(() => readData({ agencies: {} }, () => ({ ...index, links }))).toThrow(told)
})
