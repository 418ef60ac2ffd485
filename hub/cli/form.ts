// form — the forms as files: check them, look at one, begin a new one, print the pages. For those who write and correct
// them.
import type { Command } from 'commander'
import type { ReadForm } from '../../xsd/form/read/form.js'
import type { WrittenForms } from '../../xsd/form-store/written-forms.js'
import type { ReadQuery } from '../../xsd/queries/written.js'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { folders } from '../config/folders.js'
import { CliError } from './client.js'
import { print, table } from './show.js'
import { jsonOption } from './options.js'

export function addForm(program: Command): void {
  const form = program
    .command('form')
    .description('forms 表单: documents for which no authority has published a format')
  form
    .command('check')
    .argument('[what]', 'a document (DualUseLicenceApplication) or a category (04); default: all')
    .description(
      'check the forms with all their samples as the hub does, and the data as a start does; exit code 2: a fault',
    )
    .option(...jsonOption)
    .action(async (what: string | undefined, { json }: { json?: boolean }) => check(what, json === true))
  form
    .command('show')
    .argument('<document>', 'DualUseLicenceApplication')
    .description('print its fields as a table, or its schema or samples')
    .option('--sample [name]', 'a valid message: full, minimal, or 4.24.1.1.1-change; with --json as JSON')
    .option('--broken [name]', 'the broken samples, or one of them; with --json beside its faults')
    .option('--schema', 'the XSD')
    .option('--result', 'of a query: the XSD of its result')
    .option('--json-schema', 'the JSON Schema')
    .option('--page', 'its page in docs/forms')
    .option(...jsonOption)
    .action(async (name: string, options: ShowOptions) => show(name, options))
  form
    .command('new')
    .argument('<code>', 'an operation of the catalogue: 4.24.1.1.1')
    .requiredOption('--document <name>', 'UpperCamel English name of the form')
    .description('write a new form for an operation to xsd/forms')
    .action(async (code: string, { document }: { document: string }) => skeleton(code, document))
  form
    .command('print')
    .description('print docs/forms/*.md from the forms')
    .action(async () => {
      const { readWritten, asList, pageOf, titleOf } = await load()
      const dir = join(folders.root, 'docs/forms')
      mkdirSync(dir, { recursive: true })
      for (const [category, forms] of byCategory(asList(readWritten())))
        writeFileSync(join(dir, `${category}.md`), pageOf(category, titleOf(category), forms))
      process.stdout.write(`docs/forms: ${readdirSync(dir).length} pages\n`)
    })
}

async function check(what: string | undefined, json: boolean): Promise<void> {
  const parts = await load()
  const written = parts.readWritten()
  const all = parts.asList(written)
  const forms = chosen(all, what)
  const ofStart = parts.faultsOfStart(written)
  const ofQueries = parts.queryRemarks(
    all.flatMap(({ form, query }) => (query ? [{ form, ...query }] : [])),
    all.filter(({ query }) => !query).map(({ form }) => form),
  )
  const schemas = parts.readSchemaFiles(folders.families)
  const family = { family: 'forms', title: { zh: '表单', en: 'Forms' }, receipts: [] }
  const results = forms.map((one) => {
    const engine = parts.createEngine({
      documents: [{ ...family, documents: [parts.documentType(one.form)] }],
      rules: [],
      forms: () => one,
      schemas,
      faultLimit: 100,
    })
    const examined = parts.examine(one, engine.inspect)
    return { ...examined, remarks: [...examined.remarks, ...(ofQueries.get(one.form.document) ?? [])] }
  })
  print({ forms: results, startFaults: ofStart }, json, () =>
    [
      ...results.flatMap(({ document, remarks }) => remarks.map((remark) => `✗ ${document}: ${remark}`)),
      ...ofStart.map((fault) => `✗ a start refuses: ${fault}`),
      `${results.length} forms, ${sum(results, 'leaves')} fields, ${sum(results, 'rules')} ` +
        `rules, ${sum(results, 'samples')} samples, ${sum(results, 'broken')} broken ` +
        `samples: ${results.filter(({ remarks }) => remarks.length > 0).length} with remarks`,
    ].join('\n'),
  )
  if (ofStart.length > 0 || results.some(({ remarks }) => remarks.length > 0)) process.exitCode = 2
}

