// reply — an agency's answer read by the receipt's description (routing/documents/<family>.yaml): whom it speaks of, what it says.
// Nothing here refuses a receipt for its form: what cannot be read is left out, and the verbatim bytes are kept elsewhere.
import { matches } from './condition.js'
import type { ReceiptType } from './document-type.js'
import { openEnvelope, type Envelope } from './envelope.js'
import type { Key } from './inspection.js'
import type { ReceiptStatus } from './states.js'
import type { Bilingual } from './text.js'
import { nodesAt, readXml, valueAt, valuesAt, type XmlDocument, type XmlNode } from './xml-reading.js'

/** What one reply says about one business document. */
export interface ReplyEntry {
  /** Keys in order of preference; only those with a value. */
  keys: Key[]
  /** Keys this reply teaches about its submission. */
  learn: Key[]
  /** The agency's own code, '' when it gave none and the type has no default. */
  code: string
  text: Bilingual
  /** ISO 8601, UTC. */
  time?: string
  agencyReference?: string
  status: ReceiptStatus
}

export interface Reply {
  receiptType: ReceiptType
  entries: ReplyEntry[]
}

/** The reply, out of its envelope, as one of these types; undefined when it is no XML or fits none of them. */
export function readReply(bytes: Uint8Array, receiptTypes: readonly ReceiptType[], envelopes: readonly Envelope[] = []): Reply | undefined {
  let document: XmlDocument
  try {
    const outer = readXml(bytes)
    document = openEnvelope(outer, envelopes) ?? outer
  } catch {
    return undefined
  }
  const receiptType = typeOf(document, receiptTypes)
  if (!receiptType) return undefined
  const nodes = receiptType.each === undefined ? [document.tree] : nodesAt(document.tree, receiptType.each)
  return { receiptType, entries: nodes.map((node) => readEntry(node, document.tree, receiptType)) }
}

/** Of those whose root and conditions fit, the one with the most conditions; the first of equals. */
function typeOf({ root, tree }: XmlDocument, receiptTypes: readonly ReceiptType[]): ReceiptType | undefined {
  const conditions = (type: ReceiptType) => Object.entries(type.match ?? {})
  return receiptTypes
    .filter((type) => type.root === root && conditions(type).every(([path, wanted]) => matches(wanted, valueAt(tree, path) ?? '')))
    .sort((a, b) => conditions(b).length - conditions(a).length)[0]
}

function readEntry(node: XmlNode, root: XmlNode, type: ReceiptType): ReplyEntry {
  const all = (path: string | undefined) => (path === undefined ? [] : valuesAt(path.startsWith('/') ? root : node, path).filter((value) => value !== ''))
  const code = all(type.code)[0] ?? type.defaultCode ?? ''
  const time = isoTime(all(type.time)[0])
  const agencyReference = all(type.agencyReference)[0]
  return {
    keys: type.keys.flatMap(({ key, path }) => all(path).map((value) => ({ name: key, value }))),
    learn: Object.entries(type.learn ?? {}).flatMap(([name, path]) => all(path).map((value) => ({ name, value }))),
    code,
    text: textOf(all(type.text)[0], lookUp(type.meanings ?? {}, code), type.title),
    ...(time === undefined ? {} : { time }),
    ...(agencyReference === undefined ? {} : { agencyReference }),
    status: lookUp(type.status, code) ?? type.otherwise,
  }
}

/** The code itself first, then the `/expressions/` in the order they stand. */
function lookUp<T>(table: Record<string, T>, code: string): T | undefined {
  if (Object.hasOwn(table, code)) return table[code]
  return Object.entries(table).find(([wanted]) => matches(wanted, code))?.[1]
}

function textOf(own: string | undefined, meaning: Bilingual | undefined, title: Bilingual): Bilingual {
  return { zh: own ?? meaning?.zh ?? title.zh, en: meaning?.en ?? own ?? title.en }
}

const compact = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})(\d{3})?)?$/
const spelled = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/

/**
 * A time as agencies write it, as ISO 8601 in UTC: `yyyyMMdd[HHmmss[SSS]]`, or date and time with separators, which may name a zone.
 * Without one it is China time (+08:00). Undefined for anything else, and for days that do not exist.
 */
export function isoTime(value: string | undefined): string | undefined {
  const parts = value === undefined ? null : (compact.exec(value) ?? spelled.exec(value))
  if (!parts) return undefined
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone] = parts
  const two = (part: string | undefined) => part!.padStart(2, '0')
  const written = `${year}-${two(month)}-${two(day)}T${two(hour)}:${minute}:${second}.${fraction.slice(0, 3).padEnd(3, '0')}`
  // A date that rolls over (31 February) is no date.
  const plain = new Date(`${written}Z`)
  if (Number.isNaN(plain.getTime()) || plain.getUTCDate() !== Number(day)) return undefined
  const at = new Date(`${written}${zone === undefined ? '+08:00' : zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
