// transaction — a transaction under way: what its writes ask of it, and what is done at its end. Begun and committed in
// write.ts.
import type pg from 'pg'
import { combineStates, type ReceiptStatus, type SubmissionState } from '../../../messages/states.js'
import type { ReceiptEvent, Remembered } from '../../ledger.js'
import { createForesight, type Foresight } from '../foresight.js'
import { proofLinksSql } from '../proof-links.js'
import type { Notes } from '../proof-notes.js'
import type { PgSealing } from '../sealing.js'
import { bound, type Queries, type SqlValues } from '../statements.js'
import type { NewRow, Table } from '../tables.js'
import { createKnownRows, type KnownRows } from './known-rows.js'
import type { Needs } from './needs.js'
import { createWaitingRows, type WaitingRows } from './waiting-rows.js'

/** A transaction, as a write has it. What it adds and gathers is written before anything else is asked of it. */
export interface Write extends Queries, Foresight, KnownRows {
  add<T extends Table>(table: T, row: NewRow<T>): Promise<void>
  /**
   * A change whose outcome nobody asks for: made together with others of its kind. `statement` takes a list of each
   * value. No two of one transaction change the same row, unless it is asked for in between.
   * @param of the row it makes whole: what was gathered of it before does not count
   */
  gather: WaitingRows['gather']
  /** The message's own state is worked out from its submissions, once, at the end. */
  refresh(messageId: string): void
  /** Does it and takes it back: nothing of it stays, in the chain of hashes neither. */
  tried(work: () => Promise<void>): Promise<void>
  /** Before the commit, when all writes of the transaction are made. */
  atEnd(work: () => Promise<void>): void
  /** Told to all hubs when it is committed. */
  tell(event: ReceiptEvent): void
  /** Other hubs are told that what they remember of it is old. */
  announce(what: Remembered): void
}

/** Every statement by its name. */
const transactionSql = {
  states: `select message_id, state, status from submission where message_id = any(@ids::text[])`,
  refresh: `update message m set state = a.state from unnest(@ids::text[], @states::text[]) as a (message_id, state)
    where m.message_id = a.message_id and m.state <> a.state`,
  notify: `select pg_notify('hub_receipts', a.payload) from unnest(@payloads::text[]) as a (payload)`,
}
const sql = transactionSql

/** @see [createGroupCommit](../write.ts) */
interface TransactionParts {
  /** As the other hubs hear it, some at a time. */
  encode: (events: readonly ReceiptEvent[], news: readonly Remembered[]) => string[]
  sealing: PgSealing | undefined
  /** Of the chain, over all that was changed so far. */
  link: () => Promise<SqlValues | undefined>
  notes: Notes
}

/** The transaction of a connection that has begun one. */
export function createTransaction(
  client: pg.Client,
  { encode, sealing, link, notes }: TransactionParts,
): Write & {
  /** Reads what the writes say they need. */
  foresee(needs: readonly Needs[]): Promise<void>
  /** All that is left to be written before the commit. What is told after it. */
  finish(): Promise<ReceiptEvent[]>
} {
  const news = new Set<Remembered>()
  const touched = new Set<string>()
  const ends: (() => Promise<void>)[] = []
  const events: ReceiptEvent[] = []

  async function ask(statement: string, values: SqlValues = {}): Promise<pg.QueryResult> {
    if (!sealing) return client.query(bound(statement, values))
    const found = await client.query(bound(statement, sealing.sealed(values)))
    await sealing.opened(found.rows)
    return found
  }

  const { flush, add, ...waiting } = createWaitingRows(ask)
  const { all } = waiting
  const { foresee: lookForward, ...foresight } = createForesight(all)
  const known = createKnownRows(waiting, foresight.orderChanged)

  return {
    ...waiting,
    ...foresight,
    ...known.rows,
    async add(table, row) {
      if (table === 'notice_key') foresight.notices()
      await add(table, row)
    },
    refresh: (messageId) => void touched.add(messageId),
    async tried(work) {
      await flush()
      const mark = notes.mark()
      await client.query('savepoint tried')
      await work()
      await flush()
      await client.query('rollback to savepoint tried; release savepoint tried')
      notes.undo(mark)
    },
    atEnd: (work) => void ends.push(work),
    tell: (event) => void events.push(event),
    announce: (what) => void news.add(what),
    async foresee(needs) {
      await lookForward({
        claims: await known.foresee(needs),
        numbers: needs.flatMap((one) => one.learns ?? []),
        replies: needs.flatMap(({ settles }) => settles?.replyId ?? []),
        receipts: needs.flatMap(({ settles }) => settles?.receipts ?? []),
        same: needs.flatMap(({ keeps }) => keeps ?? []),
        owned: needs.flatMap(({ takesOut }) => takesOut ?? []),
      })
    },
    async finish() {
      for (const end of ends) await end()
      if (touched.size === 0) await flush()
      else {
        const found = new Map<string, { state: SubmissionState; status: ReceiptStatus | null }[]>()
        for (const { message_id, ...one } of await all<{
          message_id: string
          state: SubmissionState
          status: ReceiptStatus | null
        }>(sql.states, { ids: [...touched] }))
          found.set(message_id, [...(found.get(message_id) ?? []), one])
        await ask(sql.refresh, {
          ids: [...found.keys()],
          states: [...found.values()].map((all) => combineStates(all)),
        })
      }
      const chained = await link()
      await Promise.all([
        chained && client.query(bound(proofLinksSql.put, chained)),
        (events.length > 0 || news.size > 0) && ask(sql.notify, { payloads: encode(events, [...news]) }),
      ])
      return events
    },
  }
}
