// sending — claims and their ends: who may send what, exactly one at a time, and what became of it.
import type Database from 'better-sqlite3'
import { HubError } from '../../messages/errors.js'
import type { ReceiptStatus, SubmissionState } from '../../messages/states.js'
import { newTryId } from '../../messages/try-id.js'
import type {
  AttemptEnd,
  AttemptRef,
  ClaimOutcome,
  EarlierTries,
  HubReceipt,
  ReceiptEvent,
  UnclearDecision,
} from '../ledger.js'
import type { ClaimAbout, Sending } from '../ledger/sending.js'
import type { Keeping } from '../payloads/payloads.js'
import { attemptEnd, resolved, type SubmissionChange } from '../rules/attempt-end.js'
import { claim as mayBeSent, notClaimed, type ClaimDecision } from '../rules/claim.js'
import { inDoubt, mayHaveArrived } from '../rules/tries.js'
import type { GroupCommit } from './group-commit.js'
import type { Digests } from './digests.js'
import { sha256 } from '../sums.js'
import { createLearntNumbers } from './learnt-numbers.js'
import { createSaidInDoubt } from './said-in-doubt.js'
import { createMessageState } from './message-state.js'
import { createSentWork } from './sent-work.js'
import type { SubmissionReceipts } from './submission-receipts.js'

interface Row {
  n: number
  submission_id: string
  message_id: string
  partner_id: string
  agency: string
  order_key: string | null
  state: SubmissionState
  attempts: number
  fence: string | null
  accepted_at: number
  started_at: number | null
  next_at: number
  original: number | null
}

/** What a write has put in for a partner. */
interface AddedReceipt {
  event: ReceiptEvent | undefined
}

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const sendingSql = {
  get: 'select * from submission where submission_id = ?',
  ahead: `select submission_id from submission where partner_id = @partner_id and agency = @agency
    and order_key = @order_key and state in ('queued', 'submitting', 'unclear') and n < @n
    and ifnull(original, 0) < max(@n, ifnull(@original, 0) + 1) order by n limit 1`,
  byNumber: 'select s.*, m.reference from submission s join message m using (message_id) where s.n = ?',
  hold: `update submission set state = 'held' where n = ?`,
  begin: `update submission set state = 'submitting', fence = @fence, attempts = attempts + 1, started_at = @startedAt
    where n = @n`,
  renew: `update submission set started_at = @startedAt where submission_id = @submissionId and state = 'submitting'
    and fence = @fence`,
  takeOver: 'update submission set fence = @fence where n = @n',
  attemptRow:
    'insert into attempt (submission_id, attempt, fence, started_at) values (@submissionId, @attempt, @fence, @now)',
  attemptEnded: `update attempt set ended_at = @now, outcome = @outcome, code = @code, detail = @detail
    where submission_id = @submissionId and attempt = @attempt`,
  decided: `update attempt set outcome = @outcome, detail = case when ifnull(detail, '') = '' then @why
    else detail || '; ' || @why end
    where submission_id = @submissionId and attempt = @attempt`,
  lastAttempt:
    'select attempt, fence, outcome, code from attempt where submission_id = ? order by attempt desc limit 1',
  reached: `select 1 from attempt t where t.submission_id = ? and ${mayHaveArrived('t')} limit 1`,
  inDoubt: `select 1 from attempt t where t.submission_id = ? and ${inDoubt('t')} limit 1`,
  changed: `update submission set state = @state, next_at = @nextAt, fence = @fence,
    agency_reference = ifnull(@agencyReference, agency_reference), status = iif(@keepsStatus = 1, status, @status),
    expect_step = @step, expect_at = @by, overdue = 0 where n = @n`,
  sentFormRow: 'insert into sent_form (submission_id, bytes) values (@submissionId, @bytes) on conflict do nothing',
  superseded: 'select 1 from superseded where message_id = ?',
  heldBy: `select message_id from submission where original = ? and state = 'held'`,
  unhold: `update submission set state = 'queued' where original = ? and state = 'held'`,
  requeue: `update submission set state = 'queued', next_at = @nextAt, attempts = 0, status = null where n = @n`,
}
const sql = sendingSql

