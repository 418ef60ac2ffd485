// ops-keeping-routes — for the operator: what is kept and how: copies of the ledger, retention, the keys its bytes are
// encrypted with, legal holds.
import { Type } from 'typebox'
import { HubError } from '../../../../messages/errors.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { done } from './ops-found.js'
import type { KeepingParts } from '../parts/keeping.js'
import { Why } from './reason.js'

const tags = ['ops']

/** `/ops/backup`, `/ops/retention`, `/ops/keys` and `/ops/holds`. HUB_RETENTION_OFF where the hub lets no bytes go. */
export function opsKeepingRoutes(app: Door, parts: KeepingParts): void {
  const { keeping } = parts
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
        summary: 'How long bytes are kept, and what the last walk did; without `rules` forever',
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
        response: { 200: view.RetentionWalk },
        summary: 'Let go now of the bytes of what is beyond its days; the answer comes when it is done',
      },
    },
    ({ body, operator }) => {
      if (!parts.retention) throw new HubError('HUB_RETENTION_OFF')
      return parts.retention.walk({ who: operator, why: body.why })
    },
  )

  app.get(
    '/ops/keys',
    {
      schema: {
        tags,
        operationId: 'listDataKeys',
        response: { 200: view.KeysView },
        summary: 'Encryption at rest: its data keys, and how far old bytes are under the newest 静态加密',
      },
    },
    () => keeping.keys(),
  )
  app.post(
    '/ops/keys/rotate',
    {
      schema: {
        body: Why,
        tags,
        operationId: 'rotateDataKey',
        response: { 200: view.KeysView },
        summary: 'A new data key for what comes, and old bytes under it one slice after another 轮换密钥',
      },
    },
    ({ body, operator }) => keeping.rotateKey({ who: operator, why: body.why }),
  )
  app.post(
    '/ops/keys/reseal',
    {
      schema: {
        body: Why,
        tags,
        operationId: 'resealBytes',
        response: { 200: view.KeysView },
        summary: 'Bring all bytes under the newest key now; retention’s daily walk does it too 重新加密',
      },
    },
    ({ body, operator }) => keeping.reseal({ who: operator, why: body.why }),
  )

  app.get(
    '/ops/holds',
    {
      schema: {
        querystring: Type.Object({
          all: Type.Optional(Type.Boolean({ default: false, description: 'Also those that ended' })),
        }),
        tags,
        operationId: 'listHolds',
        response: { 200: view.LegalHoldList },
        summary: 'A legal hold: these bytes are kept in any case 法务保全',
      },
    },
    async ({ query }) => ({ holds: await keeping.holds(query.all ?? false) }),
  )
  app.post(
    '/ops/holds',
    {
      schema: {
        body: view.LegalHoldTerms,
        tags,
        operationId: 'putHold',
        response: { 200: view.LegalHoldView },
        summary: 'Hold a message, or all of a partner or of a company: retention lets nothing of it go',
      },
    },
    ({ body: { why, until, ...hold }, operator }) =>
      keeping.hold({ ...hold, ...(until === undefined ? {} : { until: new Date(until) }) }, { who: operator, why }),
  )
  app.post(
    '/ops/holds/:n/release',
    {
      schema: {
        params: Type.Object({ n: Type.Integer({ minimum: 1 }) }),
        body: Why,
        tags,
        operationId: 'releaseHold',
        response: { 200: view.LegalHoldReleased },
        summary: 'End a hold',
      },
    },
    async ({ params, body, operator }) => {
      done(await keeping.releaseHold(params.n, { who: operator, why: body.why }), `hold ${params.n} in force`)
      return { n: params.n, released: true }
    },
  )
}
