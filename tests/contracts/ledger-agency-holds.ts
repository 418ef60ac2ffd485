// The part of the ledger's contract about agencies that people have paused or announced to be closed.
import { describe, expect, test } from 'vitest'
import type { Ledger } from '../../store/ledger.js'
import { at } from './ledger-given.js'

export function ledgerAgencyHolds(ledger: () => Ledger): void {
  describe('what people say about an agency', () => {
    const paused = { since: '2026-03-10T00:00:00.000Z', who: 'ops', why: '测试' }
    const night = { start: '2026-10-01T20:00', end: '2026-10-02T04:00', why: '系统升级' }

    test('stays until it is taken back, each agency for itself', async () => {
      expect(await ledger().agencyHolds()).toEqual(new Map())
      expect(await ledger().holdAgency('gacc', (before) => ({ ...before, paused }), at(0))).toEqual({
        paused,
        windows: [],
      })
      await ledger().holdAgency('mot', (before) => ({ ...before, windows: [...before.windows, night] }), at(1))
      expect(await ledger().agencyHolds()).toEqual(
        new Map([
          ['gacc', { paused, windows: [] }],
          ['mot', { windows: [night] }],
        ]),
      )
      await ledger().holdAgency('gacc', ({ windows }) => ({ windows }), at(2))
      expect(await ledger().agencyHolds()).toEqual(new Map([['mot', { windows: [night] }]]))
    })

    test('two who change different things at once both do', async () => {
      await Promise.all([
        ledger().holdAgency('gacc', (before) => ({ ...before, paused }), at(0)),
        ledger().holdAgency('gacc', (before) => ({ ...before, windows: [...before.windows, night] }), at(0)),
      ])
      expect((await ledger().agencyHolds()).get('gacc')).toEqual({ paused, windows: [night] })
    })
  })
}