/** This chapter of the ledger on SQLite; what it promises: [Sending](../ledger/sending.ts). */
export function createSending({
  db,
  commit,
  tell,
  digests,
  keeping,
  submissionReceipts,
}: {
  db: Database.Database
  commit: GroupCommit
  tell: (event: ReceiptEvent) => void
  submissionReceipts: SubmissionReceipts
  digests: Digests
  keeping: Keeping
}): Pick<Sending, 'claim' | 'endAttempt' | 'renewAttempt' | 'keepSentForm' | 'holdBack' | 'resolveUnclear' | 'replay'> {
  const refresh = createMessageState(db)
  const saidInDoubt = createSaidInDoubt(db)
  const work = createSentWork({ db, digests, keeping })
  const get = db.prepare<[string], Row>(sql.get)
  const ahead = db.prepare<
    [Pick<Row, 'partner_id' | 'agency' | 'order_key' | 'n' | 'original'>],
    { submission_id: string }
    // A change that waits for a later original (a corrected one) does not keep that one waiting; it does keep the
    // changes behind it waiting, which wait for the same.
  >(sql.ahead)
  const byNumber = db.prepare<[number], Row & { status: ReceiptStatus | null; reference: string }>(sql.byNumber)
  const hold = db.prepare(sql.hold)
  const begin = db.prepare(sql.begin)
  const renew = db.prepare(sql.renew)
  const takeOver = db.prepare(sql.takeOver)
  const attemptRow = db.prepare(sql.attemptRow)
  const attemptEnded = db.prepare(sql.attemptEnded)
  const decided = db.prepare(sql.decided)
  const lastAttempt = db.prepare<
    [string],
    { attempt: number; fence: string; outcome: string | null; code: string | null }
  >(sql.lastAttempt)
  // Every try that ended otherwise than surely not sent; those before a restored copy was made are unknown, and so
  // among them.
  const reached = db.prepare<[string], 1>(sql.reached)
  const doubted = db.prepare<[string], 1>(sql.inDoubt)
  const learn = createLearntNumbers(db)
  const changed = db.prepare(sql.changed)
  const sentFormRow = db.prepare(sql.sentFormRow)
  const superseded = db.prepare<[string], 1>(sql.superseded)
  const heldBy = db.prepare<[number], { message_id: string }>(sql.heldBy)
  const unhold = db.prepare(sql.unhold)
  const requeue = db.prepare(sql.requeue)

  function decisionOf(row: Row, now: Date, abandonedBefore?: Date): ClaimDecision {
    const { submission_id: submissionId } = row
    return mayBeSent({
      state: row.state,
      nextAt: row.next_at,
      now: now.getTime(),
      startedAt: row.started_at,
      abandonedBefore: abandonedBefore?.getTime(),
      lastCode: () => lastAttempt.get(submissionId)?.code,
      ahead: () => (row.order_key === null ? undefined : ahead.get(row)?.submission_id),
      original: () => (row.original === null ? undefined : originalOf(row.original)),
      inDoubt: () => doubted.get(submissionId) !== undefined,
    })
  }

  function claim(submissionId: string, { now, abandonedBefore, place }: { now: Date } & ClaimAbout): ClaimOutcome {
    const row = get.get(submissionId)
    if (!row) return { outcome: 'done', state: 'unknown' }
    const decision = decisionOf(row, now, abandonedBefore)
    switch (decision.outcome) {
      case 'claimed':
        return begun(row, { now, place })
      case 'interrupted': {
        // A new fence, so that only one worker deals with the interruption; the old worker may still say `submitted`.
        const fence = newTryId()
        takeOver.run({ fence, n: row.n })
        const attemptId = lastAttempt.get(submissionId)!.fence
        const startedAt = new Date(row.started_at!)
        return { outcome: 'interrupted', work: work.of(row, row.attempts), fence, attemptId, startedAt }
      }
      case 'held':
        return { outcome: 'held', work: work.of(row, row.attempts), original: decision.original }
      case 'later':
      case 'behind':
      case 'done':
        return notClaimed(decision, row, row.state === 'unclear' ? lastAttempt.get(submissionId)?.fence : undefined)
      default:
        return decision satisfies never
    }
  }

  function originalOf(n: number) {
    const row = byNumber.get(n)
    return row && { submissionId: row.submission_id, reference: row.reference, state: row.state, status: row.status }
  }

  function begun(row: Row, { now, place }: { now: Date; place: string | undefined }): ClaimOutcome {
    const earlier: EarlierTries = {}
    if (reached.get(row.submission_id)) earlier.mayHaveArrived = true
    if (earlier.mayHaveArrived && doubted.get(row.submission_id)) earlier.inDoubt = true
    const fence = newTryId(place)
    begin.run({ fence, startedAt: now.getTime(), n: row.n })
    attemptRow.run({
      submissionId: row.submission_id,
      // Attempt rows are never overwritten: after a replay their numbers go on, although the policy counts from one
      // again.
      attempt: (lastAttempt.get(row.submission_id)?.attempt ?? 0) + 1,
      fence,
      now: now.getTime(),
    })
    return { outcome: 'claimed', work: { ...work.of(row, row.attempts + 1), ...earlier }, fence }
  }

  function endAttempt(
    { submissionId, fence }: AttemptRef,
    { end: result, now }: { end: AttemptEnd; now: Date },
  ): AddedReceipt | false {
    const row = get.get(submissionId)
    const last = row && lastAttempt.get(submissionId)
    if (!row || !last) return false
    const facts = { state: row.state, fence: row.fence, last, by: fence, saidInDoubt: () => saidInDoubt(row) }
    const change = attemptEnd(facts, result, now.getTime())
    if (!change) return false
    attemptEnded.run({
      submissionId,
      attempt: last.attempt,
      now: now.getTime(),
      outcome: result.outcome,
      code: 'code' in result ? result.code : null,
      detail: 'detail' in result ? result.detail.slice(0, 500) : null,
    })
    apply(row, change)
    if (result.outcome === 'submitted') learn(row, result.learn ?? [])
    const event = result.told && submissionReceipts.putOwn(result.told, now)
    refresh(row.message_id)
    return { event }
  }

  function apply({ n }: Row, { state, nextAt, fence, status, agencyReference, awaited }: SubmissionChange): void {
    changed.run({
      n,
      state,
      nextAt,
      fence,
      keepsStatus: status === undefined ? 1 : 0,
      status: status ?? null,
      agencyReference: agencyReference ?? null,
      step: awaited?.step ?? null,
      by: awaited?.by ?? null,
    })
  }

  function holdBack(submissionId: string, told: HubReceipt, now: Date): AddedReceipt | false {
    const row = get.get(submissionId)
    if (!row || decisionOf(row, now).outcome !== 'held') return false
    hold.run(row.n)
    const event = submissionReceipts.putOwn(told, now)
    refresh(row.message_id)
    return { event }
  }

  function resolveUnclear(
    submissionId: string,
    { resolution, now }: { resolution: UnclearDecision; now: Date },
  ): AddedReceipt | false {
    const row = get.get(submissionId)
    const last = lastAttempt.get(submissionId)
    const facts = row && { state: row.state, fence: row.fence, last, saidInDoubt: () => saidInDoubt(row) }
    const change = facts && resolved(facts, resolution, now.getTime())
    if (!change) return false
    // The attempt's own end stays readable: when, which code, and then what was decided.
    decided.run({
      submissionId,
      attempt: last!.attempt,
      outcome: `resolved: ${resolution.decision}`,
      why: resolution.why.slice(0, 500),
    })
    apply(row, change)
    const event = resolution.told && submissionReceipts.putOwn(resolution.told, now)
    refresh(row.message_id)
    return { event }
  }

  /** Who listens hears of a receipt after the commit. */
  async function telling(write: () => AddedReceipt | false): Promise<boolean> {
    const done = await commit(write)
    if (done && done.event) tell(done.event)
    return done !== false
  }

  return {
    // Outside of the transaction: unpacking and hashing a large message hold up nobody's write.
    async claim(submissionId, now, about) {
      const unpack = await work.fetchAhead(submissionId)
      const packed = await commit(() => claim(submissionId, { now, ...about }))
      const claimed = await work.unpacked(packed, unpack).catch((error: unknown) => {
        if (packed.outcome !== 'claimed' || error instanceof HubError) throw error
        digests.unreadable(packed.work.messageId, error)
        return { ...packed, work: { ...packed.work, damaged: true as const } }
      })
      return claimed.outcome === 'claimed' && !claimed.work.damaged && !(await work.isWhole(claimed.work))
        ? { ...claimed, work: { ...claimed.work, damaged: true } }
        : claimed
    },
    endAttempt: (attempt, end, now) => telling(() => endAttempt(attempt, { end, now })),
    renewAttempt: ({ submissionId, fence }, now) =>
      commit(() => renew.run({ startedAt: now.getTime(), submissionId, fence }).changes > 0),
    keepSentForm({ submissionId, fence }, bytes) {
      const sum = sha256(bytes)
      return commit(() => {
        if (get.get(submissionId)?.fence !== fence) return false
        sentFormRow.run({ submissionId, bytes })
        digests.noteSent(submissionId, sum)
        return true
      }, bytes.length)
    },
    holdBack: (submissionId, told, now) => telling(() => holdBack(submissionId, told, now)),
    resolveUnclear: (submissionId, resolution, now) => telling(() => resolveUnclear(submissionId, { resolution, now })),
    replay: (submissionId, now) =>
      commit(() => {
        const row = get.get(submissionId)
        // What a correction has replaced is not sent any more: the agency would get both (promise 3).
        if (row?.state !== 'dead' || superseded.get(row.message_id)) return false
        requeue.run({ nextAt: now.getTime(), n: row.n })
        // What changes it waits for it again.
        for (const { message_id } of heldBy.all(row.n)) {
          unhold.run(row.n)
          refresh(message_id)
        }
        refresh(row.message_id)
        return true
      }),
  }
}
