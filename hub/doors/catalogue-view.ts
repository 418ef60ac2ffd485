// catalogue-view — the catalogue as the HTTP door shows it: operations, their schemas, their samples.
import { readFileSync } from 'node:fs'
import type { DocumentFamily } from '../../messages/document-type.js'
import type { OperationSummary, OperationView } from '../../messages/views/index.js'
import type { CatalogueEntry, Routing } from '../../routing/operation.js'
import { searchCatalogue } from '../../routing/search-catalogue.js'
import { zip } from '../../adapters/zip.js'
import { formJsonSchema, formPage, formSample, formSampleJson } from '../../xsd/form-store/files.js'
import { schemaClosure } from '../../xsd/schema-library.js'
import { folders, samplePath } from '../config/folders.js'
import type { SampleOrder } from './sample-order.js'

/** The catalogue, with every document there is. */
export type CatalogueViewParts = Routing & { documents: DocumentFamily[] }

/**
 * What it gives of an operation is undefined where there is none of that code.
 * @param order of the samples of one operation. Default: as its documents name them
 */
export function createCatalogueView(routing: CatalogueViewParts, order: SampleOrder = async (_, given) => given) {
  const types = new Map(routing.documents.flatMap((family) => family.documents).map((d) => [d.id, d]))
  const documentsOf = (code: string) => {
    const entry = routing.operations.get(code)
    return entry && [...new Set(entry.documents.map(({ type }) => types.get(type)!))]
  }

  const summary = (entry: CatalogueEntry): OperationSummary => ({
    ...entry,
    status: entry.documents.length > 0 ? 'working' : 'planned',
  })
  return {
    /** Those that work, or with `all` every one; with `q` those whose names fit, planned ones too, the best first. */
    operations: ({ prefix, all, q }: { prefix?: string; all: boolean; q?: string }) =>
      (q === undefined ? [...routing.operations.values()] : searchCatalogue(routing.operations.values(), q))
        .filter(
          (o) =>
            (all || q !== undefined || o.documents.length > 0) &&
            (prefix === undefined || o.code === prefix || o.code.startsWith(`${prefix}.`)),
        )
        .map(summary),
    operation(code: string): OperationView | undefined {
      const entry = routing.operations.get(code)
      return (
        entry && {
          ...summary(entry),
          ...(entry.documents.length > 0 ? { links: linksOf(code) } : {}),
          documentTypes: documentsOf(code)!.map(
            ({ id, title, root, namespace, schemas, facts, reference, folder, source }) => ({
              id,
              title,
              root,
              namespace,
              schemas,
              facts,
              ...(reference === undefined ? {} : { reference }),
              ...(folder === undefined ? {} : { folder }),
              source,
            }),
          ),
        }
      )
    },
    schemas,
    jsonSchema(code: string): string | undefined {
      return documentsOf(code)
        ?.map(({ id }) => formJsonSchema(id))
        .find((one) => one !== undefined)
    },
    /**
     * Everything that is needed to write and check its messages offline: schemas with all they include, samples, JSON
     * Schema.
     */
    async bundle(code: string): Promise<Buffer | undefined> {
      const all = schemas(code)
      if (!all) return undefined
      const json = documentsOf(code)!.flatMap(({ id }) => {
        const content = formJsonSchema(id)
        return content === undefined ? [] : [{ name: `json-schema/${id}.json`, bytes: Buffer.from(content) }]
      })
      return zip([
        ...all.map(({ file, content }) => ({ name: `schemas/${file}`, bytes: Buffer.from(content) })),
        ...((await samples(code)) ?? []).flatMap(({ file, content, json }) => [
          { name: `samples/${file}`, bytes: content },
          ...(json ? [{ name: `samples/${file.replace(/\.xml$/, '.json')}`, bytes: json }] : []),
        ]),
        ...json,
      ])
    },
    samples,
    example(code: string): Buffer | undefined {
      const [file] = documentsOf(code)?.flatMap((d) => d.samples) ?? []
      return file === undefined ? undefined : contentOf(file)
    },
  }

  function linksOf(code: string) {
    const at = `/v1/catalogue/${code}`
    const forms = documentsOf(code)!.flatMap(({ id }) => formPage(id) ?? [])
    return {
      schema: `${at}/schema`,
      bundle: `${at}/bundle.zip`,
      sample: `${at}/sample`,
      ...(forms[0] === undefined ? {} : { jsonSchema: `${at}/json-schema`, page: forms[0] }),
    }
  }

  function schemas(code: string) {
    const documents = documentsOf(code)
    if (!documents || documents.length === 0) return undefined
    const closures = documents.flatMap((d) => d.schemas).flatMap((s) => schemaClosure(folders.families, s.file) ?? [])
    return [...new Map(closures.map((c) => [c.file, c])).values()]
  }

  function contentOf(file: string): Buffer {
    return formSample(file) ?? readFileSync(samplePath(file))
  }

  /** Those of this very operation stand first: of a form by their names, of a published document by what they say. */
  async function samples(code: string) {
    const files = documentsOf(code)?.flatMap((d) => d.samples)
    if (!files || files.length === 0) return undefined
    const own = (file: string) => (file.includes(`/${code}-`) ? 0 : 1)
    const all = files
      .sort((a, b) => own(a) - own(b))
      .map((file) => {
        const json = formSampleJson(file)
        return {
          file,
          content: contentOf(file),
          ...(json === undefined ? {} : { json }),
        }
      })
    return own(files[0]!) === 0 ? all : order(code, all)
  }
}
