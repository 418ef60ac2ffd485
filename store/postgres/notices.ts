// notices — who subscribed to what. The notices themselves are written by settling, in one write with what they
// deliver.
import type { Subscription, SubscriptionView } from '../../messages/subscription.js'
import { codesAbove } from '../../messages/subscription.js'
import type { Ledger, NoticeView } from '../ledger.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

interface Row {
  partner_id: string
  operation: string
  reference: string
  channel: Subscription['channel']
  granted: 0 | 1
}

type Notices = Pick<Ledger, 'subscribe' | 'grant' | 'unsubscribe' | 'subscriptions' | 'subscribers' | 'notices'>

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
    subscriptions: async (partnerId) => (await reading.all<Row>(sql.ofPartner, { partnerId })).map(toSubscription),
    async subscribers(operation, references) {
      const [operations, cited] = [codesAbove(operation), [...references, '']]
      const rows = await reading.all<Row>(sql.wanting, { operations, references: cited })
      // The most exact subscription of each partner decides where its notice goes; any that is granted grants it.
      const found = new Map<string, { partnerId: string; channel: Subscription['channel']; granted: boolean }>()
      for (const code of operations)
        for (const reference of cited)
          for (const { partner_id: partnerId, channel, granted } of rows.filter(
            (row) => row.operation === code && row.reference === reference,
          )) {
            const before = found.get(partnerId)
            if (!before) found.set(partnerId, { partnerId, channel, granted: granted === 1 })
            else if (granted === 1) before.granted = true
          }
      return [...found.values()]
    },
    notices: async (limit) =>
      (
        await reading.all<{
          notice_id: string
          agency: string
          document_type: string
          operations: string
          reference_list: string
          faults: string
          deliveries: number
          received_at: number
        }>(sql.newest, { limit })
      ).map((r): NoticeView => ({
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
