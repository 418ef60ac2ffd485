// notices — who subscribed to what. The notices themselves are written by settling, in one write with what they
// deliver.
import { codesAbove } from '../../messages/subscription.js'
import type { Notices } from '../ledger/notices.js'
import { subscribersOf, toNotice, toSubscription, type NoticeRow, type SubscriptionRow } from '../rows/notice.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

/** Every statement by its name. */
export const noticesSql = {
  // What was granted stays granted.
  put: `insert into subscription (operation, reference, partner_id, channel, created_at, granted)
    values (@operation, @reference, @partnerId, @channel, @now, @granted)
    on conflict (operation, reference, partner_id) do update
    set channel = excluded.channel, granted = greatest(subscription.granted, excluded.granted)`,
  count: 'select count(*) as n from subscription where partner_id = @partnerId',
  known: `select 1 as there from subscription where operation = @operation and reference = @reference
    and partner_id = @partnerId`,
  grant: `update subscription set granted = 1 where partner_id = @partnerId and operation = @operation
    and reference = @reference`,
  remove:
    'delete from subscription where partner_id = @partnerId and operation = @operation and reference = @reference',
  ofPartner: 'select * from subscription where partner_id = @partnerId order by operation, reference',
  wanting: `select * from subscription where operation = any(@operations::text[])
    and reference = any(@references::text[])
    order by partner_id`,
  newest: 'select * from notice order by received_at desc, n desc limit @limit',
}
const sql = noticesSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Notices](../ledger/notices.ts). */
export function createNotices({ reading, commit }: { reading: Queries; commit: GroupCommit }): Notices {
  return {
    subscribe: (partnerId, { operation, reference = '', channel }, { now, granted, most }) =>
      commit(async (tx) => {
        if (most !== undefined && !(await tx.get(sql.known, { operation, reference, partnerId }))) {
          const { n } = (await tx.get<{ n: number }>(sql.count, { partnerId }))!
          if (n >= most) return false
        }
        const row = { operation, reference, partnerId, channel, now: now.getTime(), granted: granted ? 1 : 0 }
        await tx.run(sql.put, row)
        return true
      }),
    grant: (partnerId, operation, reference = '') =>
      commit(async (tx) => (await tx.run(sql.grant, { partnerId, operation, reference })) > 0),
    unsubscribe: (partnerId, operation, reference = '') =>
      commit(async (tx) => (await tx.run(sql.remove, { partnerId, operation, reference })) > 0),
    subscriptions: async (partnerId) =>
      (await reading.all<SubscriptionRow>(sql.ofPartner, { partnerId })).map(toSubscription),
    async subscribers(operation, references) {
      const [operations, cited] = [codesAbove(operation), [...references, '']]
      const rows = await reading.all<SubscriptionRow>(sql.wanting, { operations, references: cited })
      const bothAre = (code: string, one: string) =>
        rows.filter((row) => row.operation === code && row.reference === one)
      return subscribersOf(operations.flatMap((code) => cited.flatMap((one) => bothAre(code, one))))
    },
    notices: async (limit) => (await reading.all<NoticeRow>(sql.newest, { limit })).map(toNotice),
  }
}
