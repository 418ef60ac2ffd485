// The part of the ledger's contract about what a partner has filed, as queries look for it.
import { describe, expect, test } from 'vitest'
import type { Ledger, LedgerEvents } from '../../store/ledger.js'
import { mostContentBytes } from '../../store/ledger/filed.js'
import { at, given, interchange, message } from './ledger-given.js'

export function ledgerFiled(ledger: () => Ledger & LedgerEvents): void {
  describe('what a partner has filed', () => {
    test('the newest are given, those that fit are counted, and whether there are others is said', async () => {
      for (let i = 0; i < 5; i++)
        await ledger().record(interchange([message({ reference: `R${i}` })], { partnerId: 'a', receivedAt: at(i) }))
      await ledger().record(interchange([message({ reference: 'R4' })], { partnerId: 'b', receivedAt: at(9) }))
      await ledger().record(
        interchange([message({ reference: 'R9', refused: true })], { partnerId: 'a', receivedAt: at(9) }),
      )
      const search = { partnerId: 'a', documentTypes: ['CEB311Message'], operations: ['10.1.1.1.1'], limit: 10 }
      const references = async (more: object) => {
        const { messages, fitting, more: others } = await ledger().filed({ ...search, ...more })
        return [messages.map(({ reference }) => reference).join(' '), fitting, others]
      }
      expect(await references({})).toEqual(['R4 R3 R2 R1 R0', 5, false])
      expect(await references({ most: 2 })).toEqual(['R4 R3', 5, false])
      expect(await references({ limit: 3 })).toEqual(['R4 R3 R2', 3, true])
      expect(await references({ limit: 5 })).toEqual(['R4 R3 R2 R1 R0', 5, false])
      expect(await references({ state: 'released' })).toEqual(['', 0, false])
      expect(await references({ state: 'accepted', most: 1 })).toEqual(['R4', 5, false])
      expect(await references({ since: at(1), until: at(3) })).toEqual(['R2 R1', 2, false])
      expect(await references({ documentTypes: ['CEB621Message'] })).toEqual(['', 0, false])
      expect(await references({ operations: ['1.1.1.1.1'] })).toEqual(['', 0, false])
      expect(await references({ reference: 'R4' })).toEqual(['R4', 1, false])
    })

    test('behind a message stand those received before it, and of one moment those recorded before it', async () => {
      await ledger().record(interchange([message({ reference: 'OLD' })], { receivedAt: at(0) }))
      const together = ['A', 'B', 'C', 'D'].map((reference) => message({ reference }))
      await ledger().record(interchange(together, { receivedAt: at(1) }))
      await ledger().record(interchange([message({ reference: 'NEW' })], { receivedAt: at(2) }))
      const search = { partnerId: 'a', documentTypes: ['CEB311Message'], operations: ['10.1.1.1.1'], limit: 10 }
      const references = async (more: object) =>
        (await ledger().filed({ ...search, ...more })).messages.map(({ reference }) => reference)
      const all = await references({})
      expect([all[0], all.at(-1), all.slice(1, -1).sort()]).toEqual(['NEW', 'OLD', ['A', 'B', 'C', 'D']])
      const ids = new Map((await ledger().filed(search)).messages.map((one) => [one.reference, one.messageId]))
      // Whatever comes in meanwhile, walking one by one meets each once.
      for (const most of [1, 10])
        for (const [i, reference] of all.entries()) {
          const messageId = ids.get(reference)!
          const left = all.slice(i + 1)
          const behind = { messageId, of: ['a'], itself: false }
          expect(await references({ behind, most })).toEqual(left.slice(0, most))
          expect(await references({ behind: { ...behind, itself: true }, most })).toEqual(all.slice(i, i + most))
          const counted = await ledger().filed({ ...search, behind, most, limit: 3 })
          expect([counted.fitting, counted.more]).toEqual([Math.min(3, left.length), left.length > 3])
        }
      const behindNewest = { messageId: ids.get(all[0]!)!, of: ['a'], itself: false }
      expect(await references({ behind: behindNewest, reference: 'OLD' })).toEqual(['OLD'])
      // One that is not here, and one of a partner whose filings are not seen, are the same.
      const unplaced = { messages: [], fitting: 0, more: false, unplaced: true }
      const nobodys = { ...behindNewest, messageId: 'msg_00000000000000000000000000' }
      expect(await ledger().filed({ ...search, behind: nobodys })).toEqual(unplaced)
      expect(await ledger().filed({ ...search, partnerId: 'b', behind: { ...behindNewest, of: ['b'] } })).toEqual(
        unplaced,
      )
    })

    test('by a number, of this partner alone, each once, as it stands now', async () => {
      const { accepted, claimed } = given(ledger)
      const keys = [
        { name: 'copNo', value: 'N1' },
        { name: 'guid', value: 'N1' },
      ]
      const one = await accepted({ keys })
      await ledger().record(interchange([message({ keys })], { partnerId: 'other' }))
      const found = async (value: string, names = ['copNo', 'guid']) =>
        ledger().filed({
          partnerId: 'a',
          documentTypes: ['CEB311Message'],
          operations: [],
          key: { agencies: ['gacc', 'mofcom'], names, value },
          limit: 10,
        })
      const { messages } = await found('N1')
      expect(messages.map(({ messageId, state }) => [messageId, state])).toEqual([[one.messageId, 'accepted']])
      expect((await found('N2')).messages).toEqual([])
      expect((await found('N1', ['billNo'])).messages).toEqual([])
      await claimed(one)
      expect((await ledger().filedContent('a', [one.messageId]))[0]!.bytes).toEqual(one.bytes)
      expect((await ledger().filedContent('other', [one.messageId]))[0]!.bytes, 'of others nothing').toBeUndefined()
      const search = { documentTypes: ['CEB311Message'], operations: ['10.1.1.1.1'], limit: 10, contents: 1 }
      const together = await ledger().filed({ ...search, partnerId: 'a' })
      expect(together.contents).toEqual(await ledger().filedContent('a', [one.messageId]))
      const theirs = await ledger().filed({ ...search, partnerId: 'other' })
      expect(theirs.contents!.map(({ messageId }) => messageId)).toEqual([theirs.messages[0]!.messageId])
    })

    test('large documents are given a few at a time: whoever asks for all asks again', async () => {
      const large = [1, 2, 3].map((n) => message({ bytes: Buffer.alloc(3 * 1024 * 1024, `${n}`) }))
      const small = message()
      const all = [...large, small]
      for (const [i, one] of all.entries()) await ledger().record(interchange([one], { receivedAt: at(i) }))
      const ids = all.map(({ messageId }) => messageId)
      const given = async (of: string[]) => {
        const contents = await ledger().filedContent('a', of)
        for (const { messageId, bytes } of contents)
          expect(bytes!.equals(all.find((one) => one.messageId === messageId)!.bytes)).toBe(true)
        return contents.map(({ messageId }) => ids.indexOf(messageId))
      }
      expect(await given(ids)).toEqual([0, 1])
      expect(await given(ids.slice(2))).toEqual([2, 3])
      const search = { partnerId: 'a', documentTypes: ['CEB311Message'], operations: ['10.1.1.1.1'], limit: 10 }
      const { messages, contents } = await ledger().filed({ ...search, contents: 10 })
      expect([messages.length, contents!.length]).toEqual([4, 3])
    })

    test('a document larger than all that are given together is given alone', async () => {
      const huge = message({ bytes: Buffer.alloc(mostContentBytes + 1, 'x') })
      const small = message()
      for (const one of [huge, small]) await ledger().record(interchange([one]))
      const [first, ...others] = await ledger().filedContent('a', [huge.messageId, small.messageId])
      expect([first!.bytes!.length, others]).toEqual([mostContentBytes + 1, []])
    })
  })
}
