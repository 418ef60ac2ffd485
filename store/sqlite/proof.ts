// proof — keeps the chain of hashes: every commit's facts become one link, written in the commit itself; and gives out
// what proves one message.
import type Database from 'better-sqlite3'
import type { Proof } from '../ledger/proof.js'
import { createProofOf, type HeadRow, type RowNow, type RowsNow } from '../proof-of-message.js'
import type { Link } from '../ledger/proof.js'
import { genesis, nextLink, packItems, type Fact } from '../rules/proof-chain.js'
import { keyOf, provenRows } from '../rules/proven-rows.js'
import type { GroupCommit, CommitSealing } from './group-commit.js'
import { hashed, noteFunction, triggersOf } from './proof-triggers.js'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const proofSql = {
  put: 'insert into proof_link (n, at, root, hash, items) values (@n, @at, @root, @hash, @items)',
  of: 'insert into proof_of (message_id, link) values (@messageId, @link) on conflict do nothing',
  last: 'select n, at, root, hash from proof_link where n = (select max(n) from proof_link)',
  begun: "select 1 from proof_base where kind = 'message'",
  signed: `select link as n, signed_at as signedAt, signature, time_stamp is not null as stamped from proof_head
    where link = (select max(link) from proof_head)`,
  stamped: `select link as n, signed_at as signedAt from proof_head where link > 0 and time_stamp is not null
    order by link desc limit 1`,
  keepTimeStamp: 'update proof_head set time_stamp = @token where link = @n and time_stamp is null',
  keep: `insert into proof_head (link, hash, at, signed_at, public_key, signature)
    values (@link, @hash, @at, @signedAt, @publicKey, @signature) on conflict do nothing`,
  linksOf: 'select link from proof_of where message_id = ? order by link',
  itemsOf: 'select items from proof_link where n = ?',
  hashOf: 'select hash from proof_link where n = ?',
  headFrom: 'select * from proof_head where link >= ? order by link limit 1',
  stampedFrom: `select * from proof_head where link >= ? and time_stamp is not null order by link limit 1`,
  way: 'select n, at, root, hash from proof_link where n between @from and @to order by n',
}
const sql = proofSql

/** JSON of a row with its sealed texts opened: facts are hashed of what was written, not of how it is encrypted. */
export type Opened = (json: string) => string
const asItIs: Opened = (json) => json

/** What tells group-commit.ts when a write begins, fails, and when all are in. */
/** @param opened JSON as it was before texts within it were sealed: the chain is over what was written, not over how */
export function createSealing(db: Database.Database, opened: Opened = asItIs): CommitSealing {
  let facts: Fact[] = []
  db.function(noteFunction, { varargs: true }, (...values: unknown[]) => {
    const [kind, id, of, fixed, now] = values as [string, string, string, string, string]
    facts.push({ kind, id, of, fixed: opened(fixed), now: opened(now) })
    return null
  })
  for (const row of provenRows) for (const trigger of triggersOf(row)) db.exec(trigger)
  const put = db.prepare(sql.put)
  const putOf = db.prepare(sql.of)
  let head: Pick<Link, 'n' | 'hash'> = db.prepare<[], Link>(sql.last).get() ?? genesis
  let next: Link | undefined

  const sealing: CommitSealing = {
    mark: () => facts.length,
    undo: (mark) => void (facts.length = mark),
    seal() {
      if (facts.length === 0) return
      const { items, ...link } = nextLink(head, facts, Date.now())
      put.run({ ...link, items: packItems(items) })
      let last = ''
      for (const { of } of facts) {
        // Facts of one message stand together, most of the time.
        if (of === '' || of === last) continue
        putOf.run({ messageId: of, link: link.n })
        last = of
      }
      next = link
    },
    sealed() {
      head = next ?? head
      next = undefined
      facts = []
    },
    lost() {
      next = undefined
      facts = []
    },
  }
  // A ledger in which nothing was written yet has begun its chain, and has no link.
  if (head.n === genesis.n && db.prepare(sql.begun).get() === undefined) begin(db, sealing)
  return sealing
}

