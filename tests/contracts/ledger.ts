// The contract of a ledger, for every implementation: what store/ledger.ts promises, as sentences.
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId } from '../../messages/ids.js'
import { bodyOfAnswer, receiptBody, type Receipt } from '../../messages/receipt.js'
import { placeOfTry } from '../../messages/try-id.js'
import type { Ledger, LedgerEvents, NewMessage, Settlement } from '../../store/ledger.js'
import { ledgerAttachments } from './ledger-attachments.js'
import { ledgerDoubts } from './ledger-doubts.js'
import { ledgerConflicts } from './ledger-conflicts.js'
import { ledgerAgencyHolds } from './ledger-agency-holds.js'
import { ledgerRetention } from './ledger-retention.js'
import { ledgerLists } from './ledger-lists.js'
import { ledgerFiled } from './ledger-filed.js'
import { ledgerGrants } from './ledger-grants.js'
import { ledgerQuestions } from './ledger-questions.js'
import { ledgerOperators } from './ledger-operators.js'
import { ledgerNotices } from './ledger-notices.js'
import { ledgerSentForms } from './ledger-sent-forms.js'
import { ledgerOrder } from './ledger-order.js'
import { at, given, interchange, message, receiptOf, submissionOf, type LedgerEngine } from './ledger-given.js'

export interface LedgerFactory {
  open(): Promise<Ledger & LedgerEvents>
  /** Opens the same ledger again after it was closed. */
  reopen(): Promise<Ledger & LedgerEvents>
  remove(): Promise<void>
}

