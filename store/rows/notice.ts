// notice — a subscription and a notice as both engines keep them, as they are read, and who gets one.
import { type Subscription, type SubscriptionView } from '../../messages/subscription.js'
import type { NoticeView, Settlement, Subscriber } from '../ledger.js'

/** An empty reference: all notices of the operation. */
export interface SubscriptionRow {
  partner_id: string
  operation: string
  reference: string
  channel: Subscription['channel']
  granted: 0 | 1
}

/** A subscription as its partner sees it. */
export const toSubscription = ({ operation, reference, channel, granted }: SubscriptionRow): SubscriptionView => ({
  operation,
  channel,
  ...(reference === '' ? {} : { reference }),
  granted: granted === 1,
})

/**
 * The most exact subscription of each partner decides where its notice goes; any that is granted grants it.
 * @param rows the most exact first
 */
export function subscribersOf(rows: Iterable<SubscriptionRow>): Subscriber[] {
  const found = new Map<string, Subscriber>()
  for (const { partner_id: partnerId, channel, granted } of rows) {
    const before = found.get(partnerId)
    if (!before) found.set(partnerId, { partnerId, channel, granted: granted === 1 })
    else if (granted === 1) before.granted = true
  }
  return [...found.values()]
}

/** As its row is written, beside what its reply `replyId` says of itself. */
export const noticeValues = (
  { noticeId, documentType, operations, references, faults, deliveries }: NonNullable<Settlement['notice']>,
  replyId: string,
) => ({
  noticeId,
  replyId,
  documentType,
  operations: JSON.stringify(operations),
  references: JSON.stringify(references),
  faults: JSON.stringify(faults),
  deliveries: deliveries.length,
})

/** `operations`, `reference_list` and `faults` are JSON. */
export interface NoticeRow {
  notice_id: string
  agency: string
  document_type: string
  operations: string
  reference_list: string
  faults: string
  deliveries: number
  received_at: number
}

/** A notice as operators see it. */
export const toNotice = (row: NoticeRow): NoticeView => ({
  noticeId: row.notice_id,
  agency: row.agency,
  documentType: row.document_type,
  operations: JSON.parse(row.operations) as string[],
  references: JSON.parse(row.reference_list) as string[],
  faults: JSON.parse(row.faults) as NoticeView['faults'],
  deliveries: row.deliveries,
  receivedAt: new Date(row.received_at).toISOString(),
})
