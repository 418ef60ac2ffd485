// body — a request body as an interchange: raw bytes, inflated when compressed, never more than the limit in memory.
import { createGunzip, createInflate } from 'node:zlib'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { HubError } from '../../../messages/errors.js'
import type { Attachment, InboundFile } from '../../../messages/inbound.js'
import { readForm } from './multipart.js'

/** The media types a message may come in. */
export const messageTypes = [
  'application/xml',
  'text/xml',
  'text/plain',
  'application/edifact',
  'application/zip',
  'application/x-zip-compressed',
  'application/octet-stream',
]

const formType = 'multipart/form-data'

export interface MessageBody extends InboundFile {
  /** Of multipart/form-data: the other parts named `message`. */
  more?: InboundFile[]
  attachments?: Attachment[]
}

/**
 * Registers what is needed to read bodies, and forgets what else could be: `request.body` is a MessageBody or undefined on the routes of `app`.
 * `form`: multipart/form-data too.
 */
export function useBodies(app: FastifyInstance, maxBytes: number, { form = false } = {}): void {
  app.removeAllContentTypeParsers()
  app.decorate('bodyTypes', form ? [...messageTypes, formType] : messageTypes)
  // A body of declared length, as nearly all are, is collected by Fastify itself; a compressed one is inflated as it comes.
  app.addContentTypeParser(messageTypes, async (request: FastifyRequest, payload: Readable): Promise<MessageBody> => ({
    bytes: await collect(inflated(request, payload), maxBytes),
  }))
  if (form)
    app.addContentTypeParser(formType, async (request: FastifyRequest, payload: Readable) =>
      sortParts(await collect(inflated(request, payload), maxBytes), request.headers['content-type'] ?? ''),
    )
}

declare module 'fastify' {
  interface FastifyInstance {
    /** The media types the routes of this scope take; where it is not set, JSON. */
    bodyTypes?: readonly string[]
  }
}

function inflated(request: FastifyRequest, payload: Readable): Readable {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding === 'identity') return payload
  const inflate =
    encoding === 'gzip' || encoding === 'x-gzip' ? createGunzip() : encoding === 'deflate' ? createInflate() : undefined
  if (!inflate)
    throw new HubError('HUB_MEDIA_TYPE', {
      value: `Content-Encoding: ${encoding}`,
      taken: 'Content-Encoding: gzip, deflate, identity',
    })
  payload.on('error', (error) => inflate.destroy(error))
  return payload.pipe(inflate)
}

/** Stops at the limit: what an attacker's kilobyte would inflate to is never held. */
async function collect(stream: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    for await (const chunk of stream) {
      size += (chunk as Buffer).length
      if (size > maxBytes) throw new HubError('HUB_TOO_LARGE', { limit: maxBytes })
      chunks.push(chunk as Buffer)
    }
  } catch (error) {
    if (error instanceof HubError) throw error
    throw new HubError('HUB_REQUEST_INVALID', { detail: error instanceof Error ? error.message : String(error) })
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size)
}

/**
 * Every part named `message` is an interchange, every other file an attachment. Beside several interchanges nothing says whose an attachment is,
 * so that they are refused together.
 */
function sortParts(bytes: Buffer, contentType: string): MessageBody {
  const parts = readForm(bytes, contentType)
  const [first, ...more] = parts
    .filter(({ name }) => name === 'message')
    .map((part): InboundFile => ({ bytes: part.bytes, ...(part.filename ? { filename: part.filename } : {}) }))
  if (!first) throw new HubError('HUB_REQUEST_INVALID', { detail: 'multipart/form-data needs a part named "message"' })
  const attachments = parts
    .filter(({ name, filename }) => name !== 'message' && filename !== undefined)
    .map(({ name, filename, mediaType = 'application/octet-stream', bytes: content }): Attachment => ({
      name: filename || name,
      bytes: content,
      mediaType,
    }))
  if (more.length > 0 && attachments.length > 0) throw new HubError('HUB_ATTACHMENT_UNCLEAR')
  return { ...first, attachments, ...(more.length > 0 ? { more } : {}) }
}
