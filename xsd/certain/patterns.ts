// patterns — expressions of XML Schema as JavaScript's. What both read differently is not known: `\w` and `\i` know
// other letters, `^` and `$` are themselves there, a class may be taken from a class.
import { NotKnown } from './parts.js'
import type { ValueCheck } from './value-check.js'

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
    to - from <= 2000 && expression.test(page.toString(characters === to - from ? 'latin1' : 'utf8', from, to))
}

/** White space as XML Schema has it, in a class. */
const blanks = ' \\t\\n\\r'

function translated(pattern: string): string {
  let out = ''
  for (let i = 0; i < pattern.length; i++) {
    const one = pattern[i]!
    if (one === '[') {
      const end = classEnd(pattern, i)
      out += classOf(pattern.slice(i + 1, end))
      i = end
    } else if (one === '\\') out += escaped(pattern[++i] ?? '')
    else if (one === '^' || one === '$') throw new NotKnown(`pattern ${pattern}`)
    else if (one === '(' && pattern[i + 1] === '?') throw new NotKnown(`pattern ${pattern}`)
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

function classOf(inside: string): string {
  if (inside === '\\s\\S' || inside === '\\S\\s') return '[\\s\\S]'
  const negated = inside.startsWith('^')
  let out = negated ? '[^' : '['
  for (let i = negated ? 1 : 0; i < inside.length; i++) {
    const one = inside[i]!
    if (one !== '\\') {
      // JavaScript asks for these to be escaped, or gives them a meaning, where XML Schema does not.
      out += one === '^' ? '\\^' : one
      continue
    }
    const letter = inside[++i] ?? ''
    if (letter === 's') out += blanks
    // Other scripts have digits, too: with them it is a larger class, so that without them one negated would be.
    else if (letter === 'd' && !negated) out += '0-9'
    else if (/[nrt\\|.\-^?*+(){}[\]]/.test(letter)) out += `\\${letter}`
    else throw new NotKnown(`\\${letter} in a class`)
  }
  return `${out}]`
}
