// write — all writes that wait are made in ONE transaction with one fsync, in the order they were asked for; one that
// fails is made alone, and takes no other with it. A caller hears back only after the commit (promise 1).
//
// One transaction of one hub writes at a time, whatever the number of hubs: it holds a lock of the ledger from before
// its first reading to its commit. So every rule decides on what is so, as on SQLite; numbers are given out in the
// order in which they can be seen, and nobody who asks for what came after a number misses one. What makes it fast is
// that hundreds of writes share one transaction, its readings and its inserts; and that whatever does not need the
// answer before it is asked without waiting for that: some eight times a transaction somebody waits for the other side.
import type pg from 'pg'
import { HubError } from '../../messages/errors.js'
import { combineStates, type ReceiptStatus, type SubmissionState } from '../../messages/states.js'
import type { ReceiptEvent, Remembered } from '../ledger.js'
import { LedgerInUseError } from '../ledger-errors.js'
import { asHubError, isGone, isUnavailable, plain, type LedgerLog, type Server } from './server.js'
import { leaseSql, type Lease } from './lease.js'
import { linkOf, proofLinksSql, type ChainBefore } from './proof-links.js'
import { tellNotes, type Notes } from './proof-notes.js'
import { createForesight, type Foresight, type SameReply } from './foresight.js'
import type { PgSealing } from './sealing.js'
import { mayHaveArrived } from '../rules/tries.js'
import { bound, type Queries, type Values } from './statements.js'
import { insertsFor, type NewRow, type Table } from './tables.js'
import { writeLock } from './write-lock.js'

/** What the writes of one transaction are likely to ask, asked for all of them at once before the first is made. */
export interface Needs {
  /** About what it writes, when that is much. */
  bytes?: number
  /** Who has these identities. */
  identities?: readonly { partnerId: string; identity: string }[]
  /** Has another partner one of these keys under way? */
  keys?: readonly { partnerId: string; agency: string; name: string; value: string }[]
  /** Numbers of new submissions. */
  numbers?: number
  submissions?: readonly string[]
  /** Submissions that may be claimed: who is ahead of them? */
  claims?: readonly string[]
  /** Numbers a submission learns: has a notice cited them? */
  learns?: readonly { name: string; value: string }[]
  /** A reply to be settled, with the receipts it becomes. */
  settles?: { replyId: string; receipts: readonly string[] }
  /** An answer to be kept: did it come before? */
  keeps?: SameReply
  /** Receipts that somebody takes out: whose are they? */
  takesOut?: readonly string[]
}

export interface Owner {
  message_id: string
  sha256: string
}

/** A submission with its last try. */
export interface SubmissionRow {
  n: number
  submission_id: string
  message_id: string
  partner_id: string
  agency: string
  order_key: string | null
  state: SubmissionState
  status: ReceiptStatus | null
  attempts: number
  fence: string | null
  accepted_at: number
  started_at: number | null
  next_at: number
  original: number | null
  expect_step: number | null
  learning: string | null
  channel: string
  last_attempt: number | null
  last_fence: string | null
  last_outcome: string | null
  last_code: string | null
  /**
   * A try of it ended otherwise than surely not sent; those before a restored copy was made are unknown, and so among
   * them.
   */
  reached: boolean
}

/** A transaction under way. What it adds and gathers is written before anything else is asked of it. */
export interface Write extends Queries, Foresight {
  add<T extends Table>(table: T, row: NewRow<T>): Promise<void>
  /**
   * A change whose outcome nobody asks for: made together with others of its kind. `statement` takes a list of each
   * value. No two of one transaction change the same row, unless it is asked for in between.
   */
  gather(statement: string, row: Record<string, string | number | boolean | null>): void
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
  owner(partnerId: string, identity: string): Promise<Owner | undefined>
  nowOwns(partnerId: string, identity: string, owner: Owner): void
  /** Whether another partner may have this key there; and this partner has it from now on. */
  mayBeShared(key: { partnerId: string; agency: string; name: string; value: string }): boolean
  number(): Promise<number>
  submission(submissionId: string): Promise<SubmissionRow | undefined>
  /** It is being changed, and without an id others are too: what was read of them does not count any more. */
  changes(submissionId?: string): void
  /** It is being claimed: its place in the order stays. */
  claims(submissionId: string): void
}

