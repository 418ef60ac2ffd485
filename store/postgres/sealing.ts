// sealing — bytes go to the server sealed and come back opened, at the two places through which every statement goes.
// Another hub may have made a newer key: what has one that is not known here is opened after a look at the keys.
import type pg from 'pg'
import { HubError } from '../../messages/errors.js'
import type { Keys } from '../ledger/keys.js'
import { createSealer, type Sealer } from '../sealing/sealer.js'
import { newDataKey, openDataKey, wrap, type DataKey, type DataKeyRow } from '../sealing/data-keys.js'
import { LedgerKeyError, type Encryption } from '../sealing/master-keys.js'
import { beginningLength, bytesOfSlice, placeOf, rowsOfSlice, textOf, type SealedColumn } from '../sealing/resealing.js'
import { openRow, sealedValue } from '../sealing/sealed-values.js'
import { bound, type Queries, type Values } from './statements.js'
import type { GroupCommit } from './write.js'
import { writeLock } from './write-lock.js'

/** Every statement by its name. */
export const sealingSql = {
  all: 'select * from data_key order by n',
  put: `insert into data_key (id, mark, cipher, master, wrapped, made_at)
    values (@id, @mark, @cipher, @master, @wrapped, @made_at)`,
  under: 'update data_key set master = @master, wrapped = @wrapped where id = @id',
}
const sql = sealingSql

export interface PgSealing {
  sealer(): Sealer | undefined
  keys(): readonly DataKey[]
  current(): DataKey | undefined
  /** What a statement is given, as the server gets it. */
  sealed(values: Values): Values
  /** Rows as they come, opened in place. */
  opened<Row>(rows: Row[]): Promise<Row[]>
  reload(): Promise<void>
  masters: readonly Buffer[]
  /** A new data key under the first master key, not yet on disk; undefined where nothing is to be encrypted. */
  fresh(now: Date): DataKey | undefined
}

/**
 * @param connect a connection of its own, for the first key
 * @throws LedgerKeyError when the ledger is encrypted and the key is not given, or is another one
 */
export async function openPgSealing({
  reading,
  connect,
  encryption,
}: {
  reading: Queries
  connect: () => Promise<pg.Client>
  encryption: Encryption | undefined
}): Promise<PgSealing> {
  const { masters, cipher } = encryption ?? { masters: [], cipher: 'none' as const }
  let keys: DataKey[] = []
  let current: DataKey | undefined
  let sealer: Sealer | undefined

  function take(rows: readonly DataKeyRow[]): void {
    if (rows.length > 0 && !encryption)
      throw new LedgerKeyError(
        'the ledger is encrypted, and no key is configured: set `encryption.key` in hub.yaml to the key file it was encrypted with (`cipher: none` goes back to plain bytes). 账本已加密，请在 hub.yaml 中配置 encryption.key。',
      )
    keys = rows.map((row) => openDataKey(row, masters))
    current = keys.findLast(({ row }) => row.cipher === cipher)
    sealer = keys.length === 0 ? undefined : createSealer(keys, current)
  }
  const reload = async () => take(await reading.all<DataKeyRow>(sql.all))
  const fresh = (now: Date) =>
    cipher === 'none' ? undefined : newDataKey({ masters, cipher }, cipher, keys[0]?.row.mark, now)

  /** Under the lock of writes: hubs that start together make one. */
  async function first(): Promise<void> {
    const client = await connect()
    try {
      await client.query(`begin; ${writeLock}`)
      take((await client.query(sql.all)).rows as DataKeyRow[])
      const made = current ? undefined : fresh(new Date())
      if (made) await client.query(bound(sql.put, made.row))
      await client.query('commit')
    } finally {
      await client.end().catch(() => {})
    }
    await reload()
  }

  await reload()
  if (cipher !== 'none' && !current) await first()

  return {
    sealer: () => sealer,
    keys: () => keys,
    current: () => current,
    sealed(values) {
      const by = sealer
      if (!by) return values
      const all = Object.entries(values).map(([name, value]) => [
        name,
        Array.isArray(value) ? value.map((one: unknown) => sealedValue(name, one, by)) : sealedValue(name, value, by),
      ])
      return Object.fromEntries(all) as Values
    },
    async opened(rows) {
      if (!sealer && !(encryption && rows.some(hasBytes))) return rows
      if (!sealer || rows.some((row) => hasUnknown(row, sealer!))) await reload()
      if (sealer) for (const row of rows) openRow(row, sealer)
      return rows
    },
    reload,
    masters,
    fresh,
  }
}

const valuesOf = (row: unknown) => (typeof row === 'object' && row !== null ? Object.values(row) : [])
const hasBytes = (row: unknown) => valuesOf(row).some((value) => Buffer.isBuffer(value))
const hasUnknown = (row: unknown, sealer: Sealer) =>
  valuesOf(row).some(
    (value) => (Buffer.isBuffer(value) || typeof value === 'string') && sealer.unknownKey(value) !== undefined,
  )

