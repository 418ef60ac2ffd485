// query-examples — what only an authority would know, told as of one filing: its days count from the day of the filing,
// what comes with a decision stands beside a decision, and counts are no larger than what they are part of.
import { meets } from '../../messages/condition.js'
import type { Filing, Row } from '../../messages/queries/filing.js'
import type { LeafValue } from '../../messages/queries/leaves.js'
import type { Column, QueryShape } from '../../messages/queries/shape.js'

/** The day on which the filing of all examples was sent. */
const storyDay = Date.parse('2026-06-01T00:00:00Z')
const dayMs = 24 * 3_600_000

/** Of the answer to a filing that ended well. */
const good = ['approved', 'released']

/** The row with what the filing itself cannot say. */
export function withExamples({ columns }: QueryShape, row: Row, filing: Filing): Row {
  const values = { ...row.values }
  const state = filing.state ?? ''
  const filed = Date.parse(`${filing.submittedAt.slice(0, 10)}T00:00:00Z`)
  const days = Number.isNaN(filed) ? 0 : Math.round((filed - storyDay) / dayMs)
  // The same at each call, and a declaration is not released later than its receipt says.
  const decided = filing.answeredAt ?? row.asOf
  for (const column of columns) {
    const { name, common, paths, optional, beside = optional ? { State: good } : {} } = column
    if (values[name] || common !== undefined || paths) continue
    const { State: states = [], ...others } = beside
    if (states.length > 0 && !states.includes(state)) continue
    const facts = Object.fromEntries(
      Object.keys(others).map((other) => [other, values[other]?.[0]?.text ?? egOf(columns, other)]),
    )
    if (!meets(others, facts)) continue
    values[name] = [exampleFor(column, shifted(column, days, decided))]
  }
  return { ...row, values }
}

const egOf = (columns: readonly Column[], name: string) => columns.find((one) => one.name === name)?.eg ?? ''

/** On such days something was done; on others a term ends. */
const done = /(On|Date)$/

/** A day or a moment as many days later as the filing is; nothing is done later than the newest answer. */
function shifted({ name, eg }: Column, days: number, newest: string): string {
  const [, day, time = ''] = /^(\d{4}-\d\d-\d\d)(T\d\d:\d\d:\d\d)?$/.exec(eg) ?? []
  if (day === undefined) return eg
  const moved = new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10) + time
  const latest = newest.slice(0, moved.length)
  return (time !== '' || done.test(name)) && moved > latest ? latest : moved
}

/** What is part of the groups is scaled to how many there are; rates, averages and days are not. */
const intensive = /(Rate|Share|Ratio|Hours|Days|Average)/

/** A row of statistics with the measures only an authority could work out. */
export function scaledTo({ statistics, columns }: QueryShape, row: Row): Row {
  const values = { ...row.values }
  const { measures } = statistics!
  const counted = measures.find(({ count }) => count === true)
  const share = counted ? Number(values[counted.name]?.[0]?.text ?? 0) / (Number(egOf(columns, counted.name)) || 1) : 1
  for (const { name, count, sum } of measures) {
    if (values[name]) continue
    const column = columns.find((one) => one.name === name)!
    // What is counted in documents and stands in none is none.
    const text = (count ?? sum) ? '0' : intensive.test(name) ? column.eg : scaled(column.eg, share)
    values[name] = [exampleFor(column, text)]
  }
  return { ...row, values }
}

/** With as many decimals as it had. */
function scaled(eg: string, share: number): string {
  const decimals = /\.(\d+)$/.exec(eg)?.[1]?.length ?? 0
  const number = Number(eg)
  return Number.isNaN(number) ? eg : (Math.round(number * share * 10 ** decimals) / 10 ** decimals).toFixed(decimals)
}

/** The example of a column, with what stands beside it. */
export const exampleFor = ({ eg, egAttribute }: Column, text = eg): LeafValue => ({
  text,
  ...(egAttribute === undefined ? {} : { beside: egAttribute }),
})
