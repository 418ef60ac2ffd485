// sending — claims and their ends: who may send what, exactly one at a time over all hubs, and what became of it.
import type { ReceiptStatus, SubmissionState } from '../../messages/states.js'
import { newTryId } from '../../messages/try-id.js'
import type { AttemptEnd, AttemptRef, HubReceipt, UnclearDecision } from '../ledger.js'
import type { Sending } from '../ledger/sending.js'
import { inDoubt } from '../rules/tries.js'
import type { Keeping } from '../payloads/payloads.js'
import { attemptEnd, resolved, type SubmissionChange } from '../rules/attempt-end.js'
import { claim as mayBeSent, notClaimed, type ClaimDecision } from '../rules/claim.js'
import type { Digests } from './digests.js'
import { sha256, type Sums } from '../sums.js'
import { serverAhead } from './server-time.js'
import { learn } from './learnt-numbers.js'
import { saidInDoubt } from './said-in-doubt.js'
import { createSentWork, type BegunClaim } from './sent-work.js'
import type { Queries } from './statements.js'
import { patiently } from './patiently.js'
import { putOwnReceipt } from './submission-receipts.js'
import { mayBeWritten, type GroupCommit } from './write.js'
import type { KnownSubmission } from './write/known-rows.js'
import type { Write } from './write/transaction.js'

/** Every statement by its name. */
export const sendingSql = {
  byNumber: `select s.submission_id, s.state, s.status, m.reference from submission s
    join message m on m.message_id = s.message_id where s.n = @n`,
  hold: `update submission set state = 'held' where n = @n`,
  begin: `update submission s set state = 'submitting', fence = a.fence, attempts = s.attempts + 1, started_at = a.now
    from unnest(@n::bigint[], @fence::text[], @now::bigint[]) as a (n, fence, now) where s.n = a.n`,
  renew: `update submission set started_at = @now::bigint + ${serverAhead}
    where submission_id = @submissionId and state = 'submitting' and fence = @fence`,
  takeOver: 'update submission set fence = @fence where n = @n',
  attemptEnded: `update attempt t set ended_at = a.now, outcome = a.outcome, code = a.code, detail = a.detail
    from unnest(@submissionId::text[], @attempt::integer[], @now::bigint[], @outcome::text[], @code::text[],
    @detail::text[]) as a (submission_id, attempt, now, outcome, code, detail)
    where t.submission_id = a.submission_id and t.attempt = a.attempt`,
  decided: `update attempt set outcome = @outcome, detail = case when coalesce(detail, '') = '' then @why
    else detail || '; ' || @why end
    where submission_id = @submissionId and attempt = @attempt`,
  sentForm: 'insert into sent_form (submission_id, bytes) values (@submissionId, @bytes) on conflict do nothing',
  sentSums: 'insert into digest (id, sums) values (@submissionId, @sums) on conflict do nothing',
  superseded: 'select 1 as there from superseded where message_id = @messageId limit 1',
  inDoubt: `select 1 as there from attempt t where t.submission_id = @submissionId and ${inDoubt('t')} limit 1`,
  heldBy: `select message_id from submission where original = @n and state = 'held'`,
  unhold: `update submission set state = 'queued' where original = @n and state = 'held'`,
  requeue: `update submission set state = 'queued', next_at = @now, attempts = 0, status = null where n = @n`,
}
const sql = sendingSql

type Claimed = Extract<BegunClaim, { outcome: 'claimed' }>

