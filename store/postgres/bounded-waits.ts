// bounded-waits — what waits until a time that a clock now set back has made is due: no wait is longer than the longest
// that can have been set, and no answer is awaited for longer than the longest time an agency has.
import type { Ledger } from '../ledger.js'
import { serverAhead } from './server-time.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** Every statement by its name. */
export const boundedWaitsSql = {
  any: `select 1 as there where
    exists (select 1 from submission where state = 'queued' and next_at > @now::bigint + @retryMs::bigint)
    or exists (select 1 from submission where state = 'submitting' and started_at > @now::bigint + @tryMs::bigint
      + ${serverAhead})
    or exists (select 1 from submission where expect_at is not null and overdue = 0
      and expect_at > @now::bigint + @answerMs::bigint)
    or exists (select 1 from receipt where channel = any(@channels::text[]) and return_state = 'owed'
      and return_next_at > @now::bigint + @returnMs::bigint)`,
  dueNow: `update submission set next_at = @now where state = 'queued' and next_at > @beyond`,
  beganNow: `update submission set started_at = @now::bigint + ${serverAhead} where state = 'submitting'
    and started_at > @beyond::bigint + ${serverAhead}`,
  returnNow: `update receipt set return_next_at = @now where channel = any(@channels::text[])
    and return_state = 'owed' and return_next_at > @beyond`,
  answerBy: `update submission set expect_at = @beyond where expect_at is not null and overdue = 0
    and expect_at > @beyond`,
}
const sql = boundedWaitsSql

/** `boundWaits` of the ledger on PostgreSQL; what it promises: [Sending](../ledger/sending.ts). */
export function createBoundedWaits({
  reading,
  commit,
}: {
  reading: Queries
  commit: GroupCommit
}): Pick<Ledger, 'boundWaits'> {
  return {
    async boundWaits({ retryMs, tryMs, returnMs, answerMs }, channels, at) {
      const now = at.getTime()
      if (!(await reading.get(sql.any, { now, clock: Date.now(), retryMs, tryMs, returnMs, answerMs, channels })))
        return 0
      return commit(async (tx) => {
        tx.changes()
        return (
          (await tx.run(sql.dueNow, { now, beyond: now + retryMs })) +
          (await tx.run(sql.beganNow, { now, clock: Date.now(), beyond: now + tryMs })) +
          (await tx.run(sql.answerBy, { beyond: now + answerMs })) +
          (await tx.run(sql.returnNow, { now, channels, beyond: now + returnMs }))
        )
      })
    },
  }
}
