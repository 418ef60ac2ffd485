// show — how the command line prints receipts, messages and tables: for people by default, for programs with --json.
import type { Receipt } from '../../messages/receipt.js'

export function print(value: unknown, json: boolean, human: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : human()}\n`)
}

export function receiptLines(receipt: Receipt): string {
  const head = `${receipt.status.toUpperCase().padEnd(10)} ${receipt.code}  ${receipt.stage}${receipt.agency ? ` · ${receipt.agency}` : ''}  ${receipt.time}`
  const facts = [
    `  message    ${receipt.messageId}   reference ${receipt.reference}`,
    receipt.operation
      ? `  operation  ${receipt.operation}${receipt.documentType ? `   document ${receipt.documentType}` : ''}`
      : undefined,
    receipt.agencyReference ? `  agency no. ${receipt.agencyReference}` : undefined,
    `  ${receipt.text.zh}`,
    receipt.text.en === receipt.text.zh ? undefined : `  ${receipt.text.en}`,
    ...receipt.faults.map(
      (f) =>
        `  ✗ ${f.code}${f.line ? ` line ${f.line}` : ''}${f.path ? ` ${f.path}` : ''}${f.rule ? ` [${f.rule}]` : ''}\n      ${f.text.zh}\n      ${f.text.en}`,
    ),
  ]
  return [head, ...facts.filter((line) => line !== undefined)].join('\n')
}

/** Columns as wide as their widest cell; East Asian characters count as two. */
export function table(rows: string[][]): string {
  const width = (cell: string) =>
    [...cell].reduce(
      (sum, ch) =>
        sum +
        (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(ch)
          ? 2
          : 1),
      0,
    )
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => width(row[column] ?? ''))))
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell + ' '.repeat(widths[column]! - width(cell))))
        .join('  '),
    )
    .join('\n')
}
