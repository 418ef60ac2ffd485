// The agency took a message and nobody heard its answer: what it answered is fetched before the doubt is settled, and
// kept in the same write.
import { describe, expect, test } from 'vitest'
import { policyOf } from '../../hub/agencies/policy.js'
import { createSubmit, type SubmitParts } from '../../hub/steps/submit.js'

const answer = { mediaType: 'text/xml', bytes: Buffer.from('<r/>') }

/** One submission in doubt, and an agency that has it. `receipt`: what it says when it is asked for its answer. */
async function asked(receipt: () => Promise<typeof answer | undefined>, keeps = true) {
  const done: string[] = []
  const never = () => Promise.reject(new Error('nothing else is asked for'))
  const ledger: SubmitParts['ledger'] = {
    claim: async () => ({ outcome: 'done', state: 'unclear' }),
    submissionById: async () => ({
      submissionId: 'sub_1',
      messageId: 'msg_1',
      partnerId: 'p',
      agency: 'gacc',
      channel: 'http',
      reference: 'R1',
      operation: '1.1.1.1.1',
      documentType: 'DecMessage',
    }),
    async resolveUnclear(_, { decision }) {
      done.push(decision)
      return true
    },
    nextBehind: async () => undefined,
    holdBack: never,
    renewAttempt: never,
    endAttempt: never,
    addReceipt: never,
  }
  const submit = createSubmit({
    ledger,
    connector: () => ({
      send: never,
      query: async () => 'taken',
      async receipt() {
        done.push('fetched')
        return receipt()
      },
      close: async () => {},
    }),
    policy: () => policyOf(),
    partner: async () => undefined,
    expects: () => undefined,
    async keepReply(_agency, _submission, _answer, alongside) {
      if (!keeps) throw new Error('the disk is full')
      done.push('kept')
      await alongside?.()
      return { settle: async () => void done.push('settled') }
    },
    signal: new AbortController().signal,
  })
  const result = await submit('sub_1', 'gacc').catch((error: Error) => error.message)
  return { done, result }
}

describe('an agency that has what nobody heard it take', () => {
  test('gives its answer first; the doubt ends in the write that keeps it', async () => {
    expect((await asked(async () => answer)).done).toEqual(['fetched', 'kept', 'taken', 'settled'])
  })
  test('is asked again when the answer could not be kept: the doubt stands until then', async () => {
    expect(await asked(async () => answer, false)).toEqual({ done: ['fetched'], result: 'the disk is full' })
  })
  test.each([
    ['has none', async () => undefined],
    ['cannot say', () => Promise.reject(new Error('away'))],
  ])('ends the doubt all the same when it %s', async (_, receipt) => {
    expect((await asked(receipt)).done).toEqual(['fetched', 'taken'])
  })
})
