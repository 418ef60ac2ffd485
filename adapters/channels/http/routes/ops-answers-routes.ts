// ops-answers-routes — for the operator: what agencies said that nobody could assign, and keys of two partners. Every
// decision names its reason and is kept in the audit.
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import { maySee } from '../../../../messages/ops-rights.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { done } from './ops-found.js'
import { Limit, shown } from './ops-lists.js'
import type { AnswerOpsParts } from '../parts/answers.js'
import type { OperatorsParts } from '../parts/operators.js'
import { Id } from '../path-id.js'
import { why, Why } from './reason.js'

const tags = ['ops']

/**
 * `/ops/notices`, `/ops/orphans`, `/ops/answers` and `/ops/shared-keys`. HUB_OPS_NOT_FOUND where there is no such
 * thing, or its state does not allow the act.
 */
export function opsAnswersRoutes(app: Door, parts: AnswerOpsParts & Pick<OperatorsParts, 'agenciesOf'>): void {
  app.get(
    '/ops/notices',
    {
      schema: {
        querystring: Limit,
        tags,
        operationId: 'listNotices',
        response: { 200: view.NoticeList },
        summary: 'Notices of agencies, newest first 通知',
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
        summary: 'Assign the answer to a submission 认领',
      },
    },
    async ({ params, body, operator, signedIn }) => {
      const { submissionId } = body
      const ofWhom = signedIn.agencies === undefined ? [] : await parts.agenciesOf('submission', submissionId)
      if (!maySee(signedIn, ofWhom)) throw new HubError('HUB_OPS_NOT_FOUND', { what: `submission ${submissionId}` })
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
        summary: 'Ignore the answer; it is kept 忽略',
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
        summary: 'Numbers that two partners use at one agency, with both submissions 编号冲突',
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
        summary: 'Close it after it was checked',
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
}
