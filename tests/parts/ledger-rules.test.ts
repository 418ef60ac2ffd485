// What the ledger decides, whatever its engine: facts in, decision out. One table a rule.
import type { Expectation } from '../../messages/document-type.js'
import { describe, expect, test } from 'vitest'
import type { ReceiptStatus, SubmissionState } from '../../messages/states.js'
import type { AttemptEnd } from '../../store/ledger.js'
import { answer, type AnswerDecision, type AnswerFacts } from '../../store/rules/answer.js'
import { attemptEnd, resolved, type AttemptEndFacts } from '../../store/rules/attempt-end.js'
import { isFinal, isRefused, isUnderWay, newest, newestOf } from '../../store/rules/business-status.js'
import { claim, type ClaimFacts } from '../../store/rules/claim.js'
import { conflictReceipt } from '../../store/rules/conflict.js'
import { correction } from '../../store/rules/correction.js'
import { keepsRefused } from '../../store/rules/refused-bytes.js'
import { sameAgain } from '../../store/rules/same-again.js'
import { rivalOf } from '../../store/rules/shared-keys.js'
import {
  doubtfulToHear,
  oldestToHear,
  oldestUnaware,
  stillWaiting,
  type MaybeOwner,
} from '../../store/rules/whose-answer.js'
import { receiptOf } from '../contracts/ledger-given.js'

/** A fact that must not be looked for in this case: it would cost a look for nothing. */
function unasked(): never {
  throw new Error('this fact is not needed here')
}
const of = (state: SubmissionState, status: ReceiptStatus | null = null) => ({ state, status })

describe('a message that comes under a reference known before (promise 8)', () => {
  const first = { messageId: 'first', sha256: 'one' }
  const came = { sha256: 'other', refused: false, first, replaced: () => undefined, submissions: unasked }
  const anew = { outcome: 'new' }
  const conflict = { outcome: 'conflict', messageId: 'first' }

  test('is new when nobody has the reference, and nothing more is looked at', () => {
    expect(sameAgain({ ...came, first: undefined, replaced: unasked })).toEqual(anew)
  })

  test('is the same with the same bytes, also with bytes that a correction has replaced since', () => {
    expect(sameAgain({ ...came, sha256: 'one', replaced: unasked })).toEqual({ outcome: 'same', messageId: 'first' })
    expect(sameAgain({ ...came, replaced: () => 'older' })).toEqual({ outcome: 'same', messageId: 'older' })
    expect(sameAgain({ ...came, refused: true, replaced: () => 'older' }).outcome).toBe('same')
  })

  test('is in conflict with nothing when it is refused itself', () => {
    expect(sameAgain({ ...came, refused: true })).toEqual(anew)
  })

  test.each([
    ['is on its way', [of('queued')], conflict],
    ['is being sent', [of('submitting')], conflict],
    ['is in doubt', [of('unclear')], conflict],
    ['is held', [of('held')], conflict],
    ['is at the agency', [of('submitted')], conflict],
    ['was approved', [of('submitted', 'approved')], conflict],
    ['came to nothing at one agency and is under way at another', [of('dead', 'failed'), of('queued')], conflict],
    ['was given up', [of('dead', 'failed')], anew],
    ['was given up and closed by a person', [of('dropped')], anew],
    ['was rejected by the agency', [of('submitted', 'rejected')], anew],
    ['failed at the agency', [of('submitted', 'failed')], anew],
    ['came to nothing everywhere', [of('submitted', 'refused'), of('dead'), of('dropped')], anew],
  ])('with other bytes, while the first %s', (_, submissions, decision) => {
    expect(sameAgain({ ...came, submissions: () => submissions })).toEqual(decision)
  })
})

