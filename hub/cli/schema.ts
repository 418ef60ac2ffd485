// schema — the XSDs the hub checks against: list them, show one with all it includes or a sample of it, and compile
// every one.
import type { Command } from 'commander'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { DocumentFamily } from '../../messages/document-type.js'
import { folders, samplePath } from '../config/folders.js'
import { CliError } from './client.js'
import { checkSchemaData } from './schema-check.js'
import { print, table } from './show.js'
import { jsonOption } from './options.js'

export function addSchema(program: Command): void {
  const schema = program.command('schema').description('the XSDs that messages are checked against 报文格式定义')
  schema
    .command('list')
    .description('list all document types with their schemas, editions and conditions')
    .option(...jsonOption)
    .action(async ({ json }: { json?: boolean }) => {
      const { families, listSchemas } = await parts()
      const documents = families().flatMap((family) => family.documents.map((d) => ({ family: family.family, ...d })))
      print({ documents, files: listSchemas(folders.families) }, json === true, () =>
        table([
          ['DOCUMENT', 'EDITION', 'SCHEMA', 'WHEN', 'NAME'],
          ...documents.flatMap((d) =>
            d.schemas.map((s) => [
              d.id,
              s.version,
              s.file,
              Object.entries(s.when ?? {})
                .map(([k, v]) => `${k}=${Array.isArray(v) ? v.join('|') : v}`)
                .join(' '),
              `${d.title.zh} ${d.title.en}`,
            ]),
          ),
        ]),
      )
    })
  schema
    .command('show')
    .argument('<name>', 'a document type (CEB311Message) or a schema file as `hub schema list` names it')
    .description('print an XSD with all it includes; --sample: a valid message')
    .option('--sample', 'a valid message of the document type')
    .option(...jsonOption)
    .action(async (name: string, { sample, json }: { sample?: boolean; json?: boolean }) => {
      const { families, schemaClosure, formSample } = await parts()
      const document = families()
        .flatMap((family) => family.documents)
        .find((d) => d.id === name)
      if (sample) {
        const [file] = document?.samples ?? []
        if (file === undefined) throw new CliError(`there is no document type ${name} with a sample; hub schema list`)
        const bytes = formSample(file) ?? readFileSync(samplePath(file))
        // As it is, byte for byte: it may be piped into `hub send`, and not every charset survives being text.
        if (json) print({ document: name, file, base64: bytes.toString('base64') }, true, () => '')
        else process.stdout.write(bytes)
        return
      }
      const closures = (document ? document.schemas.map((s) => s.file) : [name]).flatMap(
        (file) => schemaClosure(folders.families, file) ?? [],
      )
      const schemas = [...new Map(closures.map((one) => [one.file, one])).values()]
      if (schemas.length === 0)
        throw new CliError(
          document
            ? `${name} has no XSD: it is a flat file, whose tables are in xsd/families/flatfile/tables`
            : `there is no document type or schema ${name}; hub schema list`,
        )
      print({ schemas }, json === true, () =>
        schemas.length === 1
          ? schemas[0]!.content.trimEnd()
          : schemas.map(({ file, content }) => `==> ${file} <==\n${content.trimEnd()}`).join('\n\n'),
      )
    })
  schema
    .command('check')
    .argument('[family]', 'one pack (acd): its schemas alone, and its samples, judged as messages are')
    .description('check catalogue, packs and rules, and compile all schemas; exit code 2 if something is wrong')
    .option(...jsonOption)
    .action(checkSchemaData)
  schema
    .command('export')
    .argument('<dir>', 'target directory; created if missing')
    .description('write all schemas with all they include, and the JSON Schemas of the forms, for use offline')
    .option(...jsonOption)
    .action(async (dir: string, { json }: { json?: boolean }) => {
      const { listSchemas, schemaClosure, formIndex, formJsonSchema } = await parts()
      const { documents, receipts } = formIndex().families.reduce(
        (all, one) => ({
          documents: [...all.documents, ...one.documents],
          receipts: [...all.receipts, ...one.receipts],
        }),
        { documents: [], receipts: [] } as Pick<DocumentFamily, 'documents' | 'receipts'>,
      )
      const made = [
        ...documents.flatMap((d) => d.schemas.map(({ file }) => file)),
        ...receipts.flatMap((r) => r.schema ?? []),
      ]
      let count = 0
      const write = (file: string, content: string) => {
        const path = join(dir, file)
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, content)
        count++
      }
      for (const file of [...listSchemas(folders.families), ...made])
        write(file, schemaClosure(folders.families, file)![0]!.content)
      for (const { id } of documents) write(`json/${id}.json`, formJsonSchema(id)!)
      print({ dir, files: count }, json === true, () => `${count} files in ${dir}`)
    })
}

async function parts() {
  const [library, { loadDocuments }, { createYamlFiles }, { formIndex }, form] = await Promise.all([
    import('../../xsd/schema-library.js'),
    import('../../routing/load.js'),
    import('../../routing/yaml-files.js'),
    import('../../xsd/form-store/store.js'),
    import('../../xsd/form-store/files.js'),
  ])
  return {
    ...library,
    ...form,
    formIndex,
    loadDocuments,
    /** The packs, which need no parsing where the build has read them, and the forms. */
    families: (): DocumentFamily[] => [
      ...loadDocuments(folders.families, [], createYamlFiles(folders.routingCopy)),
      ...formIndex().families,
    ],
  }
}
