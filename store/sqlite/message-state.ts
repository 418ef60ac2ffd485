// message-state — a message's own state, kept in step with its submissions in the same transaction, so that searches by
// state are one index.
import type Database from 'better-sqlite3'
import { combineStates, type ReceiptStatus, type SubmissionState } from '../../messages/states.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
const messageStateSql = {
  submissions: 'select state, status from submission where message_id = ?',
  update: 'update message set state = @state where message_id = @messageId and state <> @state',
}
const sql = messageStateSql

/** The function is called within the write that changed a submission. */
export function createMessageState(db: Database.Database) {
  const submissions = db.prepare<[string], { state: SubmissionState; status: ReceiptStatus | null }>(sql.submissions)
  const update = db.prepare(sql.update)
  return function refresh(messageId: string): void {
    const state = combineStates(submissions.all(messageId))
    update.run({ state, messageId })
  }
}
