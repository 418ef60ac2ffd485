// query-answers — what simulated agencies answer to queries: rows of what was really sent to them by the one who asks,
// newest first. What only an authority would know is the example of its column.
import { chinaTime } from '../../messages/china-time.js'
import { meeting, rowsOf, type Filing, type Row } from '../../messages/queries/filing.js'
import { fits } from '../../messages/queries/matching.js'
import type { Leaves, LeafValue } from '../../messages/queries/leaves.js'
import { readQuestion, type Question } from '../../messages/queries/question.js'
import { writeResult } from '../../messages/queries/result.js'
import { createGroups } from '../../messages/queries/rows.js'
import type { Column, QueryShape } from '../../messages/queries/shape.js'
import type { XmlDocument } from '../../messages/xml-reading.js'

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
      const rows = shape.reference
        ? published(shape, question, from)
        : filed(shape, ownFirst(own, by.agency).map(asFiling), question, from)
      const { page, size } = question
      const some = rows.slice((page - 1) * size, page * size).map((row) => withExamples(shape, row))
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
  const known = inExamples(shape, question)
  if (!known) return []
  if (shape.statistics) {
    const groups = createGroups(shape, from)
    for (const one of own) {
      const documents = meeting(shape, one, known.criteria)
      if (documents.length > 0) groups.add(one, documents)
    }
    return groups.rows()
  }
  return own.flatMap((one) => rowsOf(shape, one, known, from)).slice(0, largestRows)
}

/**
 * Criteria on what only an authority knows: asked of the examples, and not of the filings; undefined when these do not
 * meet them.
 */
function inExamples(shape: QueryShape, question: Question): Question | undefined {
  const only = shape.criteria.filter(
    ({ name, common, paths }) => question.criteria[name] && common === undefined && !paths,
  )
  const meets = only.every(({ name, how, eg, column }) => {
    const example = shape.columns.find((one) => one.name === (column ?? name))?.eg ?? eg
    return fits(how, question.criteria[name]!, [{ text: example }])
  })
  const left = Object.entries(question.criteria).filter(([name]) => !only.some((one) => one.name === name))
  return meets ? { ...question, criteria: Object.fromEntries(left) } : undefined
}

/** Of what an authority publishes there is one example, which is what was asked for. */
function published(shape: QueryShape, question: Question, from: Pick<Row, 'source' | 'asOf'>): Row[] {
  const asked = (column: Column) =>
    shape.criteria.find(({ how, name, column: of }) => how === 'is' && (of ?? name) === column.name)
  const values = shape.columns.map((column) => {
    const criterion = asked(column)
    return [column.name, [valueOf(column, criterion && question.criteria[criterion.name]?.[0])]] as [
      string,
      LeafValue[],
    ]
  })
  return [{ ...from, values: Object.fromEntries(values) }]
}

function withExamples({ columns }: QueryShape, row: Row): Row {
  const values = { ...row.values }
  for (const column of columns)
    if (!values[column.name] && column.common === undefined && !column.paths) values[column.name] = [valueOf(column)]
  return { ...row, values }
}

const valueOf = ({ eg, egAttribute }: Column, text = eg): LeafValue => ({
  text,
  ...(egAttribute === undefined ? {} : { beside: egAttribute }),
})

function asFiling({ documentType, operation, reference, at, content, answers }: SentFiling): Filing {
  const given = answers.filter(({ dueAt }) => dueAt <= Date.now()).reverse()
  const status = given.map((one) => one.status()).find((one) => one !== undefined)
  return {
    document: documentType,
    operation,
    reference,
    submittedAt: chinaTime(at),
    ...(status === undefined ? {} : { state: meaning[status] ?? status }),
    content,
    answers: given.flatMap((one) => one.said() ?? []),
  }
}

/** As the hub takes them for the state of a filing. */
const meaning: Readonly<Record<string, string>> = { accepted: 'submitted', refused: 'rejected' }
