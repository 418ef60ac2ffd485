// resealing — keys of the ledger for people and for the walk that brings old bytes under the newest one.
import type Database from 'better-sqlite3'
import { HubError } from '../../messages/errors.js'
import type { Keys } from '../ledger/keys.js'
import { beginningLength, bytesOfSlice, positionOf, rowsOfSlice, textOf, sealedColumns } from '../sealing/resealing.js'
import type { DataKey } from '../sealing/data-keys.js'
import type { GroupCommit } from './group-commit.js'
import type { Encrypting } from './sealed-database.js'

const columns = sealedColumns({ table: 'reply', column: 'bytes', key: ['n'] })

type Key = string | number
interface Begun {
  beginning: Buffer | string
  size: number
  [key: string]: Key | Buffer
}

/** @param db as it is, without sealing: beginnings are read and whole pieces written as they stand in the file */
export function createKeys({
  db,
  commit,
  sealing,
}: {
  db: Database.Database
  commit: GroupCommit
  sealing: Encrypting
}): Keys {
  const facts = ({ row }: DataKey) => ({
    id: row.id,
    cipher: row.cipher,
    master: row.master,
    madeAt: new Date(row.made_at),
    current: row.id === sealing.current?.row.id,
  })

  const statements = columns.map(({ table, column, key }) => {
    const [names, marks] = [key.join(', '), key.map(() => '?').join(', ')]
    const is = key.map((name) => `${name} = ?`).join(' and ')
    const beginning = `substr(${column}, 1, ${beginningLength}) as beginning, length(${column}) as size`
    return {
      first: db.prepare<Key[], Begun>(`select ${names}, ${beginning} from ${table} order by ${names} limit ?`),
      next: db.prepare<Key[], Begun>(
        `select ${names}, ${beginning} from ${table} where (${names}) > (${marks}) order by ${names} limit ?`,
      ),
      get: db.prepare<Key[], Buffer | string>(`select ${column} from ${table} where ${is}`).pluck(),
      put: db.prepare(`update ${table} set ${column} = ? where ${is}`),
    }
  })

  return {
    dataKeys: async () => sealing.keys.map(facts),
    async rotateKey(now) {
      const made = await commit(() => sealing.rotate(now))
      if (!made) throw new HubError('HUB_NOT_ENCRYPTED')
      return facts(made.use())
    },
    async reseal(from) {
      const { sealer } = sealing
      if (!sealer) return { looked: 0, resealed: 0 }
      const place = positionOf(from)
      const { key } = columns[place.column]!
      const { first, next, get, put } = statements[place.column]!
      const rows = place.after.length === 0 ? first.all(rowsOfSlice) : next.all(...place.after, rowsOfSlice)
      let [looked, size] = [0, 0]
      const behind: Key[][] = []
      for (const row of rows) {
        looked++
        const id = key.map((name) => row[name] as Key)
        place.after = id
        if (sealer.isCurrent(row.beginning)) continue
        behind.push(id)
        size += row.size
        if (size >= bytesOfSlice) break
      }
      const resealed =
        behind.length === 0
          ? 0
          : await commit(() => {
              let count = 0
              for (const id of behind) {
                // Read again: retention may have taken it since.
                const kept = get.get(...id)
                if (kept === undefined || sealer.isCurrent(kept)) continue
                put.run(
                  typeof kept === 'string' ? sealer.sealText(sealer.openText(kept)) : sealer.seal(sealer.open(kept)),
                  ...id,
                )
                count++
              }
              return count
            }, size)
      const ended = looked === rows.length && rows.length < rowsOfSlice
      if (!ended) return { next: textOf(place), looked, resealed }
      const column = place.column + 1
      return { ...(column < columns.length ? { next: textOf({ column, after: [] }) } : {}), looked, resealed }
    },
    sealText: async (text) => sealing.sealer?.sealText(text) ?? text,
    async openText(text) {
      const opened = sealing.sealer?.openText(text) ?? text
      if (opened === text) throw new HubError('HUB_BYTES_DAMAGED', { messageId: 'archive' })
      return opened
    },
  }
}
