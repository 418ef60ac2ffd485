// resealing — keys of the ledger for people and for the walk that brings old bytes under the newest one.
import { HubError } from '../../messages/errors.js'
import type { Keys } from '../ledger/keys.js'
import { wrap, type DataKey } from '../sealing/data-keys.js'
import { beginningLength, bytesOfSlice, positionOf, rowsOfSlice, textOf, sealedColumns } from '../sealing/resealing.js'
import { sealingSql, type PgSealing } from './sealing.js'
import type { Queries, SqlValues } from './statements.js'
import type { GroupCommit } from './write.js'

const columns = sealedColumns({ table: 'reply_bytes', column: 'bytes', key: ['reply_id'] })

type Key = string | number
type Begun = { beginning: Buffer | string; size: number } & Record<string, Key>

const statements = columns.map(({ table, column, key }) => {
  const names = key.join(', ')
  const is = key.map((name, i) => `${name} = @k${i}`).join(' and ')
  const select = `select ${names}, substr(${column}, 1, ${beginningLength}) as beginning, length(${column}) as size
    from ${table}`
  return {
    first: `${select} order by ${names} limit @limit`,
    next: `${select} where (${names}) > (${key.map((_, i) => `@k${i}`).join(', ')}) order by ${names} limit @limit`,
    get: `select ${column} as kept from ${table} where ${is}`,
    put: `update ${table} set ${column} = @kept where ${is}`,
  }
})
const keyed = (id: readonly Key[]): SqlValues => Object.fromEntries(id.map((value, i) => [`k${i}`, value]))

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
          await tx.run(sealingSql.under, { id: row.id, master, wrapped })
        }
        await tx.run(sealingSql.put, made.row)
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
      const place = positionOf(from)
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
