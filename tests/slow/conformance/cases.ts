// cases — one message for every working operation: a sample that is it, or a sample made so by the facts the catalogue
// asks for, with numbers of its own so that a thousand can be filed side by side.
import { decodeXml } from '../../../messages/charset.js'
import { meets, isExpression } from '../../../messages/condition.js'
import { orderFact, type DocumentType } from '../../../messages/document-type.js'
import { readInterchanges } from '../../../messages/edifact/reader.js'
import { detectSyntax } from '../../../messages/syntax.js'
import { subscriptionDocument } from '../../../messages/subscription.js'
import type { Inspection } from '../../../messages/inspection.js'
import type { CatalogueEntry } from '../../../routing/operation.js'
import { withEdifactFact } from './edifact-facts.js'
import { routing } from '../../support/data.js'
import { engine, sampleBytes, wantedFamily } from './samples.js'

export interface Case {
  family: string
  operation: CatalogueEntry
  documentType: string
  /** As document types name it. */
  file: string
  xml: Buffer
}

const families = new Map(
  routing.documents.flatMap((f) =>
    f.documents.map((type): [string, { family: string; type: DocumentType }] => [type.id, { family: f.family, type }]),
  ),
)

/** Operations partners send; notices come from agencies (tests/journeys/notices.test.ts). */
export const working = [...routing.operations.values()].filter(
  (o) =>
    o.kind !== 'notice' &&
    o.documents.some(({ type }) => families.has(type) && wantedFamily(families.get(type)!.family)),
)

/** Operations agencies speak first in. */
export const notices = [...routing.operations.values()].filter(
  (o) => o.kind === 'notice' && o.documents.some(({ type }) => families.has(type)),
)

/** One notice for each of them, or undefined where no sample can be made one. */
export const noticeCase = (operation: CatalogueEntry, n: number): Case | undefined =>
  operation.documents
    .filter(({ type }) => type !== subscriptionDocument)
    .map((d) => caseOf(operation, d.type, d.when, n))
    .find((c) => c !== undefined)

/** @param most cases, taken evenly from all; the sentences tell which operations no sample can be made for */
export function casesOf(most: number): { cases: Case[]; without: string[] } {
  const without: string[] = []
  const wanted =
    most >= working.length
      ? working
      : working.filter(
          (_, i) => Math.floor((i * most) / working.length) !== Math.floor(((i - 1) * most) / working.length),
        )
  const cases = wanted.flatMap((operation, i) => {
    const found = operation.documents.map((d) => caseOf(operation, d.type, d.when, i)).find((c) => c !== undefined)
    if (!found)
      without.push(
        `${operation.code} ${operation.title.zh}: ` +
          `no sample of ${operation.documents.map((d) => d.type).join(', ')} is or can be made it`,
      )
    return found ?? []
  })
  return { cases, without }
}

function caseOf(
  operation: CatalogueEntry,
  typeId: string,
  when: Parameters<typeof meets>[0],
  n: number,
): Case | undefined {
  const known = families.get(typeId)
  if (!known) return undefined
  const candidates = known.type.samples.flatMap((file) => {
    const bytes = sampleBytes(file)
    // An interchange of several messages has several operations: conformance-edifact.test.ts files those.
    if (detectSyntax(bytes) === 'edifact' && readInterchanges(bytes).some(({ messages }) => messages.length > 1))
      return []
    const decoded = decodeXml(bytes)
    return 'fault' in decoded
      ? []
      : [
          {
            file,
            text: Buffer.from(decoded.utf8)
              .toString()
              .replace(/^\ufeff?(<\?xml[^>]*?) encoding=(['"]).*?\2/, '$1'),
          },
        ]
  })
  const is = (text: string) => {
    const { document, faults } = look(text)
    return faults.length === 0 && document?.type === typeId && meets(when, document.facts)
  }
  const asked = Object.entries(when ?? {})
  const adapted = (text: string) => {
    const facts = look(text).document?.facts ?? {}
    const unmet = asked.filter(([name, wanted]) => !meets({ [name]: wanted }, facts))
    return unmet.reduce((made, [name, wanted]) => withFact(made, known.type, name, valueFor([wanted].flat()[0]!)), text)
  }
  for (const make of [(text: string) => text, adapted])
    for (const { file, text } of candidates) {
      const made = make(text)
      if (is(made))
        return {
          family: known.family,
          operation,
          documentType: typeId,
          file,
          xml: Buffer.from(fresh(made, known.type, n, is)),
        }
    }
  return undefined
}

const valueFor = (wanted: string) => (isExpression(wanted) ? exampleOf(wanted) : wanted)

/**
 * A value a plain expression takes: the first of alternatives, the shortest of repetitions. Whether it fits is asked
 * afterwards.
 */
function exampleOf(expression: string): string {
  return expression
    .slice(1, -1)
    .replace(/\([^()]*\)[?*]/g, '')
    .replace(/\(([^()|]*)[^()]*\)/g, '$1')
    .replace(/\[\^([^\]]*)\]/g, (_, not: string) => [...'0123456789'].find((d) => !not.includes(d)) ?? '')
    .replace(/\[([^\]])[^\]]*\]/g, '$1')
    .replace(/\.[*?]/g, '')
    .replace(/\.\+?/g, '0')
    .replace(/\\d(\{(\d+)\})?/g, (_, __, count?: string) => '1'.repeat(Number(count ?? 1)))
}

