// known-rows — what one transaction knows of identities, shared keys, numbers and submissions: read for all its writes
// at once, and kept as they change it.
import type { ReceiptStatus, SubmissionState } from '../../../messages/states.js'
import { mayHaveArrived } from '../../rules/tries.js'
import { serverAheadMs, serverNow } from '../server-time.js'
import type { Queries } from '../statements.js'
import type { Needs } from './needs.js'
import type { WaitingRows } from './waiting-rows.js'

/** The message that has an identity, with the sum of its bytes. */
export interface IdentityOwner {
  message_id: string
  sha256: string
}

/** A submission with its last try. */
export interface KnownSubmission {
  n: number
  submission_id: string
  message_id: string
  partner_id: string
  agency: string
  order_key: string | null
  state: SubmissionState
  status: ReceiptStatus | null
  attempts: number
  fence: string | null
  accepted_at: number
  started_at: number | null
  next_at: number
  original: number | null
  agency_reference: string | null
  expect_step: number | null
  expect_at: number | null
  overdue: number
  learning: string | null
  channel: string
  last_attempt: number | null
  last_fence: string | null
  last_outcome: string | null
  last_code: string | null
  /**
   * A try of it ended otherwise than surely not sent; those before a restored copy was made are unknown, and so among
   * them.
   */
  reached: boolean
  /** By how much the server's clock is ahead of this hub's, in milliseconds: `started_at` is by the server's. */
  aheadMs: number
}
type Read = Omit<KnownSubmission, 'aheadMs'> & { server_now: number }

/** What a submission is changed in by tries that end, and by answers. */
type Changing = Pick<KnownSubmission, (typeof changing)[number]> &
  Pick<KnownSubmission, 'last_outcome' | 'last_code' | 'reached'>

const changing = [
  'state',
  'status',
  'next_at',
  'fence',
  'agency_reference',
  'expect_step',
  'expect_at',
  'overdue',
  'learning',
] as const

/** Rows that a write has read beforehand, as it asks for them; it says which of them it changes. */
export interface KnownRows {
  owner(partnerId: string, identity: string): Promise<IdentityOwner | undefined>
  nowOwns(partnerId: string, identity: string, owner: IdentityOwner): void
  /** Whether another partner may have this key there; and this partner has it from now on. */
  mayBeShared(key: { partnerId: string; agency: string; name: string; value: string }): boolean
  number(): Promise<number>
  submission(submissionId: string): Promise<KnownSubmission | undefined>
  /** It is being changed, and without an id others are too: what was read of them does not count any more. */
  changes(submissionId?: string): void
  /** It is being claimed: its place in the order stays. */
  claims(submissionId: string): void
  /**
   * It is changed to this, which is written with what others of the transaction become: once, however often it changes.
   * Whoever asks for it gets it so.
   */
  becomes(row: KnownSubmission, change: Partial<Changing>): void
}

/** Every statement by its name. */
const knownRowsSql = {
  owners: `select i.partner_id, i.identity, i.message_id, m.sha256
    from unnest(@partners::text[], @identities::text[]) as a (partner_id, identity)
    join identity i on i.partner_id = a.partner_id and i.identity = a.identity
    join message m on m.message_id = i.message_id`,
  shared: `select distinct a.partner_id, a.agency, a.name, a.value
    from unnest(@partners::text[], @agencies::text[], @names::text[], @values::text[]) as a (partner_id, agency, name,
    value)
    join correlation c on c.agency = a.agency and c.name = a.name and c.value = a.value
    join submission s on s.n = c.submission_n where s.partner_id <> a.partner_id`,
  numbers: `select nextval(pg_get_serial_sequence('submission', 'n')) as n from generate_series(1, @count::integer)`,
  submissions: `select s.*, m.channel, a.attempt as last_attempt, a.fence as last_fence, a.outcome as last_outcome,
    a.code as last_code, ${serverNow} as server_now,
    exists (select 1 from attempt t where t.submission_id = s.submission_id and ${mayHaveArrived('t')}) as reached
    from submission s join message m on m.message_id = s.message_id
    left join lateral (select * from attempt t where t.submission_id = s.submission_id order by t.attempt desc
    limit 1) a on true where s.submission_id = any(@ids::text[])`,
  change: `update submission s set ${changing.map((name) => `${name} = a.${name}`).join(', ')}
    from unnest(@n::bigint[], @state::text[], @status::text[], @next_at::bigint[], @fence::text[],
    @agency_reference::text[], @expect_step::integer[], @expect_at::bigint[], @overdue::integer[], @learning::text[])
    as a (n, ${changing.join(', ')}) where s.n = a.n`,
}
const sql = knownRowsSql

const keyOf = (...parts: string[]) => JSON.stringify(parts)

