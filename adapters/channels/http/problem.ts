// problem — every error of the door as application/problem+json (RFC 9457), from the one catalogue of codes.
import type { Socket } from 'node:net'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { HubError, type ErrorCode } from '../../../messages/errors.js'
import { Bilingual } from '../../../messages/text.js'
import { securityHeaders } from './security-headers.js'

export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    instance: Type.String({ description: 'The request id; give it to the operator' }),
    code: Type.String({ description: 'HUB_…, see docs/errors.md' }),
    text: Bilingual,
    remedy: Bilingual,
  },
  { description: 'What went wrong and what to do' },
)

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
    .type('application/problem+json; charset=utf-8')
    .serializer((body: unknown) => JSON.stringify(body))
    .send({
      type: `urn:singlewindow:error:${error.code}`,
      title: error.text.en,
      status: error.status,
      detail: `${error.text.zh} ${error.text.en}`,
      instance: request.id,
      code: error.code,
      text: error.text,
      remedy: error.remedy,
    })
}

/** The answer to what is no HTTP request at all: it goes to the socket itself, as a problem like all others. */
export function answerRaw(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [status, reason] =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? [431, 'Request Header Fields Too Large']
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? [408, 'Request Timeout']
        : [400, 'Bad Request']
  const { code, text, remedy } = new HubError('HUB_REQUEST_INVALID', { detail: reason })
  const body = JSON.stringify({
    type: `urn:singlewindow:error:${code}`,
    title: text.en,
    status,
    detail: `${text.zh} ${text.en}`,
    code,
    text,
    remedy,
  })
  const headers = {
    ...securityHeaders,
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  }
  if (socket.writable)
    socket.write(
      `HTTP/1.1 ${status} ${reason}\r\n${Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\r\n`)
        .join('')}\r\n${body}`,
    )
  socket.destroy()
}

/** Makes every way to fail end in a problem; what is inside the hub stays inside. */
export function useProblems(app: FastifyInstance, log: { error(ids: object, event: string): void }): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const known = error instanceof HubError ? error : fromFastify(error)
    if (!known) log.error({ err: error, requestId: request.id, route: request.routeOptions.url }, 'request failed')
    return sendProblem(request, reply, known ?? new HubError('HUB_INTERNAL'))
  })
  app.setNotFoundHandler((request, reply) => sendProblem(request, reply, new HubError('HUB_NOT_FOUND')))
}

function fromFastify(error: FastifyError): HubError | undefined {
  const as = (code: ErrorCode, values: Record<string, string | number> = {}) => new HubError(code, values)
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
    case 'FST_REQ_FILE_TOO_LARGE':
      return as('HUB_TOO_LARGE', { limit: 'configured' })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return as('HUB_MEDIA_TYPE', { value: '' })
    case 'FST_ERR_VALIDATION':
      return as('HUB_REQUEST_INVALID', { detail: allowed(error) })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
      return as('HUB_REQUEST_INVALID', { detail: error.message })
    default:
      return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500
        ? as('HUB_REQUEST_INVALID', { detail: error.message })
        : undefined
  }
}

/** Which values there are, where one of a list was wanted. */
function allowed({ message, validation }: FastifyError): string {
  const values =
    validation?.[0]?.keyword === 'enum'
      ? (validation[0].params as { allowedValues?: unknown[] }).allowedValues
      : undefined
  return values === undefined ? message : `${message}: ${values.join(', ')}`
}
