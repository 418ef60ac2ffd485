// events-routes — receipts as they come, over one connection that stays open (server-sent events). It tells business
// receipts and notices on whatever way they go; nothing is acknowledged by it. After a break the browser (or client)
// says what it saw last.
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import { withRemedies } from '../../../../messages/remedy.js'
import type { Door } from '../app.js'
import { textAs } from '../forms.js'
import type { OpenAnswers } from '../open-answers.js'
import type { ReceiptParts } from '../parts/receipts.js'

/** Streams one partner may hold at once; each costs a wake-up for every receipt. */
const mostStreams = 10
const heartbeatMs = 15_000
const page = 200

const stream = `A stream that stays open. Events are named \`receipt\` (business receipts) and \`notice\`; \`data\`
is one Receipt as JSON, \`id\` its number, which \`after\` and \`Last-Event-ID\` take. A browser's EventSource needs
addEventListener('receipt', …), and cannot send the Authorization header: use fetch, or a server between.`

/**
 * `GET /v1/events`, for a partner with its key. HUB_RATE_LIMITED where it has too many streams open. A stream ends
 * when its key opens nothing any more, and when the hub stops.
 */
export function eventsRoutes(
  app: Door,
  parts: Pick<ReceiptParts, 'receiptsAfter' | 'lastReceipt' | 'nextReceipt'>,
  openAnswers: OpenAnswers,
): void {
  const open = new Map<string, number>()
  const streams = new Set<AbortController>()
  // A stream never ends by itself: a hub that stops says so, and the client comes back to the next one.
  app.addHook('preClose', async () => streams.forEach((stream) => stream.abort()))
  const query = Type.Object({
    after: Type.Optional(
      Type.Integer({
        minimum: 0,
        description: 'Start after this number; default: with the next receipt. Last-Event-ID has precedence',
      }),
    ),
  })
  app.get(
    '/v1/events',
    {
      schema: {
        querystring: query,
        tags: ['receipts'],
        operationId: 'followEvents',
        response: { 200: textAs(stream, 'text/event-stream') },
        summary: 'Receipts and notices as they come 回执推送 (text/event-stream)',
      },
    },
    async (request, reply) => {
      const { partnerId } = request.partner
      const already = open.get(partnerId) ?? 0
      if (already >= mostStreams) throw new HubError('HUB_RATE_LIMITED', {}, { retryAfterSeconds: 30 })
      const said = request.headers['last-event-id']
      const last = Number(typeof said === 'string' && /^\d{1,15}$/.test(said) ? said : (request.query.after ?? NaN))
      // Counted before anything is awaited: many who come at once would all be the first.
      open.set(partnerId, already + 1)
      const ends = () => void open.set(partnerId, (open.get(partnerId) ?? 1) - 1)
      let seen: number
      let answer: ReturnType<OpenAnswers['open']>
      try {
        seen = Number.isNaN(last) ? await parts.lastReceipt(partnerId) : last
        answer = openAnswers.open(request)
      } catch (error) {
        ends()
        throw error
      }

      const gone = new AbortController()
      answer.signal.addEventListener('abort', () => gone.abort(), { once: true })
      if (answer.signal.aborted) gone.abort()
      streams.add(gone)
      reply.hijack()
      reply.raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      reply.raw.write('retry: 3000\n\n')
      try {
        while (!gone.signal.aborted) {
          // Listening starts before looking, so that what is committed in between is not slept over.
          const bell = parts.nextReceipt(partnerId, heartbeatMs, gone.signal)
          const found = await parts.receiptsAfter(partnerId, seen, page)
          for (const { seq, receipt } of found) {
            if (gone.signal.aborted) break
            // A client that does not read holds its own stream, and nobody's memory.
            if (
              !reply.raw.write(
                `id: ${seq}\nevent: ${receipt.stage === 'notice' ? 'notice' : 'receipt'}\n` +
                  `data: ${JSON.stringify(withRemedies(receipt))}\n\n`,
              )
            )
              await drained(reply.raw, gone.signal)
            seen = seq
          }
          // A page may end early, at its size: there is no more when there is none.
          if (found.length > 0) continue
          await bell.done
          if (!gone.signal.aborted) reply.raw.write(': still here\n\n')
        }
      } finally {
        answer.done()
        streams.delete(gone)
        ends()
        reply.raw.end()
      }
    },
  )
}

function drained(stream: NodeJS.WritableStream, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    stream.once('drain', resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
