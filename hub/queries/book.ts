// book — the queries the hub knows: which documents are questions, their shapes, and which query an operation asks.
import { meaningsOf, type RowMeanings } from '../../messages/queries/meanings.js'
import { isOfOperation, type CodeMeaning, type FoundCriteria, type QueryShape } from '../../messages/queries/shape.js'
import type { ReceiptStatus } from '../../messages/states.js'
import type { Bilingual } from '../../messages/text.js'
import type { Routing } from '../../routing/operation.js'
import { nodeAt, type Form } from '../../xsd/form/node.js'
import { storedForm, type FormIndex } from '../../xsd/form-store/stored.js'
import type { CriterionLeaves } from './proven-criteria.js'

/** What every submission of a query is called, so that whoever has its id knows what it is. */
export const questionId = 'qry'
/** By the number alone: submissions of questions are numbered apart. */
export const isQuestion = (submissionId: string): boolean => submissionId.startsWith(`${questionId}_`)

/** A question that is only taken has no answer yet. */
export const isAnswered = (status: ReceiptStatus | undefined): boolean =>
  status === 'approved' || status === 'failed' || status === 'rejected'

export type QueryBook = ReturnType<typeof createQueryBook>

/** Shapes are read when they are first asked for. */
export function createQueryBook({
  index,
  routing,
  shapeOf = (document) => storedForm(document)?.query?.shape,
  formOf = (document) => storedForm(document)?.form,
}: {
  index: Pick<FormIndex, 'families'>
  routing: Pick<Routing, 'operations'> & {
    documents: readonly { documents: readonly { id: string; title: Bilingual }[] }[]
  }
  shapeOf?: (document: string) => QueryShape | undefined
  formOf?: (document: string) => Pick<Form, 'fields'> | undefined
}) {
  const documents = new Set(
    index.families
      .filter(({ family }) => family.startsWith('queries-'))
      .flatMap((family) => family.documents.map(({ id }) => id)),
  )
  const leaves = new Map<string, CriterionLeaves>()
  const titles = new Map(routing.documents.flatMap((family) => family.documents.map(({ id, title }) => [id, title.zh])))
  const meanings = new WeakMap<QueryShape, RowMeanings>()
  const queryOf = (operation: string): string | undefined =>
    routing.operations.get(operation)?.documents.find(({ type }) => documents.has(type))?.type
  /** The businesses of the catalogue whose filings a query is of. */
  const businessesOf = ({ of, only }: QueryShape): CodeMeaning[] =>
    [...routing.operations.values()]
      .filter(({ code, documents: filed }) => isOfOperation(only, code) && filed.some(({ type }) => of.includes(type)))
      .map(({ code, title }) => ({ code, zh: title.zh }))
  /** What the codes of a column or a criterion mean; undefined where no list is known. */
  function codesOf(
    shape: QueryShape,
    { common, codes }: FoundCriteria & { codes?: CodeMeaning[] },
  ): CodeMeaning[] | undefined {
    if (shape.of.length > 0 && common === 'Operation') return businessesOf(shape)
    if (shape.of.length > 0 && common === 'MessageType')
      return shape.of.map((id) => ({ code: id, zh: titles.get(id) ?? id }))
    return codes
  }
  return {
    isQuery: (document: string | undefined): boolean => document !== undefined && documents.has(document),
    shapeOf: (document: string): QueryShape | undefined => (documents.has(document) ? shapeOf(document) : undefined),
    /** What the criteria of a query may hold. */
    leavesOf(document: string): CriterionLeaves {
      const known = leaves.get(document) ?? readLeaves(documents.has(document) ? formOf(document) : undefined)
      leaves.set(document, known)
      return known
    },
    /** The query an operation asks. */
    queryOf,
    codesOf,
    /** What the codes in the rows of a query mean. */
    meaningsOf(shape: QueryShape): RowMeanings {
      const known = meanings.get(shape) ?? meaningsOf(shape, (column) => codesOf(shape, column))
      meanings.set(shape, known)
      return known
    },
    /** Operations that can be asked. */
    operations: (): string[] => [...routing.operations.keys()].filter((code) => queryOf(code) !== undefined),
  }
}

function readLeaves(form: Pick<Form, 'fields'> | undefined): CriterionLeaves {
  const criteria = form && nodeAt(form.fields, 'Criteria')?.fields
  return new Map((criteria ?? []).flatMap(({ name, leaf }) => (leaf ? [[name, leaf] as const] : [])))
}
