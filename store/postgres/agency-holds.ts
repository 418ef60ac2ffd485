// agency-holds — agencies that people have paused, or announced to be closed.
import type { AgencyHold } from '../../messages/agency-hold.js'
import type { Ledger } from '../ledger.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** Every statement by its name. */
export const agencyHoldsSql = {
  all: 'select agency, hold from agency_hold',
  one: 'select hold from agency_hold where agency = @agency',
  put: `insert into agency_hold (agency, hold, changed_at) values (@agency, @hold, @now)
    on conflict (agency) do update set hold = excluded.hold, changed_at = excluded.changed_at`,
  remove: 'delete from agency_hold where agency = @agency',
}
const sql = agencyHoldsSql

/** This chapter of the ledger on PostgreSQL; what it promises: [AgencyHolds](../ledger/agencies.ts). */
export function createAgencyHolds({
  reading,
  commit,
}: {
  reading: Queries
  commit: GroupCommit
}): Pick<Ledger, 'agencyHolds' | 'holdAgency'> {
  const none: AgencyHold = { windows: [] }
  return {
    agencyHolds: async () =>
      new Map(
        (await reading.all<{ agency: string; hold: string }>(sql.all)).map(({ agency, hold }) => [
          agency,
          JSON.parse(hold) as AgencyHold,
        ]),
      ),
    // Read and written in one transaction: two who change different things both do, on whichever hub.
    holdAgency: (agency, change, now) =>
      commit(async (tx) => {
        tx.announce('agencies')
        const before = await tx.get<{ hold: string }>(sql.one, { agency })
        const next = change(before ? (JSON.parse(before.hold) as AgencyHold) : none)
        if (next.paused === undefined && next.windows.length === 0) await tx.run(sql.remove, { agency })
        else await tx.run(sql.put, { agency, hold: JSON.stringify(next), now: now.getTime() })
        return next
      }),
  }
}
