// http-connector — agencies that take messages over HTTP: POST {url}/messages with the bytes as received, ids in the
// headers.
//
//   no connection, TLS not agreed      nothing left          transient    HUB_AGENCY_UNAVAILABLE
//   an answer by the rules for taken   the agency has it     taken        with its first receipt, when the body holds one
//              … for duplicates        it has one already    duplicate    of the hub's own earlier try, or of a stranger's
//              … for busy              it did not take it    transient    HUB_AGENCY_BUSY (401: UNAVAILABLE), Retry-After is kept
//              … for refused           it never will         permanent    HUB_AGENCY_REFUSED, with what it said
//   any other answer                   not the agency        ambiguous    HUB_AGENCY_FOREIGN
//   cut · deadline                     nobody knows          ambiguous    HUB_AGENCY_CUT, HUB_AGENCY_TIMEOUT
import type { AgencyAnswer, HttpAnswer } from '../../../messages/agency-answer.js'
import type { MemoryBudget } from '../../../messages/memory-budget.js'
import type { AgencyFile } from '../../../messages/attached.js'
import { formOf } from '../../../messages/syntax.js'
import { isForm, openAnswerForm } from '../../answer-form.js'
import type { Connector, OutboundMessage, SendOutcome } from '../connector.js'
import {
  createAnswerReader,
  createStatusReader,
  type AnswerReading,
  type AnswerRules,
  type IsReceipt,
  type StatusRules,
} from './answer-rules.js'
import { exchange, keepAliveAgent, type Exchanged, type TlsMaterial } from './exchange.js'
import { multipartBody } from '../../multipart-body.js'

/** What the connector to one agency's HTTP interface is made with. */
export interface HttpConnectorParts {
  /** Without the `/messages` at its end. http or https. */
  url: string
  /** Sent with every call. */
  headers?: Record<string, string>
  /** Shown as `Authorization: Bearer`. */
  token?: string | undefined
  /** Shown as `Authorization: Basic`. */
  basic?: { user: string; password: string } | undefined
  /**
   * Mutual TLS, and who is trusted; read anew for every connection, so that a renewed certificate needs no restart.
   * @see [tlsOf](./kind.ts)
   */
  tls?: (() => TlsMaterial) | undefined
  /** Below `url`. */
  messagesPath: string
  statusPath: string
  /** The body of a 2xx answer is a confirmation only: receipts come by the callback door. */
  answersLater?: boolean
  /** How long one try may take, from connecting to the last byte of the answer. */
  deadlineMs: number
  /** The agency answers GET {url}/submissions/{id}. */
  statusQuery: boolean
  /** Below `url`, with `{id}`: the agency gives there what it has answered to a submission. Absent: it does not. */
  receiptsPath?: string
  /** What the agency's answers look like; what is not named has the default rules. */
  answerRules?: Partial<AnswerRules>
  statusRules?: Partial<StatusRules>
  isReceipt: IsReceipt
  /** Where room in memory comes from for its answers. Default: there is always room. */
  memory?: MemoryBudget
}

const MAX_ANSWER = 4 * 1024 * 1024
/** With files: certificates and prints come with it. */
const MAX_ANSWER_WITH_FILES = 32 * 1024 * 1024
const QUERY_DEADLINE_MS = 10_000

