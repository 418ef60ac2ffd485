// retention — the bytes of messages long done with: found, read together for an archive, and taken out. The record
// stays: who sent what when, what came of it, every receipt, and above all which references are taken (promise 8) and
// what an answer may still cite.
import type Database from 'better-sqlite3'
import type { Digests } from './digests.js'
import { held } from './legal-holds.js'
import { idsFrom } from '../../messages/ids.js'
import type { Ledger } from '../ledger.js'
import { keptMessage } from '../kept-message.js'
import type { KeptForm } from '../packing.js'
import type { Keeping } from '../payloads/payloads.js'
import { toKept, toWhereabouts, type KeptReplyRow, type KeptRow, type LetGoRow } from '../rows/kept.js'
import type { GroupCommit } from './group-commit.js'

type RetentionPart = Pick<Ledger, 'keptBefore' | 'kept' | 'letGo' | 'sweepObjects' | 'whereabouts' | 'size'>

/** Something of it may still have to be sent. Of a question that is all: nobody comes for an answer after days. */
const isUnended = `exists (select 1 from submission s where s.message_id = p.message_id
  and s.state not in ('submitted', 'dropped'))`

/**
 * A message is open while a person or the hub may still have to send it, or a receipt waits to be given back in its
 * sender's form.
 */
const isOpen = `(${isUnended}
  or exists (select 1 from receipt r where r.message_id = p.message_id and r.return_state = 'owed'))`

/** Messages with a question among their submissions, by the beginning of its id, whose bytes are here. */
const keptQuestions = `(select distinct q.message_id from submission q join payload k using (message_id)
  where q.submission_id >= 'qry_' and q.submission_id < 'qry\`')`

/** Messages of one table by their ids, with what says whether they may go. */
const agedIn = (
  table: string,
  open = isOpen,
) => `select p.message_id, m.state, m.operation, ${open} as open, ${held} as held,
  max(m.received_at, ifnull((select max(a.received_at) from receipt r join reply a using (reply_id)
  where r.message_id = p.message_id), 0)) as last_at from ${table} p join message m using (message_id)
  where p.message_id > @after and p.message_id < @before order by p.message_id limit @limit`

/** An answer none of whose messages has its bytes here. */
const emptyReply = `update reply set bytes = x'' where reply_id = ? and settled_at is not null and orphan = 0
    and not exists (select 1 from receipt r join payload p using (message_id) where r.reply_id = reply.reply_id)`

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const retentionSql = {
  aged: agedIn('payload'),
  agedRefused: agedIn('refused_kept'),
  agedQuestions: agedIn(keptQuestions, isUnended),
  payload: 'select bytes, packed from payload where message_id = ?',
  forwarded: 'select bytes from forwarded where message_id = ?',
  attachments: 'select name, media_type, bytes, packed from attachment where message_id = ? order by position',
  sent: `select submission_id, f.bytes from submission s join sent_form f using (submission_id) where s.message_id = ?
    order by s.n`,
  replies: `select reply_id, agency, media_type, received_at, bytes, sha256 from reply
    where reply_id in (select reply_id from receipt where message_id = ? and reply_id is not null)`,
  objects: 'select object from payload_object where message_id = ?',
  referredTo: 'select 1 from payload_object where object = ? limit 1',
  settled: `select 1 from payload p where message_id = ? and not ${isOpen} and not ${held}`,
  settledQuestion: `select 1 from payload p where message_id = ? and not ${isUnended} and not ${held}`,
  emptyResult: emptyReply,
  emptyReply: `${emptyReply}
    and not exists (select 1 from receipt b where b.reply_id = reply.reply_id
    and json_extract(opened(b.receipt), '$.body.size') is not null)`,
  removePayload: 'delete from payload where message_id = ?',
  removeObjects: 'delete from payload_object where message_id = ?',
  removeForwarded: 'delete from forwarded where message_id = ?',
  removeAttachments: 'delete from attachment where message_id = ?',
  removeRefused: 'delete from refused_kept where message_id = ?',
  removeSent:
    'delete from sent_form where submission_id in (select submission_id from submission where message_id = ?)',
  gone: `insert into let_go (message_id, at, file, position, length)
    values (@messageId, @at, @file, @position, @length)`,
  where: 'select at, file, position, length from let_go where message_id = ?',
}
const sql = retentionSql

