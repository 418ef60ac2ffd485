// learnt-numbers — an agency has taught a submission a number: later answers find it by that, and those that came
// before are found again.
import type Database from 'better-sqlite3'
import type { Key } from '../../messages/inspection.js'
import { learntBesides } from '../rules/learning.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const learntNumbersSql = {
  key: `insert into correlation (agency, name, value, submission_n, learnt) values (@agency, @name, @value, @n, 1)
    on conflict do update
    set learnt = 1`,
  learning: 'select learning from submission where n = ?',
  note: 'update submission set learning = @learning where n = @n',
  told: `select k.reply_id from notice_key k join reply r using (reply_id)
    where k.name = @name and k.value = @value and r.agency = @agency limit 50`,
  reopen: 'update reply set settled_at = null where reply_id = ? and orphan = 0 and length(bytes) > 0',
  forget: 'delete from notice_key where reply_id = ?',
}
const sql = learntNumbersSql

/** The function is called within a write. Numbers the submission has already are passed over. */
export function createLearntNumbers(
  db: Database.Database,
): (row: { n: number; agency: string }, learn: readonly Key[]) => void {
  const key = db.prepare(sql.key)
  const learning = db.prepare<[number], { learning: string | null }>(sql.learning)
  const note = db.prepare(sql.note)
  // Told as a notice when nobody knew better: its owner gets it after all.
  const told = db.prepare<[{ name: string; value: string; agency: string }], { reply_id: string }>(sql.told)
  const reopen = db.prepare(sql.reopen)
  const forget = db.prepare(sql.forget)
  return ({ n, agency }, learn) => {
    if (learn.length === 0) return
    for (const { name, value } of learn) {
      key.run({ agency, name, value, n })
      for (const { reply_id } of told.all({ name, value, agency })) {
        reopen.run(reply_id)
        // By whatever number: once is enough.
        forget.run(reply_id)
      }
    }
    const word = learning.get(n)?.learning
    if (word === undefined || word === null) return
    const names = learn.map(({ name }) => name)
    note.run({ learning: learntBesides(word, names), n })
  }
}
