// sent-work — what a claim sends: the bytes of a submission with its files, as they are kept, unpacked, and whether
// they are what was taken.
import type Database from 'better-sqlite3'
import type { ClaimOutcome, SubmissionWork } from '../ledger.js'
import type { KeptForm } from '../packing.js'
import type { Keeping } from '../payloads/payloads.js'
import type { Digests } from './digests.js'

interface Row {
  submission_id: string
  message_id: string
  partner_id: string
  agency: string
  accepted_at: number
}

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const sentWorkSql = {
  apart: `select p.bytes, p.packed from submission s join payload p using (message_id)
    where s.submission_id = @submissionId and p.packed > 1
    union all select a.bytes, a.packed from submission s join attachment a using (message_id)
    where s.submission_id = @submissionId and a.packed > 1`,
  hasForm: 'select 1 from sent_form where submission_id = ?',
  hasForwarded: 'select 1 from forwarded where message_id = ?',
  message: `select reference, operation, document_type, ifnull(f.bytes, p.bytes) as bytes,
    case when f.bytes is null then p.packed else 0 end as packed from message m join payload p using (message_id)
    left join forwarded f using (message_id) where message_id = ?`,
  sentForm: 'select bytes from sent_form where submission_id = ?',
  attachments: 'select name, media_type, bytes, packed from attachment where message_id = ? order by position',
}
const sql = sentWorkSql

/** What `claim` hands to the worker. Bytes that are not what was taken are never sent. */
export function createSentWork({
  db,
  digests,
  keeping,
}: {
  db: Database.Database
  digests: Digests
  keeping: Keeping
}) {
  const hasForm = db.prepare<[string], 1>(sql.hasForm)
  const hasForwarded = db.prepare<[string], 1>(sql.hasForwarded)
  const message = db.prepare<[string], { reference: string; operation: string; document_type: string } & KeptForm>(
    sql.message,
  )
  const sentForm = db.prepare<[string], { bytes: Buffer }>(sql.sentForm)
  const attachments = db.prepare<[string], { name: string; media_type: string | null } & KeptForm>(sql.attachments)
  const apart = db.prepare<[{ submissionId: string }], KeptForm>(sql.apart)

  /** Bytes that are still in the form they are kept in: unpacked when the write is made, off the main thread. */
  const stillPacked = new WeakMap<Buffer, number>()
  function asKept({ bytes, packed }: KeptForm): Buffer {
    if (packed > 0) stillPacked.set(bytes, packed)
    return bytes
  }

  return {
    /**
     * What a claim will send, where it lies in an object store: fetched before, so that a store that is away claims
     * nothing.
     */
    async fetchAhead(submissionId: string): Promise<Keeping['unpack']> {
      return keeping.apart ? keeping.ahead(apart.all({ submissionId })) : keeping.unpack
    },
    /** Read within the write; its bytes as they are kept. */
    of(row: Row, attempt: number): SubmissionWork {
      const m = message.get(row.message_id)!
      return {
        submissionId: row.submission_id,
        messageId: row.message_id,
        partnerId: row.partner_id,
        agency: row.agency,
        operation: m.operation,
        documentType: m.document_type,
        reference: m.reference,
        attempt,
        acceptedAt: new Date(row.accepted_at),
        bytes: sentForm.get(row.submission_id)?.bytes ?? asKept(m),
        attachments: attachments.all(row.message_id).map(({ name, bytes, packed, media_type }) => ({
          name,
          bytes: asKept({ bytes, packed }),
          ...(media_type === null ? {} : { mediaType: media_type }),
        })),
      }
    },
    /** @param unpack as `fetchAhead` gave it */
    async unpacked(claimed: ClaimOutcome, unpack: Keeping['unpack']): Promise<ClaimOutcome> {
      if (!('work' in claimed)) return claimed
      const { work } = claimed
      const whole = (bytes: Buffer) => unpack({ bytes, packed: stillPacked.get(bytes) ?? 0 })
      const files = work.attachments.map(async (file) => ({ ...file, bytes: await whole(file.bytes) }))
      return { ...claimed, work: { ...work, bytes: await whole(work.bytes), attachments: await Promise.all(files) } }
    },
    async isWhole({ submissionId, messageId, bytes, attachments }: SubmissionWork): Promise<boolean> {
      const piece = hasForm.get(submissionId) ? 'sent' : hasForwarded.get(messageId) ? 'forwarded' : 'message'
      return (
        (await digests.isWhole(piece === 'sent' ? submissionId : messageId, piece, bytes)) &&
        (await digests.attachmentsAreWhole(messageId, attachments))
      )
    },
  }
}
