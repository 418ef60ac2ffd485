// The part of the ledger's contract about order and expectation: a change is held while its original stands refused, a
// late answer is seen, an orphan is found again, and what people did is kept.
import type { Expectation } from '../../messages/document-type.js'
import { describe, expect, test } from 'vitest'
import { newId } from '../../messages/ids.js'
import type { Receipt } from '../../messages/receipt.js'
import type { HubReceipt, Ledger, LedgerEvents, NewMessage, Settlement } from '../../store/ledger.js'
import { until } from '../support/until.js'
import { at, ends, given, receiptOf, submissionOf } from './ledger-given.js'

export function ledgerOrder(ledger: () => Ledger & LedgerEvents): void {
  const { accepted, ended, answered, claimed, viewOf, submissionViewOf } = given(ledger)
  const bill = { keys: [{ name: 'masterBill', value: 'TESTBILL1' }] }
  const original = (over: Partial<NewMessage> = {}) =>
    accepted({ ...bill, reference: 'ORIGINAL', order: 'manifest|V1', ...over })
  const change = () => accepted({ ...bill, order: 'manifest|V1', changes: true })
  const claim = (m: NewMessage, now = at(10)) => ledger().claim(submissionOf(m), now)
  /** A business receipt of the hub's own. */
  const told = (m: NewMessage, code: string, status: HubReceipt['status'] = 'failed'): HubReceipt => ({
    receipt: { ...receiptOf(m.messageId, m.reference, status), stage: 'business', code },
    submissionId: submissionOf(m),
    status,
    receiptReturn: 'owed',
  })
  const holdBack = (m: NewMessage, now = at(10)) =>
    ledger().holdBack(submissionOf(m), told(m, 'HUB_HELD', 'processing'), now)
  /** Claims it, and holds it as its claim says. */
  async function held(m: NewMessage, now = at(10)): Promise<void> {
    expect((await claim(m, now)).outcome).toBe('held')
    expect(await holdBack(m, now)).toBe(true)
  }
  /** What its partner hears in business receipts. */
  const heard = async (m: NewMessage) =>
    (await viewOf(m)).receipts.filter((r) => r.receipt.stage === 'business').map((r) => r.receipt.code)

  test('of one document, many of one turn: each goes once the one ahead of it has', async () => {
    const all: NewMessage[] = []
    for (let i = 0; i < 4; i++) all.push(await accepted({ order: 'manifest|V2', reference: `OF-ONE-${i}` }))
    for (const [i, one] of all.entries()) {
      const outcomes = await Promise.all(all.slice(i).map((m) => claim(m)))
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['claimed', ...all.slice(i + 1).map(() => 'behind')])
      const [claimedNow] = outcomes
      if (claimedNow?.outcome !== 'claimed') throw new Error('not claimed')
      const next = all[i + 1]
      const [taken, after] = await Promise.all([
        ledger().endAttempt({ submissionId: submissionOf(one), fence: claimedNow.fence }, ends.submitted, at(11)),
        next && claim(next, at(11)),
      ])
      expect(taken).toBe(true)
      if (!next) break
      if (after?.outcome !== 'claimed') throw new Error('the one behind still waits')
      // It was asked for behind the end of the one ahead, in the same turn. It goes back, for the next round.
      const back = { outcome: 'retry' as const, at: at(1), code: 'HUB_AGENCY_UNAVAILABLE', detail: '' }
      await ledger().endAttempt({ submissionId: submissionOf(next), fence: after.fence }, back, at(12))
    }
  })

  describe('a change and its original', () => {
    test('waits while the original is under way, and goes once the agency has it', async () => {
      const [o, c] = [await original(), await change()]
      expect(await claim(c)).toEqual({ outcome: 'behind', submissionId: submissionOf(o) })
      await ended(o, ends.submitted)
      expect((await claim(c)).outcome).toBe('claimed')
    })

    test.each(['given up', 'rejected by the agency'])(
      'is held when the original was %s, and its partner is told in that write, once',
      async (how) => {
        const [o, c] = [await original(), await change()]
        if (how === 'given up') await ended(o, ends.dead)
        else {
          await ended(o, ends.submitted)
          await answered(o, 'rejected')
        }
        expect(await claim(c)).toMatchObject({
          outcome: 'held',
          work: { submissionId: submissionOf(c) },
          original: { submissionId: submissionOf(o), reference: 'ORIGINAL' },
        })
        // Nothing is written by asking: a crash here leaves one that is asked for again.
        expect((await claim(c)).outcome).toBe('held')
        expect(await heard(c)).toEqual([])
        expect(await Promise.all([holdBack(c), holdBack(c)])).toEqual([true, false])
        expect(await claim(c)).toEqual({ outcome: 'done', state: 'held' })
        expect((await viewOf(c)).state).toBe('held')
        expect(await heard(c)).toEqual(['HUB_HELD'])
        expect((await ledger().needsAttention('held', 10)).map((s) => s.submissionId)).toEqual([submissionOf(c)])
        expect((await ledger().counts()).agencies[0]).toMatchObject({ held: 1 })
      },
    )

    test('is held no more, and nobody is told, when its original goes on before that is written', async () => {
      const [o, c] = [await original(), await change()]
      await ended(o, ends.dead)
      expect((await claim(c)).outcome).toBe('held')
      await ledger().replay(submissionOf(o), at(10))
      expect(await holdBack(c, at(11))).toBe(false)
      expect(await heard(c)).toEqual([])
      expect(await claim(c, at(11))).toEqual({ outcome: 'behind', submissionId: submissionOf(o) })
    })

    test('that a person gives up comes back to its partner in the same write, once', async () => {
      const [o, c] = [await original(), await change()]
      await ended(o, ends.dead)
      await held(c)
      const givenUp = () =>
        ledger().releaseHeld(submissionOf(c), { decision: 'dead', told: told(c, 'HUB_GIVEN_UP') }, at(11))
      const events: string[] = []
      ledger().receipts(({ receiptId }) => events.push(receiptId))
      expect(await Promise.all([givenUp(), givenUp()])).toEqual([true, false])
      expect(await heard(c)).toEqual(['HUB_HELD', 'HUB_GIVEN_UP'])
      expect((await viewOf(c)).state).toBe('failed')
      await until('the door to hear of the receipt', () => events.length === 1)
    })

    test('that is unclear and given up comes back to its partner in the same write, once', async () => {
      const m = await original()
      await ended(m, ends.unclear)
      const resolution = { decision: 'dead' as const, why: 'asked by telephone' }
      const givenUp = () =>
        ledger().resolveUnclear(submissionOf(m), { ...resolution, told: told(m, 'HUB_GIVEN_UP') }, at(11))
      expect(await Promise.all([givenUp(), givenUp()])).toEqual([true, false])
      expect(await heard(m)).toEqual(['HUB_GIVEN_UP'])
      expect((await viewOf(m)).state).toBe('failed')
    })

    test('that the agency may have is tried again, though its original was rejected since (promise 3)', async () => {
      const [o, c] = [await original(), await change()]
      await ended(o, ends.submitted)
      await ended(c, { outcome: 'retry', at: at(3), code: 'HUB_AGENCY_CUT', detail: 'cut' })
      await answered(o, 'rejected')
      expect(await claim(c, at(3))).toMatchObject({ outcome: 'claimed', work: { inDoubt: true } })
    })

    test('goes after the corrected original, not before it', async () => {
      const [o, c] = [await original(), await change()]
      await ended(o, ends.submitted)
      await answered(o, 'rejected')
      await held(c)
      const corrected = await original({ bytes: Buffer.from('<corrected/>'), sha256: '1'.repeat(64) })
      expect((await viewOf(c)).state).toBe('accepted')
      expect(await claim(c)).toEqual({ outcome: 'behind', submissionId: submissionOf(corrected) })
      await ended(corrected, ends.submitted)
      expect(await ledger().nextBehind(submissionOf(corrected))).toMatchObject({ submissionId: submissionOf(c) })
      expect((await claim(c)).outcome).toBe('claimed')
    })

    test('goes after the changes before it, also when they all wait for a corrected original', async () => {
      const o = await original()
      const [first, second, third] = [await change(), await change(), await change()]
      await ended(o, ends.dead)
      for (const one of [first, second]) await held(one)
      const corrected = await original({ bytes: Buffer.from('<corrected/>'), sha256: '1'.repeat(64) })
      const behindFirst = { outcome: 'behind', submissionId: submissionOf(first) }
      expect(await claim(first)).toEqual({ outcome: 'behind', submissionId: submissionOf(corrected) })
      for (const one of [second, third]) expect(await claim(one)).toEqual(behindFirst)
      await ended(corrected, ends.submitted)
      // The first is under way, then nobody knows whether the agency has it: those behind it wait all the while.
      const { fence } = await claimed(first)
      expect(await claim(second)).toEqual(behindFirst)
      await ledger().endAttempt({ submissionId: submissionOf(first), fence }, ends.unclear, at(12))
      expect(await claim(second, at(13))).toEqual(behindFirst)
      expect(await claim(third, at(13))).toEqual(behindFirst)
      await ledger().resolveUnclear(submissionOf(first), { decision: 'taken', why: 'asked' }, at(14))
      expect(await ledger().nextBehind(submissionOf(first))).toMatchObject({ submissionId: submissionOf(second) })
      expect(await claim(third, at(15))).toEqual({ outcome: 'behind', submissionId: submissionOf(second) })
      expect((await claim(second, at(15))).outcome).toBe('claimed')
    })

    test('goes when a dead original is replayed and taken, or when a person lets it go', async () => {
      const [o, c] = [await original(), await change()]
      await ended(o, ends.dead)
      await held(c)
      await ledger().replay(submissionOf(o), at(11))
      expect(await claim(c, at(12))).toEqual({ outcome: 'behind', submissionId: submissionOf(o) })
      await ended(o, ends.dead, at(13))
      await held(c, at(14))
      expect(await ledger().releaseHeld(submissionOf(c), { decision: 'send' }, at(15))).toBe(true)
      expect(await ledger().releaseHeld(submissionOf(c), { decision: 'send' }, at(15))).toBe(false)
      expect((await claim(c, at(16))).outcome).toBe('claimed')
    })

    test('closed by a person, a dead letter stays closed, keeps its receipt, and is replayed no more', async () => {
      const o = await original()
      expect(await ledger().dropDead(submissionOf(o))).toBe(false)
      await ended(o, ends.dead)
      expect((await ledger().needsAttention('dead', 10)).map((s) => s.submissionId)).toEqual([submissionOf(o)])
      expect(await ledger().dropDead(submissionOf(o))).toBe(true)
      expect(await ledger().needsAttention('dead', 10)).toEqual([])
      expect(await ledger().replay(submissionOf(o), at(11))).toBe(false)
      expect((await viewOf(o)).state).toBe('failed')
    })

    test('is not held for another document on the same voyage, nor for another partner’s', async () => {
      const o = await original()
      await ended(o, ends.dead)
      const other = await accepted({
        keys: [{ name: 'masterBill', value: 'TESTBILL2' }],
        order: 'manifest|V1',
        changes: true,
      })
      expect((await claim(other)).outcome).toBe('claimed')
      const strange = await accepted({ ...bill, order: 'manifest|V1', changes: true }, { partnerId: 'b' })
      expect((await claim(strange)).outcome).toBe('claimed')
    })
  })

  describe('what an agency is to answer', () => {
    const title = { zh: '回执', en: 'receipt' }
    /** First that it is worked on, and then an end, each within so many seconds. */
    const answersWithin = (seconds: number, more = seconds): Expectation[] => [
      { status: ['processing'], withinMinutes: seconds / 60, title },
      { status: ['approved', 'rejected'], withinMinutes: more / 60, title },
    ]
    const taken = async (by: Date) => {
      const m = await accepted()
      const { fence } = await claimed(m)
      await ledger().endAttempt(
        { submissionId: submissionOf(m), fence },
        { outcome: 'submitted', expects: answersWithin((by.getTime() - at(1).getTime()) / 1000) },
        at(1),
      )
      return m
    }
    test('is late once its time has passed, is told once, and stops being late when it comes', async () => {
      const m = await taken(at(60))
      expect(await ledger().markOverdue(at(59), 10)).toEqual([])
      expect(await ledger().markOverdue(at(60), 10)).toMatchObject([
        { submissionId: submissionOf(m), step: 0, by: at(60).toISOString() },
      ])
      expect(await ledger().markOverdue(at(61), 10)).toEqual([])
      expect((await submissionViewOf(m)).awaited).toEqual({ step: 0, by: at(60).toISOString(), overdue: true })
      expect((await ledger().counts()).overdue).toBe(1)
      await answered(m, 'processing', { awaited: { step: 1, by: at(600) } })
      expect((await submissionViewOf(m)).awaited).toEqual({ step: 1, by: at(600).toISOString(), overdue: false })
      await answered(m, 'released')
      expect((await submissionViewOf(m)).awaited).toBeUndefined()
      expect((await ledger().counts()).overdue).toBe(0)
    })

    test('is late after the longest time an agency has, where a clock was days ahead when it was asked', async () => {
      const longest = { retryMs: 60_000, tryMs: 30_000, returnMs: 60_000, answerMs: 90_000 }
      const bound = () => ledger().boundWaits(longest, [], at(0))
      const day = 86_400
      const [soon, far] = [await taken(at(90)), await taken(at(day))]
      // Told already, while the clock was ahead: told once.
      const told = await taken(at(2 * day))
      expect(await ledger().markOverdue(at(day), 10)).toHaveLength(2)
      expect(await ledger().markOverdue(at(2 * day), 10)).toHaveLength(1)
      const [other, another] = [await taken(at(90)), await taken(at(3 * day))]
      expect(await bound()).toBe(1)
      expect(await bound()).toBe(0)
      expect(await ledger().markOverdue(at(89), 10)).toEqual([])
      // Both by the same moment: which of them comes first is nobody's promise.
      expect(new Set((await ledger().markOverdue(at(90), 10)).map((late) => late.submissionId))).toEqual(
        new Set([other, another].map(submissionOf)),
      )
      for (const m of [soon, far, told]) expect((await submissionViewOf(m)).awaited?.overdue).toBe(true)
      expect((await submissionViewOf(another)).awaited).toEqual({ step: 0, by: at(90).toISOString(), overdue: true })
    })

    test('what comes in one turn comes to what it comes to one after the other, in whatever order', async () => {
      type Step = (m: NewMessage, fence: string) => Promise<unknown>
      const answer =
        (status: Receipt['status'], over: Partial<Settlement['entries'][number]>): Step =>
        (m) => {
          const reply = { replyId: newId('rep'), agency: 'gacc', mediaType: 'application/xml', receivedAt: at(2) }
          const receipt = { ...receiptOf(m.messageId, m.reference, status), stage: 'business', code: status } as const
          const entry: Settlement['entries'][number] = {
            submissionId: submissionOf(m),
            status,
            learn: [],
            receipt,
            receiptReturn: 'owed',
            ...over,
          }
          return Promise.all([
            ledger().recordReply({ ...reply, bytes: Buffer.from(`${status} of ${m.messageId}`) }),
            ledger().settle({ replyId: reply.replyId, orphan: false, withKeeping: true, entries: [entry] }, at(2)),
          ])
        }
      const steps: Record<string, Step> = {
        end: (m, fence) =>
          ledger().endAttempt(
            { submissionId: submissionOf(m), fence },
            { outcome: 'submitted', expects: answersWithin(50, 90), learn: [{ name: 'guid', value: m.messageId }] },
            at(3),
          ),
        processing: answer('processing', { awaited: { step: 1, by: at(600) }, agencyReference: 'TEST-1' }),
        approved: answer('approved', { agencyReference: 'TEST-2' }),
      }
      const orders = [
        ['end', 'processing', 'approved'],
        ['processing', 'end', 'approved'],
        ['processing', 'approved', 'end'],
        ['approved', 'end', 'processing'],
        ['end', 'approved'],
        ['end', 'processing'],
      ]
      for (const order of orders) {
        const came: object[] = []
        for (const together of [false, true]) {
          const m = await accepted({ reference: 'ONE-TURN', identity: newId('msg') })
          const { fence } = await claimed(m)
          if (together) await Promise.all(order.map((name) => steps[name]!(m, fence)))
          else for (const name of order) await steps[name]!(m, fence)
          const { submissions, receipts, state: whole } = await viewOf(m)
          const [{ attempts, ...submission }] = submissions as [(typeof submissions)[0]]
          const learnt = await ledger().ownersOf('gacc', { name: 'guid', value: m.messageId })
          came.push({
            whole,
            ...submission,
            submissionId: '',
            outcomes: attempts.map(({ outcome }) => outcome),
            heard: receipts.map(({ receipt }) => receipt.code),
            learnt: learnt.map((one) => one.learnt),
          })
        }
        expect(came[1], order.join(', ')).toEqual(came[0])
      }
    })

    test('is awaited, and late in its time, also where the agency was found to have it only afterwards', async () => {
      for (const decision of ['taken', 'resend', 'dead'] as const) {
        const m = await accepted()
        await ended(m, ends.unclear)
        await ledger().resolveUnclear(submissionOf(m), { decision, why: 'asked', expects: answersWithin(57) }, at(3))
        expect(
          (await ledger().markOverdue(at(60), 10)).map((late) => late.submissionId),
          decision,
        ).toEqual(decision === 'taken' ? [submissionOf(m)] : [])
      }
    })

    test.each(['is sent again and taken', 'is found to be there'])(
      'is not awaited again where it was heard while nobody knew, and then it %s',
      async (how) => {
        const m = await accepted()
        await ended(m, { outcome: 'retry', at: at(2), code: 'HUB_AGENCY_CUT', detail: 'cut' })
        await answered(m, 'processing')
        const expects = answersWithin(30, 90)
        if (how === 'is found to be there') {
          await ended(m, ends.unclear, at(3))
          await ledger().resolveUnclear(submissionOf(m), { decision: 'taken', why: 'asked', expects }, at(3))
        } else await ended(m, { outcome: 'submitted', expects }, at(3))
        expect(await submissionViewOf(m)).toMatchObject({
          status: 'processing',
          awaited: { step: 1, by: at(93).toISOString() },
        })
      },
    )

    test('a second answer of the same step does not win more time', async () => {
      const m = await taken(at(60))
      await answered(m, 'submitted', { awaited: { step: 0, by: at(900) } })
      expect((await submissionViewOf(m)).awaited).toMatchObject({ step: 0, by: at(60).toISOString() })
    })
  })

  describe('orphans', () => {
    const orphan = async (value: string, text = `<r>${value}</r>`) => {
      const { replyId } = await ledger().recordReply({
        replyId: newId('rep'),
        agency: 'gacc',
        mediaType: 'application/xml',
        bytes: Buffer.from(text),
        receivedAt: at(2),
      })
      await ledger().settle({ replyId, entries: [], orphan: true, orphanKeys: [{ name: 'entryId', value }] }, at(2))
      return replyId
    }
    test('one is found again when a submission learns what it cites, and not before', async () => {
      const m = await accepted()
      await ended(m, ends.submitted)
      const replyId = await orphan('E1')
      expect(await ledger().orphans(10)).toMatchObject([
        { replyId, agency: 'gacc', keys: [{ name: 'entryId', value: 'E1' }], head: '<r>E1</r>' },
      ])
      expect(await ledger().reopenOrphans(10)).toBe(0)
      await answered(m, 'processing', { learn: [{ name: 'entryId', value: 'E1' }] })
      expect(await ledger().reopenOrphans(10)).toBe(1)
      expect((await ledger().unsettledReplies(10)).map((r) => r.replyId)).toEqual([replyId])
      expect(await ledger().reopenOrphans(10)).toBe(0)
    })

    test('settled again, it tells only those who have not heard (promise 7)', async () => {
      const [m, late] = [await accepted(), await accepted()]
      await ended(m, ends.submitted)
      const { replyId } = await ledger().recordReply({
        replyId: newId('rep'),
        agency: 'gacc',
        mediaType: 'application/xml',
        bytes: Buffer.from('<two/>'),
        receivedAt: at(2),
      })
      const entry = (of: NewMessage): Settlement['entries'][number] => ({
        submissionId: submissionOf(of),
        status: 'processing',
        learn: [],
        receipt: {
          ...receiptOf(of.messageId, of.reference),
          stage: 'business',
          agency: 'gacc',
          status: 'processing',
        } satisfies Receipt,
        receiptReturn: 'owed',
      })
      await ledger().settle(
        { replyId, entries: [entry(m)], orphan: true, orphanKeys: [{ name: 'entryId', value: 'E9' }] },
        at(2),
      )
      await ended(late, ends.submitted)
      await answered(late, 'processing', { learn: [{ name: 'entryId', value: 'E9' }] })
      expect(await ledger().reopenOrphans(10)).toBe(1)
      await ledger().settle({ replyId, entries: [entry(m), entry(late)], orphan: false }, at(3))
      const business = async (of: NewMessage) =>
        (await viewOf(of)).receipts.filter((r) => r.receipt.stage === 'business').length
      expect([await business(m), await business(late)]).toEqual([1, 2])
    })

    test('a person says whose it is, or that it is nobody’s', async () => {
      const m = await accepted()
      await ended(m, ends.submitted)
      const [one, two] = [await orphan('E1'), await orphan('E2')]
      expect(await ledger().matchOrphan(one, 'sub_unknown')).toBe(false)
      expect(await ledger().matchOrphan(one, submissionOf(m))).toBe(true)
      expect(await ledger().unsettledReplies(10)).toMatchObject([{ replyId: one, submissionId: submissionOf(m) }])
      expect(await ledger().dropOrphan(two)).toBe(true)
      expect(await ledger().dropOrphan(two)).toBe(false)
      expect(await ledger().orphans(10)).toEqual([])
    })
  })

  test('what people did is kept, the newest first, and found by what it was done to', async () => {
    await ledger().audit({ at: at(1), who: 'anna', action: 'dead.replay', target: 'sub_1', why: 'agency is back' })
    await ledger().audit({
      at: at(2),
      who: 'ben',
      action: 'agency.pause',
      target: 'gacc',
      why: 'maintenance',
      detail: { until: 'noon' },
    })
    expect((await ledger().audits(10)).map((a) => a.who)).toEqual(['ben', 'anna'])
    expect(await ledger().audits(10, 'gacc')).toMatchObject([
      { at: at(2), who: 'ben', action: 'agency.pause', target: 'gacc', why: 'maintenance', detail: { until: 'noon' } },
    ])
  })
}
