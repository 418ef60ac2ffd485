// sealed-database — a database whose statements write bytes sealed and read them opened, so that nothing else in the
// ledger knows of it. A ledger that was never encrypted is used as it is: it pays nothing.
import type Sqlite from 'better-sqlite3'
import { createSealer, type Sealer } from '../sealing/sealer.js'
import { newDataKey, openDataKey, wrap, type DataKey, type DataKeyRow } from '../sealing/data-keys.js'
import { LedgerKeyError, type Encryption } from '../sealing/master-keys.js'
import { openedValue, openRow, sealedValue } from '../sealing/sealed-values.js'

/** How this ledger's bytes are encrypted now. */
export interface Encrypting {
  /** Undefined: nothing in this ledger was ever encrypted. */
  sealer: Sealer | undefined
  keys: readonly DataKey[]
  current: DataKey | undefined
  /**
   * Within a write: a new data key, and all keys under the first master key. What it returns is called once that is on
   * disk, and not before: bytes under a key that is nowhere are lost.
   */
  rotate(now: Date): { use(): DataKey } | undefined
}

const noKey =
  'the ledger is encrypted, and no key is configured: set `encryption.key` in hub.yaml to the key file it was ' +
  'encrypted with (`cipher: none` goes back to plain bytes). 账本已加密，请在 hub.yaml 中配置 encryption.key。'

/** Keys are few: all of them are read at the start, and none later. */
const dataKeySql = {
  all: 'select * from data_key order by n',
  put: `insert into data_key (id, mark, cipher, master, wrapped, made_at)
    values (@id, @mark, @cipher, @master, @wrapped, @made_at)`,
  under: 'update data_key set master = @master, wrapped = @wrapped where id = @id',
}

/** In SQL: a text, or bytes, as they were before they were sealed. Known in every open ledger. */
const openedFunction = 'opened'

/** Until `openSealing` knows better, everything is taken for plain. */
export const defineOpened = (db: Sqlite.Database, opened: (value: unknown) => unknown = (value) => value): void =>
  void db.function(openedFunction, { deterministic: true }, opened)

/**
 * @throws LedgerKeyError when the ledger is encrypted and the key is not given, or is another one
 */
export function openSealing(db: Sqlite.Database, encryption: Encryption | undefined): Encrypting {
  const { masters, cipher } = encryption ?? { masters: [], cipher: 'none' as const }
  const rows = db.prepare<[], DataKeyRow>(dataKeySql.all).all()
  if (rows.length > 0 && !encryption) throw new LedgerKeyError(noKey)
  let keys: DataKey[] = rows.map((row) => openDataKey(row, masters))
  let current: DataKey | undefined
  let sealer: Sealer | undefined
  const put = db.prepare(dataKeySql.put)
  const under = db.prepare(dataKeySql.under)

  /** In the file only: it is used once it is on disk. */
  function made(now: Date): DataKey | undefined {
    if (cipher === 'none') return undefined
    const one = newDataKey({ masters, cipher }, cipher, keys[0]?.row.mark, now)
    put.run(one.row)
    return one
  }
  function use(all: DataKey[], one: DataKey | undefined): void {
    keys = all
    current = one
    sealer = keys.length === 0 ? undefined : createSealer(keys, current)
  }

  const newest = keys.findLast(({ row }) => row.cipher === cipher)
  const first = newest ? undefined : made(new Date())
  use(first ? [...keys, first] : keys, newest ?? first)
  defineOpened(db, (value) => (sealer ? openedValue(value, sealer) : value))
  if (sealer) {
    // What is plain now must not be found in the file once it is sealed, or gone.
    db.pragma('secure_delete = ON')
    db.pragma('temp_store = MEMORY')
  }
  return {
    get sealer() {
      return sealer
    },
    get keys() {
      return keys
    },
    get current() {
      return current
    },
    rotate(now) {
      const one = made(now)
      if (!one) return undefined
      const all = keys.map(({ row, key }) => ({ key, row: { ...row, ...wrap(key, row, masters[0]!) } }))
      for (const { row } of all) under.run({ id: row.id, master: row.master, wrapped: row.wrapped })
      return {
        use() {
          use([...all, one], one)
          return one
        },
      }
    },
  }
}

/** Of a file that is only read, such as a copy. Undefined: it was never encrypted. @throws as openSealing does */
function readingSealer(db: Sqlite.Database, encryption: Encryption | undefined): Sealer | undefined {
  const there = db.prepare(`select 1 from sqlite_master where name = 'data_key'`).get() !== undefined
  const rows = there ? db.prepare<[], DataKeyRow>(dataKeySql.all).all() : []
  if (rows.length === 0) return undefined
  if (!encryption) throw new LedgerKeyError(noKey)
  return createSealer(
    rows.map((row) => openDataKey(row, encryption.masters)),
    undefined,
  )
}

/** A database opened for reading only, as by a check; without the key its bytes come as they lie there. */
export function readingSealed(db: Sqlite.Database, encryption: Encryption | undefined): Sqlite.Database {
  const sealer = readingSealer(db, encryption)
  defineOpened(db, (value) => (sealer ? openedValue(value, sealer) : value))
  return sealer ? sealedDatabase(db, () => sealer) : db
}

/** JSON as it was before texts within it were sealed. */
export function openingWithin(db: Sqlite.Database, encryption: Encryption | undefined) {
  const sealer = readingSealer(db, encryption)
  return sealer && ((json: string) => sealer.openWithin(json))
}

/** `sealer` is asked at each statement: it changes with each new key. */
export function sealedDatabase(db: Sqlite.Database, sealer: () => Sealer): Sqlite.Database {
  return new Proxy(db, {
    get(target, name) {
      if (name === 'prepare') return (sql: string) => sealedStatement(target.prepare(sql), sealer)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value
    },
  })
}

function sealedStatement(statement: Sqlite.Statement, sealer: () => Sealer): Sqlite.Statement {
  const values = (given: unknown[]) => given.map((one) => sealedParameter(one, sealer()))
  const own: Record<string, (...given: unknown[]) => unknown> = {
    run: (...given) => statement.run(...values(given)),
    get: (...given) => openRow(statement.get(...values(given)), sealer()),
    all: (...given) => statement.all(...values(given)).map((row) => openRow(row, sealer())),
    *iterate(...given) {
      for (const row of statement.iterate(...values(given))) yield openRow(row, sealer())
    },
    raw: () => sealedStatement(statement.raw(), sealer),
    pluck: () => sealedStatement(statement.pluck(), sealer),
  }
  return new Proxy(statement, {
    get(target, name) {
      const value: unknown = typeof name === 'string' && own[name] ? own[name] : Reflect.get(target, name, target)
      return typeof value === 'function' && !own[name as string] ? (value as () => unknown).bind(target) : value
    },
  })
}

function sealedParameter(given: unknown, sealer: Sealer): unknown {
  if (Buffer.isBuffer(given)) return sealer.seal(given)
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return given
  return Object.fromEntries(Object.entries(given).map(([name, value]) => [name, sealedValue(name, value, sealer)]))
}
