// json-bodies — the bodies of calls that are no messages: JSON of a bounded size, depth and number of values. A call
// that needs no body (an acknowledgement) may name any media type: many clients name one whether they send something or
// not.
import { errorCodes } from 'fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'

/** More says no call; what is deeper no settings are. */
const mostCharacters = 1024 * 1024
const mostDepth = 64
/** Each value may be a fault of its own. */
const usualValues = 10_000

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]

/**
 * Why JSON is too much to be read: how deep its brackets are nested, how many values it lists; those in strings do not
 * count. Character by character: a pattern that looks for whole strings takes time by the square of a string that does
 * not end.
 */
function tooMuch(text: string, mostValues: number): string | undefined {
  let depth = 0
  let commas = 0
  let inString = false
  for (let i = 0; i < text.length; i++) {
    const character = text.charCodeAt(i)
    if (inString) {
      if (character === backslash) i++
      else if (character === quote) inString = false
    } else if (character === quote) inString = true
    else if (character === openBracket || character === openBrace) {
      if (++depth > mostDepth) return `JSON nested deeper than ${mostDepth} levels`
    } else if (character === closeBracket || character === closeBrace) depth--
    else if (character === comma && ++commas >= mostValues) return `JSON of more than ${mostValues} values`
  }
  return undefined
}

/**
 * For the calls of `app`: JSON is read as JSON, of any other type an empty body is no body, and a filled one is refused
 * (415).
 */
export function useJsonBodies(app: FastifyInstance, { mostValues = usualValues } = {}): void {
  const json = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    (request: FastifyRequest, body: string, done: (error: Error | null, body?: unknown) => void) => {
      if (body === '') return done(null, undefined)
      if (body.length > mostCharacters) return done(new HubError('HUB_TOO_LARGE', { limit: mostCharacters }))
      const detail = tooMuch(body, mostValues)
      if (detail !== undefined) return done(new HubError('HUB_REQUEST_INVALID', { detail }))
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
