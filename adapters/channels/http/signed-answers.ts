// signed-answers — an answer that gives a receipt back bears the hub's signature over its very bytes, where the hub
// signs. Only what a route has named is signed: else a partner could have bytes of its own signed as the hub's word.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Readable } from 'node:stream'
import type { SignBytes } from '../../../messages/sign-bytes.js'

/** The detached JWS over the body. */
const jwsHeader = 'x-hub-jws'

const named = new WeakMap<FastifyReply, Parameters<SignBytes>[1]>()

/** What this reply sends is a receipt, or the agency's own bytes that came with one. */
export function giveBack(reply: FastifyReply, as: Parameters<SignBytes>[1]): FastifyReply {
  named.set(reply, as)
  return reply
}

/** Signs what `giveBack` has named. A long answer is gathered before: its signature stands in front of it. */
export function signAnswers(app: FastifyInstance, sign: SignBytes | undefined): void {
  if (!sign) return
  app.addHook('onSend', async (_request, reply, payload: unknown) => {
    const as = named.get(reply)
    if (as === undefined) return payload
    const bytes = await bytesOf(payload)
    if (bytes === undefined || bytes.length === 0) return payload
    void reply.header(jwsHeader, await sign(bytes, as))
    return bytes
  })
}

async function bytesOf(payload: unknown): Promise<Buffer | undefined> {
  if (typeof payload === 'string') return Buffer.from(payload)
  if (Buffer.isBuffer(payload)) return payload
  if (!(payload instanceof Readable)) return undefined
  const pieces: Buffer[] = []
  for await (const piece of payload) pieces.push(Buffer.from(piece as Buffer))
  return Buffer.concat(pieces)
}
