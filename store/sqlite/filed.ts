// filed — what a partner has filed, along the indexes of the ledger: a key, a reference, or an operation by time.
import type Database from 'better-sqlite3'
import { createTurn, mapInTurns } from '../../messages/turns.js'
import type { FiledContent, FiledSearch, Ledger } from '../ledger.js'
import { mostContentBytes } from '../ledger/filed.js'
import type { KeptForm } from '../packing.js'
import type { Keeping } from '../payloads/payloads.js'
import {
  answerOf,
  filedColumns as columns,
  filedSpan,
  fittingOf,
  foundOf,
  mostAnswers,
  unplaced,
  notCut,
  type FiledRow,
  type FiledRows,
  type FiledSpan,
  type MessagePlace,
} from '../rows/filed.js'

interface Fit {
  operation: string
  /** JSON. */
  types: string
  state: string | null
}

/** A question is read so long before others have their turn: a filing that is written waits behind it. */
const sliceMs = 1

const newestFirst = (rows: FiledRow[]): FiledRow[] => rows.sort((a, b) => b.received_at - a.received_at || b.n - a.n)

const span = `m.partner_id = @partner and m.received_at >= @since and m.received_at < @until
  and ${notCut}`
const accepted = `m.state <> 'refused' and ${span}`
/** Asked of the index: a message row is a page of its own to read. */
const standsSo = `exists (select 1 from message s indexed by message_state
        where s.partner_id = @partner and s.state = @state and s.received_at = m.received_at and s.n = m.n)`

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const filedSql = {
  // The few that bear the number first, then their messages: by its time a partner's messages are a million.
  byKey: `
    select ${columns} from (
      select distinct s.message_id from json_each(@agencies) a cross join json_each(@names) k
      cross join submission s on s.n in (
        select submission_n from correlation where agency = a.value and name = k.value and value = @value)
      where s.partner_id = @partner) bearing
    cross join message m on m.message_id = bearing.message_id
    where ${accepted} order by m.received_at desc, m.n desc limit @limit`,
  byReference: `
    select ${columns} from message m indexed by message_reference
    where m.reference = @reference and ${accepted} order by m.received_at desc, m.n desc limit @limit`,
  byOperation: `
    select ${columns} from message m indexed by message_operation
    where m.operation = @operation and ${accepted} order by m.received_at desc, m.n desc limit @limit`,
  // What is counted need not leave the ledger, and is counted in the indexes: first how many there are up to the limit
  // and since when, then how many of these fit.
  lookedOperation: `
    select count(*) as looked, min(received_at) as oldest from (
      select m.received_at from message m indexed by message_operation
      where m.operation = @operation and ${span} order by m.received_at desc, m.n desc limit @limit) looked`,
  countOperation: `
    select count(*) from (
      select m.n, m.received_at, m.document_type from message m indexed by message_operation
      where m.operation = @operation and ${span} order by m.received_at desc, m.n desc limit @limit) m
    where (@state is null or ${standsSo})
      and n not in (
        select r.n from message r indexed by message_state
        where r.partner_id = @partner and r.state = 'refused' and r.received_at >= @since and r.received_at < @until)
      and m.document_type in (select value from json_each(@types) k)`,
  fittingOperation: `
    select ${columns} from message m indexed by message_operation
    where m.operation = @operation and ${span}
      and case when @state is null then m.state <> 'refused' else ${standsSo} end
      and m.document_type in (select value from json_each(@types) k)
    order by m.received_at desc, m.n desc limit @limit`,
  placeOf: `select received_at, n from message
    where message_id = @messageId and partner_id in (select value from json_each(@of) k)`,
  sentOn: `
    select ifnull(f.bytes, p.bytes) as bytes, case when f.bytes is null then p.packed else 0 end as packed,
      m.size as original
    from message m join payload p using (message_id) left join forwarded f using (message_id)
    where m.message_id = @messageId and m.partner_id = @partnerId`,
  answers: `
    select receipt from receipt where message_id = @messageId and partner_id = @partnerId and stage = 'business'
    order by n desc limit @limit`,
}
const sql = filedSql

