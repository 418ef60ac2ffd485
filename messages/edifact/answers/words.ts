// words — text for people in an interchange: in Chinese where its character set has it, else in English, in the letters
// its level allows.
import { type Bilingual } from '../../text.js'
import { encode, repertoireOf } from '../charset.js'
import { type Interchange } from '../envelope.js'

/** Texts for free-text elements of an answer. */
export interface Words {
  /** As it can be written: one line, nothing outside the character set. */
  plain(text: string, length: number): string
  /**
   * In each language the interchange can carry, in pieces of at most 70 characters (the shortest 4440 of any release).
   */
  pieces(text: Bilingual, count: number, instead: string): { language: 'ZH' | 'EN'; pieces: string[] }[]
}

/** Characters of one piece of free text. */
const longestPiece = 70

/** Typographic characters by plain ones, where NFKC does not do it. */
const plainOnes: Record<string, string> = {
  '‘': "'",
  '’': "'",
  '“': '"',
  '”': '"',
  '–': '-',
  '—': '-',
  '、': ',',
  '。': '.',
  '“ ': '"',
  '《': '<',
  '》': '>',
  '【': '(',
  '】': ')',
  _: '-',
  '«': '"',
  '»': '"',
}

/** The words of an answer to this interchange. */
export function wordsFor({ charset, syntaxIdentifier }: Pick<Interchange, 'charset' | 'syntaxIdentifier'>): Words {
  const repertoire = charset === 'ascii' ? repertoireOf(syntaxIdentifier) : undefined
  const upper = repertoire !== undefined && !repertoire.has(0x61)
  const fits = (c: string) =>
    !('impossible' in encode(c, charset)) && (repertoire === undefined || repertoire.has(c.charCodeAt(0)))

  function line(text: string): string {
    const one = text.replace(/[\p{Cc}\p{Zs}\u2028\u2029]+/gu, ' ').trim()
    if (repertoire === undefined && !('impossible' in encode(one, charset))) return one
    // What has no place is written plainly where it can be (full width, accents, quotes), else left blank.
    const plain = [...one]
      .map((c) => (fits(c) ? c : (plainOnes[c] ?? c.normalize('NFKD').replace(/\p{M}/gu, ''))))
      .join('')
    return [...(upper ? plain.toUpperCase() : plain)]
      .map((c) => (fits(c) ? c : ' '))
      .join('')
      .replace(/ +/g, ' ')
      .trim()
  }

  const carries = (text: string) => !('impossible' in encode(text.normalize('NFC'), charset))
  return {
    plain: (text, length) => [...line(text)].slice(0, length).join('').trim(),
    pieces(text, count, instead) {
      const chinese = /\p{Script=Han}/u
      const both: { language: 'ZH' | 'EN'; text: string }[] = []
      if (chinese.test(text.zh) && carries(text.zh)) both.push({ language: 'ZH', text: text.zh })
      // English that is Chinese itself (an agency's own words) says nothing where Chinese has no place.
      const english = chinese.test(text.en) ? (both.length > 0 ? '' : instead) : text.en
      if (english !== '' && english !== text.zh) both.push({ language: 'EN', text: english })
      if (both.length === 0) both.push({ language: 'EN', text: text.en || instead })
      const each = Math.max(1, Math.floor(count / both.length))
      return both
        .map(({ language, text: said }) => ({ language, pieces: inPieces(line(said), each) }))
        .filter(({ pieces }) => pieces.length > 0)
    },
  }
}

/** Cut between words where there are any. */
function inPieces(text: string, count: number): string[] {
  const pieces: string[] = []
  let rest = [...text]
  while (rest.length > 0 && pieces.length < count) {
    const blank = rest.length > longestPiece ? rest.lastIndexOf(' ', longestPiece) : -1
    const end = blank > longestPiece / 2 ? blank : longestPiece
    const piece = rest.slice(0, end).join('').trim()
    rest = rest.slice(end)
    if (piece !== '') pieces.push(piece)
  }
  return pieces
}
