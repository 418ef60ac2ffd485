// sealed-values — which of a statement's values are sealed: all bytes, and the texts that hold what partners and
// agencies wrote. What rows are found by (references, numbers, states, times) stays as it is.
import type { Sealer } from './sealer.js'

/** Names of values, and of columns, that hold such a text. A number behind it is a row's of many. */
const sealedTexts = /^(receipt|faults)(_\d+)?$/

/** The value as it is written. `name`: under which the statement binds it. */
export function sealedValue(name: string, value: unknown, sealer: Sealer): unknown {
  if (Buffer.isBuffer(value)) return sealer.seal(value)
  return typeof value === 'string' && sealedTexts.test(name) ? sealer.sealText(value) : value
}

/** The value as it was before it was written; what was never sealed stays as it is. */
export function openedValue(value: unknown, sealer: Sealer): unknown {
  if (Buffer.isBuffer(value)) return sealer.open(value)
  return typeof value === 'string' ? sealer.openText(value) : value
}

/** A row as it is read, opened in place. */
export function openRow<Row>(row: Row, sealer: Sealer): Row {
  if (typeof row !== 'object' || row === null || Buffer.isBuffer(row)) return openedValue(row, sealer) as Row
  const columns = row as Record<string, unknown>
  for (const name of Object.keys(columns)) {
    const value = columns[name]
    if (typeof value === 'string' || Buffer.isBuffer(value)) columns[name] = openedValue(value, sealer)
  }
  return row
}
