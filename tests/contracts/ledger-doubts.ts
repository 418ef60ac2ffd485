// ledger-doubts — the part of the contract where a declaration could be lost or doubled: corrections, late knowledge,
// races, and things that happen twice or out of order.
import { describe, expect, test } from 'vitest'
import { newId } from '../../messages/ids.js'
import type { AttemptEnd, Ledger, LedgerEvents } from '../../store/ledger.js'
import { until } from '../support/until.js'
import { at, ends, given, interchange, message, receiptOf, submissionOf } from './ledger-given.js'

export function ledgerDoubts(ledger: () => Ledger & LedgerEvents): void {
  const { accepted, claimed, interrupted, ended, answered, settle, viewOf, submissionViewOf, outcomeOf } = given(ledger)

  describe('the same reference again', () => {
    const firsts: Record<string, { make: () => Promise<Awaited<ReturnType<typeof accepted>>>; free: boolean }> = {
      'is waiting to be sent': { make: () => accepted(), free: false },
      'is being sent': {
        make: async () => {
          const m = await accepted()
          await claimed(m)
          return m
        },
        free: false,
      },
      'waits to be sent again': {
        make: async () => {
          const m = await accepted()
          await ended(m, ends.retry)
          return m
        },
        free: false,
      },
      'is unclear': {
        make: async () => {
          const m = await accepted()
          await ended(m, ends.unclear)
          return m
        },
        free: false,
      },
      'was taken by the agency': {
        make: async () => {
          const m = await accepted()
          await ended(m, ends.submitted)
          return m
        },
        free: false,
      },
      'is being processed': {
        make: async () => {
          const m = await accepted()
          await settle(m, 'processing')
          return m
        },
        free: false,
      },
      'was approved': {
        make: async () => {
          const m = await accepted()
          await settle(m, 'approved')
          return m
        },
        free: false,
      },
      'was released': {
        make: async () => {
          const m = await accepted()
          await settle(m, 'released')
          return m
        },
        free: false,
      },
      'was rejected by the agency': {
        make: async () => {
          const m = await accepted()
          await settle(m, 'rejected')
          return m
        },
        free: true,
      },
      'failed at the agency': {
        make: async () => {
          const m = await accepted()
          await settle(m, 'failed')
          return m
        },
        free: true,
      },
      'was given up': {
        make: async () => {
          const m = await accepted()
          await ended(m, ends.dead)
          return m
        },
        free: true,
      },
    }
    test.each(Object.entries(firsts))(
      'when the first one %s: the same bytes get the first answer, other bytes what is due to them (promise 8)',
      async (_, { make, free }) => {
        const first = await make()
        const same = { outcome: 'duplicate', messageId: first.messageId, receipt: first.receipt }
        expect(await outcomeOf(first, first.bytes)).toEqual(same)
        expect(await outcomeOf(first, Buffer.from('other'))).toEqual(
          free ? { outcome: 'recorded' } : { outcome: 'conflict', messageId: first.messageId },
        )
        // Also after a correction has taken its place: an old file sent once more is not filed once more.
        expect(await outcomeOf(first, first.bytes)).toEqual(same)
        expect((await viewOf(first)).repeats).toBe(2)
      },
    )

    test('owed to three agencies, a message keeps its reference until the last has turned it down', async () => {
      const three = ['gacc', 'msa', 'nia'].map((agency) => ({ submissionId: newId('sub'), agency }))
      const first = await accepted({ submissions: three })
      for (const [i, { submissionId }] of three.entries()) {
        expect((await outcomeOf(first, Buffer.from(`other ${i}`))).outcome).toBe('conflict')
        const claim = await ledger().claim(submissionId, at(1))
        if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
        await ledger().endAttempt({ submissionId, fence: claim.fence }, ends.dead, at(2))
      }
      expect((await outcomeOf(first, Buffer.from('mended'))).outcome).toBe('recorded')
    })

    test('a dead letter that a correction has replaced is never sent again (promise 3)', async () => {
      const first = await accepted()
      await ended(first, ends.dead)
      const correction = message({ reference: first.reference, bytes: Buffer.from('mended') })
      await ledger().record(interchange([correction]))
      expect(await ledger().replay(submissionOf(first), at(5))).toBe(false)
      expect(await ledger().claim(submissionOf(first), at(6))).toEqual({ outcome: 'done', state: 'dead' })
      // The correction itself, given up in turn, can be sent again.
      await ended(correction, ends.dead)
      expect(await ledger().replay(submissionOf(correction), at(7))).toBe(true)
    })
  })

  test('an interchange is taken whole or not at all (promise 1)', async () => {
    const there = await accepted()
    const first = message({ attachments: [{ name: 'a.pdf', bytes: Buffer.from('%PDF') }] })
    const bystander = message()
    const [whole, other] = await Promise.allSettled([
      ledger().record(interchange([first, { ...message(), messageId: there.messageId }])),
      ledger().record(interchange([bystander])),
    ])
    expect([whole.status, other.status]).toEqual(['rejected', 'fulfilled'])
    expect(await ledger().getMessage(first.messageId)).toBeUndefined()
    expect(await ledger().claim(submissionOf(first), at(1))).toEqual({ outcome: 'done', state: 'unknown' })
    expect((await ledger().counts()).messages).toBe(2)
    // Nothing of it stands in the way when it comes again.
    expect(await ledger().record(interchange([first]))).toEqual([{ outcome: 'recorded' }])
  })

  describe('who is believed', () => {
    test('a worker of an earlier attempt changes nothing, whatever it says', async () => {
      for (const end of Object.values(ends)) {
        const m = await accepted()
        const old = await ended(m, { ...ends.retry, at: at(2) })
        await claimed(m, at(3))
        expect(await ledger().endAttempt({ submissionId: submissionOf(m), fence: old }, end, at(4))).toBe(false)
        expect((await submissionViewOf(m)).state).toBe('submitting')
      }
    })

    test('one attempt ends once: the second end of it changes nothing', async () => {
      for (const end of [ends.submitted, ends.retry, ends.dead]) {
        const m = await accepted()
        const fence = await ended(m, end)
        const before = await viewOf(m)
        for (const again of Object.values(ends))
          expect(await ledger().endAttempt({ submissionId: submissionOf(m), fence }, again, at(9))).toBe(false)
        expect(await viewOf(m)).toEqual(before)
      }
    })

    test('"taken" is believed while all others doubt, also from a worker that went missing', async () => {
      for (const teller of ['missing', 'parker'] as const) {
        const m = await accepted()
        const missing = await claimed(m)
        const parker = await interrupted(m)
        await ledger().endAttempt({ submissionId: submissionOf(m), fence: parker.fence }, ends.unclear, at(31))
        expect(
          await ledger().endAttempt(
            { submissionId: submissionOf(m), fence: { missing, parker }[teller].fence },
            { outcome: 'submitted', agencyReference: 'A-1' },
            at(32),
          ),
        ).toBe(true)
        expect(await submissionViewOf(m)).toMatchObject({ state: 'submitted', agencyReference: 'A-1' })
      }
    })

    test('"taken" comes in after somebody decided to send again: it is not sent again (promise 3)', async () => {
      const m = await accepted()
      const fence = await ended(m, ends.unclear)
      expect(await ledger().resolveUnclear(submissionOf(m), { decision: 'resend', why: 'nobody knew' }, at(5))).toBe(
        true,
      )
      expect(await ledger().endAttempt({ submissionId: submissionOf(m), fence }, ends.submitted, at(6))).toBe(true)
      expect(await ledger().claim(submissionOf(m), at(7))).toEqual({ outcome: 'done', state: 'submitted' })
    })

    test('of two that look into an interruption only the last may act', async () => {
      const m = await accepted()
      await claimed(m)
      const [one, other] = [await interrupted(m), await interrupted(m)]
      expect(await ledger().endAttempt({ submissionId: submissionOf(m), fence: one.fence }, ends.unclear, at(31))).toBe(
        false,
      )
      expect(
        await ledger().endAttempt({ submissionId: submissionOf(m), fence: other.fence }, ends.unclear, at(31)),
      ).toBe(true)
    })

    test('who tries again hears what the tries before leave open', async () => {
      const open = async (...before: AttemptEnd[]) => {
        const m = await accepted()
        for (const [n, end] of before.entries()) {
          await ended(m, end, at(n * 100 + 1))
          if (end.outcome === 'unclear')
            await ledger().resolveUnclear(
              submissionOf(m),
              { decision: 'resend', why: '海关确认未收到' },
              at(n * 100 + 2),
            )
        }
        const { mayHaveArrived = false, inDoubt = false } = (await claimed(m, at(before.length * 100 + 1))).work
        return { mayHaveArrived, inDoubt }
      }
      const tried = (n: number, code: string): AttemptEnd => ({ outcome: 'retry', at: at(n * 100), code, detail: '' })
      expect(await open()).toEqual({ mayHaveArrived: false, inDoubt: false })
      expect(await open(tried(1, 'HUB_AGENCY_UNAVAILABLE'))).toEqual({ mayHaveArrived: false, inDoubt: false })
      expect(await open(tried(1, 'HUB_AGENCY_BUSY'))).toEqual({ mayHaveArrived: true, inDoubt: false })
      expect(await open(tried(1, 'HUB_AGENCY_CUT'), tried(2, 'HUB_AGENCY_BUSY'))).toEqual({
        mayHaveArrived: true,
        inDoubt: true,
      })
      expect(await open(tried(1, 'HUB_AGENCY_CUT'), ends.unclear, tried(3, 'HUB_AGENCY_BUSY'))).toEqual({
        mayHaveArrived: true,
        inDoubt: false,
      })
      expect(await open(ends.unclear, tried(2, 'HUB_INTERRUPTED'))).toEqual({ mayHaveArrived: true, inDoubt: true })
    })

    test('what was unclear, and how it was decided, both stay readable', async () => {
      const m = await accepted()
      await ended(m, ends.unclear, at(1))
      await ledger().resolveUnclear(submissionOf(m), { decision: 'taken', why: 'the agency confirmed by phone' }, at(9))
      expect((await submissionViewOf(m)).attempts).toMatchObject([
        {
          outcome: 'resolved: taken',
          code: 'HUB_AGENCY_CUT',
          detail: 'cut; the agency confirmed by phone',
          endedAt: at(1).toISOString(),
        },
      ])
      expect(await ledger().resolveUnclear(submissionOf(m), { decision: 'dead', why: 'too late' }, at(10))).toBe(false)
    })
  })

  describe('the agency speaks', () => {
    test('while the message is being sent: it is taken, and the worker changes nothing any more', async () => {
      const m = await accepted()
      const { fence } = await claimed(m)
      await answered(m, 'processing', { agencyReference: 'A-2' })
      expect(await submissionViewOf(m)).toMatchObject({
        state: 'submitted',
        status: 'processing',
        agencyReference: 'A-2',
        attempts: [{ outcome: 'submitted', endedAt: at(2).toISOString() }],
      })
      for (const end of [ends.unclear, ends.retry, ends.dead])
        expect(await ledger().endAttempt({ submissionId: submissionOf(m), fence }, end, at(3))).toBe(false)
      expect((await viewOf(m)).state).toBe('processing')
    })

    test('of what nobody knows is told since when, to whoever asks the agency', async () => {
      const m = await accepted()
      const { fence } = await claimed(m)
      await ledger().endAttempt({ submissionId: submissionOf(m), fence }, ends.unclear, at(4))
      expect(await ledger().claim(submissionOf(m), at(9))).toEqual({
        outcome: 'done',
        state: 'unclear',
        unclearSince: at(4),
        attemptId: fence,
      })
    })

    test('what a question found about an earlier try sends the newer one not again (promise 3)', async () => {
      const m = await accepted()
      const resend = (attemptId: string) =>
        ledger().resolveUnclear(submissionOf(m), { decision: 'resend', why: 'it has nothing', attemptId }, at(5))
      const first = await ended(m, ends.unclear)
      expect(await resend(first)).toBe(true)
      const second = await ended(m, ends.unclear, at(6))
      // Two had asked; one hung at the agency until now.
      expect(await resend(first)).toBe(false)
      expect((await viewOf(m)).state).toBe('unclear')
      expect(await resend(second)).toBe(true)
    })

    test('after somebody decided in doubt to send again: it is not sent again (promise 3)', async () => {
      for (const decided of ['resend', 'dead'] as const) {
        const key = { name: 'orderNo', value: `O-${decided}` }
        const m = await accepted({ keys: [key] })
        await ended(m, ends.unclear)
        await ledger().resolveUnclear(submissionOf(m), { decision: decided, why: 'nobody knew' }, at(3))
        if (decided === 'dead') expect(await ledger().replay(submissionOf(m), at(4))).toBe(true)
        expect((await ledger().ownersOf('gacc', key))[0]).toMatchObject({ submissionId: submissionOf(m) })
        await answered(m, 'approved')
        expect(await ledger().claim(submissionOf(m), at(9))).toEqual({ outcome: 'done', state: 'submitted' })
        expect((await viewOf(m)).state).toBe('approved')
      }
    })

    test('of what surely was not taken: it is sent all the same, and the receipt is kept (promise 2)', async () => {
      const [fresh, retried] = [await accepted(), await accepted()]
      await ended(retried, ends.retry)
      for (const m of [fresh, retried]) {
        await answered(m, 'approved')
        expect((await viewOf(m)).receipts).toHaveLength(2)
        await claimed(m, at(60))
      }
    })

    test('by a number that a dead letter bears too: it speaks of the change whose try was in doubt', async () => {
      const timeout = { outcome: 'retry', at: at(60), code: 'HUB_AGENCY_TIMEOUT', detail: 'no answer' } as const
      const doubts = {
        'it is being sent': (m: Parameters<typeof ended>[0]) => claimed(m, at(3)),
        'nobody knows': (m: Parameters<typeof ended>[0]) => ended(m, ends.unclear),
        'it is to be sent again': (m: Parameters<typeof ended>[0]) => ended(m, timeout),
        'somebody had it sent again': async (m: Parameters<typeof ended>[0]) => {
          await ended(m, ends.unclear)
          await ledger().resolveUnclear(submissionOf(m), { decision: 'resend', why: 'nobody knew' }, at(4))
        },
      }
      for (const [name, doubt] of Object.entries(doubts)) {
        const key = { name: 'copNo', value: name }
        const original = await accepted({ keys: [key], order: name })
        await ended(original, ends.dead)
        await ledger().dropDead(submissionOf(original))
        const change = await accepted({ keys: [key], order: name })
        await doubt(change)
        expect(
          (await ledger().ownersOf('gacc', key)).map(({ messageId, inDoubt }) => ({ messageId, inDoubt })),
        ).toEqual([
          { messageId: change.messageId, inDoubt: true },
          { messageId: original.messageId, inDoubt: false },
        ])
      }
    })

    test('by a number that a dead letter bears too: not of a change that surely was not taken', async () => {
      const key = { name: 'copNo', value: 'COP-2' }
      const original = await accepted({ keys: [key], order: 'cop-2' })
      await ended(original, ends.dead)
      const change = await accepted({ keys: [key], order: 'cop-2' })
      await ended(change, ends.retry)
      expect((await ledger().ownersOf('gacc', key))[0]).toMatchObject({ messageId: original.messageId, inDoubt: false })
    })

    test('while a try in doubt waits: what it has said counts once the hub knows that it has the message', async () => {
      const doubt = { outcome: 'retry', at: at(60), code: 'HUB_AGENCY_TIMEOUT', detail: 'no answer' } as const
      for (const [end, wanted] of [
        [doubt, 'approved'],
        [ends.retry, 'processing'],
      ] as const) {
        const m = await accepted()
        await ended(m, end)
        await answered(m, 'processing')
        await answered(m, 'approved')
        expect((await viewOf(m)).state).toBe('accepted')
        await ended(m, ends.submitted, at(61))
        // The first answer, given once more to the repeated try.
        await answered(m, 'processing')
        expect((await viewOf(m)).state, end.code).toBe(wanted)
      }
      // The same when it is a receipt that tells, before the repeated try has come back.
      const m = await accepted()
      await ended(m, doubt)
      await answered(m, 'approved')
      await claimed(m, at(61))
      await answered(m, 'processing')
      expect(await submissionViewOf(m)).toMatchObject({ state: 'submitted', status: 'approved' })
    })

    test('after the hub gave up and said so: the hub saying it again changes nothing (promise 7)', async () => {
      const m = await accepted()
      await ended(m, ends.dead)
      const gaveUp = { ...receiptOf(m.messageId, m.reference), stage: 'business' as const, status: 'failed' as const }
      await ledger().addReceipt(
        { receipt: gaveUp, submissionId: submissionOf(m), status: 'failed', receiptReturn: 'owed' },
        at(2),
      )
      expect(await submissionViewOf(m)).toMatchObject({ state: 'dead', status: 'failed' })
      await settle(m, 'approved')
      await ledger().addReceipt(
        { receipt: gaveUp, submissionId: submissionOf(m), status: 'failed', receiptReturn: 'owed' },
        at(3),
      )
      expect(await viewOf(m)).toMatchObject({
        state: 'approved',
        submissions: [{ state: 'submitted', status: 'approved' }],
      })
      expect((await viewOf(m)).receipts).toHaveLength(3)
      const replayed = await accepted()
      await ended(replayed, ends.dead)
      const told = {
        ...receiptOf(replayed.messageId, replayed.reference),
        stage: 'business' as const,
        status: 'failed' as const,
      }
      await ledger().addReceipt(
        { receipt: told, submissionId: submissionOf(replayed), status: 'failed', receiptReturn: 'owed' },
        at(2),
      )
      await ledger().replay(submissionOf(replayed), at(3))
      await ledger().addReceipt(
        { receipt: told, submissionId: submissionOf(replayed), status: 'failed', receiptReturn: 'owed' },
        at(4),
      )
      expect((await submissionViewOf(replayed)).status).toBeUndefined()
    })

    test('the wait for an agency that has it and says nothing ends; what it decided before that stands', async () => {
      const tell = async (m: Awaited<ReturnType<typeof accepted>>) => {
        const receipt = { ...receiptOf(m.messageId, m.reference), stage: 'business', status: 'failed' } as const
        const told = { receipt, submissionId: submissionOf(m), status: 'failed', receiptReturn: 'owed' } as const
        await ledger().addReceipt({ ...told, ends: true }, at(9))
      }
      const [silent, decided] = [await accepted(), await accepted()]
      await ended(silent, ends.submitted)
      await tell(silent)
      expect(await viewOf(silent)).toMatchObject({
        state: 'failed',
        submissions: [{ state: 'submitted', status: 'failed' }],
      })
      await ended(decided, ends.submitted)
      await settle(decided, 'approved')
      const before = await viewOf(decided)
      await tell(decided)
      expect(await viewOf(decided)).toEqual(before)
    })

    test('a failure told by a worker that is no longer heard ends when the agency takes the message', async () => {
      const m = await accepted()
      const { fence } = await claimed(m)
      await ledger().addReceipt(
        {
          receipt: { ...receiptOf(m.messageId, m.reference), stage: 'business', status: 'failed' },
          submissionId: submissionOf(m),
          status: 'failed',
          receiptReturn: 'owed',
        },
        at(2),
      )
      await ledger().endAttempt({ submissionId: submissionOf(m), fence }, ends.submitted, at(3))
      expect(await viewOf(m)).toMatchObject({ state: 'submitted' })
      expect((await outcomeOf(m, Buffer.from('other'))).outcome).toBe('conflict')
    })

    test('a worker that is no longer heard tells nobody of a refusal: another has sent it since', async () => {
      const m = await accepted()
      const { fence } = await claimed(m)
      const failure = {
        receipt: { ...receiptOf(m.messageId, m.reference), stage: 'business', status: 'failed' },
        submissionId: submissionOf(m),
        status: 'failed',
        receiptReturn: 'owed',
      } as const
      const other = await interrupted(m)
      await ledger().endAttempt({ submissionId: submissionOf(m), fence: other.fence }, ends.unclear, at(31))
      await ledger().resolveUnclear(submissionOf(m), { decision: 'resend', why: 'the agency has nothing' }, at(32))
      await ended(m, ends.submitted, at(33))
      const late = { submissionId: submissionOf(m), fence }
      expect(await ledger().endAttempt(late, { ...ends.dead, told: failure }, at(34))).toBe(false)
      expect(await viewOf(m)).toMatchObject({ state: 'submitted', receipts: [{ receipt: { stage: 'technical' } }] })
    })

    test('its own failure is told in the write that ends the try, and a listener hears of it', async () => {
      const m = await accepted()
      const { fence } = await claimed(m)
      const receipt = { ...receiptOf(m.messageId, m.reference), stage: 'business', status: 'failed' } as const
      const heard: string[] = []
      const deaf = ledger().receipts(({ receiptId }) => void heard.push(receiptId))
      const mine = { submissionId: submissionOf(m), fence }
      const told = { receipt, submissionId: submissionOf(m), status: 'failed', receiptReturn: 'owed' } as const
      expect(await ledger().endAttempt(mine, { ...ends.dead, told }, at(2))).toBe(true)
      await until('the listener to hear', () => heard.includes(receipt.receiptId))
      deaf()
      expect(await viewOf(m)).toMatchObject({
        state: 'failed',
        submissions: [{ state: 'dead', status: 'failed' }],
        receipts: [{ receipt: { stage: 'technical' } }, { receipt: { receiptId: receipt.receiptId } }],
      })
    })

    test('the hub giving up on what the agency has frees no reference: the agency has the last word', async () => {
      const m = await accepted()
      await ended(m, ends.submitted)
      await ledger().addReceipt(
        {
          receipt: { ...receiptOf(m.messageId, m.reference), stage: 'business', status: 'failed' },
          submissionId: submissionOf(m),
          status: 'failed',
          receiptReturn: 'owed',
        },
        at(3),
      )
      expect((await viewOf(m)).state).toBe('submitted')
      expect((await outcomeOf(m, Buffer.from('other'))).outcome).toBe('conflict')
      await settle(m, 'released')
      expect((await viewOf(m)).state).toBe('released')
    })

    test.each(['released', 'rejected', 'failed'] as const)(
      '%s is final: later receipts are kept and change nothing',
      async (final) => {
        const m = await accepted()
        await settle(m, final)
        for (const status of ['processing', 'approved', 'released', 'rejected', 'failed'] as const)
          await settle(m, status)
        expect((await submissionViewOf(m)).status).toBe(final)
        expect((await viewOf(m)).receipts).toHaveLength(7)
      },
    )

    test('a reply that was never kept cannot be settled: its receipts would have no proof', async () => {
      const m = await accepted()
      const entry = {
        submissionId: submissionOf(m),
        status: 'approved' as const,
        learn: [],
        receipt: receiptOf(m.messageId, m.reference),
        receiptReturn: 'owed' as const,
      }
      await expect(ledger().settle({ replyId: newId('rep'), orphan: false, entries: [entry] }, at(2))).rejects.toThrow(
        'never recorded',
      )
      expect((await viewOf(m)).state).toBe('accepted')
    })

    test('an answer given again is the one that is known: what it comes to is not written a second time', async () => {
      const m = await accepted()
      const answer = { agency: 'gacc', mediaType: 'text/xml', bytes: Buffer.from(`<r>${m.messageId}</r>`) }
      const come = (seconds: number) => {
        const reply = { ...answer, replyId: newId('rep'), receivedAt: at(seconds) }
        const entry = {
          submissionId: submissionOf(m),
          status: 'approved' as const,
          learn: [],
          receipt: receiptOf(m.messageId, m.reference),
          receiptReturn: 'owed' as const,
        }
        const settlement = { replyId: reply.replyId, withKeeping: true as const, orphan: false, entries: [entry] }
        // In one turn, as the step does it.
        return Promise.all([ledger().recordReply(reply), ledger().settle(settlement, at(seconds))])
      }
      const [first] = await come(2)
      const told = (await viewOf(m)).receipts.length
      const [again] = await come(3)
      expect(again).toEqual({ replyId: first.replyId, known: true })
      expect([told, (await viewOf(m)).receipts.length]).toEqual([2, 2])
    })

    test('an answer that may be of one in doubt is held until it is known whether the agency has that', async () => {
      const m = await accepted()
      const { fence } = await claimed(m)
      const reply = { agency: 'gacc', mediaType: 'text/xml', replyId: newId('rep'), receivedAt: at(3) }
      await ledger().recordReply({ ...reply, bytes: Buffer.from(`<r>${m.messageId}</r>`) })
      const keys = [{ name: 'order', value: m.reference }]
      const held = { types: ['CEB311Message'], cited: [], doubtful: [submissionOf(m)], keys }
      expect(await ledger().settle({ replyId: reply.replyId, entries: [], orphan: false, held }, at(3))).toBe(true)
      const view = async () => (await ledger().heldAnswers(100)).find(({ replyId }) => replyId === reply.replyId)
      await ledger().reopenHeld(100)
      expect(await view()).toMatchObject({ keys, documentTypes: ['CEB311Message'] })
      const timeout = { outcome: 'retry', at: at(5), code: 'HUB_AGENCY_TIMEOUT', detail: 'no answer' } as const
      await ledger().endAttempt({ submissionId: submissionOf(m), fence }, timeout, at(4))
      await ledger().reopenHeld(100)
      expect(await view(), 'its try was in doubt, and is made again').toBeDefined()
      const { fence: last } = await claimed(m, at(6))
      await ledger().endAttempt({ submissionId: submissionOf(m), fence: last }, { outcome: 'submitted' }, at(7))
      await until('it to be free', async () => {
        await ledger().reopenHeld(100)
        return (await view()) === undefined
      })
      expect((await ledger().unsettledReplies(100)).map(({ replyId }) => replyId)).toContain(reply.replyId)
    })

    test('an answer is not settled by what was true before another came', async () => {
      const m = await accepted()
      await settle(m, 'submitted')
      const { messageId } = m
      const submissionId = submissionOf(m)
      expect(await ledger().answersTo([{ messageId, submissionId }])).toEqual([['submitted']])
      const reply = { agency: 'gacc', mediaType: 'text/xml', replyId: newId('rep'), receivedAt: at(3) }
      await ledger().recordReply({ ...reply, bytes: Buffer.from(`<r>${messageId}</r>`) })
      const receipt = { ...receiptOf(messageId, m.reference), stage: 'business' as const, code: 'approved' }
      const entry = { submissionId, status: 'approved' as const, learn: [], receipt, receiptReturn: 'owed' as const }
      const settled = (answers: number) =>
        ledger().settle(
          {
            replyId: reply.replyId,
            orphan: false,
            entries: [entry],
            chosenAmong: [{ messageId, submissionId, answers }],
          },
          at(3),
        )
      expect(await settled(0)).toBe(false)
      expect(await ledger().answersTo([{ messageId, submissionId }])).toEqual([['submitted']])
      expect((await ledger().unsettledReplies(10)).map(({ replyId }) => replyId)).toContain(reply.replyId)
      expect(await settled(1)).toBe(true)
      expect(await ledger().answersTo([{ messageId, submissionId }])).toEqual([['submitted', 'approved']])
      expect(await settled(1), 'settled before: chosen by what was true then').toBe(false)
    })
  })

  describe('order and turns', () => {
    test('the next in line is offered only when it waits: neither under way nor unclear', async () => {
      const [first, second] = [await accepted({ order: 'doc-1' }), await accepted({ order: 'doc-1' })]
      await ended(first, ends.dead)
      expect(await ledger().nextBehind(submissionOf(first))).toEqual({
        submissionId: submissionOf(second),
        agency: 'gacc',
        partnerId: 'a',
      })
      const { fence } = await claimed(second)
      expect(await ledger().nextBehind(submissionOf(first))).toBeUndefined()
      await ledger().endAttempt({ submissionId: submissionOf(second), fence }, ends.unclear, at(2))
      expect(await ledger().nextBehind(submissionOf(first))).toBeUndefined()
    })

    test('a predecessor that was rejected or given up holds nobody; one that waits to be sent again does', async () => {
      for (const [end, outcome] of [
        [ends.dead, 'claimed'],
        [ends.submitted, 'claimed'],
        [ends.retry, 'behind'],
        [ends.unclear, 'behind'],
      ] as const) {
        const order = newId('int')
        const [first, second] = [await accepted({ order }), await accepted({ order })]
        await ended(first, end)
        expect((await ledger().claim(submissionOf(second), at(3))).outcome, end.outcome).toBe(outcome)
      }
    })

    test('going through what is due page by page skips nothing, though earlier ones have moved on', async () => {
      const all = []
      for (let i = 0; i < 5; i++) all.push(await accepted({}, { receivedAt: at(i) }))
      const page = await ledger().dueSubmissions(at(50), 2)
      await ended(all[0]!, ends.submitted, at(10))
      await ended(all[1]!, { ...ends.retry, at: at(40) }, at(11))
      const rest = await ledger().dueSubmissions(at(50), 10, page.at(-1)!.submissionId)
      expect(rest.map((s) => s.submissionId)).toEqual([...all.slice(2), all[1]!].map(submissionOf))
    })

    const question = () => accepted({ submissions: [{ submissionId: newId('qry'), agency: 'gacc' }] })

    test('a question of a copy that is restored is asked again: nobody has to decide', async () => {
      const [waiting, sending] = [await question(), await question()]
      await claimed(sending)
      expect(await ledger().doubtWaiting(at(50), 'a copy of yesterday')).toBe(0)
      expect(await ledger().dueSubmissions(at(99), 10)).toEqual([
        { submissionId: submissionOf(waiting), agency: 'gacc', partnerId: 'a' },
      ])
      expect((await ledger().claim(submissionOf(sending), at(99))).outcome).toBe('interrupted')
    })

    test('questions that were taken and not answered are found in their order, page by page', async () => {
      const all = []
      for (let i = 0; i < 4; i++) all.push(await question())
      const [, taken, answeredOne, alsoTaken] = all.sort((a, b) => (submissionOf(a) < submissionOf(b) ? -1 : 1))
      for (const one of [taken!, answeredOne!, alsoTaken!]) await ended(one, ends.submitted)
      await settle(answeredOne!, 'approved')
      const filed = await accepted()
      await ended(filed, ends.submitted)
      const after = (id: string, limit: number) => ledger().unanswered(id, 'qry_Z', limit)
      const ref = (m: typeof taken) => ({ submissionId: submissionOf(m!), agency: 'gacc', partnerId: 'a' })
      expect(await after('qry_', 10)).toEqual([ref(taken), ref(alsoTaken)])
      expect(await after('qry_', 1)).toEqual([ref(taken)])
      expect(await after(submissionOf(taken!), 10)).toEqual([ref(alsoTaken)])
      expect(await ledger().unanswered('qry_', submissionOf(alsoTaken!), 10)).toEqual([ref(taken)])
    })

    test('of a copy that is restored all that waits is in doubt, and what was sent is not', async () => {
      const [first, second] = [await accepted({ order: 'doc-r' }), await accepted({ order: 'doc-r' })]
      const [sending, retried, sent, doubted] = [await accepted(), await accepted(), await accepted(), await accepted()]
      await claimed(sending)
      await ended(retried, ends.retry)
      await ended(sent, ends.submitted)
      await ended(doubted, ends.unclear)
      expect(await ledger().doubtWaiting(at(50), 'a copy of yesterday')).toBe(5)
      for (const m of [first, second, sending, retried, doubted]) expect((await viewOf(m)).state).toBe('unclear')
      expect((await viewOf(sent)).state).toBe('submitted')
      expect((await submissionViewOf(retried)).attempts.map(({ outcome, code }) => [outcome, code])).toEqual([
        ['retry', 'HUB_AGENCY_BUSY'],
        ['unclear', 'HUB_RESTORED'],
      ])
      expect(await ledger().dueSubmissions(at(99), 10)).toEqual([])
      expect(
        (await ledger().needsAttention('unclear', 10, { agency: 'gacc', code: 'HUB_RESTORED' }))
          .map((s) => s.submissionId)
          .sort(),
      ).toEqual([first, second, sending, retried, doubted].map(submissionOf).sort())
      // Not the last try known is what the agency is to be asked about: it may have been sent at any time since.
      for (const m of [sending, doubted])
        expect(await ledger().claim(submissionOf(m), at(51))).toEqual({
          outcome: 'done',
          state: 'unclear',
          sentSince: at(0),
          attemptId: expect.stringMatching(/^att_/) as string,
        })
      expect(await ledger().needsAttention('unclear', 10, { code: 'HUB_AGENCY_TIMEOUT' })).toEqual([])
      // Page by page all of them, though they have all become unclear in the same moment.
      for (const size of [1, 2, 5]) {
        const met: string[] = []
        for (
          let page = await ledger().unclearSubmissions(size);
          page.length > 0;
          page = await ledger().unclearSubmissions(size, met.at(-1))
        )
          met.push(...page.map((s) => s.submissionId))
        expect(met.sort(), `pages of ${size}`).toEqual(
          [first, second, sending, retried, doubted].map(submissionOf).sort(),
        )
      }
      await ledger().resolveUnclear(submissionOf(second), { decision: 'resend', why: 'they have not' }, at(51))
      expect((await ledger().claim(submissionOf(second), at(52))).outcome).toBe('behind')
      await ledger().resolveUnclear(submissionOf(first), { decision: 'taken', why: 'they have it' }, at(53))
      expect((await ledger().claim(submissionOf(second), at(54))).outcome).toBe('claimed')
    })

    test('pages meet every submission once, whether they fell due together or one after the other', async () => {
      const all = []
      for (const second of [1, 1, 1, 2, 3, 3, 3, 3, 4]) all.push(await accepted({}, { receivedAt: at(second) }))
      const tooEarly = await accepted({}, { receivedAt: at(60) })
      for (const size of [1, 2, 3, 4]) {
        const met: string[] = []
        for (
          let page = await ledger().dueSubmissions(at(50), size);
          page.length > 0;
          page = await ledger().dueSubmissions(at(50), size, met.at(-1))
        )
          met.push(...page.map((s) => s.submissionId))
        expect(met, `pages of ${size}`).toEqual(all.map(submissionOf))
        expect(met).not.toContain(submissionOf(tooEarly))
      }
    })

    test('calls made in one turn take effect in the order they were made', async () => {
      const m = message()
      const [, claim, second] = await Promise.all([
        ledger().record(interchange([m])),
        ledger().claim(submissionOf(m), at(1)),
        ledger().claim(submissionOf(m), at(1)),
      ])
      expect([claim.outcome, second.outcome]).toEqual(['claimed', 'interrupted'])
    })
  })

  describe('being told', () => {
    test('of every receipt owed, once it is on disk; a listener that fails costs nobody a receipt', async () => {
      const seen: (string | undefined)[] = []
      ledger().receipts(() => {
        throw new Error('a listener that fails')
      })
      const stop = ledger().receipts(({ receiptId }) => void seen.push(receiptId))
      const owed = await accepted({ receiptReturn: 'owed' }, { channel: 'sftp', filename: 'x.xml' })
      await accepted()
      const receipt = await settle(owed, 'approved')
      expect(seen).toEqual([owed.receipt.receiptId, receipt.receiptId])
      expect(await ledger().getReceipt(receipt.receiptId)).toBeDefined()
      stop()
      await settle(owed, 'released')
      expect(seen).toHaveLength(2)
    })

    test('a channel that is down does not crowd out the others: the longest due come first', async () => {
      const [early, late] = [at(1), at(2)]
      const send = async (channel: 'sftp' | 'sftp-poll', receivedAt: Date) =>
        (await accepted({ receiptReturn: 'owed' }, { channel, receivedAt })).receipt.receiptId
      const expected = [await send('sftp-poll', early), await send('sftp', late), await send('sftp', late)]
      expect((await ledger().dueReturns(['sftp', 'sftp-poll'], at(9), { limit: 2 })).map((r) => r.receiptId)).toEqual(
        expected.slice(0, 2),
      )
    })

    test('a reader that goes on from the last number it saw misses no receipt', async () => {
      const messages = []
      for (let i = 0; i < 40; i++) messages.push(await accepted())
      let writing = true
      const writers = Promise.all(messages.map((m) => settle(m, 'approved'))).finally(() => (writing = false))
      const read: string[] = []
      for (let after = 0, last = false; !last;) {
        last = !writing
        for (const { receipt, seq } of await ledger().mailbox('a', after, 7)) {
          expect(seq).toBeGreaterThan(after)
          after = seq
          read.push(receipt.receiptId)
          last = false
        }
        await new Promise(setImmediate)
      }
      expect(new Set(read)).toEqual(new Set((await writers).map((r) => r.receiptId)))
      expect(read).toHaveLength(40)
    })
  })

  test('a search goes on where its page ended, also among messages of one moment and while more come in', async () => {
    const sent: string[] = []
    for (let i = 0; i < 9; i++) sent.unshift((await accepted({}, { receivedAt: at(Math.floor(i / 3)) })).messageId)
    const found: string[] = []
    for (let cursor: string | undefined, more = true; more;) {
      const page = await ledger().findMessages({
        partnerId: 'a',
        since: at(1),
        limit: 2,
        ...(cursor === undefined ? {} : { cursor }),
      })
      found.push(...page.messages.map((m) => m.messageId))
      cursor = page.cursor
      more = cursor !== undefined
      await accepted({}, { receivedAt: at(9) })
    }
    expect(found).toEqual(sent.slice(0, 6))
    expect((await ledger().findMessages({ limit: 5, cursor: 'nobody gave this out' })).messages).toEqual([])
  })
}
