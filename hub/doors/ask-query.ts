// ask-query — a query asked by its address: parameters become the question, the question goes the way of every message,
// and its answer is waited for.
import type { AskedQuery, AwaitedAnswer } from '../../adapters/channels/http/parts/queries.js'
import { errorText, HubError, type ErrorCode } from '../../messages/errors.js'
import { newId } from '../../messages/ids.js'
import type { Accept, Answer, Inbound } from '../../messages/inbound.js'
import { mayUse, returnChannel, type Partner } from '../../messages/partner.js'
import { chinaTime } from '../../messages/china-time.js'
import { writeQuestion } from '../../messages/queries/question.js'
import { readResult, type Result } from '../../messages/queries/result.js'
import { lowerName, usualPageSize, type CodeMeaning, type QueryShape } from '../../messages/queries/shape.js'
import { bytesOfBody } from '../../messages/receipt.js'
import { meant } from '../../messages/value-fault.js'
import { readXml } from '../../messages/xml-reading.js'
import type { QueryAnswer, QueryDetails, QuerySummary } from '../../messages/views/index.js'
import type { Routing } from '../../routing/operation.js'
import type { AnsweredQuestion, Ledger, MessageView } from '../../store/ledger.js'
import type { HereAsked } from '../queries/answer-here.js'
import { answeredView, type SpokenQuery } from '../queries/answer-view.js'
import { isAnswered, type QueryBook } from '../queries/book.js'
import type { QueryMode } from '../agencies/query-mode.js'
import { UnplacedPage, type PageStart } from '../queries/from-ledger.js'
import { provesCriteria } from '../queries/proven-criteria.js'
import { readStart } from '../queries/results.js'
import type { createMailbox } from './mailbox.js'

/** @see [buildHttpDoor](../boot/http.ts) */
export interface AskQueryParts {
  /** @see [createAccept](../steps/accept.ts) */
  accept: Accept
  /** @see [createAccept](../steps/accept.ts) */
  validate: (inbound: Inbound) => Promise<Answer[]>
  book: QueryBook
  routing: Pick<Routing, 'operations'>
  ledger: Pick<Ledger, 'getMessage' | 'receiptBody'>
  acknowledge: (partnerId: string, receiptId: string) => Promise<boolean>
  /** @see [createMailbox](./mailbox.ts) */
  nextReceipt: ReturnType<typeof createMailbox>['nextReceipt']
  /**
   * Who answers what is owed to this agency.
   * @see [createAgencies](../agencies/agencies.ts)
   */
  mode: (agency: string, operation: string, documentType: string) => QueryMode
  /**
   * Answers in the call what the hub alone answers.
   * @see [createAnswerHere](../queries/answer-here.ts)
   */
  answerHere: (asked: HereAsked) => Promise<QueryAnswer>
  /**
   * What was answered so.
   * @see [createQuestionRecord](../queries/question-record.ts)
   */
  answeredHere: (messageId: string, partnerId: string) => Promise<AnsweredQuestion | undefined>
  /** Throws while nothing more may be taken. */
  refuseIfFull: () => void
  now?: () => Date
}

