// holds — legal holds: put, listed, released. Retention asks for them itself.
import type Database from 'better-sqlite3'
import { HubError } from '../../messages/errors.js'
import { holdOf, holdsSql as sql, isHeld, type HoldRow } from '../holds-sql.js'
import type { Holds } from '../ledger/holds.js'
import type { GroupCommit } from './group-commit.js'

/** SQL: is message `p.message_id` held? */
export const held = isHeld({
  now: `cast(strftime('%s', 'now') as integer) * 1000`,
  has: (text, part) => `instr(${text}, ${part}) > 0`,
})

/** This chapter of the ledger on SQLite; what it promises: [Holds](../ledger/holds.ts). */
export function createHolds({ db, commit }: { db: Database.Database; commit: GroupCommit }): Holds {
  const put = db.prepare<[object], HoldRow>(sql.put)
  const there = {
    message: db.prepare<[object], unknown>(sql.message),
    partner: db.prepare<[object], unknown>(sql.partner),
  }
  const inForce = db.prepare<[object], HoldRow>(sql.inForce)
  const all = db.prepare<[], HoldRow>(sql.all)
  const release = db.prepare(sql.release)
  return {
    hold: ({ kind, value, until, why, who }, now) =>
      commit(() => {
        if (kind !== 'company' && !there[kind].get({ value }))
          throw new HubError('HUB_OPS_NOT_FOUND', { what: `${kind} ${value}` })
        return holdOf(put.get({ kind, value, until: until?.getTime() ?? null, why, who, at: now.getTime() })!)
      }),
    legalHolds: async (now, ended = false) => (ended ? all.all() : inForce.all({ now: now.getTime() })).map(holdOf),
    releaseHold: (n, { who, why }, now) => commit(() => release.run({ n, who, why, now: now.getTime() }).changes === 1),
  }
}
