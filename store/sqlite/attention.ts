// attention — what a person must look at: dead letters, unclear and held submissions, answers that are late; and
// letting held ones go.
import type Database from 'better-sqlite3'
import type { Ledger, ReceiptEvent, AttentionView } from '../ledger.js'
import { toAttention, toOverdue, type AttentionRow } from '../rows/attention.js'
import type { GroupCommit } from './group-commit.js'
import { createMessageState } from './message-state.js'
import { atOneGo, nextTurn } from './next-turn.js'
import type { SubmissionReceipts } from './submission-receipts.js'

type Row = AttentionRow & { original: number | null }

/** A submission's place in the order they are looked at. */
interface Cursor {
  n: number
  at: number
}

const select = `select s.n, s.submission_id, s.message_id, s.partner_id, s.agency, m.operation, m.document_type,
  m.reference, s.accepted_at, s.started_at, s.expect_step, s.expect_at, s.original, a.code, a.detail
  from submission s join message m using (message_id)
  left join attempt a on a.submission_id = s.submission_id and a.attempt = (select max(attempt) from attempt
  where submission_id = s.submission_id)`

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const attentionSql = {
  one: `${select} where s.n = @n and (@agency is null or s.agency = @agency) and (@code is null or a.code = @code)`,
  late: `${select} where s.expect_at is not null and s.overdue = 0 and s.expect_at <= @now order by s.expect_at
    limit @limit`,
  original: 'select message_id, reference from submission join message using (message_id) where submission.n = ?',
  mark: 'update submission set overdue = 1 where n = ?',
  held: 'select n, message_id, state from submission where submission_id = ?',
  drop: `update submission set state = 'dropped' where n = ?`,
  release: `update submission set state = @state, original = null, next_at = @nextAt where n = @n`,
}
const sql = attentionSql

/** This chapter of the ledger on SQLite; what it promises: [Attention](../ledger/attention.ts). */
export function createAttention({
  db,
  commit,
  tell,
  submissionReceipts,
}: {
  db: Database.Database
  commit: GroupCommit
  tell: (event: ReceiptEvent) => void
  submissionReceipts: SubmissionReceipts
}): Pick<Ledger, 'releaseHeld' | 'dropDead' | 'markOverdue' | 'needsAttention'> {
  const refresh = createMessageState(db)
  /**
   * Where they stand in order, some at one go, from after a place on; each from an index that holds nothing else. By
   * time it is two questions: asked as one, SQLite walks over all of the same moment at every page, and after a restore
   * that is all that waited.
   */
  function places(where: string, at: 'n' | 'started_at' | 'expect_at'): (after: Cursor) => Cursor[] {
    const asked = (more: string, order: string) =>
      db.prepare<[Cursor & { limit: number }], Cursor>(
        `select n, ${at} as at from submission where ${where} and ${more} order by ${order} limit @limit`,
      )
    const [together, later] = [
      asked(at === 'n' ? 'n > @n' : `${at} = @at and n > @n`, 'n'),
      at === 'n' ? undefined : asked(`${at} > @at`, `${at}, n`),
    ]
    return (after) => {
      const first = together.all({ ...after, limit: atOneGo })
      return first.length === atOneGo || !later
        ? first
        : [...first, ...later.all({ ...after, limit: atOneGo - first.length })]
    }
  }
  const listed = {
    dead: places(`state = 'dead'`, 'n'),
    unclear: places(`state = 'unclear'`, 'started_at'),
    held: places(`state = 'held'`, 'n'),
    overdue: places('overdue = 1', 'expect_at'),
  }
  const one = db.prepare<[{ n: number; agency: string | null; code: string | null }], Row>(sql.one)
  const late = db.prepare<[{ now: number; limit: number }], Row>(sql.late)
  const original = db.prepare<[number], { message_id: string; reference: string }>(sql.original)
  const mark = db.prepare(sql.mark)
  const held = db.prepare<[string], { n: number; message_id: string; state: string }>(sql.held)
  const drop = db.prepare(sql.drop)
  const release = db.prepare(sql.release)

  function correctedBy(row: Row): AttentionView['original'] {
    const found = row.original === null ? undefined : original.get(row.original)
    return found && { messageId: found.message_id, reference: found.reference }
  }

  return {
    async releaseHeld(submissionId, { decision, told }, now) {
      const done = await commit(() => {
        const row = held.get(submissionId)
        if (row?.state !== 'held') return false
        release.run({ state: decision === 'send' ? 'queued' : 'dead', nextAt: now.getTime(), n: row.n })
        const event = told && submissionReceipts.putOwn(told, now)
        refresh(row.message_id)
        return { event }
      })
      if (done && done.event) tell(done.event)
      return done !== false
    },
    dropDead: (submissionId) =>
      commit(() => {
        const row = held.get(submissionId)
        if (row?.state !== 'dead') return false
        drop.run(row.n)
        return true
      }),
    async markOverdue(now, limit) {
      if (late.all({ now: now.getTime(), limit: 1 }).length === 0) return []
      return commit(() =>
        late.all({ now: now.getTime(), limit }).map((row) => {
          mark.run(row.n)
          return toOverdue(row)
        }),
      )
    },
    async needsAttention(kind, limit, { agency, code } = {}) {
      const found: AttentionView[] = []
      let page: Cursor[] = []
      do {
        if (page.length > 0) await nextTurn()
        // Those of one agency may be few among thousands of another's.
        page = listed[kind](page.at(-1) ?? { n: 0, at: 0 })
        found.push(
          ...page
            .flatMap(({ n }) => one.all({ n, agency: agency ?? null, code: code ?? null }))
            .map((row) => toAttention(row, correctedBy(row))),
        )
      } while (page.length === atOneGo && found.length < limit)
      return found.slice(0, limit)
    },
  }
}
