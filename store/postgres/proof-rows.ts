// proof-rows — rows as they are now, in the texts that the chain of hashes is made of.
import type { RowNow, RowsNow } from '../proof-of-message.js'
import { columnsText, isNumber, keyOf, provenRows, type ProvenRow, type RowValues } from '../rules/proven-rows.js'
import type { Queries, SqlValue } from './statements.js'

/** SQL of the message a row `r` belongs to; empty when it belongs to none. */
function ofSql({ of }: ProvenRow): string {
  if (of === undefined) return `''`
  if (of === 'message_id') return 'r.message_id'
  return `case when starts_with(r.${of}, 'msg_') then r.${of}
    else coalesce((select s.message_id from submission s where s.submission_id = r.${of}), '') end`
}

/** SQL of a row's id. */
export function idSql({ key, between = '' }: ProvenRow): string {
  return key.map((column) => (isNumber(column) ? `r.${column}::text` : `r.${column}`)).join(` || '${between}' || `)
}

function statementOf(row: ProvenRow): string {
  const { key, fixed, now, table } = row
  const lists = key.map((column, i) => `@k${i}::${isNumber(column) ? 'bigint' : 'text'}[]`).join(', ')
  const names = key.map((_, i) => `k${i}`).join(', ')
  const columns = [...new Set([...fixed, ...now])].map((column) => `r.${column}`).join(', ')
  return `select a.place - 1 as asked_at, ${ofSql(row)} as of_message, ${columns}
    from unnest(${lists}) with ordinality as a (${names}, place)
    join ${table} r on ${key.map((column, i) => `r.${column} = a.k${i}`).join(' and ')}`
}

/** Every statement by its kind: a test asks the server how it would find what each looks for. */
const proofRowsSql = Object.fromEntries(provenRows.map((row) => [row.kind, statementOf(row)]))
const byKind = new Map(provenRows.map((row) => [row.kind, row]))

/** @param reading through which nothing sealed is seen */
export function createRows(reading: Queries): RowsNow {
  return async (asked) => {
    const found: (RowNow | undefined)[] = asked.map(() => undefined)
    for (const kind of new Set(asked.map((one) => one.kind))) {
      const row = byKind.get(kind)
      if (!row) continue
      const keys = asked.flatMap((one, place) => {
        const key = one.kind === kind ? keyOf(row, one.id) : undefined
        return key ? [{ place, key }] : []
      })
      const lists = row.key.map((_, i) => [`k${i}`, keys.map(({ key }): SqlValue => key[i]!)] as const)
      type Found = RowValues & { asked_at: number; of_message: string }
      for (const values of await reading.all<Found>(proofRowsSql[kind]!, Object.fromEntries(lists)))
        found[keys[values.asked_at]!.place] = {
          of: values.of_message,
          fixed: columnsText(row.fixed, values),
          now: columnsText(row.now, values),
        }
    }
    return found
  }
}
