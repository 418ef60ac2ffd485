// xml-spans — what names a person in XML, also in XML that is not well-formed: the text of elements and the values of
// attributes that are such fields. Looks at each character once.
import type { PersonNames } from './fields.js'
import type { Span, Spans } from './span.js'

/** What is deeper is not told apart any more: refused messages come as deep as they like. */
const deepest = 1_000
const tagsInOneGo = 2_000

interface Level {
  name: string
  personal: boolean
}

/**
 * @param inner XML that stands as base64 in an element, blackened; undefined where nothing of it is
 */
export function* xmlSpans(
  text: string,
  { isForm, namesPerson }: PersonNames,
  inner: (base64: string) => string | undefined = () => undefined,
): Spans {
  const stack: Level[] = []
  let root: string | undefined
  let tags = 0
  let at = text.indexOf('<')
  const lost = { '"': false, "'": false }

  /** Where the value that begins at `from` ends: its quote; where none closes it, the next angle bracket. */
  function endOfQuote(quote: '"' | "'", from: number): number {
    const end = lost[quote] ? -1 : text.indexOf(quote, from)
    if (end >= 0) return end
    lost[quote] = true
    let to = from
    while (to < text.length && text[to] !== '<' && text[to] !== '>') to += 1
    return to
  }
  function* ofText(from: number, to: number): Generator<Span, void, void> {
    const top = stack.at(-1)
    if (!top || from >= to) return
    if (top.personal) {
      const bare = text.slice(from, to)
      const start = from + bare.length - bare.trimStart().length
      const end = from + bare.trimEnd().length
      if (start < end) yield { from: start, to: end }
    } else if (to - from >= leastInner) {
      const made = inner(text.slice(from, to))
      if (made !== undefined) yield { from, to, with: made }
    }
  }

  while (at >= 0) {
    if (++tags % tagsInOneGo === 0) yield undefined
    let next: number
    if (text.startsWith('<!--', at)) {
      const end = text.indexOf('-->', at + 4)
      next = end < 0 ? text.length : end + 3
    } else if (text.startsWith('<![CDATA[', at)) {
      const end = text.indexOf(']]>', at + 9)
      yield* ofText(at + 9, end < 0 ? text.length : end)
      next = end < 0 ? text.length : end + 3
    } else if (text[at + 1] === '?' || text[at + 1] === '!') {
      const end = text.indexOf('>', at)
      next = end < 0 ? text.length : end + 1
    } else if (text[at + 1] === '/') {
      const end = text.indexOf('>', at)
      next = end < 0 ? text.length : end + 1
      const name = localName(text, at + 2).name
      if (stack.at(-1)?.name === name) stack.pop()
      else {
        const level = stack.findLastIndex((one) => one.name === name)
        if (level >= 0) stack.length = level
      }
    } else {
      const { name, end } = localName(text, at + 1)
      if (name === '') {
        at = text.indexOf('<', at + 1)
        continue
      }
      root ??= name
      // A form inside an envelope is read as what it is.
      if (!isForm(root) && isForm(name)) root = name
      const above = stack.at(-1)?.name ?? root
      // What stands in markup inside of such an element is of it: `<buyerName><b>…</b></buyerName>`.
      const personal = stack.at(-1)?.personal === true || namesPerson({ root, above, name })
      let i = end
      let closed = false
      while (i < text.length && text[i] !== '>' && text[i] !== '<') {
        if (text[i] === '/' && text[i + 1] === '>') closed = true
        const attribute = localName(text, i)
        if (attribute.end === i) {
          i += 1
          continue
        }
        i = attribute.end
        while (text[i] === ' ' || text[i] === '=') i += 1
        const quote = text[i]
        if (quote !== '"' && quote !== "'") continue
        const from = i + 1
        const to = endOfQuote(quote, from)
        i = to + (text[to] === quote ? 1 : 0)
        const own = { root, above: name, name: attribute.name }
        if (to > from && ((personal && !/^(xmlns|xsi)/.test(attribute.name)) || namesPerson(own))) yield { from, to }
      }
      next = text[i] === '>' ? i + 1 : i
      if (!closed && stack.length < deepest) stack.push({ name, personal })
    }
    const following = text.indexOf('<', next)
    yield* ofText(next, following < 0 ? text.length : following)
    at = following
  }
}

const leastInner = 64

/** The name that begins there, without prefix. */
function localName(text: string, from: number): { name: string; end: number } {
  let end = from
  let start = from
  while (end < text.length && end - from < 300) {
    const c = text.charCodeAt(end)
    if (c <= 0x20 || c === 0x3e || c === 0x2f || c === 0x3d || c === 0x3c || c === 0x22 || c === 0x27) break
    end += 1
    if (c === 0x3a) start = end
  }
  return { name: text.slice(start, end), end }
}
