// filing-grants — who lets whom see its filings. A disabled owner's show nothing: the join says so, not a second look.
import type Database from 'better-sqlite3'
import type { KeptGrant } from '../../messages/filing-grant.js'
import type { Ledger } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'

interface Row {
  owner: string
  partner: string
  operation: string
  company: string
  until: number
  granted_at: number
}

const columns = 'g.owner, g.partner, g.operation, g.company, g.until, g.granted_at'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const filingGrantsSql = {
  put: `
    insert into filing_grant (owner, partner, operation, company, until, granted_at)
    values (@owner, @partner, @operation, @company, @until, @granted_at)
    on conflict do update set until = excluded.until, granted_at = excluded.granted_at`,
  count: 'select count(*) as n from filing_grant where owner = ?',
  known: 'select 1 from filing_grant where owner = ? and partner = ? and operation = ? and company = ?',
  revoke: `
    delete from filing_grant where owner = @owner and partner = @partner
    and (@operation is null or operation = @operation) and (@company is null or company = @company)`,
  given: `select ${columns} from filing_grant g where g.owner = ? order by g.partner, g.operation, g.company`,
  inForce: `
    select ${columns} from filing_grant g join partner p on p.partner_id = g.owner
    where g.partner = ? and g.until > ? and p.disabled = 0`,
}
const sql = filingGrantsSql

export function createFilingGrants({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Pick<Ledger, 'grantFilings' | 'revokeFilings' | 'filingGrants' | 'filingGrantsTo'> {
  const put = db.prepare<[Row]>(sql.put)
  const count = db.prepare<[string], { n: number }>(sql.count)
  const known = db.prepare<[string, string, string, string], 1>(sql.known)
  const revoke = db.prepare<[{ owner: string; partner: string; operation: string | null; company: string | null }]>(
    sql.revoke,
  )
  const given = db.prepare<[string], Row>(sql.given)
  const inForce = db.prepare<[string, number], Row>(sql.inForce)
  return {
    grantFilings: ({ owner, partner, operation, company, until, grantedAt }, { most }) =>
      commit(() => {
        if (!known.get(owner, partner, operation, company) && count.get(owner)!.n >= most) return false
        put.run({ owner, partner, operation, company, until: until.getTime(), granted_at: grantedAt.getTime() })
        return true
      }),
    revokeFilings: (owner, { partner, operation = null, company = null }) =>
      commit(() => revoke.run({ owner, partner, operation, company }).changes > 0),
    filingGrants: async (owner) => given.all(owner).map(toGrant),
    filingGrantsTo: async (partner, now) => inForce.all(partner, now.getTime()).map(toGrant),
  }
}

const toGrant = ({ until, granted_at, ...grant }: Row): KeptGrant => ({
  ...grant,
  until: new Date(until),
  grantedAt: new Date(granted_at),
})
