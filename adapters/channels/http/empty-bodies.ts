// empty-bodies — a call that needs no body (an acknowledgement) may name any media type: many clients name one whether they send something or not.
import { errorCodes } from 'fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'

/** For the calls of `app`: JSON is read as JSON, of any other type an empty body is no body, and a filled one is refused (415). */
export function takeEmptyBodies(app: FastifyInstance): void {
  const json = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    (request: FastifyRequest, body: string, done: (error: Error | null, body?: unknown) => void) =>
      body === '' ? done(null, undefined) : void json(request, body, done),
  )
  app.addContentTypeParser(
    '*',
    { parseAs: 'buffer' },
    (request: FastifyRequest, body: Buffer, done: (error: Error | null, body?: unknown) => void) =>
      body.length === 0
        ? done(null, undefined)
        : done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(request.headers['content-type'])),
  )
}
