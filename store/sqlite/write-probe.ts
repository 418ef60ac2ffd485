// write-probe — can a message be recorded now? The rows of one are written and taken back: every table and index a
// message needs is touched where the next one will stand, and nothing of it stays.
import type Database from 'better-sqlite3'
import type { CommitSealing } from './group-commit.js'

const id = 'probe'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const writeProbeSql = {
  begin: 'savepoint probe',
  back: 'rollback to probe',
  end: 'release probe',
}
const sql = writeProbeSql

/** @param sealing what the chain of hashes was told of it is taken back too */
export function createWriteProbe(db: Database.Database, sealing: Pick<CommitSealing, 'mark' | 'undo'>): () => void {
  const begin = db.prepare(sql.begin)
  const back = db.prepare(sql.back)
  const end = db.prepare(sql.end)
  const rows = [
    `insert into interchange (interchange_id, partner_id, channel, received_at, size, sha256)
    values ('${id}', '', 'http', 0, 0, '')`,
    `insert into message (message_id, interchange_id, partner_id, channel, reference, state, size, sha256, received_at)
    values ('${id}', '${id}', '', 'http', '', 'accepted', 0, '', 0)`,
    `insert into payload (message_id, bytes) values ('${id}', x'00')`,
    `insert into identity (partner_id, identity, message_id) values ('', '${id}', '${id}')`,
    `insert into submission (submission_id, message_id, partner_id, agency, state, accepted_at, next_at)
    values ('${id}', '${id}', '', '', 'queued', 0, 0)`,
    `insert into correlation (agency, name, value, submission_n) values ('', '', '${id}', 0)`,
    `insert into receipt (receipt_id, message_id, partner_id, channel, stage, receipt, return_state, return_next_at)
    values ('${id}', '${id}', '', 'http', 'technical', '', 'owed', 0)`,
    `insert into attempt (submission_id, attempt, fence, started_at) values ('${id}', 1, '', 0)`,
  ].map((sql) => db.prepare(sql))
  return function probe() {
    begin.run()
    const mark = sealing.mark()
    try {
      for (const row of rows) row.run()
    } finally {
      sealing.undo(mark)
      if (db.inTransaction) {
        back.run()
        end.run()
      }
    }
  }
}
