// owners — whose an answer may be: everybody who has a key that it cites, what may still be taught the number, and keys
// two partners share.
import type { Key } from '../../messages/inspection.js'
import type { HeldFor, Ledger, SharedKeyView } from '../ledger.js'
import { finalStatuses } from '../rules/business-status.js'
import { fitsWord } from '../rules/learning.js'
import { onceInDoubt } from '../rules/tries.js'
import type { Queries } from './statements.js'
import { together } from './together.js'
import type { GroupCommit } from './write.js'
import { codeSaid, ownerFactsOf, ownerOf, type OwnerFactsRow, type OwnerRow } from '../rows/owner.js'

const columns = `s.n, s.submission_id, s.message_id, s.partner_id, s.state, s.status, s.expect_step, s.expect_at,
    s.senders, m.document_type, m.reference`

/** Every statement by its name. */
export const ownersSql = {
  // A receipt speaks of what the agency surely has before what it may have, never of what has not left the hub.
  owners: `select a.i, o.* from unnest(@agencies::text[], @names::text[], @values::text[]) with ordinality
    as a (agency, name, value, i) cross join lateral (
      select ${columns}, s.changes, c.learnt, s.agency, m.operation, m.channel, d.doubted,
        case s.state when 'submitted' then 0 when 'unclear' then 1 when 'submitting' then 2 when 'dead' then 3
        when 'dropped' then 3 else case when d.doubted = 1 then 2 else 4 end end as place
      from correlation c join submission s on s.n = c.submission_n
      join message m on m.message_id = s.message_id
      cross join lateral (select case when s.state = 'queued' and exists (select 1 from attempt t
        where t.submission_id = s.submission_id and ${onceInDoubt('t')}) then 1 else 0 end as doubted) d
      where c.agency = a.agency and c.name = a.name and c.value = a.value
      and not (s.state = 'queued' and not exists (select 1 from attempt where submission_id = s.submission_id))
      order by place, s.n desc limit 200
    ) o order by a.i, o.place, o.n desc`,
  open: `select n, agency, name, value, first_n, second_n, at from shared_key where closed_at is null order by n desc
    limit @limit`,
  candidates: `select ${columns}, 0 as learnt from submission s join message m on m.message_id = s.message_id
    where s.n = any(@numbers::bigint[])`,
  answers: `select submission_id, receipt from receipt where message_id = any(@messageIds::text[])
    and reply_id is not null order by n`,
  close: 'update shared_key set closed_at = @now where n = @id and closed_at is null',
  nextWord: `select min(learning) as learning from submission where agency = @agency and learning > @word
    and learning is not null`,
  one: `select 1 as there from submission where agency = @agency and learning = @word and learning is not null
    and started_at <= @before
    and state in ('submitting', 'unclear', 'submitted', 'queued') and coalesce(status, '') <> all(@finals::text[])
    limit 1`,
}
const sql = ownersSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Owners](../ledger/owners.ts). */
export function createOwners({
  reading,
  lookUps,
  commit,
}: {
  reading: Queries
  lookUps: Queries
  commit: GroupCommit
}): Pick<Ledger, 'ownersOf' | 'answersTo' | 'mayLearn' | 'sharedKeys' | 'closeSharedKey'> {
  const haveKey = together(async (all: readonly { agency: string; key: Key }[]) => {
    const rows = await lookUps.all<OwnerFactsRow & { i: number }>(sql.owners, {
      agencies: all.map(({ agency }) => agency),
      names: all.map(({ key }) => key.name),
      values: all.map(({ key }) => key.value),
    })
    const found = all.map((): OwnerFactsRow[] => [])
    for (const row of rows) found[row.i - 1]!.push(row)
    return found
  })
  return {
    ownersOf: async (agency, key, among) =>
      (await haveKey({ agency, key }))
        .filter(({ document_type }) => among?.includes(document_type) ?? true)
        .map(ownerFactsOf),
    async answersTo(submissions) {
      const codes = new Map(submissions.map(({ submissionId }) => [submissionId, [] as string[]]))
      const messageIds = [...new Set(submissions.map(({ messageId }) => messageId))]
      for (const row of await reading.all<{ submission_id: string; receipt: string }>(sql.answers, { messageIds }))
        codes.get(row.submission_id)?.push(codeSaid(row))
      return [...codes.values()]
    },
    mayLearn: (agency, held, before) => mayLearn(reading, { agency, held, before: before.getTime() }),
    async sharedKeys(limit) {
      const open = await reading.all<{
        n: number
        agency: string
        name: string
        value: string
        first_n: number
        second_n: number
        at: number
      }>(sql.open, { limit })
      const numbers = open.flatMap(({ first_n, second_n }) => [first_n, second_n])
      const rows = new Map((await reading.all<OwnerRow>(sql.candidates, { numbers })).map((row) => [row.n, row]))
      return open.map(({ n, agency, name, value, first_n, second_n, at }): SharedKeyView => ({
        id: n,
        agency,
        key: { name, value },
        candidates: [first_n, second_n].flatMap((one) => {
          const row = rows.get(one)
          return row ? [ownerOf(row)] : []
        }),
        since: new Date(at).toISOString(),
      }))
    },
    closeSharedKey: (id, now) => commit(async (tx) => (await tx.run(sql.close, { now: now.getTime(), id })) === 1),
  }
}

/** Was one of ours under way by then that may yet be taught a number this answer cites? */
export async function mayLearn(
  reading: Queries,
  { agency, held, before }: { agency: string; held: HeldFor; before: number },
): Promise<boolean> {
  const after = async (word: string) =>
    (await reading.get<{ learning: string | null }>(sql.nextWord, { agency, word }))?.learning
  for (let word = await after(''); word; word = await after(word))
    if (fitsWord(word, held) && (await reading.get(sql.one, { agency, word, before, finals: finalStatuses })))
      return true
  return false
}
