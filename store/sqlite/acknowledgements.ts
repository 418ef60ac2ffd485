// acknowledgements — what an interchange was answered as a whole; and what a refusal found while it is recorded adds to
// that.
import type Database from 'better-sqlite3'
import type { Acknowledgement } from '../../messages/inbound.js'
import type { Digests } from './digests.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const acknowledgementsSql = {
  row: `insert into acknowledgement (interchange_id, media_type, bytes) values (@interchangeId, @mediaType, @bytes)
    on conflict do update set bytes = excluded.bytes`,
  get: 'select media_type, bytes from acknowledgement where interchange_id = ?',
}
const sql = acknowledgementsSql

/** Each is called within the write that records the interchange. */
export function createAcknowledgements(db: Database.Database, digests: Digests) {
  const row = db.prepare(sql.row)
  const get = db.prepare<[string], { media_type: string; bytes: Buffer }>(sql.get)

  /** Within a write. */
  function put(interchangeId: string, { mediaType, bytes }: Acknowledgement): void {
    row.run({ interchangeId, mediaType, bytes })
    digests.noteAcknowledgement(interchangeId, bytes)
  }

  return {
    put,
    /** Within a write: in EDIFACT, behind what is there. */
    append(interchangeId: string, more: Uint8Array): void {
      const before = get.get(interchangeId)
      const bytes = Buffer.concat([...(before ? [before.bytes] : []), more])
      put(interchangeId, { mediaType: before?.media_type ?? 'application/edifact', bytes })
    },
  }
}
