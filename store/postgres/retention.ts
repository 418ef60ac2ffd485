// retention — the bytes of messages long done with: found, read together for an archive, and taken out. The record
// stays: who sent what when, what came of it, every receipt, and above all which references are taken (promise 8) and
// what an answer may still cite.
import { idsFrom } from '../../messages/ids.js'
import type { Ledger } from '../ledger.js'
import { keptMessage, type KeptPieces } from '../kept-message.js'
import type { KeptForm } from '../packing.js'
import type { Keeping } from '../payloads/payloads.js'
import { toKept, toWhereabouts, type KeptReplyRow, type KeptRow, type LetGoRow } from '../rows/kept.js'
import type { Digests } from './digests.js'
import { held } from './legal-holds.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

type Kept = Pick<Ledger, 'keptBefore' | 'kept' | 'letGo' | 'sweepObjects' | 'whereabouts'>

/** Something of it may still have to be sent. Of a question that is all: nobody comes for an answer after days. */
const isUnended = `exists (select 1 from submission s where s.message_id = p.message_id
  and s.state not in ('submitted', 'dropped') offset 0)`

/**
 * A message is open while a person or the hub may still have to send it, or a receipt waits to be given back in its
 * sender's form. `offset 0`: asked of each message by its id, where PostgreSQL would rather collect all that are open
 * in the whole ledger.
 */
const isOpen = `(${isUnended}
  or exists (select 1 from receipt r where r.message_id = p.message_id and r.return_state = 'owed' offset 0))`

/** Messages with a question among their submissions, by the beginning of its id, whose bytes are here. */
const keptQuestions = `(select distinct q.message_id from submission q join payload k on k.message_id = q.message_id
  where q.submission_id >= 'qry_' and q.submission_id < 'qry\`')`

const agedFrom = (
  table: string,
  open = isOpen,
) => `select p.message_id, m.state, m.operation, ${open} as open, ${held} as held,
  greatest(m.received_at, coalesce((select max(a.received_at) from receipt r
  join reply a on a.reply_id = r.reply_id where r.message_id = p.message_id), 0)) as last_at from ${table} p
  join message m on m.message_id = p.message_id
  where p.message_id > @after and p.message_id < @before order by p.message_id limit @limit`

/** An answer none of whose messages has its bytes here. */
const emptyReply = `update reply_bytes set bytes = '' where reply_id = @replyId
    and exists (select 1 from reply a where a.reply_id = @replyId and a.settled_at is not null and a.orphan = 0)
    and not exists (select 1 from receipt r join payload p on p.message_id = r.message_id where r.reply_id = @replyId)`

/** Every statement by its name. */
export const retentionSql = {
  aged: agedFrom('payload'),
  agedRefused: agedFrom('refused_kept'),
  agedQuestions: agedFrom(keptQuestions, isUnended),
  payload: 'select bytes, packed from payload where message_id = @messageId',
  forwarded: 'select bytes from forwarded where message_id = @messageId',
  attachments: 'select name, media_type, bytes, packed from attachment where message_id = @messageId order by position',
  sent: `select s.submission_id, f.bytes from submission s join sent_form f on f.submission_id = s.submission_id
    where s.message_id = @messageId order by s.n`,
  replies: `select r.reply_id, r.agency, r.media_type, r.received_at, b.bytes, r.sha256 from reply r
    join reply_bytes b on b.reply_id = r.reply_id
    where r.reply_id in (select reply_id from receipt where message_id = @messageId and reply_id is not null)`,
  settled: `select 1 as there from payload p where message_id = @messageId and not ${isOpen} and not ${held}`,
  settledQuestion: `select 1 as there from payload p where message_id = @messageId and not ${isUnended}
    and not ${held}`,
  // Of the answers that were read with it, those no other message speaks of any more; what came since stays. Their
  // digest stays for good, so that they are known again. What a receipt gives as its body stays: receipts are kept
  // whole, but those that answer questions.
  emptyResult: emptyReply,
  emptyReply: `${emptyReply}
    and not exists (select 1 from receipt b where b.reply_id = @replyId and b.body_apart = 1)`,
  objects: 'select object from payload_object where message_id = @messageId',
  referredTo: 'select distinct object from payload_object where object = any(@objects::text[])',
  removeObjects: 'delete from payload_object where message_id = @messageId',
  removePayload: 'delete from payload where message_id = @messageId',
  removeForwarded: 'delete from forwarded where message_id = @messageId',
  removeAttachments: 'delete from attachment where message_id = @messageId',
  removeRefused: 'delete from refused_kept where message_id = @messageId',
  removeSent:
    'delete from sent_form where submission_id in (select submission_id from submission where message_id = @messageId)',
  gone: `insert into let_go (message_id, at, file, position, length)
    values (@messageId, @at, @file, @position, @length)`,
  where: 'select at, file, position, length from let_go where message_id = @messageId',
}
const sql = retentionSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Retention](../ledger/retention.ts). */
export function createRetention({
  reading,
  commit,
  digests,
  keeping,
}: {
  reading: Queries
  commit: GroupCommit
  digests: Digests
  keeping: Keeping
}): Kept {
  const referredTo = async (objects: readonly string[]) =>
    new Set((await reading.all<{ object: string }>(sql.referredTo, { objects })).map(({ object }) => object))

  return {
    async keptBefore(before, limit, { after = '', only } = {}) {
      const statement = only === 'refused' ? sql.agedRefused : only === 'questions' ? sql.agedQuestions : sql.aged
      const rows = await reading.all<KeptRow>(statement, { after, before: idsFrom('msg', before), limit })
      return rows.map(toKept)
    },
    async kept(messageId) {
      const found = await reading.get<KeptForm>(sql.payload, { messageId })
      if (!found) return undefined
      const pieces = {
        payload: found,
        attachments: await reading.all<KeptPieces['attachments'][number]>(sql.attachments, { messageId }),
        replies: await reading.all<KeptReplyRow>(sql.replies, { messageId }),
        forwarded: (await reading.get<{ bytes: Buffer }>(sql.forwarded, { messageId }))?.bytes,
        sent: await reading.all<KeptPieces['sent'][number]>(sql.sent, { messageId }),
      }
      return keptMessage(messageId, pieces, { digests, keeping })
    },
    async letGo(messages, now) {
      const objects: string[] = []
      const count = await commit(async (tx) => {
        let count = 0
        for (const { messageId, replyIds, place, question } of messages) {
          // Looked at again: a person may have done something about it since.
          if (!(await tx.get(question ? sql.settledQuestion : sql.settled, { messageId }))) continue
          if (keeping.apart)
            for (const { object } of await tx.all<{ object: string }>(sql.objects, { messageId })) objects.push(object)
          for (const removal of [
            sql.removePayload,
            sql.removeObjects,
            sql.removeForwarded,
            sql.removeAttachments,
            sql.removeRefused,
            sql.removeSent,
          ])
            await tx.run(removal, { messageId })
          for (const replyId of replyIds) await tx.run(question ? sql.emptyResult : sql.emptyReply, { replyId })
          await tx.run(sql.gone, {
            messageId,
            at: now.getTime(),
            file: place?.file ?? null,
            position: place?.position ?? null,
            length: place?.length ?? null,
          })
          count++
        }
        return count
      })
      await keeping.release(objects, async (object) => (await referredTo([object])).size > 0)
      return count
    },
    sweepObjects: () => keeping.sweep(referredTo),
    async whereabouts(messageId) {
      const row = await reading.get<LetGoRow>(sql.where, {
        messageId,
      })
      return row && toWhereabouts(row)
    },
  }
}
