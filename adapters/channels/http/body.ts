// body — a request body as an interchange: raw bytes, inflated when compressed, never more in memory than the limit,
// nor than there is room for.
import { createGunzip, createInflate } from 'node:zlib'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AgencyFile } from '../../../messages/attached.js'
import { HubError } from '../../../messages/errors.js'
import { nameFault } from '../../../messages/file-name.js'
import type { Attachment, InboundFile } from '../../../messages/inbound.js'
import type { Room } from '../../../messages/memory-budget.js'
import { openAnswerForm } from '../../answer-form.js'
import { gather, sharedFrom } from '../../../messages/shared-bytes.js'
import { inTurns, nextTurn } from '../../../messages/turns.js'
import { readingForm } from '../../multipart.js'

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

/** Besides, from partners: JSON of documents of ours, and several parts in one body. */
export const jsonType = 'application/json'
const formType = 'multipart/form-data'

/** What a body holds: one message, or several with their files. */
export interface MessageBody extends InboundFile {
  /** Of multipart/form-data: the other parts named `message`. */
  more?: InboundFile[]
  attachments?: Attachment[]
}

/** A compressed body is thought to become this many times as large, until it is known. */
const usualRatio = 16
/** A body of unknown length asks for this many bytes at first, and for as many again each time. */
const step = 1024 * 1024
/** Inflated at a time: fewer, larger pieces cost the main thread less. */
const chunkSize = 256 * 1024

/** What is read of bodies, and into what room. */
export interface Bodies {
  maxBytes: number
  /** A new room in memory for whoever calls. */
  roomOf: (request: FastifyRequest) => Room
  /** multipart/form-data too: a partner's messages, or an agency's answer with its files. Default: not. */
  form?: 'messages' | 'answer'
}

/** An agency's answer with the files that came with it. */
export interface AnswerBody extends MessageBody {
  mediaType?: string
  files?: AgencyFile[]
}

/**
 * Registers what is needed to read bodies, and forgets what else could be: `request.body` is a MessageBody or undefined
 * on the routes of `app`. A route that works with it does so in `withBody`.
 */
export function useBodies(app: FastifyInstance, { maxBytes, roomOf, form }: Bodies): void {
  app.removeAllContentTypeParsers()
  const taken = form === 'messages' ? [...messageTypes, jsonType] : messageTypes
  app.decorate('bodyTypes', form ? [...taken, formType] : taken)
  app.decorateRequest('room', undefined)
  app.decorateRequest('bodyInUse', false)
  app.addHook('preParsing', async (request, reply) => {
    const room = (request.room = roomOf(request))
    // The answer is sent, or the caller has gone away: before, or instead of, anybody's work with the body.
    reply.raw.once('close', () => {
      if (!request.bodyInUse) room.release()
    })
  })
  app.addContentTypeParser(taken, async (request: FastifyRequest, payload: Readable): Promise<MessageBody> => ({
    bytes: await collect(request, payload, { maxBytes, room: request.room }),
  }))
  const sorted = form === 'answer' ? openAnswerForm : sortParts
  if (form)
    app.addContentTypeParser(
      formType,
      async (request: FastifyRequest, payload: Readable): Promise<MessageBody | AnswerBody> =>
        sorted(
          await collect(request, payload, { maxBytes, room: request.room }),
          request.headers['content-type'] ?? '',
        ),
    )
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The room in memory this call's body takes. */
    room: Room | undefined
    /** Somebody works with the body: he gives its room back, not the end of the call. */
    bodyInUse: boolean
  }
}

/** Runs what works with the body, and gives its room back only then, whatever became of the caller meanwhile. */
export async function withBody<T>(request: FastifyRequest, work: () => Promise<T>): Promise<T> {
  request.bodyInUse = true
  try {
    return await work()
  } finally {
    request.room?.release()
  }
}

function inflated(encoding: string, payload: Readable): Readable {
  if (encoding === 'identity') return payload
  const inflate =
    encoding === 'gzip' || encoding === 'x-gzip'
      ? createGunzip({ chunkSize })
      : encoding === 'deflate'
        ? createInflate({ chunkSize })
        : undefined
  if (!inflate)
    throw new HubError('HUB_MEDIA_TYPE', {
      value: `Content-Encoding: ${encoding}`,
      taken: 'Content-Encoding: gzip, deflate, identity',
    })
  payload.on('error', (error) => inflate.destroy(error))
  return payload.pipe(inflate)
}

/**
 * Room comes before bytes: while there is none, nothing is read and the sender waits. It stops at the limit: what an
 * attacker's kilobyte would inflate to is never held.
 */
export async function collect(
  request: FastifyRequest,
  payload: Readable,
  { maxBytes, room }: { maxBytes: number; room: Room | undefined },
): Promise<Buffer> {
  const tooLarge = () => new HubError('HUB_TOO_LARGE', { limit: maxBytes })
  const encoding = request.headers['content-encoding']?.toLowerCase() ?? 'identity'
  const length = Number(request.headers['content-length'] ?? step)
  if (encoding === 'identity' && length > maxBytes) throw tooLarge()
  const stream = inflated(encoding, payload)
  await room?.take(Math.min(encoding === 'identity' ? length : length * usualRatio, maxBytes))
  const expected = encoding === 'identity' && request.headers['content-length'] !== undefined ? length : undefined
  const gathered = gather({ expected, most: maxBytes })
  try {
    // What is left of it is read to its end elsewhere (rest-of-body.ts): a stream that is destroyed would take the
    // answer with it.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      const size = gathered.size + chunk.length
      if (size > maxBytes) throw tooLarge()
      if (room && size > room.held) await room.take(Math.max(step, chunk.length))
      gathered.push(chunk)
      // Of all that are large one piece is read, then everybody else has a turn.
      if (size >= sharedFrom) await nextTurn()
    }
  } catch (error) {
    if (stream !== payload) {
      payload.unpipe()
      stream.destroy()
    }
    if (error instanceof HubError) throw error
    throw new HubError('HUB_REQUEST_INVALID', { detail: error instanceof Error ? error.message : String(error) })
  }
  room?.give(room.held - gathered.size)
  return gathered.whole()
}

/**
 * Every part named `message` is an interchange, every other file an attachment. Beside several interchanges nothing
 * says whose an attachment is, so that they are refused together.
 */
async function sortParts(bytes: Buffer, contentType: string): Promise<MessageBody> {
  const parts = await inTurns(readingForm(bytes, contentType))
  const [first, ...more] = parts
    .filter(({ name }) => name === 'message')
    .map((part): InboundFile => ({ bytes: part.bytes, ...(part.filename ? { filename: part.filename } : {}) }))
  if (!first)
    throw new HubError('HUB_REQUEST_INVALID', {
      detail: 'multipart/form-data needs a part named "message"',
      detailZh: 'multipart/form-data 中须有名为“message”的部分',
    })
  const attachments = parts
    .filter(({ name, filename }) => name !== 'message' && filename !== undefined)
    .map(({ name, filename, mediaType = 'application/octet-stream', bytes: content }): Attachment => ({
      name: filename || name,
      bytes: content,
      mediaType,
    }))
  if (more.length > 0 && attachments.length > 0) throw new HubError('HUB_ATTACHMENT_UNCLEAR')
  for (const { name } of attachments) {
    const why = nameFault(name)
    if (why)
      throw new HubError('HUB_REQUEST_INVALID', {
        detail: `multipart/form-data: ${why.replace(/[^\P{Cc}]|\p{Cf}/gu, '?')}`,
      })
  }
  return { ...first, attachments, ...(more.length > 0 ? { more } : {}) }
}
