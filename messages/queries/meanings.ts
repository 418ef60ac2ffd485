// meanings — what the codes in a row mean, in the words of their lists: of each column, and of what stands beside its
// values.
import { lowerName, type CodeMeaning, type Column, type QueryShape } from './shape.js'

/** What the codes of one column mean, by the code. */
export interface ColumnMeanings {
  values: ReadonlyMap<string, string>
  /** Of the unit or the currency beside a value. */
  beside: ReadonlyMap<string, string>
}
/** Column → what its codes mean; a column without a list is not there. */
export type RowMeanings = ReadonlyMap<string, ColumnMeanings>

/** @param codesOf the list of a column, where there is one */
export function meaningsOf(
  { columns }: Pick<QueryShape, 'columns'>,
  codesOf: (column: Column) => readonly CodeMeaning[] | undefined,
): RowMeanings {
  const names = new Set(columns.map(({ name }) => lowerName(name)))
  return new Map(
    columns.flatMap((column) => {
      // A row calls the meaning `<column>Text`: a column that is called so is shown, and not the meaning.
      const values = byCode(names.has(`${lowerName(column.name)}Text`) ? [] : codesOf(column))
      const beside = byCode(column.attributeCodes)
      return values.size + beside.size > 0 ? [[column.name, { values, beside }] as const] : []
    }),
  )
}

/** A code that is its own meaning (CIF) says nothing more. */
const byCode = (codes: readonly CodeMeaning[] = []): Map<string, string> =>
  new Map(codes.filter(({ code, zh }) => code !== zh).map(({ code, zh }) => [code, zh]))