/** An answer that is not there by the deadline of the question is found by its number later. */
export function createAskQuery(parts: AskQueryParts) {
  const { accept, validate, book, routing, ledger, acknowledge, nextReceipt, now = () => new Date() } = parts
  const { mode, answerHere, answeredHere, refuseIfFull } = parts

  function shapeFor(operation: string): QueryShape {
    const document = book.queryOf(operation)
    const shape = document === undefined ? undefined : book.shapeOf(document)
    if (!shape) throw new HubError('HUB_QUERY_NONE', { operation: operation.slice(0, 64) })
    return shape
  }

  /** Answered by the hub alone, to a partner that has its answers where it asks. */
  function isAnsweredHere({ settings }: Partner, operation: string, documentType: string): boolean {
    const agencies = routing.operations.get(operation)?.agencies ?? []
    return (
      agencies.every((agency) => mode(agency, operation, documentType) === 'hub') &&
      returnChannel(settings, 'technical', 'http') === undefined &&
      returnChannel(settings, 'business', 'http') === 'http'
    )
  }

  async function answeredNow(asked: HereAsked): Promise<QueryAnswer> {
    try {
      return await answerHere(asked)
    } catch (error) {
      if (!(error instanceof UnplacedPage)) throw error
      throw criterionFault(asked.operation, [
        {
          zh: 'after 所指的单证已不在，或无权查看；请不带 after 重新查询',
          en: 'after names a filing that is not here, or that you may not see: ask again without it',
        },
      ])
    }
  }

  /** What was answered, an authority's own before what the hub said in the place of one that was silent. */
  async function resultsIn(shape: QueryShape, message: MessageView): Promise<Result[]> {
    const found: Result[] = []
    for (const { receiptId, body } of businessOf(message)) {
      // It stands beside its receipt for some days.
      const apart = async () => (message.letGo ? undefined : (await ledger.receiptBody(receiptId))?.bytes)
      const bytes = body && (bytesOfBody(body) ?? (await apart()))
      const result = bytes && resultIn(shape, bytes)
      if (result) found.push(result)
    }
    const byAuthority = ({ note }: Result) => (note === undefined ? 0 : 1)
    return found.sort((a, b) => byAuthority(a) - byAuthority(b))
  }

  return {
    /** Those that can be asked, in the order of the catalogue. */
    queries: () => book.operations().map((operation) => summaryOf(operation, shapeFor(operation))),
    query: (operation: string) => detailsOf(operation, shapeFor(operation), book.codesOf),

    /**
     * @returns the message the question is; or the answer, where the hub alone gives it and the caller waits
     * @throws HubError with every criterion that is wrong
     */
    async ask({ partner, operation, parameters, page = 1, size = usualPageSize, after, waits = false }: AskedQuery) {
      const shape = shapeFor(operation)
      const documentType = book.queryOf(operation)!
      const criteria = criteriaOf(shape, operation, parameters)
      if (!mayUse(partner.settings, operation)) throw new HubError('HUB_OPERATION_FORBIDDEN', { operation })
      const proven = provesCriteria(book.leavesOf(documentType), criteria)
      const here = waits && isAnsweredHere(partner, operation, documentType)
      const start = after === undefined ? undefined : startOf(after, { operation, page, here })
      const ask = { partnerId: partner.partnerId, operation, documentType, shape, criteria, page, size, start }
      if (here && proven) {
        refuseIfFull()
        return answeredNow(ask)
      }
      const agency = routing.operations.get(operation)?.agencies[0] ?? 'gacc'
      const sender = partner.settings.companies?.codes[0] ?? partner.partnerId
      const question = {
        messageId: newId('qry').toUpperCase(),
        sender: sender.toUpperCase().slice(0, 30),
        receiver: agency.toUpperCase().slice(0, 30),
        criteria,
        page,
        size,
      }
      const inbound: Inbound = {
        partnerId: partner.partnerId,
        channel: 'http',
        operation,
        contentType: 'application/xml',
        bytes: writeQuestion(shape, question, operation, chinaTime(now())),
      }
      // What is wrong is told before anything is recorded.
      const [checked] = proven ? [] : await validate(inbound)
      if (!proven && checked?.outcome !== 'accepted') throw wrongQuestion(shape, { operation, parameters }, checked)
      if (here) {
        refuseIfFull()
        return answeredNow(ask)
      }
      const { answers } = await accept(inbound)
      const [answer] = answers
      if (answer?.outcome !== 'accepted') throw wrongQuestion(shape, { operation, parameters }, answer)
      return answer.messageId
    },

    /** The answer as far as it is there within `waitMs`. */
    async answer({ partnerId, operation, messageId, waitMs, signal }: AwaitedAnswer) {
      const shape = shapeFor(operation)
      const until = Date.now() + waitMs
      for (;;) {
        const bell = nextReceipt(partnerId, Math.max(0, until - Date.now()), signal)
        const message = await ledger.getMessage(messageId, partnerId)
        if (!message || message.operation !== operation || !book.isQuery(message.documentType)) {
          bell.stop()
          const here = message ? undefined : await answeredHere(messageId, partnerId)
          if (here?.operation !== operation) throw new HubError('HUB_NOT_FOUND')
          return viewOfHere(shape, here)
        }
        const done = message.submissions.every(({ status, state }) => isAnswered(status) || state === 'dropped')
        if (done || signal.aborted || Date.now() >= until) {
          bell.stop()
          return viewOf(
            { shape, meanings: book.meaningsOf(shape) },
            operation,
            message,
            done ? await resultsIn(shape, message) : undefined,
          )
        }
        await bell.done
      }
    },

    /** It has been given as the answer to a call: it need not wait in the mailbox too. */
    async given(partnerId: string, messageId: string): Promise<void> {
      const message = await ledger.getMessage(messageId, partnerId)
      for (const { receipt, returnState, channel } of message?.receipts ?? [])
        if (receipt.stage === 'business' && returnState === 'owed' && channel === 'http')
          await acknowledge(partnerId, receipt.receiptId)
    },
  }
}

