// after-restore — what an older copy of the ledger cannot know: whether what it shows as waiting, or as unclear, has
// been sent since it was made.
import type Database from 'better-sqlite3'
import { newId } from '../../messages/ids.js'
import type { Ledger } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'
import { createMessageState } from './message-state.js'

/** More receipts than any hub gives out between a copy and its restoring; twenty restores still fit into 32 bits. */
const leapOfNumbers = 100_000_000

/** A question may be asked twice: it is asked again, and nobody has to decide. */
const isFiling = `not (submission_id >= 'qry_' and submission_id < 'qry\`')`

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const afterRestoreSql = {
  lastNumber: `select seq from sqlite_sequence where name = 'receipt'`,
  firstLeap: `insert into sqlite_sequence (name, seq) values ('receipt', @seq)`,
  leap: `update sqlite_sequence set seq = seq + @seq where name = 'receipt'`,
}
const sql = afterRestoreSql

/** `doubtWaiting` of the ledger on SQLite; what it promises: [Sending](../ledger/sending.ts). */
export function createAfterRestore({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Pick<Ledger, 'doubtWaiting'> {
  const refresh = createMessageState(db)
  // State by state, since an index of its own stands behind each. The unclear ones first: they may have been decided
  // since, and sent.
  const states = (['unclear', 'queued', 'submitting', 'held'] as const).map((state) => ({
    messages: db.prepare<[], { message_id: string }>(
      `select distinct message_id from submission where state = '${state}' and ${isFiling}`,
    ),
    // A row a try, as of any other that ended in doubt: it is shown, asked about and decided the same way.
    doubted: db.prepare(
      `insert into attempt (submission_id, attempt, fence, started_at, ended_at, outcome, code, detail)
       select submission_id, 1 + ifnull((select max(attempt) from attempt a
       where a.submission_id = s.submission_id), 0), @fence, @now, @now, 'unclear', 'HUB_RESTORED', @why
       from submission s where state = '${state}' and ${isFiling}`,
    ),
    move: db.prepare(
      `update submission set state = 'unclear', fence = null, started_at = @now
       where state = '${state}' and ${isFiling}`,
    ),
  }))
  // Partners ask for receipts after the last number they saw, and may have seen numbers the copy has not given out yet.
  const lastNumber = db.prepare<[], { seq: number }>(sql.lastNumber)
  const firstLeap = db.prepare(sql.firstLeap)
  const leap = db.prepare(sql.leap)
  return {
    doubtWaiting: (now, why) =>
      commit(() => {
        const messages = states.flatMap(({ messages: waiting }) => waiting.all())
        let count = 0
        for (const { doubted, move } of states) {
          doubted.run({ fence: newId('att'), now: now.getTime(), why: why.slice(0, 500) })
          count += move.run({ now: now.getTime() }).changes
        }
        for (const { message_id } of messages) refresh(message_id)
        ;(lastNumber.get() ? leap : firstLeap).run({ seq: leapOfNumbers })
        return count
      }),
  }
}
