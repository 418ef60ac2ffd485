// reading — one message with its whole history, contents, counts. Nothing here writes.
import type Database from 'better-sqlite3'
import type { Digests } from './digests.js'
import { mustBeWhole } from '../sums.js'
import type { GrantScope } from '../../messages/filing-grant.js'
import type { Ledger, SubmissionView } from '../ledger.js'
import type { KeptForm } from '../packing.js'
import type { Keeping } from '../payloads/payloads.js'
import { messageView, type MessageRow } from '../rows/message.js'
import type { ReplyAttachments } from './reply-attachments.js'
import type { ReceiptRow } from '../rows/receipt.js'
import { readCounters, submissionView, type AttemptRow, type SubmissionRow } from '../rows/submission.js'
import { createReceiptViews } from './receipt-views.js'

const iso = (ms: number) => new Date(ms).toISOString()

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const readingSql = {
  one: `select m.*, i.filename, i.content_type from message m join interchange i using (interchange_id)
    where message_id = ?`,
  submissions: 'select * from submission where message_id = ? order by n',
  attempts: 'select * from attempt where submission_id = ? order by attempt',
  receipts: 'select * from receipt where message_id = ? order by n',
  attachments: `select name, ifnull(size, length(opened(bytes))) as size, media_type from attachment
    where message_id = ? order by position`,
  forwarded: 'select bytes from forwarded where message_id = ?',
  sentForm: `select submission_id, f.bytes from submission s join sent_form f using (submission_id)
    where s.message_id = ? order by s.n limit 1`,
  acknowledgement: 'select media_type, bytes from acknowledgement where interchange_id = ?',
  payload: 'select bytes, packed from payload where message_id = ?',
  letGo: 'select at, file from let_go where message_id = ?',
  filedUnder: 'select owner, operation, company from agent_filing where message_id = ? order by n',
  counters: 'select name, value from counter',
  oldest: `select accepted_at as at from submission where agency = ? and state = 'queued' order by n limit 1`,
  orphans: 'select count(*) as n from reply where orphan = 1',
  heldAnswers: 'select count(*) as n from reply where orphan = 2',
  oldestHeld: 'select received_at from reply where orphan = 2 order by n limit 1',
  sharedKeys: 'select count(*) as n from shared_key where closed_at is null',
  overdue: 'select count(*) as n from submission where overdue = 1',
}
const sql = readingSql

/** This chapter of the ledger on SQLite; what it promises: [Reading](../ledger/reading.ts). */
export function createReading({
  db,
  digests,
  replyAttachments,
  keeping,
}: {
  db: Database.Database
  digests: Digests
  replyAttachments: ReplyAttachments
  keeping: Keeping
}): Pick<Ledger, 'getMessage' | 'getContent' | 'getForwarded' | 'getAcknowledgement' | 'counts'> {
  const one = db.prepare<[string], MessageRow>(sql.one)
  const submissions = db.prepare<[string], SubmissionRow>(sql.submissions)
  const attempts = db.prepare<[string], AttemptRow>(sql.attempts)
  const receipts = db.prepare<[string], ReceiptRow>(sql.receipts)
  const attachments = db.prepare<[string], { name: string; size: number; media_type: string | null }>(sql.attachments)
  const forwarded = db.prepare<[string], { bytes: Buffer }>(sql.forwarded)
  const sentForm = db.prepare<[string], { submission_id: string; bytes: Buffer }>(sql.sentForm)
  const acknowledgement = db.prepare<[string], { media_type: string; bytes: Buffer }>(sql.acknowledgement)
  const payload = db.prepare<[string], KeptForm>(sql.payload)
  const letGo = db.prepare<[string], { at: number; file: string | null }>(sql.letGo)
  const filedUnder = db.prepare<[string], GrantScope>(sql.filedUnder)
  const counters = db.prepare<[], { name: string; value: number }>(sql.counters)
  const oldest = db.prepare<[string], { at: number }>(sql.oldest)
  const orphans = db.prepare<[], { n: number }>(sql.orphans)
  const heldAnswers = db.prepare<[], { n: number }>(sql.heldAnswers)
  const oldestHeld = db.prepare<[], { received_at: number }>(sql.oldestHeld)
  const sharedKeys = db.prepare<[], { n: number }>(sql.sharedKeys)
  const overdue = db.prepare<[], { n: number }>(sql.overdue)

  const views = createReceiptViews(db, digests, replyAttachments)

  /** Another partner's message is as unknown as none (promise 9). */
  const visible = (messageId: string, partnerId?: string) => {
    const row = one.get(messageId)
    return row && (partnerId === undefined || row.partner_id === partnerId) ? row : undefined
  }

  function submissionViews(messageId: string): SubmissionView[] {
    return submissions.all(messageId).map((s) => submissionView(s, attempts.all(s.submission_id)))
  }

  return {
    async getMessage(messageId, partnerId) {
      const row = visible(messageId, partnerId)
      if (!row) return undefined
      return messageView(row, {
        receipts: views.list(receipts.iterate(messageId)),
        gone: letGo.get(messageId),
        grants: filedUnder.all(messageId),
        files: attachments.all(messageId),
        submissions: submissionViews(messageId),
      })
    },
    async getContent(messageId, partnerId) {
      const row = visible(messageId, partnerId)
      const kept = row && payload.get(messageId)
      const bytes = kept && (await digests.unpacked(messageId, keeping.unpack(kept)))
      if (bytes) mustBeWhole(await digests.isWhole(messageId, 'message', bytes), messageId)
      return (
        row && {
          ...(bytes ? { bytes } : {}),
          ...(row.content_type === null ? {} : { contentType: row.content_type }),
          ...(row.filename === null ? {} : { filename: row.filename }),
        }
      )
    },
    async getForwarded(messageId, partnerId) {
      const row = visible(messageId, partnerId)
      if (!row) return undefined
      const sent = sentForm.get(messageId)
      if (sent) mustBeWhole(await digests.isWhole(sent.submission_id, 'sent', sent.bytes), messageId)
      const made = sent ? undefined : forwarded.get(messageId)
      if (made) mustBeWhole(await digests.isWhole(messageId, 'forwarded', made.bytes), messageId)
      if (sent || made) return { bytes: (sent ?? made)!.bytes }
      const kept = payload.get(messageId)
      if (!kept) return {}
      const bytes = await digests.unpacked(messageId, keeping.unpack(kept))
      mustBeWhole(await digests.isWhole(messageId, 'message', bytes), messageId)
      return { bytes }
    },
    async getAcknowledgement(messageId, partnerId) {
      const row = visible(messageId, partnerId)
      const found = row && acknowledgement.get(row.interchange_id)
      if (found) mustBeWhole(await digests.isWhole(row.interchange_id, 'acknowledgement', found.bytes), messageId)
      return found && { mediaType: found.media_type, bytes: found.bytes }
    },
    async counts() {
      const { agencies, plain } = readCounters(counters.all())
      const since = oldestHeld.get()
      return {
        messages: plain.messages ?? 0,
        refused: plain.refused ?? 0,
        receiptsOwed: plain.owed ?? 0,
        orphans: orphans.get()!.n,
        overdue: overdue.get()!.n,
        heldAnswers: heldAnswers.get()!.n,
        ...(since ? { oldestHeldAnswerAt: iso(since.received_at) } : {}),
        sharedKeys: sharedKeys.get()!.n,
        agencies: agencies.map((a) => {
          const first = a.queued > 0 ? oldest.get(a.agency) : undefined
          return { ...a, ...(first ? { oldestQueuedAt: iso(first.at) } : {}) }
        }),
      }
    },
  }
}
