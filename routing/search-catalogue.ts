// search-catalogue — operations by name, as people type it: either language, a part of it, a word more or less, a slip
// of the pen.
import { distance } from 'fastest-levenshtein'
import type { CatalogueEntry } from './operation.js'

/** So much of what was typed must be found in an operation's names. */
const leastFit = 0.6

/**
 * The operations whose names fit, the best first. Chinese is compared by pairs of characters, so that 出口许可证申请 finds
 * 出口许可证单证申请; English by words, each with its beginning or a letter wrong. Names of service and function count more than
 * those of category and system.
 */
export function searchCatalogue(operations: Iterable<CatalogueEntry>, typed: string): CatalogueEntry[] {
  const wanted = pieces(typed)
  if (wanted.length === 0) return []
  const whole = plain(typed)
  return [...operations]
    .map((entry) => ({ entry, fit: fitOf(entry, wanted, whole) }))
    .filter(({ fit }) => fit >= leastFit)
    .sort((a, b) => b.fit - a.fit)
    .map(({ entry }) => entry)
}

function fitOf(entry: CatalogueEntry, wanted: string[], whole: string): number {
  const { text, near, words } = namesOf(entry)
  const found = wanted.filter((piece) => isIn(piece, text, words)).length / wanted.length
  if (found < leastFit) return found
  const close = wanted.filter((piece) => near.includes(piece)).length / wanted.length
  return found + (near.includes(whole) ? 1 : 0) + close / 2
}

interface Names {
  /** Everything an operation is called, and its documents. */
  text: string
  /** Its own name, its function's and its service's. */
  near: string
  words: string[]
}

const known = new WeakMap<CatalogueEntry, Names>()

/** Made once for each operation: a search reads all of them. */
function namesOf(entry: CatalogueEntry): Names {
  const made = known.get(entry)
  if (made) return made
  const titles = (parts: { title: { zh: string; en: string } }[]) =>
    plain(parts.flatMap(({ title }) => [title.zh, title.en]).join(' | '))
  const near = titles([entry.service, entry.function, entry])
  const text =
    `${near} | ${titles([entry.category, entry.system])} ` +
    `| ${plain(entry.documents.map(({ type }) => type).join(' '))}`
  const names = { text, near, words: [...new Set(text.match(/[a-z0-9]+/g) ?? [])] }
  known.set(entry, names)
  return names
}

/** Pairs of Chinese characters (or one alone), and words of Latin letters and digits. */
function pieces(typed: string): string[] {
  const text = plain(typed)
  const chinese = (text.match(/[\u3400-\u9fff]+/g) ?? []).flatMap((run) =>
    run.length === 1 ? [run] : Array.from({ length: run.length - 1 }, (_, i) => run.slice(i, i + 2)),
  )
  return [...new Set([...chinese, ...(text.match(/[a-z0-9]+/g) ?? [])])]
}

function isIn(piece: string, text: string, words: string[]): boolean {
  if (/[\u3400-\u9fff]/.test(piece)) return text.includes(piece)
  const slips = piece.length < 4 ? 0 : piece.length < 8 ? 1 : 2
  return words.some(
    (word) =>
      word.startsWith(piece) ||
      (piece.startsWith(word) && word.length > 3) ||
      (Math.abs(word.length - piece.length) <= slips && distance(word, piece) <= slips),
  )
}

const plain = (text: string) => text.normalize('NFKC').toLowerCase()
