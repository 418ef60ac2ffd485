// answers — what a simulated agency says to a document, as data: answers/<family>.yaml holds the receipts of its course as templates.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import mustache from 'mustache'
import { Type, type Static } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { meets, type Facts } from '../../messages/condition.js'
import { Condition, DocumentFamily, type DocumentType } from '../../messages/document-type.js'
import { openEnvelope } from '../../messages/envelope.js'
import { detectSyntax } from '../../messages/syntax.js'
import { readSegmentTree } from '../../messages/edifact/segment-tree.js'
import { readFlatTree } from '../../messages/flatfile/flat-tree.js'
import { readXml, valueAt, type XmlDocument } from '../../messages/xml-reading.js'
import { invent } from './invent.js'

export const Stage = Type.Object({
  name: Type.String(),
  /** The first receipt, in the answer to the submission itself. At most one. */
  sync: Type.Optional(Type.Boolean()),
  /** Otherwise posted this long after the message was taken. */
  afterMs: Type.Optional(Type.Integer({ minimum: 0 })),
  mediaType: Type.Optional(Type.String()),
  /** Mustache over the message (names without prefix, attributes as `@name`) and `sim` (invent.ts). */
  template: Type.String(),
})
export type Stage = Static<typeof Stage>

export const AnswersFile = Type.Object({
  family: Type.String(),
  answers: Type.Array(
    Type.Object({
      document: Type.String(),
      /** Conditions on the document's facts; the first entry that fits answers. */
      when: Type.Optional(Condition),
      stages: Type.Array(Stage),
      refusal: Type.Optional(Type.Array(Stage)),
    }),
  ),
})
export type AnswersFile = Static<typeof AnswersFile>

export interface AnswerBook {
  /** The message out of its envelope, or as it is. */
  open: (message: XmlDocument) => XmlDocument
  /** The document type of a message that does not say it in its header. */
  identify: (message: XmlDocument) => string | undefined
  /** The course of answers to this message; undefined when the book has none. */
  find: (documentType: string, message: XmlDocument) => { stages: Stage[]; refusal: Stage[] } | undefined
}

/** Reads both folders once. @throws Error naming the file that does not have its form. */
export function loadAnswers(answersDir: string, documentsDir: string): AnswerBook {
  const documents = yamlFiles(documentsDir).flatMap((file) => read(DocumentFamily, file).documents)
  const byId = new Map(documents.map((document) => [document.id, document]))
  const answers = yamlFiles(answersDir).flatMap((file) => read(AnswersFile, file).answers)
  const envelopes = yamlFiles(documentsDir).flatMap((file) => read(DocumentFamily, file).envelopes ?? [])
  return {
    open: (message) => openEnvelope(message, envelopes) ?? message,
    identify: (message) => documents.find((d) => d.root === message.root && [d.namespace, ...(d.alsoIn ?? [])].includes(message.namespace) && meets(d.match, factsOf(d, message)))?.id,
    find(documentType, message) {
      const facts = factsOf(byId.get(documentType), message)
      const answer = answers.find((one) => one.document === documentType && meets(one.when, facts))
      return answer && { stages: answer.stages, refusal: answer.refusal ?? [] }
    },
  }
}

/** A message as the templates see it: XML by its element names, EDIFACT and flat files by tag and place. @throws for what is none of them */
export function readMessage(bytes: Uint8Array): XmlDocument {
  const syntax = detectSyntax(bytes)
  if (syntax === 'flatfile') return readFlatTree(bytes)
  return syntax === 'edifact' ? readSegmentTree(bytes) : readXml(bytes)
}

/** One receipt. `at` is the time it bears. */
export function render(stage: Stage, message: XmlDocument, submissionId: string, at: Date, refusal?: string): Buffer {
  const view = { ...message.tree, sim: invent(submissionId, at, refusal) }
  const edifact = stage.mediaType === 'application/edifact'
  const escape = edifact ? escapeEdifact : stage.mediaType === 'text/plain' ? escapeFlat : escapeXml
  const text = mustache.render(stage.template, view, {}, { escape }).trim()
  // Segments stand one a line in the data; they are sent one behind the other.
  return Buffer.from(edifact ? text.replace(/\n\s*/g, '') : text)
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
const escapeXml = (value: unknown) => String(value).replace(/[&<>"']/g, (c) => entities[c]!)

/** The default service characters (ISO 9735, UNA) behind a release character. */
const escapeEdifact = (value: unknown) => String(value).replace(/[?'+:*]/g, '?$&')

/** The separators of port flat files behind their release character. */
const escapeFlat = (value: unknown) => String(value).replace(/[?:'^]/g, '?$&')

function factsOf(document: DocumentType | undefined, { tree }: XmlDocument): Facts {
  return Object.fromEntries(Object.entries(document?.facts ?? {}).map(([name, path]) => [name, valueAt(tree, path)]))
}

function yamlFiles(dir: string): string[] {
  return readdirSync(dir).filter((file) => file.endsWith('.yaml')).sort().map((file) => join(dir, file))
}

function read<T extends typeof AnswersFile | typeof DocumentFamily>(schema: T, file: string): Static<T> {
  const value: unknown = parse(readFileSync(file, 'utf8'))
  if (Value.Check(schema, value)) return value
  const [first] = Value.Errors(schema, value)
  throw new Error(`${file}: ${first?.instancePath} ${first?.message}`)
}
