// filing — one filing as queries see it, and the rows it gives: a row for each business document in it (an order, a
// bill of lading), with what the document says, what the answers to it say, and how it stands.
import { companiesIn, namesOneOf } from '../companies.js'
import { answersByDocument } from './answers-by-document.js'
import type { Leaves, LeafValue } from './leaves.js'
import { fits } from './matching.js'
import type { Question } from './question.js'
import { isOfOperation, type FoundCriteria, type FilingCondition, type QueryShape } from './shape.js'

/** A filing as queries see it. */
export interface Filing {
  document: string
  operation: string
  reference: string
  /** As State says it; undefined where it is not known. */
  state?: string
  stateText?: string
  /** `2026-06-01T09:00:00`, China time. */
  submittedAt: string
  decidedAt?: string
  /** When the newest answer was given. */
  answeredAt?: string
  messageId?: string
  content?: Leaves
  /** The authority's answers, the newest first. */
  answers: Leaves[]
  /** The partner that filed it, where that is not the asker. */
  sharedBy?: string
  /** Only business documents in it that name one of these companies are seen. */
  companies?: {
    codes: readonly string[]
    /** Where its family says who files, and for whom. None: any field that holds the code counts. */
    paths: readonly string[]
  }
}

/** One row of an answer. */
export interface Row {
  source: 'agency' | 'hub'
  asOf: string
  hubMessage?: string
  /** The partner that filed it and lets the asker see it. */
  sharedBy?: string
  stateText?: string
  /** Column → its values; what is not known is not there. */
  values: Record<string, LeafValue[]>
}

/** Business documents of one message that become rows. */
const mostEntries = 500
/** Of a receipt, in characters, as the result has it. */
const mostText = 2000
/** Values of a column that is there several times. */
const mostValues = 100

/** The rows of a filing that meet the question. */
export function rowsOf(
  shape: QueryShape,
  filing: Filing,
  { criteria }: Pick<Question, 'criteria'>,
  from: Pick<Row, 'source' | 'asOf'>,
): Row[] {
  const documents = documentsOf(shape, filing)
  return documents.flatMap((leaves) => {
    if (!meetsAll(shape, filing, criteria, leaves)) return []
    const values: Row['values'] = {}
    for (const column of shape.columns) {
      const found = valuesOf(column, filing, leaves)
      if (found.length > 0) values[column.name] = column.many ? found.slice(0, mostValues) : found.slice(0, 1)
    }
    // Of what only the authority knows there is nothing to show.
    if (Object.keys(values).length === 0) return []
    if (filing.content && shape.of.length > 1 && hasNothing(shape, values)) return []
    return [
      {
        ...from,
        ...(filing.messageId === undefined ? {} : { hubMessage: filing.messageId }),
        ...(filing.sharedBy === undefined ? {} : { sharedBy: filing.sharedBy }),
        ...(filing.stateText === undefined ? {} : { stateText: filing.stateText }),
        values,
      },
    ]
  })
}

/** Of several kinds of documents, one that has no value of its own among those asked for is none of those asked for. */
const hasNothing = ({ columns }: QueryShape, values: Row['values']): boolean => {
  const own = columns.filter(({ common, paths }) => common === undefined && paths)
  return own.length > 0 && !own.some(({ name }) => values[name])
}

function meetsAll(
  { criteria, only }: QueryShape,
  filing: Filing,
  asked: Question['criteria'],
  leaves: readonly Leaves[],
): boolean {
  return (
    namesCompany(filing, leaves) &&
    meetsOnly(only, filing, leaves) &&
    criteria.every(({ name, how, ...found }) => !asked[name] || fits(how, asked[name], valuesOf(found, filing, leaves)))
  )
}

/** Its business documents that meet the question, each with the answers to it. */
export function meeting(shape: QueryShape, filing: Filing, asked: Question['criteria']): (readonly Leaves[])[] {
  return documentsOf(shape, filing).filter((leaves) => meetsAll(shape, filing, asked, leaves))
}

/** The document first, then the answers. */
export const leavesOfFiling = ({ content, answers }: Filing): readonly Leaves[] =>
  content ? [content, ...answers] : answers

