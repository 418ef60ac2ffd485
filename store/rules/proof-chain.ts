// proof-chain — what makes the ledger's history provable: every change of a row that matters is a fact with a hash, all
// facts of one commit are one link, and a link's hash holds that of the link before it. Whoever changes a row, a fact
// or a link later changes every hash behind it.
import { hash as digest } from 'node:crypto'
import { chinaDay } from '../../messages/china-time.js'
import type { Link } from '../ledger/proof.js'

/** A row as it was written, changed or removed. */
export interface Fact {
  /** Of which table, by its name in [provenRows](./proven-rows.ts). */
  kind: string
  id: string
  /** The message it belongs to; empty when it belongs to none. */
  of: string
  /** JSON of the columns that never change. */
  fixed: string
  /** JSON of the columns that may; `null` as text: the row is gone. */
  now: string
}

/** A fact as a link keeps it: what never changes stands in the row itself, and is hashed only. */
export interface Item {
  kind: string
  id: string
  now: string
  hash: string
}

const sha256 = (text: string) => digest('sha256', text, 'hex')

/** The link before the first, which every chain begins with. */
export const genesis = { n: 0, at: 0, root: '', hash: sha256('singlewindow hub proof chain 1') } satisfies Link

/** The `now` of a fact that says its row was removed. */
export const gone = 'null'

/**
 * SHA-256, hexadecimal, of the JSON array of kind, id, fixed and now. A column added later may not change the hash of
 * old rows.
 */
export const factHash = ({ kind, id, fixed, now }: Omit<Fact, 'of'>) => sha256(JSON.stringify([kind, id, fixed, now]))

/** SHA-256, hexadecimal, of the facts' hashes, one a line, in their order. */
export const rootOf = (hashes: readonly string[]) => sha256(hashes.join('\n'))

/**
 * SHA-256, hexadecimal, of the hash before, the number, the time (milliseconds since 1970) and the root, one a line.
 */
export const linkHash = (before: string, { n, at, root }: Omit<Link, 'hash'>) =>
  sha256(`${before}\n${n}\n${at}\n${root}`)

/** The link that keeps these facts behind `before`. */
export function nextLink(
  before: Pick<Link, 'n' | 'hash'>,
  facts: readonly Fact[],
  at: number,
): Link & { items: Item[] } {
  const items = facts.map(({ kind, id, fixed, now }) => ({ kind, id, now, hash: factHash({ kind, id, fixed, now }) }))
  const link = { n: before.n + 1, at, root: rootOf(items.map(({ hash }) => hash)) }
  return { ...link, hash: linkHash(before.hash, link), items }
}

/** kind, id, now, hash of each item: as short as JSON goes, since every commit has one. */
type PackedItems = [kind: string, id: string, now: string, hash: string][]

/** The facts of a link as its row keeps them. */
export const packItems = (items: readonly Item[]): string =>
  JSON.stringify(items.map(({ kind, id, now, hash }): PackedItems[number] => [kind, id, now, hash]))

/** Reads what `packItems` has made; undefined where it is something else. */
export function unpackItems(text: string): Item[] | undefined {
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch {
    return undefined
  }
  const isPacked = (one: unknown): one is PackedItems[number] =>
    Array.isArray(one) && one.length === 4 && one.every((part) => typeof part === 'string')
  if (!Array.isArray(found) || !found.every(isPacked)) return undefined
  return found.map(([kind, id, now, hash]) => ({ kind, id, now, hash }))
}

/** What is signed of a link: text that a person can read and `openssl pkeyutl -rawin` can verify. */
export const headText = ({ n, hash, at }: Pick<Link, 'n' | 'hash' | 'at'>) =>
  `singlewindow hub proof head 1\nlink ${n}\nhash ${hash}\nat ${new Date(at).toISOString()}\n`

/**
 * A head is signed once a day in China, and sooner when many links have been made since: the way from a fact to a
 * signature stays short.
 */
export const mostUnsigned = 4_096

/** Whether `head` is to be signed now (`now` in milliseconds since 1970). Of a head that is signed already never. */
export function headIsDue(
  head: Pick<Link, 'n'> | undefined,
  signed: { n: number; signedAt: number } | undefined,
  now: number,
) {
  if (!head || head.n === (signed?.n ?? 0)) return false
  return signed === undefined || head.n - signed.n >= mostUnsigned || chinaDay(now) !== chinaDay(signed.signedAt)
}

/** Of the heads of one day one is stamped by the day, whenever the authority can be reached. */
export const stampIsDue = (
  signed: { signedAt: number; stamped: boolean } | undefined,
  stamped: { signedAt: number } | undefined,
) =>
  signed !== undefined &&
  !signed.stamped &&
  (stamped === undefined || chinaDay(stamped.signedAt) !== chinaDay(signed.signedAt))
