// legal-holds — legal holds: put, listed, released. Retention asks for them itself.
import { HubError } from '../../messages/errors.js'
import { legalHoldOf, legalHoldsSql as sql, isHeld, type LegalHoldRow } from '../legal-holds-sql.js'
import type { LegalHolds } from '../ledger/legal-holds.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** SQL: is message `p.message_id` held? */
export const held = isHeld({
  now: `(extract(epoch from now()) * 1000)::bigint`,
  has: (text, part) => `strpos(${text}, ${part}) > 0`,
})

/** This chapter of the ledger on PostgreSQL; what it promises: [LegalHolds](../ledger/legal-holds.ts). */
export function createLegalHolds({ reading, commit }: { reading: Queries; commit: GroupCommit }): LegalHolds {
  return {
    hold: ({ kind, value, until, why, who }, now) =>
      commit(async (tx) => {
        if (kind !== 'company' && !(await tx.get(sql[kind], { value })))
          throw new HubError('HUB_OPS_NOT_FOUND', { what: `${kind} ${value}` })
        const row = { kind, value, until: until?.getTime() ?? null, why, who, at: now.getTime() }
        return legalHoldOf((await tx.get<LegalHoldRow>(sql.put, row))!)
      }),
    legalHolds: async (now, ended = false) =>
      (ended
        ? await reading.all<LegalHoldRow>(sql.all)
        : await reading.all<LegalHoldRow>(sql.inForce, { now: now.getTime() })
      ).map(legalHoldOf),
    releaseHold: (n, { who, why }, now) =>
      commit(async (tx) => (await tx.run(sql.release, { n, who, why, now: now.getTime() })) === 1),
  }
}
