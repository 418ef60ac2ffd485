// codes — the code lists of xsd/codes, one file a list: code, 中文, English, the first and the last day it may be
// declared, source.
import { isDay } from '../../messages/calendar-day.js'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Code } from './node.js'

const columns = ['code', 'zh', 'en', 'from', 'to', 'source']

/**
 * @param tell hears each fault with file and line: `codes/customs-docu.tsv:12 …`
 * @returns the lists by name, each in its file's order
 */
export function readCodes(dir: string, tell: (sentence: string) => void): Record<string, Code[]> {
  return Object.fromEntries(
    readdirSync(dir)
      .filter((file) => file.endsWith('.tsv'))
      .sort()
      .map((file) => [
        file.replace(/\.tsv$/, ''),
        readList(readFileSync(join(dir, file), 'utf8'), (line, sentence) => tell(`codes/${file}:${line} ${sentence}`)),
      ]),
  )
}

function readList(text: string, tell: (line: number, sentence: string) => void): Code[] {
  const [head = '', ...lines] = text.trimEnd().split('\n')
  if (head !== columns.join('\t')) tell(1, `the columns are ${columns.join(', ')}`)
  const seen = new Set<string>()
  return lines.map((written, n) => {
    const line = n + 2
    const [code = '', zh = '', en = '', from = '', to = '', source = ''] = written.split('\t')
    for (const [name, value] of Object.entries({ code, zh, en, source }))
      if (value.trim() === '') tell(line, `code ${code} has no ${name}`)
    if (seen.has(code)) tell(line, `code ${code} stands twice`)
    seen.add(code)
    for (const day of [from, to])
      if (day !== '' && !isDay(day)) tell(line, `code ${code}: ${day} is no day (2026-06-01)`)
    if (from !== '' && to !== '' && from > to) tell(line, `code ${code} ends on ${to}, before it begins on ${from}`)
    return { code, zh, ...(from === '' ? {} : { from }), ...(to === '' ? {} : { to }) }
  })
}

/** `旅游购物商品（至 2020-12-31）`: what a code means, and when it may be declared. */
export function codeLabel({ zh, from, to }: Code): string {
  const days = [from && `${from} 起`, to && `至 ${to}`].filter(Boolean).join('，')
  return days === '' ? zh : `${zh}（${days}）`
}
