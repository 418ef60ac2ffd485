// reply — an agency's answer read by the receipt's description (xsd/families/<family>/family.yaml): whom it speaks of,
// what it says. Nothing here refuses a receipt for its form: what cannot be read is left out, and the verbatim bytes
// are kept elsewhere.
import { agencyNumberName } from './agency-numbers.js'
import { matches } from './condition.js'
import type { ReceiptType } from './document-type.js'
import type { CharsetName } from './edifact/charset.js'
import { cuttingInterchanges } from './edifact/parts.js'
import { readSegmentTree } from './edifact/segment-tree.js'
import { openEnvelope, type Envelope } from './envelope.js'
import { readFlatTree } from './flatfile/flat-tree.js'
import type { Key } from './inspection.js'
import type { ReceiptStatus } from './states.js'
import { detectSyntax } from './syntax.js'
import type { Bilingual } from './text.js'
import { atOnce } from './turns.js'
import {
  keyValues,
  nodesAt,
  readXml,
  valueAt,
  valuesAt,
  type XmlDocument,
  type XmlElement,
  type XmlNode,
} from './xml-reading.js'

/** What one reply says about one business document. */
export interface ReplyEntry {
  /** Keys in order of preference; only those with a value. */
  keys: Key[]
  /** Names of keys that find only what was not answered yet. */
  unanswered?: string[]
  /** Codes of the company it is for, where it names one. */
  senders: string[]
  /** Keys this reply teaches about its submission. */
  learn: Key[]
  /** What of its message the entry speaks of: a bill, a container. */
  about?: Key
  /** The agency's own code, '' when it gave none and the type has no default. */
  code: string
  text: Bilingual
  /** ISO 8601, UTC. */
  time?: string
  agencyReference?: string
  agencyReferenceName?: Bilingual
  status: ReceiptStatus
  /** Names of files that come with it, as they stand in it; absent: it names none. */
  attachments?: string[]
}

/** An agency's answer as it was read: its kind, and what it says of each message. */
export interface Reply {
  receiptType: ReceiptType
  entries: ReplyEntry[]
}

/** Most messages of one answer that are kept each by itself; one that holds more is kept as it came. */
const mostSeparate = 5_000

/** An answer in EDIFACT may hold several messages, each a reply of its own; any other is one. */
export const separateReplies = (bytes: Buffer): Buffer[] => atOnce(separatingReplies(bytes))

/** The same as a work that can be interrupted (messages/turns.ts). */
export function* separatingReplies(bytes: Buffer): Generator<void, Buffer[], void> {
  if (detectSyntax(bytes) !== 'edifact') return [bytes]
  const { cut, beyond } = yield* cuttingInterchanges(bytes, { maxParts: mostSeparate, maxPartBytes: bytes.length * 2 })
  const parts = cut.flatMap((one) => one.parts)
  // What is not whole is kept as it came.
  const whole =
    beyond === undefined &&
    cut.every(
      ({ interchange, faults }) => interchange !== undefined && faults.every(({ severity }) => severity !== 'error'),
    )
  return whole && parts.length > 1 ? parts.map((part) => Buffer.from(part.bytes)) : [bytes]
}

/**
 * The reply, out of its envelope, as one of these types; undefined when it cannot be read or fits none of them.
 * @param charset what the bytes of an answer in EDIFACT are, where its UNB says otherwise
 */
export function readReply(
  bytes: Uint8Array,
  receiptTypes: readonly ReceiptType[],
  envelopes: readonly Envelope[] = [],
  charset?: CharsetName,
): Reply | undefined {
  let document: XmlDocument
  try {
    const syntax = detectSyntax(bytes)
    const outer =
      syntax === 'edifact'
        ? readSegmentTree(bytes, charset === undefined ? {} : { charset })
        : syntax === 'flatfile'
          ? readFlatTree(bytes)
          : readXml(bytes)
    document = openEnvelope(outer, envelopes) ?? outer
  } catch {
    return undefined
  }
  const receiptType = typeOf(document, receiptTypes)
  if (!receiptType) return undefined
  return {
    receiptType,
    entries: nodesOf(document.tree, receiptType).map((node) => readEntry(node, document.tree, receiptType)),
  }
}

/** Of those whose root and conditions fit, the one with the most conditions; the first of equals. */
function typeOf({ root, tree }: XmlDocument, receiptTypes: readonly ReceiptType[]): ReceiptType | undefined {
  const fit = withRoot(receiptTypes, root).flatMap((type) => {
    const holding = [type.match ?? {}]
      .flat()
      .map((one) => Object.entries(one))
      .filter((all) => all.every(([path, wanted]) => matches(wanted, valueAt(tree, path) ?? '')))
    return holding.length === 0 ? [] : [{ type, conditions: Math.max(...holding.map((all) => all.length)) }]
  })
  return fit.sort((a, b) => b.conditions - a.conditions)[0]?.type
}

