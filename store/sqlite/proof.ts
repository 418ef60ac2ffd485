// proof — keeps the chain of hashes: every commit's facts become one link, written in the commit itself; and gives out
// what proves one message.
import type Database from 'better-sqlite3'
import type { Proof, ProofOfMessage, ProvenFact, SignedHead } from '../ledger/proof.js'
import { genesis, nextLink, type Fact, type Link } from '../rules/proof-chain.js'
import type { GroupCommit, Sealing } from './group-commit.js'
import { hashed, noteFunction, provenRows, triggersOf } from './proven-rows.js'

/** kind, id, now, hash of each fact: as short as JSON goes, since every commit has one. */
type PackedItems = [kind: string, id: string, now: string, hash: string][]
export const unpackItems = (items: string) =>
  (JSON.parse(items) as PackedItems).map(([kind, id, now, hash]) => ({ kind, id, now, hash }))

interface HeadRow {
  link: number
  hash: string
  at: number
  signed_at: number
  public_key: string
  signature: string
}

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const proofSql = {
  put: 'insert into proof_link (n, at, root, hash, items) values (@n, @at, @root, @hash, @items)',
  of: 'insert into proof_of (message_id, link) values (?, ?) on conflict do nothing',
  last: 'select n, at, root, hash from proof_link where n = (select max(n) from proof_link)',
  begun: "select 1 from proof_base where kind = 'message'",
  signed: 'select link as n, signed_at as signedAt from proof_head where link = (select max(link) from proof_head)',
  keep: `insert into proof_head (link, hash, at, signed_at, public_key, signature)
    values (@link, @hash, @at, @signedAt, @publicKey, @signature) on conflict do nothing`,
  linksOf: 'select link from proof_of where message_id = ? order by link',
  itemsOf: 'select items from proof_link where n = ?',
  hashOf: 'select hash from proof_link where n = ?',
  headFrom: 'select * from proof_head where link >= ? order by link limit 1',
  way: 'select n, at, root, hash from proof_link where n between ? and ? order by n',
}
const sql = proofSql

export type Opened = (json: string) => string
const asItIs: Opened = (json) => json

/** What tells group-commit.ts when a write begins, fails, and when all are in. */
/** @param opened JSON as it was before texts within it were sealed: the chain is over what was written, not over how */
export function createSealing(db: Database.Database, opened: Opened = asItIs): Sealing {
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

  const sealing: Sealing = {
    mark: () => facts.length,
    undo: (mark) => void (facts.length = mark),
    seal() {
      if (facts.length === 0) return
      const { items, ...link } = nextLink(head, facts, Date.now())
      const packed: PackedItems = items.map(({ kind, id, now, hash }) => [kind, id, now, hash])
      put.run({ ...link, items: JSON.stringify(packed) })
      let last = ''
      for (const { of } of facts) {
        // Facts of one message stand together, most of the time.
        if (of === '' || of === last) continue
        putOf.run(of, link.n)
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
function begin(db: Database.Database, sealing: Sealing): void {
  db.transaction(() => {
    for (const { kind, table } of provenRows.filter(({ counted }) => counted))
      db.exec(`insert into proof_base select '${kind}', ifnull(max(n), 0) from ${table}`)
    for (const row of provenRows.filter(({ removable }) => removable))
      db.prepare(`select ${noteFunction}('${row.kind}', ${hashed(row, 'r')}) from ${row.table} r`).all()
    sealing.seal()
  })()
  sealing.sealed()
}

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
  const signed = db.prepare<[], { n: number; signedAt: number }>(sql.signed)
  const keep = db.prepare(sql.keep)
  const linksOf = db.prepare<[string], { link: number }>(sql.linksOf)
  const itemsOf = db.prepare<[number], { items: string }>(sql.itemsOf)
  const hashOf = db.prepare<[number], { hash: string }>(sql.hashOf)
  const headFrom = db.prepare<[number], HeadRow>(sql.headFrom)
  const way = db.prepare<[number, number], Link>(sql.way)
  const rows = createRows(db, opened)

  return {
    async chainHead() {
      const [head, known] = [last.get(), signed.get()]
      return { ...(head ? { head } : {}), ...(known ? { signed: known } : {}) }
    },
    async keepHead({ n, hash, at, signedAt, publicKey, signature }) {
      const times = { at: at.getTime(), signedAt: signedAt.getTime() }
      await commit(() => keep.run({ link: n, hash, ...times, publicKey, signature }))
    },
    async proofOf(messageId) {
      const facts: ProvenFact[] = []
      const items: Record<number, string[]> = {}
      const heads = new Map<number, SignedHead>()
      const ways: ProofOfMessage['ways'] = []
      let reached = 0
      for (const { link } of linksOf.all(messageId)) {
        const head = headFrom.get(link)
        if (!head) break
        const all = unpackItems(itemsOf.get(link)!.items)
        items[link] = all.map(({ hash }) => hash)
        all.forEach(({ kind, id, now, hash }, position) => {
          const row = rows.get(kind, id)
          if (row?.of !== messageId) return
          facts.push({ link, position, kind, id, fixed: row.fixed, now, hash })
        })
        if (link <= reached) continue
        const links = way.all(link, head.link)
        ways.push({ before: hashOf.get(link - 1)?.hash ?? genesis.hash, links })
        reached = links.at(-1)!.n
        heads.set(head.link, toHead(head))
      }
      return { facts, items, ways, heads: [...heads.values()] }
    },
  }
}

const toHead = (row: HeadRow): SignedHead => ({
  n: row.link,
  hash: row.hash,
  at: new Date(row.at),
  signedAt: new Date(row.signed_at),
  publicKey: row.public_key,
  signature: row.signature,
})

/** A row as it is now, by its kind and id, in the texts that are hashed. */
export function createRows(db: Database.Database, opened: Opened = asItIs) {
  const statements = new Map(
    provenRows.map((row) => {
      const where = {
        attempt:
          `r.submission_id = substr(@id, 1, instr(@id, '#') - 1) and r.attempt = cast(substr(@id, instr(@id, ` +
          `'#') + 1) as integer)`,
        audit: 'r.n = cast(@id as integer)',
        secret: `r.kind = substr(@id, 1, instr(@id, ' ') - 1) and r.sha256 = substr(@id, instr(@id, ' ') + 1)`,
      }[row.kind]
      const key = row.id.replace('@.', 'r.')
      return [
        row.kind,
        db
          .prepare<[{ id: string }], [string, string, string, string]>(
            `select ${hashed(row, 'r')} from ${row.table} r where ${where ?? `${key} = @id`}`,
          )
          .raw(),
      ] as const
    }),
  )
  return {
    get(kind: string, id: string): { of: string; fixed: string; now: string } | undefined {
      const found = statements.get(kind)?.get({ id })
      return found && { of: found[1], fixed: opened(found[2]), now: opened(found[3]) }
    },
  }
}
