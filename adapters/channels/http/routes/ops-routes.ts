// ops-routes — for the operator: what waits where, who did what, and who asked what.
import { Type } from 'typebox'
import { only } from '../../../../messages/ops-rights.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { Limit } from './ops-lists.js'
import type { OverviewParts } from '../parts/overview.js'

const tags = ['ops']

/** `/ops/status`, `/ops/queues`, `/ops/audit` and `/ops/questions`. */
export function opsRoutes(app: Door, parts: OverviewParts): void {
  app.get(
    '/ops/status',
    { schema: { tags, operationId: 'readStatus', response: { 200: view.Status }, summary: 'What waits where' } },
    async ({ signedIn }) => {
      const status = await parts.status()
      return { ...status, agencies: only(signedIn, status.agencies) }
    },
  )
  app.get(
    '/ops/queues',
    {
      schema: {
        tags,
        operationId: 'listQueues',
        response: { 200: view.QueuesView },
        summary:
          'Jobs in the queues, as Redis has them; `reachable: false` while it is away (the ledger has everything ' +
          'all the same)',
      },
    },
    async () => {
      const queues = await parts.queues()
      return { reachable: queues !== undefined, queues: queues ?? [] }
    },
  )

  const About = Type.Object({
    ...Limit.properties,
    who: Type.Optional(Type.String({ maxLength: 200, description: 'The operator' })),
    action: Type.Optional(
      Type.String({
        pattern: '^[\\w.-]{1,60}$',
        description: 'An act or the beginning of its name: agency, agency.pause',
      }),
    ),
    before: Type.Optional(Type.Integer({ minimum: 1, description: '`n` of the last entry of the page before' })),
    target: Type.Optional(Type.String({ description: 'A submission, reply, receipt, partner or agency' })),
  })
  app.get(
    '/ops/audit',
    {
      schema: {
        querystring: About,
        tags,
        operationId: 'readAudit',
        response: { 200: view.AuditPage },
        summary: 'Who did what, and why, newest first',
      },
    },
    // Who is limited to agencies sees what it did itself.
    async ({ query: { limit = 100, target, ...which }, signedIn }) => ({
      audit: await parts.audits(
        limit,
        target,
        signedIn.agencies === undefined ? which : { ...which, who: signedIn.name },
      ),
    }),
  )
  app.get(
    '/ops/questions',
    {
      schema: {
        querystring: Type.Object({
          ...Limit.properties,
          partnerId: Type.Optional(Type.String({ maxLength: 64, description: 'Who asked' })),
          operation: Type.Optional(Type.String({ maxLength: 64, description: 'Catalogue code of the query' })),
          before: Type.Optional(
            Type.String({ maxLength: 64, description: '`messageId` of the last question of the page before' }),
          ),
        }),
        tags,
        operationId: 'listQuestions',
        response: { 200: view.QuestionList },
        summary:
          'Who asked what: questions the hub answered in their call, newest first; the last 20,000 are looked at',
      },
    },
    async ({ query: { limit = 100, ...which } }) => ({ questions: await parts.questionsAsked({ limit, ...which }) }),
  )
}
