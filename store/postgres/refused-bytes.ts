// refused-bytes — counts by day what is stored of a partner's refused messages, and lists those that are stored.
import { chinaDay } from '../../messages/china-time.js'
import { keepsRefused } from '../rules/refused-bytes.js'
import type { Write } from './write/transaction.js'

/** Every statement by its name. */
export const refusedBytesSql = {
  used: 'select bytes from refused_bytes where partner_id = @partnerId and day = @day',
  use: `insert into refused_bytes (partner_id, day, bytes) values (@partnerId, @day, @bytes)
    on conflict (partner_id, day) do update set bytes = excluded.bytes`,
  forget: 'delete from refused_bytes where partner_id = @partnerId and day < @day',
}
const sql = refusedBytesSql

/** What is kept of a partner's day, as each transaction under way knows it: read once, written once. */
const known = new WeakMap<Write, Map<string, { bytes: number }>>()

async function usedBy(tx: Write, partnerId: string, day: number): Promise<{ bytes: number }> {
  const days = known.get(tx) ?? new Map<string, { bytes: number }>()
  known.set(tx, days)
  const place = `${day} ${partnerId}`
  const before = days.get(place)
  if (before) return before
  const found = await tx.get<{ bytes: number }>(sql.used, { partnerId, day })
  const used = { bytes: found?.bytes ?? 0 }
  const first = used.bytes
  days.set(place, used)
  tx.atEnd(async () => {
    if (used.bytes === first) return
    if (!found) await tx.run(sql.forget, { partnerId, day })
    await tx.run(sql.use, { partnerId, day, bytes: used.bytes })
  })
  return used
}

/** Whether the bytes of this refused message are kept; when not, the ledger says that they are gone. */
export async function mayKeep(
  tx: Write,
  { messageId, partnerId, at, quota }: { messageId: string; partnerId: string; at: number; quota: number },
  bytes: number,
): Promise<boolean> {
  const used = await usedBy(tx, partnerId, chinaDay(at))
  if (!keepsRefused({ bytes, kept: used.bytes, quota })) {
    await tx.add('let_go', { message_id: messageId, at })
    return false
  }
  used.bytes += bytes
  await tx.add('refused_kept', { message_id: messageId })
  return true
}