/** This chapter of the ledger on SQLite; what it promises: [Filed](../ledger/filed.ts). */
export function createFiled({
  db,
  keeping,
}: {
  db: Database.Database
  keeping: Keeping
}): Pick<Ledger, 'filed' | 'filedContent'> {
  const byKey = db.prepare<[FiledSpan & { agencies: string; names: string; value: string }], FiledRow>(sql.byKey)
  const byReference = db.prepare<[FiledSpan & { reference: string }], FiledRow>(sql.byReference)
  const byOperation = db.prepare<[FiledSpan & { operation: string }], FiledRow>(sql.byOperation)
  const lookedOperation = db.prepare<[FiledSpan & { operation: string }], { looked: number; oldest: number }>(
    sql.lookedOperation,
  )
  const countOperation = db.prepare<[FiledSpan & Fit], number>(sql.countOperation).pluck()
  const fittingOperation = db.prepare<[FiledSpan & Fit], FiledRow>(sql.fittingOperation)
  const placeOf = db.prepare<[{ messageId: string; of: string }], MessagePlace>(sql.placeOf)
  const sentOn = db.prepare<[{ messageId: string; partnerId: string }], KeptForm & { original: number }>(sql.sentOn)
  const answers = db.prepare<[{ messageId: string; partnerId: string; limit: number }], { receipt: string }>(
    sql.answers,
  )

  /**
   * Where few of many are given: those of each operation are counted where they lie. Undefined where the newest of
   * several operations together are more than are looked at: then they are put in order first.
   */
  async function few(search: FiledSearch, span: FiledSpan, most: number): Promise<FiledRows | undefined> {
    const { operations, documentTypes, state = null, limit } = search
    const types = JSON.stringify(documentTypes)
    const turn = createTurn(sliceMs)
    const lookedAt = await mapInTurns(
      operations,
      (operation) => ({ operation, ...lookedOperation.get({ ...span, operation })! }),
      turn,
    )
    const there = lookedAt.filter(({ looked }) => looked > 0)
    const looked = there.reduce((sum, one) => sum + one.looked, 0)
    if (there.length > 1 && looked > limit) return undefined
    const found: Pick<FiledRows, 'rows' | 'fitting'>[] = []
    for (const { operation, oldest } of there) {
      const fit = { ...span, operation, since: oldest, state, types }
      const fitting = countOperation.get({ ...fit, limit })!
      await turn()
      found.push({ fitting, rows: fittingOperation.all({ ...fit, limit: Math.min(most, fitting) }) })
      await turn()
    }
    return {
      rows: newestFirst(found.flatMap(({ rows }) => rows)).slice(0, most),
      fitting: found.reduce((sum, { fitting }) => sum + fitting, 0),
      more: looked > limit,
    }
  }

  function rowsBy({ operations, key, reference }: FiledSearch, span: FiledSpan): FiledRow[] {
    if (key) {
      const { agencies, names, value } = key
      return byKey.all({ ...span, agencies: JSON.stringify(agencies), names: JSON.stringify(names), value })
    }
    if (reference !== undefined) return byReference.all({ ...span, reference })
    const found = operations.flatMap((operation) => byOperation.all({ ...span, operation }))
    return operations.length === 1 ? found : newestFirst(found)
  }

  async function contentsOf(partnerId: string, messageIds: readonly string[]): Promise<FiledContent[]> {
    const contents: FiledContent[] = []
    const turn = createTurn(sliceMs)
    let bytes = 0
    for (const messageId of messageIds) {
      const waits = turn()
      if (waits) await waits
      const kept = sentOn.get({ messageId, partnerId })
      bytes += kept?.original ?? 0
      if (contents.length > 0 && bytes > mostContentBytes) break
      contents.push({
        messageId,
        ...(kept ? { bytes: await keeping.unpack(kept) } : {}),
        answers: answers.all({ messageId, partnerId, limit: mostAnswers }).map(answerOf),
      })
    }
    return contents
  }

  return {
    async filed(search) {
      const { key, reference, limit, most = limit, behind } = search
      const cut = behind && placeOf.get({ messageId: behind.messageId, of: JSON.stringify(behind.of) })
      if (behind && !cut) return unplaced
      const span = filedSpan(search, cut)
      const counted = key || reference !== undefined || most >= limit ? undefined : await few(search, span, most)
      return foundOf(counted ?? fittingOf(rowsBy(search, span), search, most), search, contentsOf)
    },
    filedContent: contentsOf,
  }
}
