// ops-agencies-routes — for the operator: how each agency stands, pausing it, announcing when it is closed, reading the
// configuration again.
import { Type } from 'typebox'
import { only } from '../../../../messages/ops-rights.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { found } from './ops-found.js'
import type { AgencyOpsParts } from '../parts/agencies.js'
import { why, Why } from './reason.js'

const Code = Type.Object({ code: Type.String({ maxLength: 64 }) })
const Moment = Type.String({
  pattern: '^\\d{4}-\\d{2}-\\d{2}T([01]\\d|2[0-3]):[0-5]\\d$',
  description: 'YYYY-MM-DDTHH:MM by a clock on the wall there',
})
const tags = ['ops']

/** `/ops/agencies` and `/ops/config/reload`. Who is limited to agencies sees those alone. */
export function opsAgenciesRoutes(app: Door, parts: AgencyOpsParts): void {
  app.get(
    '/ops/agencies',
    {
      schema: {
        tags,
        operationId: 'listAgencies',
        response: { 200: view.AgencyList },
        summary: 'State of each agency: on hold and why, breaker, connector, maintenance windows',
      },
    },
    async ({ signedIn }) => ({ agencies: only(signedIn, await parts.agencies()) }),
  )
  app.get(
    '/ops/agencies/:code',
    {
      schema: {
        params: Code,
        tags,
        operationId: 'readAgency',
        response: { 200: view.AgencyView },
        summary: 'State of one agency 主管部门',
      },
    },
    async ({ params }) => found(await parts.agency(params.code), `agency ${params.code}`),
  )
  app.post(
    '/ops/agencies/:code/pause',
    {
      schema: {
        params: Code,
        body: Why,
        tags,
        operationId: 'pauseAgency',
        response: { 200: view.AgencyView },
        summary: 'Pause: nothing is sent until it is resumed; messages are still accepted',
      },
    },
    async ({ params, body, operator }) =>
      found(await parts.pauseAgency(params.code, { who: operator, why: body.why }), `agency ${params.code}`),
  )
  app.post(
    '/ops/agencies/:code/resume',
    {
      schema: {
        params: Code,
        body: Why,
        tags,
        operationId: 'resumeAgency',
        response: { 200: view.AgencyView },
        summary: 'Resume sending',
      },
    },
    async ({ params, body, operator }) =>
      found(await parts.resumeAgency(params.code, { who: operator, why: body.why }), `agency ${params.code}`),
  )
  const Window = Type.Object({
    start: Moment,
    end: Moment,
    timeZone: Type.Optional(Type.String({ maxLength: 64, description: 'IANA name; absent: Asia/Shanghai' })),
    why,
  })
  app.post(
    '/ops/agencies/:code/windows',
    {
      schema: {
        params: Code,
        body: Window,
        tags,
        operationId: 'announceClosing',
        response: { 200: view.AgencyView },
        summary: 'Announce a maintenance window: the queue pauses and resumes by itself',
      },
    },
    async ({ params, body: { why: reason, ...window }, operator }) =>
      found(await parts.closeAgency(params.code, window, { who: operator, why: reason }), `agency ${params.code}`),
  )
  app.post(
    '/ops/agencies/:code/windows/clear',
    {
      schema: {
        params: Code,
        body: Why,
        tags,
        operationId: 'clearClosings',
        response: { 200: view.AgencyView },
        summary: 'Withdraw all announced maintenance windows',
      },
    },
    async ({ params, body, operator }) =>
      found(await parts.openAgency(params.code, { who: operator, why: body.why }), `agency ${params.code}`),
  )
  const Answer = Type.Object({
    status: Type.Integer({ minimum: 100, maximum: 599 }),
    headers: Type.Optional(Type.Record(Type.String({ maxLength: 200 }), Type.String({ maxLength: 2000 }))),
    body: Type.Optional(Type.String({ maxLength: 8 * 1024 * 1024, description: 'base64' })),
  })
  app.post(
    '/ops/agencies/:code/test',
    {
      config: { mostJsonBytes: 9 * 1024 * 1024 },
      schema: {
        params: Code,
        body: Answer,
        tags,
        operationId: 'testAgencyAnswer',
        response: { 200: view.AnswerReadView },
        summary:
          'How an HTTP answer of this agency would be read, by which rule, and what would follow. Nothing is sent',
      },
    },
    async ({ params, body: { status, headers = {}, body = '' } }) =>
      found(
        await parts.readAnswer(params.code, { status, headers, body: Buffer.from(body, 'base64') }),
        `agency ${params.code} with an HTTP connector`,
      ),
  )
  app.post(
    '/ops/config/reload',
    {
      schema: {
        body: Why,
        tags,
        operationId: 'reloadConfig',
        response: { 200: view.Reloaded },
        summary: 'Read hub.yaml again; with one fault nothing changes',
      },
    },
    async ({ body, operator }) => {
      await parts.reloadConfig({ who: operator, why: body.why })
      return { reloaded: true as const }
    },
  )
}
