// orphans — agencies' answers that spoke of no submission: found again once a submission knows what they cite, or
// matched by a person. A reply is settled again as a whole; who has a receipt of it already gets no second one.
import type Database from 'better-sqlite3'
import { createMayLearn } from './owners.js'
import type { HeldFor, Ledger } from '../ledger.js'
import { heldAnswerView, orphanView, type HeldRow, type OrphanRow } from '../rows/reply.js'
import { onceInDoubt } from '../rules/tries.js'
import type { Digests } from './digests.js'
import type { GroupCommit } from './group-commit.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const orphansSql = {
  newest: `select reply_id, agency, media_type, length(opened(bytes)) as size, received_at, substr(opened(bytes), 1,
    400) as head, submission_id from reply where orphan = 1 order by received_at desc limit ?`,
  keys: 'select name, value from orphan_key where reply_id = ?',
  known: `select distinct k.reply_id from orphan_key k cross join reply r on r.reply_id = k.reply_id cross
    join correlation c on c.agency = r.agency and c.name = k.name and c.value = k.value
    cross join submission s on s.n = c.submission_n
    where r.orphan in (1, 2) and s.state <> 'queued' and not exists (select 1 from receipt x
    where x.reply_id = k.reply_id and x.submission_id = s.submission_id) limit ?`,
  reopen: 'update reply set settled_at = null, orphan = 0, held = null where reply_id = ? and orphan in (1, 2)',
  forget: 'delete from orphan_key where reply_id = ?',
  assign: 'update reply set submission_id = @submissionId where reply_id = @replyId',
  submission: 'select 1 from submission where submission_id = ?',
  drop: 'update reply set orphan = 0, held = null where reply_id = ? and orphan in (1, 2)',
  heldRows: `select n, reply_id, agency, received_at, held, length(opened(bytes)) as size from reply
    where orphan = 2 and n > @after order by n limit @limit`,
  inDoubt: `select 1 from submission s where s.submission_id = ? and (s.state in ('submitting', 'unclear')
    or s.state = 'queued' and exists (select 1 from attempt t where t.submission_id = s.submission_id
      and ${onceInDoubt('t')}))`,
  letGo: 'update reply set let_go_at = @letGoAt where reply_id = @replyId and orphan = 2',
  noticeOf: 'delete from notice where reply_id = ? and deliveries = 0',
}
const sql = orphansSql

/** This chapter of the ledger on SQLite; what it promises: [Orphans](../ledger/orphans.ts). */
export function createOrphans({
  db,
  commit,
  digests,
}: {
  db: Database.Database
  commit: GroupCommit
  digests: Digests
}): Pick<
  Ledger,
  'orphans' | 'reopenOrphans' | 'matchOrphan' | 'dropOrphan' | 'heldAnswers' | 'reopenHeld' | 'releaseAnswer'
> {
  const mayLearn = createMayLearn(db)
  const newest = db.prepare<[number], OrphanRow>(sql.newest)
  const keys = db.prepare<[string], { name: string; value: string }>(sql.keys)
  // From the few keys that open orphans cite outwards (cross join keeps that order), never from all replies. Not what
  // was given to a submission that has a receipt of it: a reply that speaks of several may be half an orphan.
  const known = db.prepare<[number], { reply_id: string }>(sql.known)
  const reopen = db.prepare(sql.reopen)
  const forget = db.prepare(sql.forget)
  const assign = db.prepare(sql.assign)
  const submission = db.prepare<[string], 1>(sql.submission)
  const drop = db.prepare(sql.drop)
  const heldRows = db.prepare<[{ after: number; limit: number }], HeldRow>(sql.heldRows)
  const inDoubt = db.prepare<[string], 1>(sql.inDoubt)
  const letGo = db.prepare(sql.letGo)
  const holds = (agency: string, held: HeldFor, receivedAt: number) =>
    held.doubtful?.some((one) => inDoubt.get(one)) || mayLearn(agency, held, receivedAt)
  /** Where the last look ended: many that wait for one do not keep the others from being looked at. */
  let lookedTo = 0
  const noticeOf = db.prepare(sql.noticeOf)

  return {
    orphans: async (limit) =>
      newest.all(limit).map((row) => {
        const damaged = digests.isKnown({ id: row.reply_id, piece: 'reply' })
        return orphanView(row, { keys: keys.all(row.reply_id), damaged })
      }),
    heldAnswers: async (limit) =>
      heldRows.all({ after: 0, limit }).map((row) => heldAnswerView(row, keys.all(row.reply_id))),
    async reopenHeld(limit) {
      const page = heldRows.all({ after: lookedTo, limit })
      lookedTo = page.length < limit ? 0 : page.at(-1)!.n
      const free = page.filter(
        ({ agency, held, received_at }) => !holds(agency, JSON.parse(held) as HeldFor, received_at),
      )
      if (free.length === 0) return 0
      return commit(() =>
        free.reduce((count, { reply_id }) => {
          forget.run(reply_id)
          return count + reopen.run(reply_id).changes
        }, 0),
      )
    },
    releaseAnswer: (replyId, now) =>
      commit(() => {
        if (letGo.run({ letGoAt: now.getTime(), replyId }).changes === 0) return false
        forget.run(replyId)
        return reopen.run(replyId).changes === 1
      }),
    async reopenOrphans(limit) {
      const found = known.all(limit)
      if (found.length === 0) return 0
      return commit(() =>
        found.reduce((count, { reply_id }) => {
          forget.run(reply_id)
          // A notice nobody wanted is written anew if it still is one.
          noticeOf.run(reply_id)
          return count + reopen.run(reply_id).changes
        }, 0),
      )
    },
    matchOrphan: (replyId, submissionId) =>
      commit(() => {
        if (digests.isKnown({ id: replyId, piece: 'reply' })) return false
        if (!submission.get(submissionId) || reopen.run(replyId).changes === 0) return false
        forget.run(replyId)
        noticeOf.run(replyId)
        assign.run({ submissionId, replyId })
        return true
      }),
    dropOrphan: (replyId) =>
      commit(() => {
        forget.run(replyId)
        return drop.run(replyId).changes === 1
      }),
  }
}
