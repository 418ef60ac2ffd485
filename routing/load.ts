// load — reads the routing data (agencies, documents, catalogue) once at start, checks all of it, and reports every
// fault together.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Type, type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { FamilyFile, orderFact, type DocumentFamily } from '../messages/document-type.js'
import { closed } from '../messages/closed.js'
import { inPack } from '../messages/pack.js'
import type { Bilingual } from '../messages/text.js'
import { yamlFaults } from '../messages/yaml-text.js'
import { meets, type Facts } from '../messages/condition.js'
import type { Mapping } from '../messages/mapping/mapping.js'
import { Agency, Operation, type CatalogueEntry, type FormDocuments, type Routing } from './operation.js'
import { loadMappings } from './load-mappings.js'
import { createYamlFiles, type YamlFiles } from './yaml-files.js'

/**
 * Everything has its published Chinese name. What is only planned may lack an English one; the Chinese name then stands
 * for both.
 */
const Title = Type.Object({ zh: Type.String({ minLength: 1 }), en: Type.Optional(Type.String({ minLength: 1 })) })
const Named = { code: Type.String(), title: Title }
const OperationLine = Type.Object({ ...Operation.properties, title: Title })
/** One routing/catalogue/NN-*.yaml: a category with everything below it. */
const CatalogueFile = closed(
  Type.Object({
    ...Named,
    systems: Type.Array(
      Type.Object({
        ...Named,
        services: Type.Array(
          Type.Object({
            ...Named,
            functions: Type.Array(Type.Object({ ...Named, operations: Type.Array(OperationLine) })),
          }),
        ),
      }),
    ),
  }),
)
type CatalogueFile = Static<typeof CatalogueFile>

/** `connector`, how agencies answer, is looked at by the hub, as `policy` is. */
const AgenciesFile = closed(
  Type.Object({
    agencies: Type.Array(Type.Object({ ...Agency.properties, connector: Type.Optional(Type.Unknown()) })),
  }),
)

/** All that was wrong with the routing data, at once, so that one restart shows every fault. */
export class RoutingDataError extends Error {
  override name = 'RoutingDataError'
  constructor(readonly faults: string[]) {
    super(`the routing data has ${faults.length} fault(s):\n  ${faults.join('\n  ')}`)
  }
}

/** Where the data lies: `routing` has agencies and catalogue, `families` the packs of the published families. */
interface RoutingFolders {
  routing: string
  families: string
}

/**
 * Reads the family.yaml of every pack below `dir` (xsd/families), in the order of their names. Files it names are named
 * `<family>/<name>`.
 */
export function loadDocuments(
  dir: string,
  faults: string[] = [],
  files: YamlFiles = createYamlFiles(),
): DocumentFamily[] {
  return packsIn(dir).flatMap((pack) => {
    const file = join(dir, pack, 'family.yaml')
    const family = read(FamilyFile, file, faults, files)
    if (!family) return []
    if (family.family !== pack) faults.push(`${file}: says family ${family.family}, and its folder ${pack}`)
    faults.push(...schemasMissing(family, join(dir, pack)).map((schema) => `${file}: there is no ${schema}`))
    const { companies, documents } = family
    return inPack(companies ? { ...family, documents: documents.map((type) => ({ companies, ...type })) } : family)
  })
}

/** The folders of `dir` that are packs, in the order of their names. */
const packsIn = (dir: string): string[] =>
  readdirSync(dir)
    .sort()
    .filter((pack) => existsSync(join(dir, pack, 'family.yaml')))

/**
 * Schemas that a family names and that are not in its folder. The hub would start, and answer each message of theirs
 * with HUB_CHECK_UNAVAILABLE. A pack without schemas of its own has them made (EDIFACT), or needs none (flat files).
 */
