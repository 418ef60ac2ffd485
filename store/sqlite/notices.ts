// notices — who subscribed to what. The notices themselves are written by settling, in one write with what they deliver.
import type Database from 'better-sqlite3'
import type { Subscription } from '../../messages/subscription.js'
import { codesAbove } from '../../messages/subscription.js'
import type { Ledger, NoticeView } from '../ledger.js'
import type { GroupCommit } from './group-commit.js'

interface Row {
  partner_id: string
  operation: string
  reference: string
  channel: Subscription['channel']
}

type Notices = Pick<Ledger, 'subscribe' | 'unsubscribe' | 'subscriptions' | 'subscribers' | 'notices'>

export function createNotices({ db, commit }: { db: Database.Database; commit: GroupCommit }): Notices {
  const put = db.prepare(
    'insert into subscription values (?, ?, ?, ?, ?) on conflict do update set channel = excluded.channel',
  )
  const remove = db.prepare('delete from subscription where partner_id = ? and operation = ? and reference = ?')
  const ofPartner = db.prepare<[string], Row>(
    'select * from subscription where partner_id = ? order by operation, reference',
  )
  const wanting = db.prepare<[string, string], Row>(
    'select * from subscription where operation = ? and reference = ? order by partner_id',
  )
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
  >('select * from notice order by received_at desc, n desc limit ?')
  return {
    async subscribe(partnerId, { operation, reference = '', channel }, now) {
      await commit(() => put.run(operation, reference, partnerId, channel, now.getTime()))
    },
    unsubscribe: (partnerId, operation, reference = '') =>
      commit(() => remove.run(partnerId, operation, reference).changes > 0),
    subscriptions: async (partnerId) => ofPartner.all(partnerId).map(toSubscription),
    async subscribers(operation, references) {
      // The most exact subscription of each partner decides where its notice goes.
      const found = new Map<string, Row>()
      for (const code of codesAbove(operation))
        for (const reference of [...references, ''])
          for (const row of wanting.all(code, reference)) if (!found.has(row.partner_id)) found.set(row.partner_id, row)
      return [...found.values()].map((row) => ({ partnerId: row.partner_id, channel: row.channel }))
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

function toSubscription({ operation, reference, channel }: Row): Subscription {
  return { operation, channel, ...(reference === '' ? {} : { reference }) }
}
