// attached — a file that came with an agency's answer, as both engines keep it.
import type { AttachedFacts } from '../../messages/attached.js'

/** A file that came with a message or an answer, without its bytes. */
export interface AttachedRow {
  name: string
  media_type: string
  size: number
  sha256: string
}

/** `size` in bytes, of the file as it came. */
export const attachedFacts = ({ name, media_type, size, sha256 }: AttachedRow): AttachedFacts => ({
  name,
  mediaType: media_type,
  size,
  sha256,
})

/** What a file is called among the digests of its answer. */
export const attachedPiece = (name: string): string => `attachment ${name}`

/** Statements that are the same in both engines. A file that is there already stays as it is, unless it is renewed. */
export const attachedSql = {
  insert: `insert into reply_attachment (reply_id, position, name, media_type, size, sha256, bytes, packed)
     values (@replyId, (select count(*) from reply_attachment
     where reply_id = @replyId), @name, @mediaType, @size, @sha256, @bytes, @packed)
     on conflict do nothing`,
  renew: `update reply_attachment set media_type = @mediaType, size = @size, sha256 = @sha256, bytes = @bytes,
    packed = @packed
     where reply_id = @replyId and name = @name`,
}
