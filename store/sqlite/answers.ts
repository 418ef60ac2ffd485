// answers — agencies' answers: stored first, then settled into receipts, statuses and learnt keys.
import type Database from 'better-sqlite3'
import type { ReceiptStatus, SubmissionState } from '../../messages/states.js'
import type { ReceiptEvent, Settlement, Ledger } from '../ledger.js'
import type { Answers } from '../ledger/answers.js'
import type { Digests } from './digests.js'
import { sha256 } from '../sums.js'
import type { GroupCommit } from './group-commit.js'
import { createLearntNumbers } from './learnt-numbers.js'
import { answer } from '../rules/answer.js'
import { createSaidInDoubt } from './said-in-doubt.js'
import { createMessageState } from './message-state.js'
import { submissionReceiptsSql, type SubmissionReceipts } from './submission-receipts.js'
import { noticeValues } from '../rows/notice.js'
import { mostUnsettledBytes, replyValues, settledMark, toReply, type UnsettledRow } from '../rows/reply.js'
import { toSubmissionFacts, type SubmissionFactsRow } from '../rows/submission.js'
import type { ReplyAttachments } from './reply-attachments.js'

interface Row extends SubmissionFactsRow {
  n: number
  state: SubmissionState
  status: ReceiptStatus | null
}

/** With what says how large it is. */
type KeptReply = UnsettledRow & { bytes: Buffer }

const select = `select s.n, s.submission_id, s.message_id, s.partner_id, s.agency, s.state, s.status, m.channel,
  m.reference,
  m.operation, m.document_type from submission s join message m using (message_id)`

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const answersSql = {
  replyRow: `insert into reply (reply_id, agency, submission_id, media_type, import_failed, bytes, sha256, received_at)
    values (@replyId, @agency, @submissionId, @mediaType, @importFailed, @bytes, @sha256, @receivedAt)
    on conflict do nothing`,
  sameReply: `select reply_id from reply where agency = @agency and sha256 = @sha256
    and ifnull(submission_id, '') = @submissionId`,
  renewed: `update reply set bytes = @bytes, settled_at = iif(orphan = 1, null, settled_at), orphan = iif(orphan = 1, 0,
    orphan)
    where reply_id = @replyId`,
  unsettled: `select * from reply where settled_at is null and n > ifnull((select n from reply
    where reply_id = @after), 0) order by n
    limit @limit`,
  settled:
    'update reply set settled_at = @now, orphan = @kind, held = @held where reply_id = @replyId and settled_at is null',
  dropped: "update reply set bytes = x'' where reply_id = ?",
  learnsNothing: 'update submission set learning = null where n = ? and learning is not null',
  noticed: 'select 1 from notice where reply_id = ?',
  taughtSince: `select 1 from correlation where agency = (select agency from reply where reply_id = @replyId)
    and name = @name and value = @value and learnt = 1 limit 1`,
  lookAgain: 'update reply set settled_at = null where reply_id = ?',
  noticeKey: 'insert into notice_key (name, value, reply_id) values (@name, @value, @replyId) on conflict do nothing',
  byId: `${select} where s.submission_id = ?`,
  state: `update submission set state = 'submitted', status = @status, fence = null,
    agency_reference = ifnull(@agencyReference, agency_reference) where n = @n`,
  doubted: `select 1 from attempt where submission_id = ? and outcome in ('resolved: resend', 'resolved: dead')
    limit 1`,
  kept: 'select 1 from reply where reply_id = ?',
  endOpenAttempt: `update attempt set ended_at = @now, outcome = 'submitted', detail = 'the agency answered'
    where submission_id = @submissionId and ended_at is null`,
  told: 'select 1 from receipt where reply_id = @replyId and submission_id = @submissionId',
  answersHad: `select count(*) as count from receipt where message_id = @messageId and submission_id = @submissionId
    and reply_id is not null`,
  orphanKey: 'insert into orphan_key (reply_id, name, value) values (@replyId, @name, @value) on conflict do nothing',
  awaits: `update submission set expect_step = @step, expect_at = @by, overdue = 0
    where n = @n and ifnull(expect_step, -1) < @step`,
  answered: 'update submission set expect_at = null, overdue = 0 where n = ? and expect_at is not null',
  noticeRow: `insert into notice (notice_id, reply_id, agency, document_type, operations, reference_list, faults,
    deliveries, received_at)
    select @noticeId, reply_id, agency, @documentType, @operations, @references, @faults, @deliveries, received_at
    from reply where reply_id = @replyId`,
}
const sql = answersSql

