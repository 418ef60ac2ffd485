// proof-check — walks the whole chain of hashes of a ledger that no hub has open, and holds every row against it. The
// first that does not fit is named.
import { createPublicKey, verify } from 'node:crypto'
import type Sqlite from 'better-sqlite3'
import { createTurn } from '../../messages/turns.js'
import { factHash, genesis, gone, headText, linkHash, rootOf } from '../rules/proof-chain.js'
import { keepStill } from './database.js'
import type { Encryption } from '../sealing/master-keys.js'
import { Database } from './driver.js'
import { openingWithin } from './sealed-database.js'
import { createRows, unpackItems } from './proof.js'
import { provenRows } from './proven-rows.js'

export interface ProofFault {
  /** The link in which the row, or the link itself, was proven; absent when it never was. */
  link?: number
  /** `receipt rcp_…`, `link 12`, `head 12`. */
  what: string
  detail: string
}

export interface ProofReport {
  links: number
  facts: number
  heads: number
  /** Since when there is a chain; absent: there is none yet. */
  since?: string
  /** The newest signed head: whoever has noted it elsewhere can compare. */
  signed?: { link: number; hash: string; signedAt: string; publicKey: string }
  faults: number
  /** The head that was asked about stands in the chain. */
  hasHead: boolean
  /** The first of them, by the link that proved them. */
  first: ProofFault[]
}

export interface ProofCheck {
  told: (done: number, total: number) => void
  /** Hash of a link that was noted earlier. */
  head?: string | undefined
  /** The key, where the ledger is encrypted. */
  encryption?: Encryption | undefined
}

/** The migration that brought the chain. */
const withProof = 20
/** Beyond it faults are counted only. */
const mostNamed = 100

/** @throws LedgerInUseError while a hub has the file open; Error when it was written by a hub that kept no chain */
export async function proofCheck(file: string, asked: ProofCheck): Promise<ProofReport> {
  const release = keepStill(file)
  const db = new Database(file, { fileMustExist: true })
  try {
    db.pragma('query_only = ON')
    const version = db.pragma('user_version', { simple: true }) as number
    if (version < withProof) throw new Error(`${file} is from before there was a chain; start the hub on it once`)
    return await walk(db, asked)
  } finally {
    db.close()
    release()
  }
}

interface LinkRow {
  n: number
  at: number
  root: string
  hash: string
  items: string
}

async function walk(db: Sqlite.Database, { told, head, encryption }: ProofCheck): Promise<ProofReport> {
  const rows = createRows(db, openingWithin(db, encryption))
  const found: ProofFault[] = []
  let faults = 0
  const fault = (one: ProofFault) => {
    faults += 1
    if (found.length < mostNamed) found.push(one)
  }
  /** Rows that differ from what was last proven of them so far. */
  const differing = new Map<string, { link: number; detail: string }>()
  /** Ids of what is counted, and of what may be removed. */
  const seen = new Map<string, Set<string>>()
  const total = db.prepare<[], { n: number | null }>('select max(n) as n from proof_link').get()?.n ?? 0
  const turn = createTurn()
  let before: Pick<LinkRow, 'n' | 'hash'> = genesis
  let facts = 0
  let hasHead = false
  let since: number | undefined

  for (const link of db.prepare<[], LinkRow>('select * from proof_link order by n').iterate()) {
    since ??= link.at
    const name = `link ${link.n}`
    if (link.n !== before.n + 1)
      fault({ link: link.n, what: name, detail: `${link.n - before.n - 1} links before it are gone` })
    else if (linkHash(before.hash, link) !== link.hash)
      fault({ link: link.n, what: name, detail: 'its hash is not that of what it holds and of the link before it' })
    const items = itemsOf(link.items)
    if (!items || rootOf(items.map(({ hash }) => hash)) !== link.root)
      fault({ link: link.n, what: name, detail: 'its facts are not those it was made of' })
    for (const { kind, id, now, hash } of items ?? []) {
      facts += 1
      const key = `${kind} ${id}`
      if (!seen.has(kind)) seen.set(kind, new Set())
      seen.get(kind)!.add(id)
      const row = rows.get(kind, id)
      if (!row) {
        if (now === gone) differing.delete(key)
        else differing.set(key, { link: link.n, detail: 'the row is gone' })
        continue
      }
      if (now === gone) {
        differing.set(key, { link: link.n, detail: 'the row was removed, and is there again' })
        continue
      }
      if (factHash({ kind, id, fixed: row.fixed, now }) !== hash) {
        // Told at once: what never changes was changed. A row that was removed and made anew has other facts.
        if (!removable.has(kind)) fault({ link: link.n, what: key, detail: 'the row is not the one that was written' })
        else differing.set(key, { link: link.n, detail: 'the row is not the one that was written' })
      } else if (row.now === now) differing.delete(key)
      else differing.set(key, { link: link.n, detail: `the row says ${row.now}, last proven was ${now}` })
    }
    if (link.hash === head) hasHead = true
    before = link
    told(link.n, total)
    await turn()
  }
  for (const [what, { link, detail }] of differing)
    if (!found.some((one) => one.what === what)) fault({ link, what, detail })
  for (const what of unproven(db, seen)) fault({ what, detail: 'it was put in beside the chain' })
  const heads = headFaults(db, fault)
  found.sort((a, b) => (a.link ?? Infinity) - (b.link ?? Infinity))
  return {
    links: total,
    facts,
    ...heads,
    ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
    faults,
    hasHead,
    first: found,
  }
}

const removable = new Set(provenRows.filter((row) => row.removable).map(({ kind }) => kind))

function itemsOf(text: string): ReturnType<typeof unpackItems> | undefined {
  try {
    return unpackItems(text)
  } catch {
    return undefined
  }
}

/** Rows that no link speaks of, although they came after the chain began. */
function* unproven(db: Sqlite.Database, seen: Map<string, Set<string>>): Generator<string> {
  for (const row of provenRows) {
    if (!row.counted && !row.removable) continue
    const ids = seen.get(row.kind) ?? new Set<string>()
    const after = row.counted ? `where r.n > (select last from proof_base where kind = '${row.kind}')` : ''
    const all = `select ${row.id.replaceAll('@', 'r')} as id from ${row.table} r ${after}`
    for (const { id } of db.prepare<[], { id: string }>(all).iterate()) if (!ids.has(id)) yield `${row.kind} ${id}`
  }
}

function headFaults(db: Sqlite.Database, fault: (one: ProofFault) => void): Pick<ProofReport, 'heads' | 'signed'> {
  interface Row {
    link: number
    hash: string
    at: number
    signed_at: number
    public_key: string
    signature: string
    of_link: string | null
  }
  let heads = 0
  let signed: ProofReport['signed']
  const all = 'select h.*, l.hash as of_link from proof_head h left join proof_link l on l.n = h.link order by h.link'
  for (const head of db.prepare<[], Row>(all).iterate()) {
    heads += 1
    const { link, hash, at, public_key: publicKey, signature } = head
    if (head.of_link !== hash) fault({ link, what: `head ${link}`, detail: 'what was signed is not what the link is' })
    else if (!verified(headText({ n: link, hash, at }), publicKey, signature))
      fault({ link, what: `head ${link}`, detail: 'its signature is wrong' })
    else signed = { link, hash, signedAt: new Date(head.signed_at).toISOString(), publicKey }
  }
  return { heads, ...(signed ? { signed } : {}) }
}

function verified(text: string, publicKey: string, signature: string): boolean {
  try {
    return verify(null, Buffer.from(text), createPublicKey(publicKey), Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
