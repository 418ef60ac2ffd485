// A worker and its own try: the clock on the wall takes it for abandoned at no time, a machine that was suspended sends
// nothing for which it has been given up meanwhile, and what an agency says of a try counts for that try. (promise 3)
import { expect, test } from 'vitest'
import type { SendOutcome } from '../../adapters/connectors/connector.js'
import { policyOf } from '../../hub/agencies/policy.js'
import { createSubmit, type SubmitParts } from '../../hub/steps/submit.js'
import type { ClaimOutcome, UnclearDecision, SubmissionWork } from '../../store/ledger.js'

const work: SubmissionWork = {
  ...{ submissionId: 'sub_1', messageId: 'msg_1', partnerId: 'p', agency: 'gacc', operation: '1.1.1.1.1' },
  ...{ documentType: 'DecMessage', reference: 'R1', attempt: 1, bytes: Buffer.from('<a/>'), attachments: [] },
  acceptedAt: new Date('2026-06-01T08:00:00Z'),
}
const claimedOnce: ClaimOutcome = { outcome: 'claimed', work, fence: 'att_1' }
const lost: ClaimOutcome = {
  outcome: 'interrupted',
  work,
  fence: 'att_2',
  attemptId: 'att_1',
  startedAt: work.acceptedAt,
}

/** A worker of one submission; `claims` are what the ledger answers it, one after the other. */
function worker(claims: ClaimOutcome[], parts: Partial<SubmitParts> & { renewed?: boolean } = {}) {
  let clock = work.acceptedAt.getTime()
  const sent: (string | undefined)[] = []
  const asked: unknown[] = []
  const resolved: UnclearDecision[] = []
  let answer = (_: SendOutcome): void => {}
  const answered = new Promise<SendOutcome>((resolve) => (answer = resolve))
  const submit = createSubmit({
    ledger: {
      claim: async () => claims.shift()!,
      submissionById: async () => ({ ...work, channel: 'http' }),
      resolveUnclear: async (_, resolution) => resolved.push(resolution) > 0,
      nextBehind: async () => undefined,
      holdBack: async () => false,
      renewAttempt: async () => parts.renewed ?? true,
      endAttempt: async () => true,
    },
    connector: () => ({
      send: ({ attemptId }) => (sent.push(attemptId), answered),
      query: async (_, __, about) => (asked.push(about), 'not-taken'),
      close: async () => {},
    }),
    policy: () => policyOf(),
    partner: async () => undefined,
    expects: () => undefined,
    keepReply: async () => Promise.reject(new Error('no answer is kept')),
    signal: new AbortController().signal,
    now: () => new Date(clock),
    ...parts,
  })
  return {
    submit: () => submit('sub_1', 'gacc'),
    sent,
    asked,
    resolved,
    answer,
    later: (ms: number) => void (clock += ms),
  }
}

test('a job that was lost and made again waits for the try under way, though the clock is hours ahead', async () => {
  const claims = [claimedOnce, lost]
  const hub = worker(claims)
  const first = hub.submit()
  hub.later(3 * 3_600_000)
  expect(await hub.submit()).toMatchObject({ outcome: 'later' })
  expect([hub.asked, claims]).toEqual([[], [lost]])
  hub.answer({ outcome: 'taken' })
  expect(await first).toEqual({ outcome: 'done' })
})

test('a machine that was suspended between claim and send asks whether its try is still its own', async () => {
  const hub = worker([claimedOnce], { renewed: false, claimed: () => hub.later(600_000) })
  expect(await hub.submit()).toEqual({ outcome: 'done' })
  expect(hub.sent).toEqual([])
})

test('the agency is asked about the try that is in doubt, and its answer is for that try', async () => {
  const interrupted = worker([lost])
  interrupted.later(24 * 3_600_000)
  await interrupted.submit()
  expect([interrupted.asked, interrupted.resolved]).toMatchObject([[{ attemptId: 'att_1' }], [{ attemptId: 'att_1' }]])
  const unclear = worker([{ outcome: 'done', state: 'unclear', attemptId: 'att_7' }])
  await unclear.submit()
  expect([unclear.asked, unclear.resolved]).toMatchObject([[{ attemptId: 'att_7' }], [{ attemptId: 'att_7' }]])
})

test('while an older hub may ask about it, a try has no names of its own at its agency', async () => {
  for (const [namesTries, attemptId] of [
    [true, 'att_1'],
    [false, undefined],
  ] as const) {
    const hub = worker([claimedOnce], { namesTries: () => namesTries })
    hub.answer({ outcome: 'taken' })
    await hub.submit()
    expect(hub.sent).toEqual([attemptId])
  }
})
