// legal-holds — legal holds: put, listed, released. Retention asks for them itself.
import type Database from 'better-sqlite3'
import { HubError } from '../../messages/errors.js'
import { legalHoldOf, legalHoldsSql as sql, isHeld, type LegalHoldRow } from '../legal-holds-sql.js'
import type { LegalHolds } from '../ledger/legal-holds.js'
import type { GroupCommit } from './group-commit.js'

/** SQL: is message `p.message_id` held? */
export const held = isHeld({
  now: `cast(strftime('%s', 'now') as integer) * 1000`,
  has: (text, part) => `instr(${text}, ${part}) > 0`,
})

/** This chapter of the ledger on SQLite; what it promises: [LegalHolds](../ledger/legal-holds.ts). */
export function createLegalHolds({ db, commit }: { db: Database.Database; commit: GroupCommit }): LegalHolds {
  const put = db.prepare<[object], LegalHoldRow>(sql.put)
  const there = {
    message: db.prepare<[object], unknown>(sql.message),
    partner: db.prepare<[object], unknown>(sql.partner),
  }
  const inForce = db.prepare<[object], LegalHoldRow>(sql.inForce)
  const all = db.prepare<[], LegalHoldRow>(sql.all)
  const release = db.prepare(sql.release)
  return {
    hold: ({ kind, value, until, why, who }, now) =>
      commit(() => {
        if (kind !== 'company' && !there[kind].get({ value }))
          throw new HubError('HUB_OPS_NOT_FOUND', { what: `${kind} ${value}` })
        return legalHoldOf(put.get({ kind, value, until: until?.getTime() ?? null, why, who, at: now.getTime() })!)
      }),
    legalHolds: async (now, ended = false) =>
      (ended ? all.all() : inForce.all({ now: now.getTime() })).map(legalHoldOf),
    releaseHold: (n, { who, why }, now) => commit(() => release.run({ n, who, why, now: now.getTime() }).changes === 1),
  }
}
