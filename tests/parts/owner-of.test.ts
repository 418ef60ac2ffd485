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