export interface GroupCommit {
  <T>(write: (tx: Write) => Promise<T> | T, needs?: Needs): Promise<T>
  /** Resolves when nothing waits. */
  drained(): Promise<void>
}

/** Both bound how long one transaction keeps others waiting. A single write larger than that goes alone. */
const most = 256
const mostBytes = 16 * 1024 * 1024
/** Each statement behind the lock sees what the hubs before have committed, whatever the server's default is. */
const beginning = 'begin isolation level read committed'

/** Every statement by its name. */
export const writeSql = {
  owners: `select i.partner_id, i.identity, i.message_id, m.sha256
    from unnest(@partners::text[], @identities::text[]) as a (partner_id, identity)
    join identity i on i.partner_id = a.partner_id and i.identity = a.identity
    join message m on m.message_id = i.message_id`,
  shared: `select distinct a.partner_id, a.agency, a.name, a.value
    from unnest(@partners::text[], @agencies::text[], @names::text[], @values::text[]) as a (partner_id, agency, name,
    value)
    join correlation c on c.agency = a.agency and c.name = a.name and c.value = a.value
    join submission s on s.n = c.submission_n where s.partner_id <> a.partner_id`,
  numbers: `select nextval(pg_get_serial_sequence('submission', 'n')) as n from generate_series(1, @count::integer)`,
  submissions: `select s.*, m.channel, a.attempt as last_attempt, a.fence as last_fence, a.outcome as last_outcome,
    a.code as last_code,
    exists (select 1 from attempt t where t.submission_id = s.submission_id and ${mayHaveArrived('t')}) as reached
    from submission s join message m on m.message_id = s.message_id
    left join lateral (select * from attempt t where t.submission_id = s.submission_id order by t.attempt desc
    limit 1) a on true where s.submission_id = any(@ids::text[])`,
  states: `select message_id, state, status from submission where message_id = any(@ids::text[])`,
  refresh: `update message m set state = a.state from unnest(@ids::text[], @states::text[]) as a (message_id, state)
    where m.message_id = a.message_id and m.state <> a.state`,
  notify: `select pg_notify('hub_receipts', a.payload) from unnest(@payloads::text[]) as a (payload)`,
}
const sql = writeSql