export function ledgerContract(name: string, makeFactory: () => LedgerFactory, engine: LedgerEngine = {}): void {
  describe(name, () => {
    let factory: LedgerFactory
    let ledger: Ledger & LedgerEvents
    beforeEach(async () => {
      factory = makeFactory()
      ledger = await factory.open()
    })
    afterEach(async () => {
      await ledger.close()
      await factory.remove()
    })
    const { accepted, claimed, settle } = given(() => ledger)
    ledgerDoubts(() => ledger)
    ledgerNotices(() => ledger)
    ledgerGrants(() => ledger)
    ledgerQuestions(() => ledger)
    ledgerOperators(() => ledger)
    ledgerFiled(() => ledger)
    ledgerOrder(() => ledger)
    ledgerConflicts(() => ledger)
    ledgerSentForms(() => ledger)
    ledgerAgencyHolds(() => ledger)
    ledgerLists(() => ledger)
    ledgerAttachments(() => ledger)
    ledgerRetention(() => ledger, engine)

    describe('taking', () => {
      test('what was recorded is there after the ledger was closed and opened again (promises 1, 5)', async () => {
        const bytes = Buffer.from([0, 255, 10, 13, 0xc4, 0xe3])
        const m = await accepted({
          bytes,
          attachments: [{ name: '发票.pdf', bytes: Buffer.from('%PDF'), mediaType: 'application/pdf' }],
        })
        await ledger.close()
        ledger = await factory.reopen()
        expect((await ledger.getContent(m.messageId))!.bytes!.equals(bytes)).toBe(true)
        const view = (await ledger.getMessage(m.messageId))!
        expect(view).toMatchObject({
          state: 'accepted',
          attachments: [{ name: '发票.pdf', size: 4, mediaType: 'application/pdf' }],
          receipts: [{ receipt: m.receipt }],
        })
        expect((await claimed(m)).work).toMatchObject({
          attempt: 1,
          reference: m.reference,
          attachments: [{ name: '发票.pdf' }],
        })
      })

      test('the same bytes again get the first receipt, also within one interchange (promise 8)', async () => {
        const m = await accepted()
        const again = { ...message({ reference: m.reference, bytes: m.bytes }), sha256: m.sha256 }
        const third = { ...message({ reference: m.reference, bytes: m.bytes }), sha256: m.sha256 }
        expect(await ledger.record(interchange([again, third]))).toEqual(
          [1, 2].map(() => ({ outcome: 'duplicate', messageId: m.messageId, receipt: m.receipt })),
        )
        expect((await ledger.getMessage(m.messageId))!.repeats).toBe(2)
        expect(await ledger.getMessage(again.messageId)).toBeUndefined()
        const twin = message()
        expect(
          (
            await ledger.record(
              interchange([
                twin,
                { ...message({ reference: twin.reference, bytes: twin.bytes }), sha256: twin.sha256 },
              ]),
            )
          ).map((r) => r.outcome),
        ).toEqual(['recorded', 'duplicate'])
      })

      test('other bytes under the same reference are a conflict while the first stands (promise 8)', async () => {
        const m = await accepted()
        const other = () => message({ reference: m.reference, bytes: Buffer.from(`other ${Math.random()}`) })
        const outcome = async () => (await ledger.record(interchange([other()])))[0]!.outcome
        expect(await outcome()).toBe('conflict')
        const { fence } = await claimed(m)
        expect(await outcome()).toBe('conflict')
        await ledger.endAttempt(
          { submissionId: submissionOf(m), fence },
          { outcome: 'unclear', code: 'HUB_AGENCY_CUT', detail: '' },
          at(2),
        )
        expect(await outcome()).toBe('conflict')
        await ledger.resolveUnclear(submissionOf(m), { decision: 'taken', why: 'asked' }, at(3))
        expect(await outcome()).toBe('conflict')
        await settle(m, 'approved')
        expect(await outcome()).toBe('conflict')
      })

      test('after the first was rejected or given up, other bytes are a correction and are taken', async () => {
        const rejected = await accepted()
        await settle(rejected, 'rejected')
        const mended = message({ reference: rejected.reference, bytes: Buffer.from('mended') })
        expect(await ledger.record(interchange([mended]))).toEqual([{ outcome: 'recorded' }])
        const dead = await accepted()
        const { fence } = await claimed(dead)
        await ledger.endAttempt(
          { submissionId: submissionOf(dead), fence },
          { outcome: 'dead', code: 'HUB_AGENCY_REFUSED', detail: '' },
          at(2),
        )
        expect(
          await ledger.record(
            interchange([{ ...message({ reference: dead.reference, bytes: dead.bytes }), sha256: dead.sha256 }]),
          ),
        ).toMatchObject([{ outcome: 'duplicate' }])
        expect(
          await ledger.record(interchange([message({ reference: dead.reference, bytes: Buffer.from('mended 2') })])),
        ).toEqual([{ outcome: 'recorded' }])
      })

      test('a refused message claims nothing: the mended one comes under the same reference', async () => {
        const refused = message({ refused: true })
        expect(await ledger.record(interchange([refused]))).toEqual([{ outcome: 'recorded' }])
        expect((await ledger.getMessage(refused.messageId))!.state).toBe('refused')
        expect(
          await ledger.record(interchange([message({ reference: refused.reference, bytes: Buffer.from('mended') })])),
        ).toEqual([{ outcome: 'recorded' }])
      })

      test('the same reference of two partners is two messages, and neither sees the other (promise 9)', async () => {
        const mine = await accepted()
        const theirs = message({ reference: mine.reference, bytes: mine.bytes })
        expect(await ledger.record(interchange([theirs], { partnerId: 'b' }))).toEqual([{ outcome: 'recorded' }])
        expect(await ledger.getMessage(mine.messageId, 'b')).toBeUndefined()
        expect(await ledger.getContent(mine.messageId, 'b')).toBeUndefined()
        expect((await ledger.findMessages({ partnerId: 'b', limit: 10 })).messages.map((m) => m.messageId)).toEqual([
          theirs.messageId,
        ])
        expect(await ledger.acknowledge('b', mine.receipt.receiptId, at(1))).toBe(false)
      })

      test('one message that cannot be recorded takes no other with it, though they share a commit', async () => {
        const good = message()
        const twice = message()
        const results = await Promise.allSettled([
          ledger.record(interchange([twice])),
          ledger.record(interchange([{ ...twice, identity: 'other' }])),
          ledger.record(interchange([good])),
        ])
        expect(results.map((r) => r.status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
        expect(await ledger.getMessage(good.messageId)).toBeDefined()
      })
    })

    describe('sending', () => {
      test('of many claims at once exactly one wins (promise 3)', async () => {
        const m = await accepted()
        const outcomes = (
          await Promise.all(Array.from({ length: 20 }, () => ledger.claim(submissionOf(m), at(1))))
        ).map((c) => c.outcome)
        expect(outcomes.filter((o) => o === 'claimed')).toHaveLength(1)
        expect(outcomes.filter((o) => o === 'interrupted')).toHaveLength(19)
      })

      test('an agency with a form of its own is sent that at every try, and found by what it cites of it', async () => {
        const own = { bytes: Buffer.from("UNB+UNOA:3'"), keys: [{ name: 'interchangeReference', value: 'REF1' }] }
        const m = await accepted({
          submissions: [
            { submissionId: newId('sub'), agency: 'gacc', sent: own },
            { submissionId: newId('sub'), agency: 'mot' },
          ],
        })
        const { fence } = await claimed(m)
        await ledger.endAttempt(
          { submissionId: submissionOf(m), fence },
          { outcome: 'retry', at: at(2), code: 'HUB_AGENCY_BUSY', detail: '503' },
          at(2),
        )
        expect((await claimed(m, at(2))).work.bytes).toEqual(own.bytes)
        const other = await ledger.claim(m.submissions[1]!.submissionId, at(1))
        expect(other.outcome === 'claimed' && other.work.bytes).toEqual(m.bytes)
        expect((await ledger.ownersOf('gacc', own.keys[0]!))[0]?.submissionId).toBe(submissionOf(m))
        expect(await ledger.ownersOf('mot', own.keys[0]!)).toEqual([])
        expect([
          (await ledger.getForwarded(m.messageId))!.bytes,
          (await ledger.getContent(m.messageId))!.bytes,
        ]).toEqual([own.bytes, m.bytes])
      })

      test('a retry is due when it says, under the next attempt number, with every attempt kept', async () => {
        const m = await accepted()
        const { fence } = await claimed(m)
        expect(
          await ledger.endAttempt(
            { submissionId: submissionOf(m), fence },
            { outcome: 'retry', at: at(60), code: 'HUB_AGENCY_BUSY', detail: '503' },
            at(2),
          ),
        ).toBe(true)
        expect(await ledger.claim(submissionOf(m), at(59))).toEqual({ outcome: 'later', at: at(60) })
        expect(await ledger.dueSubmissions(at(59), 10)).toEqual([])
        expect(await ledger.dueSubmissions(at(60), 10)).toEqual([
          { submissionId: submissionOf(m), agency: 'gacc', partnerId: 'a' },
        ])
        expect((await claimed(m, at(60))).work.attempt).toBe(2)
        expect((await ledger.getMessage(m.messageId))!.submissions[0]!.attempts).toMatchObject([
          { attempt: 1, outcome: 'retry', code: 'HUB_AGENCY_BUSY' },
          { attempt: 2 },
        ])
      })

      test('what waits for a time of a clock that was ahead is due once the clock is set back', async () => {
        const longest = { retryMs: 60_000, tryMs: 30_000, returnMs: 60_000, answerMs: 60_000 }
        const bound = () => ledger.boundWaits(longest, ['sftp'], at(0))
        const day = 86_400
        const [waiting, underWay, soon] = [await accepted(), await accepted(), await accepted()]
        const given = await accepted({}, { channel: 'sftp' })
        const receipt = await settle(given, 'approved')
        expect(await bound()).toBe(0)
        for (const [m, seconds] of [
          [waiting, day],
          [soon, 0],
        ] as const) {
          const attempt = { submissionId: submissionOf(m), fence: (await claimed(m, at(seconds))).fence }
          const retry = { outcome: 'retry' as const, at: at(seconds + 60), code: 'HUB_AGENCY_BUSY', detail: '503' }
          expect(await ledger.endAttempt(attempt, retry, at(seconds))).toBe(true)
        }
        await claimed(underWay, at(day))
        await ledger.endReturn(receipt.receiptId, { outcome: 'retry', at: at(day + 60), error: 'away' }, at(day))
        // A wait that can have been set stays as it is.
        expect(await bound()).toBe(3)
        expect(await bound()).toBe(0)
        expect(await ledger.claim(submissionOf(soon), at(59))).toEqual({ outcome: 'later', at: at(60) })
        expect((await claimed(waiting, at(0))).work.attempt).toBe(2)
        expect(await ledger.dueReturns(['sftp'], at(0), { limit: 10 })).toHaveLength(1)
        // Its worker has the time of one try from now on; then it is seen that it did not come back.
        expect(await ledger.claim(submissionOf(underWay), at(29), { abandonedBefore: at(-1) })).toEqual({
          outcome: 'later',
          at: at(30),
        })
        expect(await ledger.interruptedSubmissions(at(0), 10, ['gacc'])).toContainEqual({
          submissionId: submissionOf(underWay),
          agency: 'gacc',
          partnerId: 'a',
        })
        expect((await ledger.claim(submissionOf(underWay), at(31), { abandonedBefore: at(1) })).outcome).toBe(
          'interrupted',
        )
      })

      test('a try that may still be under way is left alone: its worker ends it (promise 3)', async () => {
        const m = await accepted()
        const { fence } = await claimed(m)
        const attempt = { submissionId: submissionOf(m), fence }
        // Nobody who asks before the try is over takes it from its worker.
        expect(await ledger.claim(submissionOf(m), at(20), { abandonedBefore: at(0) })).toEqual({
          outcome: 'later',
          at: at(21),
        })
        expect(await ledger.renewAttempt(attempt, at(25))).toBe(true)
        expect(await ledger.claim(submissionOf(m), at(40), { abandonedBefore: at(20) })).toEqual({
          outcome: 'later',
          at: at(45),
        })
        const taken = await ledger.claim(submissionOf(m), at(60), { abandonedBefore: at(40) })
        expect(taken).toMatchObject({ outcome: 'interrupted', startedAt: at(25) })
        // From then on it is not its own any more: it sends nothing.
        expect(await ledger.renewAttempt(attempt, at(61))).toBe(false)
        if (taken.outcome !== 'interrupted') throw new Error(taken.outcome)
        expect(await ledger.renewAttempt({ submissionId: submissionOf(m), fence: taken.fence }, at(62))).toBe(true)
      })

      test('of a try that is in doubt it is known at which place it was made', async () => {
        const m = await accepted()
        const first = await ledger.claim(submissionOf(m), at(1), { place: '3f09a2c1' })
        if (first.outcome !== 'claimed') throw new Error(first.outcome)
        const attempt = { submissionId: submissionOf(m), fence: first.fence }
        await ledger.endAttempt(attempt, { outcome: 'unclear', code: 'HUB_AGENCY_CUT', detail: '' }, at(2))
        const seen = await ledger.claim(submissionOf(m), at(3), { place: 'aaaaaaaa' })
        expect(seen).toMatchObject({ outcome: 'done', state: 'unclear', attemptId: first.fence })
        expect(placeOfTry(first.fence)).toBe('3f09a2c1')
      })

      test('an old fence changes nothing, but "taken" is believed of a worker given up for lost', async () => {
        const m = await accepted()
        const lost = await claimed(m)
        const found = await ledger.claim(submissionOf(m), at(30))
        if (found.outcome !== 'interrupted') throw new Error(found.outcome)
        expect(found.startedAt).toEqual(at(1))
        expect(
          await ledger.endAttempt(
            { submissionId: submissionOf(m), fence: lost.fence },
            { outcome: 'retry', at: at(31), code: 'X', detail: '' },
            at(31),
          ),
        ).toBe(false)
        expect(
          await ledger.endAttempt(
            { submissionId: submissionOf(m), fence: found.fence },
            { outcome: 'unclear', code: 'HUB_INTERRUPTED', detail: '' },
            at(31),
          ),
        ).toBe(true)
        expect((await ledger.getMessage(m.messageId))!.state).toBe('unclear')
        expect(await ledger.unclearSubmissions(10)).toHaveLength(1)
        expect(
          await ledger.endAttempt(
            { submissionId: submissionOf(m), fence: lost.fence },
            { outcome: 'submitted' },
            at(32),
          ),
        ).toBe(true)
        expect((await ledger.getMessage(m.messageId))!.state).toBe('submitted')
      })

      test('submissions about one document go one after another; an unclear one holds the rest', async () => {
        const [first, second, third] = [
          await accepted({ order: 'doc-1' }),
          await accepted({ order: 'doc-1' }),
          await accepted({ order: 'doc-1' }),
        ]
        const unrelated = await accepted({ order: 'doc-2' })
        const foreign = await accepted({ order: 'doc-1' }, { partnerId: 'b' })
        expect(await ledger.claim(submissionOf(second), at(1))).toEqual({
          outcome: 'behind',
          submissionId: submissionOf(first),
        })
        await claimed(unrelated)
        await claimed(foreign)
        const { fence } = await claimed(first)
        await ledger.endAttempt(
          { submissionId: submissionOf(first), fence },
          { outcome: 'unclear', code: 'HUB_AGENCY_CUT', detail: '' },
          at(2),
        )
        expect((await ledger.claim(submissionOf(second), at(3))).outcome).toBe('behind')
        await ledger.resolveUnclear(submissionOf(first), { decision: 'taken', why: 'asked' }, at(4))
        expect(await ledger.nextBehind(submissionOf(first))).toEqual({
          submissionId: submissionOf(second),
          agency: 'gacc',
          partnerId: 'a',
        })
        await claimed(second, at(5))
        expect((await ledger.claim(submissionOf(third), at(5))).outcome).toBe('behind')
      })

      test('interrupted submissions are found by their begin; due ones come in pages, oldest first', async () => {
        const all = []
        for (let i = 0; i < 5; i++) all.push(await accepted({}, { receivedAt: at(i) }))
        const ids = all.map(submissionOf)
        const page = await ledger.dueSubmissions(at(10), 3)
        expect(page.map((s) => s.submissionId)).toEqual(ids.slice(0, 3))
        expect((await ledger.dueSubmissions(at(10), 3, page[2]!.submissionId)).map((s) => s.submissionId)).toEqual(
          ids.slice(3),
        )
        await claimed(all[0]!, at(20))
        expect(await ledger.interruptedSubmissions(at(19), 10, ['gacc'])).toEqual([])
        expect(await ledger.interruptedSubmissions(at(20), 10, ['mot', 'gacc'])).toHaveLength(1)
      })

      test('interrupted ones are found past those of an agency nobody serves any more', async () => {
        const gone = await accepted({ submissions: [{ submissionId: newId('sub'), agency: 'old' }] })
        const known = await accepted()
        await claimed(gone, at(1))
        await claimed(known, at(2))
        expect(await ledger.interruptedSubmissions(at(20), 1, ['gacc'])).toEqual([
          { submissionId: submissionOf(known), agency: 'gacc', partnerId: 'a' },
        ])
      })

      test('a dead letter is replayed from its first attempt, its history kept', async () => {
        const m = await accepted()
        const { fence } = await claimed(m)
        await ledger.endAttempt(
          { submissionId: submissionOf(m), fence },
          { outcome: 'dead', code: 'HUB_ATTEMPTS_EXHAUSTED', detail: '' },
          at(2),
        )
        expect((await ledger.getMessage(m.messageId))!.state).toBe('failed')
        expect(await ledger.replay(submissionOf(m), at(3))).toBe(true)
        expect(await ledger.replay(submissionOf(m), at(3))).toBe(false)
        expect((await claimed(m, at(4))).work.attempt).toBe(1)
        expect((await ledger.getMessage(m.messageId))!.submissions[0]!.attempts).toHaveLength(2)
      })
    })

    describe('answers', () => {
      test('a reply is kept once, and settling it twice gives one receipt (promise 7)', async () => {
        const m = await accepted()
        const { fence } = await claimed(m)
        await ledger.endAttempt({ submissionId: submissionOf(m), fence }, { outcome: 'submitted' }, at(1))
        const reply = {
          replyId: newId('rep'),
          agency: 'gacc',
          mediaType: 'application/xml',
          bytes: Buffer.from('<r/>'),
          receivedAt: at(1),
        }
        expect(await ledger.recordReply(reply)).toEqual({ replyId: reply.replyId, known: false })
        expect(await ledger.recordReply({ ...reply, replyId: newId('rep') })).toEqual({
          replyId: reply.replyId,
          known: true,
        })
        expect((await ledger.unsettledReplies(10)).map((r) => r.replyId)).toEqual([reply.replyId])
        const receipt: Receipt = { ...receiptOf(m.messageId, m.reference), stage: 'business', status: 'approved' }
        const settlement: Settlement = {
          replyId: reply.replyId,
          orphan: false,
          entries: [
            {
              submissionId: submissionOf(m),
              status: 'approved',
              learn: [{ name: 'seqNo', value: 'S1' }],
              receipt,
              receiptReturn: 'owed',
            },
          ],
        }
        await ledger.settle(settlement, at(2))
        await ledger.settle(
          { ...settlement, entries: [{ ...settlement.entries[0]!, receipt: { ...receipt, receiptId: newId('rcp') } }] },
          at(3),
        )
        expect(await ledger.unsettledReplies(10)).toEqual([])
        expect((await ledger.getMessage(m.messageId))!.receipts).toHaveLength(2)
        expect((await ledger.ownersOf('gacc', { name: 'seqNo', value: 'S1' }))[0]).toMatchObject({
          submissionId: submissionOf(m),
        })
        expect(await ledger.ownersOf('mofcom', { name: 'seqNo', value: 'S1' })).toEqual([])
      })

      test('a receipt from the agency wins over every doubt: unclear, given up', async () => {
        for (const end of [
          { outcome: 'unclear', code: 'X', detail: '' },
          { outcome: 'dead', code: 'X', detail: '' },
        ] as const) {
          const m = await accepted()
          const { fence } = await claimed(m)
          await ledger.endAttempt({ submissionId: submissionOf(m), fence }, end, at(2))
          await settle(m, 'processing')
          expect((await ledger.getMessage(m.messageId))!.submissions[0]).toMatchObject({
            state: 'submitted',
            status: 'processing',
          })
        }
      })

      test('a receipt that fits an original and its waiting change is the original’s (promise 2)', async () => {
        const key = { name: 'copNo', value: 'COP-1' }
        const original = await accepted({ keys: [key], order: 'cop-1' })
        const { fence } = await claimed(original)
        await ledger.endAttempt({ submissionId: submissionOf(original), fence }, { outcome: 'submitted' }, at(2))
        const change = await accepted({ keys: [key], order: 'cop-1' })
        expect((await ledger.ownersOf('gacc', key))[0]).toMatchObject({ messageId: original.messageId })
        const trying = await claimed(change, at(3))
        expect((await ledger.ownersOf('gacc', key))[0]).toMatchObject({ messageId: original.messageId })
        await ledger.endAttempt(
          { submissionId: submissionOf(change), fence: trying.fence },
          { outcome: 'retry', at: at(9), code: 'HUB_AGENCY_BUSY', detail: '503' },
          at(4),
        )
        await settle(change, 'processing')
        expect((await ledger.getMessage(change.messageId))!.submissions[0]).toMatchObject({ state: 'queued' })
        await claimed(change, at(9))
      })

      test('a status never goes back when receipts come out of order, but every receipt is kept', async () => {
        const m = await accepted()
        for (const status of ['approved', 'processing', 'released', 'approved'] as const) await settle(m, status)
        const view = (await ledger.getMessage(m.messageId))!
        expect(view.state).toBe('released')
        expect(view.receipts).toHaveLength(5)
      })

      test('a key two partners both use gives an orphan, no receipt for the wrong house (promise 9)', async () => {
        const key = { name: 'orderNo', value: 'SAME-1' }
        const mine = await accepted({ keys: [key] })
        // Nothing has left the hub yet, so no agency can speak of it.
        expect(await ledger.ownersOf('gacc', key)).toEqual([])
        await claimed(mine)
        expect((await ledger.ownersOf('gacc', key))[0]).toMatchObject({ messageId: mine.messageId })
        await claimed(await accepted({ keys: [key] }, { partnerId: 'b' }))
        expect((await ledger.ownersOf('gacc', key)).map(({ partnerId }) => partnerId)).toEqual(['b', 'a'])
      })

      test('documents of two kinds may bear one number: a receipt that says its kind finds its own', async () => {
        const key = { name: 'bondedSeqNo', value: '900000000000000001' }
        const list = await accepted({ keys: [key], documentType: 'InvtMessage' })
        await claimed(list)
        await claimed(await accepted({ keys: [key], documentType: 'PassPortMessage' }, { partnerId: 'b' }))
        expect((await ledger.ownersOf('gacc', key, ['InvtMessage', 'INV101']))[0]).toMatchObject({
          messageId: list.messageId,
        })
        expect(await ledger.ownersOf('gacc', key, ['SAS101'])).toEqual([])
      })
    })

    describe('returning', () => {
      test('the mailbox holds owed receipts in order until acknowledged; `after` never skips one', async () => {
        const m = await accepted()
        const receipts = [await settle(m, 'processing'), await settle(m, 'approved'), await settle(m, 'released')]
        const box = await ledger.mailbox('a', 0, 10)
        expect(box.map((r) => r.receipt.receiptId)).toEqual(receipts.map((r) => r.receiptId))
        expect((await ledger.mailbox('a', box[0]!.seq, 10)).map((r) => r.receipt.receiptId)).toEqual(
          receipts.slice(1).map((r) => r.receiptId),
        )
        expect(await ledger.mailbox('b', 0, 10)).toEqual([])
        for (let twice = 0; twice < 2; twice++)
          expect(await ledger.acknowledge('a', receipts[0]!.receiptId, at(5))).toBe(true)
        expect(await ledger.mailbox('a', 0, 10)).toHaveLength(2)
        expect((await ledger.counts()).receiptsOwed).toBe(2)
        // All at once, what was acknowledged before among them; of another partner none.
        const all = [...receipts.map((r) => r.receiptId), 'rcp_none']
        expect(await ledger.acknowledgeAll('b', all, at(6))).toEqual([])
        expect(await ledger.acknowledgeAll('a', all, at(6))).toEqual(receipts.map((r) => r.receiptId))
        expect(await ledger.mailbox('a', 0, 10)).toEqual([])
        expect((await ledger.counts()).receiptsOwed).toBe(0)
      })

      test('receipts share the bytes of their answer; large bodies show their size; pages end at 8 MB', async () => {
        const answer = (bytes: Buffer) => ({
          replyId: newId('rep'),
          agency: 'gacc',
          mediaType: 'application/xml',
          bytes,
          receivedAt: at(2),
        })
        async function toldTo(receivers: number, bytes: Buffer): Promise<Receipt[]> {
          const { replyId } = await ledger.recordReply(answer(bytes))
          const entries: Settlement['entries'] = []
          for (let i = 0; i < receivers; i++) {
            const m = await accepted()
            const receipt: Receipt = {
              ...receiptOf(m.messageId, m.reference, 'accepted'),
              stage: 'business',
              body: bodyOfAnswer(bytes, 'application/xml', receivers),
            }
            entries.push({
              submissionId: submissionOf(m),
              status: 'approved',
              learn: [],
              receipt,
              receiptReturn: 'owed',
            })
          }
          await ledger.settle({ replyId, orphan: false, entries }, at(3))
          return entries.map(({ receipt }) => receipt)
        }
        const text = Buffer.from(`<a>${'测'.repeat(300_000)}</a>`)
        const shared = await toldTo(12, text)
        expect(JSON.stringify(shared).length, 'kept once').toBeLessThan(10_000)
        const first = await ledger.mailbox('a', 0, 100)
        expect(first.length).toBeGreaterThan(1)
        expect(first.length, 'a page of 8 MB').toBeLessThan(12)
        expect(first[0]!.receipt.body).toEqual({
          mediaType: 'application/xml',
          encoding: 'utf-8',
          content: text.toString(),
        })
        const rest = await ledger.mailbox('a', first.at(-1)!.seq, 100)
        expect([...first, ...rest].map(({ receipt }) => receipt.receiptId)).toEqual(
          shared.map(({ receiptId }) => receiptId),
        )
        const huge = Buffer.alloc(3 << 20, '\xe9', 'latin1')
        const [big] = await toldTo(1, huge)
        const said = { mediaType: 'application/xml', size: 3 << 20, href: `/v1/receipts/${big!.receiptId}/body` }
        expect((await ledger.getReceipt(big!.receiptId))!.receipt.body).toEqual(said)
        const [last] = await ledger.receiptsAfter('a', rest.at(-1)!.seq, 10)
        expect(last!.receipt.body).toEqual(said)
        expect((await ledger.receiptBody(big!.receiptId))!.bytes.equals(huge)).toBe(true)
        expect((await ledger.receiptBody(shared[5]!.receiptId))!.bytes.equals(text)).toBe(true)
        expect(await ledger.receiptBody('rcp_none')).toBeUndefined()
        const view = (await ledger.getMessage(big!.messageId))!
        expect(view.receipts.find(({ receipt }) => receipt.body)!.receipt.body).toEqual(said)
      })

      test('a receipt with a body of megabytes from an older hub shows its size and gives its bytes', async () => {
        const m = await accepted()
        const body = receiptBody(Buffer.alloc(2 << 20, 'x'), 'text/plain')
        const receipt: Receipt = { ...receiptOf(m.messageId, m.reference), stage: 'business', body }
        await ledger.addReceipt(
          { receipt, submissionId: submissionOf(m), status: 'failed', receiptReturn: 'owed' },
          at(3),
        )
        const href = `/v1/receipts/${receipt.receiptId}/body`
        expect((await ledger.mailbox('a', 0, 10))[0]!.receipt.body).toEqual({
          mediaType: 'text/plain',
          size: 2 << 20,
          href,
        })
        expect((await ledger.receiptBody(receipt.receiptId))!.bytes.toString()).toBe(body.content)
      })

      test('answers that are not settled yet are read some megabytes at a time, and none is left out', async () => {
        const ids: string[] = []
        for (let i = 0; i < 4; i++) {
          const reply = {
            replyId: newId('rep'),
            agency: 'gacc',
            mediaType: 'text/plain',
            bytes: Buffer.alloc(15 << 20, String(i)),
            receivedAt: at(2),
          }
          ids.push((await ledger.recordReply(reply)).replyId)
        }
        const found: string[] = []
        for (let page = 0; ; page++) {
          const replies = await ledger.unsettledReplies(500, found.at(-1))
          if (replies.length === 0) break
          expect(replies.length).toBeLessThanOrEqual(2)
          found.push(...replies.map(({ replyId }) => replyId))
        }
        expect(found).toEqual(ids)
      })

      test('a receipt owed to a push channel is due until delivered; a failed try is put off (promise 4)', async () => {
        const told: string[] = []
        ledger.receipts(({ receiptId }) => told.push(receiptId))
        const m = await accepted({}, { channel: 'sftp', filename: 'x.xml' })
        const receipt = await settle(m, 'approved')
        expect(told).toEqual([receipt.receiptId])
        expect(await ledger.mailbox('a', 0, 10)).toEqual([])
        expect(await ledger.dueReturns(['sftp'], at(3), { limit: 10 })).toEqual([
          { receiptId: receipt.receiptId, partnerId: 'a', channel: 'sftp' },
        ])
        await ledger.endReturn(receipt.receiptId, { outcome: 'retry', at: at(60), error: 'disk full' }, at(3))
        expect(await ledger.dueReturns(['sftp'], at(59), { limit: 10 })).toEqual([])
        expect(await ledger.getReceipt(receipt.receiptId)).toMatchObject({
          returnState: 'owed',
          returnAttempts: 1,
          lastError: 'disk full',
          filename: 'x.xml',
        })
        await ledger.endReturn(receipt.receiptId, { outcome: 'delivered' }, at(60))
        expect(await ledger.dueReturns(['sftp'], at(99), { limit: 10 })).toEqual([])
        expect((await ledger.getMessage(m.messageId))!.state).toBe('approved')
      })

      test('owed receipts are walked through page by page, though some move on meanwhile', async () => {
        const owed: string[] = []
        for (let i = 0; i < 6; i++) {
          const m = await accepted({}, { channel: i % 2 === 0 ? 'sftp' : 'sftp-poll' })
          owed.push((await settle(m, 'approved')).receiptId)
        }
        const walked: string[] = []
        for (let after: string | undefined; ;) {
          const page = await ledger.dueReturns(['sftp', 'sftp-poll'], at(9), { limit: 2, after })
          if (page.length === 0) break
          walked.push(...page.map(({ receiptId }) => receiptId))
          after = page.at(-1)!.receiptId
          await ledger.endReturn(after, { outcome: 'retry', at: at(60), error: 'away' }, at(9))
        }
        expect(walked).toEqual(owed)
      })
    })

    describe('reading', () => {
      test('searches by reference, operation, state and time, newest first, in pages', async () => {
        const sent: NewMessage[] = []
        for (let i = 0; i < 7; i++) sent.push(await accepted({}, { receivedAt: at(i) }))
        await settle(sent[3]!, 'rejected')
        const all = await ledger.findMessages({ partnerId: 'a', limit: 4 })
        expect(all.messages.map((m) => m.messageId)).toEqual([6, 5, 4, 3].map((i) => sent[i]!.messageId))
        const rest = await ledger.findMessages({ partnerId: 'a', limit: 4, cursor: all.cursor! })
        expect(rest.messages.map((m) => m.messageId)).toEqual([2, 1, 0].map((i) => sent[i]!.messageId))
        expect(rest.cursor).toBeUndefined()
        const only = async (query: object) =>
          (await ledger.findMessages({ limit: 10, ...query })).messages.map((m) => m.messageId)
        expect(await only({ reference: sent[2]!.reference })).toEqual([sent[2]!.messageId])
        expect(await only({ state: 'rejected' })).toEqual([sent[3]!.messageId])
        expect(await only({ partnerId: 'a', since: at(5) })).toEqual([sent[6]!.messageId, sent[5]!.messageId])
        expect(await only({ operation: '1.1.2.1.1' })).toEqual([])
      })

      test('counts follow every change', async () => {
        const [one] = [await accepted(), await accepted(), await accepted()]
        await ledger.record(interchange([message({ refused: true })]))
        const { fence } = await claimed(one)
        await ledger.endAttempt(
          { submissionId: submissionOf(one), fence },
          { outcome: 'dead', code: 'X', detail: '' },
          at(2),
        )
        expect(await ledger.counts()).toMatchObject({
          messages: 4,
          refused: 1,
          orphans: 0,
          agencies: [
            { agency: 'gacc', queued: 2, submitting: 0, submitted: 0, dead: 1, oldestQueuedAt: at(0).toISOString() },
          ],
        })
      })
    })

    test('partners and their secrets: found by the digest only, not when disabled, not after revoking', async () => {
      const settings = { rights: ['*'], receipts: 'hub' as const, defaults: {} }
      await ledger.putPartner({ partnerId: 'a', name: '测试甲有限公司', settings, sshKeys: [] })
      await ledger.putSecret({ partnerId: 'a', kind: 'http', sha256: 'digest', label: 'first' })
      expect(await ledger.findBySecret('http', 'digest')).toMatchObject({
        partnerId: 'a',
        name: '测试甲有限公司',
        settings,
      })
      expect(await ledger.findBySecret('sftp', 'digest')).toBeUndefined()
      await ledger.putPartner({ partnerId: 'a', name: 'A', settings, sshKeys: ['ssh-ed25519 AAAA'], disabled: true })
      expect(await ledger.findBySecret('http', 'digest')).toBeUndefined()
      expect((await ledger.listPartners()).map((p) => p.disabled)).toEqual([true])
      expect(await ledger.revokeSecrets('a', 'http')).toBe(1)
    })

    test('a key is listed by its id without its secret, is taken back alone, and expires', async () => {
      const settings = { rights: ['*'], receipts: 'hub' as const, defaults: {} }
      await ledger.putPartner({ partnerId: 'a', name: '测试甲有限公司', settings, sshKeys: [] })
      await ledger.putSecret({ partnerId: 'a', kind: 'http', sha256: 'digest-1', label: 'first', secretId: 'key_1' })
      const expiresAt = new Date(Date.now() + 3_600_000)
      await ledger.putSecret({
        partnerId: 'a',
        kind: 'http',
        sha256: 'digest-2',
        label: 'second',
        secretId: 'key_2',
        expiresAt,
      })
      expect(await ledger.findBySecret('http', 'digest-1')).toMatchObject({ partnerId: 'a', secretId: 'key_1' })
      expect(await ledger.findBySecret('http', 'digest-2')).toMatchObject({ secretId: 'key_2', expiresAt })
      expect(await ledger.findBySecret('http', 'digest-2', expiresAt)).toBeUndefined()
      await ledger.ping()
      const listed = await ledger.secrets('a')
      expect(listed).toMatchObject([
        { secretId: 'key_1', kind: 'http', label: 'first' },
        { secretId: 'key_2', kind: 'http', label: 'second', expiresAt },
      ])
      expect(listed[0]!.lastUsedAt!.getTime()).toBeGreaterThan(Date.now() - 60_000)
      expect(JSON.stringify(listed)).not.toContain('digest')
      expect(await ledger.revokeSecret('b', 'key_1')).toBe(false)
      expect(await ledger.revokeSecret('a', 'key_1')).toBe(true)
      expect(await ledger.findBySecret('http', 'digest-1')).toBeUndefined()
      expect(await ledger.findBySecret('http', 'digest-2')).toBeDefined()
    })

    test('what a person did and who it was are one write: both are kept, or neither', async () => {
      const entry = (action: string) => ({ at: at(1), who: 'anna', action, target: 'x', why: 'because' })
      const settings = { rights: [], receipts: 'hub' as const, defaults: {} }
      const partner = { partnerId: 'a', name: '测试甲有限公司', settings, sshKeys: [], disabled: false }
      await ledger.audited(entry('done'), () => ledger.changePartner('a', () => partner))
      expect(await ledger.audited(entry('nothing to do'), () => ledger.replay('sub_none', at(1)))).toBe(false)
      const broken = ledger.audited(entry('failed'), () =>
        ledger.changePartner('a', () => {
          throw new Error('no')
        }),
      )
      await expect(broken).rejects.toThrow('no')
      // An entry belongs to one write; what others write meanwhile has none.
      await Promise.all([
        ledger.audited(entry('again'), async () => {
          await ledger.changePartner('a', (old) => ({ ...old!, disabled: true }))
          await ledger.ping()
        }),
        ledger.putSecret({ partnerId: 'a', kind: 'http', sha256: 'digest', label: 'beside it' }),
      ])
      expect((await ledger.audits(10)).map(({ action }) => action)).toEqual(['again', 'done'])
    })
  })
}
