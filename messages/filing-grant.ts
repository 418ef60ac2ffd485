// filing-grant — what a partner that files lets another partner see in its queries: all it filed, or that of an
// operation or a company, until a date.
import { Type, type Static } from 'typebox'
import { startOfDay } from './china-time.js'

/** A grant as a partner or an operator writes it. */
export const FilingGrant = Type.Object(
  {
    partner: Type.String({
      pattern: '^[a-z0-9][a-z0-9-]{0,62}$',
      description: 'Who may see: the id of a partner of this hub 被授权企业',
    }),
    operation: Type.Optional(
      Type.String({
        pattern: '^\\d+(\\.\\d+){0,4}$',
        description: 'Only what was filed under this operation, or below it: 1.1. Absent: everything',
      }),
    ),
    company: Type.Optional(
      Type.String({
        pattern: '^[0-9A-Za-z_]{9,64}$',
        description: 'Only business documents that name this company: customs code or credit code',
      }),
    ),
    until: Type.String({
      pattern: '^\\d{4}-\\d\\d-\\d\\d(T\\S{1,30})?$',
      description: 'The last day in China (2027-06-30), or a moment (2027-06-30T12:00:00Z). At most 5 years from now',
    }),
  },
  { additionalProperties: false },
)
export type FilingGrant = Static<typeof FilingGrant>

/** As the ledger keeps it. */
export interface KeptGrant {
  owner: string
  partner: string
  /** Empty: all. */
  operation: string
  /** Empty: all; in capitals. */
  company: string
  /** It shows nothing from this moment on. */
  until: Date
  grantedAt: Date
}

/** A grant by what it covers; there is one of each. */
export type GrantScope = Pick<KeptGrant, 'owner' | 'operation' | 'company'>

/** How often a partner filed under a grant. The grant may have been taken back since. */
export interface KeptAgentUse extends GrantScope {
  partner: string
  firstAt: Date
  lastAt: Date
  filings: number
}

/** Which grants; what is not named may be anything. */
export interface WhichGrants {
  partner: string
  operation?: string | undefined
  company?: string | undefined
}

/** What a grant covers and until when, as it is read. */
export const scopeView = {
  operation: Type.Optional(
    Type.String({ description: 'Only filings of this operation or below it. Absent: all filings', examples: ['1.1'] }),
  ),
  company: Type.Optional(
    Type.String({ description: 'Only documents that name this company. Absent: all', examples: ['3120260001'] }),
  ),
  until: Type.String({
    format: 'date-time',
    description: 'When it ends',
    examples: ['2027-06-30T16:00:00.000Z'],
  }),
}

/** As its owner sees it. */
export const GrantGiven = Type.Object(
  {
    partner: Type.String({ description: 'The partner that may see the filings', examples: ['forwarder-b'] }),
    ...scopeView,
    grantedAt: Type.String({
      format: 'date-time',
      description: 'When it was given',
      examples: ['2026-11-28T12:07:52.310Z'],
    }),
    expired: Type.Boolean({ description: 'It has ended', examples: [false] }),
  },
  { title: 'GrantGiven', description: 'A grant, as its owner sees it 查询授权' },
)
export type GrantGiven = Static<typeof GrantGiven>

/** As the one who may see sees it, while it may. */
export const GrantReceived = Type.Object(
  { owner: Type.String({ description: 'Who filed', examples: ['demo'] }), ...scopeView },
  { title: 'GrantReceived', description: 'A grant, as its receiver sees it' },
)
export type GrantReceived = Static<typeof GrantReceived>

/** One time somebody saw something by a grant. */
export const GrantUse = Type.Object(
  {
    at: Type.String({ format: 'date-time', description: 'When', examples: ['2026-11-28T12:07:52.310Z'] }),
    partner: Type.String({ description: 'Who saw', examples: ['forwarder-b'] }),
    operation: Type.String({ description: 'The query it asked', examples: ['1.1.7.1.1'] }),
    rows: Type.Integer({ description: 'Number of rows given', examples: [3] }),
  },
  { title: 'GrantUse', description: 'One use of a grant 授权使用记录' },
)
export type GrantUse = Static<typeof GrantUse>

const filedUnder = {
  owner: Type.String({ description: 'In whose name it was filed', examples: ['demo'] }),
  operation: Type.Optional(
    Type.String({ description: 'What the grant covers. Absent: every filing', examples: ['1.1'] }),
  ),
  company: Type.Optional(
    Type.String({ description: 'The company the grant names. Absent: all of the owner', examples: ['3120260001'] }),
  ),
}

/** The grant a message was filed under. */
export const FiledUnder = Type.Object(filedUnder, {
  title: 'FiledUnder',
  description: 'The grant an agent filed it under 代理授权',
})
export type FiledUnder = Static<typeof FiledUnder>

/** How often an agent filed under a grant. */
export const AgentUse = Type.Object(
  {
    partner: Type.String({ description: 'Who filed', examples: ['broker-b'] }),
    ...filedUnder,
    filings: Type.Integer({ minimum: 1, description: 'Messages filed under it', examples: [12] }),
    firstAt: Type.String({
      format: 'date-time',
      description: 'When the first was filed',
      examples: ['2026-11-28T12:07:52.310Z'],
    }),
    lastAt: Type.String({
      format: 'date-time',
      description: 'When the last was filed',
      examples: ['2026-11-29T02:11:04.802Z'],
    }),
  },
  { title: 'AgentUse', description: 'How often an agent filed under a grant 代理申报记录' },
)
export type AgentUse = Static<typeof AgentUse>

const dayMs = 24 * 3_600_000

/** The moment `until` ends: a day of China is good to its end. Undefined for what is no moment. */
export function endOfGrant(until: string): Date | undefined {
  const day = startOfDay(until)
  if (day) return new Date(day.getTime() + dayMs)
  const at = /T.*(Z|[+-]\d\d:\d\d)$/.test(until) ? Date.parse(until) : NaN
  return Number.isNaN(at) ? undefined : new Date(at)
}

const scope = ({ operation, company }: Pick<KeptGrant, 'operation' | 'company'>) => ({
  ...(operation === '' ? {} : { operation }),
  ...(company === '' ? {} : { company }),
})

/** A grant as its owner sees it; `expired` by `now`. */
export const grantGiven = (grant: KeptGrant, now: Date): GrantGiven => ({
  partner: grant.partner,
  ...scope(grant),
  until: grant.until.toISOString(),
  grantedAt: grant.grantedAt.toISOString(),
  expired: grant.until <= now,
})

/** A grant as the partner sees it that was given it. */
export const grantReceived = (grant: KeptGrant): GrantReceived => ({
  owner: grant.owner,
  ...scope(grant),
  until: grant.until.toISOString(),
})

/** The part of a grant that a filing names: whose it is filed as, and what the grant covers. */
export const filedUnderOf = ({ owner, ...covers }: GrantScope): FiledUnder => ({ owner, ...scope(covers) })

/** How often an agent has filed under a grant, as the owner and operators see it. */
export const agentUseOf = ({ partner, filings, firstAt, lastAt, ...grant }: KeptAgentUse): AgentUse => ({
  partner,
  ...filedUnderOf(grant),
  filings,
  firstAt: firstAt.toISOString(),
  lastAt: lastAt.toISOString(),
})

/** Is what was filed under `operation` within the grant? */
export const coversOperation = (grant: Pick<KeptGrant, 'operation'>, operation: string): boolean =>
  grant.operation === '' || operation === grant.operation || operation.startsWith(`${grant.operation}.`)
