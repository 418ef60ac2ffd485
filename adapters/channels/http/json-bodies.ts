// json-bodies — the bodies of calls that are no messages: JSON of a bounded size and depth. A call that needs no body
// (an acknowledgement) may name any media type: many clients name one whether they send something or not.
import { errorCodes } from 'fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'

/** More says no call; what is deeper no settings are. */
const mostCharacters = 1024 * 1024
const mostDepth = 64

/** How deep brackets are nested, as far as `most`; those in strings do not count. */
function isDeeperThan(most: number, text: string): boolean {
  let depth = 0
  for (const [bracket] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (bracket === '[' || bracket === '{') depth++
    else if (bracket === ']' || bracket === '}') depth--
    if (depth > most) return true
  }
  return false
}

/**
 * For the calls of `app`: JSON is read as JSON, of any other type an empty body is no body, and a filled one is refused
 * (415).
 */
export function useJsonBodies(app: FastifyInstance): void {
  const json = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    (request: FastifyRequest, body: string, done: (error: Error | null, body?: unknown) => void) => {
      if (body === '') return done(null, undefined)
      if (body.length > mostCharacters) return done(new HubError('HUB_TOO_LARGE', { limit: mostCharacters }))
      if (isDeeperThan(mostDepth, body))
        return done(new HubError('HUB_REQUEST_INVALID', { detail: `JSON nested deeper than ${mostDepth} levels` }))
      return void json(request, body, done)
    },
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
