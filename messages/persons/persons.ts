// persons — what is shown to those who run the hub, without the values that name persons: bytes, faults, receipts,
// sentences. The one place that decides it. Partners see their own, and never come here.
import type { Fault } from '../fault.js'
import { inTurns } from '../turns.js'
import { decoded, documentSpans, syntaxOf } from './document-spans.js'
import { edifactNamesPerson } from './edifact-spans.js'
import { createPersonNames, type PersonFields } from './fields.js'
import { flatNamesPerson } from './flat-spans.js'
import { withoutPatterns } from './patterns.js'
import { blacken, blackened, type Span } from './span.js'

/** A document as it may be shown. */
export interface ShownDocument {
  bytes: Buffer
  /** How many values were taken out of it. */
  hidden: number
  /** It is no text: nobody has looked into it. */
  unread?: true
}

/** Of one document so many values are looked for in what is said of it. */
const mostValues = 2_000
/** Longer texts are documents; what is said of one is not looked for in them. */
const longestSaid = 64 * 1024

export type Persons = ReturnType<typeof createPersons>

/** @param fields which fields name persons, from `dist/forms/persons.json` */
export function createPersons(fields: PersonFields) {
  const names = createPersonNames(fields)

  async function spansOf(text: string): Promise<Span[]> {
    const spans: Span[] = []
    const work = documentSpans(text, names)
    await inTurns(
      (function* collect() {
        for (const span of work) {
          if (span) spans.push(span)
          yield
        }
      })(),
    )
    return spans
  }
  const spansAtOnce = (text: string) => [...documentSpans(text, names)].filter((one): one is Span => one !== undefined)

  /** Without what names a person by its fields or shows it, and without these values. */
  function text(said: string, values: readonly string[] = []): string {
    const bare = said.length > 20 && syntaxOf(said) ? blacken(said, spansAtOnce(said)) : withoutPatterns(said)
    return bare.length > longestSaid ? bare : withoutValues(bare, values)
  }

  function hasPlace(path: string, value: string): boolean {
    const edifact = /^([A-Z]{3})\(\d+\)(?:\+(\d+)(?::(\d+))?)?/.exec(path)
    if (edifact) {
      const [, tag = '', element = '0', component = '1'] = edifact
      const place = { tag, qualifier: '', element: Number(element), component: Number(component) }
      return edifactNamesPerson(place, value, false) || (tag === 'DOC' && place.element === 2)
    }
    const flat = /^(\d\d)\(\d+\):(\d+)/.exec(path)
    if (flat) return flatNamesPerson({ tag: flat[1]!, field: Number(flat[2]), part: 1 }, value.split('^')[0]!)
    const steps = path.split('/').filter((step) => step !== '' && !/^\d+$/.test(step))
    const plain = steps.map((step) =>
      step
        .replace(/^@/, '')
        .replace(/\[\d+\]$/, '')
        .replace(/^.*:/, ''),
    )
    const name = plain.at(-1) ?? ''
    const root = plain.find((step) => names.isForm(step)) ?? plain[0]
    return names.namesPerson({ root, above: plain.at(-2) ?? root ?? '', name })
  }

  /** A fault whose place names a person quotes the value nowhere. */
  function fault(one: Fault, values: readonly string[]): Fault {
    const { path, value } = one
    const personal = path !== undefined && hasPlace(path, value ?? '')
    const own = personal && value !== undefined && value !== '' ? [value, ...values] : values
    const said = (words: string) => text(personal ? withoutQuotes(words, value) : words, own)
    return {
      ...one,
      ...(value === undefined ? {} : { value: personal ? blackened : text(value, values) }),
      text: { zh: said(one.text.zh), en: said(one.text.en) },
    }
  }

  /**
   * Everything of an answer, member by member. Ids, codes and times are as they were. A reference is what a message is
   * spoken of by, and looks the same wherever it stands: with what the message names or without.
   */
  function answer<T>(value: T, values: readonly string[] = []): T {
    return member('', value, values) as T
  }
  function member(key: string, value: unknown, values: readonly string[]): unknown {
    if (typeof value === 'string') return untouched.test(key) ? value : text(value, key === 'reference' ? [] : values)
    if (Array.isArray(value)) return value.map((one) => member(key, one, values))
    if (typeof value !== 'object' || value === null || value instanceof Date || Buffer.isBuffer(value)) return value
    const made: Record<string, unknown> = {}
    for (const [name, one] of Object.entries(value)) {
      const named = typeof one === 'string' && rows.test(key) && names.keyNamesPerson(name)
      made[name] = named ? blackened : member(name, one, values)
    }
    if (isFault(made)) return { ...made, ...fault(value as Fault, values) }
    const { name, value: held, encoding, content } = value as Record<string, unknown>
    if (typeof name === 'string' && typeof held === 'string') {
      if (names.keyNamesPerson(name)) made.value = blackened
    }
    if (encoding === 'base64' && typeof content === 'string') {
      const bare = decoded(Buffer.from(content, 'base64'))
      const spans = bare === undefined ? [] : spansAtOnce(bare)
      if (bare !== undefined && spans.length > 0)
        Object.assign(made, { encoding: 'utf-8', content: blacken(bare, spans) })
      else made.content = content
    }
    return made
  }

  return {
    text,
    answer,
    /** The document without them, in UTF-8 where there are any; else the very bytes. */
    async bytes(bytes: Buffer): Promise<ShownDocument> {
      const bare = decoded(bytes)
      if (bare === undefined) return { bytes, hidden: 0, unread: true }
      const spans = await spansOf(bare)
      if (spans.length === 0) return { bytes, hidden: 0 }
      return { bytes: Buffer.from(nowUtf8(blacken(bare, spans))), hidden: spans.length }
    },
    /** The values themselves, to look for in what is said of the document. */
    async valuesIn(bytes: Buffer): Promise<string[]> {
      const bare = decoded(bytes)
      if (bare === undefined) return []
      const values = new Set<string>()
      for (const { from, to, with: instead } of await spansOf(bare)) {
        if (values.size >= mostValues) break
        const value = instead === undefined ? bare.slice(from, to).trim() : ''
        if (worthLooking(value)) values.add(value)
      }
      return [...values].sort((a, b) => b.length - a.length)
    },
  }
}

