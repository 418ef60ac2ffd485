// write-probe — can a message be recorded now? The rows of one are written and taken back: every table and index a
// message needs is touched, and nothing of it stays but the beat.
import type { Write } from './write/transaction.js'

const id = 'probe'

/** Every statement by its name. */
export const writeProbeSql = {
  rows: [
    `insert into interchange (interchange_id, partner_id, channel, received_at, size, sha256)
    values ('${id}', '', 'http', 0, 0, '')`,
    `insert into message (n, message_id, interchange_id, partner_id, channel, reference, state, size, sha256,
    received_at) values (-1, '${id}', '${id}', '', 'http', '', 'accepted', 0, '', 0)`,
    `insert into payload (message_id, bytes) values ('${id}', '\\x00')`,
    `insert into identity (partner_id, identity, message_id) values ('', '${id}', '${id}')`,
    `insert into submission (n, submission_id, message_id, partner_id, agency, state, accepted_at, next_at)
    values (-1, '${id}', '${id}', '', '', 'queued', 0, 0)`,
    `insert into correlation (agency, name, value, submission_n) values ('', '', '${id}', 0)`,
    `insert into receipt (n, receipt_id, message_id, partner_id, channel, stage, receipt, return_state, return_next_at)
    values (-1, '${id}', '${id}', '', 'http', 'technical', '', 'owed', 0)`,
    `insert into attempt (submission_id, attempt, fence, started_at) values ('${id}', 1, '', 0)`,
  ],
  beat: `insert into counter (name, value) values ('ping', 1) on conflict (name) do update
    set value = counter.value + 1`,
}
const sql = writeProbeSql

/** Within a transaction. Throws what recording a message would throw now. */
export async function probe(tx: Write): Promise<void> {
  await tx.tried(async () => {
    for (const row of sql.rows) await tx.run(row)
  })
  await tx.run(sql.beat)
}
