// kept-message — all bytes that are kept of one message, unpacked and compared with what they were, whichever engine
// has read them.
import type { DamageNotes } from './damage.js'
import type { KeptBytes } from './kept.js'
import type { KeptForm } from './packing.js'
import type { Keeping } from './payloads/payloads.js'
import { toKeptReplies, type KeptReplyRow } from './rows/kept.js'
import { mustBeWhole, type Piece } from './sums.js'

/** As they stand in the ledger. */
export interface KeptPieces {
  payload: KeptForm
  attachments: ({ name: string; media_type: string | null } & KeptForm)[]
  /** The XML that was made of the message and sent on, where one was. */
  forwarded: Buffer | undefined
  /** What single agencies were sent in its place. */
  sent: { submission_id: string; bytes: Buffer }[]
  replies: KeptReplyRow[]
}

/** @see [createRetention](./sqlite/retention.ts), [createRetention](./postgres/retention.ts) */
interface KeptParts {
  digests: Pick<DamageNotes, 'unpacked' | 'repliesAreWhole'> & {
    isWhole: (id: string, piece: Piece, bytes: Buffer) => Promise<boolean>
    attachmentsAreWhole: (messageId: string, files: readonly { name: string; bytes: Buffer }[]) => Promise<boolean>
  }
  keeping: Pick<Keeping, 'unpack'>
}

/** @throws HubError HUB_BYTES_DAMAGED where any of them is not what it was */
export async function keptMessage(
  messageId: string,
  { payload, attachments, forwarded, sent, replies }: KeptPieces,
  { digests, keeping }: KeptParts,
): Promise<KeptBytes> {
  const files = await Promise.all(
    attachments.map(async ({ name, media_type, ...form }) => ({
      name,
      bytes: await digests.unpacked(messageId, keeping.unpack(form)),
      ...(media_type === null ? {} : { mediaType: media_type }),
    })),
  )
  const bytes = await digests.unpacked(messageId, keeping.unpack(payload))
  mustBeWhole(
    (await digests.isWhole(messageId, 'message', bytes)) &&
      (forwarded === undefined || (await digests.isWhole(messageId, 'forwarded', forwarded))) &&
      (await digests.attachmentsAreWhole(messageId, files)) &&
      (await sentAreWhole()) &&
      (await digests.repliesAreWhole(replies.map((r) => ({ id: r.reply_id, bytes: r.bytes, sum: r.sha256 })))).every(
        Boolean,
      ),
    messageId,
  )
  return {
    ...(forwarded ? { forwarded } : {}),
    sent: sent.map(({ submission_id, bytes: form }) => ({ submissionId: submission_id, bytes: form })),
    replies: toKeptReplies(replies),
    bytes,
    attachments: files,
  }

  async function sentAreWhole(): Promise<boolean> {
    for (const { submission_id, bytes: form } of sent)
      if (!(await digests.isWhole(submission_id, 'sent', form))) return false
    return true
  }
}
