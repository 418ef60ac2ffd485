// answer-view — an answer as the call that asked is given it: rows by the names of addresses, and which page they are.
import type { Result } from '../../messages/queries/result.js'
import type { Row } from '../../messages/queries/filing.js'
import { joinRows } from '../../messages/queries/rows.js'
import { lowerName, type QueryShape } from '../../messages/queries/shape.js'
import type { QueryAnswer, QueryRow } from '../../messages/views/index.js'

/** @param results at least one; an authority's own before what the hub said in its place */
export function answeredView(
  shape: QueryShape,
  { messageId, operation }: { messageId: string; operation: string },
  results: readonly [Result, ...Result[]],
): QueryAnswer {
  const [first, ...others] = results
  const rows = others.reduce<Row[]>((all, one) => joinRows(shape, all, one.rows, true), first.rows)
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
    rows: rows.map((row) => rowView(shape, row)),
  }
}

function rowView({ columns }: QueryShape, { source, asOf, hubMessage, sharedBy, stateText, values }: Row): QueryRow {
  const filled = columns.flatMap(({ name, many, attribute }) => {
    const found = values[name]
    if (!found) return []
    const shown = found.map(({ text, beside }) =>
      attribute === undefined ? text : { value: text, [attribute]: beside },
    )
    return [[lowerName(name), many ? shown : shown[0]] as const]
  })
  return {
    source,
    asOf,
    ...(hubMessage === undefined ? {} : { hubMessage }),
    ...(sharedBy === undefined ? {} : { sharedBy }),
    ...(stateText === undefined ? {} : { stateText: stateText.slice(0, mostStateText) }),
    ...Object.fromEntries(filled),
  }
}

/** Characters, as the result as a document has it. */
const mostStateText = 2000