/**
 * Who may come in, as it is when the chain begins: what is changed there beside the hub must be found from the first
 * day on.
 */
function begin(db: Database.Database, sealing: CommitSealing): void {
  db.transaction(() => {
    for (const { kind, table } of provenRows.filter(({ counted }) => counted))
      db.exec(`insert into proof_base select '${kind}', ifnull(max(n), 0) from ${table}`)
    for (const row of provenRows.filter(({ removable }) => removable))
      db.prepare(`select ${noteFunction}('${row.kind}', ${hashed(row, 'r')}) from ${row.table} r`).all()
    sealing.seal()
  })()
  sealing.sealed()
}

/** This chapter of the ledger on SQLite; what it promises: [Proof](../ledger/proof.ts). */
export function createProof({
  db,
  commit,
  opened,
}: {
  db: Database.Database
  commit: GroupCommit
  opened?: Opened | undefined
}): Proof {
  const last = db.prepare<[], Link>(sql.last)
  const signed = db.prepare<[], { n: number; signedAt: number; signature: string; stamped: number }>(sql.signed)
  const stamped = db.prepare<[], { n: number; signedAt: number }>(sql.stamped)
  const keepTimeStamp = db.prepare(sql.keepTimeStamp)
  const stampedFrom = db.prepare<[number], HeadRow>(sql.stampedFrom)
  const keep = db.prepare(sql.keep)
  const linksOf = db.prepare<[string], { link: number }>(sql.linksOf)
  const itemsOf = db.prepare<[number], { items: string }>(sql.itemsOf)
  const hashOf = db.prepare<[number], { hash: string }>(sql.hashOf)
  const headFrom = db.prepare<[number], HeadRow>(sql.headFrom)
  const way = db.prepare<[{ from: number; to: number }], Link>(sql.way)

  return {
    async chainHead() {
      const [head, known, latest] = [last.get(), signed.get(), stamped.get()]
      return {
        ...(head ? { head } : {}),
        ...(known ? { signed: { ...known, stamped: known.stamped === 1 } } : {}),
        ...(latest ? { stamped: latest } : {}),
      }
    },
    async keepTimeStamp(n, token) {
      await commit(() => keepTimeStamp.run({ n, token }))
    },
    async keepHead({ n, hash, at, signedAt, publicKey, signature }) {
      const times = { at: at.getTime(), signedAt: signedAt.getTime() }
      await commit(() => keep.run({ link: n, hash, ...times, publicKey, signature }))
    },
    proofOf: createProofOf({
      linksOf: async (messageId) => linksOf.all(messageId).map(({ link }) => link),
      itemsOf: async (link) => itemsOf.get(link)!.items,
      hashOf: async (link) => hashOf.get(link)?.hash,
      headFrom: async (link) => headFrom.get(link),
      stampedFrom: async (link) => stampedFrom.get(link),
      way: async (from, to) => way.all({ from, to }),
      rows: createRows(db, opened),
    }),
  }
}

/** Rows as they are now, by kind and id, in the texts that are hashed. */
export function createRows(db: Database.Database, opened: Opened = asItIs): RowsNow {
  const statements = new Map(
    provenRows.map((row) => {
      const where = row.key.map((column) => `r.${column} = ?`).join(' and ')
      const get = db
        .prepare<(string | number)[], [string, string, string, string]>(
          `select ${hashed(row, 'r')} from ${row.table} r where ${where}`,
        )
        .raw()
      return [row.kind, { row, get }] as const
    }),
  )
  function rowNow(kind: string, id: string): RowNow | undefined {
    const known = statements.get(kind)
    const key = known && keyOf(known.row, id)
    const found = key && known.get.get(...key)
    return found && { of: found[1], fixed: opened(found[2]), now: opened(found[3]) }
  }
  return async (asked) => asked.map(({ kind, id }) => rowNow(kind, id))
}