test('a conflict names the reference and the earlier message, of another partner the key (promise 9)', () => {
  const receipt = { ...receiptOf('msg_1', 'R-1'), faults: [] }
  const own = conflictReceipt(receipt, { outcome: 'conflict', messageId: 'msg_0' })
  expect(own).toMatchObject({
    receiptId: receipt.receiptId,
    messageId: 'msg_1',
    status: 'refused',
    code: 'HUB_REFERENCE_CONFLICT',
  })
  expect(own.text.en).toContain('msg_0')
  expect(own.faults).toEqual([{ code: own.code, value: receipt.reference, text: own.text }])
  const value = 'K'.repeat(300)
  const others = conflictReceipt(receipt, { outcome: 'key-in-use', agency: 'gacc', key: { name: 'billNo', value } })
  expect(others).toMatchObject({ status: 'refused', code: 'HUB_KEY_IN_USE' })
  expect(others.faults[0]!.value).toHaveLength(200)
})

test.each([
  ['the first of its reference', {}, { claims: true, supersedes: undefined, takesChangesOf: undefined }],
  ['a correction', { first: 'old' }, { claims: true, supersedes: 'old', takesChangesOf: 'old' }],
  [
    'a change that is sent anew',
    { first: 'old', changes: true },
    { claims: true, supersedes: 'old', takesChangesOf: undefined },
  ],
  [
    'a refused one',
    { first: 'old', refused: true },
    { claims: false, supersedes: undefined, takesChangesOf: undefined },
  ],
])('what is replaced by %s', (_, facts, decision) => {
  expect(correction({ refused: false, changes: false, first: undefined, ...facts })).toEqual(decision)
})

test.each([
  ['other companies', ['A'], [['B']], undefined],
  ['the same company', ['A'], [['A']], 0],
  ['one company more', ['A', 'B'], [['A']], 0],
  ['companies that overlap and differ', ['A', 'B'], [['A', 'C']], undefined],
  ['nobody named here', [], [['B']], 0],
  ['nobody named there', ['A'], [['B'], []], 1],
  ['nobody else', ['A'], [], undefined],
])('receipts of two partners under one number may be mistaken for each other or not: %s', (_, own, others, rival) => {
  expect(
    rivalOf(
      own,
      others.map((senders, n) => ({ n, senders })),
    ),
  ).toBe(rival)
})

test('refused bytes are kept up to the limit of the day, and not beyond', () => {
  expect(keepsRefused({ bytes: 10, kept: 90, quota: 100 })).toBe(true)
  expect(keepsRefused({ bytes: 11, kept: 90, quota: 100 })).toBe(false)
  expect(keepsRefused({ bytes: 1e9, kept: 0, quota: Infinity })).toBe(true)
})

describe('may this submission be sent now (promise 3)', () => {
  const facts: ClaimFacts = {
    state: 'queued',
    nextAt: 100,
    now: 100,
    lastCode: unasked,
    ahead: () => undefined,
    original: () => undefined,
    inDoubt: () => false,
  }
  const original =
    (state: SubmissionState, status: ReceiptStatus | null = null) =>
    () => ({
      submissionId: 'sub_o',
      reference: 'R-0',
      state,
      status,
    })
  const behind = { outcome: 'behind', submissionId: 'sub_o' }
  const held = { outcome: 'held', original: { submissionId: 'sub_o', reference: 'R-0' } }
  test.each<[string, Partial<ClaimFacts>, object]>([
    ['it waits and is due', {}, { outcome: 'claimed' }],
    ['it is due later', { nextAt: 101, ahead: unasked, original: unasked }, { outcome: 'later', at: 101 }],
    [
      'an earlier one of the same document is before it',
      { ahead: () => 'sub_a', original: unasked },
      { outcome: 'behind', submissionId: 'sub_a' },
    ],
    ['its original waits', { original: original('queued') }, behind],
    ['its original is being sent', { original: original('submitting') }, behind],
    ['its original is in doubt', { original: original('unclear') }, behind],
    ['its original is at the agency', { original: original('submitted', 'processing') }, { outcome: 'claimed' }],
    ['its original was rejected', { original: original('submitted', 'rejected') }, held],
    ['its original was given up', { original: original('dead', 'failed') }, held],
    ['its original was closed', { original: original('dropped') }, held],
    [
      'its original was rejected, and the agency may have it itself',
      { original: original('submitted', 'rejected'), inDoubt: () => true },
      { outcome: 'claimed' },
    ],
    ['another worker has it', { state: 'submitting', ahead: unasked, original: unasked }, { outcome: 'interrupted' }],
    [
      'nobody knows whether it arrived',
      { state: 'unclear', lastCode: () => 'HUB_AGENCY_TIMEOUT' },
      { outcome: 'done', doubtedByRestore: false },
    ],
    [
      'a copy was put back since',
      { state: 'unclear', lastCode: () => 'HUB_RESTORED' },
      { outcome: 'done', doubtedByRestore: true },
    ],
    ['it is at the agency', { state: 'submitted' }, { outcome: 'done', doubtedByRestore: false }],
    ['it is held', { state: 'held' }, { outcome: 'done', doubtedByRestore: false }],
    ['it is a dead letter', { state: 'dead' }, { outcome: 'done', doubtedByRestore: false }],
  ])('%s', (_, more, decision) => {
    expect(claim({ ...facts, ...more })).toMatchObject(decision)
  })
})

