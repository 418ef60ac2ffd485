// The part of the ledger's contract about notices: who is told, once, and what is kept of what nobody wanted.
import { describe, expect, test } from 'vitest'
import { newId } from '../../messages/ids.js'
import type { Receipt } from '../../messages/receipt.js'
import type { Ledger, LedgerEvents, NewMessage, Settlement } from '../../store/ledger.js'
import { at, given, interchange, message, receiptOf } from './ledger-given.js'

export function ledgerNotices(ledger: () => Ledger & LedgerEvents): void {
  const reply = async (text: string) =>
    (
      await ledger().recordReply({
        replyId: newId('rep'),
        agency: 'gacc',
        mediaType: 'application/xml',
        bytes: Buffer.from(text),
        receivedAt: at(1),
      })
    ).replyId
  const news = (partners: string[]): NonNullable<Settlement['notice']> => {
    const noticeId = newId('ntc')
    const receipt = (): Receipt => ({
      ...receiptOf(noticeId, 'E1', 'submitted'),
      stage: 'notice',
      agency: 'gacc',
      operation: '18.2.1.1.1',
    })
    return {
      noticeId,
      documentType: 'DEC_RESULT',
      operations: ['18.2.1.1.1'],
      references: ['E1'],
      faults: [],
      deliveries: partners.map((partnerId) => ({ partnerId, channel: 'http', receipt: receipt() })),
    }
  }

  describe('notices', () => {
    test('each partner is asked once, by its most exact subscription; others are not told of it', async () => {
      const [granted, asked] = [
        { now: at(0), granted: true },
        { now: at(0), granted: false },
      ]
      await ledger().subscribe('a', { operation: '18', channel: 'http' }, granted)
      await ledger().subscribe('a', { operation: '18.2.1.1.1', reference: 'E1', channel: 'sftp' }, granted)
      await ledger().subscribe('b', { operation: '18.2', reference: 'E2', channel: 'http' }, asked)
      expect(await ledger().subscribers('18.2.1.1.1', ['E1'])).toEqual([
        { partnerId: 'a', channel: 'sftp', granted: true },
      ])
      expect(await ledger().subscribers('18.2.1.1.1', ['E2'])).toEqual([
        { partnerId: 'b', channel: 'http', granted: false },
        { partnerId: 'a', channel: 'http', granted: true },
      ])
      expect(await ledger().subscribers('19.1.1.1.1', ['E1'])).toEqual([])
      expect(await ledger().subscriptions('a')).toEqual([
        { operation: '18', channel: 'http', granted: true },
        { operation: '18.2.1.1.1', reference: 'E1', channel: 'sftp', granted: true },
      ])
      expect(await ledger().unsubscribe('a', '18.2.1.1.1', 'E1')).toBe(true)
      expect(await ledger().unsubscribe('a', '18.2.1.1.1', 'E1')).toBe(false)
      expect(await ledger().subscribers('18.2.1.1.1', ['E1'])).toEqual([
        { partnerId: 'a', channel: 'http', granted: true },
      ])
    })

    test('a grant stays when the partner asks again, covers a whole operation, and keeps to its limit', async () => {
      const asked = { now: at(0), granted: false, most: 2 }
      const about = (reference: string, channel: 'http' | 'sftp' = 'http') =>
        ({ operation: '18.2.1.1.1', reference, channel }) as const
      expect(await ledger().subscribe('a', about('E1'), asked)).toBe(true)
      expect(await ledger().grant('a', '18.2.1.1.1', 'E9')).toBe(false)
      expect(await ledger().grant('a', '18.2.1.1.1', 'E1')).toBe(true)
      expect(await ledger().subscribe('a', about('E2'), asked)).toBe(true)
      expect(await ledger().subscribe('a', about('E3'), asked)).toBe(false)
      expect(await ledger().subscribe('a', about('E1', 'sftp'), asked), 'no new one').toBe(true)
      expect(await ledger().subscriptions('a')).toEqual([
        { ...about('E1', 'sftp'), granted: true },
        { ...about('E2'), granted: false },
      ])
      await ledger().subscribe('a', { operation: '18', channel: 'http' }, { now: at(0), granted: true })
      expect(await ledger().subscribers('18.2.1.1.1', ['E2'])).toEqual([
        { partnerId: 'a', channel: 'http', granted: true },
      ])
    })

    test('a message subscribes in the write that records it; the same bytes change nothing (promise 8)', async () => {
      const about = { operation: '18.2.1.1.1', reference: 'E1', channel: 'sftp', granted: false } as const
      const [asks, ends] = [
        message({ subscription: { ...about, ends: false } }),
        message({ subscription: { ...about, ends: true } }),
      ]
      const record = async (one: NewMessage) =>
        (await ledger().record(interchange([{ ...one, messageId: newId('msg') }], { partnerId: 'a' }))).map(
          ({ outcome }) => outcome,
        )
      expect(await record(asks)).toEqual(['recorded'])
      expect(await ledger().subscriptions('a')).toEqual([
        { operation: '18.2.1.1.1', reference: 'E1', channel: 'sftp', granted: false },
      ])
      expect(await record(ends)).toEqual(['recorded'])
      expect(await ledger().subscriptions('a')).toEqual([])
      expect(await record(asks)).toEqual(['duplicate'])
      expect(await ledger().subscriptions('a')).toEqual([])
    })

    test('a notice and its receipts are one write; settled twice it is told once (promise 7)', async () => {
      const heard: string[] = []
      const off = ledger().receipts(({ partnerId }) => heard.push(partnerId))
      const replyId = await reply('<n/>')
      await ledger().settle({ replyId, entries: [], orphan: false, notice: news(['a', 'b']) }, at(2))
      await ledger().settle({ replyId, entries: [], orphan: false, notice: news(['a', 'b']) }, at(3))
      off()
      expect(heard).toEqual(['a', 'b'])
      const [box] = await ledger().mailbox('a', 0, 10)
      expect(box).toMatchObject({ receipt: { stage: 'notice', reference: 'E1' }, returnState: 'owed' })
      expect(await ledger().getReceipt(box!.receipt.receiptId)).toMatchObject({ partnerId: 'a', channel: 'http' })
      expect(await ledger().acknowledge('b', box!.receipt.receiptId, at(4))).toBe(false)
      expect(await ledger().acknowledge('a', box!.receipt.receiptId, at(4))).toBe(true)
      expect(await ledger().notices(10)).toMatchObject([
        { operations: ['18.2.1.1.1'], references: ['E1'], deliveries: 2, receivedAt: at(1).toISOString() },
      ])
    })

    test('one whose number is taught while it is being told is looked at again and told once (promise 2)', async () => {
      const { accepted, ended } = given(ledger)
      const [early, late] = [await accepted(), await accepted()]
      const number = (value: string) => [{ name: 'entryId', value }]
      const told = async (value: string) => {
        const replyId = await reply(`<n>${value}</n>`)
        const settlement = { replyId, entries: [], orphan: false, notice: news(['b']), orphanKeys: number(value) }
        return { replyId, settle: (seconds: number) => ledger().settle(settlement, at(seconds)) }
      }
      const open = async () => (await ledger().unsettledReplies(10)).map(({ replyId }) => replyId)
      // Nobody was found by its number; before that is written another hub hears of the number.
      const first = await told('E1')
      await ended(early, { outcome: 'submitted', learn: number('E1') })
      await first.settle(2)
      expect(await open()).toEqual([first.replyId])
      // Its owner is not found by it even so: then it is a notice, and nobody is told a second time.
      await first.settle(3)
      expect(await open()).toEqual([])
      // What is taught afterwards finds the notice by itself.
      const second = await told('E2')
      await second.settle(4)
      expect(await open()).toEqual([])
      await ended(late, { outcome: 'submitted', learn: number('E2') })
      expect(await open()).toEqual([second.replyId])
      expect((await ledger().mailbox('b', 0, 10)).map(({ receipt }) => receipt.stage)).toEqual(['notice', 'notice'])
    })

    test('one that nobody wanted is kept all the same', async () => {
      await ledger().settle({ replyId: await reply('<n2/>'), entries: [], orphan: true, notice: news([]) }, at(2))
      expect((await ledger().notices(10)).map((n) => n.deliveries)).toEqual([0])
      expect((await ledger().counts()).orphans).toBe(1)
    })
  })
}
