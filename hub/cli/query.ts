// query — a query asked from the command line: its criteria as options, the answer as a table, CSV or JSON.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { QueryAnswer, QueryDetails, QueryList } from '../../messages/views/index.js'
import { stateCodes } from '../../xsd/queries/common.js'
import { createClient, CliError, type Client } from './client.js'
import { print, table } from './show.js'
import { jsonOption } from './options.js'

interface Options {
  page?: string
  size?: string
  all?: boolean
  wait: string
  criteria?: boolean
  csv?: boolean
  json?: boolean
}

/** What a row has besides the columns of its query. */
const ownTitles = [
  ['source', '来源'],
  ['sharedBy', '授权企业'],
] as const
const sources = new Map([
  ['agency', '主管部门'],
  ['hub', '本系统'],
])

/** A call waits this long at most; then the next one looks again. */
const longestCallSeconds = 30

export function addQuery(program: Command): void {
  program
    .command('query')
    .argument('[operation]', 'catalogue code of the query, or part of its name; without it, list the queries')
    .argument('[criteria...]', '--<criterion> <value>, as `hub query <operation> --criteria` lists them')
    .description('query filings and their states 查询 (needs HUB_KEY)')
    .allowUnknownOption()
    .option('--criteria', 'list the criteria and the fields of a row')
    .option('--page <n>', 'which page')
    .option('--size <n>', 'rows of a page')
    .option('--all', 'every page, where the hub alone answers')
    .option('-w, --wait <seconds>', 'how long to wait for the answer', '60')
    .option('--csv', 'CSV, for a spreadsheet')
    .option(...jsonOption)
    .addHelpText(
      'after',
      `
Examples:
  hub query 1.1.7.1.1 --entryId 224820261000000451
  hub query 1.1.7.1.1 --from 2026-06-01 --status released --csv > declarations.csv
  hub query 1.1.7.1.1 --criteria
  hub query 修撤单                            list the queries with this in their names; if there is only one, ask it`,
    )
    .action((operation: string | undefined, words: string[], options: Options) => query(operation, words, options))
}

/** As spreadsheets read it, too. */
const moment = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)$/
/** Of yes and no the word says all. */
const yesNo = (meanings: ReadonlyMap<string, string>): boolean =>
  meanings.size === 2 && meanings.get('0') === '否' && meanings.get('1') === '是'

/** Catalogue codes are numbers with points. */
const isCode = (given: string) => /^\d+(\.\d+)*$/.test(given)

async function query(asked: string | undefined, words: string[], options: Options): Promise<void> {
  const { json = false } = options
  const client = createClient()
  const named = asked === undefined || !isCode(asked) ? await queriesNamed(client, asked) : []
  const operation = asked !== undefined && named.length === 1 ? named[0]!.operation : asked
  if (operation === undefined || named.length > 1)
    return print({ queries: named }, json, () =>
      table([['OPERATION', 'QUERY', '查询'], ...named.map((one) => [one.operation, one.query, one.title.zh])]),
    )
  const details = () => client.read(QueryDetails, `/v1/queries/${encodeURIComponent(operation)}/criteria`)
  if (options.criteria) {
    const one = await details()
    return print(one, json, () => criteriaTable(one))
  }
  const ask = (place: Place) => askAndWait(client, operation, criteriaOf(words), { ...options, ...place })
  const answer = await (options.all ? everyPage(ask, options) : ask({}))
  if (json) return print(answer, true, () => '')
  if (answer.status === 'failed')
    throw new CliError(`${answer.text?.zh ?? ''} ${answer.text?.en ?? 'No answer.'}`.trim())
  if (answer.status === 'processing')
    throw new CliError(
      `No answer yet. When it comes, it is in the mailbox (hub receipts) and at ` +
        `GET /v1/queries/${operation}/${answer.messageId}. Or wait longer: --wait <seconds>. ` +
        `尚无结果，稍后用 hub receipts 收取，或加大 --wait。`,
    )
  const { columns, criteria } = await details()
  const rows: Record<string, unknown>[] = answer.rows ?? []
  const names = [
    'source',
    ...(rows.some((row) => row.sharedBy !== undefined) ? ['sharedBy'] : []),
    // A table leaves out what no row has; a file for a spreadsheet has the same columns each day.
    ...columns.map(({ name }) => name).filter((name) => options.csv || rows.some((row) => row[name] !== undefined)),
  ]
  const titles = new Map([...columns.map(({ name, title }) => [name, title.zh] as const), ...ownTitles])
  const codes = criteria.find(({ name }) => name === 'state')?.codes ?? []
  const states = new Map([...stateCodes, ...codes].map(({ code, zh }) => [code, zh]))
  const wordsFor: Readonly<Record<string, ReadonlyMap<string, string>>> = { source: sources, state: states }
  const meanings = new Map(
    columns.map(({ name, codes: listed = [] }) => [name, new Map(listed.map(({ code, zh }) => [code, zh]))]),
  )
  const shown = (name: string, value: unknown): string => {
    const words = wordsFor[name]
    if (Array.isArray(value)) return value.map((one) => shown(name, one)).join(words ? ' ' : '；')
    const text = cellOf(value)
    if (words) return words.get(text) ?? text
    const meaning = meanings.get(name)?.get(text)
    if (meaning === undefined || meaning === text) return text.replace(moment, '$1 $2')
    return yesNo(meanings.get(name)!) ? meaning : `${text} ${meaning}`
  }
  const lines = [
    names.map((name) => titles.get(name) ?? name),
    ...rows.map((row) => names.map((name) => shown(name, row[name]))),
  ]
  if (options.csv)
    return void process.stdout.write(`\ufeff${lines.map((line) => line.map(quoted).join(',')).join('\r\n')}\r\n`)
  const { number = 1, total = rows.length, more } = answer.page ?? {}
  const asOf = (answer.asOf ?? '').replace('T', ' ')
  const shownOf = `${rows.length}／${total}${more ? '+' : ''}`
  process.stdout.write(
    [
      ...(rows.length > 0 ? [table(lines), ''] : []),
      rows.length === 0
        ? `没有符合条件的记录（${asOf}） Nothing meets the criteria, as of ${asOf} (Beijing time)`
        : `${shownOf} 条，第 ${number} 页，截至 ${asOf} ` +
          `${rows.length} of ${total}${more ? ' or more' : ''} rows, page ${number} (Beijing time)`,
      ...(answer.note === undefined ? [] : [answer.note]),
      '',
    ].join('\n'),
  )
}

