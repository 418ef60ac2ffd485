// refused-bytes — counts by day what is stored of a partner's refused messages, and lists those that are stored.
import type Database from 'better-sqlite3'
import { chinaDay } from '../../messages/china-time.js'
import { keepsRefused } from '../rules/refused-bytes.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const refusedBytesSql = {
  used: 'select bytes from refused_bytes where partner_id = @partnerId and day = @day',
  use: `insert into refused_bytes (partner_id, day, bytes) values (@partnerId, @day, @bytes) on conflict do update
    set bytes = bytes + excluded.bytes`,
  forget: 'delete from refused_bytes where partner_id = @partnerId and day < @before',
  keep: 'insert into refused_kept (message_id) values (@messageId)',
  drop: 'insert into let_go (message_id, at) values (@messageId, @at)',
}
const sql = refusedBytesSql

/** The quota is per partner and day in China (store/rules/refused-bytes.ts). */
export function createRefusedBytes(db: Database.Database) {
  const used = db.prepare<[{ partnerId: string; day: number }], { bytes: number }>(sql.used)
  const use = db.prepare(sql.use)
  const forget = db.prepare(sql.forget)
  const keep = db.prepare(sql.keep)
  const drop = db.prepare(sql.drop)

  /**
   * Within a write. Whether the bytes of this refused message are kept; when not, the ledger says that they are gone.
   */
  return function mayKeep(
    { messageId, partnerId, at, quota }: { messageId: string; partnerId: string; at: number; quota: number },
    bytes: number,
  ): boolean {
    const day = chinaDay(at)
    const before = used.get({ partnerId, day })
    if (!keepsRefused({ bytes, kept: before?.bytes ?? 0, quota })) {
      drop.run({ messageId, at })
      return false
    }
    if (!before) forget.run({ partnerId, before: day })
    use.run({ partnerId, day, bytes })
    keep.run({ messageId })
    return true
  }
}
