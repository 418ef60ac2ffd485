// answer — receipts as the caller wants them: JSON by default, XML by Accept; always wrapped in a list, also for one.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Acknowledgement } from '../../../messages/inbound.js'
import type { Receipt } from '../../../messages/receipt.js'
import { receiptsToXml } from '../../../messages/receipt-xml.js'
import { sendFile } from './security-headers.js'

export function wantsXml(request: FastifyRequest): boolean {
  const accept = request.headers.accept ?? ''
  const xml = Math.max(accept.indexOf('application/xml'), accept.indexOf('text/xml'))
  const json = accept.indexOf('application/json')
  return xml >= 0 && (json < 0 || xml < json)
}

/** The answer as an EDIFACT system reads it: CONTRL. */
export function wantsEdifact(request: FastifyRequest): boolean {
  return /application\/edifact/i.test(request.headers.accept ?? '')
}

/** Something to read, for people. */
export function wantsText(request: FastifyRequest): boolean {
  return /^text\/plain\b/i.test(request.headers.accept ?? '')
}

export function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/plain; charset=utf-8').send(Buffer.from(text))
}

export function sendAcknowledgement(reply: FastifyReply, { mediaType, bytes }: Acknowledgement): FastifyReply {
  return sendFile(reply, { bytes, mediaType, name: 'acknowledgement' })
}

export function sendReceipts(
  request: FastifyRequest,
  reply: FastifyReply,
  receipts: Receipt[],
  more: Record<string, string | number> = {},
): FastifyReply {
  if (!wantsXml(request)) return reply.send({ ...more, receipts })
  return reply
    .type('application/xml; charset=utf-8')
    .serializer((text: unknown) => text as string)
    .send(receiptsToXml(receipts, more))
}
