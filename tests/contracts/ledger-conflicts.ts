// The part of the ledger's contract about messages in conflict with earlier ones: found and recorded in the one write
// of their interchange.
import { describe, expect, test } from 'vitest'
import { newId } from '../../messages/ids.js'
import type { Ledger, NewSubmission } from '../../store/ledger.js'
import { given, interchange, message } from './ledger-given.js'

export function ledgerConflicts(ledger: () => Ledger): void {
  const { accepted, viewOf } = given(ledger)

  describe('a message in conflict with an earlier one', () => {
    const other = Buffer.from('other bytes')

    test('is recorded as refused beside those that are taken, in one interchange, and claims nothing', async () => {
      const first = await accepted()
      const [taken, late] = [message(), message({ reference: first.reference, bytes: other })]
      const delivery = interchange([taken, late], { refusesConflicts: true })
      const [one, two] = await ledger().record(delivery)
      expect(one).toEqual({ outcome: 'recorded' })
      expect(two).toMatchObject({ outcome: 'conflict', messageId: first.messageId })
      const { receipt } = two as { receipt: { code: string } }
      expect(receipt).toMatchObject({ messageId: late.messageId, status: 'refused', code: 'HUB_REFERENCE_CONFLICT' })
      const view = await viewOf(late)
      expect(view).toMatchObject({ interchangeId: delivery.interchangeId, state: 'refused', submissions: [] })
      expect(view.receipts.map((known) => known.receipt)).toEqual([receipt])
      expect((await ledger().getContent(late.messageId))?.bytes).toEqual(other)
      expect((await viewOf(taken)).interchangeId).toBe(delivery.interchangeId)
      // Sent once more, the first file gets its first answer.
      const again = message({ reference: first.reference, bytes: first.bytes, sha256: first.sha256 })
      expect(await ledger().record(interchange([again], { refusesConflicts: true }))).toMatchObject([
        { outcome: 'duplicate', messageId: first.messageId },
      ])
    })

    test('of another partner’s key is refused where the agency takes one, without a name (promise 9)', async () => {
      const keys = [{ name: 'billNo', value: 'B-1' }]
      const toAgency = (): NewSubmission => ({ submissionId: newId('sub'), agency: 'gacc', refuseShared: true })
      const firstKeys = new Set(['billNo'])
      await accepted({ keys, firstKeys, submissions: [toAgency()] })
      const late = message({ keys, firstKeys, submissions: [toAgency()] })
      const [found] = await ledger().record(interchange([late], { partnerId: 'b', refusesConflicts: true }))
      expect(found).toMatchObject({ outcome: 'key-in-use', agency: 'gacc', receipt: { code: 'HUB_KEY_IN_USE' } })
      expect((await viewOf(late)).state).toBe('refused')
    })

    test('is answered in EDIFACT behind what the interchange was answered, and that is what is kept', async () => {
      const bytes = Buffer.from(
        "UNB+UNOA:2+TEST01+HUB+261128:1200+7'UNH+1+CUSCAR:D:95B:UN'BGM+85+REF-1+9'UNT+3+1'UNZ+1+7'",
        'latin1',
      )
      const first = await accepted()
      const late = message({ reference: first.reference, bytes, edifact: { charset: undefined } })
      const acknowledgement = { mediaType: 'application/edifact', bytes: Buffer.from('UNB+...') }
      const [found] = await ledger().record(interchange([late], { refusesConflicts: true, acknowledgement }))
      const { answer } = found as { answer: Buffer }
      expect(answer.toString('latin1')).toMatch(/UNH\+.*(CUSRES|APERAK)/s)
      expect(await ledger().getAcknowledgement(late.messageId)).toEqual({
        mediaType: 'application/edifact',
        bytes: Buffer.concat([acknowledgement.bytes, answer]),
      })
    })

    test('is not recorded by who does not ask for it', async () => {
      const first = await accepted()
      const late = message({ reference: first.reference, bytes: other })
      expect(await ledger().record(interchange([late]))).toEqual([{ outcome: 'conflict', messageId: first.messageId }])
      expect(await ledger().getMessage(late.messageId)).toBeUndefined()
    })
  })
}
