// reply-attachments — files that came with agencies' answers: kept in the write that keeps the answer, compared with
// what they were before anybody gets them.
import type Database from 'better-sqlite3'
import type { AttachedFacts } from '../../messages/attached.js'
import { HubError } from '../../messages/errors.js'
import type { NewReplyFile } from '../ledger.js'
import { unpack, type KeptForm } from '../packing.js'
import { attachedFacts, attachedPiece, attachedSql, type AttachedRow } from '../rows/attached.js'
import type { Digests } from './digests.js'

export type ReplyAttachments = ReturnType<typeof createReplyAttachments>

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const replyAttachmentsSql = {
  ...attachedSql,
  ofReply: 'select name, media_type, size, sha256 from reply_attachment where reply_id = ? order by position',
  get: `select name, media_type, size, sha256, bytes, packed from reply_attachment where reply_id = @replyId
    and name = @name`,
}
const sql = replyAttachmentsSql

/** The files of an answer have its reply's id and their names. */
export function createReplyAttachments({ db, digests }: { db: Database.Database; digests: Digests }) {
  const insert = db.prepare<Record<string, string | number | Buffer>>(sql.insert)
  const renew = db.prepare<Record<string, string | number | Buffer>>(sql.renew)
  const ofReply = db.prepare<[string], AttachedRow>(sql.ofReply)
  const get = db.prepare<[{ replyId: string; name: string }], AttachedRow & KeptForm>(sql.get)

  return {
    /** In the transaction that keeps the answer. What came before stays, unless it was damaged since. */
    put(replyId: string, files: readonly NewReplyFile[]): void {
      for (const { name, mediaType, size, sha256, form } of files) {
        const row = { replyId, name, mediaType, size, sha256, bytes: form.bytes, packed: form.packed }
        if (!digests.isKnown({ id: replyId, piece: attachedPiece(name) })) insert.run(row)
        else if (renew.run(row).changes > 0) digests.healed(replyId, attachedPiece(name))
      }
    },
    facts: (replyId: string): AttachedFacts[] => ofReply.all(replyId).map(attachedFacts),
    /** @throws HubError HUB_RECEIPT_FILE_DAMAGED */
    async read(replyId: string, name: string): Promise<{ mediaType: string; bytes: Buffer } | undefined> {
      const row = get.get({ replyId, name })
      if (!row) return undefined
      const bytes = await digests.unpackedFile({ id: replyId, piece: attachedPiece(name), sum: row.sha256 }, () =>
        unpack(row),
      )
      if (!bytes) throw new HubError('HUB_RECEIPT_FILE_DAMAGED', { name })
      return { mediaType: row.media_type, bytes }
    },
  }
}
