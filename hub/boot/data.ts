// data — what the hub reads before it starts: the forms, the catalogue, the documents, the rules, the agencies' rules.
// Read once; all faults are reported together.
import { join } from 'node:path'
import { readRouting } from '../../routing/load.js'
import { createYamlFiles } from '../../routing/yaml-files.js'
import { answerWithinMs } from '../../messages/expectation.js'
import { learnable } from '../../messages/learnable.js'
import { formIndex } from '../../xsd/form-store/store.js'
import type { FormIndex } from '../../xsd/form-store/stored.js'
import { mappingFaults } from '../../xsd/mapping-faults.js'
import { loadRules } from '../../xsd/rules/load.js'
import { createQueryBook } from '../queries/book.js'
import { readRules, type RulesParts } from '../agencies/reload.js'
import type { Config } from '../config/config.js'
import { dataFolders, folders } from '../config/folders.js'

export type Data = ReturnType<typeof readData>

/** All that was wrong with the data, at once, so that one restart shows every fault. */
export class DataError extends Error {
  override name = 'DataError'
  constructor(readonly faults: string[]) {
    super(
      `the hub's data has ${faults.length} ${faults.length === 1 ? 'fault' : 'faults'} ` +
        `数据有 ${faults.length} 处错误:\n  ${faults.join('\n  ')}`,
    )
  }
}

/**
 * @param forms what the build knows of the forms; another one in tests
 * @throws DataError with every fault of all of them
 */
export function readData(
  config: Pick<Config, 'agencies' | 'routingDir' | 'familiesDir'>,
  forms: () => FormIndex = formIndex,
) {
  const places = dataFolders(config)
  const faults: string[] = []
  const index = read(forms, faults)
  const { routing, unread } = readRouting(places, { copy: places.copy, forms: index, faults })
  const ruleFiles = createYamlFiles(folders.rulesCopy)
  const rules = read(() => loadRules(places.families, routing.documents, { read: ruleFiles.readAs, unread }), faults)
  const sources: RulesParts = { defaultsFile: join(places.routing, 'agencies.yaml') }
  const agencyRules = readRules(config, sources, faults)
  if (Object.values(config.agencies).some(({ edifact }) => edifact)) faults.push(...mappingFaults(routing.mappings))
  // A file that is no YAML is found by each of those that read it.
  if (!index || !rules || faults.length > 0) throw new DataError([...new Set(faults)])
  ruleFiles.keep()

  const types = routing.documents.flatMap((family) => family.documents)
  const documentTypes = new Map(types.map((type) => [type.id, type]))
  return {
    routing,
    rules,
    /** The packs, xsd/families. */
    families: places.families,
    flatTables: join(places.families, 'flatfile/tables'),
    sources,
    agencyRules,
    /** Agencies to which something can be sent. */
    agencyCodes: [
      ...new Set([...routing.operations.values()].flatMap((o) => (o.documents.length > 0 ? o.agencies : []))),
    ],
    /** Ids of the documents that a mapping makes EDIFACT of. */
    becomesEdifact: new Set(
      routing.mappings.filter(({ to }) => to.release !== undefined).map(({ from }) => from.document),
    ),
    /** The Single Window client's import folder, by document type. */
    importFolder: new Map(types.flatMap(({ id, folder }) => (folder === undefined ? [] : [[id, folder] as const]))),
    queries: createQueryBook({ index, routing }),
    /** Those in which an agency only speaks first. */
    noticeFolders: routing.documents.flatMap((family) => family.noticeFolders ?? []),
    taught: learnable(routing.documents),
    expects: (documentType: string) => documentTypes.get(documentType)?.expects,
    /** No agency has longer for an answer, in milliseconds. */
    longestAnswerMs: Math.max(0, ...types.flatMap(({ expects = [] }) => expects.map(answerWithinMs))),
    /** Where a document names companies. */
    companiesOf: (documentType: string) => documentTypes.get(documentType)?.companies,
    /** The companies a message names as its filer, by the facts read from it. */
    sendersOf: (documentType: string, facts: Readonly<Record<string, string | undefined>>) =>
      (documentTypes.get(documentType)?.senders ?? []).flatMap((name) => facts[name] || []),
  }
}

/** Undefined where it has faults, which go to `faults`. */
function read<T>(reading: () => T, faults: string[]): T | undefined {
  try {
    return reading()
  } catch (error) {
    const told = (error as { faults?: string[] }).faults
    if (!told) throw error
    faults.push(...told)
    return undefined
  }
}
