// body — a request body as an interchange: raw bytes, inflated when compressed, never more than the limit in memory.
import { createGunzip, createInflate } from 'node:zlib'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import multipart from '@fastify/multipart'
import { HubError } from '../../../messages/errors.js'
import type { Attachment } from '../../../messages/inbound.js'

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

export interface MessageBody {
  bytes: Buffer
  filename?: string
  attachments?: Attachment[]
}

/** Registers what is needed to read bodies: `request.body` is a MessageBody on routes that take messages. */
export async function useBodies(app: FastifyInstance, maxBytes: number): Promise<void> {
  await app.register(multipart, { limits: { fileSize: maxBytes, files: 200, fields: 20, fieldSize: maxBytes } })
  // A body of declared length, as nearly all are, is collected by Fastify itself; a compressed one is inflated as it comes.
  app.addContentTypeParser(messageTypes, async (request: FastifyRequest, payload: Readable): Promise<MessageBody> => ({
    bytes: await collect(inflated(request, payload), maxBytes),
  }))
}

function inflated(request: FastifyRequest, payload: Readable): Readable {
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity'
  if (encoding === 'identity') return payload
  const inflate =
    encoding === 'gzip' || encoding === 'x-gzip' ? createGunzip() : encoding === 'deflate' ? createInflate() : undefined
  if (!inflate) throw new HubError('HUB_MEDIA_TYPE', { value: `Content-Encoding: ${encoding}` })
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

/** multipart/form-data: the part named `message` is the interchange, every other file an attachment. */
export async function readMultipart(request: FastifyRequest, maxBytes: number): Promise<MessageBody> {
  let message: MessageBody | undefined
  const attachments: Attachment[] = []
  let size = 0
  for await (const part of request.parts()) {
    const isMessage = part.fieldname === 'message' && message === undefined
    const bytes = part.type === 'file' ? await part.toBuffer() : Buffer.from(String(part.value))
    size += bytes.length
    if (size > maxBytes) throw new HubError('HUB_TOO_LARGE', { limit: maxBytes })
    const name = part.type === 'file' ? part.filename : ''
    if (isMessage) message = { bytes, ...(name ? { filename: name } : {}) }
    else if (part.type === 'file') attachments.push({ name: name || part.fieldname, bytes, mediaType: part.mimetype })
  }
  if (!message)
    throw new HubError('HUB_REQUEST_INVALID', { detail: 'multipart/form-data needs a part named "message"' })
  return { ...message, attachments }
}
