// after-restore — what an older copy of the ledger cannot know: whether what it shows as waiting, or as unclear, has
// been sent since it was made.
import { newId } from '../../messages/ids.js'
import type { Ledger } from '../ledger.js'
import type { GroupCommit } from './write.js'

/** More receipts than any hub gives out between a copy and its restoring; twenty restores still fit into 32 bits. */
const leapOfNumbers = 100_000_000

/** A question may be asked twice: it is asked again, and nobody has to decide. */
const waits = `state in ('unclear', 'queued', 'submitting', 'held')
  and not (submission_id >= 'qry_' and submission_id < 'qry\`')`

/** Every statement by its name. */
export const afterRestoreSql = {
  waiting: `select distinct message_id from submission where ${waits}`,
  // A row a try, as of any other that ended in doubt: it is shown, asked about and decided the same way.
  doubted: `insert into attempt (submission_id, attempt, fence, started_at, ended_at, outcome, code, detail)
    select submission_id, 1 + coalesce((select max(attempt) from attempt a
    where a.submission_id = s.submission_id), 0), @fence, @now, @now, 'unclear', 'HUB_RESTORED', @why
    from submission s where ${waits}`,
  move: `update submission set state = 'unclear', fence = null, started_at = @now
    where ${waits}`,
  // Partners ask for receipts after the last number they saw, and may have seen numbers the copy has not given out yet.
  leap: `select setval(pg_get_serial_sequence('receipt', 'n'), coalesce((select max(n)
    from receipt), 0) + @leap::bigint)`,
}
const sql = afterRestoreSql

/** `doubtWaiting` of the ledger on PostgreSQL; what it promises: [Sending](../ledger/sending.ts). */
export function createAfterRestore({ commit }: { commit: GroupCommit }): Pick<Ledger, 'doubtWaiting'> {
  return {
    doubtWaiting: (now, why) =>
      commit(async (tx) => {
        tx.changes()
        const waiting = await tx.all<{ message_id: string }>(sql.waiting)
        await tx.run(sql.doubted, { fence: newId('att'), now: now.getTime(), why: why.slice(0, 500) })
        const count = await tx.run(sql.move, { now: now.getTime() })
        for (const { message_id } of waiting) tx.refresh(message_id)
        await tx.all(sql.leap, { leap: leapOfNumbers })
        return count
      }),
  }
}