/** Of each list of types, those of each root: there are hundreds, and every answer is looked for among them. */
const byRoot = new WeakMap<readonly ReceiptType[], Map<string, ReceiptType[]>>()

function withRoot(receiptTypes: readonly ReceiptType[], root: string): readonly ReceiptType[] {
  let known = byRoot.get(receiptTypes)
  if (!known) {
    known = new Map()
    for (const type of receiptTypes) known.set(type.root, [...(known.get(type.root) ?? []), type])
    byRoot.set(receiptTypes, known)
  }
  return known.get(root) ?? []
}

/**
 * Where a receipt speaks at several levels, a node without a code says nothing of its own; if none has one, the first
 * stands for all.
 */
function nodesOf(tree: XmlElement, { each, code }: ReceiptType): XmlNode[] {
  const paths = [each ?? '.'].flat()
  const nodes = paths.flatMap((path) => nodesAt(tree, path))
  if (paths.length === 1 || code === undefined) return nodes
  const speaking = nodes.filter((node) => (valueAt(node, code) ?? '') !== '')
  return speaking.length > 0 ? speaking : nodes.slice(0, 1)
}

function readEntry(node: XmlNode, root: XmlNode, type: ReceiptType): ReplyEntry {
  const all = (path: string | undefined) =>
    path === undefined ? [] : valuesAt(path.startsWith('/') ? root : node, path).filter((value) => value !== '')
  const code = all(type.code)[0] ?? type.defaultCode ?? ''
  const time = isoTime(all(type.time)[0])
  const agencyReference = all(type.agencyReference)[0]
  const name = type.agencyReferenceName ?? agencyNumberName(type.agencyReference ?? '')
  const named = (keys: { key: string; path: string }[]): Key[] =>
    keys.flatMap(({ key, path }) => keyValues(path, all).map((value) => ({ name: key, value })))
  const about = named(type.about ?? [])[0]
  const attachments = [...new Set((type.attachments ?? []).flatMap(all))].slice(0, mostNamed)
  const unanswered = type.keys.flatMap((one) => (one.unanswered ? [one.key] : []))
  return {
    keys: named(type.keys),
    ...(unanswered.length > 0 ? { unanswered } : {}),
    senders: (type.senders ?? []).flatMap(all),
    learn: Object.entries(type.learn ?? {}).flatMap(([name, path]) => all(path).map((value) => ({ name, value }))),
    ...(about === undefined ? {} : { about }),
    code,
    text: textOf(said(all(type.text)), lookUp(type.meanings ?? {}, code), type.title),
    ...(time === undefined ? {} : { time }),
    ...(agencyReference === undefined ? {} : { agencyReference }),
    ...(agencyReference === undefined || name === undefined ? {} : { agencyReferenceName: name }),
    status: lookUp(type.status, code) ?? type.otherwise,
    ...(attachments.length === 0 ? {} : { attachments }),
  }
}

/** Files one entry may name. */
const mostNamed = 50

/** The code itself first, then the `/expressions/` in the order they stand. */
function lookUp<T>(table: Record<string, T>, code: string): T | undefined {
  if (Object.hasOwn(table, code)) return table[code]
  return Object.entries(table).find(([wanted]) => matches(wanted, code))?.[1]
}

/** Customs gives its reasons one by one: each is told, in the order given. */
function said(texts: string[]): string | undefined {
  return texts.length === 0 ? undefined : [...new Set(texts)].slice(0, 20).join('；')
}

function textOf(own: string | undefined, meaning: Bilingual | undefined, title: Bilingual): Bilingual {
  return { zh: own ?? meaning?.zh ?? title.zh, en: meaning?.en ?? own ?? title.en }
}

const compact = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(?:(\d{2})(\d{3})?)?([+-]\d{2})?)?$/
const spelled =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/

/**
 * A time as agencies write it, as ISO 8601 in UTC: `yyyyMMdd[HHmm[ss[SSS]][+08]]`, or date and time with separators,
 * which may name a zone. Without one it is China time (+08:00). Undefined for anything else, and for days that do not
 * exist.
 */
export function isoTime(value: string | undefined): string | undefined {
  const parts = value === undefined ? null : (compact.exec(value) ?? spelled.exec(value))
  if (!parts) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = parts
  const two = (part: string | undefined) => part!.padStart(2, '0')
  const thousandths = fraction.slice(0, 3).padEnd(3, '0')
  const written = `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}.${thousandths}`
  // A date that rolls over (31 February) is no date.
  const plain = new Date(`${written}Z`)
  if (Number.isNaN(plain.getTime()) || plain.getUTCDate() !== Number(day)) return undefined
  const offset = zone?.replace(/^(...):?(\d\d)?$/, (_, hours: string, minutes = '00') => `${hours}:${minutes}`)
  const at = new Date(`${written}${offset ?? '+08:00'}`)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