interface ShowOptions {
  sample?: string | boolean
  broken?: string | boolean
  schema?: boolean
  result?: boolean
  jsonSchema?: boolean
  page?: boolean
  json?: boolean
}

async function show(
  name: string,
  { sample, broken, schema, result, jsonSchema, page, json }: ShowOptions,
): Promise<void> {
  const parts = await load()
  const one = parts.readOne(name)
  if (!one)
    throw new CliError(`no form or query is named ${name}; \`hub catalogue\` and a name, or part of one, finds it`)
  const { form, rules } = one
  const write = (text: string) => void process.stdout.write(`${text.trimEnd()}\n`)
  if (one.query && result)
    return write(parts.toXsd(parts.resultRoot(form, one.query.columns), one.query.shape.resultNamespace, form.source))
  if (schema) return write(parts.toXsd(parts.rootOf(form), form.namespace, form.source))
  if (jsonSchema) return write(JSON.stringify(parts.toJsonSchema(parts.rootOf(form), form.namespace), null, 2))
  if (page) return write(parts.pageOf(form.category, form.title, [one]))
  const samples = parts.samplesOf(form, rules)
  if (sample !== undefined) {
    const wanted = sample === true ? 'full' : sample
    const found = samples.find((s) => s.name === wanted)
    if (!found) throw new CliError(`samples of ${name}: ${samples.map((s) => s.name).join(', ')}`)
    return write(json ? parts.toJson(found.tree) : found.xml)
  }
  if (broken !== undefined) {
    const all = parts.brokenOf(form, rules, samples)
    const found = all.find((b) => b.name === broken)
    if (found) return json ? print(found, true, () => '') : write(found.xml)
    return print({ broken: all }, json === true, () =>
      table([
        ['BROKEN', 'CODE', 'PATH', 'RULE'],
        ...all.map((b) => [b.name, b.expected[0]!.code, b.expected[0]!.path, b.expected[0]!.rule ?? '']),
      ]),
    )
  }
  print(form, json === true, () =>
    [
      `${form.document}  ${form.title.zh}  ${form.title.en}`,
      `${form.source}`,
      '',
      table([
        ['FIELD', '中文', 'OCCURS', 'TYPE', 'EXAMPLE'],
        ...parts
          .rowsOf(form)
          .map(({ depth, node }) => [
            `${'  '.repeat(depth)}${node.name}${node.own ? ' ✎' : ''}`,
            node.zh,
            parts.occursOf(node),
            parts.typeOf(node.leaf),
            `${node.eg ?? ''}${node.egAttribute === undefined ? '' : ` ${node.egAttribute}`}`,
          ]),
        ...(one.query?.columns ?? []).map((node) => [
          `Row/${node.name}`,
          node.zh,
          parts.occursOf(node),
          parts.typeOf(node.leaf),
          `${node.eg ?? ''}${node.egAttribute === undefined ? '' : ` ${node.egAttribute}`}`,
        ]),
      ]),
      '',
      ...parts.sentencesOf(rules).map(({ id, text, warn }) => `${id}${warn ? ' (warns)' : ''}  ${text.zh} ${text.en}`),
      ...form.notes.map(({ zh, en }) => `note  ${zh} ${en}`),
      '',
      ...form.life.map(
        ({ code, zh, status, brings }) =>
          `${status.padEnd(10)} ${code}  ${zh}  ${brings.map((b) => b.name).join(', ')}`,
      ),
    ].join('\n'),
  )
}

async function skeleton(code: string, document: string): Promise<void> {
  const [{ loadRouting }, { formIndex }, { formSkeleton }] = await Promise.all([
    import('../../routing/load.js'),
    import('../../xsd/form-store/store.js'),
    import('../../xsd/form/skeleton.js'),
  ])
  const entry = loadRouting(folders, folders.routingCopy, formIndex()).operations.get(code)
  if (!entry)
    throw new CliError(`the catalogue has no operation ${code}; \`hub catalogue --all\` lists them, a name finds one`)
  if (!/^[A-Z][A-Za-z0-9]{3,59}$/.test(document))
    throw new CliError(`${document} is no UpperCamel name of 4 to 60 letters and digits, such as TollApplication`)
  const number = code.split('.')[0]!.padStart(2, '0')
  const known = readdirSync(folders.forms).find((name) => name.startsWith(`${number}-`))
  const named = readdirSync(join(folders.routing, 'catalogue')).find((name) => name.startsWith(`${number}-`))!
  const file = join(folders.forms, known ?? named.replace(/\.yaml$/, ''), `${document}.yaml`)
  if (existsSync(file)) throw new CliError(`${file} is there already`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, formSkeleton(entry, document))
  process.stdout.write(
    `${file}\nNow write its source (ten characters or more) and fields, then: hub form check ${document}\n`,
  )
}

