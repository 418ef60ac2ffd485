// operators — accounts, sessions and acts that wait for a second person.
import type { OperatorAccount } from '../../messages/operator.js'
import type { Ledger } from '../ledger.js'
import type { Operators } from '../ledger/operators.js'
import { type ActRow, actText, fromSession, toAct, toSession, type SessionRow } from '../rows/operator.js'
import type { Queries } from './statements.js'
import type { GroupCommit } from './write.js'

const sessionColumns = 'digest, name, signed_in_by, address, browser, since, seen, until'

/** Every statement by its name. */
export const operatorsSql = {
  accounts: 'select version, account from operator_account order by name',
  add: 'insert into operator_account (name, version, account) values (@name, 1, @account) on conflict do nothing',
  change: `
    update operator_account set version = version + 1, account = @account where name = @name and version = @before`,
  putSession: `
    insert into operator_session (digest, name, signed_in_by, address, browser, since, seen, until)
    values (@digest, @name, @signed_in_by, @address, @browser, @since, @seen, @until)`,
  session: `select ${sessionColumns} from operator_session where digest = @digest`,
  sessions: `select ${sessionColumns} from operator_session where name = @name limit @limit`,
  touch: 'update operator_session set seen = @seen where digest = @digest',
  end: 'delete from operator_session where digest = @digest and name = @name',
  endAll: 'delete from operator_session where name = @name',
  forget: 'delete from operator_session where until < @before',
  putAct: 'insert into waiting_act (id, state, act) values (@id, @state, @act)',
  act: 'select state, act from waiting_act where id = @id',
  acts: 'select state, act from waiting_act order by n desc limit @limit',
  actsIn: 'select state, act from waiting_act where state = @state order by n desc limit @limit',
  decide: 'update waiting_act set state = @state, act = @act where id = @id and state = @from',
}
const sql = operatorsSql

/** This chapter of the ledger on PostgreSQL; what it promises: [Operators](../ledger/operators.ts). */
export function createOperators({
  reading,
  commit,
}: {
  reading: Queries
  commit: GroupCommit
}): Pick<Ledger, keyof Operators> {
  return {
    operatorAccounts: async () =>
      (await reading.all<{ version: number; account: string }>(sql.accounts, {})).map(({ version, account }) => ({
        ...(JSON.parse(account) as OperatorAccount),
        version,
      })),
    putOperatorAccount: (account, before) =>
      commit(async (tx) => {
        const row = { name: account.name, account: JSON.stringify(account) }
        return (before === 0 ? await tx.run(sql.add, row) : await tx.run(sql.change, { ...row, before })) > 0
      }),
    putOperatorSession: (one) => commit(async (tx) => (await tx.run(sql.putSession, { ...fromSession(one) })) > 0),
    async operatorSession(digest) {
      const row = await reading.get<SessionRow>(sql.session, { digest })
      return row && toSession(row)
    },
    operatorSessions: async (name, limit) =>
      (await reading.all<SessionRow>(sql.sessions, { name, limit })).map(toSession),
    touchOperatorSession: (digest, at) =>
      commit(async (tx) => (await tx.run(sql.touch, { digest, seen: at.getTime() })) > 0),
    endOperatorSessions: (name, digest) =>
      commit(
        async (tx) =>
          (digest === undefined ? await tx.run(sql.endAll, { name }) : await tx.run(sql.end, { digest, name })) > 0,
      ),
    forgetOperatorSessions: (before) =>
      commit(async (tx) => (await tx.run(sql.forget, { before: before.getTime() })) > 0),
    putWaitingAct: (one) =>
      commit(async (tx) => (await tx.run(sql.putAct, { id: one.id, state: one.state, act: actText(one) })) > 0),
    async waitingAct(id) {
      const row = await reading.get<ActRow>(sql.act, { id })
      return row && toAct(row)
    },
    waitingActs: async (state, limit) =>
      (state === undefined
        ? await reading.all<ActRow>(sql.acts, { limit })
        : await reading.all<ActRow>(sql.actsIn, { state, limit })
      ).map(toAct),
    decideWaitingAct: (one, from) =>
      commit(async (tx) => (await tx.run(sql.decide, { id: one.id, state: one.state, act: actText(one), from })) > 0),
  }
}
