// edifact — one look at one EDIFACT message: read, structure, elements and codes by its directory, then the XML it
// becomes by its XSD; and where the agency takes published XML, that is made of it and looked at as if it had come so.
// Faults are told at the sender's own places.
import { createHash } from 'node:crypto'
import { companiesIn } from '../messages/companies.js'
import { meets, type Facts } from '../messages/condition.js'
import type { DocumentFamily, DocumentType } from '../messages/document-type.js'
import { addsCodes } from '../messages/edifact/directory/associations.js'
import { messageToXml } from '../messages/edifact/to-xml.js'
import type { EdifactFault } from '../messages/edifact/fault.js'
import { hubFault } from '../messages/edifact/hub-fault.js'
import type { EdifactMessage } from '../messages/edifact/envelope.js'
import type { SourceNode } from '../messages/mapping/source-tree.js'
import { TreeSink } from '../messages/mapping/edifact-source.js'
import type { EdifactSettings } from '../messages/edifact/settings.js'
import { readInterchanges } from '../messages/edifact/reader.js'
import { valuesIn } from '../messages/edifact/segment-path.js'
import { fault } from '../messages/errors.js'
import { limited } from '../messages/fault-limit.js'
import type { Fault } from '../messages/fault.js'
import { identify, indexDocuments, type IdentifiedDocument, type MessageReader } from '../messages/identify.js'
import type { Inspection } from '../messages/inspection.js'
import { checkMessage } from '../messages/edifact/check-message.js'
import { edifactDirectories, edifactSchemaFile } from './edi-tables.js'
import { keysOf, longestFact } from './document-keys.js'
import type { InspectMapped } from './mapped-message.js'

/** @see [createEngine](./engine.ts) */
interface EdifactParts {
  documents: readonly DocumentFamily[]
  faultLimit: number
  /** Faults of well-formed XML by a schema; their lines are lines of the XML. */
  validate: (utf8: Uint8Array, schemaFile: string) => Fault[]
  /** What is made of it, where its agency takes published XML. */
  mapped: InspectMapped
  today: () => string
}

/** Looks at EDIFACT of one message. Never throws for what is wrong with it: that is in `faults`. */
export function createEdifact({ documents, faultLimit, validate, mapped, today }: EdifactParts) {
  const index = indexDocuments(documents)

  /** @param bytes a whole interchange of one message, as messages/edifact/parts.ts cuts it */
  return function inspect(bytes: Uint8Array, settings: EdifactSettings = {}): Inspection {
    const [read] = readInterchanges(bytes, {
      ...(settings.charset === undefined ? {} : { charset: settings.charset }),
      faults: { errors: faultLimit + 1 },
    })
    const message = read?.messages[0]
    const outer = (read?.end.faults ?? []).filter(isError)
    if (!read || !message || outer.length > 0)
      return {
        faults: limited(
          outer.length > 0 ? outer.map(hubFault) : [fault('HUB_EDI_ENVELOPE', { place: 'UNB' })],
          faultLimit,
        ),
        edi: { faults: outer },
      }
    const checked = messageToXml(message, edifactDirectories(), {
      ...(settings.codes ? { codes: settings.codes } : {}),
      ...(settings.releases ? { releases: settings.releases } : {}),
      faults: { errors: faultLimit + 1 },
    })
    const errors = checked.faults.filter(isError)
    const edi = { faults: checked.faults, type: message.id.type }
    const warned = limited(checked.faults.filter((one) => !isError(one)).map(hubFault), faultLimit)
    const warnings = warned.length > 0 ? { warnings: warned } : {}
    if (!checked.xml || !checked.spec) return { faults: limited(errors.map(hubFault), faultLimit), edi }

    const { type, release } = checked.spec
    const root = { name: `M_${type}`, namespace: documentNamespace(type) }
    const utf8 = checked.xml.utf8
    const faults = limited(errors.map(hubFault), faultLimit)
    const schema = edifactSchemaFile(type, release)
    const codesAgreed = settings.codes !== undefined || addsCodes(message.id.association)
    // What the directory finds right the schema made from it finds right too; should they ever differ, the stricter one
    // counts.
    if (faults.length === 0)
      faults.push(
        ...validate(utf8, schema)
          // Codes are the directory check's: the schema knows of no partner's and no user group's agreement.
          .filter(({ code }) => code !== 'HUB_XSD_ENUMERATION' || !codesAgreed)
          .map((one) => atSegment(one, message, checked.xml!.lines)),
      )
    const identified = identify(index, root, readerOf(message), today())
    if ('fault' in identified)
      return {
        root,
        faults:
          faults.length > 0
            ? faults
            : [
                fault(
                  answers.has(type) ? 'HUB_EDI_ANSWER' : 'HUB_DOCUMENT_UNKNOWN',
                  { root: type, namespace: 'UN/EDIFACT' },
                  { path: 'UNH(1)+2:1' },
                ),
              ],
        edi,
      }
    const { known } = identified
    const facts: Facts = identified.facts
    const document = documentOf(
      { known, facts, schema: { file: schema, version: release } },
      { message, bytes, sound: faults.length === 0 },
    )
    const all = withReference(faults, known.type, facts)
    const made = all.length === 0 ? mapped(type, facts, () => treeOf(message, settings.releases)) : undefined
    if (!made?.derived) return { root, document, ...warnings, faults: made?.faults ?? all, edi }
    // It is filed as what it became, and remains itself by what the sender said: the same document again is the same in
    // both.
    return {
      ...made,
      ...(made.warnings ? { warnings: [...warned, ...made.warnings] } : warnings),
      root,
      edi,
      ...(made.document
        ? {
            document: {
              ...made.document,
              reference: document.reference!,
              identity: document.identity!,
              digest: document.digest!,
              companies: document.companies!,
            },
          }
        : {}),
    }
  }
}

