// board — bull-board at /monitor/queues: the inside of the queues, to be looked at only, behind the operator's key.
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'

type Queue = ConstructorParameters<typeof BullMQAdapter>[0]

/** @param operator rejects the call unless it comes with the operator's key */
export async function mountBoard(app: FastifyInstance, queues: Queue[], operator: (request: FastifyRequest) => Promise<void>): Promise<void> {
  const adapter = new FastifyAdapter()
  adapter.setBasePath('/monitor/queues')
  // The adapter's own types do not know exactOptionalPropertyTypes.
  createBullBoard({ queues: queues.map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })), serverAdapter: adapter as unknown as Parameters<typeof createBullBoard>[0]['serverAdapter'], options: { uiConfig: { boardTitle: 'Single Window hub' } } })
  await app.register(async (board) => {
    board.addHook('onRequest', async (request, reply) => {
      try {
        await operator(request)
      } catch (error) {
        // A browser asks for user and password only when it is told that this would help.
        void reply.header('www-authenticate', 'Basic realm="hub", charset="UTF-8"')
        throw error
      }
    })
    await board.register(adapter.registerPlugin(), { prefix: '/monitor/queues' })
  })
}
