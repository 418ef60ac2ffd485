// value-check — what is asked of a value in the bytes of a message.

/**
 * @param page bytes in UTF-8, without references, CDATA or carriage returns from `from` to before `to`
 * @param characters how many characters these bytes are
 */
export type ValueCheck = (page: Buffer, from: number, to: number, characters: number) => boolean

/** The text of a value, as `ValueCheck` is given it. */
export const textOf = (page: Buffer, from: number, to: number, characters: number): string =>
  page.toString(characters === to - from ? 'latin1' : 'utf8', from, to)
