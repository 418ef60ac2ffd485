// bounded-waits — what waits until a time that a clock now set back has made is due: no wait is longer than the longest
// that can have been set, and no answer is awaited for longer than the longest time an agency has.
import type Database from 'better-sqlite3'
import type { Ledger } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const boundedWaitsSql = {
  queued: `select 1 from submission where state = 'queued' and next_at > ? limit 1`,
  submitting: `select 1 from submission where state = 'submitting' and started_at > ? limit 1`,
  owed: `select 1 from receipt where channel = @channel and return_state = 'owed' and return_next_at > @beyond limit 1`,
  awaited: `select 1 from submission where expect_at is not null and overdue = 0 and expect_at > ? limit 1`,
  dueNow: `update submission set next_at = @now where state = 'queued' and next_at > @beyond`,
  beganNow: `update submission set started_at = @now where state = 'submitting' and started_at > @beyond`,
  returnNow: `update receipt set return_next_at = @now where channel = @channel and return_state = 'owed'
    and return_next_at > @beyond`,
  answerBy: `update submission set expect_at = @beyond where expect_at is not null and overdue = 0
    and expect_at > @beyond`,
}
const sql = boundedWaitsSql

/** `boundWaits` of the ledger on SQLite; what it promises: [Sending](../ledger/sending.ts). */
export function createBoundedWaits({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Pick<Ledger, 'boundWaits'> {
  const queued = db.prepare<[number], 1>(sql.queued)
  const submitting = db.prepare<[number], 1>(sql.submitting)
  const owed = db.prepare<[{ channel: string; beyond: number }], 1>(sql.owed)
  const awaited = db.prepare<[number], 1>(sql.awaited)
  const [dueNow, beganNow, returnNow] = [db.prepare(sql.dueNow), db.prepare(sql.beganNow), db.prepare(sql.returnNow)]
  const answerBy = db.prepare(sql.answerBy)
  return {
    async boundWaits({ retryMs, tryMs, returnMs, answerMs }, channels, at) {
      const now = at.getTime()
      const found =
        queued.get(now + retryMs) !== undefined ||
        submitting.get(now + tryMs) !== undefined ||
        awaited.get(now + answerMs) !== undefined ||
        channels.some((channel) => owed.get({ channel, beyond: now + returnMs }) !== undefined)
      if (!found) return 0
      return commit(() =>
        [
          dueNow.run({ now, beyond: now + retryMs }),
          beganNow.run({ now, beyond: now + tryMs }),
          answerBy.run({ beyond: now + answerMs }),
          ...channels.map((channel) => returnNow.run({ now, channel, beyond: now + returnMs })),
        ].reduce((sum, { changes }) => sum + changes, 0),
      )
    },
  }
}
