// data — what the hub reads before it starts: the catalogue, the documents, the rules, the agencies' rules. Read once;
// all faults are reported together.
import { join } from 'node:path'
import { loadRouting } from '../../routing/load.js'
import { createYamlFiles } from '../../routing/yaml-files.js'
import { answerWithinMs } from '../../messages/expectation.js'
import { learnable } from '../../messages/learnable.js'
import { formIndex } from '../../xsd/form-store/store.js'
import { mappingFaults } from '../../xsd/mapping-faults.js'
import { loadRules } from '../../xsd/rules/load.js'
import { createQueryBook } from '../queries/book.js'
import { readRules, type RulesParts } from '../agencies/reload.js'
import type { Config } from '../config/config.js'
import { ConfigError } from '../config/config-error.js'
import { dataFolders, folders } from '../config/folders.js'

export type Data = ReturnType<typeof readData>

/** @throws RoutingDataError, RuleDataError, ConfigError: each with every fault it found */
export function readData(config: Config) {
  const places = dataFolders(config)
  const index = formIndex()
  const routing = loadRouting(places, places.copy, index)
  const ruleFiles = createYamlFiles(folders.rulesCopy)
  const rules = loadRules(places.families, routing.documents, ruleFiles.readAs)
  ruleFiles.keep()

  const sources: RulesParts = { defaultsFile: join(places.routing, 'agencies.yaml') }
  const faults: string[] = []
  const agencyRules = readRules(config, sources, faults)
  if (Object.values(config.agencies).some(({ edifact }) => edifact)) faults.push(...mappingFaults(routing.mappings))
  if (faults.length > 0) throw new ConfigError(faults)

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
    /** The companies a message names as its filer, by the facts read from it. */
    sendersOf: (documentType: string, facts: Readonly<Record<string, string | undefined>>) =>
      (documentTypes.get(documentType)?.senders ?? []).flatMap((name) => facts[name] || []),
  }
}