/** Queries through which nothing sealed is seen. */
export const openedQueries = (queries: Queries, sealing: PgSealing): Queries => ({
  all: async <Row>(statement: string, values: Values = {}) =>
    sealing.opened(await queries.all<Row>(statement, sealing.sealed(values))),
  get: async <Row>(statement: string, values: Values = {}) => {
    const row = await queries.get<Row>(statement, sealing.sealed(values))
    return row === undefined ? undefined : (await sealing.opened([row]))[0]
  },
  run: (statement, values = {}) => queries.run(statement, sealing.sealed(values)),
})

const columns: readonly SealedColumn[] = [
  { table: 'payload', column: 'bytes', key: ['message_id'] },
  { table: 'attachment', column: 'bytes', key: ['message_id', 'position'] },
  { table: 'forwarded', column: 'bytes', key: ['message_id'] },
  { table: 'sent_form', column: 'bytes', key: ['submission_id'] },
  { table: 'acknowledgement', column: 'bytes', key: ['interchange_id'] },
  { table: 'reply_bytes', column: 'bytes', key: ['reply_id'] },
  { table: 'reply_attachment', column: 'bytes', key: ['reply_id', 'position'] },
  { table: 'receipt', column: 'receipt', key: ['n'] },
  { table: 'notice', column: 'faults', key: ['n'] },
]

type Key = string | number
type Begun = { beginning: Buffer | string; size: number } & Record<string, Key>

const statements = columns.map(({ table, column, key }) => {
  const names = key.join(', ')
  const is = key.map((name, i) => `${name} = @k${i}`).join(' and ')
  const select = `select ${names}, substr(${column}, 1, ${beginningLength}) as beginning, length(${column}) as size from ${table}`
  return {
    first: `${select} order by ${names} limit @limit`,
    next: `${select} where (${names}) > (${key.map((_, i) => `@k${i}`).join(', ')}) order by ${names} limit @limit`,
    get: `select ${column} as kept from ${table} where ${is}`,
    put: `update ${table} set ${column} = @kept where ${is}`,
  }
})
const keyed = (id: readonly Key[]): Values => Object.fromEntries(id.map((value, i) => [`k${i}`, value]))

/** @param reading as things stand on the server: beginnings are looked at sealed */
export function createKeys({
  reading,
  commit,
  sealing,
}: {
  reading: Queries
  commit: GroupCommit
  sealing: PgSealing
}): Keys {
  const facts = ({ row }: DataKey) => ({
    id: row.id,
    cipher: row.cipher,
    master: row.master,
    madeAt: new Date(row.made_at),
    current: row.id === sealing.current()?.row.id,
  })
  return {
    async dataKeys() {
      await sealing.reload()
      return sealing.keys().map(facts)
    },
    async rotateKey(now) {
      await sealing.reload()
      const made = sealing.fresh(now)
      if (!made) throw new HubError('HUB_NOT_ENCRYPTED')
      await commit(async (tx) => {
        for (const { row, key } of sealing.keys()) {
          const { master, wrapped } = wrap(key, row, sealing.masters[0]!)
          await tx.run(sql.under, { id: row.id, master, wrapped })
        }
        await tx.run(sql.put, made.row)
        return true
      })
      // Used from here on: it is on disk.
      await sealing.reload()
      return facts(sealing.current()!)
    },
    async reseal(from) {
      if (from === undefined) await sealing.reload()
      const sealer = sealing.sealer()
      if (!sealer) return { looked: 0, resealed: 0 }
      const place = placeOf(from)
      const { key } = columns[place.column]!
      const { first, next, get, put } = statements[place.column]!
      const rows = await reading.all<Begun>(place.after.length === 0 ? first : next, {
        ...keyed(place.after),
        limit: rowsOfSlice,
      })
      let [looked, size] = [0, 0]
      const behind: Key[][] = []
      for (const row of rows) {
        looked++
        const id = key.map((name) => row[name]!)
        place.after = id
        if (sealer.isCurrent(row.beginning)) continue
        behind.push(id)
        size += row.size
        if (size >= bytesOfSlice) break
      }
      const resealed =
        behind.length === 0
          ? 0
          : await commit(
              async (tx) => {
                let count = 0
                for (const id of behind) {
                  // Opened on its way here, sealed with the newest key on its way back. Retention may have taken it.
                  const found = await tx.get<{ kept: Buffer | string }>(get, keyed(id))
                  if (!found) continue
                  const kept = typeof found.kept === 'string' ? sealer.sealText(found.kept) : found.kept
                  count += await tx.run(put, { ...keyed(id), kept })
                }
                return count
              },
              { bytes: size },
            )
      const ended = looked === rows.length && rows.length < rowsOfSlice
      if (!ended) return { next: textOf(place), looked, resealed }
      const column = place.column + 1
      return { ...(column < columns.length ? { next: textOf({ column, after: [] }) } : {}), looked, resealed }
    },
    sealText: async (text) => sealing.sealer()?.sealText(text) ?? text,
    async openText(text) {
      let sealer = sealing.sealer()
      if (sealer?.unknownKey(text) !== undefined) {
        await sealing.reload()
        sealer = sealing.sealer()
      }
      const opened = sealer?.openText(text) ?? text
      if (opened === text) throw new HubError('HUB_BYTES_DAMAGED', { messageId: 'archive' })
      return opened
    },
  }
}
