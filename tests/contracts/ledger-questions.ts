// The part of the ledger's contract about questions that were answered in the call that asked them.
import { describe, expect, test } from 'vitest'
import { newId, timeOfId } from '../../messages/ids.js'
import type { AnsweredQuestion, Ledger, LedgerEvents } from '../../store/ledger.js'
import { at } from './ledger-given.js'

export function ledgerQuestions(ledger: () => Ledger & LedgerEvents): void {
  const asked = (more: Partial<AnsweredQuestion> = {}): Required<AnsweredQuestion> => ({
    messageId: newId('msg'),
    partnerId: 'asker',
    operation: '1.1.7.1.1',
    documentType: 'DeclarationQuery',
    askedAt: at(1),
    criteria: { EntryId: '224820261000000451' },
    total: 3,
    answer: '{"rows":[{"stateText":"放行"}]}',
    ...more,
  })

  describe('questions answered in their call', () => {
    test('one is found with its answer by who asked it alone; written twice it is there once', async () => {
      const [one, other] = [asked(), asked({ partnerId: 'other', operation: '19.1.3.1.1', criteria: {} })]
      await ledger().keepQuestions([one, other])
      await ledger().keepQuestions([{ ...one, total: 9 }])
      expect(await ledger().questionById(one.messageId, 'asker')).toEqual(one)
      expect(await ledger().questionById(one.messageId, 'other')).toBeUndefined()
      expect(await ledger().getMessage(one.messageId, 'asker'), 'it is no message').toBeUndefined()
    })

    test('who asked what stays, the newest first, when the answers of old ones are let go of', async () => {
      const all = [asked(), asked({ operation: '1.1.7.2.1' }), asked(), asked({ partnerId: 'other' })]
      await ledger().keepQuestions(all)
      const ids = async (filter: object) =>
        (await ledger().questionsAsked({ limit: 10, ...filter })).map(({ messageId }) => messageId)
      const [a, b, c, d] = all.map(({ messageId }) => messageId)
      expect(await ids({})).toEqual([d, c, b, a])
      expect(await ids({ partnerId: 'asker' })).toEqual([c, b, a])
      expect(await ids({ operation: '1.1.7.1.1', before: d })).toEqual([c, a])
      expect(await ids({ limit: 2 })).toEqual([d, c])
      expect(await ledger().letGoOfAnswers(new Date(timeOfId(a!)), 10)).toBe(0)
      const later = new Date(timeOfId(d!) + 1)
      expect([await ledger().letGoOfAnswers(later, 3), await ledger().letGoOfAnswers(later, 3)]).toEqual([3, 1])
      const { answer: _, ...record } = all[0]!
      expect(await ledger().questionById(a!, 'asker')).toEqual(record)
      expect(await ids({})).toEqual([d, c, b, a])
    })
  })
}
