// proof-check — the chain of hashes of a PostgreSQL ledger, read in one snapshot for whoever walks it: hubs go on
// meanwhile.
import type pg from 'pg'
import { checkProof, type CheckedLedger, type LinkRow, type ProofCheck, type ProofReport } from '../proof-check.js'
import type { HeadRow } from '../proof-of-message.js'
import type { Fact, Item } from '../rules/proof-chain.js'
import { provenRows } from '../rules/proven-rows.js'
import { factsOf } from './proof-notes.js'
import { createRows, idSql } from './proof-rows.js'
import { openedQueries, openPgSealing } from './sealing.js'
import { createServer, unreachable, withoutPassword } from './server.js'
import { bound, type Queries, type SqlValues } from './statements.js'

const beside = provenRows.filter(({ counted, removable }) => counted || removable)

/** They read all there is, once. */
const sql = {
  there: `select to_regclass('proof_link') is not null as there`,
  total: 'select coalesce(max(n), 0) as n from proof_link',
  links: 'select * from proof_link where n > @after order by n limit 20',
  begun: 'select kind from proof_base',
  late: 'select note from hub_late_fact order by n',
  // The server compares them, on its disk where they are many.
  unproven: `with every as (${beside
    .map(
      (row) => `select '${row.kind}' as kind, ${idSql(row)} as id from ${row.table} r
      ${row.counted ? `where r.n > (select last from proof_base where kind = '${row.kind}')` : ''}`,
    )
    .join(' union all ')}),
    proven as (select i.value ->> 0 as kind, i.value ->> 1 as id from proof_link l
      cross join lateral json_array_elements(
        case when l.n = any(@unreadable::bigint[]) then '[]'::json else l.items::json end) i)
    select kind, id from every e where not exists (select 1 from proven p where p.kind = e.kind and p.id = e.id)
    order by kind, id`,
  heads: `select h.*, l.hash as of_link from proof_head h left join proof_link l on l.n = h.link order by h.link`,
}

/**
 * @throws LedgerUnreachableError when it cannot be reached; LedgerKeyError when it is encrypted and the key is not
 *   given; Error when it was written by a hub that kept no chain
 */
export async function proofCheck(url: string, asked: ProofCheck): Promise<ProofReport> {
  const server = createServer({ url, log: { error: () => {} } })
  const connect = () => server.connect('migrating')
  const client = await connect().catch(async (error: unknown) => {
    await server.close()
    throw unreachable(url, error)
  })
  client.on('error', () => {})
  try {
    await client.query('begin isolation level repeatable read read only')
    const reading = queriesOf(client)
    if (!(await reading.get<{ there: boolean }>(sql.there))!.there)
      throw new Error(`${withoutPassword(url)} is from before there was a chain; start the hub on it once`)
    // What is read is opened; nothing is to be encrypted.
    const encryption = asked.encryption && { ...asked.encryption, cipher: 'none' as const }
    const sealing = await openPgSealing({ reading, connect, encryption })
    const opened = encryption ? openedQueries(reading, sealing) : reading
    const late = (await reading.all<{ note: string }>(sql.late)).map(({ note }) => note)
    return await checkProof(checked(opened, await factsOf(late, sealing)), asked)
  } finally {
    await client.end().catch(() => {})
    await server.close()
  }
}

const queriesOf = (client: pg.Client): Queries => ({
  all: async (statement: string, values: SqlValues = {}) =>
    (await client.query(bound(statement, values))).rows as never[],
  get: async (statement: string, values: SqlValues = {}) =>
    (await client.query(bound(statement, values))).rows[0] as never,
  run: async (statement: string, values: SqlValues = {}) =>
    (await client.query(bound(statement, values))).rowCount ?? 0,
})

/** @param waiting facts that hubs from before the chain have left for the next link */
function checked(reading: Queries, waiting: readonly Fact[]): CheckedLedger {
  return {
    total: async () => (await reading.get<{ n: number }>(sql.total))!.n,
    async *links() {
      for (let after = 0; ;) {
        const links = await reading.all<LinkRow>(sql.links, { after })
        yield* links
        if (links.length === 0) return
        after = links.at(-1)!.n
      }
    },
    rows: createRows(reading),
    waiting,
    begun: async () => (await reading.all<{ kind: string }>(sql.begun)).map(({ kind }) => kind),
    async *unproven(unreadable) {
      yield* await reading.all<Pick<Item, 'kind' | 'id'>>(sql.unproven, { unreadable })
    },
    async *heads() {
      yield* await reading.all<HeadRow & { of_link: string | null }>(sql.heads)
    },
  }
}
