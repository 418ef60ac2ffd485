// reply-attachments — files that came with agencies' answers: kept in the write that keeps the answer, compared with
// what they were before anybody gets them.
import type { AttachedFacts } from '../../messages/attached.js'
import { HubError } from '../../messages/errors.js'
import type { NewReplyFile } from '../ledger.js'
import { unpack, type KeptForm } from '../packing.js'
import { attachedFacts, attachedPiece, attachedSql, type AttachedRow } from '../rows/attached.js'
import type { Digests } from './digests.js'
import type { Queries } from './statements.js'
import type { Write } from './write/transaction.js'

/** Of which answer it is. */
interface FactsRow extends AttachedRow {
  reply_id: string
}

export type ReplyAttachments = ReturnType<typeof createReplyAttachments>

/** Every statement by its name. */
export const replyAttachmentsSql = {
  ...attachedSql,
  ofReplies: `select reply_id, name, media_type, size, sha256 from reply_attachment where reply_id = any(@ids::text[])
    order by reply_id, position`,
  get: `select reply_id, name, media_type, size, sha256, bytes, packed from reply_attachment
    where reply_id = @replyId and name = @name`,
}
const sql = replyAttachmentsSql

/** The files of an answer have its reply's id and their names. */
export function createReplyAttachments({ reading, digests }: { reading: Queries; digests: Digests }) {
  return {
    /** In the transaction that keeps the answer. What came before stays, unless it was damaged since. */
    async put(tx: Write, replyId: string, files: readonly NewReplyFile[]): Promise<void> {
      for (const { name, mediaType, size, sha256, form } of files) {
        const row = { replyId, name, mediaType, size, sha256, bytes: form.bytes, packed: form.packed }
        if (!digests.isKnown({ id: replyId, piece: attachedPiece(name) })) await tx.run(sql.insert, row)
        else if ((await tx.run(sql.renew, row)) > 0) await digests.healed(tx, replyId, attachedPiece(name))
      }
    },
    /** Of each of these answers, by its id. */
    async facts(ids: readonly string[]): Promise<Map<string, AttachedFacts[]>> {
      const found = new Map<string, AttachedFacts[]>()
      if (ids.length === 0) return found
      for (const row of await reading.all<FactsRow>(sql.ofReplies, { ids }))
        found.set(row.reply_id, [...(found.get(row.reply_id) ?? []), attachedFacts(row)])
      return found
    },
    /** @throws HubError HUB_RECEIPT_FILE_DAMAGED */
    async read(replyId: string, name: string): Promise<{ mediaType: string; bytes: Buffer } | undefined> {
      const row = await reading.get<FactsRow & KeptForm>(sql.get, { replyId, name })
      if (!row) return undefined
      const bytes = await digests.unpackedFile({ id: replyId, piece: attachedPiece(name), sum: row.sha256 }, () =>
        unpack(row),
      )
      if (!bytes) throw new HubError('HUB_RECEIPT_FILE_DAMAGED', { name })
      return { mediaType: row.media_type, bytes }
    },
  }
}
