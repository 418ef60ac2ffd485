// bull-board — the pages of the board, by themselves: they listen nowhere, and the board (board.ts) asks them.
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import { fastify, type FastifyInstance } from 'fastify'

/** A queue of BullMQ as the board takes it, from whatever copy of BullMQ it is. */
export type Queue = ConstructorParameters<typeof BullMQAdapter>[0]

/** The folder of the board's pages. Its own search for it knows only CommonJS. */
function pages(): string {
  const fromHere = createRequire(import.meta.url)
  return dirname(createRequire(fromHere.resolve('@bull-board/api')).resolve('@bull-board/ui/package.json'))
}

/** @param path where the pages stand */
export async function buildBullBoard(queues: Queue[], path: string): Promise<FastifyInstance> {
  const adapter = new FastifyAdapter()
  adapter.setBasePath(path)
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
  const app = fastify()
  await app.register(adapter.registerPlugin(), { prefix: path })
  return app
}