/** This chapter of the ledger on SQLite; what it promises: [Answers](../ledger/answers.ts). */
export function createAnswers({
  db,
  commit,
  tell,
  digests,
  replyAttachments,
  submissionReceipts: receipts,
}: {
  db: Database.Database
  commit: GroupCommit
  digests: Digests
  replyAttachments: ReplyAttachments
  submissionReceipts: SubmissionReceipts
  tell: (event: ReceiptEvent) => void
}): Omit<Answers, 'tellPartner'> & Pick<Ledger, 'submissionById'> {
  const refresh = createMessageState(db)
  const saidInDoubt = createSaidInDoubt(db)
  const replyRow = db.prepare(sql.replyRow)
  const sameReply = db.prepare<[{ agency: string; sha256: string; submissionId: string }], { reply_id: string }>(
    sql.sameReply,
  )
  const renewed = db.prepare(sql.renewed)
  const unsettled = db.prepare<[{ after: string; limit: number }], KeptReply>(sql.unsettled)
  const settled = db.prepare(sql.settled)
  const dropped = db.prepare<[string]>(sql.dropped)
  const learnsNothing = db.prepare(sql.learnsNothing)
  const noticed = db.prepare<[string], 1>(sql.noticed)
  const noticeKey = db.prepare(sql.noticeKey)
  const taughtSince = db.prepare<[{ replyId: string; name: string; value: string }], 1>(sql.taughtSince)
  const lookAgain = db.prepare(sql.lookAgain)
  const byId = db.prepare<[string], Row>(sql.byId)
  const learn = createLearntNumbers(db)
  const state = db.prepare(sql.state)
  const doubted = db.prepare(sql.doubted)
  const kept = db.prepare(sql.kept)
  const endOpenAttempt = db.prepare(sql.endOpenAttempt)
  const receiptRow = db.prepare(submissionReceiptsSql.put)
  const told = db.prepare<[{ replyId: string; submissionId: string }], 1>(sql.told)
  const answersHad = db.prepare<[{ messageId: string; submissionId: string }], { count: number }>(sql.answersHad)
  const orphanKey = db.prepare(sql.orphanKey)
  const awaits = db.prepare(sql.awaits)
  const answered = db.prepare(sql.answered)
  const noticeRow = db.prepare(sql.noticeRow)

  function tellSubscribers(notice: NonNullable<Settlement['notice']>, replyId: string, now: Date): ReceiptEvent[] {
    noticeRow.run(noticeValues(notice, replyId))
    const { noticeId, deliveries } = notice
    return deliveries.map(({ partnerId, channel, receipt }) => {
      receiptRow.run({
        receiptId: receipt.receiptId,
        messageId: noticeId,
        submissionId: null,
        partnerId,
        channel,
        stage: receipt.stage,
        receipt: JSON.stringify(receipt),
        replyId,
        returnState: 'owed',
        now: now.getTime(),
      })
      return { partnerId, receiptId: receipt.receiptId, channel, returnState: 'owed' }
    })
  }

  function settle(settlement: Settlement, now: Date): ReceiptEvent[] | undefined {
    const { replyId, withKeeping, entries, orphanKeys = [], notice, chosenAmong = [] } = settlement
    const heardMore = chosenAmong.some((one) => answersHad.get(one)!.count !== one.answers)
    if (heardMore) return undefined
    // Settling twice changes nothing: the first to mark the reply is the one that writes. A reply never kept is no
    // second time.
    const mark = settledMark(settlement, now)
    const { kind } = mark
    if (settled.run(mark).changes === 0) {
      if (!withKeeping && !kept.get(replyId)) throw new Error(`reply ${replyId} was never recorded`)
      return []
    }
    if (settlement.dropsBytes) dropped.run(replyId)
    for (const { name, value } of kind > 0 ? orphanKeys : []) orphanKey.run({ replyId, name, value })
    const news = notice && !noticed.get(replyId) ? notice : undefined
    if (news && kind === 0) {
      for (const { name, value } of orphanKeys) noticeKey.run({ name, value, replyId })
      // Between the look for its owner and this write a submission may have been taught the number: whoever taught it
      // found no notice yet. It is looked at once more, and its owner gets it after all.
      if (orphanKeys.some(({ name, value }) => taughtSince.get({ replyId, name, value }))) lookAgain.run(replyId)
    }
    const events = entries.flatMap((entry) => {
      const row = byId.get(entry.submissionId)
      // An orphan that is settled again tells only those who have not heard (promise 7).
      if (!row || told.get({ replyId, submissionId: entry.submissionId })) return []
      const decision = answer({
        state: row.state,
        status: row.status,
        said: entry.status,
        saidInDoubt: () => saidInDoubt(row),
        decidedInDoubt: () => doubted.get(row.submission_id) !== undefined,
      })
      if (decision.submitted)
        state.run({ n: row.n, status: decision.submitted.status, agencyReference: entry.agencyReference ?? null })
      if (decision.endsAttempt) endOpenAttempt.run({ submissionId: row.submission_id, now: now.getTime() })
      if (!entry.awaited) answered.run(row.n)
      else awaits.run({ n: row.n, step: entry.awaited.step, by: entry.awaited.by.getTime() })
      learn(row, entry.learn)
      if (decision.learnsNothing) learnsNothing.run(row.n)
      const { receipt, receiptReturn: returnState, receiptChannel: channel } = entry
      const event = receipts.put(row, { receipt, replyId, returnState, channel }, now)
      refresh(row.message_id)
      return event ? [event] : []
    })
    return news ? [...events, ...tellSubscribers(news, replyId, now)] : events
  }

  return {
    recordReply(reply, files = []) {
      // In the turn of the call, so that calls of one turn take effect in their order; but not in the write, which
      // others wait for.
      const sum = reply.sha256 ?? sha256(reply.bytes)
      const size = files.reduce((all, { form }) => all + form.bytes.length, reply.bytes.length)
      return commit(() => {
        const { changes } = replyRow.run({ ...replyValues(reply, sum), bytes: reply.bytes })
        if (changes === 1) {
          replyAttachments.put(reply.replyId, files)
          return { replyId: reply.replyId, known: false }
        }
        const { reply_id: replyId } = sameReply.get({
          agency: reply.agency,
          sha256: sum,
          submissionId: reply.submissionId ?? '',
        })!
        replyAttachments.put(replyId, files)
        if (!digests.isKnown({ id: replyId, piece: 'reply' })) return { replyId, known: true }
        // The agency gives once more what was damaged here: it takes its place, and is read as if it came for the first
        // time.
        renewed.run({ bytes: reply.bytes, replyId })
        digests.healed(replyId, 'reply')
        return { replyId, known: false }
      }, size)
    },
    async unsettledReplies(limit, after = '') {
      const rows: KeptReply[] = []
      let bytes = 0
      for (const row of unsettled.iterate({ after, limit })) {
        bytes += row.bytes.length
        if (rows.length > 0 && bytes > mostUnsettledBytes) break
        rows.push(row)
      }
      const whole = await digests.repliesAreWhole(rows.map((r) => ({ id: r.reply_id, bytes: r.bytes, sum: r.sha256 })))
      const files = rows.map((r) => replyAttachments.facts(r.reply_id))
      return rows.map((r, i) => toReply(r, { bytes: r.bytes, whole: whole[i]!, files: files[i]! }))
    },
    async submissionById(submissionId) {
      const row = byId.get(submissionId)
      return row && toSubmissionFacts(row)
    },
    async settle(settlement, now) {
      const events = await commit(() => settle(settlement, now))
      for (const event of events ?? []) tell(event)
      return events !== undefined
    },
    async addReceipt(given, now) {
      const event = await commit(() => {
        const told = receipts.putOwn(given, now)
        if (told) refresh(given.receipt.messageId)
        return told
      })
      if (event) tell(event)
    },
  }
}
