// answers — what a simulated agency says to a document, as data: answers/<family>.yaml holds the receipts of its course
// as templates.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import mustache from 'mustache'
import { meets, type Facts } from '../../messages/condition.js'
import type { DocumentType } from '../../messages/document-type.js'
import { openEnvelope } from '../../messages/envelope.js'
import { readReply } from '../../messages/reply.js'
import { detectSyntax } from '../../messages/syntax.js'
import { readSegmentTree } from '../../messages/edifact/segment-tree.js'
import { readFlatTree } from '../../messages/flatfile/flat-tree.js'
import { nodesAt, readXml, type XmlDocument, type XmlNode } from '../../messages/xml-reading.js'
import { readBookData, type Stage } from './book-data.js'
import { openFormAnswers, type FormAnswers } from './form-answers.js'
import { invent } from './invent.js'
import type { Labels, Meanings } from './print/labels.js'
import type { PrintOrder } from './print/order.js'
import type { PrintParts } from './print/printed.js'

/** All a simulated agency knows of documents and of what it answers. */
export interface AnswerBook {
  /** The message out of its envelope, or as it is. */
  open: (message: XmlDocument) => XmlDocument
  /** The document type of a message that does not say it in its header. */
  identify: (message: XmlDocument) => string | undefined
  /** The form a message says it is; undefined when it is none. */
  formOf: (message: XmlDocument) => string | undefined
  /** The course of answers to this message; undefined when the book has none. */
  find: (documentType: string, message: XmlDocument) => { stages: Stage[]; refusal: Stage[] } | undefined
  /** What prints are made of. */
  print: PrintParts & { request: FormAnswers['request'] }
  /** The files that come with this answer of a stage, to be drawn when it is sent. */
  orders: (documentType: string, about: { stage: Stage; message: XmlDocument; answer: Buffer }) => PrintOrder[]
  /** The shape of a query; undefined when the document is none. */
  query: FormAnswers['query']
  /** What a step of a course means for the filing. */
  statusOf: (document: string, stage: string, said: () => Buffer) => string | undefined
}

/** What the build keeps of them, and who is told. */
interface AnswersFromBuild {
  /** The build's copy of the packs. */
  copy?: string
  /** Where the build keeps the forms (dist/forms); absent: no forms are answered. */
  formsDir?: string
  /** Told of a file that does not have its form, where the copy answers in its stead. */
  broken?: (faults: string) => void
}

/** Reads the packs once, or the build's copy of them. @throws Error naming the file that does not have its form. */
export function loadAnswers(familiesDir: string, { copy, formsDir, broken }: AnswersFromBuild = {}): AnswerBook {
  const beside = (name: string) => (copy === undefined ? undefined : join(dirname(copy), name))
  const forms = openFormAnswers(formsDir)
  const data = readBookData(familiesDir, copy, broken)
  const documents = data.families.flatMap((family) => family.documents)
  const byId = new Map(documents.map((document) => [document.id, document]))
  const answers = data.answers.flatMap((file) => file.answers)
  const receiptTypes = data.families.flatMap((family) => family.receipts)
  const envelopes = data.families.flatMap((family) => family.envelopes ?? [])
  return {
    query: forms.query,
    statusOf: (document, stage, said) =>
      forms.statusOf(document, stage) ?? readReply(said(), receiptTypes)?.entries[0]?.status,
    open: (message) => openEnvelope(message, envelopes) ?? message,
    identify: (message) =>
      documents.find(
        (d) =>
          d.root === message.root &&
          [d.namespace, ...(d.alsoIn ?? [])].includes(message.namespace) &&
          meets(d.match, factsOf(d, message)),
      )?.id ?? forms.identify(message),
    formOf: forms.identify,
    print: {
      form: forms.form,
      request: forms.request,
      meanings: () => meaningsOf(beside('meanings.json')),
      read: (bytes) => {
        try {
          return readMessage(bytes)
        } catch {
          return undefined
        }
      },
      published(documentType) {
        const family = data.families.find((one) => one.documents.some(({ id }) => id === documentType))
        const title = byId.get(documentType)?.title.zh
        return family && title !== undefined
          ? { title, labels: labelsOf(beside('labels.json'))[family.family] ?? {} }
          : undefined
      },
    },
    orders: (documentType, { stage, message, answer }) =>
      stage.prints ? forms.orders(documentType, message, readMessage(answer)) : [],
    find(documentType, message) {
      const facts = factsOf(byId.get(documentType), message)
      const answer = answers.find((one) => one.document === documentType && meets(one.when, facts))
      return answer ? { stages: answer.stages, refusal: answer.refusal ?? [] } : forms.find(documentType, message)
    },
  }
}

let labels: Labels | undefined
let meanings: Meanings | undefined
/** Read when the first published document is printed. */
const labelsOf = (file: string | undefined): Labels => (labels ??= jsonOf<Labels>(file))
const meaningsOf = (file: string | undefined): Meanings => (meanings ??= jsonOf<Meanings>(file))
const jsonOf = <T extends object>(file: string | undefined): T =>
  (file !== undefined && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as T

/**
 * A message as the templates see it: XML by its element names, EDIFACT and flat files by tag and place. @throws for
 * what is none of them
 */
export function readMessage(bytes: Uint8Array): XmlDocument {
  const syntax = detectSyntax(bytes)
  if (syntax === 'flatfile') return readFlatTree(bytes)
  return syntax === 'edifact' ? readSegmentTree(bytes) : readXml(bytes)
}

/** Of one submission, when, and why it is refused, if it is. */
interface ReceiptOccasion {
  submissionId: string
  /** The time that the receipt bears. */
  at: Date
  refusal?: string | undefined
}

/** Writes one receipt of an agency from its template. */
export function render(stage: Stage, message: XmlDocument, { submissionId, at, refusal }: ReceiptOccasion): Buffer {
  const view = { ...message.tree, sim: invent(submissionId, at, refusal) }
  const edifact = stage.mediaType === 'application/edifact'
  const escape = edifact ? escapeEdifact : stage.mediaType === 'text/plain' ? escapeFlat : escapeXml
  const text = mustache.render(stage.template, view, {}, { escape }).trim()
  // Segments stand one a line in the data; they are sent one behind the other.
  return Buffer.from(edifact ? text.replace(/\n\s*/g, '') : text)
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }
/** An element with attributes, as one that is nil, is its text. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  const text = (value as { '#text'?: unknown })['#text']
  return typeof text === 'string' ? text : ''
}
const escapeXml = (value: unknown) => textOf(value).replace(/[&<>"']/g, (c) => entities[c]!)

/** The default service characters (ISO 9735, UNA) behind a release character. */
const escapeEdifact = (value: unknown) => String(value).replace(/[?'+:*]/g, '?$&')

/** The separators of port flat files behind their release character. */
const escapeFlat = (value: unknown) => String(value).replace(/[?:'^]/g, '?$&')

/** All text of a node, as the hub reads a fact that is an element with elements in it. */
function wholeText(node: XmlNode | undefined): string | undefined {
  if (node === undefined || typeof node === 'string') return node
  return Object.entries(node)
    .filter(([name]) => !name.startsWith('@'))
    .map(([, inner]) => (Array.isArray(inner) ? inner : [inner]).map(wholeText).join(''))
    .join('')
}

function factsOf(document: DocumentType | undefined, { tree }: XmlDocument): Facts {
  return Object.fromEntries(
    Object.entries(document?.facts ?? {}).map(([name, path]) => [name, wholeText(nodesAt(tree, path)[0])]),
  )
}
