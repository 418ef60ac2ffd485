// problem — every error of the door as application/problem+json (RFC 9457), from the one catalogue of codes.
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { HubError, type ErrorCode } from '../../../messages/errors.js'
import type { Problem } from '../../../messages/views/index.js'
import { faultsInWords, type TypeBoxError, type ValueFault } from '../../../messages/value-fault.js'
import { securityHeaders } from './security-headers.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** The media types the routes of this scope take (body.ts); where it is not set, JSON. */
    bodyTypes?: readonly string[]
  }
}

/** The media type of RFC 9457. */
export const problemType = 'application/problem+json'

/**
 * Answers with a problem of RFC 9457; with Retry-After where a later try may do.
 * @param scheme how a caller without a good key is asked to show one
 */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  error: HubError,
  scheme = 'Bearer',
): FastifyReply {
  if (error.status === 401) void reply.header('www-authenticate', scheme)
  if (error.retryAfterSeconds !== undefined || error.status === 503 || error.status === 429)
    void reply.header('retry-after', String(error.retryAfterSeconds ?? 2))
  return reply
    .code(error.status)
    .type(`${problemType}; charset=utf-8`)
    .serializer((body: unknown) => JSON.stringify(body))
    .send(problemOf(error, request.id))
}

/** @param instance the request's id; absent where what came was no request */
export function problemOf({ code, status, text, remedy }: HubError, instance?: string): Problem {
  return {
    type: `urn:singlewindow:error:${code}`,
    title: text.en,
    status,
    detail: `${text.zh} ${text.en}`,
    ...(instance === undefined ? {} : { instance }),
    code,
    text,
    remedy,
  }
}

/** What to change in a request that was not read, by the parser's code. */
const unreadable: Readonly<Record<string, { detail: string; detailZh: string }>> = {
  HPE_INVALID_URL: {
    detail:
      'the address holds a character that must be percent-encoded, such as a Chinese one or a space ' +
      '(curl -G --data-urlencode "q=…")',
    detailZh: '地址中有未编码的字符（如汉字、空格），须按百分号编码（curl -G --data-urlencode "q=…"）',
  },
}

/** The answer to what is no HTTP request at all: it goes to the socket itself, as a problem like all others. */
export function answerRaw(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  // A handshake that failed has nobody to read an answer.
  if (error.code?.startsWith('ERR_SSL_') || error.code?.startsWith('ERR_TLS_')) return void socket.destroy()
  const [status, reason]: [number, string] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout']
        : [400, 'Bad Request']
  const invalid = new HubError('HUB_REQUEST_INVALID', unreadable[error.code ?? ''] ?? { detail: reason })
  if (socket.writable) socket.write(rawAnswer(invalid, reason, status))
  socket.destroy()
}

/** A whole answer as text, for a socket that no reply belongs to. */
export function rawAnswer(error: HubError, reason: string, status = error.status): string {
  const body = JSON.stringify({ ...problemOf(error), status })
  const headers = {
    ...securityHeaders,
    'content-type': `${problemType}; charset=utf-8`,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return `HTTP/1.1 ${status} ${reason}\r\n${lines.join('')}\r\n${body}`
}

/**
 * Makes every way to fail end in a problem; what is inside the hub stays inside. `maxBytes`: the largest body, to tell
 * who exceeds it.
 */
export function useProblems(
  app: FastifyInstance,
  log: { error(ids: object, event: string): void },
  { maxBytes, methods }: { maxBytes: number; methods: (path: string) => string[] },
): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    // What body an address takes does not matter where there is no such call.
    if (request.routeOptions.url?.endsWith('/*') && error.code?.startsWith('FST_ERR_CTP_'))
      return sendNoSuchCall(request, reply, methods)
    const known = error instanceof HubError ? error : fromFastify(error, request, maxBytes)
    if (!known) log.error({ err: error, requestId: request.id, route: request.routeOptions.url }, 'request failed')
    return sendProblem(request, reply, known ?? new HubError('HUB_INTERNAL'))
  })
  app.setNotFoundHandler((request, reply) => sendNoSuchCall(request, reply, methods))
}

/** 405 with Allow where the address takes other methods; 404 where there is no such address. */
export function sendNoSuchCall(
  request: FastifyRequest,
  reply: FastifyReply,
  methods: (path: string) => string[],
): FastifyReply {
  const allowed = methods(request.url.replace(/[?#].*$/s, ''))
  if (allowed.length === 0) return sendProblem(request, reply, new HubError('HUB_NOT_FOUND'))
  void reply.header('allow', allowed.join(', '))
  return sendProblem(
    request,
    reply,
    new HubError('HUB_METHOD', { method: request.method, allowed: allowed.join(', ') }),
  )
}

function fromFastify(error: FastifyError, request: FastifyRequest, maxBytes: number): HubError | undefined {
  const as = (code: ErrorCode, values: Record<string, string | number> = {}) => new HubError(code, values)
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return as('HUB_TOO_LARGE', { limit: request.routeOptions.bodyLimit ?? maxBytes })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return as('HUB_MEDIA_TYPE', {
        value: request.headers['content-type']?.slice(0, 200) ?? '(no Content-Type)',
        taken: (request.server.bodyTypes ?? ['application/json']).join(', '),
      })
    case 'FST_ERR_VALIDATION':
      return as('HUB_REQUEST_INVALID', inBothLanguages(error, request))
    default:
      // What Fastify or its parsers refuse with a 4xx is the caller's to change, whatever it is called.
      return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
        ? as('HUB_REQUEST_INVALID', { detail: error.message })
        : undefined
  }
}

/**
 * All that is wrong with the call, each with its place and value: `query limit = "x": must be a whole number from 1 to
 * 500`.
 */
function inBothLanguages(
  error: FastifyError,
  request: FastifyRequest,
): { detail: string; detailZh: string } | { detail: string } {
  const where = error.validationContext
  const schema = where && (request.routeOptions.schema?.[where] as TSchema | undefined)
  if (!where || !schema || !error.validation) return { detail: error.message }
  const written = { body: request.body, querystring: request.query, params: request.params, headers: request.headers }
  const faults = faultsInWords(error.validation as unknown as TypeBoxError[], schema, written[where])
  if (faults.length === 0) return { detail: error.message }
  const name = where === 'querystring' ? 'query' : where
  const place = ({ at, value }: ValueFault) => {
    const given = value === undefined || where === 'headers' ? '' : ` = ${JSON.stringify(value).slice(0, 80)}`
    return `${name}${at.replaceAll('/', ' ')}${given}`
  }
  return {
    detail: faults.map((fault) => `${place(fault)}: ${fault.en}`).join('; '),
    detailZh: faults.map((fault) => `${place(fault)}：${fault.zh}`).join('；'),
  }
}
