// notices — who subscribed to what. The notices themselves are written by settling, in one write with what they
// deliver.
import type Database from 'better-sqlite3'
import { codesAbove } from '../../messages/subscription.js'
import type { Notices } from '../ledger/notices.js'
import { subscribersOf, toNotice, toSubscription, type NoticeRow, type SubscriptionRow } from '../rows/notice.js'
import type { GroupCommit } from './group-commit.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const noticesSql = {
  put: `
    insert into subscription (operation, reference, partner_id, channel, created_at, granted)
    values (@operation, @reference, @partnerId, @channel, @now, @granted)
    on conflict do update set channel = excluded.channel, granted = max(granted, excluded.granted)`,
  count: 'select count(*) as n from subscription where partner_id = ?',
  known:
    'select 1 from subscription where operation = @operation and reference = @reference and partner_id = @partnerId',
  grant: `update subscription set granted = 1 where partner_id = @partnerId and operation = @operation
    and reference = @reference`,
  remove:
    'delete from subscription where partner_id = @partnerId and operation = @operation and reference = @reference',
  ofPartner: 'select * from subscription where partner_id = ? order by operation, reference',
  wanting: 'select * from subscription where operation = @operation and reference = @reference order by partner_id',
  newest: 'select * from notice order by received_at desc, n desc limit ?',
}
const sql = noticesSql

/** This chapter of the ledger on SQLite; what it promises: [Notices](../ledger/notices.ts). */
export function createNotices({ db, commit }: { db: Database.Database; commit: GroupCommit }): Notices {
  // What was granted stays granted.
  const put = db.prepare<{
    operation: string
    reference: string
    partnerId: string
    channel: string
    now: number
    granted: 0 | 1
  }>(sql.put)
  const count = db.prepare<[string], { n: number }>(sql.count)
  const known = db.prepare<[{ operation: string; reference: string; partnerId: string }], 1>(sql.known)
  const grant = db.prepare<[{ partnerId: string; operation: string; reference: string }]>(sql.grant)
  const remove = db.prepare(sql.remove)
  const ofPartner = db.prepare<[string], SubscriptionRow>(sql.ofPartner)
  const wanting = db.prepare<[{ operation: string; reference: string }], SubscriptionRow>(sql.wanting)
  const newest = db.prepare<[number], NoticeRow>(sql.newest)
  return {
    subscribe: (partnerId, { operation, reference = '', channel }, { now, granted, most }) =>
      commit(() => {
        if (most !== undefined && !known.get({ operation, reference, partnerId }) && count.get(partnerId)!.n >= most)
          return false
        put.run({ operation, reference, partnerId, channel, now: now.getTime(), granted: granted ? 1 : 0 })
        return true
      }),
    grant: (partnerId, operation, reference = '') =>
      commit(() => grant.run({ partnerId, operation, reference }).changes > 0),
    unsubscribe: (partnerId, operation, reference = '') =>
      commit(() => remove.run({ partnerId, operation, reference }).changes > 0),
    subscriptions: async (partnerId) => ofPartner.all(partnerId).map(toSubscription),
    async subscribers(operation, references) {
      const cited = [...references, '']
      return subscribersOf(
        codesAbove(operation).flatMap((code) =>
          cited.flatMap((one) => wanting.all({ operation: code, reference: one })),
        ),
      )
    },
    notices: async (limit) => newest.all(limit).map(toNotice),
  }
}
