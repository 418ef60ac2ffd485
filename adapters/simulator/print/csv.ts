// csv — a print as a table for a spreadsheet: UTF-8 with its mark, as Excel wants it; a section below the other.
import type { PrintOrder } from './order.js'

/** A print as CSV (RFC 4180): UTF-8, lines ended by CR LF. */
export function csvOf({ title, number, sections }: PrintOrder): Buffer {
  const rows = sections.flatMap((section) => [
    [section.title],
    ...('columns' in section
      ? [section.columns, ...section.rows]
      : [section.boxes.map(({ label }) => label), section.boxes.map(({ value }) => value)]),
    [],
  ])
  const lines = [[title, number], [], ...rows].map((cells) => cells.map(cell).join(','))
  return Buffer.from(`\ufeff${lines.join('\r\n')}\r\n`)
}

/**
 * A value that begins like a formula is text to a spreadsheet; so is a number that it would round (a 报关单号 has 18
 * digits) or take the first nought from, behind a tab.
 */
function cell(value: string): string {
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : /^(0\d+|\d{16,})$/.test(value) ? `\t${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