async function load() {
  const [
    stored,
    store,
    written,
    data,
    examine,
    engine,
    document,
    files,
    samples,
    broken,
    xsd,
    json,
    jsonSample,
    printed,
    page,
    cells,
    queryForm,
    queryRemarks,
  ] = await Promise.all([
    import('../../xsd/form-store/stored.js'),
    import('../../xsd/form-store/store.js'),
    import('../../xsd/form-store/written-forms.js'),
    import('../boot/data.js'),
    import('../../xsd/form/examine.js'),
    import('../../xsd/engine.js'),
    import('../../xsd/form/document.js'),
    import('../../xsd/schema-files.js'),
    import('../../xsd/form/samples.js'),
    import('../../xsd/form/broken.js'),
    import('../../xsd/form/to-xsd.js'),
    import('../../xsd/form/json-schema.js'),
    import('../../xsd/form/to-json.js'),
    import('../../xsd/form/print.js'),
    import('../../xsd/form-store/page.js'),
    import('../../xsd/form/print-cells.js'),
    import('../../xsd/queries/query-form.js'),
    import('../../xsd/queries/remarks.js'),
  ])
  const { loadRouting } = await import('../../routing/load.js')
  return {
    ...examine,
    ...engine,
    ...document,
    ...files,
    ...samples,
    ...broken,
    ...xsd,
    ...json,
    ...jsonSample,
    ...printed,
    ...page,
    ...cells,
    ...queryForm,
    ...queryRemarks,
    /** The files as they are now. */
    readWritten: () => written.readWrittenForms(stored.formFolders.forms, stored.formFolders.codes),
    /** The forms, and requests to print and queries as forms. */
    asList: ({ forms, prints, queries }: WrittenForms): Listed[] => [
      ...forms,
      ...prints.map(({ form }) => form),
      ...queries.map(({ form, ...query }) => ({ form, rules: [], query })),
    ],
    /** What a start with these forms says of them and of the other data: an operation that the catalogue lacks. */
    faultsOfStart(forms: WrittenForms): string[] {
      const index = { hash: '', files: {}, prints: [], waiting: forms.waiting, ...written.formDocuments(forms) }
      try {
        data.readData({ agencies: {} }, () => index)
        return []
      } catch (error) {
        if (error instanceof data.DataError) return error.faults
        throw error
      }
    },
    /** One form as the build keeps it, or as it is now where a file has changed since: all others are not parsed. */
    readOne(document: string) {
      store.formIndex()
      return stored.storedForm(document)
    },
    titleOf(category: string) {
      const code = String(Number(category.slice(0, 2)))
      return [...loadRouting(folders, folders.routingCopy).operations.values()].find((o) => o.category.code === code)!
        .category.title
    },
  }
}

/** What a list of forms has of each; of a query also what a row of its answer holds. */
type Listed = ReadForm & { query?: Pick<ReadQuery, 'shape' | 'columns' | 'own'> }

function chosen(forms: readonly Listed[], what: string | undefined): readonly Listed[] {
  if (what === undefined) return forms
  const found = forms.filter(
    ({ form }) =>
      form.document === what ||
      form.category === what ||
      (/^\d+$/.test(what) && Number(form.category.slice(0, 2)) === Number(what)),
  )
  if (found.length === 0) throw new CliError(`no form or category is named ${what}`)
  return found
}

function byCategory(forms: readonly Listed[]): Map<string, Listed[]> {
  const all = new Map<string, Listed[]>()
  for (const one of forms) all.set(one.form.category, [...(all.get(one.form.category) ?? []), one])
  return all
}

const sum = <K extends string>(rows: readonly Record<K, number>[], key: K) =>
  rows.reduce((total, row) => total + row[key], 0)
