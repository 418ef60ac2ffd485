// The part of the ledger's contract about grants: who may see whose filings, and until when.
import { describe, expect, test } from 'vitest'
import type { KeptAgentUse, KeptGrant } from '../../messages/filing-grant.js'
import type { Ledger, LedgerEvents } from '../../store/ledger.js'
import { at, interchange, message } from './ledger-given.js'

export function ledgerGrants(ledger: () => Ledger & LedgerEvents): void {
  const put = (partnerId: string, disabled = false) =>
    ledger().putPartner({
      partnerId,
      name: '测试货代有限公司',
      settings: { rights: ['*'], receipts: 'hub', defaults: {} },
      sshKeys: [],
      disabled,
    })
  const grant = (more: Partial<KeptGrant> = {}): KeptGrant => ({
    owner: 'owner',
    partner: 'reader',
    operation: '',
    company: '',
    until: at(100),
    grantedAt: at(0),
    ...more,
  })

  describe('grants', () => {
    test('one is in force until its date, and not while its owner is disabled or unknown', async () => {
      await put('owner')
      expect(await ledger().grantFilings(grant(), { most: 9 })).toBe(true)
      expect(await ledger().grantFilings(grant({ owner: 'nobody' }), { most: 9 })).toBe(true)
      expect(await ledger().filingGrantsTo('reader', at(99))).toEqual([grant()])
      expect(await ledger().filingGrantsTo('reader', at(100))).toEqual([])
      expect(await ledger().filingGrantsTo('owner', at(99))).toEqual([])
      await put('owner', true)
      expect(await ledger().filingGrantsTo('reader', at(99))).toEqual([])
      expect(await ledger().filingGrants('owner'), 'its owner still sees it').toEqual([grant()])
    })

    test('the same again changes its date, the limit holds, and a revoked one is gone', async () => {
      await put('owner')
      await ledger().grantFilings(grant(), { most: 2 })
      await ledger().grantFilings(grant({ operation: '1.1', company: '1101919998' }), { most: 2 })
      expect(await ledger().grantFilings(grant({ partner: 'other' }), { most: 2 })).toBe(false)
      expect(await ledger().grantFilings(grant({ until: at(200) }), { most: 2 }), 'no new one').toBe(true)
      expect((await ledger().filingGrants('owner')).map(({ until }) => until)).toEqual([at(200), at(100)])
      expect(await ledger().revokeFilings('owner', { partner: 'reader', operation: '2.1' })).toBe(false)
      expect(await ledger().revokeFilings('owner', { partner: 'reader', operation: '1.1' })).toBe(true)
      expect(await ledger().filingGrants('owner')).toEqual([grant({ until: at(200) })])
      expect(await ledger().revokeFilings('owner', { partner: 'reader' })).toBe(true)
      expect(await ledger().revokeFilings('owner', { partner: 'reader' })).toBe(false)
      expect(await ledger().filingGrantsTo('reader', at(1))).toEqual([])
    })

    test('what an agent filed under a grant stays on record, also when the grant is taken back', async () => {
      const whole = { owner: 'principal', operation: '', company: '' }
      const narrow = { owner: 'principal', operation: '10.1', company: '1101919998' }
      const of = (partnerId: string, receivedAt: Date) => ({ partnerId, receivedAt })
      const [first, second, plain, others] = [
        message({ filedUnder: [whole, { ...narrow, owner: 'second' }] }),
        message({ filedUnder: [whole] }),
        message(),
        message({ filedUnder: [narrow] }),
      ]
      await ledger().grantAgent(grant({ ...whole, partner: 'agent' }), { most: 9 })
      await ledger().record(interchange([first, second, plain], of('agent', at(5))))
      // The same again is no other filing; one that is in conflict with it is none.
      await ledger().record(interchange([{ ...second, messageId: 'msg_again' }], of('agent', at(6))))
      const otherBytes = { ...message({ filedUnder: [whole] }), identity: second.identity }
      await ledger().record(interchange([otherBytes], { ...of('agent', at(6)), refusesConflicts: true }))
      await ledger().record(interchange([others], of('other', at(7))))
      await ledger().record(interchange([message({ filedUnder: [whole] })], of('agent', at(9))))
      await ledger().revokeAgent('principal', { partner: 'agent' })
      const used = (uses: readonly KeptAgentUse[]) => uses.map((one) => [one.partner, one.owner, one.filings])
      expect(used(await ledger().agentUses('principal'))).toEqual([
        ['agent', 'principal', 3],
        ['other', 'principal', 1],
      ])
      expect((await ledger().agentUses('agent'))[0]).toEqual({
        ...{ ...whole, partner: 'agent', filings: 3 },
        ...{ firstAt: at(5), lastAt: at(9) },
      })
      expect(used(await ledger().agentUses('agent'))).toEqual([
        ['agent', 'principal', 3],
        ['agent', 'second', 1],
      ])
      const under = async (messageId: string) => (await ledger().getMessage(messageId))?.filedUnder
      expect(await under(first.messageId)).toEqual([{ owner: 'principal' }, { ...narrow, owner: 'second' }])
      expect(await under(plain.messageId)).toBeUndefined()
      expect(await under(otherBytes.messageId)).toBeUndefined()
    })
  })
}
