// span — a place in a text that names a person, and the text with such places blackened.

/** What stands in place of a value that names a person. */
export const blackened = '***'

/** A part of a text that names a person, in characters from 0. */
export interface Span {
  from: number
  /** Behind its last character. */
  to: number
  /** What stands there instead; else `***`. */
  with?: string
}

/** Yields undefined from time to time, so that a long work can be interrupted (messages/turns.ts). */
export type Spans = Generator<Span | undefined, void, void>

/** The text without what stands in the spans, in whatever order they come; of two that overlap, both are gone. */
export function blacken(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text
  const pieces: string[] = []
  let at = 0
  for (const { from, to, with: instead } of [...spans].sort((a, b) => a.from - b.from || b.to - a.to)) {
    if (from < at) {
      at = Math.max(at, to)
      continue
    }
    pieces.push(text.slice(at, from), instead ?? blackened)
    at = to
  }
  return pieces.join('') + text.slice(at)
}
