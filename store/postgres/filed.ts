// filed — what a partner has filed, along the indexes of the ledger: a key, a reference, or an operation by time.
import { bytesOfBody, type Receipt } from '../../messages/receipt.js'
import type { MessageState } from '../../messages/states.js'
import type { FiledContent, FiledSearch, Ledger } from '../ledger.js'
import type { KeptForm } from '../packing.js'
import type { Keeping } from '../payloads/payloads.js'
import type { Queries } from './statements.js'

interface Row {
  message_id: string
  reference: string
  operation: string
  document_type: string
  received_at: number
  state: MessageState
}

/** Answers of one message that are read. */
const mostAnswers = 20

const columns = 'm.message_id, m.reference, m.operation, m.document_type, m.received_at, m.state'
const accepted = `m.partner_id = @partner and m.state <> 'refused'
  and m.received_at >= @since and m.received_at < @until`

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
    order by m.received_at desc limit @limit`,
  byOperation: `select ${columns} from message m where m.operation = @operation and ${accepted}
    order by m.received_at desc limit @limit`,
  sentOn: `select coalesce(f.bytes, p.bytes) as bytes, case when f.bytes is null then p.packed else 0 end as packed
    from message m join payload p on p.message_id = m.message_id left join forwarded f on f.message_id = m.message_id
    where m.message_id = @messageId and m.partner_id = @partner`,
  receipts: `select receipt from receipt where message_id = @messageId and partner_id = @partner and stage = 'business'
    order by n desc limit @limit`,
}
const sql = filedSql

export function createFiled({
  reading,
  keeping,
}: {
  reading: Queries
  keeping: Keeping
}): Pick<Ledger, 'filed' | 'filedContent'> {
  async function rows({ partnerId, operations, key, reference, since, until, limit }: FiledSearch): Promise<Row[]> {
    const span = {
      partner: partnerId,
      since: since?.getTime() ?? 0,
      until: until?.getTime() ?? Number.MAX_SAFE_INTEGER,
      limit,
    }
    if (key) return reading.all<Row>(sql.byKey, { ...span, ...key })
    if (reference !== undefined) return reading.all<Row>(sql.byReference, { ...span, reference })
    const found: Row[] = []
    for (const operation of operations) found.push(...(await reading.all<Row>(sql.byOperation, { ...span, operation })))
    return found.sort((a, b) => b.received_at - a.received_at)
  }

  async function contentsOf(partnerId: string, messageIds: readonly string[]): Promise<FiledContent[]> {
    const contents: FiledContent[] = []
    for (const messageId of messageIds) {
      const kept = await reading.get<KeptForm>(sql.sentOn, { messageId, partner: partnerId })
      const answers = await reading.all<{ receipt: string }>(sql.receipts, {
        messageId,
        partner: partnerId,
        limit: mostAnswers,
      })
      contents.push({
        messageId,
        ...(kept ? { bytes: await keeping.unpack(kept) } : {}),
        answers: answers.map(({ receipt }) => {
          const { status, text, time, body } = JSON.parse(receipt) as Receipt
          const bytes = body && bytesOfBody(body)
          return { status, text, time, ...(bytes ? { body: bytes } : {}) }
        }),
      })
    }
    return contents
  }

  return {
    async filed(search) {
      const { partnerId, documentTypes, limit, state, most = limit, contents = 0 } = search
      const types = new Set(documentTypes)
      // One more than is looked at says whether there are others.
      const found = await rows({ ...search, limit: limit + 1 })
      const fitting = found
        .slice(0, limit)
        .filter((row) => types.has(row.document_type) && (state === undefined || row.state === state))
      const given = fitting.slice(0, most)
      return {
        messages: given.map((row) => ({
          messageId: row.message_id,
          reference: row.reference,
          operation: row.operation,
          documentType: row.document_type,
          receivedAt: new Date(row.received_at),
          state: row.state,
        })),
        fitting: fitting.length,
        more: found.length > limit,
        ...(contents > 0 ? { contents: await contentsOf(partnerId, idsOf(given.slice(0, contents))) } : {}),
      }
    },
    filedContent: contentsOf,
  }
}

const idsOf = (rows: readonly Row[]) => rows.map(({ message_id }) => message_id)
