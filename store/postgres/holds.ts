// holds — legal holds: put, listed, released. Retention asks for them itself.
import { HubError } from '../../messages/errors.js'
import { holdOf, holdsSql as sql, isHeld, type HoldRow } from '../holds-sql.js'
import type { Holds } from '../ledger/holds.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** SQL: is message `p.message_id` held? */
export const held = isHeld({
  now: `(extract(epoch from now()) * 1000)::bigint`,
  has: (text, part) => `strpos(${text}, ${part}) > 0`,
})

/** This chapter of the ledger on PostgreSQL; what it promises: [Holds](../ledger/holds.ts). */
export function createHolds({ reading, commit }: { reading: Queries; commit: GroupCommit }): Holds {
  return {
    hold: ({ kind, value, until, why, who }, now) =>
      commit(async (tx) => {
        if (kind !== 'company' && !(await tx.get(sql[kind], { value })))
          throw new HubError('HUB_OPS_NOT_FOUND', { what: `${kind} ${value}` })
        const row = { kind, value, until: until?.getTime() ?? null, why, who, at: now.getTime() }
        return holdOf((await tx.get<HoldRow>(sql.put, row))!)
      }),
    legalHolds: async (now, ended = false) =>
      (ended
        ? await reading.all<HoldRow>(sql.all)
        : await reading.all<HoldRow>(sql.inForce, { now: now.getTime() })
      ).map(holdOf),
    releaseHold: (n, { who, why }, now) =>
      commit(async (tx) => (await tx.run(sql.release, { n, who, why, now: now.getTime() })) === 1),
  }
}
