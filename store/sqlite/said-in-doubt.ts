// said-in-doubt — what the agency has already said of a submission that is on its way to it once more. After a try in
// doubt it may have the message, and its receipts may come before it is asked or told again: they are recorded and
// given to the partner at once, and what they say counts from the moment the hub knows that the agency has it. A try
// that surely did not arrive makes no receipt believable: it is an older filing's.
import type Database from 'better-sqlite3'
import type { ReceiptStatus } from '../../messages/states.js'
import { newestOf } from '../rules/business-status.js'
import { wasInDoubt } from '../rules/tries.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const saidInDoubtSql = {
  doubted: `select 1 from attempt t where t.submission_id = ? and ${wasInDoubt('t')} limit 1`,
  said: `select json_extract(opened(receipt), '$.status') as status from receipt
    where message_id = @messageId and submission_id = @submissionId and reply_id is not null order by n`,
}
const sql = saidInDoubtSql

/** The function is called within a write. Null: there was no doubt, or nothing was said. */
export function createSaidInDoubt(db: Database.Database) {
  const doubted = db.prepare<[string], 1>(sql.doubted)
  const said = db.prepare<[{ messageId: string; submissionId: string }], ReceiptStatus>(sql.said).pluck()
  return ({ submission_id, message_id }: { submission_id: string; message_id: string }): ReceiptStatus | null =>
    doubted.get(submission_id) === undefined
      ? null
      : newestOf(said.all({ messageId: message_id, submissionId: submission_id }))
}