/** What its answers say, and when; all else that every filing has is known without them. */
const ofAnswers = ['DecidedAt', 'ReceiptText', 'ReceiptTime']
const isKnown = ({ common }: FoundCriteria) => common !== undefined && !ofAnswers.includes(common)

/** Must one look into documents and answers to know which filings meet the question? */
export const needsContent = ({ criteria, only }: QueryShape, asked: Question['criteria']): boolean =>
  Object.keys(only).some((path) => path !== 'operation') ||
  criteria.some((one) => asked[one.name] !== undefined && !isKnown(one))

/** Does what every filing has meet the question? */
export const meetsCommon = ({ criteria }: QueryShape, filing: Filing, asked: Question['criteria']): boolean =>
  criteria.every((one) => {
    const wanted = asked[one.name]
    return !wanted || !isKnown(one) || fits(one.how, wanted, valuesOf(one, filing, []))
  })

/**
 * What a filing holds for one criterion: from its record where that is common to all filings, else from its document.
 * @param leaves of the document and of the answers to it
 */
export function valuesOf({ common, paths }: FoundCriteria, filing: Filing, leaves: readonly Leaves[]): LeafValue[] {
  const one = (text: string | undefined): LeafValue[] => (text === undefined || text === '' ? [] : [{ text }])
  switch (common) {
    case 'Reference':
      return one(filing.reference)
    case 'State':
      return one(filing.state)
    case 'Operation':
      return one(filing.operation)
    case 'MessageType':
      return one(filing.document)
    case 'SubmittedAt':
      return one(filing.submittedAt)
    case 'DecidedAt':
      return one(filing.decidedAt)
    case 'ReceiptText':
      return one(filing.stateText?.slice(0, mostText))
    case 'ReceiptTime':
      return one(filing.answeredAt)
    case 'Month':
      return one(filing.submittedAt.slice(0, 7))
    case undefined:
      for (const path of paths ?? [])
        for (const some of leaves) {
          const found = some.at(path)
          if (found.length > 0) return found
        }
      return []
    default:
      return common satisfies never
  }
}

/** Where the document itself is not known, it names none. */
function namesCompany({ companies, content }: Filing, [document]: readonly Leaves[]): boolean {
  if (!companies) return true
  if (!content || !document) return false
  if (companies.paths.length === 0) return companies.codes.some((code) => document.hold(code))
  const named = companiesIn({ principal: [...companies.paths] }, (path) => document.at(path).map(({ text }) => text))
  return namesOneOf(named, { codes: [...companies.codes], principals: [] })
}

function meetsOnly(only: FilingCondition, { operation }: Filing, [document]: readonly Leaves[]): boolean {
  if (!isOfOperation(only, operation)) return false
  return Object.entries(only).every(([path, wanted]) => {
    if (path === 'operation') return true
    const values = path
      .split(' | ')
      .flatMap((one) => document?.at(one) ?? [])
      .map(({ text }) => text)
    if (typeof wanted === 'object' && 'not' in wanted) return !values.some((one) => [wanted.not].flat().includes(one))
    return values.some((one) => [wanted].flat().includes(one))
  })
}

/** Each business document of a filing, before the answers that speak of it or of all of them. */
function documentsOf(shape: QueryShape, filing: Filing): (readonly Leaves[])[] {
  const { content, answers } = filing
  if (!content) return [leavesOfFiling(filing)]
  const entries = entriesOf(shape, content)
  const said = answers.flatMap((answer) => entriesOf(shape, answer))
  // Most messages are one document, and so are the answers to it.
  if (entries.length === 1 && said.length === answers.length) return [leavesOfFiling(filing)]
  return answersByDocument(shape, entries, said).map((own, i) => [entries[i]!, ...own])
}

/** One for each business document: where the number a row goes by stands in a group that repeats, each of the group. */
function entriesOf({ columns }: QueryShape, content: Leaves): Leaves[] {
  for (const { key, paths = [] } of columns)
    for (const path of key ? paths : [])
      if (content.at(path).length > 1) {
        const entries = content.entries(path.split('/').at(-1)!, mostEntries)
        if (entries) return entries
      }
  return [content]
}