/** What is only ever an answer to something. */
const answers: ReadonlySet<string> = new Set(['CONTRL', 'APERAK', 'CUSRES'])

function treeOf(message: EdifactMessage, releases: EdifactSettings['releases']): SourceNode {
  let sink: TreeSink | undefined
  checkMessage(
    message,
    edifactDirectories(),
    { codes: { level: 'off' }, ...(releases ? { releases } : {}) },
    (spec) => (sink = new TreeSink(spec, message.interchange)),
  )
  return sink!.root
}

const isError = (one: EdifactFault) => one.severity === 'error'

/**
 * What all releases of a message are called in family.yaml: releases differ in their tables, not in what they are for.
 */
const documentNamespace = (type: string) => `urn:singlewindow:edifact:${type}`

/** Facts of EDIFACT types are places in segments: the same in every release. */
function readerOf(message: EdifactMessage): MessageReader {
  const segments = withEnvelope(message)
  const first = (path: string) => valuesIn(segments, path)[0]?.slice(0, longestFact) ?? ''
  return {
    value: (_, path) => first(path),
    facts: (type) => Object.fromEntries(Object.entries(type.facts).map(([name, path]) => [name, first(path)])),
  }
}

/** The message behind its UNB: `UNB/5:1` is a place too. */
const withEnvelope = ({ interchange, segments }: EdifactMessage) => [interchange.unb, ...segments]

/** @param read `sound`: nothing is wrong with it, so that its keys may find its answers */
function documentOf(
  { known: { type, family }, facts, schema: { file, version } }: IdentifiedDocument,
  { message, bytes, sound }: { message: EdifactMessage; bytes: Uint8Array; sound: boolean },
): NonNullable<Inspection['document']> {
  const segments = withEnvelope(message)
  const reference = type.reference === undefined ? undefined : facts[type.reference]?.trim()
  const changes = type.changes !== undefined && meets(type.changes, facts)
  const digest = digestOf(message, bytes)
  const named = (type.identity ?? (type.reference === undefined ? [] : [type.reference])).map(
    (name) => facts[name]?.trim() ?? '',
  )
  const order = (type.order ?? []).map((name) => facts[name]?.trim() ?? '')
  return {
    type: type.id,
    family,
    facts,
    schema: { file, version },
    keys: sound ? keysOf(type, (path) => valuesIn(segments, path)) : [],
    companies: companiesIn(type.companies, (path) => valuesIn(segments, path)),
    digest,
    reference: reference || `${message.interchange.reference}/${message.reference}`,
    // A document can be changed more than once under one number: each change is itself by what it says.
    identity: [...named, ...(changes || named.every((value) => value === '') ? [digest] : [])].join('|'),
    ...(order.some((value) => value !== '') ? { order: order.join('|') } : {}),
    ...(changes ? { changes: true } : {}),
  }
}

/**
 * SHA-256 of what stands between UNH and UNT. The same document in another interchange, with another date and other
 * numbers in its envelope, is the same document: it is answered, not filed again.
 */
function digestOf(message: EdifactMessage, bytes: Uint8Array): string {
  const hash = createHash('sha256')
  hash.update(`${message.id.type}:${message.id.version}:${message.id.release}`)
  for (const { offset, length, tag } of message.segments)
    if (tag !== 'UNH' && tag !== 'UNT') hash.update(bytes.subarray(offset, offset + length))
  return hash.digest('hex')
}

function withReference(faults: Fault[], type: DocumentType, facts: Facts): Fault[] {
  if (faults.length > 0 || type.reference === undefined || facts[type.reference]?.trim()) return faults
  return [fault('HUB_REFERENCE_MISSING', { path: 'BGM' }, { path: 'BGM', rule: 'required' })]
}

/** A fault of the XML where its segment stands: one line of the XML is one segment. */
function atSegment(one: Fault, message: EdifactMessage, lines: readonly number[]): Fault {
  const position = lines[(one.line ?? 1) - 1] ?? 0
  const segment = message.segments[position - 1]
  return { ...one, path: segment ? `${segment.tag}(${position})` : 'UNH(1)', line: segment?.line ?? message.line }
}
