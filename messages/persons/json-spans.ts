// json-spans — what names a person in the JSON form of a message, also in JSON that is broken: the values of such
// members. Looks at each character once.
import type { PersonNames } from './fields.js'
import type { Spans } from './span.js'

const tokensInOneGo = 5_000
const deepest = 1_000

/** As `documentSpans` yields them. */
export function* jsonSpans(text: string, { isForm, namesPerson }: PersonNames): Spans {
  /** The member each open object or list is the value of. */
  const stack: string[] = []
  let root: string | undefined
  let key: string | undefined
  let tokens = 0
  let at = 0
  while (at < text.length) {
    if (++tokens % tokensInOneGo === 0) yield undefined
    const c = text[at]!
    if (c === '{' || c === '[') {
      // A list's items are of the member the list is of.
      if (stack.length < deepest) stack.push(key ?? stack.at(-1) ?? '')
      key = undefined
      at += 1
    } else if (c === '}' || c === ']') {
      stack.pop()
      key = undefined
      at += 1
    } else if (c === ',') {
      key = undefined
      at += 1
    } else if (c === ':' || c <= ' ') at += 1
    else {
      const quoted = c === '"'
      const end = quoted ? endOfString(text, at + 1) : endOfWord(text, at)
      const [from, to] = quoted ? [at + 1, end] : [at, end]
      const value = text.slice(from, to)
      const behind = quoted ? Math.min(text.length, end + 1) : end
      const colon = quoted && /^\s{0,20}:/.test(text.slice(behind, behind + 21))
      if (colon) {
        key = value
        if (stack.length === 1 && (root === undefined || isForm(value))) root = value
      } else {
        const name = key ?? stack.at(-1) ?? ''
        const above = (key === undefined ? stack.at(-2) : stack.at(-1)) || (root ?? '')
        if (to > from && namesPerson({ root: root !== undefined && isForm(root) ? root : undefined, above, name }))
          yield quoted ? { from, to } : { from, to, with: '"***"' }
      }
      at = Math.max(behind, at + 1)
    }
  }
}

function endOfString(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 0x5c) i += 1
    else if (c === 0x22) return i
  }
  return text.length
}

function endOfWord(text: string, from: number): number {
  let i = from
  while (i < text.length && !/[\s,:{}[\]"]/.test(text[i]!)) i += 1
  return i
}