function summaryOf(operation: string, shape: QueryShape): QuerySummary {
  return {
    operation,
    query: shape.query,
    title: shape.title,
    criteria: shape.criteria.map(({ parameters }) => parameters[0]!),
    href: `/v1/queries/${operation}`,
  }
}

function detailsOf(operation: string, shape: QueryShape, codesOf: QueryBook['codesOf']): QueryDetails {
  return {
    ...summaryOf(operation, shape),
    of: shape.of,
    criteria: shape.criteria.map((one) => ({
      name: one.parameters[0]!,
      ...(one.parameters.length > 1 ? { also: one.parameters.slice(1) } : {}),
      title: { zh: one.zh, en: one.en },
      how: one.how,
      example: exampleIn(codesOf(shape, one), one.eg),
      ...withCodes(codesOf(shape, one)),
    })),
    columns: shape.columns.map((one) => ({
      name: lowerName(one.name),
      title: { zh: one.zh, en: one.en },
      list: one.many,
      ...withCodes(codesOf(shape, one)),
    })),
    ...(shape.statistics ? { groupBy: shape.statistics.groupBy.map(lowerName) } : {}),
  }
}

type Codes = CodeMeaning[] | undefined
/** Of what may be asked: an example of the document may be no business of this query. */
const exampleIn = (codes: Codes, example: string): string =>
  !codes || codes.length === 0 || codes.some(({ code }) => code === example) ? example : codes[0]!.code
const withCodes = (codes: Codes) => (codes && codes.length > 0 ? { codes } : {})

function criteriaOf(
  shape: QueryShape,
  operation: string,
  parameters: Record<string, unknown>,
): Record<string, string[]> {
  const known = shape.criteria.flatMap((one) => one.parameters)
  const faults: { zh: string; en: string }[] = []
  const criteria: Record<string, string[]> = {}
  for (const [name, value] of Object.entries(parameters)) {
    const criterion = shape.criteria.find((one) => one.parameters.includes(name) || one.name === name)
    const shown = name.slice(0, 80)
    if (!criterion) {
      const near = meant(shown, known)
      faults.push({ zh: `${shown} 不是查询条件${near.zh}`, en: `${shown} is not a criterion${near.en}` })
    } else if (typeof value !== 'string' || criteria[criterion.name])
      faults.push({ zh: `${shown} 只能填写一次`, en: `${shown} is given more than once` })
    else if (value.trim() === '') faults.push({ zh: `${shown} 为空`, en: `${shown} is empty` })
    else if (/[\p{Cc}\p{Cs}\ufffe\uffff]/u.test(value))
      faults.push({ zh: `${shown} 含有控制字符`, en: `${shown} holds a control character` })
    else criteria[criterion.name] = [value.trim()]
  }
  faults.push(...endsBeforeItBegins(shape, criteria))
  if (faults.length > 0) throw criterionFault(operation, faults)
  return criteria
}

/** @param here the hub alone answers, in the call */
function startOf(
  after: string,
  { operation, page, here }: { operation: string; page: number; here: boolean },
): PageStart {
  const start = readStart(after)
  if (start && here && page === 1) return start
  throw criterionFault(operation, [
    start === undefined
      ? { zh: `after ${after} 不是本系统给出的 page.next`, en: `after ${after} is no page.next of an answer` }
      : page > 1
        ? { zh: 'after 与 page 只能填写一个', en: 'after and page exclude each other' }
        : {
            zh: 'after 仅适用于本系统直接答复的查询，且须填写 wait；请用 page',
            en: 'after works where the hub alone answers and wait is given; use page',
          },
  ])
}

const isDay = (text = '') => /^\d{4}-\d\d(-\d\d)?$/.test(text)

