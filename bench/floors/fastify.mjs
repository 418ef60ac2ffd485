// floor: a bare Fastify server that takes the body as a Buffer and answers a small JSON. Measured from outside, like
// the hub.
import Fastify from 'fastify'

const app = Fastify({ bodyLimit: 32 * 1024 * 1024 })
app.addContentTypeParser('application/xml', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
app.post('/v1/messages', (request, reply) =>
  reply.code(202).send({ receipts: [{ bytes: /** @type {Buffer} */ (request.body).length }] }),
)
await app.listen({ host: '127.0.0.1', port: 0 })
const { port } = /** @type {import('node:net').AddressInfo} */ (app.server.address())
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`)
process.stdin.on('end', () => process.exit(0)).resume()
