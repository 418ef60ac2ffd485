// weak-password — is a password one that is guessed first? It is cut into the fewest parts that a guesser would put
// together: common words, words of the house and of the account, walks over the keyboard, years and dates, one
// character again and again. What is left over counts by the character. Too few parts is weak, however long it is and
// whatever kinds of characters stand in it (NIST SP 800-63B).
import { commonWords, orders, wordsOfTheHouse } from './common-words.js'

/** The shortest password, in characters. */
export const shortestPassword = 12
/** The longest password, in characters: scrypt costs by the length. */
export const longestPassword = 200

/** What a piece is worth, in half parts: a common word, what a guesser knows anyway, a character by itself. */
const worth = { part: 2, context: 1, sign: 1, digit: 1, letter: 2 }
/** Four parts, such as four common words, or four letters that are no word. */
const leastWorth = 8
const longestWord = 24
const leastRun = 3

/** Digits and signs that stand for letters. */
const letters: Readonly<Record<string, string>> = {
  ...{ '@': 'a', '4': 'a', '8': 'b', '3': 'e', '6': 'g', '1': 'i', '!': 'i', '0': 'o', $: 's', '5': 's', '7': 't' },
  '+': 't',
}
const spelled = (text: string) => text.replace(/[@48361!$057+]/g, (one) => letters[one] ?? one)

const common = new Set([...commonWords].flatMap((word) => [word, spelled(word)]))

/** A day, as people write it: 19990131, 1999-01-31, 310199, and years. */
const date =
  /^(19|20)\d\d([-./]?(0[1-9]|1[0-2])([-./]?(0[1-9]|[12]\d|3[01]))?)?$|^(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)?\d\d$/
const mobile = /^1[3-9]\d{9}$/

const both = orders.flatMap((order) => [order, [...order].reverse().join('')])

/** The end of what begins here and is typed without thinking: one character again and again, or neighbours in order. */
function runFrom(text: string, start: number): number {
  let end = start + 1
  while (text[end] === text[start]) end += 1
  for (const order of both) {
    let at = order.indexOf(text[start]!)
    let to = start
    while (at >= 0 && at < order.length && text[to] === order[at]) [at, to] = [at + 1, to + 1]
    end = Math.max(end, to)
  }
  return end
}

/** `abcabcabc` is worth `abc`. */
function block(text: string): string {
  for (let size = 1; size <= text.length / 2; size++)
    if (text.length % size === 0 && text === text.slice(0, size).repeat(text.length / size)) return text.slice(0, size)
  return text
}

function worthOf(text: string, context: ReadonlySet<string>): number {
  const plain = spelled(text)
  /** Of the first so many characters, at least. */
  const least: number[] = [0, ...Array.from({ length: text.length }, () => Infinity)]
  for (let start = 0; start < text.length; start++) {
    const reach = (end: number, more: number) => (least[end] = Math.min(least[end]!, least[start]! + more))
    const one = text[start]!
    reach(start + 1, /\p{L}/u.test(one) ? worth.letter : /\d/.test(one) ? worth.digit : worth.sign)
    const run = runFrom(text, start)
    for (let end = start + leastRun; end <= run; end++) reach(end, worth.part)
    for (let end = start + 2; end <= Math.min(text.length, start + longestWord); end++) {
      const [as, read] = [text.slice(start, end), plain.slice(start, end)]
      if (context.has(as) || context.has(read)) reach(end, worth.context)
      else if (common.has(as) || common.has(read) || date.test(as) || mobile.test(as)) reach(end, worth.part)
    }
  }
  return least[text.length]!
}

/** Words of two letters and more that stand in a name: `anna.li@example` is anna, li, example, and all of it. */
const namesIn = (name: string) =>
  [name, ...name.split(/[^\p{L}\p{N}]+/u)].map((one) => one.toLowerCase()).filter((one) => one.length > 1)

/**
 * @param name of the account
 * @param words of the house, as the configuration has them (`operators.passwordWords`)
 */
export function weakPassword(password: string, name: string, words: readonly string[] = []): boolean {
  const text = password.normalize('NFKC').trim().toLowerCase()
  const own = namesIn(name)
  const context = new Set([...own, ...[...wordsOfTheHouse, ...words].flatMap(namesIn)])
  return (
    password.length < shortestPassword ||
    password.length > longestPassword ||
    new Set(text).size < 5 ||
    own.some((one) => one.length > 3 && text.includes(one)) ||
    worthOf(block(text), context) < leastWorth
  )
}
