// waiting-submissions — what workers and the sweeper look for: submissions that are due, whose worker is gone, of which
// nobody knows, and those that come next.
import type { SubmissionState } from '../../messages/states.js'
import type { Sending } from '../ledger/sending.js'
import { createPageEnds } from '../rows/page-ends.js'
import { submissionRef as view, type SubmissionRefRow } from '../rows/submission.js'
import { serverAhead } from './server-time.js'
import type { Queries } from './statements.js'
import { together } from './together.js'

/** A submission and its place in the order of what is due. */
interface Due extends SubmissionRefRow {
  n: number
  next_at: number
}

/** What comes next after the `i`th of those asked for, from 1. */
interface Next extends SubmissionRefRow {
  i: number
  state: SubmissionState
}

/** Every statement by its name. */
export const waitingSubmissionsSql = {
  get: `select n, next_at, submission_id, agency, partner_id, started_at from submission
    where submission_id = @submissionId`,
  due: `select n, next_at, submission_id, agency, partner_id from submission where state = 'queued'
    and next_at <= @dueBy
    order by next_at, n limit @limit`,
  dueBehind: `select n, next_at, submission_id, agency, partner_id from submission where state = 'queued'
    and (next_at, n) > (@nextAt, @n) and next_at <= @dueBy order by next_at, n limit @limit`,
  interrupted: `select submission_id, agency, partner_id from submission where state = 'submitting'
    and started_at <= @before::bigint + ${serverAhead} and agency = any(@agencies::text[])
    order by started_at, n limit @limit`,
  unclear: `select submission_id, agency, partner_id from submission where state = 'unclear'
    order by started_at, n limit @limit`,
  unclearBehind: `select submission_id, agency, partner_id from submission where state = 'unclear'
    and (started_at, n) > (@startedAt, @n) order by started_at, n limit @limit`,
  unanswered: `select submission_id, agency, partner_id from submission where submission_id > @after
    and submission_id < @before
    and state = 'submitted' and coalesce(status, '') not in ('approved', 'rejected', 'failed')
    order by submission_id limit @limit`,
  // First what waits for this one as its original, then what is behind it in the order of its document.
  next: `select a.i, w.submission_id, w.agency, w.partner_id, w.state
    from unnest(@submissionIds::text[]) with ordinality as a (submission_id, i)
    join submission s on s.submission_id = a.submission_id cross join lateral (
      (select c.submission_id, c.agency, c.partner_id, c.state, 0 as place from submission c
        where c.original = s.n and c.state = 'queued' order by c.n limit 1)
      union all
      (select b.submission_id, b.agency, b.partner_id, b.state, 1 as place from submission b
        where b.partner_id = s.partner_id and b.agency = s.agency and b.order_key = s.order_key
          and b.state in ('queued', 'submitting', 'unclear') and b.n > s.n order by b.n limit 1)
      order by place limit 1
    ) w`,
}
const sql = waitingSubmissionsSql

/** What is due of the ledger on PostgreSQL; what it promises: [Sending](../ledger/sending.ts). */
export function createWaitingSubmissions({
  reading,
  lookUps,
}: {
  reading: Queries
  lookUps: Queries
}): Pick<Sending, 'dueSubmissions' | 'interruptedSubmissions' | 'unclearSubmissions' | 'unanswered' | 'nextBehind'> {
  const placeOf = (submissionId: string) => reading.get<Due & { started_at: number | null }>(sql.get, { submissionId })

  const pageEnds = createPageEnds<Due>()
  async function dueSubmissions(dueBy: Date, limit: number, after?: string): Promise<Due[]> {
    const from = after === undefined ? undefined : (pageEnds.of(after) ?? (await placeOf(after)))
    const asked = { dueBy: dueBy.getTime(), limit }
    const page = from
      ? await reading.all<Due>(sql.dueBehind, { ...asked, nextAt: from.next_at, n: from.n })
      : await reading.all<Due>(sql.due, asked)
    const last = page.at(-1)
    if (last) pageEnds.note(last.submission_id, last)
    return page
  }

  /** One that is sent again meanwhile ends the page early: the next walk begins from the start. */
  async function unclearSubmissions(limit: number, after?: string): Promise<SubmissionRefRow[]> {
    const from = after === undefined ? undefined : await placeOf(after)
    return !from || from.started_at === null
      ? reading.all<SubmissionRefRow>(sql.unclear, { limit })
      : reading.all<SubmissionRefRow>(sql.unclearBehind, { startedAt: from.started_at, n: from.n, limit })
  }

  const standsBehind = together(async (submissionIds: readonly string[]) => {
    const next = new Map((await lookUps.all<Next>(sql.next, { submissionIds })).map((row) => [row.i, row]))
    return submissionIds.map((_, i) => next.get(i + 1))
  })

  return {
    dueSubmissions: async (dueBy, limit, after) => (await dueSubmissions(dueBy, limit, after)).map(view),
    async interruptedSubmissions(startedBefore, limit, agencies) {
      const before = startedBefore.getTime()
      return (await reading.all<SubmissionRefRow>(sql.interrupted, { before, clock: Date.now(), agencies, limit })).map(
        view,
      )
    },
    unclearSubmissions: async (limit, after) => (await unclearSubmissions(limit, after)).map(view),
    unanswered: async (after, before, limit) =>
      (await reading.all<SubmissionRefRow>(sql.unanswered, { after, before, limit })).map(view),
    async nextBehind(submissionId) {
      const next = await standsBehind(submissionId)
      // One under way already, or unclear, is nobody's turn: offering it would take it from the worker that has it.
      return next?.state === 'queued' ? view(next) : undefined
    },
  }
}
