// foreign-rows — rows of an authority's answer that name companies, and none of them a company of the partner that
// asks. An authority that serves several partners of this hub under one login may send them.
import { companiesIn, namesOneOf, type CompaniesSetting, type CompanyPaths } from '../../messages/companies.js'
import type { Row } from '../../messages/queries/filing.js'
import type { Column, QueryShape } from '../../messages/queries/shape.js'

/**
 * Does this row surely belong to others?
 * @param filed what the asker filed, or is shared with it, under the same number: a company that it names is no other.
 *   Whoever files may write down a number of anybody
 */
export type IsForeign = (row: Row, filed?: Row) => boolean

/** @param companiesOf where a document names who files it, and for whom */
export function createForeignRows(companiesOf: (documentType: string) => CompanyPaths | undefined) {
  const known = new WeakMap<QueryShape, Column[]>()

  /** The columns that show what a document of the query names as a company. */
  function companyColumns(shape: QueryShape): Column[] {
    const before = known.get(shape)
    if (before) return before
    const named = shape.of.flatMap((document) => Object.values(companiesOf(document) ?? {}).flat())
    const found = shape.columns.filter(({ paths = [] }) => paths.some((path) => named.some((one) => same(path, one))))
    known.set(shape, found)
    return found
  }

  /**
   * Undefined where nobody can tell: the partner may file for any company, or may name others, or the rows name none.
   */
  return function foreignRows(shape: QueryShape, setting: CompaniesSetting | undefined): IsForeign | undefined {
    if (setting?.mode !== 'require' || setting.principals.includes('*') || shape.statistics) return undefined
    const columns = companyColumns(shape)
    if (columns.length === 0) return undefined
    const principal = columns.map(({ name }) => name)
    const namedIn = ({ values }: Row) =>
      companiesIn({ principal }, (name) => (values[name] ?? []).map(({ text }) => text))
    return (row, filed) => {
      const named = namedIn(row)
      if (named.length === 0 || namesOneOf(named, setting)) return false
      const codes = filed ? namedIn(filed).map(({ value }) => value) : []
      return !namesOneOf(named, { codes, principals: [] })
    }
  }
}

/** One is the end of the other, in any case: `DecHead/TradeCode`, `/DecMessage/DecHead/TradeCode`. */
function same(one: string, other: string): boolean {
  const [a, b] = [one, other].map((path) => `/${path.replace(/^\//, '').toLowerCase()}`) as [string, string]
  return a.endsWith(b) || b.endsWith(a)
}
