// rest-of-body — an answer that is given before the body is read to its end (401, 413, 415, 429, 503) still has to
// arrive: a connection that is closed with bytes unread is reset, and the caller never sees why. So the rest is read
// and thrown away, as long as it keeps coming and up to a bound, and the connection lives on. Clients such as fetch
// give up a request whose answer comes while they still send, with "broken pipe" in place of the answer: it is given
// when the rest has come, when the sender falls silent, or after a while. A piece of one body is read at a time, and
// everybody else has a turn before the next: a hundred senders who are turned away at one moment are not a hundred
// streams at full speed.
import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { nextTurn } from '../../../messages/turns.js'

/** So long nothing may come, and so long all of the rest may take. */
const silentMs = 10_000
const restMs = 120_000
const checkedMs = 250

/**
 * The answer waits for the rest of the body: no longer than this, and no longer than this in which nothing comes. On a
 * busy machine a sender may get no turn for seconds; who asked for "100 Continue" waits for us and is told soon.
 */
const answerWaitsMs = 45_000
const pauseMs = 5_000
const pauseOfAskerMs = 500

/**
 * Before any route. `maxBytes`: of the rest so many bytes are read, twice, before the answer, and as many behind it.
 */
export function readToTheEnd(app: FastifyInstance, { maxBytes }: { maxBytes: number }): void {
  app.addHook('onSend', async (request, reply) => {
    const { raw } = request
    if (raw.complete || !hasBody(raw.headers) || reply.statusCode < 400) return
    // A call of the hub's own (inject) has no connection.
    if (!(raw.socket instanceof Socket)) return
    // Fastify asks for the connection's end here; Node would end it at once.
    if (app.server.listening) reply.removeHeader('connection')
    raw.unpipe()
    const pause = raw.headers.expect === undefined ? pauseMs : pauseOfAskerMs
    await Promise.race([throwAway(raw), whileItComes(raw.socket, { bytes: maxBytes * 2, pause })])
    if (!raw.complete) cutInTheEnd(raw, maxBytes * 2)
  })
}

/** Resolves when the sender has sent nothing for a moment, has gone, has sent for long, or so many bytes. */
async function whileItComes(socket: Socket, { bytes, pause }: { bytes: number; pause: number }): Promise<void> {
  const until = performance.now() + answerWaitsMs
  const most = socket.bytesRead + bytes
  let seen = { bytes: socket.bytesRead, at: performance.now() }
  while (!socket.destroyed && socket.bytesRead < most) {
    await setTimeout(checkedMs, undefined, { ref: false })
    const now = performance.now()
    if (socket.bytesRead > seen.bytes) seen = { bytes: socket.bytesRead, at: now }
    if (now > until || now - seen.at >= pause) return
  }
}

/** Behind the answer: who goes on sending for too long, or too much, or falls silent, is cut off. */
function cutInTheEnd(raw: IncomingMessage, bytes: number): void {
  const { socket } = raw
  const most = socket.bytesRead + bytes
  const until = performance.now() + restMs
  let seen = { bytes: socket.bytesRead, at: performance.now() }
  const timer = setInterval(() => {
    if (socket.destroyed || raw.complete) return clearInterval(timer)
    const now = performance.now()
    if (socket.bytesRead > seen.bytes) seen = { bytes: socket.bytesRead, at: now }
    if (now > until || now - seen.at > silentMs || socket.bytesRead > most) {
      clearInterval(timer)
      socket.destroy()
    }
  }, checkedMs)
  timer.unref()
}

async function throwAway(raw: IncomingMessage): Promise<void> {
  try {
    for await (const _ of raw.iterator({ destroyOnReturn: false })) await nextTurn()
  } catch {
    // The sender has gone.
  }
}

const hasBody = (headers: { 'content-length'?: string | undefined; 'transfer-encoding'?: string | undefined }) =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
