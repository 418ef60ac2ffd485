// queries-routes — questions by address: which there are, what each may be asked by, and the answer, waited for.
import type { FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import { largestPageSize, usualPageSize } from '../../../../messages/queries/shape.js'
import { createTurnstile } from '../../../../messages/turnstile.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import type { OpenAnswers } from '../open-answers.js'
import type { QueriesParts } from '../parts/queries.js'

const Code = Type.String({ pattern: '^\\d+(\\.\\d+){4}$', description: 'Catalogue code of the query' })
const wait = Type.Optional(
  Type.Number({ minimum: 0, maximum: 60, default: 0, description: 'Seconds to wait for the answer' }),
)
/** So many questions wait until one is taken. */
const longestLine = 60
/** Parameters that are no criteria. */
const own = ['page', 'size', 'after', 'wait']

/**
 * `/v1/queries`, for a partner with its key. Some questions are worked on at once and some wait; HUB_QUERIES_FULL
 * where more come. Whoever waits for an answer hears HUB_UNAUTHENTICATED when the key opens nothing any more.
 */
export function queriesRoutes(app: Door, parts: QueriesParts, openAnswers: OpenAnswers): void {
  const turnstile = createTurnstile({ ...parts.questionsInTurn, longestLine })
  app.get(
    '/v1/queries',
    {
      schema: {
        tags: ['queries'],
        operationId: 'listQueries',
        response: { 200: view.QueryList },
        summary: 'Queries that can be asked 可用的查询',
      },
    },
    async () => ({ queries: parts.queries() }),
  )
  app.get(
    '/v1/queries/:operation/criteria',
    {
      schema: {
        params: Type.Object({ operation: Code }),
        tags: ['queries'],
        operationId: 'readQuery',
        response: { 200: view.QueryDetails },
        summary: 'The criteria of a query, and the fields of a row 查询条件与结果栏目',
      },
    },
    async (request) => parts.query(request.params.operation),
  )
  app.get(
    '/v1/queries/:operation',
    {
      // Criteria are the query's own; what is none of them is told by whoever knows them.
      config: { ownQuery: true },
      schema: {
        params: Type.Object({ operation: Code }),
        querystring: Type.Object(
          {
            page: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, default: 1 })),
            size: Type.Optional(Type.Integer({ minimum: 1, maximum: largestPageSize, default: usualPageSize })),
            after: Type.Optional(
              Type.String({
                maxLength: 64,
                description: 'Where the page begins, as `page.next` of the answer before it says; in place of `page`',
              }),
            ),
            wait,
          },
          { additionalProperties: true },
        ),
        tags: ['queries'],
        operationId: 'ask',
        response: { 200: view.QueryAnswer, 202: view.QueryAnswer },
        summary: 'Ask 查询: criteria as parameters; 202 with a place to look when the answer takes longer',
      },
    },
    async (request, reply) => {
      const { operation } = request.params
      const { page, size, after, wait: seconds = 0, ...all } = request.query
      const parameters = Object.fromEntries(Object.entries(all).filter(([name]) => !own.includes(name)))
      const messageId = await listened(request, () => {
        const asked = turnstile.through(() =>
          parts.ask({
            partner: request.partner,
            operation,
            parameters,
            ...(page === undefined ? {} : { page }),
            ...(size === undefined ? {} : { size }),
            ...(after === undefined ? {} : { after }),
            waits: seconds > 0,
          }),
        )
        if (!asked) throw new HubError('HUB_QUERIES_FULL', {}, { retryAfterSeconds: 1 })
        return asked
      })
      if (typeof messageId !== 'string') return messageId
      const view = await answered(request, operation, messageId, seconds)
      if (view.status === 'processing') void reply.code(202).header('location', `/v1/queries/${operation}/${messageId}`)
      return view
    },
  )
  app.get(
    '/v1/queries/:operation/:messageId',
    {
      schema: {
        params: Type.Object({ operation: Code, messageId: Type.String({ maxLength: 64 }) }),
        querystring: Type.Object({ wait }),
        tags: ['queries'],
        operationId: 'readQueryAnswer',
        response: { 200: view.QueryAnswer, 202: view.QueryAnswer },
        summary: 'The answer to a query asked before',
      },
    },
    async (request, reply) => {
      const { operation, messageId } = request.params
      const view = await answered(request, operation, messageId, request.query.wait ?? 0)
      if (view.status === 'processing') void reply.code(202)
      return view
    },
  )

  async function answered(request: FastifyRequest, operation: string, messageId: string, seconds: number) {
    const { partnerId } = request.partner
    return listened(request, async (signal, mayHear) => {
      const view = await parts.answer({ partnerId, operation, messageId, waitMs: seconds * 1000, signal })
      mayHear()
      // Who has hung up does not get it: it stays in the mailbox.
      if (view.status !== 'processing' && !signal.aborted) await parts.given(partnerId, messageId)
      return view
    })
  }

  /** Whoever is locked out while an answer is on its way does not get it. */
  async function listened<T>(
    request: FastifyRequest,
    work: (signal: AbortSignal, mayHear: () => void) => Promise<T>,
  ): Promise<T> {
    const open = openAnswers.open(request)
    const mayHear = () => {
      if (open.ended()) throw new HubError('HUB_UNAUTHENTICATED')
    }
    try {
      const answer = await work(open.signal, mayHear)
      mayHear()
      return answer
    } finally {
      open.done()
    }
  }
}
