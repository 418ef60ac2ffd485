// Answers that nobody reads take room of their partner's memory, and no more than that.
import { connect, type AddressInfo, type Socket } from 'node:net'
import Fastify from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { createAnswerRoom } from '../../adapters/channels/http/answer-room.js'
import { createMemoryBudget } from '../../messages/memory-budget.js'
import { until } from '../support/until.js'

const mb = 1024 * 1024

test('of long answers that are left unread a partner has as many as its share holds; the next one waits', async () => {
  const memory = createMemoryBudget({ mostBytes: 40 * mb, mostOfOwner: 20 * mb, waitMs: 50 })
  const app = Fastify()
  app.addHook('onRequest', async (request) => {
    request.partner = { partnerId: String(request.headers.authorization) } as typeof request.partner
  })
  createAnswerRoom({ memory, most: mb }).ofAnswers(app)
  const answer = 'x'.repeat(8 * mb)
  app.get('/long', async () => answer)
  app.get('/short', async () => 'short')
  app.setErrorHandler((error: { code?: string }, _request, reply) => reply.code(503).send({ code: error.code }))
  await app.listen({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => void (app.server.closeAllConnections(), app.close()))
  const { port } = app.server.address() as AddressInfo
  const unread = (who: string): Socket => {
    const socket = connect(port, '127.0.0.1').pause()
    onTestFinished(() => void socket.destroy())
    socket.write(`GET /long HTTP/1.1\r\nHost: x\r\nAuthorization: ${who}\r\n\r\n`)
    return socket
  }
  const ask = async (path: string, who: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: who } })
    await answer.text()
    return answer.status
  }

  const sockets = [unread('a'), unread('a')]
  await until('both to hold', () => memory.view().heldBytes === 16 * mb)
  expect([await ask('/long', 'a'), await ask('/short', 'a'), await ask('/long', 'b')]).toEqual([503, 200, 200])
  for (const socket of sockets) socket.destroy()
  await until('all room to be given back', () => memory.view().heldBytes === 0)
  expect(await ask('/long', 'a')).toBe(200)
})
