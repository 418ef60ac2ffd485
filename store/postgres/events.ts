// events — what one hub commits, all hubs hear at once (NOTIFY in the same transaction). Nobody asks again and again: a
// hub that was cut off asks once, when it is connected again, for what came meanwhile.
import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import type { ReceiptEvent, Remembered } from '../ledger.js'
import { LedgerInUseError } from '../ledger-errors.js'
import type { Lease } from './lease.js'
import { plain, type LedgerLog, type Server } from './server.js'
import { writeLock } from './write-lock.js'

/** PostgreSQL takes 8000 bytes a notification. */
const mostPayloadBytes = 7_500
/** How long after it broke the connection is made anew: at once, then longer each time. */
const againAfterMs = [100, 500, 1_000, 2_000, 5_000]
/** Receipts that came while nothing was heard, told once more; a partner that asks finds the others. */
const mostMissed = 5_000

/** Every statement by its name. */
const eventsSql = {
  last: 'select coalesce(max(n), 0) as n from receipt',
  missed: `select partner_id, receipt_id, channel, return_state from receipt where n > $1 and return_state = 'owed'
    order by n limit ${mostMissed}`,
}
const sql = eventsSql

interface HubEvents {
  /** The hub it comes from, which knows it already. */
  from: string
  events: ReceiptEvent[]
  /** What hubs remember and this one has changed. */
  changed?: Remembered[]
}

/**
 * Listens from now on. `tell` hears of receipts, `changed` of what this hub remembers and another has changed,
 * `lost` when another has taken the ledger for itself.
 */
export function createEvents({
  server,
  log,
  tell,
  changed,
  lease,
  lost,
}: {
  server: Server
  log: LedgerLog
  tell: (event: ReceiptEvent) => void
  /** What is remembered of it may be old. */
  changed: (what: Remembered) => void
  /** Held by the connection that listens, where this hub has the ledger for itself. */
  lease?: Lease | undefined
  /** Another hub has the ledger now. */
  lost: (error: Error) => void
}) {
  const self = randomUUID()
  let client: pg.Client | undefined
  let closed = false
  let failures = 0
  let again: NodeJS.Timeout | undefined
  let lastKnown: number | undefined

  async function listen(): Promise<void> {
    const made = await server.connect('listening')
    if (closed) return void made.end()
    made.on('error', (err) => {
      if (!closed) log.error({ err: plain(err) }, 'the connection that hears of receipts broke')
    })
    made.on('end', () => {
      if (client !== made || closed) return
      client = undefined
      later()
    })
    made.on('notification', ({ payload }) => {
      const { from, events, changed: news = [] } = JSON.parse(payload ?? '{"events":[]}') as HubEvents
      if (from === self) return
      for (const event of events) tell({ ...event, elsewhere: true })
      news.forEach(changed)
    })
    client = made
    await lease?.hold(made, writeLock)
    await made.query('listen hub_receipts')
    // Behind the listening: what is committed from now on is heard.
    const before = lastKnown
    lastKnown = (await made.query<{ n: number }>(sql.last)).rows[0]!.n
    failures = 0
    if (before === undefined) return
    // Whatever was said meanwhile was not heard.
    changed('partners')
    changed('agencies')
    if (before === lastKnown) return
    const { rows } = await made.query<{
      partner_id: string
      receipt_id: string
      channel: ReceiptEvent['channel']
      return_state: ReceiptEvent['returnState']
    }>(sql.missed, [before])
    for (const row of rows)
      tell({
        partnerId: row.partner_id,
        receiptId: row.receipt_id,
        channel: row.channel,
        returnState: row.return_state,
        elsewhere: true,
      })
  }

  function later(): void {
    if (closed || again) return
    const wait = againAfterMs[Math.min(failures++, againAfterMs.length - 1)]!
    again = setTimeout(() => {
      again = undefined
      listen().catch((err: unknown) => {
        if (err instanceof LedgerInUseError) return lost(err)
        log.error({ err: plain(err) }, 'the ledger cannot be listened to')
        const broken = client
        client = undefined
        broken?.end().catch(() => {})
        later()
      })
    }, wait)
  }

  return {
    listen,
    /** As notifications, as few as hold them. */
    encode(events: readonly ReceiptEvent[], news: readonly Remembered[] = []): string[] {
      const found: string[] = []
      if (news.length > 0)
        found.push(JSON.stringify({ from: self, events: [], changed: [...news] } satisfies HubEvents))
      let some: ReceiptEvent[] = []
      const frame = JSON.stringify({ from: self, events: [] }).length
      let bytes = frame
      for (const event of events) {
        const size = Buffer.byteLength(JSON.stringify(event)) + 1
        if (bytes + size > mostPayloadBytes && some.length > 0) {
          found.push(JSON.stringify({ from: self, events: some } satisfies HubEvents))
          some = []
          bytes = frame
        }
        some.push(event)
        bytes += size
      }
      if (some.length > 0) found.push(JSON.stringify({ from: self, events: some } satisfies HubEvents))
      return found
    },
    async close(): Promise<void> {
      closed = true
      clearTimeout(again)
      await client?.end().catch(() => {})
    },
  }
}