/** This chapter of the ledger on PostgreSQL; what it promises: [Sending](../ledger/sending.ts). */
export function createSending({
  reading,
  commit,
  digests,
  keeping,
}: {
  reading: Queries
  commit: GroupCommit
  digests: Digests
  keeping: Keeping
}): Pick<Sending, 'claim' | 'endAttempt' | 'renewAttempt' | 'keepSentForm' | 'holdBack' | 'resolveUnclear' | 'replay'> {
  const work = createSentWork({ reading, digests, keeping })

  async function decisionOf(
    tx: Write,
    row: KnownSubmission,
    { now, abandonedBefore }: { now: Date; abandonedBefore?: Date | undefined },
  ): Promise<ClaimDecision> {
    const { submission_id: submissionId } = row
    const waits = row.state === 'queued' && row.next_at <= now.getTime()
    const ahead = waits ? await tx.ahead(row) : undefined
    const original = waits && !ahead && row.original !== null ? await originalOf(tx, row.original) : undefined
    const doubted = original !== undefined && row.reached && (await tx.get(sql.inDoubt, { submissionId })) !== undefined
    return mayBeSent({
      state: row.state,
      nextAt: row.next_at,
      now: now.getTime(),
      startedAt: row.started_at,
      abandonedBefore: abandonedBefore && abandonedBefore.getTime() + row.aheadMs,
      lastCode: () => row.last_code,
      ahead: () => ahead,
      original: () => original,
      inDoubt: () => doubted,
    })
  }

  async function claim(
    tx: Write,
    submissionId: string,
    { now, abandonedBefore, fence }: { now: Date; abandonedBefore: Date | undefined; fence: string },
  ): Promise<BegunClaim> {
    const row = await tx.submission(submissionId)
    if (!row) return { outcome: 'done', state: 'unknown' }
    // Claimed by this very call, which did not hear of it.
    if (row.state === 'submitting' && row.fence === fence && row.last_fence === fence)
      return { ...(await claimedBy(tx, row)), attempt: row.attempts, fence }
    const decision = await decisionOf(tx, row, { now, abandonedBefore })
    switch (decision.outcome) {
      case 'claimed':
        return begun(tx, row, { now, fence })
      case 'interrupted': {
        // A new fence, so that only one worker deals with the interruption; the old worker may still say `submitted`.
        const taking = newTryId()
        tx.changes(submissionId)
        await tx.run(sql.takeOver, { fence: taking, n: row.n })
        const startedAt = new Date(row.started_at! - row.aheadMs)
        const attemptId = row.last_fence!
        return { outcome: 'interrupted', row, attempt: row.attempts, fence: taking, attemptId, startedAt }
      }
      case 'held':
        return { outcome: 'held', row, attempt: row.attempts, original: decision.original }
      case 'later':
      case 'behind':
      case 'done':
        // When it came to be in doubt is by the server's clock too.
        return notClaimed(decision, { ...row, next_at: row.next_at - row.aheadMs }, row.last_fence ?? undefined)
      default:
        return decision satisfies never
    }
  }

  async function originalOf(tx: Write, n: number) {
    const row = await tx.get<{
      submission_id: string
      reference: string
      state: SubmissionState
      status: ReceiptStatus | null
    }>(sql.byNumber, { n })
    return row && { submissionId: row.submission_id, reference: row.reference, state: row.state, status: row.status }
  }

  async function begun(
    tx: Write,
    row: KnownSubmission,
    { now, fence }: { now: Date; fence: string },
  ): Promise<BegunClaim> {
    tx.claims(row.submission_id)
    // By the server's clock: other hubs judge by it whether the try is over.
    tx.gather(sql.begin, { fence, now: now.getTime() + row.aheadMs, n: row.n })
    await tx.add('attempt', {
      submission_id: row.submission_id,
      // Attempt rows are never overwritten: after a replay their numbers go on, although the policy counts from one
      // again.
      attempt: (row.last_attempt ?? 0) + 1,
      fence,
      started_at: now.getTime(),
    })
    return { ...(await claimedBy(tx, row)), attempt: row.attempts + 1, fence }
  }

  /** With what the tries before leave open. */
  async function claimedBy(tx: Write, row: KnownSubmission): Promise<Omit<Claimed, 'attempt' | 'fence'>> {
    if (!row.reached) return { outcome: 'claimed', row }
    const doubted = await tx.get(sql.inDoubt, { submissionId: row.submission_id })
    return { outcome: 'claimed', row, earlier: { mayHaveArrived: true, ...(doubted ? { inDoubt: true } : {}) } }
  }

  async function endAttempt(
    tx: Write,
    { submissionId, fence }: AttemptRef,
    { end: result, now }: { end: AttemptEnd; now: Date },
  ): Promise<boolean> {
    const row = await tx.submission(submissionId)
    if (!row || row.last_attempt === null) return false
    const said = result.outcome === 'submitted' ? await saidInDoubt(tx, row) : null
    const last = { fence: row.last_fence!, outcome: row.last_outcome }
    const facts = { state: row.state, fence: row.fence, last, by: fence, saidInDoubt: () => said }
    const change = attemptEnd(facts, result, now.getTime())
    if (!change) return false
    const code = 'code' in result ? result.code : null
    tx.gather(sql.attemptEnded, {
      submissionId,
      attempt: row.last_attempt,
      now: now.getTime(),
      outcome: result.outcome,
      code,
      detail: 'detail' in result ? result.detail.slice(0, 500) : null,
    })
    const submitted = result.outcome === 'submitted'
    const learning = submitted ? await learn(tx, row, result.learn ?? []) : row.learning
    tx.becomes(row, { ...changed(row, change), learning, last_outcome: result.outcome, last_code: code, reached: true })
    // Whether this try may have reached the agency is read again.
    if (!submitted) tx.changes(submissionId)
    if (result.told) await putOwnReceipt(tx, result.told, now)
    tx.refresh(row.message_id)
    return true
  }

  const changed = (
    { aheadMs }: KnownSubmission,
    { state, nextAt, fence, status, agencyReference, awaited }: SubmissionChange,
  ) => ({
    state,
    // Since when it is in doubt is by the server's clock.
    next_at: state === 'unclear' ? nextAt + aheadMs : nextAt,
    fence,
    ...(status !== undefined && { status }),
    ...(agencyReference !== undefined && { agency_reference: agencyReference }),
    expect_step: awaited?.step ?? null,
    expect_at: awaited?.by ?? null,
    overdue: 0,
  })

  async function holdBack(
    tx: Write,
    submissionId: string,
    { told, now }: { told: HubReceipt; now: Date },
  ): Promise<boolean> {
    const row = await tx.submission(submissionId)
    if (!row || (await decisionOf(tx, row, { now })).outcome !== 'held') return false
    tx.changes(submissionId)
    await tx.run(sql.hold, { n: row.n })
    await putOwnReceipt(tx, told, now)
    tx.refresh(row.message_id)
    return true
  }

  async function resolveUnclear(
    tx: Write,
    submissionId: string,
    { resolution, now }: { resolution: UnclearDecision; now: Date },
  ): Promise<boolean> {
    const row = await tx.submission(submissionId)
    if (!row) return false
    const said = resolution.decision === 'taken' ? await saidInDoubt(tx, row) : null
    const last = row.last_fence === null ? undefined : { fence: row.last_fence }
    const facts = { state: row.state, fence: row.fence, last, saidInDoubt: () => said }
    const change = resolved(facts, resolution, now.getTime())
    if (!change) return false
    // The attempt's own end stays readable: when, which code, and then what was decided.
    await tx.run(sql.decided, {
      submissionId,
      attempt: row.last_attempt,
      outcome: `resolved: ${resolution.decision}`,
      why: resolution.why.slice(0, 500),
    })
    tx.becomes(row, changed(row, change))
    // Its last try reads otherwise now.
    tx.changes(submissionId)
    if (resolution.told) await putOwnReceipt(tx, resolution.told, now)
    tx.refresh(row.message_id)
    return true
  }

  async function replay(tx: Write, submissionId: string, now: Date): Promise<boolean> {
    const row = await tx.submission(submissionId)
    if (row?.state !== 'dead') return false
    // What a correction has replaced is not sent any more: the agency would get both (promise 3).
    if (await tx.get(sql.superseded, { messageId: row.message_id })) return false
    tx.changes()
    await tx.run(sql.requeue, { now: now.getTime(), n: row.n })
    // What changes it waits for it again.
    const held = await tx.all<{ message_id: string }>(sql.heldBy, { n: row.n })
    if (held.length > 0) await tx.run(sql.unhold, { n: row.n })
    for (const { message_id } of held) tx.refresh(message_id)
    tx.refresh(row.message_id)
    return true
  }

  return {
    async claim(submissionId, now, { abandonedBefore, place } = {}) {
      const unpack = await work.fetchAhead(submissionId)
      // Where the answer to its commit is lost it is asked for again, by the same fence: a claim that nobody heard of
      // would stand as a try in doubt, though nothing has left. So would one whose bytes cannot be read just now.
      const fence = newTryId(place)
      const begun = await patiently(
        () =>
          commit((tx) => claim(tx, submissionId, { now, abandonedBefore, fence }), {
            claims: [submissionId],
          }),
        mayBeWritten,
      )
      return patiently(
        () => work.claimed(begun, unpack),
        () => begun.outcome === 'claimed',
      )
    },
    endAttempt: (attempt, end, now) =>
      commit((tx) => endAttempt(tx, attempt, { end, now }), {
        submissions: [attempt.submissionId],
        learns: end.outcome === 'submitted' ? (end.learn ?? []) : [],
      }),
    renewAttempt: ({ submissionId, fence }, now) =>
      patiently(() =>
        commit(async (tx) => {
          tx.changes(submissionId)
          return (await tx.run(sql.renew, { now: now.getTime(), clock: Date.now(), submissionId, fence })) > 0
        }),
      ),
    keepSentForm({ submissionId, fence }, bytes) {
      const sums = JSON.stringify({ sent: sha256(bytes) } satisfies Sums)
      return commit(
        async (tx) => {
          if ((await tx.submission(submissionId))?.fence !== fence) return false
          await tx.run(sql.sentForm, { submissionId, bytes })
          await tx.run(sql.sentSums, { submissionId, sums })
          return true
        },
        { submissions: [submissionId], bytes: bytes.length },
      )
    },
    holdBack: (submissionId, told, now) =>
      commit((tx) => holdBack(tx, submissionId, { told, now }), { claims: [submissionId] }),
    resolveUnclear: (submissionId, resolution, now) =>
      commit((tx) => resolveUnclear(tx, submissionId, { resolution, now }), { submissions: [submissionId] }),
    replay: (submissionId, now) => commit((tx) => replay(tx, submissionId, now), { submissions: [submissionId] }),
  }
}
