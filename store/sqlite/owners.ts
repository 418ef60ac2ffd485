// owners — whose an answer may be: everybody who has a key that it cites, what may still be taught the number, and keys
// two partners share.
import type Database from 'better-sqlite3'
import type { HeldFor, Ledger, SharedKeyView } from '../ledger.js'
import { finalStatuses } from '../rules/business-status.js'
import { fitsWord } from '../rules/learning.js'
import { onceInDoubt } from '../rules/tries.js'
import type { GroupCommit } from './group-commit.js'
import { codeSaid, ownerFactsOf, ownerOf, type OwnerFactsRow, type OwnerRow } from '../rows/owner.js'

const finals = finalStatuses.map((status) => `'${status}'`).join(', ')

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const ownersSql = {
  owners: `select s.n, s.submission_id, s.message_id, s.partner_id, s.state, s.status, s.expect_step, s.expect_at,
    s.senders, s.changes, c.learnt, s.agency, m.document_type, m.reference, m.operation, m.channel,
    s.state = 'queued' and exists (select 1 from attempt t where t.submission_id = s.submission_id
      and ${onceInDoubt('t')}) as doubted
    from correlation c join submission s on s.n = c.submission_n join message m using (message_id)
    where c.agency = @agency and c.name = @name and c.value = @value
    and not (s.state = 'queued' and not exists (select 1 from attempt where submission_id = s.submission_id))
    order by case s.state when 'submitted' then 0 when 'unclear' then 1 when 'submitting' then 2 when 'dead' then 3 when
    'dropped' then 3 else iif(doubted, 2, 4) end, s.n desc limit 200`,
  open: `select n, agency, name, value, first_n, second_n, at from shared_key where closed_at is null order by n desc
    limit ?`,
  candidate: `select s.n, s.submission_id, s.message_id, s.partner_id, s.state, s.status, s.expect_step, s.expect_at,
    s.senders, 0 as learnt, m.document_type, m.reference
    from submission s join message m using (message_id) where s.n = ?`,
  answers: `select receipt from receipt where message_id = @messageId and submission_id = @submissionId
    and reply_id is not null order by n`,
  close: 'update shared_key set closed_at = @closedAt where n = @n and closed_at is null',
  nextWord: `select min(learning) as learning from submission where agency = @agency and learning > @after
    and learning is not null`,
  one: `select 1 from submission where agency = @agency and learning = @learning and learning is not null
    and started_at <= @startedBy
    and state in ('submitting', 'unclear', 'submitted', 'queued') and ifnull(status, '') not in (${finals}) limit 1`,
}
const sql = ownersSql

/** This chapter of the ledger on SQLite; what it promises: [Owners](../ledger/owners.ts). */
export function createOwners({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Pick<Ledger, 'ownersOf' | 'answersTo' | 'mayLearn' | 'sharedKeys' | 'closeSharedKey'> {
  // A receipt speaks of what the agency surely has before what it may have, never of what has not left the hub.
  const owners = db.prepare<[{ agency: string; name: string; value: string }], OwnerFactsRow>(sql.owners)
  const open = db.prepare<
    [number],
    { n: number; agency: string; name: string; value: string; first_n: number; second_n: number; at: number }
  >(sql.open)
  const candidate = db.prepare<[number], OwnerRow>(sql.candidate)
  const close = db.prepare(sql.close)
  const mayLearn = createMayLearn(db)
  const answers = db.prepare<[{ messageId: string; submissionId: string }], { receipt: string }>(sql.answers)
  return {
    ownersOf: async (agency, { name, value }, among) =>
      owners
        .all({ agency, name, value })
        .filter(({ document_type }) => among?.includes(document_type) ?? true)
        .map(ownerFactsOf),
    answersTo: async (submissions) =>
      submissions.map(({ messageId, submissionId }) => answers.all({ messageId, submissionId }).map(codeSaid)),
    mayLearn: async (agency, held, before) => mayLearn(agency, held, before.getTime()),
    sharedKeys: async (limit) =>
      open.all(limit).map(({ n, agency, name, value, first_n, second_n, at }): SharedKeyView => ({
        id: n,
        agency,
        key: { name, value },
        candidates: [first_n, second_n].flatMap((one) => {
          const row = candidate.get(one)
          return row ? [ownerOf(row)] : []
        }),
        since: new Date(at).toISOString(),
      })),
    closeSharedKey: (id, now) => commit(() => close.run({ closedAt: now.getTime(), n: id }).changes === 1),
  }
}

/** Was one of ours under way by then that may yet be taught a number this answer cites? */
export function createMayLearn(db: Database.Database): (agency: string, held: HeldFor, before: number) => boolean {
  const nextWord = db.prepare<[{ agency: string; after: string }], { learning: string | null }>(sql.nextWord)
  const one = db.prepare<[{ agency: string; learning: string; startedBy: number }], 1>(sql.one)
  return (agency, held, before) => {
    for (
      let word = nextWord.get({ agency, after: '' })?.learning;
      word;
      word = nextWord.get({ agency, after: word })?.learning
    )
      if (fitsWord(word, held) && one.get({ agency, learning: word, startedBy: before })) return true
    return false
  }
}
