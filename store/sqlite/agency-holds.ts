// agency-holds — agencies that people have paused, or announced to be closed.
import type Database from 'better-sqlite3'
import type { AgencyHold } from '../../messages/agency-hold.js'
import type { Ledger } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'

type AgencyHolds = Pick<Ledger, 'agencyHolds' | 'holdAgency'>

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const agencyHoldsSql = {
  all: 'select agency, hold from agency_hold',
  one: 'select hold from agency_hold where agency = ?',
  put: `insert into agency_hold (agency, hold, changed_at) values (@agency, @hold, @now) on conflict do update
    set hold = excluded.hold, changed_at = excluded.changed_at`,
  remove: 'delete from agency_hold where agency = ?',
}
const sql = agencyHoldsSql

/** This chapter of the ledger on SQLite; what it promises: [AgencyHolds](../ledger/agencies.ts). */
export function createAgencyHolds({ db, commit }: { db: Database.Database; commit: GroupCommit }): AgencyHolds {
  const all = db.prepare<[], { agency: string; hold: string }>(sql.all)
  const one = db.prepare<[string], { hold: string }>(sql.one)
  const put = db.prepare(sql.put)
  const remove = db.prepare(sql.remove)
  const none: AgencyHold = { windows: [] }
  return {
    agencyHolds: async () => new Map(all.all().map(({ agency, hold }) => [agency, JSON.parse(hold) as AgencyHold])),
    // Read and written in one turn: two who change different things both do.
    holdAgency: (agency, change, now) =>
      commit(() => {
        const before = one.get(agency)
        const next = change(before ? (JSON.parse(before.hold) as AgencyHold) : none)
        if (next.paused === undefined && next.windows.length === 0) remove.run(agency)
        else put.run({ agency, hold: JSON.stringify(next), now: now.getTime() })
        return next
      }),
  }
}
