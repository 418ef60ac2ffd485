// write — all writes that wait are made in ONE transaction with one fsync, in the order they were asked for; one that
// fails is made alone, and takes no other with it. A caller hears back only after the commit (promise 1).
//
// One transaction of one hub writes at a time, whatever the number of hubs: it holds a lock of the ledger from before
// its first reading to its commit. So every rule decides on what is so, as on SQLite; numbers are given out in the
// order in which they can be seen, and nobody who asks for what came after a number misses one. What makes it fast is
// that hundreds of writes share one transaction, its readings and its inserts; and that whatever does not need the
// answer before it is asked without waiting for that: some eight times a transaction somebody waits for the other side.
// What a write asks of its transaction stands in `write/`.
import type pg from 'pg'
import { HubError } from '../../messages/errors.js'
import type { ReceiptEvent, Remembered } from '../ledger.js'
import { LedgerInUseError } from '../ledger-errors.js'
import { leaseSql, type Lease } from './lease.js'
import { linkOf, proofLinksSql, type ChainBefore } from './proof-links.js'
import { tellNotes, type Notes } from './proof-notes.js'
import type { PgSealing } from './sealing.js'
import { asHubError, isGone, isOutdated, isUnavailable, plain, type LedgerLog, type Server } from './server.js'
import { bound } from './statements.js'
import type { Needs } from './write/needs.js'
import { createTransaction, type Write } from './write/transaction.js'
import { writeLock } from './write-lock.js'

/** Makes a write with those that wait, and resolves after the commit. */
export interface GroupCommit {
  <T>(write: (tx: Write) => Promise<T> | T, needs?: Needs): Promise<T>
  /** Resolves when nothing waits. */
  drained(): Promise<void>
}

/** Both bound how long one transaction keeps others waiting. A single write larger than that goes alone. */
const most = 256
const mostBytes = 16 * 1024 * 1024
/** Bounds what a slow disk or a long wait for other hubs adds to the next write. */
const longestRestMs = 20
/** Tables of the first plans may be as good as empty. */
const firstPlans = 32

/** Each statement behind the lock sees what the hubs before have committed, whatever the server's default is. */
const beginning = `begin isolation level read committed; ${writeLock}`

/** Every statement by its name. */
export const writeSql = {
  // Asked behind the lock: who has the ledger, the head of the chain, and the facts that hubs from before it have left.
  before: `select (${leaseSql.token}) as token, h.n, h.hash,
    (select json_agg(l) from (select n, note from hub_late_fact order by n limit 5000) l) as late
    from (select 1) a left join lateral (${proofLinksSql.head}) h on true`,
}
const sql = writeSql

/** `n` and `hash` of the chain's last link, where there is one; `token` and `late` likewise. */
interface Before {
  token: number | null
  n: number | null
  hash: string | null
  late: ChainBefore['late'] | null
}

/** What those heard whose write may be there. */
const doubted = new WeakSet<Error>()
/** Whether the commit was asked for, so that the write that failed with it may be there all the same. */
export const mayBeWritten = (error: unknown): boolean => error instanceof Error && doubted.has(error)

