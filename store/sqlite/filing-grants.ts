// filing-grants — who lets whom see its filings, or file for it. A disabled owner's show nothing: the join says so, not
// a second look.
import type Database from 'better-sqlite3'
import type { GrantScope, KeptGrant } from '../../messages/filing-grant.js'
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
import type { GroupCommit } from './group-commit.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
const statements = (table: 'filing_grant' | 'agent_grant') => ({
  put: `
    insert into ${table} (owner, partner, operation, company, until, granted_at)
    values (@owner, @partner, @operation, @company, @until, @granted_at)
    on conflict do update set until = excluded.until, granted_at = excluded.granted_at`,
  count: `select count(*) as n from ${table} where owner = ?`,
  known: `select 1 from ${table} where owner = @owner and partner = @partner and operation = @operation
    and company = @company`,
  revoke: `
    delete from ${table} where owner = @owner and partner = @partner
    and (@operation is null or operation = @operation) and (@company is null or company = @company)`,
  given: `select ${grantColumns} from ${table} g where g.owner = ? order by g.partner, g.operation, g.company`,
  inForce: `
    select ${grantColumns} from ${table} g join partner p on p.partner_id = g.owner
    where g.partner = @partner and g.until > @now and p.disabled = 0`,
})
/** Statements about grants to see filings. */
export const filingGrantsSql = statements('filing_grant')
/** Statements about grants to file, which have a table of their own. */
export const agentGrantsSql = statements('agent_grant')

/** Statements about the uses of grants to file. */
export const agentUsesSql = {
  filing: `
    insert into agent_filing (message_id, owner, operation, company)
    values (@messageId, @owner, @operation, @company)`,
  used: `
    insert into agent_use (${useColumns}) values (@owner, @partner, @operation, @company, @at, @at, 1)
    on conflict do update set last_at = max(last_at, excluded.last_at), filings = filings + 1`,
  uses: `
    select ${useColumns} from agent_use where owner = @partner
    union all select ${useColumns} from agent_use where partner = @partner`,
}

interface GrantParts {
  db: Database.Database
  commit: GroupCommit
}

function grantsIn({ db, commit }: GrantParts, sql: typeof filingGrantsSql) {
  const put = db.prepare<[GrantRow]>(sql.put)
  const count = db.prepare<[string], { n: number }>(sql.count)
  const known = db.prepare<[{ owner: string; partner: string; operation: string; company: string }], 1>(sql.known)
  const revoke = db.prepare<[{ owner: string; partner: string; operation: string | null; company: string | null }]>(
    sql.revoke,
  )
  const given = db.prepare<[string], GrantRow>(sql.given)
  const inForce = db.prepare<[{ partner: string; now: number }], GrantRow>(sql.inForce)
  return {
    grant: ({ owner, partner, operation, company, until, grantedAt }: KeptGrant, { most }: { most: number }) =>
      commit(() => {
        if (!known.get({ owner, partner, operation, company }) && count.get(owner)!.n >= most) return false
        put.run({ owner, partner, operation, company, until: until.getTime(), granted_at: grantedAt.getTime() })
        return true
      }),
    revoke: (owner: string, { partner, operation = null, company = null }: GrantFilter) =>
      commit(() => revoke.run({ owner, partner, operation, company }).changes > 0),
    given: async (owner: string) => given.all(owner).map(toGrant),
    inForce: async (partner: string, now: Date) => inForce.all({ partner, now: now.getTime() }).map(toGrant),
  }
}

/** This chapter of the ledger on SQLite; what it promises: [FilingGrants](../ledger/filing-grants.ts). */
export function createFilingGrants(parts: GrantParts): Pick<Ledger, keyof FilingGrants> {
  const { grant, revoke, given, inForce } = grantsIn(parts, filingGrantsSql)
  return { grantFilings: grant, revokeFilings: revoke, filingGrants: given, filingGrantsTo: inForce }
}

/** This chapter of the ledger on SQLite; what it promises: [AgentGrants](../ledger/filing-grants.ts). */
export function createAgentGrants(parts: GrantParts): Pick<Ledger, keyof AgentGrants> {
  const { grant, revoke, given, inForce } = grantsIn(parts, agentGrantsSql)
  const uses = parts.db.prepare<[{ partner: string }], AgentUseRow>(agentUsesSql.uses)
  return {
    grantAgent: grant,
    revokeAgent: revoke,
    agentGrants: given,
    agentGrantsTo: inForce,
    agentUses: async (partner) => toUses(uses.all({ partner })),
  }
}

/** Keeps under which grants a message was filed, inside a write that is under way. */
export function keepsAgentFilings(
  db: Database.Database,
): (filing: { messageId: string; partner: string; at: number }, grants: readonly GrantScope[]) => void {
  const filing = db.prepare(agentUsesSql.filing)
  const used = db.prepare(agentUsesSql.used)
  return ({ messageId, partner, at }, grants) => {
    for (const { owner, operation, company } of grants) {
      filing.run({ messageId, owner, operation, company })
      used.run({ owner, partner, operation, company, at })
    }
  }
}