function schemasMissing({ documents, receipts }: DocumentFamily, folder: string): string[] {
  const schemas = join(folder, 'schemas')
  if (!existsSync(schemas)) return []
  const named = [
    ...documents.flatMap((document) => document.schemas.map(({ file }) => file)),
    ...receipts.flatMap(({ schema }) => schema ?? []),
  ]
  return [...new Set(named)].filter((file) => !existsSync(join(schemas, file))).map((file) => `schemas/${file}`)
}

/** All that routing reads. */
type RoutingData = Routing & { documents: DocumentFamily[]; mappings: Mapping[] }

/** How the routing data are read. */
interface RoutingReading {
  /** A file where what was parsed is kept for the next time. */
  copy: string | undefined
  /** What carries the operations that no published document carries; absent: not read, and not missed. */
  forms: FormDocuments | undefined
  /** Takes every fault found: bad shape, codes out of place, unknown agencies, documents or facts. */
  faults: string[]
}

/** The whole routing table, as `readRouting` reads it. @throws RoutingDataError with every fault found */
export function loadRouting(folders: RoutingFolders, copy?: string, forms?: FormDocuments): RoutingData {
  const faults: string[] = []
  const { routing } = readRouting(folders, { copy, forms, faults })
  if (faults.length > 0) throw new RoutingDataError(faults)
  return routing
}

/**
 * The routing table as far as it can be read. What could not be read is one fault: whatever names it is none.
 * `unread` says of a document that is not in the table whether it may be there and could not be read.
 */
export function readRouting(
  { routing: dir, families }: RoutingFolders,
  { copy, forms, faults }: RoutingReading,
): { routing: RoutingData; unread: (document: string) => boolean } {
  const files = createYamlFiles(copy)
  const before = faults.length
  const agenciesFile = read(AgenciesFile, join(dir, 'agencies.yaml'), faults, files)
  const agencies = new Map((agenciesFile?.agencies ?? []).map((a) => [a.code, a]))
  const published = loadDocuments(families, faults, files)
  const allPublished = published.length === packsIn(families).length
  const unread = (document: string) => !allPublished || (!forms && isForm(document))
  const documents = [...published, ...(forms?.families ?? [])]
  const categories = yamlFiles(join(dir, 'catalogue')).map((file) => ({
    file,
    category: read(CatalogueFile, join(dir, 'catalogue', file), faults, files),
  }))
  const operations = new Map<string, CatalogueEntry>()
  for (const { file, category } of categories)
    for (const entry of category ? flatten(category) : []) {
      if (operations.has(entry.code)) faults.push(`${file}: operation ${entry.code} stands twice`)
      if (!entry.code.startsWith(`${entry.function.code}.`))
        faults.push(`${file}: operation ${entry.code} stands under function ${entry.function.code}`)
      for (const agency of agenciesFile ? entry.agencies : [])
        if (!agencies.has(agency)) faults.push(`${file}: ${entry.code} names the unknown agency ${agency}`)
      operations.set(entry.code, entry)
    }
  const allOperations = categories.every(({ category }) => category)
  for (const [code, links] of Object.entries(forms?.links ?? {})) {
    const entry = operations.get(code)
    if (entry) operations.set(code, { ...entry, documents: [...entry.documents, ...links] })
    else if (allOperations)
      faults.push(
        `form ${links[0]?.type} serves ${code}, which the catalogue does not have: \`hub catalogue\` finds codes`,
      )
  }
  faults.push(...crossFaults(documents, operations, unread))
  const mappings = loadMappings(families, documents, {
    files,
    faults,
    unread,
  })
  if (faults.length === before) files.keep()

  const byDocument = new Map<string, { entry: CatalogueEntry; when: Parameters<typeof meets>[0] }[]>()
  for (const entry of operations.values())
    for (const { type, when } of entry.documents)
      byDocument.set(type, [...(byDocument.get(type) ?? []), { entry, when }])
  const routing: RoutingData = {
    agencies,
    documents: answeredAsSent(documents, mappings),
    mappings,
    operations,
    candidates(documentType: string, facts: Facts) {
      const fitting = (byDocument.get(documentType) ?? [])
        .filter(({ when }) => meets(when, facts))
        .map(({ entry, when }) => ({ entry, specificity: Object.keys(when ?? {}).length }))
        .sort((a, b) => b.specificity - a.specificity)
      // An operation may name a document several times, once for each case in which it takes it.
      return fitting.filter(({ entry }, i) => fitting.findIndex((other) => other.entry === entry) === i)
    },
  }
  return { routing, unread }
}

