// samples — every sample with what it is checked against, and the project's data that says so.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { meets } from '../../../messages/condition.js'
import { readXml, valueAt } from '../../../messages/xml-reading.js'
import { createEngine } from '../../../xsd/engine.js'
import { brokenOf } from '../../../xsd/form/broken.js'
import { formSample, formSchema } from '../../../xsd/form-store/files.js'
import { samplesOf } from '../../../xsd/form/samples.js'
import { formIndex } from '../../../xsd/form-store/store.js'
import { storedForm } from '../../../xsd/form-store/stored.js'
import { readSchemaFiles, type SchemaFiles } from '../../../xsd/schema-files.js'
import { routing, rules } from '../../support/data.js'
import { placeInPack } from '../../../messages/pack.js'
import { root, samplePath } from '../../support/hub.js'
import { openLibxml2 } from './libxml2.js'

const files = readSchemaFiles(join(root, 'xsd/families'))
/** The published ones, and those made of forms: a form's and its answer's. */
export const schemas: SchemaFiles = {
  ...files,
  list: [
    ...files.list,
    ...formIndex().families.flatMap(({ documents, receipts }) => [
      ...documents.flatMap((d) => d.schemas.map(({ file }) => file)),
      ...receipts.flatMap(({ schema }) => schema ?? []),
    ]),
  ],
  bytes: (file) => formSchema(file) ?? files.bytes(file),
  closure: (file) => (formSchema(file) ? [file] : files.closure(file)),
}
export const engine = createEngine({
  documents: routing.documents,
  mappings: routing.mappings,
  schemas: files,
  rules,
  faultLimit: 100,
})
export const libxml2 = openLibxml2(schemas)
/** Where a second engine finds a schema; one that is made is written down first. */
export function schemaPath(file: string): string {
  const made = formSchema(file)
  if (!made) return join(root, 'xsd/families', placeInPack('schemas', file))
  formsDir ??= mkdtempSync(join(tmpdir(), 'forms-'))
  const path = join(formsDir, file.replace(/^.*\//, ''))
  writeFileSync(path, made)
  return path
}
let formsDir: string | undefined
process.on('exit', () => formsDir !== undefined && rmSync(formsDir, { recursive: true, force: true }))

/** A sample by the name the document types have for it. */
export const sampleBytes = (file: string): Buffer => formSample(file) ?? readFileSync(samplePath(file))

export interface Sample {
  family: string
  /** As document types name it. */
  file: string
  bytes: Buffer
  valid: boolean
  /** Its XSD, where it is known what it means to be; a receipt's too. */
  schema: string | undefined
  /** Only authorities send it: at the partners' doors it is refused as that, whatever is in it. */
  notice?: true
  /** Of a broken one: what the hub must say. */
  expected?: { code: string; path: string }[]
}

/** `CONFORMANCE_FAMILIES=forms-04,dec` looks at these alone. */
const families = process.env.CONFORMANCE_FAMILIES?.split(',')
export const wantedFamily = (family: string) => families === undefined || families.includes(family)

export function allSamples(): Sample[] {
  return [...fileSamples(), ...formSamples()].filter(({ family }) => wantedFamily(family))
}

function formSamples(): Sample[] {
  return formIndex().families.flatMap(({ family, documents }) =>
    documents.flatMap(({ id, schemas: [first] }) => {
      const { form, rules: ofForm } = storedForm(id)!
      const samples = samplesOf(form, ofForm)
      const one = { family, schema: first!.file, ...(form.kind === 'notice' ? { notice: true as const } : {}) }
      return [
        ...samples
          .slice(0, 2)
          .map(({ name, xml }) => ({ ...one, file: `forms/${id}/${name}.xml`, bytes: Buffer.from(xml), valid: true })),
        ...brokenOf(form, ofForm, samples).map(({ name, xml, expected }) => ({
          ...one,
          file: `forms/${id}/invalid/${name}.xml`,
          bytes: Buffer.from(xml),
          valid: false,
          expected,
        })),
      ]
    }),
  )
}

function fileSamples(): Sample[] {
  return readdirSync(join(root, 'xsd/families'))
    .sort()
    .flatMap((family) => {
      const xml = (dir: string) =>
        existsSync(samplePath(dir))
          ? readdirSync(samplePath(dir))
              .filter((f) => f.endsWith('.xml'))
              .sort()
              .map((f) => `${dir}${f}`)
          : []
      const good = xml(`${family}/`).map((file): Sample => {
        const bytes = readFileSync(samplePath(file))
        return { family, file, bytes, valid: true, schema: schemaOf(bytes) }
      })
      const broken = xml(`${family}/invalid/`).map((file): Sample => {
        const bytes = readFileSync(samplePath(file))
        return {
          family,
          file,
          bytes,
          valid: false,
          schema: schemaOf(bytes),
          expected: JSON.parse(readFileSync(samplePath(file.replace(/\.xml$/, '.expected.json')), 'utf8')) as {
            code: string
            path: string
          }[],
        }
      })
      return [...good, ...broken]
    })
}

function schemaOf(bytes: Buffer): string | undefined {
  const { document, envelope } = engine.inspect(bytes)
  if (envelope !== undefined)
    return routing.documents.flatMap((f) => f.envelopes ?? []).find((e) => e.id === envelope)?.schema
  return document ? document.schema.file : receiptSchema(bytes)
}

/** Receipts that share a root differ in what is in it: the form that it is valid by is meant. */
function receiptSchema(bytes: Buffer): string | undefined {
  try {
    const { root: name, tree } = readXml(bytes)
    const fits = (match: Record<string, string> | Record<string, string>[] = {}) =>
      [match]
        .flat()
        .some((one) => meets(one, Object.fromEntries(Object.keys(one).map((path) => [path, valueAt(tree, path)]))))
    const forms = routing.documents
      .flatMap((f) => f.receipts)
      .flatMap((r) => (r.root === name && r.schema !== undefined && fits(r.match) ? [r.schema] : []))
    // A form whose root none of them has is read as it comes: there is no schema of it.
    const verdicts = forms
      .map((schema) => ({ schema, ...libxml2(schema, bytes) }))
      .filter(({ detail }) => !detail.includes('No matching global declaration'))
    return (verdicts.find(({ valid }) => valid) ?? verdicts[0])?.schema
  } catch {
    return undefined
  }
}
