// show — how the command line prints receipts, messages and tables: for people by default, for programs with --json.
import type { Receipt } from '../../messages/receipt.js'
import { CliError } from './client.js'

/** As JSON, or what `human` makes of it; `human` is not called for JSON. */
export function print(value: unknown, json: boolean, human: () => string): void {
  process.stdout.write(`${json ? JSON.stringify(value, null, 2) : human()}\n`)
}

/** One receipt for people, over several lines, times in Beijing time. */
export function receiptLines(receipt: Receipt): string {
  const head =
    `${receipt.status.toUpperCase().padEnd(10)} ${receipt.code} ` +
    ` ${receipt.stage}${receipt.agency ? ` · ${receipt.agency}` : ''}  ${when(receipt.time)} ${zone}`
  const facts = [
    `  message    ${receipt.messageId}   reference ${receipt.reference}`,
    receipt.operation
      ? `  operation  ${receipt.operation}${receipt.documentType ? `   document ${receipt.documentType}` : ''}`
      : undefined,
    receipt.agencyReference ? `  agency no. ${receipt.agencyReference}${numberName(receipt)}` : undefined,
    `  ${receipt.text.zh}`,
    receipt.text.en === receipt.text.zh ? undefined : `  ${receipt.text.en}`,
    reasonsIn(receipt),
    receipt.remedy && receipt.faults.length === 0 ? `  → ${receipt.remedy.zh} ${receipt.remedy.en}` : undefined,
    ...(receipt.attachments ?? []).map(({ name, size, missing }) =>
      missing ? `  file       ${name} (missing 未送达)` : `  file       ${name} (${size} B)`,
    ),
    ...receipt.faults.map(
      (f) =>
        `  ${f.level === 'warn' ? '!' : '✗'} ${f.code}${f.line ? ` line ${f.line}` : ''}` +
        `${f.path ? ` ${f.path}` : ''}${f.rule ? ` [${f.rule}]` : ''}` +
        `\n      ${f.text.zh}\n      ${f.text.en}${f.remedy ? `\n      → ${f.remedy.zh} ${f.remedy.en}` : ''}`,
    ),
  ]
  return [head, ...facts.filter((line) => line !== undefined)].join('\n')
}

/** Why an agency refuses a form, in the words of its answer. */
function reasonsIn({ body }: Receipt): string | undefined {
  if (body?.content === undefined || body.encoding !== 'utf-8') return undefined
  const reasons = [...body.content.matchAll(/<Reasons>([^<]+)<\/Reasons>/g)].map(([, words]) => plainText(words!))
  return reasons.length === 0 ? undefined : `  原因 reasons  ${reasons.join('；')}`
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
const plainText = (xml: string) => xml.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => entities[name]!).trim()

/** `   统一编号 unified number of the Single Window` */
const numberName = ({ agencyReferenceName: name }: Receipt) => (name ? `   ${name.zh} ${name.en}` : '')

/** The zone all times for people are told in; `--json` keeps UTC. */
export const zone = 'UTC+8'

/** A moment by the clock in Beijing: `2026-11-28 20:07:52`. What is no time is told as it is; nothing stays empty. */
export function when(iso: string | undefined): string {
  if (iso === undefined) return ''
  const at = new Date(iso)
  return Number.isNaN(at.getTime()) ? iso : at.toLocaleString('sv-SE', { timeZone: 'Asia/Shanghai' })
}

/**
 * Rows in columns; East Asian characters count as two. Where the terminal is narrower, long texts are cut with `…`; ids
 * stay whole, so that they can be copied. Into a pipe or a file everything is written.
 */
export function table(rows: string[][], terminal = terminalWidth()): string {
  const count = Math.max(0, ...rows.map((row) => row.length))
  const column = (i: number) => rows.map((row) => row[i] ?? '')
  const widths = Array.from({ length: count }, (_, i) => Math.max(...column(i).map(width)))
  const whole = widths.map((_, i) => column(i).some((cell) => /^(msg|sub|rcp|rep|int|key)_/.test(cell)))
  for (let surplus = total(widths) - terminal; surplus > 0; surplus = total(widths) - terminal) {
    const [widest] = widths
      .map((w, i) => ({ w, i }))
      .filter(({ w, i }) => !whole[i] && w > leastColumn)
      .sort((a, b) => b.w - a.w)
    if (!widest) break
    widths[widest.i] = Math.max(leastColumn, widest.w - surplus)
  }
  return rows
    .map((row) =>
      row
        .map((cell, i) => {
          const text = cut(cell, widths[i]!)
          return i === row.length - 1 ? text : text + ' '.repeat(widths[i]! - width(text))
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** No column is cut below this. */
const leastColumn = 12

const terminalWidth = () => Number(process.env.COLUMNS) || process.stdout.columns || Infinity
const total = (widths: number[]) => widths.reduce((sum, w) => sum + w, 0) + 2 * (widths.length - 1)

const wide = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/
const width = (text: string) => [...text].reduce((sum, ch) => sum + (wide.test(ch) ? 2 : 1), 0)

function cut(text: string, most: number): string {
  if (width(text) <= most) return text
  let kept = ''
  for (const ch of text) {
    if (width(kept + ch) > most - 1) break
    kept += ch
  }
  return `${kept}…`
}

/** A time, or days from now, as ISO 8601. @throws CliError */
export function moment(text: string): string {
  const at = /^\d+$/.test(text) ? Date.now() + Number(text) * 86_400_000 : Date.parse(text)
  if (Number.isNaN(at))
    throw new CliError(`--expires: ${text} is neither a time such as 2027-01-31T00:00:00Z nor a number of days`)
  return new Date(at).toISOString()
}