describe('the end of a try', () => {
  const title = { zh: '', en: '' }
  const expects: Expectation[] = [
    { status: ['processing'], withinMinutes: 1, title },
    { status: ['approved'], withinMinutes: 2, title },
  ]
  const submitted: AttemptEnd = { outcome: 'submitted', agencyReference: 'G-1', expects }
  const retry = { outcome: 'retry', at: new Date(70), code: 'X', detail: '' } as const
  const unclear = { outcome: 'unclear', code: 'X', detail: '' } as const
  const dead = { outcome: 'dead', code: 'X', detail: '' } as const
  const own: AttemptEndFacts = {
    state: 'submitting',
    fence: 'mine',
    last: { fence: 'mine', outcome: null },
    by: 'mine',
    saidInDoubt: () => null,
  }
  test('of the worker that has it is what the worker says', () => {
    expect(attemptEnd(own, submitted, 9)).toEqual({
      state: 'submitted',
      nextAt: 9,
      fence: null,
      status: null,
      agencyReference: 'G-1',
      awaited: { step: 0, by: 60_009 },
    })
    expect(attemptEnd(own, retry, 9)).toEqual({ state: 'queued', nextAt: 70, fence: null, status: null, awaited: null })
    expect(attemptEnd(own, unclear, 9)).toEqual({
      state: 'unclear',
      nextAt: 9,
      fence: 'mine',
      status: null,
      awaited: null,
    })
    // What the hub itself said when it gave up stands.
    expect(attemptEnd(own, dead, 9)).toEqual({ state: 'dead', nextAt: 9, fence: null, awaited: null })
  })
  test('at the agency counts what the agency has said while nobody knew', () => {
    expect(attemptEnd({ ...own, saidInDoubt: () => 'processing' }, submitted, 9)).toMatchObject({
      status: 'processing',
      awaited: { step: 1, by: 120_009 },
    })
    expect(attemptEnd({ ...own, saidInDoubt: () => 'approved' }, submitted, 9)).toMatchObject({ awaited: null })
  })
  test.each<[string, Partial<AttemptEndFacts>, AttemptEnd, boolean]>([
    ['parked meanwhile by itself, and now it knows', { state: 'unclear' }, submitted, true],
    ['parked meanwhile, and it knows no more', { state: 'unclear', fence: null }, retry, false],
    [
      'somebody decided to send again, and it comes back with “taken”',
      { state: 'queued', fence: null, last: { fence: 'mine', outcome: 'resolved: resend' } },
      submitted,
      true,
    ],
    [
      'somebody gave up, and it comes back with “taken”',
      { state: 'dead', fence: null, last: { fence: 'mine', outcome: 'resolved: dead' } },
      submitted,
      true,
    ],
    [
      'somebody gave up, and it knows no more',
      { state: 'dead', fence: null, last: { fence: 'mine', outcome: 'resolved: dead' } },
      dead,
      false,
    ],
    [
      'the agency has it already',
      { state: 'submitted', fence: null, last: { fence: 'mine', outcome: 'resolved: taken' } },
      submitted,
      false,
    ],
    [
      'another worker has it, and this one only fails',
      { fence: 'other', last: { fence: 'other', outcome: null } },
      dead,
      false,
    ],
    [
      'another worker has it, and tried it last',
      { fence: 'other', last: { fence: 'other', outcome: null } },
      submitted,
      false,
    ],
    ['another worker looks into it, and this one knows', { fence: 'other' }, submitted, true],
    ['it was never tried', { last: undefined }, submitted, false],
  ])('counts or comes too late: %s', (_, more, end, counts) => {
    expect(attemptEnd({ ...own, ...more }, end, 9) !== undefined).toBe(counts)
  })
  test('is decided by a person only while it is unclear', () => {
    const facts = {
      state: 'unclear' as SubmissionState,
      fence: 'last',
      last: { fence: 'last' },
      saidInDoubt: () => null,
    }
    expect(resolved(facts, { decision: 'taken', why: '', expects }, 9)).toEqual({
      state: 'submitted',
      nextAt: 9,
      fence: null,
      status: null,
      awaited: { step: 0, by: 60_009 },
    })
    expect(
      resolved({ ...facts, saidInDoubt: () => 'processing' }, { decision: 'taken', why: '', expects }, 9),
    ).toMatchObject({
      status: 'processing',
      awaited: { step: 1, by: 120_009 },
    })
    expect(resolved(facts, { decision: 'resend', why: '', expects }, 9)).toEqual({
      state: 'queued',
      nextAt: 9,
      fence: 'last',
      status: null,
      awaited: null,
    })
    expect(resolved(facts, { decision: 'dead', why: '' }, 9)).toEqual({
      state: 'dead',
      nextAt: 9,
      fence: 'last',
      awaited: null,
    })
    for (const state of ['queued', 'submitting', 'submitted', 'dead', 'held', 'dropped'] as const)
      expect(resolved({ ...facts, state }, { decision: 'dead', why: '' }, 9)).toBeUndefined()
  })
  test('is not sent again for what its agency said about an earlier try', () => {
    const facts = { state: 'unclear', fence: 'second', last: { fence: 'second' }, saidInDoubt: () => null } as const
    const said = (attemptId: string, decision: 'taken' | 'resend') =>
      resolved(facts, { decision, why: '', attemptId }, 9)?.state
    expect(said('first', 'resend')).toBeUndefined()
    expect(said('second', 'resend')).toBe('queued')
    // Whichever brought it there, the agency has it.
    expect(said('first', 'taken')).toBe('submitted')
  })
})

