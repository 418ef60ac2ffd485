// query-document — what the hub knows of queries and of their results, as of any document and any receipt.
import type { DocumentFamily, ReceiptType } from '../../messages/document-type.js'
import { resultName } from '../../messages/queries/shape.js'
import { documentType, messageKey, schemaFile } from '../form/document.js'
import type { ReadQuery } from './written.js'

/** The code every result has: there is no state of a query besides being answered. */
const answeredCode = 'answered'

function resultType({ form }: Pick<ReadQuery, 'form'>): ReceiptType {
  return {
    id: resultName(form.document),
    title: { zh: `${form.title.zh}结果`, en: `Result: ${form.title.en}` },
    source: form.source,
    root: resultName(form.document),
    schema: schemaFile(resultName(form.document)),
    keys: [{ key: messageKey, path: 'Head/ReceiverID+OriginalMessageID' }],
    answers: [form.document],
    defaultCode: answeredCode,
    time: 'AsOf',
    status: { [answeredCode]: 'approved' },
    otherwise: 'approved',
    meanings: { [answeredCode]: { zh: '查询结果', en: 'Result of the query' } },
  }
}

/** A family a category: `queries-04`. */
export function queryFamilyOf(category: string, queries: readonly ReadQuery[]): DocumentFamily {
  const number = category.slice(0, 2)
  return {
    family: `queries-${number}`,
    title: { zh: `查询（${number}）`, en: `Queries of category ${Number(number)}` },
    documents: queries.map(({ form }) => documentType(form)),
    receipts: queries.map(resultType),
  }
}
