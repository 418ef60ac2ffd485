// learnt-numbers — an agency has taught a submission a number: later answers find it by that, and those that came
// before are found again.
import type { Key } from '../../messages/inspection.js'
import { learntBesides } from '../rules/learning.js'
import type { Write } from './write/transaction.js'

/** Every statement by its name. */
export const learntNumbersSql = {
  key: `insert into correlation (agency, name, value, submission_n, learnt)
    select distinct a.agency, a.name, a.value, a.n, 1 from unnest(@agency::text[], @name::text[], @value::text[],
    @n::bigint[]) as a (agency, name, value, n)
    on conflict (agency, name, value, submission_n) do update set learnt = 1`,
  told: `select k.reply_id from notice_key k join reply r on r.reply_id = k.reply_id
    where k.name = @name and k.value = @value and r.agency = @agency limit 50`,
  reopen: `update reply set settled_at = null where reply_id = @replyId and orphan = 0
    and exists (select 1 from reply_bytes b where b.reply_id = reply.reply_id and length(b.bytes) > 0)`,
  forget: 'delete from notice_key where reply_id = @replyId',
}
const sql = learntNumbersSql

/**
 * Within the transaction that records what the agency has said. Numbers it has already are passed over.
 * @returns what it has to be taught yet
 */
export async function learn(
  tx: Write,
  {
    n,
    agency,
    partner_id: partnerId,
    learning: word,
  }: { n: number; agency: string; partner_id: string; learning: string | null },
  keys: readonly Key[],
): Promise<string | null> {
  if (keys.length === 0) return word
  for (const { name, value } of keys) {
    tx.mayBeShared({ partnerId, agency, name, value })
    tx.gather(sql.key, { agency, name, value, n })
    if (!tx.mayBeNoticed({ name, value })) continue
    // Told as a notice when nobody knew better: its owner gets it after all.
    for (const { reply_id: replyId } of await tx.all<{ reply_id: string }>(sql.told, { name, value, agency })) {
      await tx.run(sql.reopen, { replyId })
      // By whatever number: once is enough.
      await tx.run(sql.forget, { replyId })
    }
  }
  if (word === null) return null
  return learntBesides(
    word,
    keys.map(({ name }) => name),
  )
}
