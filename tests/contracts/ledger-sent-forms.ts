// The part of the ledger's contract about what an agency is sent in place of the message: a signature was put in on the
// way.
import { describe, expect, test } from 'vitest'
import type { Ledger, LedgerEvents } from '../../store/ledger.js'
import { at, ends, given, submissionOf } from './ledger-given.js'

export function ledgerSentForms(ledger: () => Ledger & LedgerEvents): void {
  const { accepted, claimed } = given(ledger)
  const signed = Buffer.from('<signed/>')

  describe('what is sent in place of the message', () => {
    test('is kept before it is sent, and every later try sends the same', async () => {
      const m = await accepted({ bytes: Buffer.from('<unsigned/>') })
      const { fence } = await claimed(m)
      const attempt = { submissionId: submissionOf(m), fence }
      expect(await ledger().keepSentForm(attempt, signed)).toBe(true)
      expect(await ledger().keepSentForm(attempt, Buffer.from('<signed again/>'))).toBe(true)
      await ledger().endAttempt(attempt, ends.retry, at(1))
      const again = await claimed(m, at(90))
      expect(again.work.bytes.toString()).toBe('<signed/>')
      expect(again.work.damaged).toBeUndefined()
      expect((await ledger().getContent(m.messageId))!.bytes!.toString()).toBe('<unsigned/>')
    })

    test('is not kept for a try that is another’s by now', async () => {
      const m = await accepted({ bytes: Buffer.from('<unsigned/>') })
      const { fence } = await claimed(m)
      const attempt = { submissionId: submissionOf(m), fence }
      await ledger().endAttempt(attempt, ends.retry, at(1))
      expect(await ledger().keepSentForm(attempt, signed)).toBe(false)
      expect((await claimed(m, at(90))).work.bytes.toString()).toBe('<unsigned/>')
    })
  })
}
