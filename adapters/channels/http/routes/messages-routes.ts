// messages-routes — /v1/messages and /v1/validate: send, check, follow, search, and get the bytes back.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { errorText, fault, HubError } from '../../../../messages/errors.js'
import type { Answer, Inbound } from '../../../../messages/inbound.js'
import type { Receipt } from '../../../../messages/receipt.js'
import { withRemedies } from '../../../../messages/remedy.js'
import { formOf } from '../../../../messages/syntax.js'
import { MessageState } from '../../../../messages/states.js'
import * as view from '../../../../messages/views/index.js'
import { sendAcknowledgement, sendReceipts, sendText, wantsEdifact, wantsText } from '../answer.js'
import { jsonType, messageTypes, withBody, type MessageBody } from '../body.js'
import type { AnswerRoom } from '../answer-room.js'
import type { Door } from '../app.js'
import { alsoAs, bytesAs } from '../forms.js'
import type { MessageParts } from '../parts/messages.js'
import { Id } from '../path-id.js'
import { problemType } from '../problem.js'
import { sendFile } from '../security-headers.js'
import { giveBack } from '../signed-answers.js'

/**
 * A message that is at fault is answered by a receipt, a call that is by a problem; an EDIFACT system is answered by
 * CONTRL.
 */
const answer = (description: string) =>
  alsoAs({ ...view.ReceiptList, description }, 'application/xml', 'application/edifact', 'text/plain')
const refusal = (description: string) =>
  alsoAs(
    { ...view.ReceiptList, description, examples: [{ receipts: [refused] }] },
    'application/xml',
    'application/edifact',
    'text/plain',
    problemType,
  )
const refused: Receipt = {
  receiptId: 'rcp_01M8HDCT03W7WQK0ZT6SHXSF8D',
  messageId: 'msg_01M8HDCT03W7WQK0ZT6SHXSF8D',
  reference: 'ORDER-20261128-001',
  stage: 'technical',
  status: 'refused',
  code: 'HUB_SCHEMA_VIOLATION',
  text: errorText('HUB_SCHEMA_VIOLATION', { count: 1 }),
  time: '2026-11-28T12:07:52.310Z',
  faults: [
    fault(
      'HUB_XSD_ENUMERATION',
      { element: 'appType', value: '9', allowed: '1|2|3' },
      { path: '/CEB311Message/Order/OrderHead/appType', line: 7, rule: 'enumeration=1|2|3', value: '9' },
    ),
  ],
}
const headers = Type.Object({
  'x-operation': Type.Optional(
    Type.String({ maxLength: 64, description: 'Catalogue code, when the content alone cannot tell' }),
  ),
  'x-filename': Type.Optional(Type.String({ maxLength: 600, description: 'File name, percent-encoded' })),
})
const sends = {
  headers,
  consumes: [...messageTypes, jsonType, 'multipart/form-data'],
  response: {
    202: answer('Accepted and stored; it will be submitted'),
    200: answer(
      'Accepted before with the same bytes: the first receipt again (X-Duplicate: true); or checked without faults',
    ),
    207: answer('Several messages: one receipt each'),
    422: refusal('Refused; the receipt lists all faults'),
    '4xx': refusal('A fault of the call or the message: no right, reference used before with other bytes, too large …'),
  },
}

/**
 * `/v1/messages` and `/v1/validate`, for a partner with its key. A wrong message is no error of the call: its receipt
 * says what is wrong. Another partner's message is HUB_NOT_FOUND.
 * @param room what is read for an answer waits here for memory
 */
