// receipts-routes — the mailbox: long poll, read, acknowledge.
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import { Receipt } from '../../../../messages/receipt.js'
import { receiptToXml } from '../../../../messages/receipt-xml.js'
import { withRemedies } from '../../../../messages/remedy.js'
import { formOf } from '../../../../messages/syntax.js'
import * as view from '../../../../messages/views/index.js'
import { sendReceipts, wantsEdifact, wantsText, wantsXml } from '../answer.js'
import type { AnswerRoom } from '../answer-room.js'
import type { Door } from '../app.js'
import { alsoAs, bytesAs } from '../forms.js'
import type { OpenAnswers } from '../open-answers.js'
import type { ReceiptParts } from '../parts/receipts.js'
import { Id } from '../path-id.js'
import { sendFile } from '../security-headers.js'
import { giveBack } from '../signed-answers.js'

const Several = Type.Object(
  { receipts: Type.Array(Type.String({ maxLength: 64 }), { minItems: 1, maxItems: 500, description: 'Their ids' }) },
  { additionalProperties: false },
)

/**
 * `/v1/receipts`, for a partner with its key; another partner's receipt is HUB_NOT_FOUND. Whoever waits in a long poll
 * hears HUB_UNAUTHENTICATED when the key opens nothing any more.
 */
export function receiptsRoutes(
  app: Door,
  parts: Omit<ReceiptParts, 'mailboxes'>,
  { openAnswers, room }: { openAnswers: OpenAnswers; room: AnswerRoom },
): void {
  const query = Type.Object({
    after: Type.Optional(Type.Integer({ minimum: 0, default: 0 })),
    wait: Type.Optional(
      Type.Number({ minimum: 0, maximum: 60, default: 0, description: 'Seconds to wait for the first one' }),
    ),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })),
  })
  app.get(
    '/v1/receipts',
    {
      schema: {
        querystring: query,
        tags: ['receipts'],
        operationId: 'readMailbox',
        response: { 200: alsoAs(view.MailboxPage, 'application/xml') },
        summary: 'Receipts not acknowledged yet 收取回执',
      },
    },
    async (request, reply) => {
      const { after = 0, wait = 0, limit = 100 } = request.query
      const answer = openAnswers.open(request)
      try {
        const found = await parts.waitForReceipts(
          request.partner.partnerId,
          { after, ms: wait * 1000, limit },
          answer.signal,
        )
        if (answer.ended()) throw new HubError('HUB_UNAUTHENTICATED')
        await room.holding(
          { owner: request.partner.partnerId, reply },
          found.reduce((sum, { receipt }) => sum + (receipt.body?.content?.length ?? 0), 0),
        )
        return await sendReceipts(
          request,
          giveBack(reply, 'receipt'),
          found.map((r) => r.receipt),
          { cursor: found.at(-1)?.seq ?? after },
        )
      } finally {
        answer.done()
      }
    },
  )

  app.get(
    '/v1/receipts/undelivered',
    {
      schema: {
        querystring: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })) }),
        tags: ['receipts'],
        operationId: 'listUndelivered',
        response: { 200: view.UndeliveredList },
        summary: 'Undelivered receipts: given up, or still retried 未送达回执',
      },
    },
    async (request) => ({
      undelivered: await parts.undelivered(request.partner.partnerId, request.query.limit ?? 100),
    }),
  )

  app.post(
    '/v1/receipts/replay',
    {
      schema: {
        tags: ['receipts'],
        operationId: 'replayUndelivered',
        response: { 200: view.Replayed },
        summary: 'Send all undelivered ones again 补发',
      },
    },
    async (request) => {
      let replayed = 0
      for (const { receipt } of await parts.undelivered(request.partner.partnerId, 500))
        if (await parts.resendReceipt(receipt.receiptId, request.partner.partnerId)) replayed++
      return { replayed }
    },
  )

  app.post(
    '/v1/receipts/:id/resend',
    {
      schema: {
        params: Id,
        tags: ['receipts'],
        operationId: 'resendReceipt',
        response: { 200: view.Resent },
        summary: 'Send a receipt again, whatever its state',
      },
    },
    async (request) => {
      const { id } = request.params
      if (!(await parts.resendReceipt(id, request.partner.partnerId))) throw new HubError('HUB_NOT_FOUND')
      return { receiptId: id, resent: true as const }
    },
  )

  app.get(
    '/v1/receipts/:id',
    {
      schema: {
        params: Id,
        tags: ['receipts'],
        operationId: 'readReceipt',
        response: { 200: alsoAs(Receipt, 'application/xml', 'application/edifact', 'text/plain') },
        summary:
          'One receipt; with Accept: application/edifact as CUSRES or APERAK, with text/plain as a port flat ' +
          'file, where such was sent',
      },
    },
    async (request, reply) => {
      const receipt = await own(request)
      const answer =
        wantsEdifact(request) || wantsText(request)
          ? await parts.inSendersForm(receipt, request.partner.partnerId)
          : undefined
      giveBack(reply, 'receipt')
      if (answer)
        return sendFile(reply, { bytes: answer, mediaType: formOf(answer).mediaType, name: receipt.receiptId })
      return wantsXml(request)
        ? reply.type('application/xml; charset=utf-8').send(receiptToXml(receipt))
        : withRemedies(receipt)
    },
  )

  app.get(
    '/v1/receipts/:id/body',
    {
      schema: {
        params: Id,
        tags: ['receipts'],
        operationId: 'readReceiptBody',
        response: { 200: bytesAs('The receipt of the agency', '*/*') },
        summary: "The agency's own receipt, verbatim 原始回执",
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const found = await room.reading(
        { owner: request.partner.partnerId, reply },
        () => parts.receiptBody(id),
        (body) => body?.bytes.length ?? 0,
      )
      if (!found || found.partnerId !== request.partner.partnerId) throw new HubError('HUB_NOT_FOUND')
      return sendFile(giveBack(reply, 'enclosure'), {
        ...{ bytes: found.bytes, mediaType: found.mediaType },
        name: `${id}.body`,
      })
    },
  )

  app.get(
    '/v1/receipts/:id/attachments/:name',
    {
      schema: {
        params: Type.Object({ id: Type.String({ maxLength: 64 }), name: Type.String({ maxLength: 200 }) }),
        tags: ['receipts'],
        operationId: 'readReceiptAttachment',
        response: { 200: bytesAs('The file, as the agency sent it', '*/*') },
        summary: "A file that came with the agency's answer: certificate, print 附件",
      },
    },
    async (request, reply) => {
      const { id, name } = request.params
      // Whose it is comes first: a stranger learns nothing of what is missing or damaged.
      await own(request)
      const found = await room.reading(
        { owner: request.partner.partnerId, reply },
        () => parts.receiptAttachment(id, name),
        (file) => file?.bytes.length ?? 0,
      )
      if (!found) throw new HubError('HUB_NOT_FOUND')
      return sendFile(giveBack(reply, 'enclosure'), found)
    },
  )

  app.post(
    '/v1/receipts/:id/ack',
    {
      schema: {
        params: Id,
        tags: ['receipts'],
        operationId: 'acknowledgeReceipt',
        response: { 200: view.Acknowledged },
        summary: 'Acknowledge: it leaves the mailbox',
      },
    },
    async (request) => {
      const { id } = request.params
      const [known] = await parts.acknowledge(request.partner.partnerId, [id])
      if (known === undefined) throw new HubError('HUB_NOT_FOUND')
      return { receiptId: id, acknowledged: true as const }
    },
  )

  app.post(
    '/v1/receipts/ack',
    {
      schema: {
        body: Several,
        tags: ['receipts'],
        operationId: 'acknowledgeReceipts',
        response: { 200: view.SeveralAcknowledged },
        summary: 'Acknowledge up to 500 in one call: they leave the mailbox 批量确认回执',
      },
    },
    async ({ body, partner }) => {
      const asked = [...new Set(body.receipts)]
      const acknowledged = await parts.acknowledge(partner.partnerId, asked)
      const known = new Set(acknowledged)
      return { acknowledged, unknown: asked.filter((id) => !known.has(id)) }
    },
  )

  async function own(request: FastifyRequest): Promise<Receipt> {
    const found = await parts.receipt((request.params as { id: string }).id)
    if (!found || found.partnerId !== request.partner.partnerId) throw new HubError('HUB_NOT_FOUND')
    return found.receipt
  }
}
