// flatfile — one look at one port flat file: its records by their table, then the XML it becomes by its XSD. Facts and
// keys are places in the file (`10/5`: record 10, field 5), and faults are told at such places.
import { createHash } from 'node:crypto'
import { companiesIn } from '../messages/companies.js'
import { meets, type Facts } from '../messages/condition.js'
import type { DocumentFamily } from '../messages/document-type.js'
import { fault } from '../messages/errors.js'
import type { Fault } from '../messages/fault.js'
import { readFlatTree } from '../messages/flatfile/flat-tree.js'
import { inspectFlat, type FlatInspection } from '../messages/flatfile/inspect.js'
import { flatNamespace } from '../messages/flatfile/names.js'
import type { FlatTables } from '../messages/flatfile/table.js'
import { identify, indexDocuments, type IdentifiedDocument } from '../messages/identify.js'
import type { Inspection } from '../messages/inspection.js'
import { keysOf, longestFact } from './document-keys.js'
import type { InspectMapped } from './mapped-message.js'
import { keyValues, valueAt, valuesAt, type XmlElement } from '../messages/xml-reading.js'

/** @see [createEngine](./engine.ts) */
interface FlatfileParts {
  documents: readonly DocumentFamily[]
  faultLimit: number
  /** Faults of well-formed XML by a schema; their lines are lines of the XML. */
  validate: (utf8: Uint8Array, schemaFile: string) => Fault[]
  today: () => string
  tables: () => FlatTables
  /** What is made of it, where its agency takes published XML. */
  mapped: InspectMapped
}

/** Looks at one flat file. Never throws for what is wrong with it: that is in `faults`. */
export function createFlatfile({ documents, faultLimit, validate, today, tables, mapped }: FlatfileParts) {
  const index = indexDocuments(documents)
  let opened: FlatTables | undefined

  /** @param bytes one file, 00 to 99 */
  return function inspect(bytes: Uint8Array): Inspection {
    const found = inspectFlat(bytes, (opened ??= tables()), { faults: faultLimit })
    const { type, xml } = found
    if (type === undefined || xml === undefined)
      return {
        ...(type === undefined ? {} : { root: { name: type, namespace: flatNamespace(type) } }),
        faults: found.faults,
      }
    const root = { name: type, namespace: flatNamespace(type) }
    const { tree } = readFlatTree(bytes)
    const first = (path: string) => valueAt(tree, path)?.trim().slice(0, longestFact) ?? ''
    const identified = identify(
      index,
      root,
      {
        value: (_, path) => first(path),
        facts: (doc) => Object.fromEntries(Object.entries(doc.facts).map(([name, path]) => [name, first(path)])),
      },
      today(),
    )
    if ('fault' in identified)
      return {
        root,
        faults: found.faults.length > 0 ? found.faults : [{ ...identified.fault, path: '00(1):2', line: 1 }],
      }
    const {
      known: { type: documentType },
      schema,
    } = identified
    const facts: Facts = identified.facts
    const faults = [...found.faults]
    // What the table finds right the schema made from it finds right too; should they ever differ, the stricter one
    // counts.
    if (faults.length === 0) faults.push(...validate(Buffer.from(xml), schema.file).map((one) => atRecord(one, found)))
    if (faults.length === 0 && documentType.reference !== undefined && !facts[documentType.reference]) {
      const place = notation(documentType.facts[documentType.reference] ?? '')
      faults.push(fault('HUB_REFERENCE_MISSING', { path: place }, { path: place, rule: 'required' }))
    }
    const itself = (): Inspection => ({
      root,
      document: documentOf(identified, { tree, digest: digestOf(bytes, found), sound: faults.length === 0 }),
      faults,
    })
    const made = faults.length === 0 && found.source ? mapped(documentType.id, facts, () => found.source!) : undefined
    // What cannot become what its agency takes is refused as itself.
    if (!made?.derived) return made ? { ...itself(), faults: made.faults } : itself()
    const companies = companiesIn(documentType.companies, (path) => keyValues(path, (one) => valuesAt(tree, one)))
    return made.document ? { ...made, document: { ...made.document, companies } } : made
  }
}

/** @param read `sound`: nothing is wrong with it, so that its keys may find its answers */
function documentOf(
  { known: { type, family }, facts, schema: { file, version } }: IdentifiedDocument,
  { tree, digest, sound }: { tree: XmlElement; digest: string; sound: boolean },
): NonNullable<Inspection['document']> {
  const reference = type.reference === undefined ? undefined : facts[type.reference]
  const order = (type.order ?? []).map((name) => facts[name] ?? '')
  const valuesOf = (path: string) => valuesAt(tree, path)
  return {
    type: type.id,
    family,
    facts,
    schema: { file, version },
    keys: sound ? keysOf(type, valuesOf) : [],
    companies: companiesIn(type.companies, (path) => keyValues(path, valuesOf)),
    digest,
    ...(reference ? { reference } : {}),
    // A flat file has no number of its own: one voyage is told of in many files. The same records are the same file,
    // and nothing else is.
    identity: digest,
    ...(order.some((value) => value !== '') ? { order: order.join('|') } : {}),
    ...(type.changes && meets(type.changes, facts) ? { changes: true as const } : {}),
  }
}

/** SHA-256 of the records, so that the same file in another encoding, or with other line ends, is the same file. */
function digestOf(bytes: Uint8Array, { xml }: FlatInspection): string {
  return createHash('sha256')
    .update(xml ?? bytes)
    .digest('hex')
}

/** `10/5` as a place: `10:5`. */
const notation = (path: string) => path.replace('/', ':')

/** A fault of the XML where its record stands: one line of the XML is one record. */
function atRecord(one: Fault, { lines, source }: FlatInspection): Fault {
  const record = lines[one.line ?? 0] ?? 0
  const node = record > 0 ? find(source, `(${record})`) : undefined
  return { ...one, path: node?.place ?? '00(1)', line: node?.line ?? 1 }
}

function find(node: FlatInspection['source'], end: string): FlatInspection['source'] {
  if (!node) return undefined
  if (node.place.endsWith(end)) return node
  for (const child of node.children) {
    const found = find(child, end)
    if (found) return found
  }
  return undefined
}