describe('what an agency’s answer changes', () => {
  const facts: AnswerFacts = { ...of('submitted'), said: 'processing', saidInDoubt: unasked, decidedInDoubt: unasked }
  test.each<[string, Partial<AnswerFacts>, AnswerDecision]>([
    ['news', {}, { submitted: { status: 'processing' }, endsAttempt: false, learnsNothing: false }],
    [
      'the last word',
      { said: 'released' },
      { submitted: { status: 'released' }, endsAttempt: false, learnsNothing: true },
    ],
    [
      'what comes out of order',
      { status: 'released' },
      { submitted: { status: 'released' }, endsAttempt: false, learnsNothing: true },
    ],
    [
      'an answer before its try has ended',
      { state: 'submitting', saidInDoubt: () => null },
      { submitted: { status: 'processing' }, endsAttempt: true, learnsNothing: false },
    ],
    [
      'an answer to one in doubt, which was heard of before',
      { state: 'unclear', saidInDoubt: () => 'approved' },
      { submitted: { status: 'approved' }, endsAttempt: false, learnsNothing: false },
    ],
    [
      'an answer to one that was given up',
      { state: 'dead', status: 'failed', saidInDoubt: () => null },
      { submitted: { status: 'processing' }, endsAttempt: false, learnsNothing: false },
    ],
    [
      'an older message’s answer, while this one surely has not been sent',
      { state: 'queued', decidedInDoubt: () => false },
      { endsAttempt: false, learnsNothing: false },
    ],
    [
      'an answer to one that was to be sent again without knowing',
      { state: 'queued', decidedInDoubt: () => true, saidInDoubt: () => null },
      { submitted: { status: 'processing' }, endsAttempt: false, learnsNothing: false },
    ],
  ])('%s', (_, more, decision) => {
    expect(answer({ ...facts, ...more })).toEqual(decision)
  })
})

