// ops-content-routes — for the operator: one message of any partner with its history, its bytes and its evidence. Who
// reads what a partner or an agency wrote is kept in the audit.
import { Type } from 'typebox'
import * as view from '../../../../messages/views/index.js'
import type { AnswerRoom } from '../answer-room.js'
import type { Door } from '../app.js'
import { bytesAs } from '../forms.js'
import { found } from './ops-found.js'
import type { MessageOpsParts, MessageParts } from '../parts/messages.js'
import type { ReceiptParts } from '../parts/receipts.js'
import { Id } from '../path-id.js'
import { bytesFor, wholeFor, type PersonsParts } from '../persons-door.js'
import { sendFile } from '../security-headers.js'

const tags = ['ops']

/**
 * `/ops/messages/:id` with its content and evidence, and the files of receipts.
 * @param room what is read for an answer waits here for memory
 */
export function opsContentRoutes(
  app: Door,
  parts: PersonsParts &
    Pick<MessageOpsParts, 'payloadRead' | 'evidence'> &
    Pick<MessageParts, 'message' | 'content'> &
    Pick<ReceiptParts, 'receiptAttachment'>,
  room: AnswerRoom,
): void {
  app.get(
    '/ops/messages/:id',
    {
      schema: {
        params: Id,
        tags,
        operationId: 'readAnyMessage',
        response: { 200: view.MessageView },
        summary: 'One message with its history 报文',
      },
    },
    async ({ params, operator }) => {
      const message = found(await parts.message(params.id), `message ${params.id}`)
      // Receipts carry what the agency wrote, word for word.
      if (message.receipts.some(({ receipt }) => receipt.body))
        await parts.payloadRead(params.id, 'receipts', { who: operator })
      return message
    },
  )
  app.get(
    '/ops/messages/:id/content',
    {
      schema: {
        params: Id,
        tags,
        operationId: 'readAnyContent',
        response: { 200: bytesAs('The bytes as received', '*/*') },
        summary: 'The bytes as they came',
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const content = await room.reading(
        { owner: 'operators', reply },
        () => parts.content(id),
        (one) => one?.bytes.length ?? 0,
      )
      const { bytes } = found(content, `message ${id}`)
      const shown = await bytesFor(request, bytes, parts)
      await parts.payloadRead(id, 'content', { who: request.operator })
      return sendFile(reply, { bytes: shown, mediaType: 'application/octet-stream', name: `${id}.content` })
    },
  )

  app.get(
    '/ops/messages/:id/evidence',
    {
      schema: {
        params: Id,
        tags,
        operationId: 'readEvidence',
        response: { 200: bytesAs('The zip', 'application/octet-stream') },
        summary: 'A zip with all that proves it, and a script that verifies it without the hub 证据包',
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await wholeFor(request, id, parts)
      const zip = await room.reading(
        { owner: 'operators', reply },
        () => parts.evidence(id),
        (one) => one?.length ?? 0,
      )
      const bytes = found(zip, `message ${id}`)
      await parts.payloadRead(id, 'evidence', { who: request.operator })
      return sendFile(reply, { bytes, mediaType: 'application/octet-stream', name: `${id}.evidence.zip` })
    },
  )

  app.get(
    '/ops/receipts/:id/attachments/:name',
    {
      schema: {
        params: Type.Object({ id: Type.String({ maxLength: 64 }), name: Type.String({ maxLength: 200 }) }),
        tags,
        operationId: 'readAnyAttachment',
        response: { 200: bytesAs('The file, as the agency sent it', '*/*') },
        summary: 'A file that came with a receipt 附件',
      },
    },
    async (request, reply) => {
      const { id, name } = request.params
      const file = found(await parts.receiptAttachment(id, name), `attachment ${name} of receipt ${id}`)
      const bytes = await bytesFor(request, file.bytes, parts)
      await parts.payloadRead(file.messageId, 'attachment', { who: request.operator, why: name })
      return sendFile(reply, { ...file, bytes })
    },
  )
}
