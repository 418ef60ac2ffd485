// grants-routes — who may see what a partner filed: given and taken back by the partner itself, or by an operator in
// its name.
import { Type } from 'typebox'
import { FilingGrant } from '../../../../messages/filing-grant.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { found } from './ops-found.js'
import type { FilingGrantParts } from '../parts/grants.js'
import { Id } from '../path-id.js'
import { because, why } from './reason.js'

const { partner, operation, company } = FilingGrant.properties
const Which = Type.Object({ partner, operation, company }, { additionalProperties: false })
const url = '/v1/grants'

/** `/v1/grants`, for a partner with its key: what others may see of its filings, given and taken back. */
export function grantsRoutes(app: Door, parts: FilingGrantParts): void {
  const tags = ['grants']
  const listed = (partnerId: string) => parts.filingGrants(partnerId)
  app.get(
    url,
    {
      schema: {
        tags,
        operationId: 'listGrants',
        summary: 'Who sees your filings, and whose you see 查询授权',
        response: { 200: view.GrantList },
      },
    },
    async (request) => listed(request.partner.partnerId),
  )
  app.get(
    `${url}/uses`,
    {
      schema: {
        tags,
        summary: 'Who saw your filings, when and how many 授权使用记录',
        operationId: 'listGrantUses',
        response: { 200: view.GrantUseList },
      },
    },
    async (request) => ({ uses: await parts.grantUses(request.partner.partnerId) }),
  )
  // The same again is the same: PUT and POST do one thing.
  for (const method of ['POST', 'PUT'] as const)
    app.route({
      method,
      url,
      schema: {
        body: FilingGrant,
        tags,
        summary: 'Let a partner see your filings in its queries, until a date 授权查询',
        operationId: method === 'POST' ? 'grantFilings' : 'putGrant',
        response: { 200: view.GrantList },
      },
      handler: async (request) => {
        const { partnerId } = request.partner
        await parts.grantFilings(partnerId, request.body)
        return listed(partnerId)
      },
    })
  app.delete(
    url,
    {
      schema: {
        querystring: Which,
        tags,
        summary: 'Revoke every grant named here: it shows nothing from now on 撤销授权',
        operationId: 'revokeGrants',
        response: { 200: view.GrantList },
      },
    },
    async (request) => {
      const { partnerId } = request.partner
      await parts.revokeFilings(partnerId, request.query)
      return listed(partnerId)
    },
  )
}

/** `/ops/partners/:id/grants`: the same in a partner's name; the audit keeps who did it, and why. */
export function opsGrantsRoutes(app: Door, parts: FilingGrantParts): void {
  const tags = ['ops']
  const path = '/ops/partners/:id/grants'
  const listed = async (id: string) => found(await parts.filingGrantsOf(id), `partner ${id}`)
  app.get(
    path,
    {
      schema: {
        params: Id,
        tags,
        operationId: 'listPartnerGrants',
        summary: 'Who sees its filings, and who did 查询授权',
        response: { 200: view.GrantsOfOwner },
      },
    },
    async ({ params }) => listed(params.id),
  )
  for (const method of ['POST', 'PUT'] as const)
    app.route({
      method,
      url: path,
      schema: {
        params: Id,
        body: Type.Object({ ...FilingGrant.properties, why: Type.Optional(why) }, { additionalProperties: false }),
        tags,
        summary: 'Let another partner see its filings, in its name',
        operationId: method === 'POST' ? 'addPartnerGrant' : 'putPartnerGrant',
        response: { 200: view.GrantsOfOwner },
      },
      handler: async ({ params, body: { why: reason, ...grant }, operator }) => {
        await listed(params.id)
        await parts.grantFilingsOf(params.id, grant, because(operator, reason))
        return listed(params.id)
      },
    })
  app.delete(
    path,
    {
      schema: {
        params: Id,
        querystring: Type.Object({ ...Which.properties, why: Type.Optional(why) }, { additionalProperties: false }),
        tags,
        summary: 'Revoke every grant named here',
        operationId: 'revokePartnerGrants',
        response: { 200: view.GrantsOfOwner },
      },
    },
    async ({ params, query: { why: reason, ...which }, operator }) => {
      await listed(params.id)
      await parts.revokeFilingsOf(params.id, which, because(operator, reason))
      return listed(params.id)
    },
  )
}
