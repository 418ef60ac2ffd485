// ledger-retention — the part of the contract about bytes that are not kept for ever: what may go, and that nothing
// but the bytes does.
import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { newId } from '../../messages/ids.js'
import { bodyOfAnswer } from '../../messages/receipt.js'
import type { Ledger, LedgerEvents } from '../../store/ledger.js'
import { at, ends, given, interchange, message, submissionOf, type LedgerEngine } from './ledger-given.js'

export function ledgerRetention(ledger: () => Ledger & LedgerEvents, { tidy }: LedgerEngine): void {
  const { accepted, claimed, ended, answered, settle, viewOf, submissionViewOf, outcomeOf } = given(ledger)
  const gone = ({ messageId }: { messageId: string }, ...replyIds: string[]) => ({ messageId, replyIds })
  const later = () => new Date(Date.now() + 60_000)
  const openOf = async (messageId: string) =>
    (await ledger().keptBefore(later(), 500)).find((kept) => kept.messageId === messageId)?.open
  const acknowledged = async (receiptId: string) => expect(await ledger().acknowledge('a', receiptId, at(9))).toBe(true)

  describe('letting go', () => {
    test('what may still be sent, and what a receipt is still owed for, keeps its bytes', async () => {
      const [waiting, under, retried, unclear, dead, unread] = [
        await accepted(),
        await accepted(),
        await accepted(),
        await accepted(),
        await accepted(),
        await accepted(),
      ] as const
      const made = [waiting, under, retried, unclear, dead, unread]
      await claimed(under)
      await ended(retried, ends.retry)
      await ended(unclear, ends.unclear)
      await ended(dead, ends.dead)
      await settle(unread, 'approved')
      for (const { messageId } of made) expect(await openOf(messageId)).toBe(true)
      expect(
        await ledger().letGo(
          made.map((m) => gone(m)),
          at(10),
        ),
      ).toBe(0)
      for (const m of made) expect((await ledger().getContent(m.messageId))!.bytes).toEqual(m.bytes)
      expect(await ledger().whereabouts(dead.messageId)).toBeUndefined()
      // A person has closed the one, the partner has read the other.
      expect(await ledger().dropDead(submissionOf(dead))).toBe(true)
      await acknowledged((await viewOf(unread)).receipts.at(-1)!.receipt.receiptId)
      expect(
        await ledger().letGo(
          made.map((m) => gone(m)),
          at(10),
        ),
      ).toBe(2)
    })

    test('of refused messages so many bytes are kept a day; the day begins at midnight in China', async () => {
      const refused = async (receivedAt: string) => {
        const one = message({ refused: true, bytes: Buffer.from(randomBytes(3_000).toString('base64')) })
        const day = { receivedAt: new Date(receivedAt), refusedQuota: 5_000 }
        expect(await ledger().record(interchange([one], day))).toMatchObject([{ outcome: 'recorded' }])
        return (await ledger().getContent(one.messageId))?.bytes !== undefined
      }
      expect(await refused('2026-03-10T22:00:00+08:00')).toBe(true)
      expect(await refused('2026-03-10T23:59:59+08:00')).toBe(false)
      expect(await refused('2026-03-11T00:00:00+08:00')).toBe(true)
      expect(await refused('2026-03-11T08:30:00+08:00')).toBe(false)
    })

    test('what a legal hold names keeps its bytes until it is released, or its day has passed', async () => {
      const done = async (over: Parameters<typeof accepted>[0] = {}) => {
        const one = await accepted(over)
        await acknowledged((await settle(one, 'approved')).receiptId)
        return one
      }
      const [byId, bySender, free] = [await done(), await done({ senders: ['测试公司甲'] }), await done()]
      const by = { who: 'anna', why: '稽查' }
      const heldOf = async ({ messageId }: { messageId: string }) =>
        (await ledger().keptBefore(later(), 500)).find((kept) => kept.messageId === messageId)?.held === true
      const holds = [
        await ledger().hold({ kind: 'message', value: byId.messageId, ...by }, at(9)),
        await ledger().hold({ kind: 'company', value: '测试公司甲', ...by, until: later() }, at(9)),
      ]
      // Part of a code is another company; and one whose day has passed holds nothing.
      await ledger().hold({ kind: 'company', value: '测试公司', ...by }, at(9))
      await ledger().hold({ kind: 'message', value: free.messageId, ...by, until: at(1) }, at(9))
      expect(await Promise.all([byId, bySender, free].map(heldOf))).toEqual([true, true, false])
      expect(
        await ledger().letGo(
          [byId, bySender, free].map((m) => gone(m)),
          at(10),
        ),
      ).toBe(1)
      expect((await ledger().getContent(byId.messageId))!.bytes).toEqual(byId.bytes)

      expect(await ledger().releaseHold(holds[0]!.n, { who: 'bob', why: '结案' }, at(11))).toBe(true)
      expect(await ledger().releaseHold(holds[0]!.n, { who: 'bob', why: '结案' }, at(11))).toBe(false)
      expect((await ledger().legalHolds(at(12), true)).find(({ n }) => n === holds[0]!.n)).toMatchObject({
        released: { who: 'bob', why: '结案', at: at(11) },
      })
      expect(await ledger().letGo([gone(byId), gone(bySender)], at(12))).toBe(1)

      await expect(ledger().hold({ kind: 'partner', value: 'nobody', ...by }, at(13))).rejects.toMatchObject({
        code: 'HUB_OPS_NOT_FOUND',
      })
      await ledger().putPartner({ partnerId: 'a', name: '测试企业', settings: { rights: [] } as never, sshKeys: [] })
      await ledger().hold({ kind: 'partner', value: 'a', ...by }, at(13))
      expect(await heldOf(await done())).toBe(true)
    })

    test('questions to agencies are found by themselves, so that filings are not walked through for them', async () => {
      const filing = await accepted()
      const question = await accepted({ submissions: [{ submissionId: newId('qry'), agency: 'gacc' }] })
      for (const one of [filing, question]) await acknowledged(await settle(one, 'approved').then((r) => r.receiptId))
      const found = await ledger().keptBefore(later(), 500, { only: 'questions' })
      expect(found.map(({ messageId, open }) => [messageId, open])).toEqual([[question.messageId, false]])
      expect(await ledger().letGo([gone(question)], at(10))).toBe(1)
      expect(await ledger().keptBefore(later(), 500, { only: 'questions' })).toEqual([])
      expect((await ledger().getContent(filing.messageId))!.bytes).toEqual(filing.bytes)
    })

    test('only the bytes go: state, history and receipts stay, and it says where the bytes are', async () => {
      const sent = { bytes: Buffer.from('UNB+UNOA'), keys: [] }
      const m = await accepted({
        forwarded: Buffer.from('<made/>'),
        attachments: [{ name: '合同.pdf', bytes: Buffer.from('%PDF') }],
        submissions: [{ submissionId: newId('sub'), agency: 'gacc', sent }],
      })
      const { receiptId } = await settle(m, 'approved')
      await acknowledged(receiptId)
      const before = await viewOf(m)
      const kept = (await ledger().kept(m.messageId))!
      expect(kept).toMatchObject({
        bytes: m.bytes,
        forwarded: Buffer.from('<made/>'),
        attachments: [{ name: '合同.pdf', bytes: Buffer.from('%PDF') }],
        sent: [{ submissionId: submissionOf(m), bytes: sent.bytes }],
      })
      const place = { file: 'messages-20290101T000000Z.jsonl.gz', position: 17, length: 400 }
      expect(await ledger().letGo([{ ...gone(m), place }], at(100))).toBe(1)
      expect(await ledger().letGo([{ ...gone(m), place: { ...place, position: 99 } }], at(200))).toBe(0)
      expect(await viewOf(m)).toEqual({
        ...before,
        attachments: [],
        letGo: { at: at(100).toISOString(), archive: place.file },
      })
      expect(await ledger().whereabouts(m.messageId)).toEqual({ at: at(100), place })
      expect(await ledger().kept(m.messageId)).toBeUndefined()
      expect((await ledger().getContent(m.messageId))!.bytes).toBeUndefined()
      expect((await ledger().getForwarded(m.messageId))!.bytes).toBeUndefined()
      expect(await ledger().getContent(m.messageId, 'somebody else')).toBeUndefined()
      expect(await openOf(m.messageId)).toBeUndefined()
    })

    test('years later the same file is the same, and another under its reference a conflict (promise 8)', async () => {
      const m = await accepted()
      await acknowledged((await settle(m, 'released')).receiptId)
      await ledger().letGo([gone(m)], at(100))
      expect(await outcomeOf(m, m.bytes)).toEqual({ outcome: 'duplicate', messageId: m.messageId, receipt: m.receipt })
      expect(await outcomeOf(m, Buffer.from('other'))).toEqual({ outcome: 'conflict', messageId: m.messageId })
      expect(await ledger().dueSubmissions(later(), 10)).toEqual([])
      expect((await ledger().claim(submissionOf(m), later())).outcome).toBe('done')
    })

    test('an agency that speaks of it years later is heard', async () => {
      const m = await accepted({ keys: [{ name: 'entry', value: '010120260000000001' }] })
      await ended(m, ends.submitted)
      await ledger().letGo([gone(m)], at(100))
      expect((await ledger().ownersOf('gacc', { name: 'entry', value: '010120260000000001' }))[0]).toMatchObject({
        submissionId: submissionOf(m),
        messageId: m.messageId,
      })
      await answered(m, 'released')
      expect(await submissionViewOf(m)).toMatchObject({ status: 'released' })
      expect((await viewOf(m)).state).toBe('released')
    })

    test('an answer about two messages keeps its bytes until both have gone, and is known again for good', async () => {
      const pair = [await accepted(), await accepted()]
      for (const m of pair) await ended(m, ends.submitted)
      const reply = { agency: 'gacc', mediaType: 'application/xml', bytes: Buffer.from('<both/>'), receivedAt: at(2) }
      const { replyId } = await ledger().recordReply({ replyId: newId('rep'), ...reply })
      const entries = pair.map((m) => ({
        submissionId: submissionOf(m),
        status: 'released' as const,
        learn: [],
        receipt: { ...m.receipt, receiptId: newId('rcp'), stage: 'business' as const, status: 'released' as const },
        receiptReturn: 'delivered' as const,
      }))
      await ledger().settle({ replyId, orphan: false, entries }, at(3))
      await ledger().letGo([gone(pair[0]!, replyId)], at(100))
      expect((await ledger().kept(pair[1]!.messageId))!.replies).toMatchObject([{ replyId, bytes: reply.bytes }])
      await ledger().letGo([gone(pair[1]!, replyId)], at(100))
      expect(await ledger().recordReply({ replyId: newId('rep'), ...reply })).toEqual({ replyId, known: true })
      expect(await ledger().unsettledReplies(10)).toEqual([])
    })

    test('what a receipt gives as its body stays when the message it answers goes', async () => {
      const m = await accepted()
      await ended(m, ends.submitted)
      const bytes = Buffer.alloc(2 << 20, 'x')
      const reply = { agency: 'gacc', mediaType: 'text/plain', bytes, receivedAt: at(2) }
      const { replyId } = await ledger().recordReply({ replyId: newId('rep'), ...reply })
      const receipt = {
        ...m.receipt,
        receiptId: newId('rcp'),
        stage: 'business' as const,
        status: 'released' as const,
        body: bodyOfAnswer(bytes, 'text/plain', 1),
      }
      const entry = { submissionId: submissionOf(m), status: 'released' as const, learn: [], receipt }
      await ledger().settle({ replyId, orphan: false, entries: [{ ...entry, receiptReturn: 'delivered' }] }, at(3))
      expect(await ledger().letGo([gone(m, replyId)], at(100))).toBe(1)
      expect((await ledger().receiptBody(receipt.receiptId))!.bytes.equals(bytes)).toBe(true)
    })

    test('a question goes after its days with what answered it, read or not; its receipt stays', async () => {
      const m = await accepted({ submissions: [{ submissionId: newId('qry'), agency: 'gacc' }] })
      const only = 'questions' as const
      expect(await ledger().keptBefore(later(), 500, { only })).toMatchObject([{ messageId: m.messageId, open: true }])
      await ended(m, ends.submitted)
      const bytes = Buffer.from('<rows/>')
      const reply = { agency: 'gacc', mediaType: 'application/xml', bytes, receivedAt: at(2) }
      const { replyId } = await ledger().recordReply({ replyId: newId('rep'), ...reply })
      const receipt = {
        ...m.receipt,
        receiptId: newId('rcp'),
        stage: 'business' as const,
        status: 'approved' as const,
        body: { mediaType: 'application/xml', size: bytes.length },
      }
      const entry = { submissionId: submissionOf(m), status: 'approved' as const, learn: [], receipt }
      await ledger().settle({ replyId, orphan: false, entries: [{ ...entry, receiptReturn: 'owed' }] }, at(3))
      const bodyNow = async () => (await ledger().getReceipt(receipt.receiptId))!.receipt.body
      expect(await bodyNow()).toMatchObject({ content: '<rows/>' })
      expect(await openOf(m.messageId), 'as a filing it would be open').toBe(true)
      expect(await ledger().keptBefore(later(), 500, { only })).toMatchObject([{ messageId: m.messageId, open: false }])
      expect(await ledger().letGo([{ ...gone(m, replyId), question: true }], at(100))).toBe(1)
      expect(await bodyNow()).toEqual({
        mediaType: 'application/xml',
        size: bytes.length,
        href: `/v1/receipts/${receipt.receiptId}/body`,
      })
      await expect(ledger().receiptBody(receipt.receiptId)).rejects.toMatchObject({ code: 'HUB_RESULT_DELETED' })
      expect((await viewOf(m)).receipts.map((one) => one.receipt.status)).toEqual(['accepted', 'approved'])
      expect(await ledger().recordReply({ replyId: newId('rep'), ...reply })).toEqual({ replyId, known: true })
    })

    test('an answer nobody waits for any more is known again, without its bytes', async () => {
      const m = await accepted({ submissions: [{ submissionId: newId('qry'), agency: 'gacc' }] })
      const bytes = Buffer.from('<late/>')
      const reply = { agency: 'gacc', submissionId: submissionOf(m), mediaType: 'text/xml', bytes, receivedAt: at(2) }
      const { replyId } = await ledger().recordReply({ replyId: newId('rep'), ...reply })
      await ledger().settle({ replyId, orphan: false, entries: [], dropsBytes: true }, at(3))
      expect(await ledger().recordReply({ replyId: newId('rep'), ...reply })).toEqual({ replyId, known: true })
      expect(await ledger().unsettledReplies(10)).toEqual([])
    })

    test('they are found page by page, the oldest first, with when they were last heard of', async () => {
      const made = [await accepted(), message({ refused: true }), await accepted()]
      await ledger().record(interchange([made[1]!]))
      await answered(made[2]!, 'processing')
      const pages = [await ledger().keptBefore(later(), 2)]
      pages.push(await ledger().keptBefore(later(), 2, { after: pages[0]!.at(-1)!.messageId }))
      expect(pages.flat()).toEqual([
        { messageId: made[0]!.messageId, state: 'accepted', operation: '10.1.1.1.1', lastHeardAt: at(0), open: true },
        { messageId: made[1]!.messageId, state: 'refused', operation: '10.1.1.1.1', lastHeardAt: at(0), open: false },
        { messageId: made[2]!.messageId, state: 'accepted', operation: '10.1.1.1.1', lastHeardAt: at(2), open: true },
      ])
      expect(await ledger().keptBefore(new Date(Date.now() - 3_600_000), 10)).toEqual([])
    })

    test('the space that becomes free is used by what comes after', async () => {
      const filed = async () => {
        const m = message({ bytes: randomBytes(200_000), submissions: [] })
        await ledger().record(interchange([m]))
        return m.messageId
      }
      const old = [await filed(), await filed(), await filed(), await filed(), await filed()]
      await ledger().counts()
      const { spare, bytes } = ledger().size()
      await ledger().letGo(
        old.map((messageId) => gone({ messageId })),
        at(100),
      )
      // An engine that finds free space in its own time does not count it.
      if (tidy) await tidy()
      else expect(ledger().size().spare - spare).toBeGreaterThan(900_000)
      for (let i = 0; i < 4; i++) await filed()
      await ledger().counts()
      expect(ledger().size().bytes - bytes).toBeLessThan(tidy ? 200_000 : 1)
    })
  })
}