/** Members that hold ids, codes, times and other words of the hub's own, never what somebody wrote. */
const untouched =
  /^(.*Id|.*Ids|id|digest|sha256|fingerprint|hash|cursor|at|since|until|.*At|time|by|operation|documentType|agency|agencies|state|status|stage|code|channel|returnState|action|who|role|rule|path|mediaType|encoding|version|file|schema|type|kind|outcome|decision)$/
/** Members whose members are named as fields of documents are. */
const rows = /^(criteria|rows?|facts|keys|values)$/

const isFault = (one: Record<string, unknown>): boolean =>
  typeof one.code === 'string' && typeof one.text === 'object' && ('path' in one || 'value' in one)

/** Two characters of Chinese, or four others: less is no name to look for. */
const worthLooking = (value: string) => value.length >= (/[\u0080-\uffff]/.test(value) ? 2 : 4) && value.length <= 200

function withoutValues(said: string, values: readonly string[]): string {
  let bare = said
  for (const value of values) {
    if (!bare.includes(value)) continue
    const edge = (character: string) => (/[0-9A-Za-z]/.test(character) ? '[0-9A-Za-z]' : undefined)
    const [before, behind] = [edge(value[0]!), edge(value.at(-1)!)]
    const escaped = value.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
    const whole = `${before ? `(?<!${before})` : ''}${escaped}${behind ? `(?!${behind})` : ''}`
    bare = bare.replace(new RegExp(whole, 'g'), blackened)
  }
  return bare
}

/** What a sentence about a value quotes of it: also where it is cut, or written in another form. */
function withoutQuotes(words: string, value: string | undefined): string {
  const bare = value ? words.replaceAll(value, blackened) : words
  return bare.replace(
    /'[^']{1,250}'|“[^”]{1,250}”|「[^」]{1,250}」/g,
    (quote) => `${quote[0]}${blackened}${quote.at(-1)}`,
  )
}

/** What is declared of the encoding is so no more. */
const nowUtf8 = (text: string) =>
  text.replace(/^(\ufeff?\s*<\?xml\s[^>]*?encoding\s*=\s*["'])[^"']+/, '$1UTF-8').replace(/^\ufeff/, '')
