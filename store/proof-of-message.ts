// proof-of-message — what proves one message, gathered from a chain: its facts, the links that hold them, and the way
// from each to a signed head.
import type { Proof, ProofOfMessage, ProvenFact, SignedHead } from './ledger/proof.js'
import type { Link } from './ledger/proof.js'
import { genesis, unpackItems, type Item } from './rules/proof-chain.js'

/** Readings of a chain, as an engine makes them. */
interface ChainReading {
  /** Links with facts of the message, in their order. */
  linksOf(messageId: string): Promise<number[]>
  itemsOf(link: number): Promise<string>
  hashOf(link: number): Promise<string | undefined>
  /** The first signed head at this link or behind it. */
  headFrom(link: number): Promise<HeadRow | undefined>
  /** The first with a time stamp. */
  stampedFrom(link: number): Promise<HeadRow | undefined>
  way(from: number, to: number): Promise<Link[]>
  rows: RowsNow
}

/** Rows as they are now, in the texts that are hashed, in the order they were asked for; undefined: it is not there. */
export type RowsNow = (asked: readonly Pick<Item, 'kind' | 'id'>[]) => Promise<(RowNow | undefined)[]>

/** A row as it is now, in the texts that facts are hashed of. */
export interface RowNow {
  /** The message it belongs to; empty when it belongs to none. */
  of: string
  fixed: string
  now: string
}

/** A row of `proof_head`, in both engines. */
export interface HeadRow {
  link: number
  hash: string
  at: number
  signed_at: number
  public_key: string
  signature: string
  /** Base64. */
  time_stamp: string | null
}

/** So many links more a way may have, up to a head with a time stamp: some megabytes of evidence. */
const mostLinksToStamp = 20_000

/** The method `proofOf` of [Proof](./ledger/proof.ts), over either engine. */
export function createProofOf(chain: ChainReading): Proof['proofOf'] {
  async function nearest(link: number): Promise<HeadRow | undefined> {
    const [first, stamped] = [await chain.headFrom(link), await chain.stampedFrom(link)]
    return first && stamped && stamped.link - first.link <= mostLinksToStamp ? stamped : first
  }

  return async function proofOf(messageId) {
    const facts: ProvenFact[] = []
    const items: Record<number, string[]> = {}
    const heads = new Map<number, SignedHead>()
    const ways: ProofOfMessage['ways'] = []
    let reached = 0
    for (const link of await chain.linksOf(messageId)) {
      const head = await nearest(link)
      if (!head) break
      const all = unpackItems(await chain.itemsOf(link)) ?? []
      items[link] = all.map(({ hash }) => hash)
      const rows = await chain.rows(all)
      for (const [position, { kind, id, now, hash }] of all.entries()) {
        const row = rows[position]
        if (row?.of === messageId) facts.push({ link, position, kind, id, fixed: row.fixed, now, hash })
      }
      if (link <= reached) continue
      const links = await chain.way(link, head.link)
      ways.push({ before: (await chain.hashOf(link - 1)) ?? genesis.hash, links })
      reached = links.at(-1)!.n
      heads.set(head.link, toHead(head))
    }
    return { facts, items, ways, heads: [...heads.values()] }
  }
}

const toHead = (row: HeadRow): SignedHead => ({
  n: row.link,
  hash: row.hash,
  at: new Date(row.at),
  signedAt: new Date(row.signed_at),
  publicKey: row.public_key,
  signature: row.signature,
  ...(row.time_stamp === null ? {} : { timeStamp: row.time_stamp }),
})
