// proof-check — walks the whole chain of hashes of a ledger and holds every row against it. The first that does not fit
// is named. What differs so far is all it remembers: rows are looked up, not gathered.
import { createPublicKey, verify } from 'node:crypto'
import { createTurn } from '../messages/turns.js'
import type { HeadRow, RowsNow } from './proof-of-message.js'
import {
  factHash,
  genesis,
  gone,
  headText,
  linkHash,
  rootOf,
  unpackItems,
  type Fact,
  type Item,
} from './rules/proof-chain.js'
import { provenRows } from './rules/proven-rows.js'
import type { Encryption } from './sealing/master-keys.js'

interface ProofFault {
  /** The link in which the row, or the link itself, was proven; absent when it never was. */
  link?: number
  /** `receipt rcp_…`, `link 12`, `head 12`. */
  what: string
  detail: string
}

/** How much was held against the chain, and the first faults of how many. */
export interface ProofReport {
  links: number
  facts: number
  heads: number
  /** Since when there is a chain; absent: there is none yet. */
  since?: string
  /** The newest signed head: whoever has noted it elsewhere can compare. */
  signed?: { link: number; hash: string; signedAt: string; publicKey: string }
  /** Heads with a time stamp that holds, and the newest of them. */
  stamps: number
  stamped?: { link: number; time: string; by: string }
  faults: number
  /** The head that was asked about stands in the chain. */
  hasHead: boolean
  /** The first of them, by the link that proved them. */
  first: ProofFault[]
}

/** What a check is told, and what it may compare with. */
export interface ProofCheck {
  told: (done: number, total: number) => void
  /** Hash of a link that was noted earlier. */
  head?: string | undefined
  /** The key, where the ledger is encrypted. */
  encryption?: Encryption | undefined
  /** What a time stamp says of these bytes. Throws when it proves nothing. Absent: none is looked at. */
  timeStamp?: ((token: Buffer, of: Buffer) => { time: Date; by: string }) | undefined
}

/** A link as it stands in its table; `items` is what `packItems` makes. */
export interface LinkRow {
  n: number
  at: number
  root: string
  hash: string
  items: string
}

/** A ledger as it is at one moment, as an engine reads it. */
export interface CheckedLedger {
  /** The number of the newest link; 0: there is none. */
  total(): Promise<number>
  /** In their order. */
  links(): AsyncIterable<LinkRow>
  rows: RowsNow
  /** Facts that the next link will hold. */
  waiting: readonly Fact[]
  /** Kinds whose rows were counted when the chain began. */
  begun(): Promise<string[]>
  /**
   * Rows that no link speaks of, although they came after the chain began.
   * @param unreadable links whose items are not to be looked at
   */
  unproven(unreadable: readonly number[]): AsyncIterable<Pick<Item, 'kind' | 'id'>>
  /** Signed heads in their order, each with the hash its link has. */
  heads(): AsyncIterable<HeadRow & { of_link: string | null }>
}

/** Beyond it faults are counted only. */
const mostNamed = 100
/** Rows looked up together. */
const rowsAtOnce = 500

const removable = new Set(provenRows.filter((row) => row.removable).map(({ kind }) => kind))