export function messagesRoutes(app: Door, parts: MessageParts, room: AnswerRoom): void {
  const inbound = (request: FastifyRequest): Inbound => {
    const body = (request.body as MessageBody | undefined) ?? { bytes: Buffer.alloc(0) }
    const filename = body.filename ?? headerFilename(request)
    const contentType = request.headers['content-type']
    const operation = request.headers['x-operation'] as string | undefined
    const traceparent = request.headers.traceparent as string | undefined
    return {
      partnerId: request.partner.partnerId,
      channel: 'http',
      bytes: body.bytes,
      ...(filename === undefined ? {} : { filename }),
      ...(contentType === undefined || body.attachments !== undefined ? {} : { contentType }),
      ...(operation === undefined ? {} : { operation }),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(body.more ? { more: body.more } : {}),
      ...(body.attachments ? { attachments: body.attachments } : {}),
      ...(request.room ? { room: request.room } : {}),
    }
  }

  app.post(
    '/v1/messages',
    { schema: { ...sends, operationId: 'sendMessages', tags: ['messages'], summary: 'Send one interchange 发送报文' } },
    async (request, reply) => {
      const { interchangeId, answers, acknowledgement } = await withBody(request, () => parts.accept(inbound(request)))
      void reply.header('x-interchange-id', interchangeId)
      if (
        acknowledgement &&
        (acknowledgement.mediaType === 'application/edifact' ? wantsEdifact(request) : wantsText(request))
      )
        return sendAcknowledgement(withStatus(reply, answers), acknowledgement)
      return answerWith(reply, { request, answers, more: { interchangeId } })
    },
  )

  app.post(
    '/v1/validate',
    {
      schema: {
        ...sends,
        operationId: 'validateMessages',
        tags: ['messages'],
        summary:
          'The same checks, nothing recorded 校验报文; of EDIFACT and flat files, with Accept: ' +
          'text/plain, an annotated listing',
      },
    },
    async (request, reply) => {
      const { answers, listing } = await withBody(request, async () => {
        const sent = inbound(request)
        const found = (await parts.validate(sent)).map((a): Answer =>
          a.outcome === 'accepted' ? { ...a, httpStatus: 200 } : a,
        )
        const told = found.map(({ receipt }) => receipt)
        return {
          answers: found,
          listing: wantsText(request) && !sent.more ? await parts.listing(sent, told) : undefined,
        }
      })
      if (listing !== undefined) return sendText(withStatus(reply, answers), listing)
      return answerWith(reply, { request, answers, more: {}, recorded: false })
    },
  )

  const query = Type.Object({
    reference: Type.Optional(Type.String()),
    operation: Type.Optional(Type.String()),
    state: Type.Optional(MessageState),
    since: Type.Optional(Type.String({ format: 'date-time' })),
    cursor: Type.Optional(Type.String()),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 50 })),
  })
  app.get(
    '/v1/messages',
    {
      schema: {
        querystring: query,
        tags: ['messages'],
        operationId: 'searchMessages',
        response: { 200: view.MessagePage },
        summary: 'Search your own messages',
      },
    },
    async (request) => {
      const { since, limit = 50, ...rest } = request.query
      return parts.messages({
        ...rest,
        partnerId: request.partner.partnerId,
        limit,
        ...(since === undefined ? {} : { since: new Date(since) }),
      })
    },
  )

  app.get(
    '/v1/messages/:id',
    {
      schema: {
        params: Id,
        tags: ['messages'],
        operationId: 'readMessage',
        response: { 200: view.OwnMessage },
        summary: 'State with its history',
      },
    },
    async (request) => {
      const { receipts, ...message } = await own(request)
      return { ...message, receipts: receipts.map((r) => withRemedies(r.receipt)) }
    },
  )

  app.get(
    '/v1/messages/:id/receipts',
    {
      schema: {
        params: Id,
        tags: ['messages'],
        operationId: 'readMessageReceipts',
        response: { 200: alsoAs(view.ReceiptList, 'application/xml') },
        summary: 'Every receipt of one message',
      },
    },
    async (request, reply) =>
      sendReceipts(
        request,
        giveBack(reply, 'receipt'),
        (await own(request)).receipts.map((r) => r.receipt),
      ),
  )

  app.get(
    '/v1/messages/:id/content',
    {
      schema: {
        params: Id,
        tags: ['messages'],
        operationId: 'readContent',
        response: { 200: bytesAs('The bytes as received', '*/*') },
        summary: 'The bytes as received',
      },
    },
    async (request, reply) => {
      const { partnerId } = request.partner
      const content = await room.reading(
        { owner: partnerId, reply },
        () => parts.content(request.params.id, partnerId),
        (found) => found?.bytes.length ?? 0,
      )
      if (!content) throw new HubError('HUB_NOT_FOUND')
      return sendFile(reply, {
        bytes: content.bytes,
        mediaType: content.contentType ?? 'application/octet-stream',
        name: `${request.params.id}.content`,
      })
    },
  )

  app.get(
    '/v1/messages/:id/forwarded',
    {
      schema: {
        params: Id,
        tags: ['messages'],
        operationId: 'readForwarded',
        response: { 200: bytesAs('The bytes sent to the agency', '*/*') },
        summary:
          'The bytes sent on to the agency: the message, or what was made of it: published XML, ' +
          'or the EDIFACT the agency takes',
      },
    },
    async (request, reply) => {
      const { partnerId } = request.partner
      const bytes = await room.reading(
        { owner: partnerId, reply },
        () => parts.forwarded(request.params.id, partnerId),
        (found) => found?.length ?? 0,
      )
      if (!bytes) throw new HubError('HUB_NOT_FOUND')
      return sendFile(reply, { bytes, mediaType: formOf(bytes).mediaType, name: `${request.params.id}.forwarded` })
    },
  )

  app.get(
    '/v1/messages/:id/acknowledgement',
    {
      schema: {
        params: Id,
        tags: ['messages'],
        operationId: 'readAcknowledgement',
        response: { 200: bytesAs('CONTRL', 'application/edifact', 'text/plain') },
        summary: 'The CONTRL of the interchange it came in',
      },
    },
    async (request, reply) => {
      const found = await parts.acknowledgement(request.params.id, request.partner.partnerId)
      if (!found) throw new HubError('HUB_NOT_FOUND')
      return sendFile(giveBack(reply, 'receipt'), { ...found, name: `${request.params.id}.acknowledgement` })
    },
  )

  async function own(request: FastifyRequest) {
    const message = await parts.message((request.params as { id: string }).id, request.partner.partnerId)
    if (!message) throw new HubError('HUB_NOT_FOUND')
    return message
  }
}

const withStatus = (reply: FastifyReply, answers: readonly Answer[]): FastifyReply =>
  reply.code(answers.length === 1 ? answers[0]!.httpStatus : 207)

/** What a call with messages is answered. */
interface AnswersOfCall {
  request: FastifyRequest
  answers: Answer[]
  /** What a list of receipts says besides. */
  more: Record<string, string>
  /** False: they were only checked. */
  recorded?: boolean
}

function answerWith(reply: FastifyReply, { request, answers, more, recorded = true }: AnswersOfCall): FastifyReply {
  const [only] = answers
  const single = answers.length === 1 && only !== undefined
  void withStatus(reply, answers)
  // What was only checked is no receipt that anybody could show.
  if (recorded) giveBack(reply, 'receipt')
  if (single && recorded) void reply.header('location', `/v1/messages/${only.messageId}`)
  if (single && only.outcome === 'duplicate') void reply.header('x-duplicate', 'true')
  return sendReceipts(
    request,
    reply,
    answers.map((a) => a.receipt),
    more,
  )
}

function headerFilename(request: FastifyRequest): string | undefined {
  const named = request.headers['x-filename'] as string | undefined
  if (named === undefined) return /filename="?([^";]+)"?/.exec(request.headers['content-disposition'] ?? '')?.[1]
  try {
    return decodeURIComponent(named)
  } catch {
    return named
  }
}
