// agency-routes — what an agency posts back: its answer is on disk before it hears that it was taken.
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { useBodies, withBody, type AnswerBody } from '../body.js'
import type { HttpDoorParts } from '../parts.js'

type AgencyRouteParts = Pick<HttpDoorParts, 'takeReply' | 'memory' | 'limits'>

/** `/agency/:agency/receipts`, in a scope that knows which agency calls. */
export function agencyRoutes(agency: Door, parts: AgencyRouteParts): void {
  useBodies(agency, {
    maxBytes: parts.limits.maxBytes,
    roomOf: ({ params }) => parts.memory.agencies.room((params as { agency: string }).agency),
    form: 'answer',
  })
  agency.post(
    '/agency/:agency/receipts',
    {
      schema: {
        params: Type.Object({ agency: Type.String() }),
        tags: ['agency'],
        operationId: 'postAgencyReceipt',
        response: {
          202: { ...view.ReplyKept, description: 'On disk; its receipts are made of it' },
          200: { ...view.ReplyKept, description: 'The same was posted before' },
        },
        summary: 'What an agency posts back',
      },
    },
    async (request, reply) => {
      const { bytes, ...opened } = (request.body as AnswerBody | undefined) ?? { bytes: Buffer.alloc(0) }
      if (bytes.length === 0)
        throw new HubError('HUB_REQUEST_INVALID', { detail: 'empty body', detailZh: '请求正文为空' })
      const { agency: code } = request.params
      const answer = { mediaType: request.headers['content-type'] ?? 'application/xml', bytes, ...opened }
      const kept = await withBody(request, () => parts.takeReply(code, answer))
      return reply.code(kept.known ? 200 : 202).send({ replyId: kept.replyId })
    },
  )
}