describe('statuses', () => {
  const all: ReceiptStatus[] = [
    'accepted',
    'submitted',
    'processing',
    'approved',
    'released',
    'rejected',
    'refused',
    'failed',
  ]
  test('never go back, and of two that weigh the same the first counts', () => {
    for (const [i, known] of all.entries())
      for (const [j, said] of all.entries())
        expect(newest(known, said), `${known}, then ${said}`).toBe(Math.min(j, 4) > Math.min(i, 4) ? said : known)
    expect(newestOf([])).toBeNull()
    expect(newestOf(['approved', 'processing', 'rejected', 'released'])).toBe('rejected')
  })
  test('that are final are the last the agency says', () => {
    expect(all.filter(isFinal)).toEqual(['released', 'rejected', 'refused', 'failed'])
    expect(isFinal(null)).toBe(false)
  })
  test('and states tell what is refused, and what is under way', () => {
    const states: SubmissionState[] = ['queued', 'held', 'submitting', 'submitted', 'unclear', 'dead', 'dropped']
    expect(states.filter((state) => isRefused(of(state)))).toEqual(['dead', 'dropped'])
    expect(states.filter((state) => isUnderWay({ state }))).toEqual(['queued', 'submitting', 'unclear'])
    expect(all.filter((status) => isRefused(of('submitted', status)))).toEqual(['rejected', 'refused', 'failed'])
  })
})

