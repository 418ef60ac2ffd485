// document-spans — what names a person in a document of whatever syntax, by its fields and by what shows it by itself;
// and the bytes of a document as text.
import { xmlEncoding } from '../charset.js'
import { edifactSpans } from './edifact-spans.js'
import type { PersonNames } from './fields.js'
import { flatSpans } from './flat-spans.js'
import { jsonSpans } from './json-spans.js'
import { patternSpans } from './patterns.js'
import { blacken, type Span, type Spans } from './span.js'
import { xmlSpans } from './xml-spans.js'

/** The syntaxes in which persons are looked for. */
export type SearchedSyntax = 'xml' | 'json' | 'edifact' | 'flat'

/** What a text is by how it begins; undefined: nothing that has fields. */
export function syntaxOf(text: string): SearchedSyntax | undefined {
  const head = text.slice(0, 400).replace(/^\ufeff?\s+|^\ufeff/, '')
  if (head.startsWith('<')) return 'xml'
  if (/^[{[]/.test(head)) return 'json'
  if (/^(UNA.{6}|(UN[BGH]|CTA|NAD|BGM)\s*[^\w\s])/.test(head)) return 'edifact'
  if (/^\d\d:[^\n]{0,300}/.test(head)) return 'flat'
  return undefined
}

/** Documents stand in documents; deeper than this nobody puts them. */
const mostInside = 3

/**
 * Spans in characters of `text`, in order; an `undefined` between them is a moment at which others may have their turn.
 * @param depth how many documents this one stands in
 */
export function* documentSpans(text: string, names: PersonNames, depth = 0): Spans {
  const inner = (base64: string) => (depth < mostInside ? blackenedInside(base64, names, depth + 1) : undefined)
  switch (syntaxOf(text)) {
    case 'xml':
      yield* xmlSpans(text, names, inner)
      break
    case 'json':
      yield* jsonSpans(text, names)
      break
    case 'edifact':
      yield* edifactSpans(text)
      break
    case 'flat':
      yield* flatSpans(text)
      break
    case undefined:
  }
  yield* patternSpans(text)
}

/** XML, escaped or as base64, that stands in an element; undefined where it is none, or names nobody. */
function blackenedInside(text: string, names: PersonNames, depth: number): string | undefined {
  const escaped = /^\s*&lt;/.test(text)
  const bare = escaped ? unescaped(text) : decodedBase64(text)
  if (bare === undefined || syntaxOf(bare) === undefined) return undefined
  const spans = [...documentSpans(bare, names, depth)].filter((one): one is Span => one !== undefined)
  if (spans.length === 0) return undefined
  const made = blacken(bare, spans)
  return escaped ? made.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`) : Buffer.from(made).toString('base64')
}

const unescaped = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')

function decodedBase64(text: string): string | undefined {
  const head = text.slice(0, 200).replace(/\s+/g, '')
  // `<`, `{`, `UN`, as base64 begins with them; also behind a byte order mark or a blank.
  if (!/^(P[A-P]|77u\/|e[w-z\d+/]|VU5|DQo|Cg|Cj|IC)[A-Za-z0-9+/]/.test(head) || /[^\w+/=]/.test(head)) return undefined
  const bytes = Buffer.from(text, 'base64')
  return decoded(bytes)
}

/** The text of bytes, in the encoding they name or show; undefined of what is no text (an image, a PDF, a zip). */
export function decoded(bytes: Uint8Array): string | undefined {
  const named = xmlEncoding(bytes)
  if (/^utf-16/.test(named)) return new TextDecoder(named).decode(bytes)
  if (bytes.subarray(0, 100_000).includes(0)) return undefined
  if (
    /^%PDF|^PK\u0003\u0004|^\u00ff\u00d8\u00ff|^\u0089PNG|^GIF8|^Rar!/.test(
      Buffer.from(bytes.subarray(0, 8)).toString('latin1'),
    )
  )
    return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder(/big-?5/i.test(named) ? 'big5' : 'gb18030').decode(bytes)
  }
}
