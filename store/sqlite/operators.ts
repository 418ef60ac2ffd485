// operators — accounts, sessions and acts that wait for a second person.
import type Database from 'better-sqlite3'
import type { OperatorAccount } from '../../messages/operator.js'
import type { Ledger } from '../ledger.js'
import type { Operators } from '../ledger/operators.js'
import { type ActRow, actText, fromSession, toAct, toSession, type SessionRow } from '../rows/operator.js'
import type { GroupCommit } from './group-commit.js'

const sessionColumns = 'digest, name, signed_in_by, address, browser, since, seen, until'

/** Every statement by its name: a test asks SQLite how it would find what each looks for. */
export const operatorsSql = {
  accounts: 'select version, account from operator_account order by name',
  add: 'insert into operator_account (name, version, account) values (@name, 1, @account) on conflict do nothing',
  change: `
    update operator_account set version = version + 1, account = @account where name = @name and version = @before`,
  putSession: `
    insert into operator_session (digest, name, signed_in_by, address, browser, since, seen, until)
    values (@digest, @name, @signed_in_by, @address, @browser, @since, @seen, @until)`,
  session: `select ${sessionColumns} from operator_session where digest = ?`,
  sessions: `select ${sessionColumns} from operator_session where name = @name limit @limit`,
  touch: 'update operator_session set seen = @seen where digest = @digest',
  end: 'delete from operator_session where digest = @digest and name = @name',
  endAll: 'delete from operator_session where name = ?',
  forget: 'delete from operator_session where until < ?',
  putAct: 'insert into waiting_act (id, state, act) values (@id, @state, @act)',
  act: 'select state, act from waiting_act where id = ?',
  acts: 'select state, act from waiting_act order by n desc limit ?',
  actsIn: 'select state, act from waiting_act where state = @state order by n desc limit @limit',
  decide: 'update waiting_act set state = @state, act = @act where id = @id and state = @from',
}
const sql = operatorsSql

/** This chapter of the ledger on SQLite; what it promises: [Operators](../ledger/operators.ts). */
export function createOperators({
  db,
  commit,
}: {
  db: Database.Database
  commit: GroupCommit
}): Pick<Ledger, keyof Operators> {
  const accounts = db.prepare<[], { version: number; account: string }>(sql.accounts)
  const add = db.prepare(sql.add)
  const change = db.prepare(sql.change)
  const putSession = db.prepare<[SessionRow]>(sql.putSession)
  const session = db.prepare<[string], SessionRow>(sql.session)
  const sessions = db.prepare<[{ name: string; limit: number }], SessionRow>(sql.sessions)
  const touch = db.prepare<[{ seen: number; digest: string }]>(sql.touch)
  const end = db.prepare<[{ digest: string; name: string }]>(sql.end)
  const endAll = db.prepare<[string]>(sql.endAll)
  const forget = db.prepare<[number]>(sql.forget)
  const putAct = db.prepare(sql.putAct)
  const act = db.prepare<[string], ActRow>(sql.act)
  const acts = db.prepare<[number], ActRow>(sql.acts)
  const actsIn = db.prepare<[{ state: string; limit: number }], ActRow>(sql.actsIn)
  const decide = db.prepare(sql.decide)
  return {
    operatorAccounts: async () =>
      accounts.all().map(({ version, account }) => ({ ...(JSON.parse(account) as OperatorAccount), version })),
    putOperatorAccount: (account, before) =>
      commit(() => {
        const row = { name: account.name, account: JSON.stringify(account) }
        return (before === 0 ? add.run(row) : change.run({ ...row, before })).changes > 0
      }),
    putOperatorSession: (one) => commit(() => putSession.run(fromSession(one)).changes > 0),
    async operatorSession(digest) {
      const row = session.get(digest)
      return row && toSession(row)
    },
    operatorSessions: async (name, limit) => sessions.all({ name, limit }).map(toSession),
    touchOperatorSession: (digest, at) => commit(() => touch.run({ seen: at.getTime(), digest }).changes > 0),
    endOperatorSessions: (name, digest) =>
      commit(() => (digest === undefined ? endAll.run(name) : end.run({ digest, name })).changes > 0),
    forgetOperatorSessions: (before) => commit(() => forget.run(before.getTime()).changes > 0),
    putWaitingAct: (one) => commit(() => putAct.run({ id: one.id, state: one.state, act: actText(one) }).changes > 0),
    async waitingAct(id) {
      const row = act.get(id)
      return row && toAct(row)
    },
    waitingActs: async (state, limit) =>
      (state === undefined ? acts.all(limit) : actsIn.all({ state, limit })).map(toAct),
    decideWaitingAct: (one, from) =>
      commit(() => decide.run({ id: one.id, state: one.state, act: actText(one), from }).changes > 0),
  }
}
