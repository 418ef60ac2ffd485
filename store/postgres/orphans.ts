// orphans — agencies' answers that spoke of no submission: found again once a submission knows what they cite, or
// matched by a person. A reply is settled again as a whole; who has a receipt of it already gets no second one.
import type { HeldFor, Ledger } from '../ledger.js'
import { heldAnswerView, orphanView, type HeldRow, type OrphanRow } from '../rows/reply.js'
import { onceInDoubt } from '../rules/tries.js'
import type { Digests } from './digests.js'
import { mayLearn } from './owners.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** Every statement by its name. */
export const orphansSql = {
  newest: `select r.reply_id, r.agency, r.media_type, r.size, r.received_at, b.bytes as head, r.submission_id
    from reply r left join reply_bytes b on b.reply_id = r.reply_id where r.orphan = 1 order by r.received_at desc
    limit @limit`,
  keys: `select reply_id, name, value from orphan_key where reply_id = any(@ids::text[])
    order by reply_id, name, value`,
  // Not what was given to a submission that has a receipt of it: a reply that speaks of several may be half an orphan.
  known: `select distinct k.reply_id from orphan_key k join reply r on r.reply_id = k.reply_id
    join correlation c on c.agency = r.agency and c.name = k.name and c.value = k.value
    join submission s on s.n = c.submission_n
    where r.orphan in (1, 2) and s.state <> 'queued' and not exists (select 1 from receipt x
    where x.reply_id = k.reply_id and x.submission_id = s.submission_id) limit @limit`,
  reopen: 'update reply set settled_at = null, orphan = 0, held = null where reply_id = @replyId and orphan in (1, 2)',
  forget: 'delete from orphan_key where reply_id = @replyId',
  assign: 'update reply set submission_id = @submissionId where reply_id = @replyId',
  submission: 'select 1 as there from submission where submission_id = @submissionId',
  drop: 'update reply set orphan = 0, held = null where reply_id = @replyId and orphan in (1, 2)',
  held: `select n, reply_id, agency, received_at, held, size from reply where orphan = 2 and n > @after order by n
    limit @limit`,
  inDoubt: `select 1 as there from submission s where s.submission_id = any(@ids::text[])
    and (s.state in ('submitting', 'unclear') or s.state = 'queued' and exists (select 1 from attempt t
      where t.submission_id = s.submission_id and ${onceInDoubt('t')})) limit 1`,
  letGo: 'update reply set let_go_at = @now where reply_id = @replyId and orphan = 2',
  noticeOf: 'delete from notice where reply_id = @replyId and deliveries = 0',
}
const sql = orphansSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Orphans](../ledger/orphans.ts). */
export function createOrphans({
  reading,
  commit,
  digests,
}: {
  reading: Queries
  commit: GroupCommit
  digests: Digests
}): Pick<
  Ledger,
  'orphans' | 'reopenOrphans' | 'matchOrphan' | 'dropOrphan' | 'heldAnswers' | 'reopenHeld' | 'releaseAnswer'
> {
  /** Where the last look ended: many that wait for one do not keep the others from being looked at. */
  let lookedTo = 0

  /** What each of them cites. */
  async function keysOf(ids: readonly string[]) {
    const found = new Map<string, { name: string; value: string }[]>()
    for (const { reply_id, name, value } of await reading.all<{ reply_id: string; name: string; value: string }>(
      sql.keys,
      { ids },
    ))
      found.set(reply_id, [...(found.get(reply_id) ?? []), { name, value }])
    return (id: string) => found.get(id) ?? []
  }

  async function holds(row: HeldRow): Promise<boolean> {
    const held = JSON.parse(row.held) as HeldFor
    const { doubtful: ids = [] } = held
    if (ids.length > 0 && (await reading.get(sql.inDoubt, { ids }))) return true
    return mayLearn(reading, { agency: row.agency, held, before: row.received_at })
  }

  return {
    async orphans(limit) {
      const rows = await reading.all<OrphanRow>(sql.newest, { limit })
      const keys = await keysOf(rows.map((r) => r.reply_id))
      return rows.map((row) => {
        const damaged = digests.isKnown({ id: row.reply_id, piece: 'reply' })
        return orphanView(row, { keys: keys(row.reply_id), damaged })
      })
    },
    async heldAnswers(limit) {
      const rows = await reading.all<HeldRow>(sql.held, { after: 0, limit })
      const keys = await keysOf(rows.map((r) => r.reply_id))
      return rows.map((row) => heldAnswerView(row, keys(row.reply_id)))
    },
    async reopenHeld(limit) {
      const page = await reading.all<HeldRow>(sql.held, { after: lookedTo, limit })
      lookedTo = page.length < limit ? 0 : page.at(-1)!.n
      const free: string[] = []
      for (const row of page) if (!(await holds(row))) free.push(row.reply_id)
      if (free.length === 0) return 0
      return commit(async (tx) => {
        let count = 0
        for (const replyId of free) {
          await tx.run(sql.forget, { replyId })
          count += await tx.run(sql.reopen, { replyId })
        }
        return count
      })
    },
    releaseAnswer: (replyId, now) =>
      commit(async (tx) => {
        if ((await tx.run(sql.letGo, { now: now.getTime(), replyId })) === 0) return false
        await tx.run(sql.forget, { replyId })
        return (await tx.run(sql.reopen, { replyId })) === 1
      }),
    async reopenOrphans(limit) {
      const found = await reading.all<{ reply_id: string }>(sql.known, { limit })
      if (found.length === 0) return 0
      return commit(async (tx) => {
        let count = 0
        for (const { reply_id: replyId } of found) {
          await tx.run(sql.forget, { replyId })
          // A notice nobody wanted is written anew if it still is one.
          await tx.run(sql.noticeOf, { replyId })
          count += await tx.run(sql.reopen, { replyId })
        }
        return count
      })
    },
    matchOrphan: (replyId, submissionId) =>
      commit(async (tx) => {
        if (digests.isKnown({ id: replyId, piece: 'reply' })) return false
        if (!(await tx.get(sql.submission, { submissionId })) || (await tx.run(sql.reopen, { replyId })) === 0)
          return false
        await tx.run(sql.forget, { replyId })
        await tx.run(sql.noticeOf, { replyId })
        await tx.run(sql.assign, { submissionId, replyId })
        return true
      }),
    dropOrphan: (replyId) =>
      commit(async (tx) => {
        await tx.run(sql.forget, { replyId })
        return (await tx.run(sql.drop, { replyId })) === 1
      }),
  }
}
