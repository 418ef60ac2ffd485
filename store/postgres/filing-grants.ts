// filing-grants — who lets whom see its filings. A disabled owner's show nothing: the join says so, not a second look.
import type { KeptGrant } from '../../messages/filing-grant.js'
import type { Ledger } from '../ledger.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

interface Row {
  owner: string
  partner: string
  operation: string
  company: string
  until: number
  granted_at: number
}

const columns = 'g.owner, g.partner, g.operation, g.company, g.until, g.granted_at'

/** Every statement by its name. */
export const filingGrantsSql = {
  put: `
    insert into filing_grant (owner, partner, operation, company, until, granted_at)
    values (@owner, @partner, @operation, @company, @until, @grantedAt)
    on conflict (owner, partner, operation, company) do update set until = excluded.until, granted_at = excluded.granted_at`,
  count: 'select count(*) as n from filing_grant where owner = @owner',
  known: `
    select 1 as there from filing_grant
    where owner = @owner and partner = @partner and operation = @operation and company = @company`,
  revoke: `
    delete from filing_grant where owner = @owner and partner = @partner
    and (@operation::text is null or operation = @operation) and (@company::text is null or company = @company)`,
  given: `select ${columns} from filing_grant g where g.owner = @owner order by g.partner, g.operation, g.company`,
  inForce: `
    select ${columns} from filing_grant g join partner p on p.partner_id = g.owner
    where g.partner = @partner and g.until > @now and p.disabled = 0`,
}
const sql = filingGrantsSql

export function createFilingGrants({
  reading,
  commit,
}: {
  reading: Queries
  commit: GroupCommit
}): Pick<Ledger, 'grantFilings' | 'revokeFilings' | 'filingGrants' | 'filingGrantsTo'> {
  return {
    grantFilings: ({ owner, partner, operation, company, until, grantedAt }, { most }) =>
      commit(async (tx) => {
        const which = { owner, partner, operation, company }
        if (!(await tx.get(sql.known, which)) && (await tx.get<{ n: number }>(sql.count, { owner }))!.n >= most)
          return false
        await tx.run(sql.put, { ...which, until: until.getTime(), grantedAt: grantedAt.getTime() })
        return true
      }),
    revokeFilings: (owner, { partner, operation = null, company = null }) =>
      commit(async (tx) => (await tx.run(sql.revoke, { owner, partner, operation, company })) > 0),
    filingGrants: async (owner) => (await reading.all<Row>(sql.given, { owner })).map(toGrant),
    filingGrantsTo: async (partner, now) =>
      (await reading.all<Row>(sql.inForce, { partner, now: now.getTime() })).map(toGrant),
  }
}

const toGrant = ({ until, granted_at, ...grant }: Row): KeptGrant => ({
  ...grant,
  until: new Date(until),
  grantedAt: new Date(granted_at),
})