describe('an answer cites a number that an original and its changes share', () => {
  const there: MaybeOwner = {
    order: 0,
    state: 'submitted',
    inDoubt: false,
    awaits: true,
    finished: false,
    changes: false,
  }
  /** In their order: the original first. */
  const all = (...of: Partial<MaybeOwner>[]) => of.map((one, i) => ({ ...there, changes: i > 0, ...one, order: i + 1 }))
  const placeOf = (one: MaybeOwner | undefined) => one?.order

  test.each<[string, Partial<MaybeOwner>[], number[]]>([
    ['all that the agency has and has not answered', [{}, {}], [1, 2]],
    ['none that it may not have', [{}, { state: 'unclear' }, { state: 'queued' }, { state: 'dead' }], [1]],
    ['not one that has come to its end', [{ status: 'released', finished: true, awaits: false }, {}], [2]],
    ['not one of which nothing more is awaited', [{ status: 'approved', awaits: false }, {}], [2]],
    [
      'an original that is approved beside a change that is not',
      [{ status: 'approved' }, { status: 'submitted' }],
      [1, 2],
    ],
    ['not an original whose change is approved', [{ status: 'processing' }, { status: 'approved' }], [2]],
    ['an original whose change was rejected', [{}, { status: 'rejected', finished: true, awaits: false }], [1]],
  ])('still waiting: %s', (_, submissions, waiting) => {
    expect(stillWaiting(all(...submissions)).map(({ order }) => order)).toEqual(waiting)
  })

  test.each<[string, Partial<MaybeOwner>[], string[][], { status: ReceiptStatus; code: string }, number | undefined]>([
    ['the first answer: the original', [{}, {}], [[], []], { status: 'submitted', code: '2' }, 1],
    [
      'the same a second time: the change',
      [{ status: 'submitted' }, {}],
      [['2'], []],
      { status: 'submitted', code: '2' },
      2,
    ],
    [
      'the next step: the original, though the change has less',
      [{ status: 'submitted' }, {}],
      [['2'], []],
      { status: 'approved', code: '120' },
      1,
    ],
    [
      'another code of the same weight: the original',
      [{ status: 'processing' }, { status: 'processing' }],
      [['3'], ['3']],
      { status: 'processing', code: '4' },
      1,
    ],
    [
      'a step back: the change',
      [{ status: 'approved' }, { status: 'submitted' }],
      [['2', '120'], ['2']],
      { status: 'processing', code: '3' },
      2,
    ],
    ['a refusal: the original, which is first in line', [{}, {}], [[], []], { status: 'rejected', code: '100' }, 1],
    [
      'what comes after all are approved: the oldest that has not heard it',
      [
        { status: 'approved', awaits: false },
        { status: 'approved', awaits: false },
      ],
      [['120', '399'], ['120']],
      { status: 'approved', code: '399' },
      2,
    ],
    [
      'a refusal after the original was approved: the change that waits',
      [{ status: 'approved', awaits: false }, { status: 'submitted' }],
      [['120'], ['2']],
      { status: 'rejected', code: '100' },
      2,
    ],
    [
      'the last word, where nothing is awaited by its time: the oldest that has not had it',
      [
        { status: 'processing', awaits: false },
        { status: 'processing', awaits: false },
      ],
      [['3'], ['3']],
      { status: 'released', code: '9' },
      1,
    ],
    [
      'the last word once the change is approved: the change',
      [
        { status: 'processing', awaits: false },
        { status: 'approved', awaits: false },
      ],
      [['3'], ['3', '120']],
      { status: 'released', code: '9' },
      2,
    ],
    [
      'an approval, where the document was saved first and then declared: what was declared',
      [
        { status: 'processing', awaits: false },
        { status: 'processing', awaits: false, changes: false },
      ],
      [['1'], ['1', '2']],
      { status: 'approved', code: '5' },
      2,
    ],
    [
      'the answer that the saved one waits for, though it was declared meanwhile: the saved one',
      [{}, { changes: false }],
      [[], []],
      { status: 'processing', code: '1' },
      1,
    ],
    ['news to none: nobody', [{ status: 'approved' }], [['120']], { status: 'approved', code: '120' }, undefined],
  ])('%s', (_, submissions, heard, said, owner) => {
    expect(placeOf(oldestToHear(all(...submissions), said, ({ order }) => heard[order - 1]!))).toBe(owner)
  })

  test.each<[string, Partial<MaybeOwner>[], string[][], number | undefined]>([
    [
      'the oldest that has not heard it, though it is at its end',
      [
        { status: 'rejected', finished: true, awaits: false },
        { status: 'released', finished: true },
      ],
      [['100'], ['3', '9']],
      1,
    ],
    [
      'not one that has heard it',
      [
        { status: 'rejected', finished: true },
        { status: 'released', finished: true },
      ],
      [['3', '100'], ['9']],
      2,
    ],
    ['not one that the agency may not have', [{ status: 'released' }, { state: 'unclear' }], [['3'], []], undefined],
    [
      'not one that was only saved before it was declared',
      [{ status: 'processing' }, { status: 'approved', changes: false }],
      [['1'], ['1', '3']],
      undefined,
    ],
  ])('what is news to none comes late, and goes to: %s', (_, submissions, heard, owner) => {
    const said = { status: 'processing' as const, code: '3' }
    expect(placeOf(oldestUnaware(all(...submissions), said, ({ order }) => heard[order - 1]!))).toBe(owner)
  })

  test('may speak of a change that is in doubt, never of one that surely has not left', () => {
    const submissions = all({ status: 'approved' }, { state: 'queued', inDoubt: true }, { state: 'queued' })
    const said = { status: 'approved' as const, code: '120' }
    expect(doubtfulToHear(submissions, said).map(({ order }) => order)).toEqual([2])
  })
})
