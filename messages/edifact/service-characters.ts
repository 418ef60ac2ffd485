// service-characters — the characters that separate things, as UNA names them or as ISO 9735 has them by default.

/**
 * Each is one byte of ASCII. `repetition` counts from syntax version 4 on; before that its place in UNA is reserved.
 */
export interface ServiceCharacters {
  component: number
  element: number
  /** The decimal mark UNA names. Syntax 4 takes comma and full stop alike, whatever it says here. */
  decimal: number
  release: number
  repetition: number
  terminator: number
}

const code = (c: string) => c.charCodeAt(0)

/** `UNA:+.?*'`, the default where no UNA is sent. */
export const defaultCharacters: ServiceCharacters = {
  component: code(':'),
  element: code('+'),
  decimal: code('.'),
  release: code('?'),
  repetition: code('*'),
  terminator: code("'"),
}

/**
 * Level B of syntax 1 to 3 without UNA: information separators IS1, IS3, IS4, which need no release (ISO 9735:1988,
 * 5.2).
 */
export const levelBCharacters: ServiceCharacters = {
  component: 0x1f,
  element: 0x1d,
  decimal: code('.'),
  release: 0,
  repetition: 0,
  terminator: 0x1c,
}

/**
 * The six bytes after `UNA`; undefined when they cannot serve (the same twice, a letter, a digit). A blank release or
 * repetition is none.
 */
export function parseUna(bytes: Uint8Array): ServiceCharacters | undefined {
  const [component, element, decimal, release, repetition, terminator] = bytes
  if (
    component === undefined ||
    element === undefined ||
    decimal === undefined ||
    release === undefined ||
    repetition === undefined ||
    terminator === undefined
  )
    return undefined
  const found: ServiceCharacters = {
    component,
    element,
    decimal,
    release: blank(release),
    repetition: blank(repetition),
    terminator,
  }
  const separators = [
    found.component,
    found.element,
    found.terminator,
    ...[found.release, found.repetition].filter((c) => c !== 0),
  ]
  if (separators.some((c) => !usable(c)) || new Set(separators).size !== separators.length) return undefined
  return found
}

const blank = (c: number) => (c === 0x20 ? 0 : c)

/** No letter, digit, blank or line break (a line break may only end segments, and then it is no layout). */
function usable(c: number): boolean {
  if (c === 0x0a || c === 0x0d || c === 0x1c || c === 0x1d || c === 0x1f) return true
  return c > 0x20 && c < 0x7f && !/[A-Za-z0-9]/.test(String.fromCharCode(c))
}

/** UNA as text, nine characters. */
export function unaText(c: ServiceCharacters): string {
  const six = [c.component, c.element, c.decimal, c.release || 0x20, c.repetition || 0x20, c.terminator]
  return `UNA${String.fromCharCode(...six)}`
}
