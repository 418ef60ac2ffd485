// query-answers — what simulated agencies answer to queries: rows of what was really sent to them by the one who asks,
// newest first. What only an authority would know is the example of its column, told as of this filing
// (query-examples.ts).
import { chinaTime } from '../../messages/china-time.js'
import { meeting, rowsOf, type Filing, type Row } from '../../messages/queries/filing.js'
import { fits } from '../../messages/queries/matching.js'
import type { Leaves, LeafValue } from '../../messages/queries/leaves.js'
import { readQuestion, type Question } from '../../messages/queries/question.js'
import { writeResult } from '../../messages/queries/result.js'
import { createGroups } from '../../messages/queries/rows.js'
import type { Column, QueryShape } from '../../messages/queries/shape.js'
import type { XmlDocument } from '../../messages/xml-reading.js'
import { exampleFor, scaledTo, withExamples } from './query-examples.js'

/** A message an agency has, with its answers and when each is due. */
interface SentFiling {
  agency: string
  /** Who filed it, as the hub names him. */
  partner: string
  documentType: string
  operation: string
  reference: string
  at: Date
  content: Leaves
  answers: { dueAt: number; status: () => string | undefined; said: () => Leaves | undefined }[]
}

/** Older ones are forgotten. */
const mostFilings = 5_000
const largestRows = 5_000

/** Answers queries from the newest filings, which it keeps in memory. */
export function createQueryAnswers() {
  const filings: SentFiling[] = []
  return {
    sent(filing: SentFiling): void {
      filings.push(filing)
      if (filings.length > mostFilings) filings.shift()
    },
    /** The result, as the agency's own message. */
    answer(
      shape: QueryShape,
      document: XmlDocument,
      by: { agency: string; partner: string; submissionId: string },
    ): Buffer {
      const question = readQuestion(shape, document.tree)
      const from = { source: 'agency' as const, asOf: chinaTime(new Date()) }
      const own = filings.filter((one) => one.partner === by.partner && shape.of.includes(one.documentType)).reverse()
      const ofFilings = shape.columns.some(({ common, paths }) => common !== undefined || paths)
      const rows =
        shape.reference || (!ofFilings && own.length > 0)
          ? published(shape, question, from)
          : filed(shape, ownFirst(own, by.agency).map(asFiling), question, from)
      const { page, size } = question
      const some = rows.slice((page - 1) * size, page * size)
      const result = { asOf: from.asOf, page, size, total: rows.length, more: false, rows: some }
      return writeResult(shape, question, result, { messageId: `SIM-${by.submissionId}` })
    },
  }
}

/** The Single Window shows what went to any authority; of what went to several, what the asked one has. */
function ownFirst(filings: readonly SentFiling[], agency: string): SentFiling[] {
  const one = new Map<string, SentFiling>()
  for (const filing of filings) {
    const key = `${filing.documentType} ${filing.reference}`
    const known = one.get(key)
    if (!known || (known.agency !== agency && filing.agency === agency)) one.set(key, filing)
  }
  return [...one.values()]
}

function filed(
  shape: QueryShape,
  own: readonly Filing[],
  question: Question,
  from: Pick<Row, 'source' | 'asOf'>,
): Row[] {
  const { known, others } = splitCriteria(shape, question)
  if (shape.statistics) {
    if (!others.every((one) => fits(one.how, one.wanted, [{ text: one.eg }]))) return []
    const groups = createGroups(shape, from)
    for (const one of own) {
      const documents = meeting(shape, one, known.criteria)
      if (documents.length > 0) groups.add(one, documents)
    }
    return groups.rows().map((row) => scaledTo(shape, row))
  }
  const rows = own.flatMap((one) => rowsOf(shape, one, known, from).map((row) => withExamples(shape, row, one)))
  // What only the authority knows is asked of its examples, as they are told of this filing.
  return rows
    .filter(({ values }) =>
      others.every(({ how, wanted, column, eg }) =>
        fits(how, wanted, column === undefined ? [{ text: eg }] : (values[column] ?? [])),
      ),
    )
    .slice(0, largestRows)
}

/** Criteria that filings can be asked, and those on what only an authority knows. */
function splitCriteria(shape: QueryShape, question: Question) {
  const only = shape.criteria.filter(
    ({ name, common, paths }) => question.criteria[name] && common === undefined && !paths,
  )
  const others = only.map(({ name, how, eg, column }) => {
    const base = name.replace(/(From|To)$/, '')
    const asked = [column, name, `${base}On`, `${base}At`, `${base}Date`]
    const of = shape.columns.find((one) => asked.includes(one.name))
    return { how, wanted: question.criteria[name]!, eg: of?.eg ?? eg, ...(of ? { column: of.name } : {}) }
  })
  const left = Object.entries(question.criteria).filter(([name]) => !only.some((one) => one.name === name))
  return { known: { ...question, criteria: Object.fromEntries(left) }, others }
}

/** Of what an authority publishes there is one example, which is what was asked for. */
function published(shape: QueryShape, question: Question, from: Pick<Row, 'source' | 'asOf'>): Row[] {
  const asked = (column: Column) =>
    shape.criteria.find(({ how, name, column: of }) => how === 'is' && (of ?? name) === column.name)
  const values = shape.columns.map((column) => {
    const criterion = asked(column)
    const text = criterion && question.criteria[criterion.name]?.[0]
    return [column.name, [exampleFor(column, text)]] as [string, LeafValue[]]
  })
  return [{ ...from, values: Object.fromEntries(values) }]
}

function asFiling({ documentType, operation, reference, at, content, answers }: SentFiling): Filing {
  const given = answers.filter(({ dueAt }) => dueAt <= Date.now()).sort((a, b) => b.dueAt - a.dueAt)
  const status = given.map((one) => one.status()).find((one) => one !== undefined)
  return {
    document: documentType,
    operation,
    reference,
    submittedAt: chinaTime(at),
    ...(status === undefined ? {} : { state: meaning[status] ?? status }),
    ...(given[0] ? { answeredAt: chinaTime(new Date(given[0].dueAt)) } : {}),
    content,
    answers: given.flatMap((one) => one.said() ?? []),
  }
}

/** As the hub takes them for the state of a filing. */
const meaning: Readonly<Record<string, string>> = { accepted: 'submitted', refused: 'rejected' }
