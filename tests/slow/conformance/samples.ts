// samples — every sample with what it is checked against, and the project's data that says so.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { meets } from '../../../messages/condition.js'
import { readXml, valueAt } from '../../../messages/xml-reading.js'
import { createEngine } from '../../../xsd/engine.js'
import { readSchemaFiles } from '../../../xsd/schema-files.js'
import { routing, rules } from '../../support/data.js'
import { root } from '../../support/hub.js'
import { openLibxml2 } from './libxml2.js'

export const schemas = readSchemaFiles(join(root, 'xsd/schemas'))
export const engine = createEngine({
  documents: routing.documents,
  mappings: routing.mappings,
  schemas,
  rules,
  faultLimit: 100,
})
export const libxml2 = openLibxml2(schemas)
export const samplesDir = join(root, 'xsd/samples')
export const schemaPath = (file: string) => join(root, 'xsd/schemas', file)

export interface Sample {
  family: string
  /** Below xsd/samples. */
  file: string
  bytes: Buffer
  valid: boolean
  /** Its XSD, where it is known what it means to be; a receipt's too. */
  schema: string | undefined
  /** Of a broken one: what the hub must say. */
  expected?: { code: string; path: string }[]
}

export function allSamples(): Sample[] {
  return readdirSync(samplesDir)
    .sort()
    .flatMap((family) => {
      const xml = (dir: string) =>
        existsSync(join(samplesDir, dir))
          ? readdirSync(join(samplesDir, dir))
              .filter((f) => f.endsWith('.xml'))
              .sort()
              .map((f) => `${dir}/${f}`)
          : []
      const good = xml(family).map((file): Sample => {
        const bytes = readFileSync(join(samplesDir, file))
        return { family, file, bytes, valid: true, schema: schemaOf(bytes) }
      })
      const broken = xml(`${family}/invalid`).map((file): Sample => {
        const bytes = readFileSync(join(samplesDir, file))
        return {
          family,
          file,
          bytes,
          valid: false,
          schema: schemaOf(bytes),
          expected: JSON.parse(readFileSync(join(samplesDir, file.replace(/\.xml$/, '.expected.json')), 'utf8')) as {
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
