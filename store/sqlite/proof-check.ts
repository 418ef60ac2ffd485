// proof-check — the chain of hashes of a SQLite ledger that no hub has open, read for whoever walks it.
import type Sqlite from 'better-sqlite3'
import { checkProof, type CheckedLedger, type LinkRow, type ProofCheck, type ProofReport } from '../proof-check.js'
import type { HeadRow } from '../proof-of-message.js'
import type { Item } from '../rules/proof-chain.js'
import { provenRows } from '../rules/proven-rows.js'
import { keepStill } from './database.js'
import { Database } from './driver.js'
import { createRows } from './proof.js'
import { idSql } from './proof-triggers.js'
import { openingWithin } from './sealed-database.js'

/** The migration that brought the chain. */
const withProof = 20

const beside = provenRows.filter(({ counted, removable }) => counted || removable)

/** They read all there is, once. */
const sql = {
  total: 'select max(n) as n from proof_link',
  links: 'select * from proof_link order by n',
  begun: 'select kind from proof_base',
  // Sorted on disk, once, whatever the size of the ledger.
  unproven: `with every as materialized (${beside
    .map(
      (row) => `select '${row.kind}' as kind, ${idSql(row, 'r')} as id from ${row.table} r
      ${row.counted ? `where r.n > (select last from proof_base where kind = '${row.kind}')` : ''}`,
    )
    .join(' union all ')})
    select kind, id from every where (kind, id) not in (
      select json_extract(i.value, '$[0]'), json_extract(i.value, '$[1]') from proof_link l, json_each(l.items) i
      where l.n not in (select value from json_each(@unreadable)))`,
  heads: `select h.*, l.hash as of_link from proof_head h left join proof_link l on l.n = h.link order by h.link`,
}

/** @throws LedgerInUseError while a hub has the file open; Error when it was written by a hub that kept no chain */
export async function proofCheck(file: string, asked: ProofCheck): Promise<ProofReport> {
  const release = keepStill(file)
  const db = new Database(file, { fileMustExist: true })
  try {
    db.pragma('query_only = ON')
    const version = db.pragma('user_version', { simple: true }) as number
    if (version < withProof) throw new Error(`${file} is from before there was a chain; start the hub on it once`)
    return await checkProof(checked(db, asked), asked)
  } finally {
    db.close()
    release()
  }
}

function checked(db: Sqlite.Database, { encryption }: ProofCheck): CheckedLedger {
  return {
    total: async () => db.prepare<[], { n: number | null }>(sql.total).get()?.n ?? 0,
    async *links() {
      yield* db.prepare<[], LinkRow>(sql.links).iterate()
    },
    rows: createRows(db, openingWithin(db, encryption)),
    waiting: [],
    begun: async () =>
      db
        .prepare<[], { kind: string }>(sql.begun)
        .all()
        .map(({ kind }) => kind),
    async *unproven(unreadable) {
      const asked = { unreadable: JSON.stringify(unreadable) }
      yield* db.prepare<[typeof asked], Pick<Item, 'kind' | 'id'>>(sql.unproven).iterate(asked)
    },
    async *heads() {
      yield* db.prepare<[], HeadRow & { of_link: string | null }>(sql.heads).iterate()
    },
  }
}