/** Forms have names of words: PassengerManifest. */
const isForm = (id: string) => /^[A-Z][a-z]/.test(id)

/**
 * An agency that is sent a PAXLST as the form's XML answers the form: its answers are looked for among passenger lists
 * too.
 */
function answeredAsSent(families: DocumentFamily[], mappings: readonly Mapping[]): DocumentFamily[] {
  const sentAs = mappings.filter(({ asked }) => asked).map(({ from, to }) => [from.document, to.document] as const)
  return families.map((family) => {
    const receipts = family.receipts.map((receipt) => {
      const more = sentAs.filter(([, to]) => receipt.answers?.includes(to)).map(([from]) => from)
      return more.length === 0 ? receipt : { ...receipt, answers: [...new Set([...receipt.answers!, ...more])] }
    })
    return receipts.some((one, i) => one !== family.receipts[i]) ? { ...family, receipts } : family
  })
}

function crossFaults(
  documents: DocumentFamily[],
  operations: ReadonlyMap<string, CatalogueEntry>,
  unread: (document: string) => boolean,
): string[] {
  const faults: string[] = []
  const types = new Map(documents.flatMap((family) => family.documents).map((d) => [d.id, d]))
  for (const doc of types.values()) {
    const named = [
      doc.reference,
      ...(doc.identity ?? []),
      ...(doc.order ?? []).map(orderFact),
      ...Object.keys(doc.match ?? {}),
      ...Object.keys(doc.changes ?? {}),
      ...doc.schemas.flatMap((s) => Object.keys(s.when ?? {})),
    ]
    for (const fact of named)
      if (fact !== undefined && !(fact in doc.facts)) faults.push(`document ${doc.id} names the unknown fact ${fact}`)
  }
  for (const entry of operations.values())
    for (const { type, when } of entry.documents) {
      const doc = types.get(type)
      if (!doc && !unread(type)) faults.push(`operation ${entry.code} names the unknown document ${type}`)
      if (doc)
        for (const fact of Object.keys(when ?? {}))
          if (!(fact in doc.facts)) faults.push(`operation ${entry.code} asks for ${fact}, which ${type} does not give`)
    }
  return faults
}

function* flatten(category: CatalogueFile): Generator<CatalogueEntry> {
  const both = ({ zh, en }: Static<typeof Title>): Bilingual => ({ zh, en: en ?? zh })
  const name = ({ code, title }: { code: string; title: Static<typeof Title> }) => ({ code, title: both(title) })
  for (const system of category.systems)
    for (const service of system.services)
      for (const fn of service.functions)
        for (const operation of fn.operations)
          yield {
            ...operation,
            title: both(operation.title),
            category: name(category),
            system: name(system),
            service: name(service),
            function: name(fn),
          }
}

function yamlFiles(dir: string): string[] {
  return readdirSync(dir)
    .filter((f) => f.endsWith('.yaml'))
    .sort()
}

function read<T extends TSchema>(schema: T, file: string, faults: string[], files: YamlFiles): Static<T> | undefined {
  try {
    const { value, sound } = files.readAs(schema, file)
    if (sound || Value.Check(schema, value)) return value as Static<T>
  } catch {
    // It is no YAML, or it cannot be opened: the same is met again below, and told with its line.
  }
  faults.push(...fileFaults(schema, file))
  return undefined
}

function fileFaults(schema: TSchema, file: string): string[] {
  try {
    return yamlFaults(schema, file, readFileSync(file, 'utf8'))
  } catch (error) {
    return [`${file}: cannot be read (${error instanceof Error ? error.message : String(error)}) 无法读取`]
  }
}
