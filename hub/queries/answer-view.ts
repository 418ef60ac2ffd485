// answer-view — an answer as the call that asked is given it: rows by the names of addresses, with what their codes
// mean, and which page they are.
import type { Result } from '../../messages/queries/result.js'
import type { Row } from '../../messages/queries/filing.js'
import type { LeafValue } from '../../messages/queries/leaves.js'
import type { ColumnMeanings, RowMeanings } from '../../messages/queries/meanings.js'
import { joinRows } from '../../messages/queries/rows.js'
import { lowerName, type Column, type QueryShape } from '../../messages/queries/shape.js'
import type { QueryAnswer, QueryRow } from '../../messages/views/index.js'

/** A query, and what the codes in its rows mean. */
export interface SpokenQuery {
  shape: QueryShape
  meanings: RowMeanings
}

/** @param results at least one; an authority's own before what the hub said in its place */
export function answeredView(
  query: SpokenQuery,
  { messageId, operation }: { messageId: string; operation: string },
  results: readonly [Result, ...Result[]],
): QueryAnswer {
  const { shape } = query
  const [first, ...others] = results
  const rows = others.reduce<Row[]>(
    (all, one) => joinRows(shape, { agency: all, hub: one.rows }, { all: true }),
    first.rows,
  )
  const notes = results.flatMap(({ note }) => note ?? [])
  return {
    messageId,
    operation,
    query: shape.query,
    status: 'answered',
    asOf: first.asOf,
    ...(notes.length > 0 ? { note: notes.join(' ') } : {}),
    page: {
      number: first.page,
      size: first.size,
      total: Math.max(rows.length, ...results.map(({ total }) => total)),
      ...(results.some(({ more }) => more) ? { more: true } : {}),
      ...(first.next === undefined ? {} : { next: first.next }),
    },
    rows: rows.map((row) => rowView(query, row)),
  }
}

function rowView(
  { shape: { columns }, meanings }: SpokenQuery,
  { source, asOf, hubMessage, sharedBy, stateText, values }: Row,
): QueryRow {
  const filled = columns.flatMap((column): [name: string, value: unknown][] => {
    const found = values[column.name]
    if (!found) return []
    const meant = meanings.get(column.name)
    const shown = found.map((value) => cellOf(column, value, meant))
    const name = lowerName(column.name)
    const words = meant && wordsOf(column, found, meant)
    // Of the state the receipt says more than its code.
    const has = words !== undefined && !(column.common === 'State' && stateText !== undefined)
    return [[name, column.many ? shown : shown[0]], ...(has ? [[`${name}Text`, words] as [string, unknown]] : [])]
  })
  return {
    source,
    asOf,
    ...(hubMessage === undefined ? {} : { hubMessage }),
    ...(sharedBy === undefined ? {} : { sharedBy }),
    ...(stateText === undefined ? {} : { stateText: stateText.slice(0, mostStateText) }),
    ...(Object.fromEntries(filled) as Record<string, string>),
  }
}

/** With its unit or currency, where it has one, and with what that means, where it is known. */
function cellOf({ attribute }: Column, { text, beside }: LeafValue, meant: ColumnMeanings | undefined) {
  if (attribute === undefined) return text
  const unit = beside === undefined ? undefined : meant?.beside.get(beside)
  return { value: text, [attribute]: beside, ...(unit === undefined ? {} : { [`${attribute}Text`]: unit }) }
}

/** What the codes mean; of several, one that is in no list stands for itself. Undefined where none is in a list. */
function wordsOf({ many }: Column, found: readonly LeafValue[], { values }: ColumnMeanings) {
  if (!many) return values.get(found[0]!.text)
  return found.some(({ text }) => values.has(text)) ? found.map(({ text }) => values.get(text) ?? text) : undefined
}

/** Characters, as the result as a document has it. */
const mostStateText = 2000
