// json-bodies — the bodies of calls that are no messages: JSON of a bounded size, depth and number of values. A call
// that needs no body (an acknowledgement) may name any media type: many clients name one whether they send something or
// not.
import type { Readable } from 'node:stream'
import { errorCodes } from 'fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import type { Room } from '../../../messages/memory-budget.js'
import { collect } from './body.js'

/** More bytes says no call, unless its route says more (`mostJsonBytes`); what is deeper no settings are. */
const usualBytes = 1024 * 1024
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

interface JsonBodies {
  /** Bytes of a body. Default 1 MB. */
  mostBytes?: number
  /** Default 10,000. */
  mostValues?: number
  /** The room in memory of who calls. Default: there is always room. */
  roomOf?: (request: FastifyRequest) => Room
}

/**
 * For the calls of `app`: JSON is read as JSON, of any other type an empty body is no body, and a filled one is refused
 * (415).
 */
export function useJsonBodies(
  app: FastifyInstance,
  { mostBytes = usualBytes, mostValues = usualValues, roomOf }: JsonBodies = {},
): void {
  const json = app.getDefaultJsonParser('error', 'error')
  const parsed = (request: FastifyRequest, text: string) =>
    new Promise((resolve, reject) => {
      void json(request, text, (error, value) => (error ? reject(error) : resolve(value)))
    })
  app.removeContentTypeParser(['application/json', 'text/plain'])
  app.addContentTypeParser('application/json', async (request: FastifyRequest, payload: Readable) => {
    const room = roomOf?.(request)
    try {
      const { mostJsonBytes = mostBytes } = request.routeOptions.config as { mostJsonBytes?: number }
      const text = (await collect(request, payload, { maxBytes: mostJsonBytes, room })).toString()
      if (text === '') return undefined
      const detail = tooMuch(text, mostValues)
      if (detail !== undefined) throw new HubError('HUB_REQUEST_INVALID', { detail })
      return await parsed(request, text)
    } finally {
      room?.release()
    }
  })
  app.addContentTypeParser('*', async (request: FastifyRequest, payload: Readable) => {
    if (await isFilled(payload)) throw new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE(request.headers['content-type'])
  })
}

/** No more of it is read than tells. @throws HubError where it was cut before */
async function isFilled(payload: Readable): Promise<boolean> {
  try {
    for await (const chunk of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
      if (chunk.length > 0) return true
    return false
  } catch (error) {
    throw new HubError('HUB_REQUEST_INVALID', { detail: error instanceof Error ? error.message : String(error) })
  }
}
