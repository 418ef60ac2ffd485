// answer — receipts as the caller wants them: JSON by default, XML by Accept; always wrapped in a list, also for one.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Acknowledgement } from '../../../messages/inbound.js'
import type { Receipt } from '../../../messages/receipt.js'
import { receiptsToXml } from '../../../messages/receipt-xml.js'
import { preferred } from './accept-header.js'
import { sendFile } from './security-headers.js'

const json = 'application/json'
const xml = ['application/xml', 'text/xml'] as const

export function wantsXml(request: FastifyRequest): boolean {
  return preferred(request.headers.accept, [json, ...xml]) !== json
}

/** The answer as an EDIFACT system reads it: CONTRL. */
export function wantsEdifact(request: FastifyRequest): boolean {
  return prefers(request, 'application/edifact')
}

/** Something to read, for people. */
export function wantsText(request: FastifyRequest): boolean {
  return prefers(request, 'text/plain')
}

const prefers = (request: FastifyRequest, type: string) =>
  preferred(request.headers.accept, [json, ...xml, type]) === type

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
