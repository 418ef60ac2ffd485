// notices — who subscribed to what. The notices themselves are written by settling, in one write with what they
// deliver.
import type Database from 'better-sqlite3'
import type { Subscription, SubscriptionView } from '../../messages/subscription.js'
import { codesAbove } from '../../messages/subscription.js'
import type { Ledger, NoticeView } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'

interface Row {
  partner_id: string
  operation: string
  reference: string
  channel: Subscription['channel']
  granted: 0 | 1
}

type Notices = Pick<Ledger, 'subscribe' | 'grant' | 'unsubscribe' | 'subscriptions' | 'subscribers' | 'notices'>

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const noticesSql = {
  put: `
    insert into subscription (operation, reference, partner_id, channel, created_at, granted)
    values (@operation, @reference, @partnerId, @channel, @now, @granted)
    on conflict do update set channel = excluded.channel, granted = max(granted, excluded.granted)`,
  count: 'select count(*) as n from subscription where partner_id = ?',
  known: 'select 1 from subscription where operation = ? and reference = ? and partner_id = ?',
  grant: 'update subscription set granted = 1 where partner_id = ? and operation = ? and reference = ?',
  remove: 'delete from subscription where partner_id = ? and operation = ? and reference = ?',
  ofPartner: 'select * from subscription where partner_id = ? order by operation, reference',
  wanting: 'select * from subscription where operation = ? and reference = ? order by partner_id',
  newest: 'select * from notice order by received_at desc, n desc limit ?',
}
const sql = noticesSql

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
  const known = db.prepare<[string, string, string], 1>(sql.known)
  const grant = db.prepare<[string, string, string]>(sql.grant)
  const remove = db.prepare(sql.remove)
  const ofPartner = db.prepare<[string], Row>(sql.ofPartner)
  const wanting = db.prepare<[string, string], Row>(sql.wanting)
  const newest = db.prepare<
    [number],
    {
      notice_id: string
      agency: string
      document_type: string
      operations: string
      reference_list: string
      faults: string
      deliveries: number
      received_at: number
    }
  >(sql.newest)
  return {
    subscribe: (partnerId, { operation, reference = '', channel }, { now, granted, most }) =>
      commit(() => {
        if (most !== undefined && !known.get(operation, reference, partnerId) && count.get(partnerId)!.n >= most)
          return false
        put.run({ operation, reference, partnerId, channel, now: now.getTime(), granted: granted ? 1 : 0 })
        return true
      }),
    grant: (partnerId, operation, reference = '') =>
      commit(() => grant.run(partnerId, operation, reference).changes > 0),
    unsubscribe: (partnerId, operation, reference = '') =>
      commit(() => remove.run(partnerId, operation, reference).changes > 0),
    subscriptions: async (partnerId) => ofPartner.all(partnerId).map(toSubscription),
    async subscribers(operation, references) {
      // The most exact subscription of each partner decides where its notice goes; any that is granted grants it.
      const found = new Map<string, { partnerId: string; channel: Subscription['channel']; granted: boolean }>()
      for (const code of codesAbove(operation))
        for (const reference of [...references, ''])
          for (const { partner_id: partnerId, channel, granted } of wanting.all(code, reference)) {
            const before = found.get(partnerId)
            if (!before) found.set(partnerId, { partnerId, channel, granted: granted === 1 })
            else if (granted === 1) before.granted = true
          }
      return [...found.values()]
    },
    notices: async (limit) =>
      newest.all(limit).map((r): NoticeView => ({
        noticeId: r.notice_id,
        agency: r.agency,
        documentType: r.document_type,
        operations: JSON.parse(r.operations) as string[],
        references: JSON.parse(r.reference_list) as string[],
        faults: JSON.parse(r.faults) as NoticeView['faults'],
        deliveries: r.deliveries,
        receivedAt: new Date(r.received_at).toISOString(),
      })),
  }
}

function toSubscription({ operation, reference, channel, granted }: Row): SubscriptionView {
  return { operation, channel, ...(reference === '' ? {} : { reference }), granted: granted === 1 }
}
