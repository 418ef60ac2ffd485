// refused-bytes — what is kept of a partner's refused messages is counted by day; which of them are here is listed.
import type Database from 'better-sqlite3'
import { keepsRefused } from '../rules/refused-bytes.js'

const dayMs = 86_400_000

export function createRefusedBytes(db: Database.Database) {
  const used = db.prepare<[string, number], { bytes: number }>(
    'select bytes from refused_bytes where partner_id = ? and day = ?',
  )
  const use = db.prepare(
    'insert into refused_bytes (partner_id, day, bytes) values (?, ?, ?) on conflict do update set bytes = bytes + excluded.bytes',
  )
  const forget = db.prepare('delete from refused_bytes where partner_id = ? and day < ?')
  const keep = db.prepare('insert into refused_kept (message_id) values (?)')
  const drop = db.prepare('insert into let_go (message_id, at) values (?, ?)')

  /** Within a write. Whether the bytes of this refused message are kept; when not, the ledger says that they are gone. */
  return function mayKeep(
    { messageId, partnerId, at, quota }: { messageId: string; partnerId: string; at: number; quota: number },
    bytes: number,
  ): boolean {
    const day = Math.floor(at / dayMs)
    const before = used.get(partnerId, day)
    if (!keepsRefused({ bytes, kept: before?.bytes ?? 0, quota })) {
      drop.run(messageId, at)
      return false
    }
    if (!before) forget.run(partnerId, day)
    use.run(partnerId, day, bytes)
    keep.run(messageId)
    return true
  }
}
