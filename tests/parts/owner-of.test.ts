// Whose an answer is, where two companies use the same number.
import { describe, expect, test } from 'vitest'
import { createOwnerOf } from '../../hub/steps/owner-of.js'
import type { ReplyEntry } from '../../messages/reply.js'
import type { OwnerFacts } from '../../store/ledger.js'

const one = (partnerId: string, order: number, over: Partial<OwnerFacts> = {}): OwnerFacts => ({
  submissionId: `sub_${partnerId}`,
  messageId: `msg_${partnerId}`,
  partnerId,
  agency: 'gacc',
  channel: 'http',
  operation: '1.1.1.1.1',
  documentType: 'DecMessage',
  reference: 'NO-1',
  order,
  state: 'submitted',
  learnt: false,
  awaits: true,
  senders: [],
  finished: false,
  changes: false,
  inDoubt: over.state === 'unclear',
  ...over,
})
const answerTo = (...senders: string[]): ReplyEntry => ({
  keys: [{ name: 'reference', value: 'NO-1' }],
  senders,
  learn: [],
  code: '1',
  text: { zh: '', en: '' },
  status: 'released',
})
const ownerAmong = (owners: OwnerFacts[], answer: ReplyEntry) =>
  createOwnerOf({ ownersOf: async () => owners, answersTo: async (open) => open.map(() => []) })('gacc', answer).then(
    (found) => found?.submission.submissionId,
  )

describe('two companies number their declarations alike, and the agency has answered one of them before', () => {
  const answered = one('answered', 1, { learnt: true, senders: ['3101960001'] })
  const inDoubt = one('in-doubt', 2, { state: 'unclear', senders: ['4401960002'] })

  test('an answer that names the other company goes to that one', async () => {
    expect(await ownerAmong([answered, inDoubt], answerTo('4401960002'))).toBe('sub_in-doubt')
  })
  test('one that names the first goes to the first', async () => {
    expect(await ownerAmong([answered, inDoubt], answerTo('3101960001'))).toBe('sub_answered')
  })
  test('one that names nobody, or nobody of ours, goes to whom the agency has taught the number', async () => {
    expect(await ownerAmong([answered, inDoubt], answerTo())).toBe('sub_answered')
    expect(await ownerAmong([answered, inDoubt], answerTo('9999999999'))).toBe('sub_answered')
  })
  test('a company without a known code keeps what it was taught, whatever codes another writes', async () => {
    const unknown = one('unknown', 1, { learnt: true })
    expect(await ownerAmong([unknown, inDoubt], answerTo('4401960002'))).toBe('sub_unknown')
  })
})

describe('two partners file the same under one number, and nothing in an answer tells them apart', () => {
  const released = answerTo()
  const approved: ReplyEntry = { ...released, status: 'approved', code: '399' }
  const first = one('first', 1, { status: 'approved', awaits: false })
  const later = one('later', 2, { status: 'processing' })
  /** What each has heard, by submission. */
  const ownerWho = (heard: Record<string, string[]>, owners: OwnerFacts[], answer: ReplyEntry) =>
    createOwnerOf({
      ownersOf: async () => owners,
      answersTo: async (open) => open.map(({ submissionId }) => heard[submissionId] ?? []),
    })('gacc', answer)

  test('what the first has heard already is for the other, who has not', async () => {
    const found = await ownerWho({ sub_first: ['2', '399'], sub_later: ['2'] }, [later, first], approved)
    expect(found!.submission.submissionId).toBe('sub_later')
    expect(found!.rivals.map(({ submissionId }) => submissionId).sort()).toEqual(['sub_first', 'sub_later'])
    // It holds only while nobody has heard more.
    expect(found!.chosenAmong).toEqual(
      expect.arrayContaining([expect.objectContaining({ submissionId: 'sub_first', answers: 2 })]),
    )
  })
  test('what brings the first further is for the first, whoever else sends the number and waits', async () => {
    const found = await ownerWho({ sub_first: ['2', '399'], sub_later: ['2'] }, [later, first], released)
    expect(found!.submission.submissionId).toBe('sub_first')
  })
  test('what is news to neither is for the first that is not at its end', async () => {
    const both = { sub_first: ['2', '399'], sub_later: ['2', '399'] }
    const open = { ...later, status: 'approved' } as const
    expect((await ownerWho(both, [open, first], approved))!.submission.submissionId).toBe('sub_first')
    const atItsEnd = { ...first, status: 'released', finished: true } as const
    expect((await ownerWho(both, [open, atItsEnd], approved))!.submission.submissionId).toBe('sub_later')
  })
  test('a change that one of them sent takes no answer from the other', async () => {
    const change = one('later', 3, { status: 'approved', changes: true, awaits: false })
    expect((await ownerWho({ sub_later: ['399'] }, [change, first], released))!.submission.submissionId).toBe(
      'sub_first',
    )
  })
})

describe('which of a company’s own messages an answer speaks of is not changed by another company’s number', () => {
  const mine = (name: string, order: number, over: Partial<OwnerFacts> = {}) =>
    one('mine', order, { submissionId: `sub_${name}`, messageId: `msg_${name}`, senders: ['3101960001'], ...over })
  const others = one('another', 1, { learnt: true, senders: ['4401960002'] })
  const answered = { learnt: true, awaits: false, status: 'processing' } as const
  // A person said that the agency has the first change, whose answer never came: it was taught no number.
  const rows: [what: string, own: OwnerFacts[], owner: string][] = [
    [
      'a change a person has spoken for, before the one behind it that was answered at once',
      [mine('second', 4, { ...answered, changes: true }), mine('first', 3, { changes: true })],
      'sub_first',
    ],
    [
      'one that came less far, before the one the agency names by more codes',
      [mine('second', 4, { ...answered, senders: ['3101960001', '3101960009'] }), mine('first', 3)],
      'sub_first',
    ],
  ]
  test.each(rows)('%s', async (_, own, owner) => {
    const says = answerTo('3101960001', '3101960009')
    expect(await ownerAmong(own, says), 'alone').toBe(owner)
    expect(await ownerAmong([...own, others], says), 'beside another').toBe(owner)
  })

  test('a change in doubt may be meant: the answer waits, and does not go to the rejected original', async () => {
    const own = [
      mine('original', 3, { learnt: true, status: 'rejected', finished: true, awaits: false }),
      mine('change', 4, { changes: true, state: 'unclear' }),
    ]
    const doubtful = (owners: OwnerFacts[]) =>
      createOwnerOf({ ownersOf: async () => owners, answersTo: async (open) => open.map(() => ['8', '9']) })(
        'gacc',
        answerTo('3101960001'),
      ).then((found) => found?.doubtful.map(({ submissionId }) => submissionId))
    expect(await doubtful(own), 'alone').toEqual(['sub_change'])
    expect(await doubtful([...own, others]), 'beside another').toEqual(['sub_change'])
  })
})
