// The agency took a message and nobody heard its answer: what it answered is fetched before the doubt is settled, and
// kept in the same write.
import { describe, expect, test } from 'vitest'
import { policyOf } from '../../hub/agencies/policy.js'
import { createSubmit, type SubmitParts } from '../../hub/steps/submit.js'
import type { ClaimOutcome } from '../../store/ledger.js'

const now = new Date('2026-06-01T08:00:00Z')
const secondsAgo = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const answer = { mediaType: 'text/xml', bytes: Buffer.from('<r/>') }

/** One submission in doubt, and an agency that has it. `receipt`: what it says when it is asked for its answer. */
async function asked(
  receipt: () => Promise<typeof answer | undefined>,
  { keeps = true, since }: { keeps?: boolean; since?: Date } = {},
) {
  const done: string[] = []
  const never = () => Promise.reject(new Error('nothing else is asked for'))
  const ledger: SubmitParts['ledger'] = {
    claim: async (): Promise<ClaimOutcome> => ({
      outcome: 'done',
      state: 'unclear',
      ...(since ? { unclearSince: since } : {}),
    }),
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
    now: () => now,
  })
  const result = await submit('sub_1', 'gacc').catch((error: Error) => error.message)
  return { done, result }
}

describe('an agency that has what nobody heard it take', () => {
  test('gives its answer first; the doubt ends in the write that keeps it', async () => {
    expect((await asked(async () => answer)).done).toEqual(['fetched', 'kept', 'taken', 'settled'])
  })
  test('is asked again when the answer could not be kept: the doubt stands until then', async () => {
    expect(await asked(async () => answer, { keeps: false })).toEqual({ done: ['fetched'], result: 'the disk is full' })
  })
  test.each([
    ['has none', async () => undefined],
    ['cannot say', () => Promise.reject(new Error('away'))],
  ])('ends the doubt all the same when it %s', async (_, receipt) => {
    expect((await asked(receipt)).done).toEqual(['fetched', 'taken'])
  })
})

describe('an agency whose last answer was cut off may still be taking the message in', () => {
  const askSeconds = policyOf().askSeconds[0]
  test('it is not asked before that is over, whoever made the job again: "not here" would file it twice', async () => {
    const { done, result } = await asked(async () => answer, { since: secondsAgo(1) })
    expect(done).toEqual([])
    expect(result).toEqual({ outcome: 'later', at: new Date(now.getTime() + (askSeconds - 1) * 1000) })
  })
  test.each([
    ['once that is over', secondsAgo(askSeconds)],
    ['where the clock has been set back since', secondsAgo(-3_600)],
  ])('it is asked %s', async (_, since) => {
    expect((await asked(async () => answer, { since })).done).toContain('taken')
  })
})
