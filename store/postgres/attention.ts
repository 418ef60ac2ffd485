// attention — what a person must look at: dead letters, unclear and held submissions, answers that are late; and
// letting held ones go.
import type { Ledger } from '../ledger.js'
import { toAttention, toOverdue, type AttentionRow } from '../rows/attention.js'
import type { Queries } from './statements.js'
import { putOwnReceipt } from './submission-receipts.js'
import type { GroupCommit } from './write.js'

type Row = AttentionRow & { original_id: string | null; original_reference: string | null }

const select = `select s.n, s.submission_id, s.message_id, s.partner_id, s.agency, m.operation, m.document_type,
  m.reference, s.accepted_at, s.started_at, s.expect_step, s.expect_at, a.code, a.detail,
  om.message_id as original_id, om.reference as original_reference
  from submission s join message m on m.message_id = s.message_id
  left join lateral (select code, detail from attempt t where t.submission_id = s.submission_id order by t.attempt desc
  limit 1) a on true
  left join submission o on o.n = s.original left join message om on om.message_id = o.message_id`

const asked = '(@agency::text is null or s.agency = @agency) and (@code::text is null or a.code = @code)'

/** Every statement by its name. */
export const attentionSql = {
  dead: `${select} where s.state = 'dead' and ${asked} order by s.n limit @limit`,
  unclear: `${select} where s.state = 'unclear' and ${asked} order by s.started_at, s.n limit @limit`,
  held: `${select} where s.state = 'held' and ${asked} order by s.n limit @limit`,
  overdue: `${select} where s.overdue = 1 and ${asked} order by s.expect_at, s.n limit @limit`,
  anyLate:
    'select 1 as there from submission where expect_at is not null and overdue = 0 and expect_at <= @now limit 1',
  late:
    `${select} where s.expect_at is not null and s.overdue = 0 and s.expect_at <= @now order by s.expect_at ` +
    `limit @limit`,
  mark: 'update submission set overdue = 1 where n = any(@numbers::bigint[])',
  drop: `update submission set state = 'dropped' where n = @n`,
  release: `update submission set state = @state, original = null, next_at = @now where n = @n`,
}
const sql = attentionSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Attention](../ledger/attention.ts). */
export function createAttention({
  reading,
  commit,
}: {
  reading: Queries
  commit: GroupCommit
}): Pick<Ledger, 'releaseHeld' | 'dropDead' | 'markOverdue' | 'needsAttention'> {
  return {
    releaseHeld: (submissionId, { decision, told }, now) =>
      commit(
        async (tx) => {
          const row = await tx.submission(submissionId)
          if (row?.state !== 'held') return false
          tx.changes(submissionId)
          const state = decision === 'send' ? 'queued' : 'dead'
          await tx.run(sql.release, { state, now: now.getTime(), n: row.n })
          if (told) await putOwnReceipt(tx, told, now)
          tx.refresh(row.message_id)
          return true
        },
        { submissions: [submissionId] },
      ),
    dropDead: (submissionId) =>
      commit(
        async (tx) => {
          const row = await tx.submission(submissionId)
          if (row?.state !== 'dead') return false
          tx.changes(submissionId)
          await tx.run(sql.drop, { n: row.n })
          return true
        },
        { submissions: [submissionId] },
      ),
    async markOverdue(now, limit) {
      if (!(await reading.get(sql.anyLate, { now: now.getTime() }))) return []
      return commit(async (tx) => {
        const rows = await tx.all<Row>(sql.late, { now: now.getTime(), limit })
        tx.changes()
        await tx.run(sql.mark, { numbers: rows.map(({ n }) => n) })
        return rows.map(toOverdue)
      })
    },
    needsAttention: async (kind, limit, { agency, code } = {}) =>
      (await reading.all<Row>(sql[kind], { limit, agency: agency ?? null, code: code ?? null })).map((row) =>
        toAttention(
          row,
          row.original_id === null ? undefined : { messageId: row.original_id, reference: row.original_reference! },
        ),
      ),
  }
}
