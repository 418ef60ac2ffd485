// foresight — what the writes of one transaction will ask, asked for all of them at once before the first is made; and
// what they have changed of it since. Whatever was not foreseen is asked when it is needed.
import type { Queries } from './statements.js'

/** Every statement by its name. */
const foresightSql = {
  // A change that waits for a later original (a corrected one) does not keep that one waiting; it does keep the changes
  // behind it waiting, which wait for the same.
  aheads: `select a.n, (select s.submission_id from submission s
    where s.partner_id = a.partner_id and s.agency = a.agency and s.order_key = a.order_key
      and s.state in ('queued', 'submitting', 'unclear') and s.n < a.n
      and coalesce(s.original, 0) < greatest(a.n, coalesce(a.original, 0) + 1) order by s.n limit 1) as ahead
    from unnest(@ns::bigint[], @originals::bigint[], @partners::text[], @agencies::text[], @orders::text[])
    as a (n, original, partner_id, agency, order_key)`,
  noticed: `select distinct k.name, k.value from unnest(@names::text[], @values::text[]) as a (name, value)
    join notice_key k on k.name = a.name and k.value = a.value`,
  replies: 'select reply_id from reply where reply_id = any(@ids::text[]) and settled_at is null',
  told: 'select reply_id, submission_id from receipt where reply_id = any(@ids::text[])',
  receipts: 'select receipt_id from receipt where receipt_id = any(@ids::text[])',
  same: `select r.agency, r.sha256, coalesce(r.submission_id, '') as submission_id
    from unnest(@agencies::text[], @sums::text[], @submissions::text[]) as a (agency, sha256, submission_id)
    join reply r on r.agency = a.agency and r.sha256 = a.sha256 and coalesce(r.submission_id, '') = a.submission_id`,
  owners: 'select receipt_id, partner_id from receipt where receipt_id = any(@ids::text[])',
}
const sql = foresightSql

/** Where a submission stands in the order of its document. */
interface Ordered {
  n: number
  /** Of a change: the one it waits for. */
  original: number | null
  partner_id: string
  agency: string
  order_key: string | null
}

/** What an answer is known again by. */
export interface SameReply {
  agency: string
  sha256: string
  /** Empty: it came by itself. */
  submissionId: string
}

interface Numbered {
  name: string
  value: string
}

/** Answers that are known before they are needed; where one is not, its method asks the server. */
export interface Foresight {
  /** Of submissions that may be claimed: the one that must be taken first. */
  ahead(row: Ordered): Promise<string | undefined>
  /** One of this document's may be ahead no longer, or again; without a row: one of any. */
  orderChanged(row?: Ordered): void
  /** Whether a notice may have cited this number. */
  mayBeNoticed(key: Numbered): boolean
  /** A notice is being added. */
  notices(): void
  /** It is being kept in this very transaction, so that nobody has settled it. */
  keeps(replyId: string): void
  /** It is kept and not settled; and from now on it is. False where that is not known. */
  settles(replyId: string): boolean
  /**
   * Nobody has this receipt, and this submission none of this reply; and from now on they have. False where that is not
   * known.
   */
  receives(receiptId: string, replyId: string, submissionId: string): boolean
  /** Whether this submission has a receipt of this reply; undefined where that is not known. */
  wasTold(replyId: string, submissionId: string): boolean | undefined
  /** It never came before; and from now on it has. False where that is not known. */
  comesFirst(reply: SameReply): boolean
  /** Whose a receipt is that was asked for. */
  ownerOf(receiptId: string): string | undefined
}

interface Foreseen {
  /** May be claimed. */
  claims: readonly Ordered[]
  numbers: readonly Numbered[]
  replies: readonly string[]
  receipts: readonly string[]
  same: readonly SameReply[]
  /** Receipts that somebody takes out. */
  owned: readonly string[]
}

const keyOf = (...parts: string[]) => JSON.stringify(parts)
const orderOf = ({ partner_id, agency, order_key }: Ordered) => keyOf(partner_id, agency, order_key!)

