// filing-grants — who lets whom see its filings, or file for it. A disabled owner's show nothing: the join says so, not
// a second look.
import type { KeptGrant } from '../../messages/filing-grant.js'
import type { Ledger } from '../ledger.js'
import type { AgentGrants, FilingGrants } from '../ledger/filing-grants.js'
import {
  grantColumns,
  toGrant,
  toUses,
  useColumns,
  type AgentUseRow,
  type GrantRow,
  type GrantFilter,
} from '../rows/filing-grant.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** Every statement by its name. */
const statements = (table: 'filing_grant' | 'agent_grant') => ({
  put: `
    insert into ${table} (owner, partner, operation, company, until, granted_at)
    values (@owner, @partner, @operation, @company, @until, @grantedAt)
    on conflict (owner, partner, operation, company) do update
    set until = excluded.until, granted_at = excluded.granted_at`,
  count: `select count(*) as n from ${table} where owner = @owner`,
  known: `
    select 1 as there from ${table}
    where owner = @owner and partner = @partner and operation = @operation and company = @company`,
  revoke: `
    delete from ${table} where owner = @owner and partner = @partner
    and (@operation::text is null or operation = @operation) and (@company::text is null or company = @company)`,
  given: `select ${grantColumns} from ${table} g where g.owner = @owner order by g.partner, g.operation, g.company`,
  inForce: `
    select ${grantColumns} from ${table} g join partner p on p.partner_id = g.owner
    where g.partner = @partner and g.until > @now and p.disabled = 0`,
})
/** Of grants to see filings. */
export const filingGrantsSql = statements('filing_grant')
/** Of grants to file, in a table of their own. */
export const agentGrantsSql = statements('agent_grant')

/** Of the uses of grants to file. */
export const agentUsesSql = {
  /** Takes a list of each value: one grant may be used many times in one transaction. */
  used: `
    insert into agent_use as u (${useColumns})
    select a.owner, a.partner, a.operation, a.company, min(a.at), max(a.at), count(*)
    from unnest(@owner::text[], @partner::text[], @operation::text[], @company::text[], @at::bigint[])
    as a (owner, partner, operation, company, at)
    group by a.owner, a.partner, a.operation, a.company
    on conflict (owner, partner, operation, company) do update
    set last_at = greatest(u.last_at, excluded.last_at), filings = u.filings + excluded.filings`,
  uses: `
    select ${useColumns} from agent_use where owner = @partner
    union all select ${useColumns} from agent_use where partner = @partner`,
}

interface GrantParts {
  reading: Queries
  commit: GroupCommit
}

function grantsIn({ reading, commit }: GrantParts, sql: typeof filingGrantsSql) {
  return {
    grant: ({ owner, partner, operation, company, until, grantedAt }: KeptGrant, { most }: { most: number }) =>
      commit(async (tx) => {
        const which = { owner, partner, operation, company }
        if (!(await tx.get(sql.known, which)) && (await tx.get<{ n: number }>(sql.count, { owner }))!.n >= most)
          return false
        await tx.run(sql.put, { ...which, until: until.getTime(), grantedAt: grantedAt.getTime() })
        return true
      }),
    revoke: (owner: string, { partner, operation = null, company = null }: GrantFilter) =>
      commit(async (tx) => (await tx.run(sql.revoke, { owner, partner, operation, company })) > 0),
    given: async (owner: string) => (await reading.all<GrantRow>(sql.given, { owner })).map(toGrant),
    inForce: async (partner: string, now: Date) =>
      (await reading.all<GrantRow>(sql.inForce, { partner, now: now.getTime() })).map(toGrant),
  }
}

/** This chapter of the ledger on PostgreSQL; what it promises: [FilingGrants](../ledger/filing-grants.ts). */
export function createFilingGrants(parts: GrantParts): Pick<Ledger, keyof FilingGrants> {
  const { grant, revoke, given, inForce } = grantsIn(parts, filingGrantsSql)
  return { grantFilings: grant, revokeFilings: revoke, filingGrants: given, filingGrantsTo: inForce }
}

/** This chapter of the ledger on PostgreSQL; what it promises: [AgentGrants](../ledger/filing-grants.ts). */
export function createAgentGrants(parts: GrantParts): Pick<Ledger, keyof AgentGrants> {
  const { grant, revoke, given, inForce } = grantsIn(parts, agentGrantsSql)
  return {
    grantAgent: grant,
    revokeAgent: revoke,
    agentGrants: given,
    agentGrantsTo: inForce,
    agentUses: async (partner) => toUses(await parts.reading.all<AgentUseRow>(agentUsesSql.uses, { partner })),
  }
}
