// grants — who may see what a partner filed, as it is read by the owner, by the one who may see, and by an operator.
import { Type, type Static } from 'typebox'
import { AgentUse, GrantGiven, GrantReceived, GrantUse, scopeView } from '../filing-grant.js'

const lists = { given: Type.Array(GrantGiven), received: Type.Array(GrantReceived) }
const uses = Type.Array(GrantUse, { description: 'Uses of grants, newest first' })

/** Grants as a partner reads them: those it gave, and those to it that are in force. */
export const GrantList = Type.Object(lists, {
  title: 'GrantList',
  description: 'given: your grants. received: grants to you that are in force',
})
export type GrantList = Static<typeof GrantList>

/** Who saw your filings. */
export const GrantUseList = Type.Object({ uses }, { title: 'GrantUseList', description: 'Who saw your filings' })
export type GrantUseList = Static<typeof GrantUseList>

/** Grants given and received, and their uses. */
export const GrantsOfOwner = Type.Object(
  { ...lists, uses },
  { title: 'GrantsOfOwner', description: 'Grants given and received, and their uses' },
)
export type GrantsOfOwner = Static<typeof GrantsOfOwner>

const agentScope = {
  ...scopeView,
  company: Type.Optional(
    Type.String({ description: 'Only for this company of the owner. Absent: all', examples: ['3120260001'] }),
  ),
}
const agents = {
  given: Type.Array(
    Type.Object(
      {
        partner: Type.String({ description: 'Who may file', examples: ['broker-b'] }),
        ...agentScope,
        grantedAt: Type.String({
          format: 'date-time',
          description: 'When it was given',
          examples: ['2026-11-28T12:07:52.310Z'],
        }),
        expired: Type.Boolean({ description: 'It is over', examples: [false] }),
      },
      { title: 'AgentGiven', description: 'Who may file in the name of a company 代理授权' },
    ),
  ),
  received: Type.Array(
    Type.Object(
      { owner: Type.String({ description: 'The partner for whom it files', examples: ['demo'] }), ...agentScope },
      { title: 'AgentReceived', description: 'For whom a partner may file' },
    ),
  ),
}
/** Who may file for whom, as a partner reads it, and what was filed so. */
export const AgentList = Type.Object(
  {
    ...agents,
    uses: Type.Array(AgentUse, {
      description: 'What was filed under these grants, and under grants that have ended; last used first',
    }),
  },
  {
    title: 'AgentList',
    description:
      'given: partners that may file for you. received: partners for whom you may file now. uses: what was filed ' +
      'under these grants, for you and by you',
  },
)
export type AgentList = Static<typeof AgentList>
