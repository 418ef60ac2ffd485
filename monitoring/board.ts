// board — bull-board at /monitor/queues: the inside of the queues, to be looked at only, behind the operator's key. It
// is loaded when somebody first looks: a start would take a tenth longer with it.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Queue } from './bull-board.js'

const path = '/monitor/queues'
/** Of the connection and of this very answer: the door writes its own. */
const ownToTheDoor = new Set(['connection', 'content-length', 'date', 'keep-alive', 'transfer-encoding'])

/** @param policy Content-Security-Policy of a page of the hub's own
 *  @param guard answers the call itself, and sends nothing on, unless it comes with the operator's key */
export async function mountBoard(
  app: FastifyInstance,
  queues: Queue[],
  guard: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  policy: string,
): Promise<void> {
  let built: Promise<FastifyInstance> | undefined
  const pages = () => (built ??= import('./bull-board.js').then(({ buildBullBoard }) => buildBullBoard(queues, path)))
  app.addHook('onClose', async () => (await built)?.close())

  await app.register(async (board) => {
    board.addHook('onRequest', guard)
    board.addHook('onSend', async (_request, reply, payload) => {
      // Its static files bring a cache age of their own.
      void reply.header('cache-control', 'no-store')
      if (!String(reply.getHeader('content-type')).startsWith('text/html')) return payload
      void reply.header('content-security-policy', policy)
      // Its fonts are on another host, for which a customs network waits in vain. The fonts of the machine serve.
      return typeof payload === 'string' ? payload.replace(/<link[^>]*href="https?:[^>]*>/g, '') : payload
    })
    for (const url of [path, `${path}/*`])
      board.get(url, { schema: { hide: true } }, async ({ url, headers }, reply) => {
        const page = await (await pages()).inject({ method: 'GET', url, headers })
        for (const [name, value] of Object.entries(page.headers))
          if (value !== undefined && !ownToTheDoor.has(name)) void reply.header(name, value)
        const isText = String(page.headers['content-type']).startsWith('text/html')
        return reply.code(page.statusCode).send(isText ? page.payload : page.rawPayload)
      })
  })
}