function endsBeforeItBegins({ criteria }: QueryShape, asked: Record<string, string[]>): { zh: string; en: string }[] {
  return criteria.flatMap((from) => {
    const to = criteria.find(({ how, name }) => how === 'to' && name === from.name.replace(/From$/, 'To'))
    const [[begin = ''] = [], [end = ''] = []] = [asked[from.name], to && asked[to.name]]
    if (from.how !== 'from' || !to || !isDay(begin) || !isDay(end) || begin <= end) return []
    const [first, last] = [`${from.parameters[0]} ${begin}`, `${to.parameters[0]} ${end}`]
    return [{ zh: `${first} 晚于 ${last}`, en: `${first} is after ${last}` }]
  })
}

const criterionFault = (operation: string, faults: { zh: string; en: string }[]) =>
  new HubError('HUB_QUERY_CRITERION', {
    operation,
    detail: faults.map(({ en }) => en).join('; '),
    detailZh: faults.map(({ zh }) => zh).join('；'),
  })

/** What the check of the question found, told by the names in the address. */
function wrongQuestion(
  shape: QueryShape,
  { operation, parameters }: Pick<AskedQuery, 'operation' | 'parameters'>,
  answer: Answer | undefined,
): HubError {
  const receipt = answer?.receipt
  if (receipt && receipt.code !== 'HUB_SCHEMA_VIOLATION')
    return new HubError(receipt.code as ErrorCode, { operation: receipt.operation })
  const faults = (receipt?.faults ?? []).map(({ path = '', text, value }) => {
    const name = path.replace(/^.*\//, '').replace(/\[\d+\]$/, '')
    const criterion = shape.criteria.find((one) => one.name === name)
    const names = [...(criterion?.parameters ?? []), name]
    const shown = names.find((one) => one in parameters) ?? criterion?.parameters[0] ?? lowerName(name)
    // The text begins with the name of the element: here it is the parameter as it was written.
    const named = (sentence: string, colon: string) =>
      sentence.startsWith(`${name} `)
        ? `${shown}${sentence.slice(name.length)}`
        : [shown, ...(value === undefined ? [] : [` ${value}`]), colon, sentence].join('')
    return { zh: named(text.zh, '：'), en: named(text.en, ': ') }
  })
  return criterionFault(
    operation,
    faults.map(({ zh, en }) => ({ zh: zh.replace(/。$/, ''), en: en.replace(/\.$/, '') })),
  )
}

const businessOf = (message: MessageView) =>
  message.receipts.map(({ receipt }) => receipt).filter(({ stage }) => stage === 'business')

function resultIn(shape: QueryShape, bytes: Buffer): Result | undefined {
  try {
    const { root, tree } = readXml(bytes)
    return readResult(shape, root, tree)
  } catch {
    return undefined
  }
}

/** @param results undefined: there is no answer yet */
function viewOf(
  query: SpokenQuery,
  operation: string,
  message: MessageView,
  results: readonly Result[] | undefined,
): QueryAnswer {
  const { messageId } = message
  const base = { messageId, operation, query: query.shape.query }
  if (!results) return { ...base, status: 'processing', href: `/v1/queries/${operation}/${messageId}` }
  const [first, ...others] = results
  if (first) return answeredView(query, { messageId, operation }, [first, ...others])
  const business = businessOf(message)
  const failed = business.find(({ status }) => status !== 'approved')
  if (failed) return { ...base, status: 'failed', code: failed.code, text: failed.text }
  const [answered] = business
  // Dropped by a person, before anything was answered.
  const agency = message.submissions[0]?.agency
  if (!answered)
    return { ...base, status: 'failed', code: 'HUB_QUERY_EXPIRED', text: errorText('HUB_QUERY_EXPIRED', { agency }) }
  const asOf = chinaTime(new Date(answered.time))
  if (message.letGo) return { ...base, status: 'answered', asOf, note: noLongerKept }
  const note =
    '答复不是本查询的结果格式，原文见回执。The answer is no result of this query; its receipt has it as it came.'
  return { ...base, status: 'answered', asOf, note }
}

const noLongerKept = '查询结果已过保存期限，不再提供。The rows were deleted after the days they are kept.'

function viewOfHere(shape: QueryShape, { messageId, operation, askedAt, answer }: AnsweredQuestion): QueryAnswer {
  if (answer !== undefined) return JSON.parse(answer) as QueryAnswer
  const asOf = chinaTime(askedAt)
  return { messageId, operation, query: shape.query, status: 'answered', asOf, note: noLongerKept }
}
