// patterns — expressions of XML Schema as JavaScript's. What both read differently is not known: `\w` and `\i` know
// other letters, `^` and `$` are themselves there, a class may be taken from a class.
import { NotKnown } from './parts.js'
import { textOf, type ValueCheck } from './value-check.js'

const special: Readonly<Record<string, ValueCheck>> = {
  // Anything that is not blank: nearly every name that is required. Bytes above 0x20 are no white space of XML.
  '[\\s\\S]*\\S[\\s\\S]*': notBlank,
  '(\\s*\\S[\\s\\S]*)?': (page, from, to) => from === to || notBlank(page, from, to),
}

function notBlank(page: Buffer, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (page[i]! > 0x20) return true
  return false
}

/** @throws NotKnown of an expression that JavaScript reads otherwise, or not at all */
export function patternOf(pattern: string): ValueCheck {
  const known = special[pattern]
  if (known) return known
  let expression: RegExp
  try {
    expression = new RegExp(`^(?:${translated(pattern)})$`, 'u')
  } catch (error) {
    throw error instanceof NotKnown ? error : new NotKnown(`pattern ${pattern}`)
  }
  return (page, from, to, characters) =>
    // Long ones could take long: what such an expression costs is not known.
    to - from <= 2000 && expression.test(textOf(page, from, to, characters))
}

/** White space as XML Schema has it, in a class. */
const blanks = ' \\t\\n\\r'

function translated(pattern: string): string {
  let out = ''
  const open: number[] = []
  for (let i = 0; i < pattern.length; i++) {
    const one = pattern[i]!
    if (one === '[') {
      const end = classEnd(pattern, i)
      out += classOf(pattern.slice(i + 1, end))
      i = end
    } else if (one === '\\') out += escaped(pattern[++i] ?? '')
    else if (one === '^' || one === '$') throw new NotKnown(`pattern ${pattern}`)
    else if (one === '(') {
      if (pattern[i + 1] === '?') throw new NotKnown(`pattern ${pattern}`)
      open.push(i)
      out += one
    } else if (one === ')') {
      const from = open.pop()
      const comesAgain = /[*+{]/.test(pattern[i + 1] ?? '')
      if (from === undefined || (comesAgain && !isRepeatable(pattern.slice(from + 1, i))))
        throw new NotKnown(`pattern ${pattern}`)
      out += one
    }
    // Two after one another are JavaScript's own.
    else if (/[?*+]/.test(one) && /[?*+}]/.test(pattern[i - 1] ?? '') && pattern[i - 2] !== '\\')
      throw new NotKnown(`pattern ${pattern}`)
    // A dot is neither of the two line ends (JavaScript: nor two others, which only makes fewer values certain).
    else out += one
  }
  return out
}

function escaped(letter: string): string {
  if (letter === 'd') return '[0-9]'
  if (letter === 's') return `[${blanks}]`
  if (letter === 'S') return `[^${blanks}]`
  if (/[nrt\\|.\-^?*+(){}[\]]/.test(letter) && letter !== '') return letter === '-' ? '-' : `\\${letter}`
  throw new NotKnown(`\\${letter}`)
}

function classEnd(pattern: string, from: number): number {
  for (let i = from + 1; i < pattern.length; i++) {
    if (pattern[i] === '\\') i++
    else if (pattern[i] === ']') return i
    else if (pattern[i] === '[') break
  }
  throw new NotKnown(`class in ${pattern}`)
}

/**
 * A `-` stands first or last, or between two characters that are written as they are: libxml2 leaves others out, and
 * JavaScript makes ranges of them.
 */
function classOf(inside: string): string {
  if (inside === '\\s\\S' || inside === '\\S\\s') return '[\\s\\S]'
  const negated = inside.startsWith('^')
  const first = negated ? 1 : 0
  let out = negated ? '[^' : '['
  /** The last thing was one character, written as it is, and ends no range. */
  let mayBegin = false
  for (let i = first; i < inside.length; i++) {
    const one = inside[i]!
    if (one === '-' && i > first && i < inside.length - 1) {
      const end = inside[++i]!
      if (!mayBegin || end === '\\' || end === '-') throw new NotKnown(`class ${inside}`)
      out += `-${plain(end)}`
      mayBegin = false
    } else if (one === '\\') {
      out += escapedInClass(inside[++i] ?? '', negated)
      mayBegin = false
    } else {
      out += one === '-' ? '\\-' : plain(one)
      mayBegin = one !== '-'
    }
  }
  return `${out}]`
}

/** JavaScript gives `^` a meaning where XML Schema does not. */
const plain = (one: string) => (one === '^' ? '\\^' : one)

function escapedInClass(letter: string, negated: boolean): string {
  if (letter === 's') return blanks
  // Other scripts have digits, too: with them it is a larger class, so that without them one negated would be.
  if (letter === 'd' && !negated) return '0-9'
  if (/[nrt\\|.\-^?*+(){}[\]]/.test(letter)) return `\\${letter}`
  throw new NotKnown(`\\${letter} in a class`)
}

/** A list: `,12,13`, and the parts of a code. */
const listItem = /^(?:,|\\\.)(?:\[0-9\]|\\d)\+$/

/**
 * What comes again must not be empty, which libxml2 reads in its own way, nor hold what comes again, which may take
 * without end.
 */
function isRepeatable(group: string): boolean {
  const written = group.replace(/\\./g, '_')
  return listItem.test(group) || !/[?*+]|\{0|,\}|^\||\|\||\|$/.test(written)
}