/** This chapter of the ledger on SQLite; what it promises: [Retention](../ledger/retention.ts). */
export function createRetention({
  db,
  commit,
  digests,
  keeping,
}: {
  db: Database.Database
  commit: GroupCommit
  digests: Digests
  keeping: Keeping
}): RetentionPart {
  const aged = (text: string) => db.prepare<[{ after: string; before: string; limit: number }], KeptRow>(text)
  const [all, refused, questions] = [aged(sql.aged), aged(sql.agedRefused), aged(sql.agedQuestions)]
  const page = db.pragma('page_size', { simple: true }) as number
  // Asked after each turn of work: prepared once, as all else.
  const [pages, free] = ['page_count', 'freelist_count'].map((name) =>
    db.prepare<[], number>(`pragma ${name}`).pluck(),
  ) as [Database.Statement<[], number>, Database.Statement<[], number>]
  const payload = db.prepare<[string], KeptForm>(sql.payload)
  const forwarded = db.prepare<[string], { bytes: Buffer }>(sql.forwarded)
  const attachments = db.prepare<[string], { name: string; media_type: string | null } & KeptForm>(sql.attachments)
  const sent = db.prepare<[string], { submission_id: string; bytes: Buffer }>(sql.sent)
  const replies = db.prepare<[string], KeptReplyRow>(sql.replies)
  const objectsOf = db.prepare<[string], { object: string }>(sql.objects)
  const referredTo = db.prepare<[string], 1>(sql.referredTo)
  const settled = db.prepare<[string], 1>(sql.settled)
  const settledQuestion = db.prepare<[string], 1>(sql.settledQuestion)
  // Of the answers that were read with it, those no other message speaks of any more; what came since stays. Their
  // digest stays for good, so that they are known again. What a receipt gives as its body stays: receipts are kept
  // whole, but those that answer questions.
  const [emptyReply, emptyResult] = [db.prepare(sql.emptyReply), db.prepare(sql.emptyResult)]
  const removals = [
    sql.removePayload,
    sql.removeObjects,
    sql.removeForwarded,
    sql.removeAttachments,
    sql.removeRefused,
    sql.removeSent,
  ].map((text) => db.prepare<[string]>(text))
  const gone = db.prepare(sql.gone)
  const where = db.prepare<[string], LetGoRow>(sql.where)

  return {
    async keptBefore(before, limit, { after = '', only } = {}) {
      const some = only === 'refused' ? refused : only === 'questions' ? questions : all
      return some.all({ after, before: idsFrom('msg', before), limit }).map(toKept)
    },
    async kept(messageId) {
      const found = payload.get(messageId)
      if (!found) return undefined
      const pieces = {
        payload: found,
        attachments: attachments.all(messageId),
        forwarded: forwarded.get(messageId)?.bytes,
        sent: sent.all(messageId),
        replies: replies.all(messageId),
      }
      return keptMessage(messageId, pieces, { digests, keeping })
    },
    async letGo(messages, now) {
      const objects: string[] = []
      const count = await commit(() => {
        let count = 0
        for (const { messageId, replyIds, place, question } of messages) {
          // Looked at again: a person may have done something about it since.
          if (!(question ? settledQuestion : settled).get(messageId)) continue
          if (keeping.apart) for (const { object } of objectsOf.all(messageId)) objects.push(object)
          for (const removal of removals) removal.run(messageId)
          for (const replyId of replyIds) (question ? emptyResult : emptyReply).run(replyId)
          const { file = null, position = null, length = null } = place ?? {}
          gone.run({ messageId, at: now.getTime(), file, position, length })
          count++
        }
        return count
      })
      await keeping.release(objects, async (object) => referredTo.get(object) !== undefined)
      return count
    },
    sweepObjects: () =>
      keeping.sweep(async (objects) => new Set(objects.filter((object) => referredTo.get(object) !== undefined))),
    async whereabouts(messageId) {
      const row = where.get(messageId)
      return row && toWhereabouts(row)
    },
    size() {
      return { bytes: page * pages.get()!, spare: page * free.get()! }
    },
  }
}
