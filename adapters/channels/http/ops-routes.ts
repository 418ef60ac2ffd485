// ops-routes — for the operator: what waits where, every message, and all that a person must look at and decide. Every
// decision names its reason and is kept in the audit.
import { Type } from 'typebox'
import { HubError } from '../../../messages/errors.js'
import type { SignedIn } from '../../../messages/operator.js'
import * as view from '../../../messages/views/index.js'
import type { AnswerRoom } from './answer-room.js'
import type { Door } from './app.js'
import { bytesAs } from './forms.js'
import { done, found } from './ops-found.js'
import { only, within } from './ops-rights.js'
import { bytesFor, wholeFor, type PersonsParts } from './persons-door.js'
import type { OperatorsParts, OpsParts, PartnerParts } from './parts.js'
import { sendFile } from './security-headers.js'

const Id = Type.Object({ id: Type.String({ maxLength: 64 }) })
const why = Type.String({ minLength: 1, maxLength: 500 })
const Why = Type.Object({ why })
const Limit = Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500, default: 100 })) })
const tags = ['ops']
/** Of lists a person works off; what is beyond comes once these are done with. */
const mostLookedAt = 5_000

export function opsRoutes(
  app: Door,
  parts: OpsParts &
    PersonsParts &
    Pick<OperatorsParts, 'agenciesOf'> &
    Pick<PartnerParts, 'message' | 'content' | 'undelivered' | 'resendReceipt' | 'receiptAttachment'>,
  room: AnswerRoom,
): void {
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

  app.get(
    '/ops/messages/:id',
    {
      schema: {
        params: Id,
        tags,
        operationId: 'readAnyMessage',
        response: { 200: view.MessageView },
        summary: 'One message with its history 报文',
      },
    },
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
    {
      schema: {
        params: Id,
        tags,
        operationId: 'readAnyContent',
        response: { 200: bytesAs('The bytes as received', '*/*') },
        summary: 'The bytes as they came',
      },
    },
    async (request, reply) => {
      const { id } = request.params
      const content = await room.reading(
        { owner: 'operators', reply },
        () => parts.content(id),
        (one) => one?.bytes.length ?? 0,
      )
      const { bytes } = found(content, `message ${id}`)
      const shown = await bytesFor(request, bytes, parts)
      await parts.payloadRead(id, 'content', { who: request.operator })
      return sendFile(reply, { bytes: shown, mediaType: 'application/octet-stream', name: `${id}.content` })
    },
  )

  app.get(
    '/ops/messages/:id/evidence',
    {
      schema: {
        params: Id,
        tags,
        operationId: 'readEvidence',
        response: { 200: bytesAs('The zip', 'application/octet-stream') },
        summary: 'A zip with all that proves it, and a script that verifies it without the hub 证据包',
      },
    },
    async (request, reply) => {
      const { id } = request.params
      await wholeFor(request, id, parts)
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
        operationId: 'readAnyAttachment',
        response: { 200: bytesAs('The file, as the agency sent it', '*/*') },
        summary: 'A file that came with a receipt 随附文件',
      },
    },
    async (request, reply) => {
      const { id, name } = request.params
      const file = found(await parts.receiptAttachment(id, name), `attachment ${name} of receipt ${id}`)
      const bytes = await bytesFor(request, file.bytes, parts)
      await parts.payloadRead(file.messageId, 'attachment', { who: request.operator, why: name })
      return sendFile(reply, { ...file, bytes })
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
        operationId: 'findByNumber',
        response: { 200: view.FoundMessages },
        summary: 'By any number: id, reference, bill of lading, 报关单号 …',
      },
    },
    async ({ query, signedIn }) => {
      const messages = await parts.findByNumber(query.q.trim(), query.limit ?? 50)
      if (signedIn.agencies === undefined) return { messages }
      const seen = await Promise.all(
        messages.map(async ({ messageId }) => within(signedIn, await parts.agenciesOf('message', messageId))),
      )
      return { messages: messages.filter((_one, i) => seen[i]) }
    },
  )

  app.post(
    '/ops/backup',
    {
      schema: {
        body: Why,
        tags,
        operationId: 'makeBackup',
        response: { 200: view.BackupMade },
        summary: 'Copy the ledger to a file on the hub’s machine, while it runs',
      },
    },
    ({ body, operator }) => parts.backup({ who: operator, why: body.why }),
  )
  app.get(
    '/ops/retention',
    {
      schema: {
        tags,
        operationId: 'readRetention',
        response: { 200: view.RetentionView },
        summary: 'How long bytes are kept, and what the last walk did; without `rules` for ever',
      },
    },
    async () => parts.retention?.view() ?? { running: false },
  )
  app.post(
    '/ops/retention/walk',
    {
      schema: {
        body: Why,
        tags,
        operationId: 'walkRetention',
        response: { 200: view.Walked },
        summary: 'Let go now of the bytes of what is beyond its days; the answer comes when it is done',
      },
    },
    ({ body, operator }) => {
      if (!parts.retention) throw new HubError('HUB_RETENTION_OFF')
      return parts.retention.walk({ who: operator, why: body.why })
    },
  )

  /** Of a list that is short: all that there is, then what is of the account's agencies. */
  async function shown<T extends { agency?: string | undefined }>(
    who: SignedIn,
    read: (most: number) => Promise<T[]>,
    limit = 100,
  ): Promise<T[]> {
    if (who.agencies === undefined) return read(limit)
    return only(who, await read(mostLookedAt)).slice(0, limit)
  }

  /** Of a limited account: of each of its agencies, the oldest first. */
  async function standing(
    who: SignedIn,
    kind: 'dead' | 'unclear' | 'held' | 'overdue',
    limit: number,
    which: { agency?: string | undefined; code?: string | undefined },
  ): Promise<view.StandingView[]> {
    if (who.agencies === undefined) return parts.standing(kind, limit, which)
    const agencies = who.agencies.filter((code) => which.agency === undefined || code === which.agency)
    const all = await Promise.all(agencies.map((agency) => parts.standing(kind, limit, { ...which, agency })))
    return all
      .flat()
      .sort((a, b) => a.submissionId.localeCompare(b.submissionId))
      .slice(0, limit)
  }

  // What needs a person.
  const Which = Type.Object({
    ...Limit.properties,
    agency: Type.Optional(Type.String()),
    code: Type.Optional(Type.String({ description: 'Why: the code of the last attempt' })),
  })
  for (const kind of ['dead', 'unclear', 'held', 'overdue'] as const)
    app.get(
      `/ops/${kind}`,
      {
        schema: {
          querystring: Which,
          tags,
          operationId: `list${kind[0]!.toUpperCase()}${kind.slice(1)}`,
          response: { 200: view.StandingList },
          summary: `Submissions that are ${kind}, the oldest first`,
        },
      },
      async ({ query: { limit = 100, ...which }, signedIn }) => ({
        submissions: await standing(signedIn, kind, limit, which),
      }),
    )
  app.post(
    '/ops/submissions/:id/replay',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        operationId: 'replaySubmission',
        response: { 200: view.SubmissionReplayed },
        summary: 'A dead letter back into the queue',
      },
    },
    async ({ params, body, operator }) => {
      done(await parts.replay(params.id, { who: operator, why: body.why }), `dead letter ${params.id}`)
      return { submissionId: params.id, replayed: true as const }
    },
  )
  app.post(
    '/ops/submissions/:id/drop',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        operationId: 'dropSubmission',
        response: { 200: view.SubmissionDropped },
        summary: 'Close a dead letter: it is kept, and no longer open',
      },
    },
    async ({ params, body, operator }) => {
      done(await parts.dropDead(params.id, { who: operator, why: body.why }), `dead letter ${params.id}`)
      return { submissionId: params.id, dropped: true as const }
    },
  )
  app.post(
    '/ops/dead/replay',
    {
      schema: {
        body: Type.Object({
          agency: Type.Optional(Type.String({ maxLength: 64, description: 'Of this agency; absent: of all' })),
          code: Type.Optional(Type.String({ maxLength: 64, description: 'Given up for this reason; absent: for any' })),
          why,
        }),
        tags,
        operationId: 'replayAllDead',
        response: { 200: view.ReplayedAll },
        summary: 'All dead letters back into the queue, of one agency and reason or of all',
      },
    },
    async ({ body: { why: reason, ...which }, operator, signedIn }) => {
      if (!within(signedIn, which.agency === undefined ? [] : [which.agency]))
        throw new HubError('HUB_OPS_NOT_FOUND', { what: `agency ${which.agency ?? '(name one of yours)'}` })
      return { replayed: await parts.replayAll(which, { who: operator, why: reason }) }
    },
  )
  const Decision = Type.Object({ decision: Type.Enum(['taken', 'resend', 'dead']), why })
  app.post(
    '/ops/submissions/:id/resolve',
    {
      schema: {
        params: Id,
        body: Decision,
        tags,
        operationId: 'resolveSubmission',
        response: { 200: view.UnclearResolved },
        summary: 'Decide an unclear submission',
      },
    },
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
    {
      schema: {
        params: Id,
        body: Release,
        tags,
        operationId: 'releaseSubmission',
        response: { 200: view.HeldReleased },
        summary: 'Let a held submission go',
      },
    },
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
    {
      schema: {
        querystring: Limit,
        tags,
        operationId: 'listNotices',
        response: { 200: view.NoticeList },
        summary: 'What agencies said first, newest first',
      },
    },
    async ({ query, signedIn }) => ({ notices: await shown(signedIn, parts.notices, query.limit) }),
  )
  app.get(
    '/ops/orphans',
    {
      schema: {
        querystring: Limit,
        tags,
        operationId: 'listOrphans',
        response: { 200: view.OrphanList },
        summary: 'Answers that belong to no submission',
      },
    },
    async ({ query, signedIn }) => ({ orphans: await shown(signedIn, parts.orphans, query.limit) }),
  )
  app.post(
    '/ops/orphans/:id/match',
    {
      schema: {
        params: Id,
        body: Type.Object({ submissionId: Type.String(), why }),
        tags,
        operationId: 'matchOrphan',
        response: { 200: view.OrphanMatched },
        summary: 'Say whose answer it is',
      },
    },
    async ({ params, body, operator, signedIn }) => {
      const { submissionId } = body
      const ofWhom = signedIn.agencies === undefined ? [] : await parts.agenciesOf('submission', submissionId)
      if (!within(signedIn, ofWhom)) throw new HubError('HUB_OPS_NOT_FOUND', { what: `submission ${submissionId}` })
      done(
        await parts.matchOrphan(params.id, body.submissionId, { who: operator, why: body.why }),
        `orphan ${params.id} for submission ${body.submissionId}`,
      )
      return { replyId: params.id, submissionId: body.submissionId }
    },
  )
  app.post(
    '/ops/orphans/:id/drop',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        operationId: 'dropOrphan',
        response: { 200: view.OrphanDropped },
        summary: 'Say that it concerns nobody; it is kept',
      },
    },
    async ({ params, body, operator }) => {
      done(await parts.dropOrphan(params.id, { who: operator, why: body.why }), `orphan ${params.id}`)
      return { replyId: params.id, dropped: true as const }
    },
  )
  app.get(
    '/ops/answers/held',
    {
      schema: {
        querystring: Limit,
        tags,
        operationId: 'listHeldAnswers',
        response: { 200: view.HeldAnswerList },
        summary: 'Answers that wait until it is known whether they are of ours; match or drop them as orphans',
      },
    },
    async ({ query, signedIn }) => ({ answers: await shown(signedIn, parts.heldAnswers, query.limit) }),
  )
  app.post(
    '/ops/answers/:id/release',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        operationId: 'releaseHeldAnswer',
        response: { 200: view.AnswerReleased },
        summary: 'Say that it is none of ours: it becomes a notice for those who subscribed, or an orphan',
      },
    },
    async ({ params, body, operator }) => {
      done(await parts.releaseAnswer(params.id, { who: operator, why: body.why }), `held answer ${params.id}`)
      return { replyId: params.id, released: true as const }
    },
  )
  app.get(
    '/ops/shared-keys',
    {
      schema: {
        querystring: Limit,
        tags,
        operationId: 'listSharedKeys',
        response: { 200: view.SharedKeyList },
        summary: 'Keys two partners have under way at one agency, with both',
      },
    },
    async ({ query, signedIn }) => ({ sharedKeys: await shown(signedIn, parts.sharedKeys, query.limit) }),
  )
  app.post(
    '/ops/shared-keys/:id/close',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        operationId: 'closeSharedKey',
        response: { 200: view.SharedKeyClosed },
        summary: 'Say that it was looked into',
      },
    },
    async ({ params, body, operator }) => {
      done(
        await parts.closeSharedKey(Number(params.id), { who: operator, why: body.why }),
        `open shared key ${params.id}`,
      )
      return { id: Number(params.id), closed: true as const }
    },
  )

  // What partners have not got.
  const Whose = Type.Object({ ...Limit.properties, partnerId: Type.Optional(Type.String()) })
  app.get(
    '/ops/receipts/undelivered',
    {
      schema: {
        querystring: Whose,
        tags,
        operationId: 'listAllUndelivered',
        response: { 200: view.UndeliveredList },
        summary: 'Receipts given up, or tried in vain so far',
      },
    },
    async ({ query: { partnerId, limit }, signedIn }) => ({
      undelivered: await shown(
        signedIn,
        async (most) =>
          (await parts.undelivered(partnerId, most)).map((one) => ({ ...one, agency: one.receipt.agency })),
        limit,
      ).then((all) => all.map(({ agency: _agency, ...one }) => one)),
    }),
  )
  app.post(
    '/ops/receipts/:id/resend',
    {
      schema: {
        params: Id,
        body: Why,
        tags,
        operationId: 'resendAnyReceipt',
        response: { 200: view.Resent },
        summary: 'Owe a receipt again',
      },
    },
    async ({ params, body, operator }) => {
      done(await parts.resendReceipt(params.id, undefined, { who: operator, why: body.why }), `receipt ${params.id}`)
      return { receiptId: params.id, resent: true as const }
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
  app.get(
    '/ops/mailboxes',
    {
      schema: {
        tags,
        operationId: 'listMailboxes',
        response: { 200: view.MailboxList },
        summary: 'Receipts that wait in mailboxes until partners acknowledge them, by partner',
      },
    },
    async () => ({ mailboxes: await parts.mailboxes() }),
  )
}
