// reading — one message with its whole history, contents, counts. Nothing here writes.
import type { GrantScope } from '../../messages/filing-grant.js'
import type { Ledger, SubmissionView } from '../ledger.js'
import type { KeptForm } from '../packing.js'
import type { Keeping } from '../payloads/payloads.js'
import type { Digests } from './digests.js'
import { mustBeWhole } from '../sums.js'
import { messageRow } from './message-list.js'
import { messageView, type BesideMessage, type MessageRow } from '../rows/message.js'
import type { ReceiptRow } from '../rows/receipt.js'
import { readCounters, submissionView, type AttemptRow, type SubmissionRow } from '../rows/submission.js'
import { createReceiptViews } from './receipt-views.js'
import type { ReplyAttachments } from './reply-attachments.js'
import type { Queries } from './statements.js'

const iso = (ms: number) => new Date(ms).toISOString()

/** Every statement by its name. */
export const readingSql = {
  one: messageRow('m.message_id = @messageId'),
  submissions: 'select * from submission where message_id = @messageId order by n',
  attempts: 'select * from attempt where submission_id = any(@ids::text[]) order by submission_id, attempt',
  receipts: 'select * from receipt where message_id = @messageId order by n',
  attachments: 'select name, size, media_type from attachment where message_id = @messageId order by position',
  forwarded: 'select bytes from forwarded where message_id = @messageId',
  sentForm: `select s.submission_id, f.bytes from submission s join sent_form f on f.submission_id = s.submission_id
    where s.message_id = @messageId order by s.n limit 1`,
  acknowledgement: 'select media_type, bytes from acknowledgement where interchange_id = @interchangeId',
  payload: 'select bytes, packed from payload where message_id = @messageId',
  letGo: 'select at, file from let_go where message_id = @messageId',
  filedUnder: 'select owner, operation, company from agent_filing where message_id = @messageId order by n',
  counters: 'select name, value from counter',
  oldest: `select a.agency, s.accepted_at as at from unnest(@agencies::text[]) as a (agency)
    cross join lateral (select accepted_at from submission where agency = a.agency and state = 'queued' order by n
    limit 1) s`,
  open: `select (select count(*) from reply where orphan = 1) as orphans, (select count(*) from reply
    where orphan = 2) as held,
    (select received_at from reply where orphan = 2 order by n limit 1) as oldest_held,
    (select count(*) from shared_key where closed_at is null) as shared, (select count(*) from submission
    where overdue = 1) as overdue`,
}
const sql = readingSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Reading](../ledger/reading.ts). */
export function createReading({
  reading,
  digests,
  replyAttachments,
  keeping,
}: {
  reading: Queries
  digests: Digests
  replyAttachments: ReplyAttachments
  keeping: Keeping
}): Pick<Ledger, 'getMessage' | 'getContent' | 'getForwarded' | 'getAcknowledgement' | 'counts'> {
  const views = createReceiptViews({ reading, digests, replyAttachments })

  /** Another partner's message is as unknown as none (promise 9). */
  async function visible(messageId: string, partnerId?: string): Promise<MessageRow | undefined> {
    const row = await reading.get<MessageRow>(sql.one, { messageId })
    return row && (partnerId === undefined || row.partner_id === partnerId) ? row : undefined
  }

  async function submissionViews(messageId: string): Promise<SubmissionView[]> {
    const rows = await reading.all<SubmissionRow>(sql.submissions, { messageId })
    const attempts = await reading.all<AttemptRow>(sql.attempts, { ids: rows.map((s) => s.submission_id) })
    return rows.map((s) =>
      submissionView(
        s,
        attempts.filter((a) => a.submission_id === s.submission_id),
      ),
    )
  }

  async function wholePayload(messageId: string): Promise<Buffer | undefined> {
    const kept = await reading.get<KeptForm>(sql.payload, { messageId })
    if (!kept) return undefined
    const bytes = await digests.unpacked(messageId, keeping.unpack(kept))
    mustBeWhole(await digests.isWhole(messageId, 'message', bytes), messageId)
    return bytes
  }

  return {
    async getMessage(messageId, partnerId) {
      const row = await visible(messageId, partnerId)
      if (!row) return undefined
      const receipts = await views.list(await reading.all<ReceiptRow>(sql.receipts, { messageId }))
      const gone = await reading.get<NonNullable<BesideMessage['gone']>>(sql.letGo, { messageId })
      const grants = await reading.all<GrantScope>(sql.filedUnder, { messageId })
      const files = await reading.all<BesideMessage['files'][number]>(sql.attachments, { messageId })
      return messageView(row, { files, submissions: await submissionViews(messageId), receipts, grants, gone })
    },
    async getContent(messageId, partnerId) {
      const row = await visible(messageId, partnerId)
      if (!row) return undefined
      const bytes = await wholePayload(messageId)
      return {
        ...(bytes ? { bytes } : {}),
        ...(row.content_type === null ? {} : { contentType: row.content_type }),
        ...(row.filename === null ? {} : { filename: row.filename }),
      }
    },
    async getForwarded(messageId, partnerId) {
      const row = await visible(messageId, partnerId)
      if (!row) return undefined
      const sent = await reading.get<{ submission_id: string; bytes: Buffer }>(sql.sentForm, { messageId })
      if (sent) {
        mustBeWhole(await digests.isWhole(sent.submission_id, 'sent', sent.bytes), messageId)
        return { bytes: sent.bytes }
      }
      const made = await reading.get<{ bytes: Buffer }>(sql.forwarded, { messageId })
      if (made) {
        mustBeWhole(await digests.isWhole(messageId, 'forwarded', made.bytes), messageId)
        return { bytes: made.bytes }
      }
      const bytes = await wholePayload(messageId)
      return bytes ? { bytes } : {}
    },
    async getAcknowledgement(messageId, partnerId) {
      const row = await visible(messageId, partnerId)
      const found =
        row &&
        (await reading.get<{ media_type: string; bytes: Buffer }>(sql.acknowledgement, {
          interchangeId: row.interchange_id,
        }))
      if (found) mustBeWhole(await digests.isWhole(row.interchange_id, 'acknowledgement', found.bytes), messageId)
      return found && { mediaType: found.media_type, bytes: found.bytes }
    },
    async counts() {
      const { agencies, plain } = readCounters(await reading.all<{ name: string; value: number }>(sql.counters))
      const open = (await reading.get<{
        orphans: number
        held: number
        oldest_held: number | null
        shared: number
        overdue: number
      }>(sql.open))!
      const waiting = agencies.filter(({ queued }) => queued > 0).map(({ agency }) => agency)
      const oldest = new Map(
        (await reading.all<{ agency: string; at: number }>(sql.oldest, { agencies: waiting })).map((row) => [
          row.agency,
          row.at,
        ]),
      )
      return {
        messages: plain.messages ?? 0,
        refused: plain.refused ?? 0,
        receiptsOwed: plain.owed ?? 0,
        orphans: open.orphans,
        overdue: open.overdue,
        heldAnswers: open.held,
        ...(open.oldest_held === null ? {} : { oldestHeldAnswerAt: iso(open.oldest_held) }),
        sharedKeys: open.shared,
        agencies: agencies.map((a) => {
          const first = oldest.get(a.agency)
          return { ...a, ...(first === undefined ? {} : { oldestQueuedAt: iso(first) }) }
        }),
      }
    },
  }
}