/** @throws TypeError when `url` is none, or neither http nor https. */
export function createHttpConnector({
  url,
  headers = {},
  token,
  basic,
  tls,
  messagesPath,
  statusPath,
  answersLater = false,
  deadlineMs,
  statusQuery,
  receiptsPath,
  answerRules = {},
  statusRules = {},
  isReceipt,
  memory,
}: HttpConnectorParts): Connector {
  const read = createAnswerReader(answerRules, isReceipt)
  const readStatus = createStatusReader(statusRules, isReceipt)
  const base = new URL(url)
  if (base.protocol !== 'http:' && base.protocol !== 'https:') throw new TypeError(`${url} is neither http nor https`)
  const at = (path: string) => new URL(`${base.href.replace(/\/+$/, '')}/${path}`)
  const agent = keepAliveAgent(base, tls)
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : basic && `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`
  const common = { ...headers, ...(authorization === undefined ? {} : { authorization }) }
  const rules = { agent, maxAnswer, ...(memory ? { room: () => memory.room(base.host) } : {}) }

  async function send(message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome> {
    const { contentType, body } = bodyOf(message)
    const ids = {
      'x-submission-id': message.submissionId,
      // What an idempotent agency knows a repetition by; the same for every try.
      'idempotency-key': message.submissionId,
      'x-operation': headerValue(message.operation),
      'x-document-type': headerValue(message.documentType),
      'x-reference': headerValue(message.reference),
      // An agency shows a query only what its asker has filed.
      ...(message.partnerId === undefined ? {} : { 'x-partner': headerValue(message.partnerId) }),
      ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
    }
    const outcome = await judge(
      await exchange({
        ...rules,
        method: 'POST',
        url: at(messagesPath),
        headers: { ...common, 'content-type': contentType, ...ids },
        body,
        deadlineMs,
        signal,
      }),
      read,
    )
    return answersLater && outcome.outcome === 'taken' ? withoutAnswer(outcome) : outcome
  }

  const get = (path: string, submissionId: string, signal: AbortSignal) =>
    exchange({
      ...rules,
      method: 'GET',
      url: at(path.replaceAll('{id}', encodeURIComponent(submissionId))),
      headers: common,
      deadlineMs: Math.min(deadlineMs, QUERY_DEADLINE_MS),
      signal,
    })

  /** A gateway's 404 does not say that the agency has nothing, nor a login page's 200 that it has it. */
  async function query(submissionId: string, signal: AbortSignal): Promise<'taken' | 'not-taken' | 'unknown'> {
    const result = await get(statusPath, submissionId, signal)
    return result.outcome === 'answered' ? readStatus(result, submissionId) : 'unknown'
  }

  async function receipt(submissionId: string, signal: AbortSignal): Promise<AgencyAnswer | undefined> {
    const result = await get(receiptsPath!, submissionId, signal)
    if (result.outcome !== 'answered' || result.status !== 200) return undefined
    const answer = await opened(result)
    return (await read(answer)).receipt ? answerOf(answer) : undefined
  }

  return {
    send,
    ...(statusQuery ? { query } : {}),
    ...(receiptsPath === undefined ? {} : { receipt }),
    read: async (answer) => {
      const reading = await read(answer)
      return { ...reading, outcome: outcomeOf(answer, reading) }
    },
    async close() {
      agent.destroy()
    },
  }
}

/** The message alone as it came; with its attachments, a form. No charset is named: the document says its own. */
function bodyOf({ submissionId, bytes, attachments }: OutboundMessage): { contentType: string; body: Buffer } {
  const { ending, mediaType: form } = formOf(bytes)
  if (attachments.length === 0) return { contentType: form, body: bytes }
  const files = attachments.map(({ name, bytes, mediaType }) => ({
    name: 'attachment' as const,
    fileName: name,
    mediaType: mediaType ?? 'application/octet-stream',
    bytes,
  }))
  return multipartBody(
    [{ name: 'message', fileName: `message.${ending}`, mediaType: form, bytes }, ...files],
    submissionId,
  )
}

/** Printable ASCII as it is, everything else and `%` percent-encoded as UTF-8. */
export function headerValue(value: string): string {
  return value.replace(/[^\x21-\x24\x26-\x7e]/gu, (c) =>
    [...Buffer.from(c)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}

const maxAnswer = ({ headers }: { headers: Record<string, string> }) =>
  isForm(headers['content-type'] ?? '') ? MAX_ANSWER_WITH_FILES : MAX_ANSWER

/** An answer with files, as the receipt alone would have come, and the files. What is malformed stays as it came. */
async function opened<T extends HttpAnswer>(answer: T): Promise<T & { files?: AgencyFile[] }> {
  const type = answer.headers['content-type'] ?? ''
  if (!isForm(type)) return answer
  try {
    const { mediaType, bytes, files } = await openAnswerForm(answer.body, type)
    return { ...answer, headers: { ...answer.headers, 'content-type': mediaType }, body: bytes, files }
  } catch {
    return answer
  }
}

async function judge(result: Exchanged, read: (answer: HttpAnswer) => Promise<AnswerReading>): Promise<SendOutcome> {
  switch (result.outcome) {
    case 'not-sent':
      return { outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE', detail: result.detail }
    case 'cut': {
      // Half an answer: what its first line says may be a gateway's.
      const { why, detail, head } = result
      const said = head ? `${head.status}, then ${detail}` : detail
      return { outcome: 'ambiguous', code: why === 'deadline' ? 'HUB_AGENCY_TIMEOUT' : 'HUB_AGENCY_CUT', detail: said }
    }
    case 'answered': {
      const answer = await opened(result)
      return outcomeOf(answer, await read(answer))
    }
    default:
      return result satisfies never
  }
}

function outcomeOf(
  result: HttpAnswer & { files?: AgencyFile[] },
  { verdict, rule, receipt, learn }: AnswerReading,
): SendOutcome {
  const { status, headers } = result
  const answer = answerOf(result)
  const detail = `HTTP ${status}${answer ? `: ${excerpt(answer)}` : ''}`
  const learnt = learn.length > 0 ? { learn } : {}
  switch (verdict) {
    case 'taken':
      return { outcome: 'taken', ...(answer ? { answer } : {}), ...learnt }
    case 'duplicate': {
      // Its words are no receipt of the message, unless they are one.
      const first = answer && receipt ? { answer } : {}
      return rule?.byId
        ? { outcome: 'taken', ...first, ...learnt }
        : { outcome: 'duplicate', detail, ...first, ...learnt }
    }
    case 'busy': {
      const code = status === 401 || status === 407 ? 'HUB_AGENCY_UNAVAILABLE' : 'HUB_AGENCY_BUSY'
      const retryAfterSeconds = secondsUntil(headers['retry-after'])
      return { outcome: 'transient', code, detail, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }
    }
    case 'refused':
      return { outcome: 'permanent', code: 'HUB_AGENCY_REFUSED', detail, ...(answer ? { answer } : {}) }
    case 'other':
      return { outcome: 'ambiguous', code: 'HUB_AGENCY_FOREIGN', detail }
    default:
      return verdict satisfies never
  }
}

/** Confirmed; its receipts come by the callback door. */
function withoutAnswer({ learn }: Extract<SendOutcome, { outcome: 'taken' }>): SendOutcome {
  return { outcome: 'taken', ...(learn ? { learn } : {}) }
}

function answerOf({ headers, body, files = [] }: Omit<HttpAnswer, 'status'> & { files?: AgencyFile[] }) {
  if (body.length === 0) return undefined
  const answer: AgencyAnswer = { mediaType: headers['content-type'] ?? 'application/octet-stream', bytes: body }
  return files.length === 0 ? answer : { ...answer, files }
}

/** The first words of an answer, for the log and the ops page. */
function excerpt({ bytes }: AgencyAnswer): string {
  return bytes.subarray(0, 300).toString('utf8').replace(/\s+/g, ' ').trim().slice(0, 200)
}

/** A wrong header must not put a declaration off for a day: asking four times an hour harms nobody. */
const LONGEST_WAIT_SECONDS = 900

/** Retry-After: seconds, or an HTTP date; nonsense is no wish. */
function secondsUntil(value: string | undefined): number | undefined {
  if (value === undefined) return undefined
  const seconds = /^\d+$/.test(value.trim()) ? Number(value) : (Date.parse(value) - Date.now()) / 1000
  return Number.isFinite(seconds) ? Math.min(Math.max(Math.ceil(seconds), 0), LONGEST_WAIT_SECONDS) : undefined
}
