// http-connector — agencies that take messages over HTTP: POST {url}/messages with the bytes as received, ids in the headers.
//
//   no connection, TLS not agreed      nothing left          transient    HUB_AGENCY_UNAVAILABLE
//   2xx · 409 + X-Already-Taken        the agency has it     taken        with its first receipt, when the body holds one
//   429 · 503 (408, 401, 407, 3xx)     it did not take it    transient    HUB_AGENCY_BUSY (UNAVAILABLE), Retry-After is kept
//   other 4xx                          it never will         permanent    HUB_AGENCY_REFUSED, with what it said
//   other 5xx · cut · deadline         nobody knows          ambiguous    HUB_AGENCY_CUT, HUB_AGENCY_TIMEOUT
import { formOf } from '../../../messages/syntax.js'
import type { AgencyAnswer, Connector, OutboundMessage, SendOutcome } from '../connector.js'
import { exchange, keepAliveAgent, type Exchanged, type TlsMaterial } from './exchange.js'
import { multipartBody } from './multipart.js'

export interface HttpConnectorParts {
  /** Without the `/messages` at its end. http or https. */
  url: string
  /** Sent with every call. */
  headers?: Record<string, string>
  /** Shown as `Authorization: Bearer`. */
  token?: string | undefined
  /** Shown as `Authorization: Basic`. */
  basic?: { user: string; password: string } | undefined
  /** Mutual TLS, and who is trusted; read anew for every connection, so that a renewed certificate needs no restart. */
  tls?: (() => TlsMaterial) | undefined
  /** Below `url`. */
  messagesPath?: string
  statusPath?: string
  /** The body of a 2xx answer is a confirmation only: receipts come by the callback door. */
  answersLater?: boolean
  /** How long one try may take, from connecting to the last byte of the answer. */
  deadlineMs: number
  /** The agency answers GET {url}/submissions/{id}: 200 it has it, 404 it has not. */
  statusQuery: boolean
}

const MAX_ANSWER = 4 * 1024 * 1024
const QUERY_DEADLINE_MS = 10_000

/** @throws TypeError when `url` is none, or neither http nor https. */
export function createHttpConnector({
  url,
  headers = {},
  token,
  basic,
  tls,
  messagesPath = 'messages',
  statusPath = 'submissions/{id}',
  answersLater = false,
  deadlineMs,
  statusQuery,
}: HttpConnectorParts): Connector {
  const base = new URL(url)
  if (base.protocol !== 'http:' && base.protocol !== 'https:') throw new TypeError(`${url} is neither http nor https`)
  const at = (path: string) => new URL(`${base.href.replace(/\/+$/, '')}/${path}`)
  const agent = keepAliveAgent(base, tls)
  const authorization =
    token !== undefined
      ? `Bearer ${token}`
      : basic && `Basic ${Buffer.from(`${basic.user}:${basic.password}`).toString('base64')}`
  const common = { ...headers, ...(authorization === undefined ? {} : { authorization }) }
  const rules = { agent, maxAnswer: MAX_ANSWER }

  async function send(message: OutboundMessage, signal: AbortSignal): Promise<SendOutcome> {
    const { contentType, body } = bodyOf(message)
    const ids = {
      'x-submission-id': message.submissionId,
      // What an idempotent agency knows a repetition by; the same for every try.
      'idempotency-key': message.submissionId,
      'x-operation': headerValue(message.operation),
      'x-document-type': headerValue(message.documentType),
      'x-reference': headerValue(message.reference),
      ...(message.traceparent === undefined ? {} : { traceparent: message.traceparent }),
    }
    const outcome = judge(
      await exchange({
        ...rules,
        method: 'POST',
        url: at(messagesPath),
        headers: { ...common, 'content-type': contentType, ...ids },
        body,
        deadlineMs,
        signal,
      }),
    )
    return answersLater && outcome.outcome === 'taken' ? { outcome: 'taken' } : outcome
  }

  async function query(submissionId: string, signal: AbortSignal): Promise<'taken' | 'not-taken' | 'unknown'> {
    const deadline = Math.min(deadlineMs, QUERY_DEADLINE_MS)
    const result = await exchange({
      ...rules,
      method: 'GET',
      url: at(statusPath.replaceAll('{id}', encodeURIComponent(submissionId))),
      headers: common,
      deadlineMs: deadline,
      signal,
    })
    if (result.outcome !== 'answered') return 'unknown'
    return result.status === 200 ? 'taken' : result.status === 404 ? 'not-taken' : 'unknown'
  }

  return {
    send,
    ...(statusQuery ? { query } : {}),
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

function judge(result: Exchanged): SendOutcome {
  switch (result.outcome) {
    case 'not-sent':
      return { outcome: 'transient', code: 'HUB_AGENCY_UNAVAILABLE', detail: result.detail }
    case 'cut':
      return judgeCut(result)
    case 'answered':
      return judgeStatus(result)
    default:
      return result satisfies never
  }
}

/** Half an answer. What its first line says is known; a receipt that was on its way is not. */
function judgeCut({ why, detail, head }: Extract<Exchanged, { outcome: 'cut' }>): SendOutcome {
  if (head && head.status >= 300 && head.status < 500)
    return judgeStatus({ outcome: 'answered', ...head, body: Buffer.alloc(0) })
  if (head?.status === 503) return judgeStatus({ outcome: 'answered', ...head, body: Buffer.alloc(0) })
  const said = head ? `${head.status}, then ${detail}` : detail
  return { outcome: 'ambiguous', code: why === 'deadline' ? 'HUB_AGENCY_TIMEOUT' : 'HUB_AGENCY_CUT', detail: said }
}

function judgeStatus(result: Extract<Exchanged, { outcome: 'answered' }>): SendOutcome {
  const { status, headers } = result
  const answer = answerOf(result)
  const detail = `HTTP ${status}${answer ? `: ${excerpt(answer)}` : ''}`
  const busy = (code: 'HUB_AGENCY_BUSY' | 'HUB_AGENCY_UNAVAILABLE'): SendOutcome => {
    const retryAfterSeconds = secondsUntil(headers['retry-after'])
    return { outcome: 'transient', code, detail, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }
  }
  if ((status >= 200 && status < 300) || (status === 409 && headers['x-already-taken']?.toLowerCase() === 'true')) {
    return { outcome: 'taken', ...(answer ? { answer } : {}) }
  }
  switch (status) {
    case 429:
    case 503:
    // It did not get the whole request in time.
    case 408:
      return busy('HUB_AGENCY_BUSY')
    // The hub's own credentials are wrong: no fault of the message, and mended by the operator.
    case 401:
    case 407:
      return busy('HUB_AGENCY_UNAVAILABLE')
  }
  // Redirects are not followed: a message goes where the operator said, or nowhere.
  if (status >= 300 && status < 400) return busy('HUB_AGENCY_UNAVAILABLE')
  if (status >= 400 && status < 500)
    return { outcome: 'permanent', code: 'HUB_AGENCY_REFUSED', detail, ...(answer ? { answer } : {}) }
  return { outcome: 'ambiguous', code: 'HUB_AGENCY_CUT', detail }
}

function answerOf({ headers, body }: { headers: Record<string, string>; body: Buffer }): AgencyAnswer | undefined {
  return body.length === 0
    ? undefined
    : { mediaType: headers['content-type'] ?? 'application/octet-stream', bytes: body }
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