interface Waiting {
  write: (tx: Write) => unknown
  needs: Needs
  resolve: (value: unknown) => void
  reject: (error: unknown) => void
}

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
  let corrupt: unknown

  async function connection(): Promise<pg.Client> {
    if (writer) return writer
    const client = await server.connect('writing')
    client.on('error', (err) => {
      log.error({ err: plain(err) }, 'the connection that writes the ledger broke')
      discard(client)
    })
    notes = await tellNotes(client)
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

  /** While one batch is on its way the next gathers: the busier the ledger, the more share a commit. */
  async function run(): Promise<void> {
    running = true
    while (waiting.length > 0) await made(nextBatch())
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
      return refuse(batch, cause)
    }
    let values: unknown[]
    let events: ReceiptEvent[]
    try {
      notes.take()
      const begun = begin(client)
      const link = async () => linkOf(await begun, notes.take(), sealing)
      const tx = createWrite(client, { encode, sealing, link, notes })
      // Asked behind the lock, though nobody waits until that is there.
      await Promise.all([begun, tx.foresee(batch.map(({ needs }) => needs))])
      values = []
      for (const { write } of batch) values.push(await write(tx))
      events = await tx.finish()
    } catch (error) {
      await givenBack(client, error)
      if (isUnavailable(error)) {
        log.error({ err: plain(error) }, 'the ledger could not be written')
        if (/^XX00[12]$/.test(String((error as { code?: unknown }).code))) corrupt = plain(error)
        // Nothing of it is there: the commit was not asked for.
        return refuse(batch, error)
      }
      if (error instanceof LedgerInUseError) return refuse(batch, error)
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
      return refuse(batch, error)
    }
    events.forEach(told)
    batch.forEach(({ resolve }, i) => resolve(values[i]))
  }

  /**
   * Its first statements, in one go. With a lease the token is read behind the lock: nobody takes the ledger over
   * before the end. So is the head of the chain.
   */
  async function begin(client: pg.Client): Promise<ChainBefore> {
    const asked = [beginning, writeLock, leaseSql.token, proofLinksSql.head, proofLinksSql.late].join('; ')
    const [, , token, head, late] = (await client.query(asked)) as unknown as [
      unknown,
      unknown,
      pg.QueryResult<{ token: number }>,
      pg.QueryResult<NonNullable<ChainBefore['head']>>,
      pg.QueryResult<ChainBefore['late'][number]>,
    ]
    if (!lease || lease.isMine(token.rows[0]?.token)) return { head: head.rows[0], late: late.rows }
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

  function refuse(batch: Waiting[], cause: unknown): void {
    const error =
      cause instanceof HubError
        ? cause
        : isUnavailable(cause)
          ? asHubError(cause)
          : new HubError('HUB_LEDGER_UNAVAILABLE', {}, { cause: plain(cause), retryAfterSeconds: 5 })
    for (const { reject } of batch) reject(error)
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

const keyOf = (...parts: string[]) => JSON.stringify(parts)

function createWrite(
  client: pg.Client,
  {
    encode,
    sealing,
    link,
    notes,
  }: {
    encode: (events: readonly ReceiptEvent[], news: readonly Remembered[]) => string[]
    sealing: PgSealing | undefined
    /** Of the chain, over all that was changed so far. */
    link: () => Promise<Values | undefined>
    notes: Notes
  },
) {
  const news = new Set<Remembered>()
  const added = new Map<Table, NewRow[]>()
  const gathered = new Map<string, Record<string, string | number | boolean | null>[]>()
  const touched = new Set<string>()
  const ends: (() => Promise<void>)[] = []
  const events: ReceiptEvent[] = []
  const owners = new Map<string, Owner | undefined>()
  const shared = new Set<string>()
  /** Who in this transaction has a key already. */
  const holders = new Map<string, Set<string>>()
  let numbers: number[] = []
  const submissions = new Map<string, SubmissionRow>()

  async function ask(statement: string, values: Parameters<typeof bound>[1] = {}): Promise<pg.QueryResult> {
    if (!sealing) return client.query(bound(statement, values))
    const found = await client.query(bound(statement, sealing.sealed(values)))
    await sealing.opened(found.rows)
    return found
  }

  /**
   * In the order the tables were first added to: what refers to a row comes behind it in any case. All of it is asked
   * in the turn of the call; of several that fail the first is told, the others only say that the transaction is over.
   */
  function flush(): Promise<unknown> {
    const inserts = [...added].flatMap(([table, rows]) => insertsFor(table, rows))
    const changes = [...gathered]
    added.clear()
    gathered.clear()
    return Promise.all([
      ...inserts.map(({ sql: insert, values }) => ask(insert, values)),
      ...changes.map(([statement, rows]) => {
        const columns = Object.keys(rows[0]!)
        return ask(statement, Object.fromEntries(columns.map((name) => [name, rows.map((row) => row[name]!)])))
      }),
    ])
  }

  /** Behind all that was added and gathered so far. */
  async function askBehind(statement: string, values?: Parameters<typeof bound>[1]): Promise<pg.QueryResult> {
    const [, found] = await Promise.all([flush(), ask(statement, values)])
    return found
  }

  const all = async <Row>(statement: string, values?: Parameters<typeof bound>[1]): Promise<Row[]> =>
    (await askBehind(statement, values)).rows as Row[]

  const { foresee: lookForward, ...foresight } = createForesight(all)

  async function foreseeOwners(identities: NonNullable<Needs['identities']>): Promise<void> {
    if (identities.length === 0) return
    for (const { partnerId, identity } of identities) owners.set(keyOf(partnerId, identity), undefined)
    const found = await all<Owner & { partner_id: string; identity: string }>(sql.owners, {
      partners: identities.map(({ partnerId }) => partnerId),
      identities: identities.map(({ identity }) => identity),
    })
    for (const { partner_id, identity, message_id, sha256 } of found)
      owners.set(keyOf(partner_id, identity), { message_id, sha256 })
  }

  async function foreseeShared(keys: NonNullable<Needs['keys']>): Promise<void> {
    if (keys.length === 0) return
    const found = await all<{ partner_id: string; agency: string; name: string; value: string }>(sql.shared, {
      partners: keys.map(({ partnerId }) => partnerId),
      agencies: keys.map(({ agency }) => agency),
      names: keys.map(({ name }) => name),
      values: keys.map(({ value }) => value),
    })
    for (const { partner_id, agency, name, value } of found) shared.add(keyOf(partner_id, agency, name, value))
  }

  async function foreseeNumbers(count: number): Promise<void> {
    if (count > 0) numbers = (await all<{ n: number }>(sql.numbers, { count })).map(({ n }) => n)
  }

  /** One that is not there yet may be by the time it is asked for. */
  async function foreseeSubmissions(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    for (const row of await all<SubmissionRow>(sql.submissions, { ids })) submissions.set(row.submission_id, row)
  }

  const tx: Write & { foresee(needs: readonly Needs[]): Promise<void>; finish(): Promise<ReceiptEvent[]> } = {
    all,
    get: async <Row>(statement: string, values?: Parameters<typeof bound>[1]) => (await all<Row>(statement, values))[0],
    run: async (statement, values) => (await askBehind(statement, values)).rowCount ?? 0,
    ...foresight,
    gather(statement, row) {
      const rows = gathered.get(statement)
      if (rows) rows.push(row)
      else gathered.set(statement, [row])
    },
    async add(table, row) {
      if (table === 'notice_key') foresight.notices()
      const rows = added.get(table)
      if (!rows) added.set(table, [row as NewRow])
      else if (rows.push(row as NewRow) >= 64 && table === 'payload') await flush()
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
    async owner(partnerId, identity) {
      const key = keyOf(partnerId, identity)
      if (!owners.has(key)) {
        const found = await all<Owner>(sql.owners, { partners: [partnerId], identities: [identity] })
        owners.set(key, found[0])
      }
      return owners.get(key)
    },
    nowOwns: (partnerId, identity, owner) => void owners.set(keyOf(partnerId, identity), owner),
    mayBeShared({ partnerId, agency, name, value }) {
      const key = keyOf(agency, name, value)
      const among = holders.get(key) ?? new Set<string>()
      holders.set(key, among.add(partnerId))
      return among.size > 1 || shared.has(keyOf(partnerId, agency, name, value))
    },
    async number() {
      if (numbers.length === 0) numbers = (await all<{ n: number }>(sql.numbers, { count: 16 })).map(({ n }) => n)
      return numbers.shift()!
    },
    async submission(submissionId) {
      const known = submissions.get(submissionId)
      if (known) return known
      const [row] = await all<SubmissionRow>(sql.submissions, { ids: [submissionId] })
      if (row) submissions.set(submissionId, row)
      return row
    },
    changes(submissionId) {
      foresight.orderChanged(submissionId === undefined ? undefined : submissions.get(submissionId))
      if (submissionId === undefined) submissions.clear()
      else submissions.delete(submissionId)
    },
    claims: (submissionId) => void submissions.delete(submissionId),
    async foresee(needs) {
      const identities = needs.flatMap((one) => one.identities ?? [])
      const keys = needs.flatMap((one) => one.keys ?? [])
      const count = needs.reduce((sum, one) => sum + (one.numbers ?? 0), 0)
      const claims = new Set(needs.flatMap((one) => one.claims ?? []))
      const ids = [...new Set([...claims, ...needs.flatMap((one) => one.submissions ?? [])])]
      const looks = [foreseeOwners(identities), foreseeShared(keys), foreseeNumbers(count), foreseeSubmissions(ids)]
      await Promise.all(looks)
      await lookForward({
        claims: [...submissions.values()].filter((row) => row.state === 'queued' && claims.has(row.submission_id)),
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
  return tx
}