/** For one transaction. `foresee` asks for all at once, before its first write. */
export function createForesight(all: Queries['all']): Foresight & { foresee(what: Foreseen): Promise<void> } {
  const aheads = new Map<number, { order: string; ahead: string | undefined }>()
  const asked = new Set<string>()
  const noticed = new Set<string>()
  let noticesCame = false
  const open = new Set<string>()
  /** Submissions that have a receipt, by the reply. */
  const told = new Map<string, Set<string>>()
  const newReceipts = new Set<string>()
  const unseen = new Set<string>()
  const owners = new Map<string, string>()
  const sameOf = ({ agency, sha256, submissionId }: SameReply) => keyOf(agency, sha256, submissionId)

  async function lookAhead(rows: readonly Ordered[]): Promise<void> {
    const found = await all<{ n: number; ahead: string | null }>(sql.aheads, {
      ns: rows.map(({ n }) => n),
      originals: rows.map(({ original }) => original),
      partners: rows.map((row) => row.partner_id),
      agencies: rows.map(({ agency }) => agency),
      orders: rows.map((row) => row.order_key!),
    })
    const ahead = new Map(found.map((one) => [one.n, one.ahead ?? undefined]))
    for (const row of rows) aheads.set(row.n, { order: orderOf(row), ahead: ahead.get(row.n) })
  }

  async function lookForNotices(numbers: readonly Numbered[]): Promise<void> {
    for (const { name, value } of numbers) asked.add(keyOf(name, value))
    const found = await all<Numbered>(sql.noticed, {
      names: numbers.map(({ name }) => name),
      values: numbers.map(({ value }) => value),
    })
    for (const { name, value } of found) noticed.add(keyOf(name, value))
  }

  async function lookForReplies(ids: readonly string[]): Promise<void> {
    for (const id of ids) told.set(id, new Set())
    const [kept, toldRows] = await Promise.all([
      all<{ reply_id: string }>(sql.replies, { ids }),
      all<{ reply_id: string; submission_id: string }>(sql.told, { ids }),
    ])
    for (const { reply_id } of kept) open.add(reply_id)
    for (const row of toldRows) told.get(row.reply_id)!.add(row.submission_id)
  }

  async function lookForReceipts(ids: readonly string[]): Promise<void> {
    const there = await all<{ receipt_id: string }>(sql.receipts, { ids })
    for (const id of ids) newReceipts.add(id)
    for (const { receipt_id } of there) newReceipts.delete(receipt_id)
  }

  async function lookForSame(same: readonly SameReply[]): Promise<void> {
    for (const one of same) unseen.add(sameOf(one))
    const there = await all<{ agency: string; sha256: string; submission_id: string }>(sql.same, {
      agencies: same.map(({ agency }) => agency),
      sums: same.map(({ sha256 }) => sha256),
      submissions: same.map(({ submissionId }) => submissionId),
    })
    for (const { agency, sha256, submission_id } of there)
      unseen.delete(sameOf({ agency, sha256, submissionId: submission_id }))
  }

  async function lookForOwners(ids: readonly string[]): Promise<void> {
    for (const row of await all<{ receipt_id: string; partner_id: string }>(sql.owners, { ids }))
      owners.set(row.receipt_id, row.partner_id)
  }

  return {
    async foresee({ claims, numbers, replies, receipts, same, owned }) {
      const ordered = claims.filter((row) => row.order_key !== null)
      await Promise.all([
        ordered.length > 0 && lookAhead(ordered),
        numbers.length > 0 && lookForNotices(numbers),
        replies.length > 0 && lookForReplies(replies),
        receipts.length > 0 && lookForReceipts(receipts),
        same.length > 0 && lookForSame(same),
        owned.length > 0 && lookForOwners(owned),
      ])
    },
    async ahead(row) {
      if (row.order_key === null) return undefined
      if (!aheads.has(row.n)) await lookAhead([row])
      return aheads.get(row.n)!.ahead
    },
    orderChanged(row) {
      if (row?.order_key === null) return
      if (row === undefined) return aheads.clear()
      const order = orderOf(row)
      for (const [n, one] of aheads) if (one.order === order) aheads.delete(n)
    },
    mayBeNoticed: ({ name, value }) => noticesCame || !asked.has(keyOf(name, value)) || noticed.has(keyOf(name, value)),
    notices: () => void (noticesCame = true),
    keeps(replyId) {
      open.add(replyId)
      if (!told.has(replyId)) told.set(replyId, new Set())
    },
    settles: (replyId) => open.delete(replyId),
    receives(receiptId, replyId, submissionId) {
      if (!newReceipts.delete(receiptId)) return false
      told.get(replyId)?.add(submissionId)
      return true
    },
    comesFirst: (reply) => unseen.delete(sameOf(reply)),
    ownerOf: (receiptId) => owners.get(receiptId),
    wasTold: (replyId, submissionId) => told.get(replyId)?.has(submissionId),
  }
}
