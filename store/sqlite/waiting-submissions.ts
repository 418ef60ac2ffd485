// waiting-submissions — what workers and the sweeper look for: submissions that are due, whose worker is gone, of which
// nobody knows, and those that come next.
import type Database from 'better-sqlite3'
import type { SubmissionState } from '../../messages/states.js'
import type { Sending } from '../ledger/sending.js'
import { createPageEnds } from '../rows/page-ends.js'
import { submissionRef as view, type SubmissionRefRow } from '../rows/submission.js'

interface Row extends SubmissionRefRow {
  n: number
  order_key: string | null
  started_at: number | null
  next_at: number
}

/** A submission and its place in the order of what is due. */
type Due = Pick<Row, 'n' | 'next_at' | 'submission_id' | 'agency' | 'partner_id'>

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const waitingSubmissionsSql = {
  get: `select n, submission_id, agency, partner_id, order_key, started_at, next_at from submission
    where submission_id = ?`,
  behind: `select submission_id, agency, partner_id, state from submission where partner_id = @partnerId
    and agency = @agency
    and order_key = @orderKey and state in ('queued', 'submitting', 'unclear') and n > @n order by n limit 1`,
  waitsFor: `select submission_id, agency, partner_id, state from submission where original = ? and state = 'queued'
    order by n limit 1`,
  due: `select n, next_at, submission_id, agency, partner_id from submission where state = 'queued' and next_at <= @now
    order by next_at, n limit @limit`,
  dueWith: `select n, next_at, submission_id, agency, partner_id from submission where state = 'queued'
    and next_at = @nextAt
    and n > @after order by n limit @limit`,
  dueLater: `select n, next_at, submission_id, agency, partner_id from submission where state = 'queued'
    and next_at > @from
    and next_at <= @to order by next_at, n limit @limit`,
  interrupted: `select submission_id, agency, partner_id from submission where state = 'submitting'
    and started_at <= @startedBy
    and agency in (select a.value from json_each(@agencies) a) order by started_at, n limit @limit`,
  unclear: `select submission_id, agency, partner_id from submission where state = 'unclear'
    order by started_at, n limit ?`,
  unclearWith: `select submission_id, agency, partner_id from submission where state = 'unclear'
    and started_at = @startedAt
    and n > @after order by n limit @limit`,
  unclearLater: `select submission_id, agency, partner_id from submission where state = 'unclear'
    and started_at > @after
    order by started_at, n limit @limit`,
  unanswered: `select submission_id, agency, partner_id from submission where submission_id > @after
    and submission_id < @before
    and state = 'submitted' and ifnull(status, '') not in ('approved', 'rejected', 'failed')
    order by submission_id limit @limit`,
}
const sql = waitingSubmissionsSql

/** What is due of the ledger on SQLite; what it promises: [Sending](../ledger/sending.ts). */
export function createWaitingSubmissions({
  db,
}: {
  db: Database.Database
}): Pick<Sending, 'dueSubmissions' | 'interruptedSubmissions' | 'unclearSubmissions' | 'unanswered' | 'nextBehind'> {
  const get = db.prepare<[string], Row>(sql.get)
  const behind = db.prepare<
    [{ partnerId: string; agency: string; orderKey: string; n: number }],
    SubmissionRefRow & { state: SubmissionState }
  >(sql.behind)
  const waitsFor = db.prepare<[number], SubmissionRefRow>(sql.waitsFor)
  const due = db.prepare<[{ now: number; limit: number }], Due>(sql.due)
  // Two questions: asked as one, `(next_at, n) > (?, ?)`, SQLite looks by the time alone and walks over all that fell
  // due with it.
  const dueWith = db.prepare<[{ nextAt: number; after: number; limit: number }], Due>(sql.dueWith)
  const dueLater = db.prepare<[{ from: number; to: number; limit: number }], Due>(sql.dueLater)
  const interrupted = db.prepare<[{ startedBy: number; agencies: string; limit: number }], SubmissionRefRow>(
    sql.interrupted,
  )
  const unclear = db.prepare<[number], SubmissionRefRow>(sql.unclear)
  const unclearWith = db.prepare<[{ startedAt: number; after: number; limit: number }], SubmissionRefRow>(
    sql.unclearWith,
  )
  const unclearLater = db.prepare<[{ after: number; limit: number }], SubmissionRefRow>(sql.unclearLater)
  const unanswered = db.prepare<[{ after: string; before: string; limit: number }], SubmissionRefRow>(sql.unanswered)

  const pageEnds = createPageEnds<Due>()
  function dueSubmissions(dueBy: Date, limit: number, after?: string): Due[] {
    const from = after === undefined ? undefined : (pageEnds.of(after) ?? get.get(after))
    const page = from ? dueBehind(from, dueBy, limit) : due.all({ now: dueBy.getTime(), limit })
    const last = page.at(-1)
    if (last) pageEnds.note(last.submission_id, last)
    return page
  }

  function dueBehind(from: Pick<Due, 'next_at' | 'n'>, dueBy: Date, limit: number): Due[] {
    if (from.next_at > dueBy.getTime()) return []
    const together = dueWith.all({ nextAt: from.next_at, after: from.n, limit })
    return together.length === limit
      ? together
      : [...together, ...dueLater.all({ from: from.next_at, to: dueBy.getTime(), limit: limit - together.length })]
  }

  /** One that is sent again meanwhile ends the page early: the next walk begins from the start. */
  function unclearSubmissions(limit: number, after?: string): SubmissionRefRow[] {
    const from = after === undefined ? undefined : get.get(after)
    if (!from || from.started_at === null) return unclear.all(limit)
    const together = unclearWith.all({ startedAt: from.started_at, after: from.n, limit })
    return together.length === limit
      ? together
      : [...together, ...unclearLater.all({ after: from.started_at, limit: limit - together.length })]
  }

  return {
    dueSubmissions: async (dueBy, limit, after) => dueSubmissions(dueBy, limit, after).map(view),
    interruptedSubmissions: async (startedBefore, limit, agencies) =>
      interrupted.all({ startedBy: startedBefore.getTime(), agencies: JSON.stringify(agencies), limit }).map(view),
    unclearSubmissions: async (limit, after) => unclearSubmissions(limit, after).map(view),
    unanswered: async (after, before, limit) => unanswered.all({ after, before, limit }).map(view),
    async nextBehind(submissionId) {
      const row = get.get(submissionId)
      const change = row && waitsFor.get(row.n)
      if (change) return view(change)
      const next =
        row && row.order_key !== null
          ? behind.get({ partnerId: row.partner_id, agency: row.agency, orderKey: row.order_key, n: row.n })
          : undefined
      // One under way already, or unclear, is nobody's turn: offering it would take it from the worker that has it.
      return next?.state === 'queued' ? view(next) : undefined
    },
  }
}
