// json-reading — JSON as it was written (RFC 8259): every value with its place, numbers with their digits, a name that
// stands twice as the fault it is.

/** A value and where it begins in the text (`at`, in characters from 0), so that a fault can name its line. */
export type JsonValue = { at: number } & (
  | { kind: 'object'; members: Map<string, JsonValue> }
  | { kind: 'array'; items: JsonValue[] }
  /** `text` of a number is its digits as they stand. */
  | { kind: 'string' | 'number'; text: string }
  | { kind: 'true' | 'false' | 'null' }
)

/** Not JSON: where, and why. */
export class JsonReadError extends Error {
  override name = 'JsonReadError'
  constructor(
    message: string,
    readonly at: number,
  ) {
    super(message)
  }
}

const mostDepth = 64
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/**
 * Reads JSON into values that know their line.
 * @throws JsonReadError where it is none
 */
export function readJson(text: string): JsonValue {
  let i = text.charCodeAt(0) === 0xfeff ? 1 : 0
  const fail = (message: string): never => {
    throw new JsonReadError(message, i)
  }
  const blanks = () => {
    while (i < text.length && ' \t\n\r'.includes(text[i]!)) i++
  }
  const take = (char: string) => (text[i] === char ? i++ : fail(`${char} expected`))

  function value(depth: number): JsonValue {
    if (depth > mostDepth) fail(`nested deeper than ${mostDepth} levels`)
    blanks()
    const at = i
    const char = text[i]
    if (char === '{') return { at, kind: 'object', members: members(depth) }
    if (char === '[') return { at, kind: 'array', items: items(depth) }
    if (char === '"') return { at, kind: 'string', text: string() }
    for (const word of ['true', 'false', 'null'] as const)
      if (text.startsWith(word, i)) {
        i += word.length
        return { at, kind: word }
      }
    const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
    number.lastIndex = i
    const found = number.exec(text)
    if (!found) return fail(char === undefined ? 'it ends in the middle' : `a value expected, not ${char}`)
    i = number.lastIndex
    return { at, kind: 'number', text: found[0] }
  }

  function members(depth: number): Map<string, JsonValue> {
    const all = new Map<string, JsonValue>()
    take('{')
    blanks()
    if (text[i] === '}') {
      i++
      return all
    }
    for (;;) {
      blanks()
      const at = i
      const name = text[i] === '"' ? string() : fail('a name in quotes expected')
      if (all.has(name)) {
        i = at
        fail(`"${name}" stands twice`)
      }
      blanks()
      take(':')
      all.set(name, value(depth + 1))
      blanks()
      if (text[i] !== ',') break
      i++
    }
    take('}')
    return all
  }

  function items(depth: number): JsonValue[] {
    const all: JsonValue[] = []
    take('[')
    blanks()
    if (text[i] === ']') {
      i++
      return all
    }
    for (;;) {
      all.push(value(depth + 1))
      blanks()
      if (text[i] !== ',') break
      i++
    }
    take(']')
    return all
  }

  function string(): string {
    take('"')
    let made = ''
    for (let from = i; ; i++) {
      const char = text[i]
      if (char === undefined) return fail('a text never ends')
      if (char < ' ') return fail('a control character must be written as an escape')
      if (char !== '"' && char !== '\\') continue
      made += text.slice(from, i)
      if (char === '"') {
        i++
        return made
      }
      const next = text[i + 1] ?? ''
      const code = next === 'u' ? /^[0-9a-fA-F]{4}/.exec(text.slice(i + 2, i + 6))?.[0] : undefined
      if (code !== undefined) {
        made += String.fromCharCode(Number.parseInt(code, 16))
        i += 5
      } else {
        made += escapes[next] ?? fail(`\\${next} is no escape`)
        i++
      }
      from = i + 1
    }
  }

  const read = value(0)
  blanks()
  if (i < text.length) fail('something stands behind the end')
  return read
}

/** Line and column, from 1, of places in a text; its line ends are looked for once. */
export function placesIn(text: string): (at: number) => { line: number; column: number } {
  let ends: number[] | undefined
  return (at) => {
    if (!ends) {
      ends = []
      for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) ends.push(i)
    }
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if (ends[middle]! < at) low = middle + 1
      else high = middle
    }
    return { line: low + 1, column: at - (ends[low - 1] ?? -1) }
  }
}
