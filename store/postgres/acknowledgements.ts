// acknowledgements — what an interchange was answered as a whole; and what a refusal found while it is recorded adds to
// that.
import type { Acknowledgement } from '../../messages/inbound.js'
import type { Digests } from './digests.js'
import type { Write } from './write/transaction.js'

/** Every statement by its name. */
export const acknowledgementsSql = {
  put: `insert into acknowledgement (interchange_id, media_type, bytes) values (@interchangeId, @mediaType, @bytes)
    on conflict (interchange_id) do update set bytes = excluded.bytes`,
  get: 'select media_type, bytes from acknowledgement where interchange_id = @interchangeId',
}
const sql = acknowledgementsSql

/** Each takes the transaction that records the interchange. */
export function createAcknowledgements(digests: Digests) {
  async function put(tx: Write, interchangeId: string, { mediaType, bytes }: Acknowledgement): Promise<void> {
    await tx.run(sql.put, { interchangeId, mediaType, bytes: Buffer.from(bytes) })
    await digests.noteAcknowledgement(tx, interchangeId, Buffer.from(bytes))
  }

  return {
    put,
    /** In EDIFACT, behind what is there. */
    async append(tx: Write, interchangeId: string, more: Uint8Array): Promise<void> {
      const before = await tx.get<{ media_type: string; bytes: Buffer }>(sql.get, { interchangeId })
      const bytes = Buffer.concat([...(before ? [before.bytes] : []), more])
      await put(tx, interchangeId, { mediaType: before?.media_type ?? 'application/edifact', bytes })
    },
  }
}
