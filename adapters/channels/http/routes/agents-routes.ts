// agents-routes — who may file in the name of a partner's companies: given and taken back by the partner itself, or by
// an operator in its name.
import { Type } from 'typebox'
import { FilingGrant } from '../../../../messages/filing-grant.js'
import * as view from '../../../../messages/views/index.js'
import type { Door } from '../app.js'
import { found } from './ops-found.js'
import type { AgentGrantParts } from '../parts/grants.js'
import { Id } from '../path-id.js'
import { because, why } from './reason.js'

const closed = { additionalProperties: false } as const
const of = (description: string, schema: object) => Type.Unsafe<string>({ ...schema, description })
const { partner, operation, company, until } = FilingGrant.properties
const named = {
  partner: of('Who may file: the id of a partner of this hub 代理企业', partner),
  operation: Type.Optional(of('Only under this operation, or below it: 1.1. Absent: every filing', operation)),
  company: Type.Optional(of('Only for this one of its `companies.codes`. Absent: all of them', company)),
}
const Grant = Type.Object(
  { ...named, until: of('The last day in China (2027-06-30), or a moment. At most 5 years from now', until) },
  closed,
)
const Which = Type.Object(named, closed)

/**
 * `/v1/agents`, for a partner with its key: who files in its name and for whom it files; grants a right, and takes it
 * back.
 */
export function agentsRoutes(app: Door, parts: AgentGrantParts): void {
  const tags = ['grants']
  const url = '/v1/agents'
  app.get(
    url,
    {
      schema: {
        tags,
        operationId: 'listAgents',
        summary: 'Who may file in your name, and for whom you may file 代理授权',
        response: { 200: view.AgentList },
      },
    },
    ({ partner: { partnerId } }) => parts.agentGrants(partnerId),
  )
  app.put(
    url,
    {
      schema: {
        body: Grant,
        tags,
        operationId: 'grantAgent',
        summary: 'Let a partner file in the name of your companies, until a date 授权代理申报',
        response: { 200: view.AgentList },
      },
    },
    async ({ partner: { partnerId }, body }) => {
      await parts.grantAgent(partnerId, body)
      return parts.agentGrants(partnerId)
    },
  )
  app.delete(
    url,
    {
      schema: {
        querystring: Which,
        tags,
        operationId: 'revokeAgents',
        summary: 'Revoke every grant named here: nothing more is filed under it 撤销代理授权',
        response: { 200: view.AgentList },
      },
    },
    async ({ partner: { partnerId }, query }) => {
      await parts.revokeAgent(partnerId, query)
      return parts.agentGrants(partnerId)
    },
  )
}

/** `/ops/partners/:id/agents`: the same in a partner's name; the audit keeps who did it, and why. */
export function opsAgentsRoutes(app: Door, parts: AgentGrantParts): void {
  const tags = ['ops']
  const path = '/ops/partners/:id/agents'
  const listed = async (id: string) => found(await parts.agentGrantsOf(id), `partner ${id}`)
  app.get(
    path,
    {
      schema: {
        params: Id,
        tags,
        operationId: 'listPartnerAgents',
        summary: 'Who may file in its name, and for whom it may file 代理授权',
        response: { 200: view.AgentList },
      },
    },
    ({ params }) => listed(params.id),
  )
  app.put(
    path,
    {
      schema: {
        params: Id,
        body: Type.Object({ ...Grant.properties, why: Type.Optional(why) }, closed),
        tags,
        operationId: 'putPartnerAgent',
        summary: 'Let another partner file in its name',
        response: { 200: view.AgentList },
      },
    },
    async ({ params, body: { why: reason, ...grant }, operator }) => {
      await listed(params.id)
      await parts.grantAgentOf(params.id, grant, because(operator, reason))
      return listed(params.id)
    },
  )
  app.delete(
    path,
    {
      schema: {
        params: Id,
        querystring: Type.Object({ ...Which.properties, why: Type.Optional(why) }, closed),
        tags,
        operationId: 'revokePartnerAgents',
        summary: 'Revoke every grant to file that is named here',
        response: { 200: view.AgentList },
      },
    },
    async ({ params, query: { why: reason, ...which }, operator }) => {
      await listed(params.id)
      await parts.revokeAgentOf(params.id, which, because(operator, reason))
      return listed(params.id)
    },
  )
}
