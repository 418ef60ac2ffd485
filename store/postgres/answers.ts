// answers — agencies' answers: stored first, then settled into receipts, statuses and learnt keys.
import type { Key } from '../../messages/inspection.js'
import type { Settlement, Ledger } from '../ledger.js'
import type { Answers } from '../ledger/answers.js'
import { answer } from '../rules/answer.js'
import type { Digests } from './digests.js'
import { sha256 } from '../sums.js'
import { learn } from './learnt-numbers.js'
import { noticeValues } from '../rows/notice.js'
import { mostUnsettledBytes, replyValues, settledMark, toReply, type UnsettledRow } from '../rows/reply.js'
import { toSubmissionFacts, type SubmissionFactsRow } from '../rows/submission.js'
import type { ReplyAttachments } from './reply-attachments.js'
import { saidInDoubt } from './said-in-doubt.js'
import type { Queries } from './statements.js'
import { putOwnReceipt, putReceipt, receiptValues, submissionReceiptsSql } from './submission-receipts.js'
import type { GroupCommit } from './write.js'
import type { KnownSubmission } from './write/known-rows.js'
import type { Write } from './write/transaction.js'

/** With what says how large it is. */
type KeptReply = UnsettledRow & { size: number }

const select = `select s.submission_id, s.message_id, s.partner_id, s.agency, m.channel, m.reference, m.operation,
  m.document_type from submission s join message m on m.message_id = s.message_id`

