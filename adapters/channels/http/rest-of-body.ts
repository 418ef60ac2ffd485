// rest-of-body — an answer that is given before the body is read to its end (401, 413, 415, 429, 503) still has to arrive: a connection that is
// closed with bytes unread is reset, and the caller never sees why. So the rest is read and thrown away, up to a bound, and the connection lives on.
import type { FastifyInstance } from 'fastify'

/** The rest of a body has this long to come. */
const restMs = 10_000
const checkedMs = 250

/** Before any route. `maxBytes`: of the rest so many bytes are read, twice. */
export function readToTheEnd(app: FastifyInstance, { maxBytes }: { maxBytes: number }): void {
  app.addHook('onSend', async (request, reply) => {
    const { raw } = request
    if (raw.complete || !hasBody(raw.headers) || reply.statusCode < 400) return
    // Fastify asks for the connection's end here; Node would end it at once.
    if (app.server.listening) reply.removeHeader('connection')
    const { socket } = raw
    const most = socket.bytesRead + maxBytes * 2
    const until = performance.now() + restMs
    const timer = setInterval(() => {
      if (socket.destroyed || raw.complete) return clearInterval(timer)
      if (performance.now() > until || socket.bytesRead > most) {
        clearInterval(timer)
        socket.destroy()
      }
    }, checkedMs)
    timer.unref()
    raw.unpipe()
    raw.resume()
  })
}

const hasBody = (headers: { 'content-length'?: string | undefined; 'transfer-encoding'?: string | undefined }) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
