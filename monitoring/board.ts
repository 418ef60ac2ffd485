// board — bull-board at /monitor/queues: the inside of the queues, to be looked at only, behind the operator's key.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

type Queue = ConstructorParameters<typeof BullMQAdapter>[0]

/** The folder of the board's pages. Its own search for it knows only CommonJS. */
function pages(): string {
  const fromHere = createRequire(import.meta.url)
  return dirname(createRequire(fromHere.resolve('@bull-board/api')).resolve('@bull-board/ui/package.json'))
}

/** @param policy Content-Security-Policy of a page of the hub's own
 *  @param guard answers the call itself, and sends nothing on, unless it comes with the operator's key */
export async function mountBoard(
  app: FastifyInstance,
  queues: Queue[],
  guard: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
  policy: string,
): Promise<void> {
  const adapter = new FastifyAdapter()
  adapter.setBasePath('/monitor/queues')
  // The adapter's own types do not know exactOptionalPropertyTypes.
  const serverAdapter = adapter as unknown as Parameters<typeof createBullBoard>[0]['serverAdapter']
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter,
    options: {
      uiBasePath: pages(),
      uiConfig: { boardTitle: 'Single Window hub', miscLinks: [{ text: '← 监控 Monitor', url: '/monitor' }] },
    },
  })
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
    await board.register(adapter.registerPlugin(), { prefix: '/monitor/queues' })
  })
}
