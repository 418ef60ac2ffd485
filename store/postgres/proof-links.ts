// proof-links — the chain of hashes as transactions write it: every commit's facts become one link, in the commit
// itself. One transaction writes at a time (write-lock.ts), so that all hubs make one chain.
import type pg from 'pg'
import type { Link } from '../ledger/proof.js'
import { genesis, nextLink, packItems, type Fact } from '../rules/proof-chain.js'
import { columnsText, provenId, provenRows, type RowValues } from '../rules/proven-rows.js'
import { factsOf } from './proof-notes.js'
import type { PgSealing } from './sealing.js'
import { bound, type Queries, type SqlValues } from './statements.js'
import { writeLock } from './write-lock.js'

/** Every statement by its name: a test asks the server how it would find what each looks for. */
export const proofLinksSql = {
  head: 'select n, hash from proof_link order by n desc limit 1',
  put: `with put as (insert into proof_link (n, at, root, hash, items) values (@n, @at, @root, @hash, @items)),
      taken as (delete from hub_late_fact where n = any(@late::bigint[]))
    insert into proof_of (message_id, link) select message_id, @n::bigint from (
      select unnest(@messages::text[]) as message_id union
      select s.message_id from unnest(@submissions::text[]) as a (id) join submission s on s.submission_id = a.id
    ) as facts`,
  begun: `select 1 as there from proof_base where kind = 'message'`,
  base: provenRows
    .filter(({ counted }) => counted)
    .map(({ kind, table }) => `select '${kind}' as kind, coalesce(max(n), 0) as last from ${table}`)
    .join(' union all '),
}
const sql = proofLinksSql

/** What a transaction finds behind the lock, before it writes. */
export interface ChainBefore {
  head: Pick<Link, 'n' | 'hash'> | undefined
  late: readonly { n: number; note: string }[]
}

/** The link of a transaction that changed something, as the statement that keeps it. */
export async function linkOf(
  { head = genesis, late }: ChainBefore,
  notes: readonly string[],
  sealing: PgSealing | undefined,
): Promise<SqlValues | undefined> {
  const facts = await factsOf([...late.map(({ note }) => note), ...notes], sealing)
  return facts.length === 0
    ? undefined
    : putting(
        head,
        facts,
        late.map(({ n }) => n),
      )
}

function putting(head: Pick<Link, 'n' | 'hash'>, facts: readonly Fact[], late: readonly number[]): SqlValues {
  const { items, ...link } = nextLink(head, facts, Date.now())
  const of = [...new Set(facts.map((fact) => fact.of))].filter((id) => id !== '')
  const isMessage = (id: string) => id.startsWith('msg_')
  return {
    ...link,
    items: packItems(items),
    late,
    messages: of.filter(isMessage),
    submissions: of.filter((id) => !isMessage(id)),
  }
}

/**
 * Who may come in, as it is when the chain begins: what is changed there beside the hub must be found from the first
 * day on. Of hubs that start together one begins it.
 */
export async function beginChain(reading: Queries, connect: () => Promise<pg.Client>): Promise<void> {
  if (await reading.get(sql.begun)) return
  const client = await connect()
  try {
    await client.query(`begin; ${writeLock}`)
    const [begun, last] = [await client.query(sql.begun), await client.query(sql.head)]
    if (begun.rows.length === 0 && last.rows.length === 0) {
      await client.query(`insert into proof_base (kind, last) ${sql.base}`)
      // What hubs from before the chain did until now is older than it.
      await client.query('delete from hub_late_fact')
      const facts: Fact[] = []
      for (const row of provenRows.filter(({ removable }) => removable))
        for (const values of (await client.query<RowValues>(`select * from ${row.table}`)).rows)
          facts.push({
            kind: row.kind,
            id: provenId(row, values),
            of: '',
            fixed: columnsText(row.fixed, values),
            now: columnsText(row.now, values),
          })
      if (facts.length > 0) await client.query(bound(sql.put, putting(genesis, facts, [])))
    }
    await client.query('commit')
  } finally {
    await client.end().catch(() => {})
  }
}