interface Waiting {
  write: (tx: Write) => unknown
  needs: Needs
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

/**
 * For one process. A write that throws fails alone; a lost connection fails all of a transaction, and none of them is
 * on disk then.
 */
export function createGroupCommit({
  server,
  log,
  told,
  encode,
  lease,
  lost,
  sealing,
}: {
  server: Server
  log: LedgerLog
  lease?: Lease | undefined
  sealing?: PgSealing | undefined
  /** Another hub has the ledger now. */
  lost: (error: Error) => void
  /** What this hub's own listeners hear once it is committed. */
  told: (event: ReceiptEvent) => void
  /** As the other hubs hear it, some at a time. */
  encode: (events: readonly ReceiptEvent[], news: readonly Remembered[]) => string[]
}): GroupCommit & { corrupt(): unknown; close(): Promise<void> } {
  const waiting: Waiting[] = []
  let running = false
  let idle: (() => void)[] = []
  let writer: pg.Client | undefined
  /** What the writer's connection was told of its changes. */
  let notes: Notes
  /** Transactions of this connection; its plans are made anew as their number doubles, for the tables have grown. */
  let begun = 0
  const grown = () => ++begun >= firstPlans && Number.isInteger(Math.log2(begun))
  let corrupt: unknown

  async function connection(): Promise<pg.Client> {
    if (writer) return writer
    const client = await server.connect('writing')
    client.on('error', (err) => {
      log.error({ err: plain(err) }, 'the connection that writes the ledger broke')
      discard(client)
    })
    try {
      notes = await tellNotes(client)
      begun = 0
    } catch (error) {
      // The next write makes another one: this one is of use to nobody.
      discard(client)
      throw error
    }
    writer = client
    return client
  }

  function discard(client: pg.Client): void {
    if (writer === client) writer = undefined
    client.end().catch(() => {})
  }

  /** The first in line, and those behind it that fit. */
  function nextBatch(): Waiting[] {
    let bytes = 0
    const beyond = waiting.findIndex((one, i) => i === most || ((bytes += one.needs.bytes ?? 0) > mostBytes && i > 0))
    return waiting.splice(0, beyond < 0 ? waiting.length : beyond)
  }

  /**
   * While one batch is on its way the next gathers: the busier the ledger, the more share a commit. Where several write
   * it gathers as long again: a transaction costs as much as some writes, and another hub's has its turn meanwhile.
   */
  async function run(): Promise<void> {
    running = true
    while (waiting.length > 0) {
      const batch = nextBatch()
      const begunAt = performance.now()
      await made(batch)
      const restMs = Math.min(performance.now() - begunAt, longestRestMs)
      if (batch.length > 1 && waiting.length < most) await new Promise((rested) => setTimeout(rested, restMs))
    }
    running = false
    idle.forEach((resolve) => resolve())
    idle = []
  }

  async function made(batch: Waiting[]): Promise<void> {
    let client: pg.Client
    try {
      client = await connection()
    } catch (cause) {
      log.error({ err: plain(cause) }, 'the ledger cannot be reached')
      return void refuse(batch, cause)
    }
    let values: unknown[]
    let events: ReceiptEvent[]
    try {
      if (grown()) await client.query('discard plans')
      notes.take()
      const before = begin(client)
      const link = async () => linkOf(await before, notes.take(), sealing)
      const tx = createTransaction(client, { encode, sealing, link, notes })
      // Asked behind the lock, though nobody waits until that is there.
      await Promise.all([before, tx.foresee(batch.map(({ needs }) => needs))])
      values = []
      for (const { write } of batch) values.push(await write(tx))
      events = await tx.finish()
    } catch (error) {
      if (isOutdated(error)) {
        // Nothing of it is there: it is made by another connection.
        discard(client)
        return made(batch)
      }
      await givenBack(client, error)
      if (isUnavailable(error)) {
        log.error({ err: plain(error) }, 'the ledger could not be written')
        if (/^XX00[12]$/.test(String((error as { code?: unknown }).code))) corrupt = plain(error)
        // Nothing of it is there: the commit was not asked for.
        return void refuse(batch, error)
      }
      if (error instanceof LedgerInUseError) return void refuse(batch, error)
      if (batch.length === 1) return batch[0]!.reject(error)
      for (const one of batch) await made([one])
      return
    }
    try {
      await client.query('commit')
    } catch (error) {
      // It may be there and may not: who wrote it hears that it is not known, and asks again or looks.
      await givenBack(client, error)
      log.error({ err: plain(error) }, 'whether the ledger took a write is not known')
      doubted.add(refuse(batch, error))
      return
    }
    events.forEach(told)
    batch.forEach(({ resolve }, i) => resolve(values[i]))
  }

  /**
   * Its first statements, in one go. With a lease the token is read behind the lock: nobody takes the ledger over
   * before the end. So is the head of the chain.
   */
  async function begin(client: pg.Client): Promise<ChainBefore> {
    const [, { rows }] = await Promise.all([client.query(beginning), client.query<Before>(bound(sql.before, {}))])
    const { token, n, hash, late } = rows[0]!
    if (!lease || lease.isMine(token ?? undefined))
      return { head: n === null || hash === null ? undefined : { n, hash }, late: late ?? [] }
    const error = new LedgerInUseError('another hub has taken the ledger over while this one was cut off from it')
    lost(error)
    throw error
  }

  async function givenBack(client: pg.Client, error: unknown): Promise<void> {
    if (isGone(error)) return discard(client)
    try {
      await client.query('rollback')
    } catch {
      discard(client)
    }
  }

  function refuse(batch: Waiting[], cause: unknown): HubError {
    const known = asHubError(cause)
    const error =
      known instanceof HubError
        ? known
        : new HubError('HUB_LEDGER_UNAVAILABLE', {}, { cause: plain(cause), retryAfterSeconds: 5 })
    for (const { reject } of batch) reject(error)
    return error
  }

  return Object.assign(
    <T>(write: (tx: Write) => Promise<T> | T, needs: Needs = {}) =>
      new Promise<T>((resolve, reject) => {
        waiting.push({ write, needs, resolve: resolve as (value: unknown) => void, reject })
        if (!running) {
          running = true
          setImmediate(() => void run())
        }
      }),
    {
      drained: () =>
        running || waiting.length > 0 ? new Promise<void>((resolve) => idle.push(resolve)) : Promise.resolve(),
      corrupt: () => corrupt,
      async close() {
        await writer?.end().catch(() => {})
        writer = undefined
      },
    },
  )
}