/** Every statement by its name. */
export const answersSql = {
  reply: `insert into reply (reply_id, agency, submission_id, media_type, import_failed, size, sha256, received_at)
    values (@replyId, @agency, @submissionId, @mediaType, @importFailed, @size, @sha256, @receivedAt)
    on conflict do nothing`,
  replyBytes: 'insert into reply_bytes (reply_id, bytes) values (@replyId, @bytes)',
  sameReply: `select reply_id from reply where agency = @agency and sha256 = @sha256
    and coalesce(submission_id, '') = @submissionId`,
  renewBytes: `insert into reply_bytes (reply_id, bytes) values (@replyId, @bytes) on conflict (reply_id) do update
    set bytes = excluded.bytes`,
  renewed: `update reply set settled_at = case when orphan = 1 then null else settled_at end,
    orphan = case when orphan = 1 then 0 else orphan end where reply_id = @replyId`,
  unsettled: `select reply_id, agency, submission_id, media_type, import_failed, size, sha256, received_at, let_go_at
    from reply
    where settled_at is null and n > coalesce((select n from reply where reply_id = @after), 0) order by n
    limit @limit`,
  bytes: 'select reply_id, bytes from reply_bytes where reply_id = any(@ids::text[])',
  answersHad: `select count(*)::integer as count from receipt where message_id = @messageId
    and submission_id = @submissionId and reply_id is not null`,
  settled:
    'update reply set settled_at = @now, orphan = @kind, held = @held where reply_id = @replyId and settled_at is null',
  dropped: `update reply_bytes set bytes = '' where reply_id = @replyId`,
  noticed: 'select 1 as there from notice where reply_id = @replyId',
  taughtSince: `select 1 as there from unnest(@names::text[], @values::text[]) as a (name, value)
    join correlation c on c.agency = (select agency from reply where reply_id = @replyId)
      and c.name = a.name and c.value = a.value where c.learnt = 1 limit 1`,
  lookAgain: 'update reply set settled_at = null where reply_id = @replyId',
  byId: `${select} where s.submission_id = @submissionId`,
  doubted: `select 1 as there from attempt where submission_id = @submissionId
    and outcome in ('resolved: resend', 'resolved: dead') limit 1`,
  kept: 'select 1 as there from reply where reply_id = @replyId',
  endOpenAttempt: `update attempt t set ended_at = a.now, outcome = 'submitted', detail = 'the agency answered'
    from unnest(@submissionId::text[], @now::bigint[]) as a (submission_id, now)
    where t.submission_id = a.submission_id and t.ended_at is null`,
  told: 'select 1 as there from receipt where reply_id = @replyId and submission_id = @submissionId',
  settledOpen: `update reply r set settled_at = a.now, orphan = a.kind, held = a.held
    from unnest(@replyId::text[], @now::bigint[], @kind::integer[], @held::text[]) as a (reply_id, now, kind, held)
    where r.reply_id = a.reply_id`,
  notice: `insert into notice (notice_id, reply_id, agency, document_type, operations, reference_list, faults,
    deliveries, received_at)
    select @noticeId, reply_id, agency, @documentType, @operations, @references, @faults, @deliveries::integer,
    received_at from reply where reply_id = @replyId`,
}
const sql = answersSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Answers](../ledger/answers.ts). */
export function createAnswers({
  reading,
  lookUps,
  commit,
  digests,
  replyAttachments,
}: {
  reading: Queries
  lookUps: Queries
  commit: GroupCommit
  digests: Digests
  replyAttachments: ReplyAttachments
}): Omit<Answers, 'tellPartner'> & Pick<Ledger, 'submissionById'> {
  async function tellSubscribers(
    tx: Write,
    notice: NonNullable<Settlement['notice']>,
    { replyId, now }: { replyId: string; now: Date },
  ): Promise<void> {
    await tx.run(sql.notice, noticeValues(notice, replyId))
    const { noticeId, deliveries } = notice
    for (const { partnerId, channel, receipt } of deliveries) {
      await tx.run(submissionReceiptsSql.put, {
        ...receiptValues(receipt),
        messageId: noticeId,
        submissionId: null,
        partnerId,
        channel,
        replyId,
        returnState: 'owed',
        now: now.getTime(),
      })
      tx.tell({ partnerId, receiptId: receipt.receiptId, channel, returnState: 'owed' })
    }
  }

  async function settle(tx: Write, settlement: Settlement, now: Date): Promise<boolean> {
    const { replyId, withKeeping, entries, orphanKeys = [], notice, chosenAmong = [] } = settlement
    for (const { answers, ...one } of chosenAmong)
      if ((await tx.get<{ count: number }>(sql.answersHad, one))!.count !== answers) return false
    // Settling twice changes nothing: the first to mark the reply is the one that writes. A reply never kept is no
    // second time.
    const mark = settledMark(settlement, now)
    const { kind } = mark
    if (tx.settles(replyId)) tx.gather(sql.settledOpen, mark)
    else if ((await tx.run(sql.settled, mark)) === 0) {
      if (!withKeeping && !(await tx.get(sql.kept, { replyId }))) throw new Error(`reply ${replyId} was never recorded`)
      return true
    }
    if (settlement.dropsBytes) await tx.run(sql.dropped, { replyId })
    for (const { name, value } of kind > 0 ? orphanKeys : [])
      await tx.add('orphan_key', { reply_id: replyId, name, value })
    const news = notice && !(await tx.get(sql.noticed, { replyId })) ? notice : undefined
    if (news && kind === 0) {
      for (const { name, value } of orphanKeys) await tx.add('notice_key', { name, value, reply_id: replyId })
      await mayHaveAnOwner(tx, replyId, orphanKeys)
    }
    for (const entry of entries) await settleEntry(tx, entry, { replyId, now })
    if (news) await tellSubscribers(tx, news, { replyId, now })
    return true
  }

  /**
   * Between the look for its owner and this write a submission may have been taught the number: whoever taught it found
   * no notice yet. It is looked at once more, and its owner gets it after all.
   */
  async function mayHaveAnOwner(tx: Write, replyId: string, cited: readonly Key[]): Promise<void> {
    if (cited.length === 0) return
    const [names, values] = [cited.map(({ name }) => name), cited.map(({ value }) => value)]
    if (await tx.get(sql.taughtSince, { replyId, names, values })) await tx.run(sql.lookAgain, { replyId })
  }

  async function settleEntry(
    tx: Write,
    entry: Settlement['entries'][number],
    { replyId, now }: { replyId: string; now: Date },
  ): Promise<void> {
    const { submissionId } = entry
    const row = await tx.submission(submissionId)
    // An orphan that is settled again tells only those who have not heard (promise 7).
    const told = tx.wasTold(replyId, submissionId)
    if (!row || (told ?? (await tx.get(sql.told, { replyId, submissionId })) !== undefined)) return
    const said = row.state === 'submitted' ? null : await saidInDoubt(tx, row)
    const doubted = row.state === 'queued' && (await tx.get(sql.doubted, { submissionId })) !== undefined
    const decision = answer({
      state: row.state,
      status: row.status,
      said: entry.status,
      saidInDoubt: () => said,
      decidedInDoubt: () => doubted,
    })
    const learning = await learn(tx, row, entry.learn)
    const { submitted, endsAttempt, learnsNothing } = decision
    tx.becomes(row, {
      ...(submitted && { state: 'submitted', status: submitted.status, fence: null }),
      ...(submitted && entry.agencyReference !== undefined && { agency_reference: entry.agencyReference }),
      ...awaitedNext(row, entry.awaited),
      learning: learnsNothing ? null : learning,
    })
    if (endsAttempt) {
      tx.gather(sql.endOpenAttempt, { submissionId, now: now.getTime() })
      // Its last try is another one now.
      tx.changes(submissionId)
    }
    const { receipt, receiptReturn: returnState, receiptChannel: channel } = entry
    await putReceipt(tx, row, { given: { receipt, replyId, returnState, channel }, now })
    tx.refresh(row.message_id)
  }

  return {
    recordReply(reply, files = []) {
      // In the turn of the call, so that calls of one turn take effect in their order; but not in the write, which
      // others wait for.
      const sum = reply.sha256 ?? sha256(reply.bytes)
      const same = { agency: reply.agency, sha256: sum, submissionId: reply.submissionId ?? '' }
      const bytes = files.reduce((all, { form }) => all + form.bytes.length, reply.bytes.length)
      return commit(
        async (tx) => {
          if (tx.comesFirst(same)) {
            await tx.add('reply', {
              reply_id: reply.replyId,
              agency: reply.agency,
              submission_id: reply.submissionId ?? null,
              media_type: reply.mediaType,
              import_failed: reply.importFailed ? 1 : 0,
              size: reply.bytes.length,
              sha256: sum,
              received_at: reply.receivedAt.getTime(),
            })
            await tx.add('reply_bytes', { reply_id: reply.replyId, bytes: reply.bytes })
            tx.keeps(reply.replyId)
            await replyAttachments.put(tx, reply.replyId, files)
            return { replyId: reply.replyId, known: false }
          }
          const added = await tx.run(sql.reply, { ...replyValues(reply, sum), size: reply.bytes.length })
          if (added === 1) {
            await tx.run(sql.replyBytes, { replyId: reply.replyId, bytes: reply.bytes })
            await replyAttachments.put(tx, reply.replyId, files)
            return { replyId: reply.replyId, known: false }
          }
          const { reply_id: replyId } = (await tx.get<{ reply_id: string }>(sql.sameReply, { ...same }))!
          await replyAttachments.put(tx, replyId, files)
          if (!digests.isKnown({ id: replyId, piece: 'reply' })) return { replyId, known: true }
          // The agency gives once more what was damaged here: it takes its place, and is read as if it came for the
          // first time.
          await tx.run(sql.renewBytes, { replyId, bytes: reply.bytes })
          await tx.run(sql.renewed, { replyId })
          await digests.healed(tx, replyId, 'reply')
          return { replyId, known: false }
        },
        { bytes, keeps: same },
      )
    },
    async unsettledReplies(limit, after = '') {
      const rows: KeptReply[] = []
      let size = 0
      for (const row of await reading.all<KeptReply>(sql.unsettled, { after, limit })) {
        size += row.size
        if (rows.length > 0 && size > mostUnsettledBytes) break
        rows.push(row)
      }
      const ids = rows.map((r) => r.reply_id)
      const kept = new Map(
        (await reading.all<{ reply_id: string; bytes: Buffer }>(sql.bytes, { ids })).map((r) => [r.reply_id, r.bytes]),
      )
      const bytesOf = (id: string) => kept.get(id) ?? Buffer.alloc(0)
      const whole = await digests.repliesAreWhole(
        rows.map((r) => ({ id: r.reply_id, bytes: bytesOf(r.reply_id), sum: r.sha256 })),
      )
      const files = await replyAttachments.facts(ids)
      return rows.map((r, i) =>
        toReply(r, { bytes: bytesOf(r.reply_id), whole: whole[i]!, files: files.get(r.reply_id) ?? [] }),
      )
    },
    async submissionById(submissionId) {
      const row = await lookUps.get<SubmissionFactsRow>(sql.byId, { submissionId })
      return row && toSubmissionFacts(row)
    },
    async settle(settlement, now) {
      const submissions = settlement.entries.map(({ submissionId }) => submissionId)
      return commit((tx) => settle(tx, settlement, now), {
        submissions,
        learns: settlement.entries.flatMap(({ learn: keys }) => keys),
        settles: {
          replyId: settlement.replyId,
          receipts: settlement.entries.map(({ receipt }) => receipt.receiptId),
        },
      })
    },
    async addReceipt(given, now) {
      await commit(async (tx) => ((await putOwnReceipt(tx, given, now)) ? true : undefined), {
        submissions: [given.submissionId],
      })
    },
  }
}

/** Behind an answer: a later step is awaited now, or nothing any more. */
function awaitedNext(
  { expect_step: step, expect_at: by }: KnownSubmission,
  next: Settlement['entries'][number]['awaited'],
): Partial<Pick<KnownSubmission, 'expect_step' | 'expect_at' | 'overdue'>> {
  if (!next) return by === null ? {} : { expect_at: null, overdue: 0 }
  return (step ?? -1) < next.step ? { expect_step: next.step, expect_at: next.by.getTime(), overdue: 0 } : {}
}