/** Reads a ledger that no hub has open. Faults are in the report; it throws only where the ledger cannot be read. */
export async function checkProof(ledger: CheckedLedger, { told, head, timeStamp }: ProofCheck): Promise<ProofReport> {
  const found: ProofFault[] = []
  let faults = 0
  const fault = (one: ProofFault) => {
    faults += 1
    if (found.length < mostNamed) found.push(one)
  }
  /** Rows that differ from what was last proven of them so far. */
  const differing = new Map<string, { link: number; detail: string }>()
  const unreadable: number[] = []
  const total = await ledger.total()
  const turn = createTurn()
  let before: Pick<LinkRow, 'n' | 'hash'> = genesis
  let facts = 0
  let hasHead = false
  let since: number | undefined

  async function holdAgainst(link: number, items: readonly Item[]): Promise<void> {
    const rows = await ledger.rows(items)
    for (const [i, { kind, id, now, hash }] of items.entries()) {
      const [row, key] = [rows[i], `${kind} ${id}`]
      if (!row) {
        if (now === gone) differing.delete(key)
        else differing.set(key, { link, detail: 'the row is gone' })
      } else if (now === gone) differing.set(key, { link, detail: 'the row was removed, and is there again' })
      else if (factHash({ kind, id, fixed: row.fixed, now }) !== hash) {
        // Told at once: what never changes was changed. A row that was removed and made anew has other facts.
        if (!removable.has(kind)) fault({ link, what: key, detail: 'the row is not the one that was written' })
        else differing.set(key, { link, detail: 'the row is not the one that was written' })
      } else if (row.now === now) differing.delete(key)
      else differing.set(key, { link, detail: `the row says ${row.now}, last proven was ${now}` })
    }
  }

  for await (const link of ledger.links()) {
    since ??= link.at
    const name = `link ${link.n}`
    if (link.n !== before.n + 1)
      fault({ link: link.n, what: name, detail: `${link.n - before.n - 1} links before it are gone` })
    else if (linkHash(before.hash, link) !== link.hash)
      fault({ link: link.n, what: name, detail: 'its hash is not that of what it holds and of the link before it' })
    const items = unpackItems(link.items)
    if (!items) unreadable.push(link.n)
    if (!items || rootOf(items.map(({ hash }) => hash)) !== link.root)
      fault({ link: link.n, what: name, detail: 'its facts are not those it was made of' })
    for (let at = 0; at < (items?.length ?? 0); at += rowsAtOnce) {
      await holdAgainst(link.n, items!.slice(at, at + rowsAtOnce))
      await turn()
    }
    facts += items?.length ?? 0
    if (link.hash === head) hasHead = true
    before = link
    told(link.n, total)
    await turn()
  }
  await holdAgainst(
    total + 1,
    ledger.waiting.map((one) => ({ ...one, hash: factHash(one) })),
  )
  for (const [what, { link, detail }] of differing)
    if (!found.some((one) => one.what === what)) fault({ link, what, detail })
  const begun = await ledger.begun()
  const none = total === 0 && begun.length === 0
  if (none) fault({ what: 'chain', detail: 'there is none: no hub has begun it yet, or all of it was removed' })
  for (const kind of none ? [] : counted)
    if (!begun.includes(kind))
      fault({ what: `beginning of ${kind}`, detail: 'how many rows there were when the chain began is gone' })
  const waiting = new Set(ledger.waiting.map(({ kind, id }) => `${kind} ${id}`))
  for await (const { kind, id } of none ? [] : ledger.unproven(unreadable))
    if (!waiting.has(`${kind} ${id}`)) fault({ what: `${kind} ${id}`, detail: 'it was put in beside the chain' })
  const heads = await headFaults(ledger, fault, timeStamp)
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

const counted = provenRows.filter((row) => row.counted).map(({ kind }) => kind)

async function headFaults(
  ledger: CheckedLedger,
  fault: (one: ProofFault) => void,
  timeStamp: ProofCheck['timeStamp'],
): Promise<Pick<ProofReport, 'heads' | 'signed' | 'stamps' | 'stamped'>> {
  let [heads, stamps] = [0, 0]
  let stamped: ProofReport['stamped']
  let signed: ProofReport['signed']
  for await (const head of ledger.heads()) {
    const { link, hash, at, signed_at, public_key: publicKey, signature, of_link, time_stamp } = head
    heads += 1
    const what = `head ${link}`
    if (of_link !== hash) fault({ link, what, detail: 'what was signed is not what the link is' })
    else if (!verified(headText({ n: link, hash, at }), publicKey, signature))
      fault({ link, what, detail: 'its signature is wrong' })
    else signed = { link, hash, signedAt: new Date(signed_at).toISOString(), publicKey }
    // A ledger that is looked at as it was left may be older than time stamps.
    if (!timeStamp || (time_stamp ?? null) === null) continue
    try {
      const { time, by } = timeStamp(Buffer.from(time_stamp!, 'base64'), Buffer.from(signature, 'base64'))
      stamps += 1
      stamped = { link, time: time.toISOString(), by }
    } catch (error) {
      fault({ link, what: `time stamp of ${what}`, detail: error instanceof Error ? error.message : String(error) })
    }
  }
  return { heads, stamps, ...(signed ? { signed } : {}), ...(stamped ? { stamped } : {}) }
}

function verified(text: string, publicKey: string, signature: string): boolean {
  try {
    return verify(null, Buffer.from(text), createPublicKey(publicKey), Buffer.from(signature, 'base64'))
  } catch {
    return false
  }
}
