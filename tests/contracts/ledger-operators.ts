// The part of the ledger's contract about who works at the hub: accounts, sessions, acts that wait for a second person.
import { describe, expect, test } from 'vitest'
import type { OperatorAccount, OperatorSession, WaitingAct } from '../../messages/operator.js'
import type { Ledger, LedgerEvents } from '../../store/ledger.js'
import { at } from './ledger-given.js'

export function ledgerOperators(ledger: () => Ledger & LedgerEvents): void {
  const account = (more: Partial<OperatorAccount> = {}): Omit<OperatorAccount, 'version'> => ({
    name: 'anna',
    role: 'viewer',
    disabled: false,
    recovery: [],
    createdAt: 1,
    ...more,
  })
  const session = (digest: string, name = 'anna'): OperatorSession => ({
    digest,
    name,
    by: 'password',
    address: '127.0.0.1',
    browser: 'Firefox/146.0',
    since: at(0),
    seen: at(0),
    until: at(100),
  })
  const act = (more: Partial<WaitingAct> = {}): WaitingAct => ({
    id: 'act_1',
    state: 'waiting',
    act: 'drop',
    call: { method: 'POST', url: '/ops/x', route: 'POST /ops/x', body: { why: '撤单' } },
    requestedBy: 'anna',
    from: { by: 'key', address: '127.0.0.1' },
    why: '撤单',
    at: at(0),
    until: at(100),
    ...more,
  })

  describe('operators', () => {
    test('of two who change an account from the same state, one does', async () => {
      expect(await ledger().putOperatorAccount(account(), 0)).toBe(true)
      expect(await ledger().putOperatorAccount(account({ role: 'admin' }), 0)).toBe(false)
      const changes = ['operator', 'admin'] as const
      const both = await Promise.all(changes.map((role) => ledger().putOperatorAccount(account({ role }), 1)))
      expect(both.sort()).toEqual([false, true])
      const [kept] = await ledger().operatorAccounts()
      expect(kept).toMatchObject({ name: 'anna', version: 2 })
      expect(await ledger().putOperatorAccount(account({ name: 'bo' }), 7)).toBe(false)
    })

    test('a session is known by its digest until it is ended, alone or with all of its account', async () => {
      for (const digest of ['a', 'b', 'c']) await ledger().putOperatorSession(session(digest))
      await ledger().putOperatorSession(session('d', 'bo'))
      expect(await ledger().touchOperatorSession('a', at(5))).toBe(true)
      expect(await ledger().operatorSession('a')).toEqual({ ...session('a'), seen: at(5) })
      const listed = async (name: string) => (await ledger().operatorSessions(name, 10)).map(({ digest }) => digest)
      expect([(await listed('anna')).sort(), await listed('bo')]).toEqual([['a', 'b', 'c'], ['d']])
      expect(await ledger().operatorSessions('anna', 2)).toHaveLength(2)
      expect(await ledger().endOperatorSessions('bo', 'a')).toBe(false)
      expect(await ledger().endOperatorSessions('anna', 'a')).toBe(true)
      expect(await ledger().touchOperatorSession('a', at(6))).toBe(false)
      expect(await ledger().endOperatorSessions('anna')).toBe(true)
      const left = await Promise.all(['a', 'b', 'c', 'd'].map((digest) => ledger().operatorSession(digest)))
      expect(left.map((one) => one?.digest)).toEqual([undefined, undefined, undefined, 'd'])
      expect(await ledger().forgetOperatorSessions(at(100))).toBe(false)
      expect(await ledger().forgetOperatorSessions(at(101))).toBe(true)
      expect(await ledger().operatorSession('d')).toBeUndefined()
    })

    test('a waiting act is decided once', async () => {
      await ledger().putWaitingAct(act())
      await ledger().putWaitingAct(act({ id: 'act_2' }))
      expect((await ledger().waitingActs('waiting', 10)).map(({ id }) => id)).toEqual(['act_2', 'act_1'])
      const decided = act({ state: 'approved', decidedBy: 'bo', decidedAt: at(3) })
      const both = await Promise.all([1, 2].map(() => ledger().decideWaitingAct(decided, 'waiting')))
      expect(both.sort()).toEqual([false, true])
      expect(await ledger().waitingAct('act_1')).toEqual(decided)
      expect((await ledger().waitingActs('waiting', 10)).map(({ id }) => id)).toEqual(['act_2'])
      expect(await ledger().waitingActs(undefined, 1)).toHaveLength(1)
      expect(await ledger().waitingAct('act_3')).toBeUndefined()
    })

    test('who may file for whom is in force until its date, and not while its owner is disabled', async () => {
      const grant = {
        owner: 'principal',
        partner: 'agent',
        operation: '1.1',
        company: '',
        until: at(100),
        grantedAt: at(0),
      }
      const put = (disabled: boolean) =>
        ledger().putPartner({
          partnerId: 'principal',
          name: '测试进出口有限公司',
          settings: { rights: [], receipts: 'hub', defaults: {} },
          sshKeys: [],
          disabled,
        })
      await put(false)
      expect(await ledger().grantAgent(grant, { most: 1 })).toBe(true)
      expect(await ledger().grantAgent({ ...grant, operation: '2' }, { most: 1 })).toBe(false)
      expect(await ledger().agentGrantsTo('agent', at(99))).toEqual([grant])
      expect(await ledger().agentGrantsTo('agent', at(100))).toEqual([])
      // To see is another matter.
      expect(await ledger().filingGrantsTo('agent', at(1))).toEqual([])
      await put(true)
      expect(await ledger().agentGrantsTo('agent', at(1))).toEqual([])
      expect(await ledger().revokeAgent('principal', { partner: 'agent' })).toBe(true)
      expect(await ledger().agentGrants('principal')).toEqual([])
    })
  })
}
