// sealing — bytes go to the server sealed and come back opened, at the two places through which every statement goes.
// Another hub may have made a newer key: what has one that is not known here is opened after a look at the keys.
import type pg from 'pg'
import { createSealer, type Sealer } from '../sealing/sealer.js'
import { newDataKey, openDataKey, type DataKey, type DataKeyRow } from '../sealing/data-keys.js'
import { LedgerKeyError, type Encryption } from '../sealing/master-keys.js'
import { openRow, sealedValue } from '../sealing/sealed-values.js'
import { bound, type Queries, type SqlValues } from './statements.js'
import { writeLock } from './write-lock.js'

/** Every statement by its name. */
export const sealingSql = {
  all: 'select * from data_key order by n',
  put: `insert into data_key (id, mark, cipher, master, wrapped, made_at)
    values (@id, @mark, @cipher, @master, @wrapped, @made_at)`,
  under: 'update data_key set master = @master, wrapped = @wrapped where id = @id',
}
const sql = sealingSql

/** How this ledger's bytes are encrypted; `sealer()` is undefined where nothing ever was. */
export interface PgSealing {
  sealer(): Sealer | undefined
  keys(): readonly DataKey[]
  current(): DataKey | undefined
  /** What a statement is given, as the server gets it. */
  sealed(values: SqlValues): SqlValues
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
        'the ledger is encrypted, and no key is configured: set `encryption.key` in hub.yaml to the key file ' +
          'it was encrypted with (`cipher: none` goes back to plain bytes). 账本已加密，请在 hub.yaml 中配置 encryption.key。',
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
        Array.isArray(value)
          ? (value as unknown[]).map((one) => sealedValue(name, one, by))
          : sealedValue(name, value, by),
      ])
      return Object.fromEntries(all) as SqlValues
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

const valuesOf = (row: unknown) =>
  typeof row === 'object' && row !== null ? Object.values(row as Record<string, unknown>) : []
const hasBytes = (row: unknown) => valuesOf(row).some((value) => Buffer.isBuffer(value))
const hasUnknown = (row: unknown, sealer: Sealer) =>
  valuesOf(row).some(
    (value) => (Buffer.isBuffer(value) || typeof value === 'string') && sealer.unknownKey(value) !== undefined,
  )

/** Queries through which nothing sealed is seen. */
export const openedQueries = (queries: Queries, sealing: PgSealing): Queries => ({
  all: async <Row>(statement: string, values: SqlValues = {}) =>
    sealing.opened(await queries.all<Row>(statement, sealing.sealed(values))),
  get: async <Row>(statement: string, values: SqlValues = {}) => {
    const row = await queries.get<Row>(statement, sealing.sealed(values))
    return row === undefined ? undefined : (await sealing.opened([row]))[0]
  },
  run: (statement, values = {}) => queries.run(statement, sealing.sealed(values)),
})
