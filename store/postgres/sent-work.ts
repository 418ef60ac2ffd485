// sent-work — what a claim sends: the bytes of a submission with its files, unpacked, and whether they are what was
// taken.
import { HubError } from '../../messages/errors.js'
import type { ClaimOutcome, EarlierTries, SubmissionWork } from '../ledger.js'
import type { KeptForm } from '../packing.js'
import type { Keeping } from '../payloads/payloads.js'
import type { Sums } from '../sums.js'
import type { Digests } from './digests.js'
import type { Queries } from './statements.js'
import type { KnownSubmission } from './write/known-rows.js'

/** A claim as the transaction leaves it: what is to be sent is read when it is made, and holds up nobody's write. */
export type BegunClaim =
  | Exclude<ClaimOutcome, { work: SubmissionWork }>
  | (Without<Extract<ClaimOutcome, { work: SubmissionWork }>> & {
      row: KnownSubmission
      attempt: number
      earlier?: EarlierTries
    })
type Without<T> = T extends unknown ? Omit<T, 'work'> : never

/** Every statement by its name. */
export const sentWorkSql = {
  message: `select m.reference, m.operation, m.document_type, coalesce(sf.bytes, f.bytes, p.bytes) as bytes,
    case when sf.bytes is null and f.bytes is null then p.packed else 0 end as packed,
    case when sf.bytes is not null then 'sent' when f.bytes is not null then 'forwarded' else 'message' end as piece,
    d.sums, exists (select 1 from attachment a where a.message_id = m.message_id) as attached
    from message m left join digest d on d.id = case when exists (select 1 from sent_form o
    where o.submission_id = @submissionId) then @submissionId else m.message_id end
    join payload p on p.message_id = m.message_id left join forwarded f on f.message_id = m.message_id
    left join sent_form sf on sf.submission_id = @submissionId where m.message_id = @messageId`,
  apart: `select p.bytes, p.packed from submission s join payload p on p.message_id = s.message_id
    where s.submission_id = @submissionId and p.packed > 1
    union all select a.bytes, a.packed from submission s join attachment a on a.message_id = s.message_id
    where s.submission_id = @submissionId and a.packed > 1`,
  attachments: 'select name, media_type, bytes, packed from attachment where message_id = @messageId order by position',
}
const sql = sentWorkSql

/** What `claim` hands to the worker. Bytes that are not what was taken are never sent. */
export function createSentWork({
  reading,
  digests,
  keeping,
}: {
  reading: Queries
  digests: Digests
  keeping: Keeping
}) {
  return {
    /**
     * What a claim will send, where it lies in an object store: fetched before, so that a store that is away claims
     * nothing.
     */
    async fetchAhead(submissionId: string): Promise<Keeping['unpack']> {
      return keeping.apart ? keeping.ahead(await reading.all<KeptForm>(sql.apart, { submissionId })) : keeping.unpack
    },
    /**
     * What is to be sent, with the answer to whether it is what was taken.
     * @param unpack as `fetchAhead` gave it
     */
    async claimed(begun: BegunClaim, unpack: Keeping['unpack']): Promise<ClaimOutcome> {
      if (!('row' in begun)) return begun
      const { row, attempt, earlier, ...claimed } = begun
      const { submission_id: submissionId, message_id: messageId } = row
      const m = (await reading.get<
        {
          reference: string
          operation: string
          document_type: string
          piece: 'sent' | 'forwarded' | 'message'
          sums: string | null
          attached: boolean
        } & KeptForm
      >(sql.message, { messageId, submissionId }))!
      const files = m.attached
        ? await reading.all<{ name: string; media_type: string | null } & KeptForm>(sql.attachments, { messageId })
        : []
      const facts = {
        submissionId,
        messageId,
        partnerId: row.partner_id,
        agency: row.agency,
        operation: m.operation,
        documentType: m.document_type,
        reference: m.reference,
        attempt,
        ...earlier,
        acceptedAt: new Date(row.accepted_at),
      }
      const named = (file: (typeof files)[number], bytes: Buffer) => ({
        name: file.name,
        bytes,
        ...(file.media_type === null ? {} : { mediaType: file.media_type }),
      })
      let work: SubmissionWork
      try {
        const attachments = []
        for (const file of files) attachments.push(named(file, await unpack(file)))
        work = { ...facts, bytes: await unpack(m), attachments }
      } catch (error) {
        if (claimed.outcome !== 'claimed' || error instanceof HubError) throw error
        digests.unreadable(messageId, error)
        const attachments = files.map((file) => named(file, file.bytes))
        return { ...claimed, work: { ...facts, bytes: m.bytes, attachments, damaged: true } }
      }
      if (claimed.outcome !== 'claimed') return { ...claimed, work }
      const whole =
        (await digests.isWhole(
          m.piece === 'sent' ? submissionId : messageId,
          m.piece,
          work.bytes,
          JSON.parse(m.sums ?? '{}') as Sums,
        )) && (await digests.attachmentsAreWhole(messageId, work.attachments))
      return { ...claimed, work: whole ? work : { ...work, damaged: true } }
    },
  }
}
