// record — one record of a port flat file as it was read: its tag, its fields, where it stood.

/** The lines of one field: what `^` separates. A field without `^` has one line; an empty field one empty line. */
export type FlatField = readonly string[]

/** One record as it was read. */
export interface FlatRecord {
  /** Two digits; as read when it is no tag. */
  readonly tag: string
  /** `fields[0]` is the tag: the published tables count it as field 1, so field n is `fields[n - 1]`. */
  readonly fields: readonly FlatField[]
  /** Position in the file, the 00 record being 1. */
  readonly number: number
  /** Line of its first byte in the file, from 1. */
  readonly line: number
  /** Byte offset of its first byte. */
  readonly offset: number
}

/** What port systems write. */
export type FlatCharset = 'utf-8' | 'gbk'

/**
 * Field n (from 1, the tag being 1) of a record without trailing blanks, line ends as LF; '' when it is not there.
 * Lines are joined by `^`.
 */
export function fieldText(record: FlatRecord, n: number): string {
  return plain((record.fields[n - 1] ?? []).join('^'))
}

/** Text as everything after the reader sees it. */
export const plain = (text: string) => text.replace(/\r\n?/g, '\n').trimEnd()
