// schema-check — `hub schema check`: all data as a hub reads them at its start, every schema compiled; of one family
// the samples too.
import { folders } from '../config/folders.js'
import { CliError } from './client.js'
import { print, table } from './show.js'

/** @param only a family; absent: the schemas of all, without samples */
export async function checkSchemaData(only: string | undefined, { json }: { json?: boolean }): Promise<void> {
  const [{ checkSchemas, checkRules, checkPackSamples }, { loadDocuments }] = await Promise.all([
    import('../../xsd/schema-check.js'),
    import('../../routing/load.js'),
  ])
  const documents = loadDocuments(folders.families)
  const family = documents.find((one) => one.family === only)
  const dataFaults = await faultsOfData()
  if (only !== undefined && !family && dataFaults.length === 0)
    throw new CliError(`no family is named ${only}; one of ${documents.map((one) => one.family).join(', ')}`)
  const schemas = await checkSchemas(folders.families, only)
  // Rules of a document that cannot be read would be told as rules without a document.
  const asked = dataFaults.length === 0
  const { rules, faults: ruleFaults } = asked ? checkRules(folders.families, documents) : { rules: 0, faults: [] }
  const sound = asked && ruleFaults.length === 0
  const samples = family && sound ? checkPackSamples(folders.families, documents, family) : undefined
  const wrong = [...dataFaults, ...ruleFaults, ...(samples?.remarks ?? [])]
  print({ schemas, dataFaults, rules, ruleFaults, ...(samples ? { samples } : {}) }, json === true, () =>
    [
      table([
        ['SCHEMA', 'RESULT'],
        ...schemas.map((one) => [
          one.file,
          one.ok ? `compiles in ${one.ms.toFixed(1)} ms` : `FAILS: ${one.error ?? ''}`,
        ]),
        ['data', asked ? 'forms, catalogue, packs, agencies and answers are sound' : `FAIL: ${dataFaults.length}`],
        ['rules', !asked ? 'not looked at: first the data' : sound ? `${rules} hold` : `FAIL: ${ruleFaults.length}`],
        ...(samples
          ? [['samples', `${samples.samples} good, ${samples.broken} broken: ${samples.remarks.length} with remarks`]]
          : []),
      ]),
      ...wrong.map((fault) => `✗ ${fault}`),
    ].join('\n'),
  )
  if (wrong.length > 0 || schemas.some(({ ok }) => !ok)) process.exitCode = 2
}

/** What a start of the hub would say of its data, and the simulator of its answers. */
async function faultsOfData(): Promise<string[]> {
  const [{ DataError, readData }, { readBookData }] = await Promise.all([
    import('../boot/data.js'),
    import('../../adapters/simulator/book-data.js'),
  ])
  try {
    readData({ agencies: {} })
    readBookData(folders.families)
    return []
  } catch (error) {
    return error instanceof DataError ? error.faults : [error instanceof Error ? error.message : String(error)]
  }
}