/**
 * @param gather of the transaction
 * @param orderChanged told that a submission is changed which others may wait for; without one: any
 */
export function createKnownRows(
  { all, gather }: Pick<Queries, 'all'> & Pick<WaitingRows, 'gather'>,
  orderChanged: (row?: KnownSubmission) => void,
) {
  const owners = new Map<string, IdentityOwner | undefined>()
  const shared = new Set<string>()
  /** Who in this transaction has a key already. */
  const holders = new Map<string, Set<string>>()
  let numbers: number[] = []
  const submissions = new Map<string, KnownSubmission>()

  async function readOwners(identities: NonNullable<Needs['identities']>): Promise<void> {
    if (identities.length === 0) return
    for (const { partnerId, identity } of identities) owners.set(keyOf(partnerId, identity), undefined)
    const found = await all<IdentityOwner & { partner_id: string; identity: string }>(sql.owners, {
      partners: identities.map(({ partnerId }) => partnerId),
      identities: identities.map(({ identity }) => identity),
    })
    for (const { partner_id, identity, message_id, sha256 } of found)
      owners.set(keyOf(partner_id, identity), { message_id, sha256 })
  }

  async function readShared(keys: NonNullable<Needs['keys']>): Promise<void> {
    if (keys.length === 0) return
    const found = await all<{ partner_id: string; agency: string; name: string; value: string }>(sql.shared, {
      partners: keys.map(({ partnerId }) => partnerId),
      agencies: keys.map(({ agency }) => agency),
      names: keys.map(({ name }) => name),
      values: keys.map(({ value }) => value),
    })
    for (const { partner_id, agency, name, value } of found) shared.add(keyOf(partner_id, agency, name, value))
  }

  async function readNumbers(count: number): Promise<void> {
    if (count > 0) numbers = (await all<{ n: number }>(sql.numbers, { count })).map(({ n }) => n)
  }

  /** One that is not there yet may be by the time it is asked for. */
  async function readSubmissions(ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    const askedAt = Date.now()
    const rows = await all<Read>(sql.submissions, { ids })
    const answeredAt = Date.now()
    for (const { server_now, ...row } of rows)
      submissions.set(row.submission_id, { ...row, aheadMs: serverAheadMs(server_now, { askedAt, answeredAt }) })
  }

  const rows: KnownRows = {
    async owner(partnerId, identity) {
      const key = keyOf(partnerId, identity)
      if (!owners.has(key)) {
        const found = await all<IdentityOwner>(sql.owners, { partners: [partnerId], identities: [identity] })
        owners.set(key, found[0])
      }
      return owners.get(key)
    },
    nowOwns: (partnerId, identity, owner) => void owners.set(keyOf(partnerId, identity), owner),
    mayBeShared({ partnerId, agency, name, value }) {
      const key = keyOf(agency, name, value)
      const among = holders.get(key) ?? new Set<string>()
      holders.set(key, among.add(partnerId))
      return among.size > 1 || shared.has(keyOf(partnerId, agency, name, value))
    },
    async number() {
      if (numbers.length === 0) numbers = (await all<{ n: number }>(sql.numbers, { count: 16 })).map(({ n }) => n)
      return numbers.shift()!
    },
    async submission(submissionId) {
      if (!submissions.has(submissionId)) await readSubmissions([submissionId])
      return submissions.get(submissionId)
    },
    changes(submissionId) {
      orderChanged(submissionId === undefined ? undefined : submissions.get(submissionId))
      if (submissionId === undefined) submissions.clear()
      else submissions.delete(submissionId)
    },
    claims: (submissionId) => void submissions.delete(submissionId),
    becomes(row, change) {
      orderChanged(row)
      const after = { ...row, ...change }
      submissions.set(row.submission_id, after)
      const values = Object.fromEntries(changing.map((name) => [name, after[name]]))
      gather(sql.change, { n: row.n, ...values }, row.n)
    },
  }

  return {
    rows,
    /** Reads what the writes say they need. The submissions among them that may be claimed. */
    async foresee(needs: readonly Needs[]): Promise<KnownSubmission[]> {
      const identities = needs.flatMap((one) => one.identities ?? [])
      const keys = needs.flatMap((one) => one.keys ?? [])
      const count = needs.reduce((sum, one) => sum + (one.numbers ?? 0), 0)
      const claims = new Set(needs.flatMap((one) => one.claims ?? []))
      const ids = [...new Set([...claims, ...needs.flatMap((one) => one.submissions ?? [])])]
      await Promise.all([readOwners(identities), readShared(keys), readNumbers(count), readSubmissions(ids)])
      return [...submissions.values()].filter((row) => row.state === 'queued' && claims.has(row.submission_id))
    },
  }
}
