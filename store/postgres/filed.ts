// filed — what a partner has filed, along the indexes of the ledger: a key, a reference, or an operation by time.
import type { FiledContent, FiledSearch, Ledger } from '../ledger.js'
import { mostContentBytes } from '../ledger/filed.js'
import type { Keeping } from '../payloads/payloads.js'
import {
  answerOf,
  filedColumns as columns,
  filedSpan,
  fittingOf,
  foundOf,
  mostAnswers,
  notCut,
  unplaced,
  type FiledRow,
  type FiledRows,
  type MessagePlace,
} from '../rows/filed.js'
import type { Queries } from './statements.js'

/** Where none fits, one row of counts with no message. */
type Counted = { looked: number; fitting: number } & (FiledRow | { message_id: null })

const accepted = `m.partner_id = @partner and m.state <> 'refused'
  and m.received_at >= @since and m.received_at < @until and ${notCut}`

/** What was sent on; no bytes where they were let go of, or would be too many. */
interface SentOn {
  message_id: string
  beyond: boolean
  bytes: Buffer | null
  packed: number
}

/** Every statement by its name. */
export const filedSql = {
  // The few that bear the number first, then their messages: by its time a partner's messages are a million.
  byKey: `select ${columns} from (
      select distinct s.message_id from unnest(@agencies::text[]) as a (value)
      cross join unnest(@names::text[]) as k (value)
      join correlation c on c.agency = a.value and c.name = k.value and c.value = @value
      join submission s on s.n = c.submission_n
      where s.partner_id = @partner offset 0) bearing
    join message m on m.message_id = bearing.message_id where ${accepted} order by m.received_at desc, m.n desc
    limit @limit`,
  byReference: `select ${columns} from message m where m.reference = @reference and ${accepted}
    order by m.received_at desc, m.n desc limit @limit`,
  // What is counted stays here: how many are there up to the limit, how many of these but the last fit, and the newest
  // of those that fit.
  byOperations: `with looked as materialized (
      select m.* from unnest(@operations::text[]) as o (operation)
      cross join lateral (select ${columns} from message m where m.operation = o.operation and ${accepted}
        order by m.received_at desc, m.n desc limit @limit) m
      order by m.received_at desc, m.n desc limit @limit),
    fitting as (
      select f.* from (select * from looked order by received_at desc, n desc limit @limit::bigint - 1) f
      where f.document_type = any(@types::text[]) and (@state::text is null or f.state = @state))
    select l.looked, f.fitting, m.* from (select count(*)::int as looked from looked) l
    cross join (select count(*)::int as fitting from fitting) f
    left join (select * from fitting order by received_at desc, n desc limit @most) m on true
    order by m.received_at desc, m.n desc`,
  placeOf: 'select received_at, n from message where message_id = @messageId and partner_id = any(@of)',
  // With the bytes of those before it and its own; of one that is beyond the most, nothing leaves the database.
  sentOn: `select m.message_id, m.upto > @most and m.nth > 1 as beyond, coalesce(f.bytes, p.bytes) as bytes,
      case when f.bytes is null then p.packed else 0 end as packed
    from (
      select w.message_id, w.nth, sum(m.size) over (order by w.nth) as upto
      from unnest(@messageIds::text[]) with ordinality as w (message_id, nth)
      join message m on m.message_id = w.message_id where m.partner_id = @partner) m
    left join payload p on p.message_id = m.message_id and (m.upto <= @most or m.nth = 1)
    left join forwarded f on f.message_id = p.message_id`,
  receipts: `select r.message_id, r.receipt from unnest(@messageIds::text[]) as w (message_id)
    cross join lateral (select r.n, r.message_id, r.receipt from receipt r
      where r.message_id = w.message_id and r.partner_id = @partner and r.stage = 'business'
      order by r.n desc limit @limit) r
    order by r.n desc`,
}
const sql = filedSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Filed](../ledger/filed.ts). */
export function createFiled({
  reading,
  keeping,
}: {
  reading: Queries
  keeping: Keeping
}): Pick<Ledger, 'filed' | 'filedContent'> {
  async function all(search: FiledSearch, cut: MessagePlace | undefined, most: number): Promise<FiledRows> {
    const { documentTypes, operations, key, reference, limit, state } = search
    const span = { ...filedSpan(search, cut) }
    if (!key && reference === undefined) {
      const given = { ...span, operations, types: documentTypes, state: state ?? null, most }
      const rows = await reading.all<Counted>(sql.byOperations, given)
      const { looked, fitting } = rows[0]!
      return {
        rows: rows.filter((row): row is Counted & FiledRow => row.message_id !== null),
        fitting,
        more: looked > limit,
      }
    }
    const found = key
      ? await reading.all<FiledRow>(sql.byKey, { ...span, ...key })
      : await reading.all<FiledRow>(sql.byReference, { ...span, reference: reference! })
    return fittingOf(found, search, most)
  }

  async function contentsOf(partnerId: string, messageIds: readonly string[]): Promise<FiledContent[]> {
    const which = { messageIds, partner: partnerId }
    const [sentOn, receipts] = await Promise.all([
      reading.all<SentOn>(sql.sentOn, { ...which, most: mostContentBytes }),
      reading.all<{ message_id: string; receipt: string }>(sql.receipts, { ...which, limit: mostAnswers }),
    ])
    const forms = new Map(sentOn.map((form) => [form.message_id, form]))
    const contents: FiledContent[] = []
    for (const messageId of messageIds) {
      const kept = forms.get(messageId)
      if (kept?.beyond) break
      contents.push({
        messageId,
        ...(kept?.bytes ? { bytes: await keeping.unpack({ bytes: kept.bytes, packed: kept.packed }) } : {}),
        answers: receipts.filter(({ message_id }) => message_id === messageId).map(answerOf),
      })
    }
    return contents
  }

  return {
    async filed(search) {
      const { behind, limit, most = limit } = search
      const [cut] = behind ? await reading.all<MessagePlace>(sql.placeOf, behind) : []
      if (behind && !cut) return unplaced
      return foundOf(await all(search, cut, most), search, contentsOf)
    },
    filedContent: contentsOf,
  }
}