/** @throws CliError where none is called so */
async function queriesNamed(client: Client, part: string | undefined): Promise<QueryList['queries']> {
  const { queries } = await client.read(QueryList, '/v1/queries')
  if (part === undefined) return queries
  const wanted = part.toLowerCase()
  const found = queries.filter(({ query: name, title }) =>
    [name, title.zh, title.en].some((text) => text.toLowerCase().includes(wanted)),
  )
  if (found.length === 0)
    throw new CliError(`no query is called ${part}; \`hub query\` lists them 没有名称含“${part}”的查询`)
  return found
}

type Place = Pick<Options, 'page' | 'size'> & { after?: string }

/** Of an answer that names where its next page begins no row is missing or twice, whatever comes in meanwhile. */
async function everyPage(ask: (place: Place) => Promise<QueryAnswer>, { size = '500' }: Options): Promise<QueryAnswer> {
  const first = await ask({ size })
  const rows = first.rows ?? []
  const total = first.page?.total ?? rows.length
  for (let [last, number] = [first, 2]; ; number++) {
    const { next } = last.page ?? {}
    if (next === undefined && rows.length >= total) break
    last = await ask(next === undefined ? { size, page: String(number) } : { size, after: next })
    if (last.status !== 'answered') return last
    rows.push(...(last.rows ?? []))
    if (last.page?.next === undefined && !last.rows?.length) break
  }
  return { ...first, rows }
}

async function askAndWait(
  client: Client,
  operation: string,
  criteria: [string, string][],
  { page, size, after, wait }: Options & Place,
): Promise<QueryAnswer> {
  const until = Date.now() + Number(wait) * 1000
  const seconds = () => Math.min(longestCallSeconds, Math.max(0, Math.ceil((until - Date.now()) / 1000)))
  const asked = new URLSearchParams([
    ...criteria,
    ...(page === undefined ? [] : [['page', page] as [string, string]]),
    ...(size === undefined ? [] : [['size', size] as [string, string]]),
    ...(after === undefined ? [] : [['after', after] as [string, string]]),
    ['wait', String(seconds())],
  ])
  const at = `/v1/queries/${encodeURIComponent(operation)}`
  let answer = await client.read(QueryAnswer, `${at}?${asked}`)
  while (answer.status === 'processing' && Date.now() < until) {
    answer = await client.read(QueryAnswer, `${at}/${answer.messageId}?wait=${seconds()}`)
    if (answer.status === 'processing') await sleep(200)
  }
  return answer
}

/** `--name value`, `--name=value`, in any order. */
function criteriaOf(words: readonly string[]): [string, string][] {
  const found: [string, string][] = []
  for (let i = 0; i < words.length; i++) {
    const [, name, value] = /^--([A-Za-z][A-Za-z0-9/]*)(?:=(.*))?$/s.exec(words[i]!) ?? []
    if (name === undefined) throw new CliError(`${words[i]} is not a criterion: write --<criterion> <value>`)
    const given = value ?? words[++i]
    if (given === undefined) throw new CliError(`--${name} has no value`)
    found.push([name, given])
  }
  return found
}

function criteriaTable({ title, criteria, columns }: QueryDetails): string {
  return [
    `${title.zh} ${title.en}`,
    '',
    table([
      ['CRITERION', '查询条件', 'MEANING', 'ALSO', 'EXAMPLE'],
      ...criteria.map((one) => [`--${one.name}`, one.title.zh, one.title.en, (one.also ?? []).join(' '), one.example]),
    ]),
    '',
    table([['COLUMN', '结果栏目', 'MEANING'], ...columns.map((one) => [one.name, one.title.zh, one.title.en])]),
  ].join('\n')
}

/** An amount with its currency, a quantity with its unit by name where the hub knows it. */
function cellOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value !== 'object') return typeof value === 'string' ? value : JSON.stringify(value)
  const parts = value as Readonly<Record<string, unknown>>
  return Object.keys(parts)
    .filter((name) => !name.endsWith('Text'))
    .map((name) => cellOf(parts[`${name}Text`] ?? parts[name]))
    .join(' ')
}

/**
 * What a spreadsheet would take for a formula is text; so is a number that it would round (a 报关单号 has 18 digits)
 * or take the first nought from (关区代码 0100): behind a tab it is shown as it is.
 */
function quoted(text: string): string {
  const isFormula = /^[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text)
  const safe = isFormula ? `'${text}` : /^(0\d+|\d{16,})$/.test(text) ? `\t${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
