// ops-routes — for the operator: what waits where, every message, and all that a person must look at and decide. Every decision names
// its reason and is kept in the audit.
import { Type } from 'typebox'
import { HubError } from '../../../messages/errors.js'
import type { AnswerRoom } from './answer-room.js'
import type { Door } from './app.js'
import { done, found } from './ops-found.js'
import type { OpsParts, PartnerParts } from './parts.js'
import { sendFile } from './security-headers.js'

const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
const why = Type.String({ minLength: 1, maxLength: 500 })
const Why = Type.Object({ why })
const Limit = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })) })
const tags = ['ops']

export function opsRoutes(
  app: Door,
  parts: OpsParts & Pick<PartnerParts, 'message' | 'content' | 'undelivered' | 'resendReceipt' | 'receiptAttachment'>,
  room: AnswerRoom,
): void {
  app.get('/ops/status', { schema: { tags, summary: 'What waits where' } }, () => parts.status())
  app.get(
    '/ops/queues',
    {
      schema: {
        tags,
        summary:
          'Jobs in the queues, as Redis has them; `reachable: false` while it is away (the ledger has everything all the same)',
      },
    },
    async () => {
      const queues = await parts.queues()
      return { reachable: queues !== undefined, queues: queues ?? [] }
    },
  )

  app.get(
    '/ops/messages/:id',
    { schema: { params: Id, tags, summary: 'One message with its history 报文' } },
    async ({ params, operator }) => {
      const message = found(await parts.message(params.id), `message ${params.id}`)
      // Receipts carry what the agency wrote, word for word.
      if (message.receipts.some(({ receipt }) => receipt.body))
        await parts.payloadRead(params.id, 'receipts', { who: operator })
      return message
    },
  )
  app.get(
    '/ops/messages/:id/content',
    { schema: { params: Id, tags, summary: 'The bytes as they came' } },
    async (request, reply) => {
      const { id } = request.params
      const content = await room.reading(
        { owner: 'operators', reply },
        () => parts.content(id),
        (one) => one?.bytes.length ?? 0,
      )
      const { bytes } = found(content, `message ${id}`)
      await parts.payloadRead(id, 'content', { who: request.operator })
      return sendFile(reply, { bytes, mediaType: 'application/octet-stream', name: `${id}.content` })
    },
  )

  app.get(
    '/ops/messages/:id/evidence',
    {
      schema: {
        params: Id,
        tags,
        summary: 'A zip with all that proves it, and a script that verifies it without the hub 证据包',
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const zip = await room.reading(
        { owner: 'operators', reply },
        () => parts.evidence(id),
        (one) => one?.length ?? 0,
      )
      const bytes = found(zip, `message ${id}`)
      await parts.payloadRead(id, 'evidence', { who: request.operator })
      return sendFile(reply, { bytes, mediaType: 'application/octet-stream', name: `${id}.evidence.zip` })
    },
  )

  app.get(
    '/ops/receipts/:id/attachments/:name',
    {
      schema: {
        params: Type.Object({ id: Type.String({ maxLength: 64 }), name: Type.String({ maxLength: 200 }) }),
        tags,
        summary: 'A file that came with a receipt 随附文件',
      },
    },
    async (request, reply) => {
      const { id, name } = request.params
      const file = found(await parts.receiptAttachment(id, name), `attachment ${name} of receipt ${id}`)
      await parts.payloadRead(file.messageId, 'attachment', { who: request.operator, why: name })
      return sendFile(reply, file)
    },
  )

  app.get(
    '/ops/search',
    {
      schema: {
        querystring: Type.Object({
          q: Type.String({ minLength: 1, maxLength: 200 }),
          limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
        }),
        tags,
        summary: 'By any number: id, reference, bill of lading, 报关单号 …',
      },
    },
    async ({ query }) => ({
      messages: await parts.findByNumber(query.q.trim(), query.limit ?? 50),
    }),
  )

  app.post(
    '/ops/backup',
    { schema: { body: Why, tags, summary: 'Copy the ledger to a file on the hub’s machine, while it runs' } },
    ({ body, operator }) => parts.backup({ who: operator, why: body.why }),
  )
  app.get(
    '/ops/retention',
    { schema: { tags, summary: 'How long bytes are kept, and what the last walk did; without `rules` for ever' } },
    async () => parts.retention?.view() ?? { running: false },
  )
  app.post(
    '/ops/retention/walk',
    {
      schema: {
        body: Why,
        tags,
        summary: 'Let go now of the bytes of what is beyond its days; the answer comes when it is done',
      },
    },
    ({ body, operator }) => {
      if (!parts.retention) throw new HubError('HUB_RETENTION_OFF')
      return parts.retention.walk({ who: operator, why: body.why })
    },
  )

  // What needs a person.
  const Which = Type.Object({
    ...Limit.properties,
    agency: Type.Optional(Type.String()),
    code: Type.Optional(Type.String({ description: 'Why: the code of the last attempt' })),
  })
  for (const kind of ['dead', 'unclear', 'held', 'overdue'] as const)
    app.get(
      `/ops/${kind}`,
      { schema: { querystring: Which, tags, summary: `Submissions that are ${kind}, the oldest first` } },
      async ({ query: { limit = 100, ...which } }) => ({ submissions: await parts.standing(kind, limit, which) }),
    )
  app.post(
    '/ops/submissions/:id/replay',
    { schema: { params: Id, body: Why, tags, summary: 'A dead letter back into the queue' } },
    async ({ params, body, operator }) => {
      done(await parts.replay(params.id, { who: operator, why: body.why }), `dead letter ${params.id}`)
      return { submissionId: params.id, replayed: true }
    },
  )
  app.post(
    '/ops/submissions/:id/drop',
    { schema: { params: Id, body: Why, tags, summary: 'Close a dead letter: it is kept, and no longer open' } },
    async ({ params, body, operator }) => {
      done(await parts.dropDead(params.id, { who: operator, why: body.why }), `dead letter ${params.id}`)
      return { submissionId: params.id, dropped: true }
    },
  )
  const Decision = Type.Object({ decision: Type.Enum(['taken', 'resend', 'dead']), why })
  app.post(
    '/ops/submissions/:id/resolve',
    { schema: { params: Id, body: Decision, tags, summary: 'Decide an unclear submission' } },
    async ({ params, body, operator }) => {
      done(
        await parts.resolveUnclear(params.id, body.decision, { who: operator, why: body.why }),
        `unclear submission ${params.id}`,
      )
      return { submissionId: params.id, decision: body.decision }
    },
  )
  const Release = Type.Object({ decision: Type.Enum(['send', 'dead']), why })
  app.post(
    '/ops/submissions/:id/release',
    { schema: { params: Id, body: Release, tags, summary: 'Let a held submission go' } },
    async ({ params, body, operator }) => {
      done(
        await parts.releaseHeld(params.id, body.decision, { who: operator, why: body.why }),
        `held submission ${params.id}`,
      )
      return { submissionId: params.id, decision: body.decision }
    },
  )

  // What agencies said.
  app.get(
    '/ops/notices',
    { schema: { querystring: Limit, tags, summary: 'What agencies said first, newest first' } },
    async (request) => ({ notices: await parts.notices(request.query.limit ?? 100) }),
  )
  app.get(
    '/ops/orphans',
    { schema: { querystring: Limit, tags, summary: 'Answers that speak of no submission' } },
    async (request) => ({ orphans: await parts.orphans(request.query.limit ?? 100) }),
  )
  app.post(
    '/ops/orphans/:id/match',
    {
      schema: {
        params: Id,
        body: Type.Object({ submissionId: Type.String(), why }),
        tags,
        summary: 'Say whose answer it is',
      },
    },
    async ({ params, body, operator }) => {
      done(
        await parts.matchOrphan(params.id, body.submissionId, { who: operator, why: body.why }),
        `orphan ${params.id} for submission ${body.submissionId}`,
      )
      return { replyId: params.id, submissionId: body.submissionId }
    },
  )
  app.post(
    '/ops/orphans/:id/drop',
    { schema: { params: Id, body: Why, tags, summary: 'Say that it concerns nobody; it is kept' } },
    async ({ params, body, operator }) => {
      done(await parts.dropOrphan(params.id, { who: operator, why: body.why }), `orphan ${params.id}`)
      return { replyId: params.id, dropped: true }
    },
  )
  app.get(
    '/ops/answers/held',
    {
      schema: {
        querystring: Limit,
        tags,
        summary: 'Answers that wait until it is known whether they are of ours; match or drop them as orphans',
      },
    },
    async (request) => ({ answers: await parts.heldAnswers(request.query.limit ?? 100) }),
  )
  app.post(
    '/ops/answers/:id/release',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        summary: 'Say that it is none of ours: it becomes a notice for those who subscribed, or an orphan',
      },
    },
    async ({ params, body, operator }) => {
      done(await parts.releaseAnswer(params.id, { who: operator, why: body.why }), `held answer ${params.id}`)
      return { replyId: params.id, released: true }
    },
  )
  app.get(
    '/ops/shared-keys',
    { schema: { querystring: Limit, tags, summary: 'Keys two partners have under way at one agency, with both' } },
    async (request) => ({ sharedKeys: await parts.sharedKeys(request.query.limit ?? 100) }),
  )
  app.post(
    '/ops/shared-keys/:id/close',
    { schema: { params: Id, body: Why, tags, summary: 'Say that it was looked into' } },
    async ({ params, body, operator }) => {
      done(
        await parts.closeSharedKey(Number(params.id), { who: operator, why: body.why }),
        `open shared key ${params.id}`,
      )
      return { id: Number(params.id), closed: true }
    },
  )

  // What partners have not got.
  const Whose = Type.Object({ ...Limit.properties, partnerId: Type.Optional(Type.String()) })
  app.get(
    '/ops/receipts/undelivered',
    { schema: { querystring: Whose, tags, summary: 'Receipts given up, or tried in vain so far' } },
    async (request) => ({ undelivered: await parts.undelivered(request.query.partnerId, request.query.limit ?? 100) }),
  )
  app.post(
    '/ops/receipts/:id/resend',
    { schema: { params: Id, body: Why, tags, summary: 'Owe a receipt again' } },
    async ({ params, body, operator }) => {
      done(await parts.resendReceipt(params.id, undefined, { who: operator, why: body.why }), `receipt ${params.id}`)
      return { receiptId: params.id, resent: true }
    },
  )

  const About = Type.Object({
    ...Limit.properties,
    who: Type.Optional(Type.String({ maxLength: 200, description: 'The operator' })),
    action: Type.Optional(
      Type.String({
        pattern: '^[\\w.-]{1,60}$',
        description: 'A deed or the beginning of its name: agency, agency.pause',
      }),
    ),
    before: Type.Optional(Type.Integer({ minimum: 1, description: '`n` of the last entry of the page before' })),
    target: Type.Optional(Type.String({ description: 'A submission, reply, receipt, partner or agency' })),
  })
  app.get(
    '/ops/audit',
    { schema: { querystring: About, tags, summary: 'Who did what, and why, newest first' } },
    async ({ query: { limit = 100, target, ...which } }) => ({ audit: await parts.audits(limit, target, which) }),
  )
  app.get(
    '/ops/mailboxes',
    { schema: { tags, summary: 'Receipts that wait in mailboxes until partners acknowledge them, by partner' } },
    async () => ({ mailboxes: await parts.mailboxes() }),
  )
}