const look = (text: string): Inspection => engine.inspect(Buffer.from(text))

/** The first element (or attribute) of the fact holds the value; where there is none, nothing is changed. */
function withFact(text: string, type: DocumentType, name: string, value: string): string {
  const path = type.facts[name]
  if (path === undefined) return text
  if (detectSyntax(Buffer.from(text)) === 'edifact') return withEdifactFact(text, path, value)
  const [elements = '', attribute] = path.split('@')
  let at = text.search(new RegExp(`<(?:[\\w.-]+:)?${type.root}[\\s>]`))
  for (const step of elements.split('/').filter(Boolean)) {
    const found = text.slice(at + 1).search(new RegExp(`<(?:[\\w.-]+:)?${step}[\\s/>]`))
    if (found < 0) return text
    at += 1 + found
  }
  const tail = text.slice(at)
  const changed =
    attribute === undefined
      ? tail.replace(
          /^<([^\s/>]+)((?:\s[^>]*?)?)(?:\/>|>[^<]*<\/\1>)/,
          (_, tag: string, rest: string) => `<${tag}${rest}>${value}</${tag}>`,
        )
      : tail.replace(new RegExp(`^(<[^>]*?\\s${attribute}=)(["']).*?\\2`), (_, before: string) => `${before}"${value}"`)
  return text.slice(0, at) + changed
}

/**
 * The same message with other numbers: what names it, what it is ordered by and what receipts cite, as far as it stays
 * valid.
 */
function fresh(text: string, type: DocumentType, n: number, is: (text: string) => boolean): string {
  const { document } = look(text)
  const named = (names: (string | undefined)[]) =>
    names.flatMap((name) => (name === undefined ? [] : (document!.facts[name]?.trim() ?? '')))
  const sets = [
    [
      ...named([type.reference, ...(type.identity ?? []), ...(type.order ?? []).map(orderFact)]),
      ...document!.keys.map((k) => k.value),
    ],
    [...named([type.reference]), ...document!.keys.map((k) => k.value)],
    named([type.reference]),
  ]
  for (const set of sets) {
    const made = [...new Set(set)].reduce((t, value, j) => renumber(t, value, (n + 1) * 10 + (j % 10)), text)
    if (made !== text && is(made)) return made
  }
  return detectSyntax(Buffer.from(text)) === 'edifact' ? text : `${text.trimEnd()}\n<!-- ${n} -->\n`
}

/**
 * The last run of three digits or more in the value becomes another number, wherever the value stands whole; values
 * that differ still do.
 */
function renumber(text: string, value: string, n: number): string {
  const run = /\d{3,}(?=\D*$)/.exec(value)
  if (!run) return text
  const digits = Math.min(run[0].length, 6)
  const end = run.index + run[0].length
  const other = value.slice(0, end - digits) + String(n).padStart(digits, '0').slice(-digits) + value.slice(end)
  // In EDIFACT a number has separators around it that differ from sender to sender.
  if (detectSyntax(Buffer.from(text)) === 'edifact') return text.replaceAll(value, other)
  return text.replaceAll(`>${value}<`, `>${other}<`).replaceAll(`="${value}"`, `="${other}"`)
}
