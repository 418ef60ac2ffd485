// listing-lines — what every annotated listing has in common: a fault under what it is about, and values that cannot
// harm a terminal.

/** A line under a segment or a record. */
export interface ListingNote {
  mark: '✗' | '!'
  /** In the sender's own terms; empty for what has no place. */
  place: string
  rule: string
  zh: string
  en: string
}

/** The lines of a remark in a listing. */
export const noteLines = ({ mark, place, rule, zh, en }: ListingNote) => [
  `    ${mark} ${place}${place === '' ? '' : '  '}[${rule}]`,
  `        ${zh}`,
  ...(en === zh ? [] : [`        ${en}`]),
]

/** One line, at most 200 characters of it: what controls a terminal is written as its code. */
export const printable = (text: string) =>
  (text.length > 200 ? `${text.slice(0, 200)}… (${text.length})` : text).replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
