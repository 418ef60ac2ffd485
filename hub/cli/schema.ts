// schema — the XSDs the hub checks against: list them, and compile every one.
import type { Command } from 'commander'
import { checkRules, checkSchemas, listSchemas } from '../../xsd/schema-library.js'
import { loadDocuments } from '../../routing/load.js'
import { folders } from '../folders.js'
import { print, table } from './show.js'

export function addSchema(program: Command): void {
  const schema = program.command('schema').description('XSDs 报文格式定义: what a message is checked against')
  schema
    .command('list')
    .description('every document type with its schemas, editions and conditions')
    .option('--json', 'print JSON')
    .action(({ json }: { json?: boolean }) => {
      const documents = loadDocuments(folders.documents).flatMap((family) => family.documents.map((d) => ({ family: family.family, ...d })))
      print({ documents, files: listSchemas(folders.schemas) }, json === true, () =>
        table([
          ['DOCUMENT', 'EDITION', 'SCHEMA', 'WHEN', 'NAME'],
          ...documents.flatMap((d) => d.schemas.map((s) => [d.id, s.version, s.file, Object.entries(s.when ?? {}).map(([k, v]) => `${k}=${Array.isArray(v) ? v.join('|') : v}`).join(' '), `${d.title.zh} ${d.title.en}`])),
        ]),
      )
    })
  schema
    .command('check')
    .description('compile every schema and every rule; exit code 2 when one is broken')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const results = await checkSchemas(folders.schemas)
      const { rules, faults } = checkRules(folders.rules, folders.schemas, loadDocuments(folders.documents))
      print({ schemas: results, rules, ruleFaults: faults }, json === true, () =>
        table([['SCHEMA', 'RESULT'], ...results.map((r) => [r.file, r.ok ? `compiles in ${r.ms.toFixed(1)} ms` : `FAILS: ${r.error ?? ''}`]), ['rules', faults.length === 0 ? `${rules} hold` : `FAIL: ${faults.join('; ')}`]]),
      )
      if (results.some((r) => !r.ok) || faults.length > 0) process.exitCode = 2
    })
}
