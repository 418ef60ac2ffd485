// ops-submissions-routes — for the operator: submissions that a person must look at, and what is decided about them.
// Every decision names its reason and is kept in the audit.
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import type { SignedIn } from '../../../../messages/operator.js'
import { maySee } from '../../../../messages/ops-rights.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { done } from './ops-found.js'
import { Limit } from './ops-lists.js'
import type { SubmissionOpsParts } from '../parts/submissions.js'
import { Id } from '../path-id.js'
import { why, Why } from './reason.js'

const tags = ['ops']

/**
 * `/ops/dead`, `/ops/unclear`, `/ops/held`, `/ops/overdue` and `/ops/submissions`. HUB_OPS_NOT_FOUND where there is no
 * such submission, or its state does not allow the act.
 */
export function opsSubmissionsRoutes(app: Door, parts: SubmissionOpsParts): void {
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
          response: { 200: view.AttentionList },
          summary: `Submissions that are ${kind}, the oldest first`,
        },
      },
      async ({ query: { limit = 100, ...which }, signedIn }) => ({
        submissions: await needingAttention(signedIn, kind, limit, which),
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
        summary: 'Send a dead letter again',
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
        summary: 'Send all dead letters again, of one agency and reason or of all',
      },
    },
    async ({ body: { why: reason, ...which }, operator, signedIn }) => {
      if (!maySee(signedIn, which.agency === undefined ? [] : [which.agency]))
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
        summary: 'Decide a held submission: send it or give it up',
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

  /** Of a limited account: of each of its agencies, the oldest first. */
  async function needingAttention(
    who: SignedIn,
    kind: 'dead' | 'unclear' | 'held' | 'overdue',
    limit: number,
    which: { agency?: string | undefined; code?: string | undefined },
  ): Promise<view.AttentionView[]> {
    if (who.agencies === undefined) return parts.needsAttention(kind, limit, which)
    const agencies = who.agencies.filter((code) => which.agency === undefined || code === which.agency)
    const all = await Promise.all(agencies.map((agency) => parts.needsAttention(kind, limit, { ...which, agency })))
    return all
      .flat()
      .sort((a, b) => a.submissionId.localeCompare(b.submissionId))
      .slice(0, limit)
  }
}
