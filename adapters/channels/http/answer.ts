// answer — receipts as the caller wants them: JSON by default, XML by Accept; always wrapped in a list, also for one.
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Acknowledgement } from '../../../messages/inbound.js'
import { withRemedies } from '../../../messages/remedy.js'
import type { Receipt } from '../../../messages/receipt.js'
import { receiptsToXml, xmlOfReceipts } from '../../../messages/receipt-xml.js'
import { createTurn } from '../../../messages/turns.js'
import { preferred } from './accept-header.js'
import { sendFile } from './security-headers.js'
import { giveBack } from './signed-answers.js'

const json = 'application/json'
const xml = ['application/xml', 'text/xml'] as const

/** Whether the caller wants XML, by its Accept header. JSON where Accept is missing or permits neither. */
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

/** Plain text in UTF-8. */
export function sendText(reply: FastifyReply, text: string): FastifyReply {
  return reply.type('text/plain; charset=utf-8').send(Buffer.from(text))
}

/** Sends the acknowledgement of an interchange (a CONTRL) in the sender’s own form, as a file to save. */
export function sendAcknowledgement(reply: FastifyReply, { mediaType, bytes }: Acknowledgement): FastifyReply {
  return sendFile(giveBack(reply, 'receipt'), { bytes, mediaType, name: 'acknowledgement' })
}

/**
 * Beyond this an answer is written piece by piece, so that others have their turn meanwhile: receipts, and characters
 * of their bodies.
 */
const mostAtOnce = 20
const mostBodiesAtOnce = 64 * 1024

/**
 * As one list, piece by piece where it is long.
 * @param more what stands beside the list: a number of the last receipt, an id
 */
export function sendReceipts(
  request: FastifyRequest,
  reply: FastifyReply,
  receipts: Receipt[],
  more: Record<string, string | number> = {},
): FastifyReply {
  const xml = wantsXml(request)
  void reply.type(xml ? 'application/xml; charset=utf-8' : 'application/json; charset=utf-8')
  const bodies = receipts.reduce((sum, { body }) => sum + (body?.content?.length ?? 0), 0)
  if (receipts.length > mostAtOnce || bodies > mostBodiesAtOnce)
    return reply.send(Readable.from(inPieces(xml ? xmlOfReceipts(receipts, more) : jsonOf(receipts, more))))
  if (!xml) return reply.send({ ...more, receipts: receipts.map(withRemedies) })
  return reply.serializer((text: unknown) => text as string).send(receiptsToXml(receipts, more))
}

function* jsonOf(receipts: readonly Receipt[], more: Record<string, string | number>): Generator<string, void, void> {
  yield `${JSON.stringify(more).slice(0, -1)}${Object.keys(more).length > 0 ? ',' : ''}"receipts":[`
  for (const [i, receipt] of receipts.entries()) yield `${i > 0 ? ',' : ''}${JSON.stringify(withRemedies(receipt))}`
  yield ']}'
}

const pieceLength = 65_536

/** The text in pieces of some size, with turns for others between them. */
async function* inPieces(parts: Iterable<string>): AsyncGenerator<Buffer, void, void> {
  const turn = createTurn()
  let piece = ''
  for (const part of parts) {
    piece += part
    if (piece.length >= pieceLength) {
      yield Buffer.from(piece)
      piece = ''
    }
    await turn()
  }
  if (piece !== '') yield Buffer.from(piece)
}
