// A message that is given up: its partner is told in the write that gives it up. Told behind it, a crash in between, or
// a ledger that is away for a moment, would leave a dead letter of which its partner never hears.
import { expect, test } from 'vitest'
import type { SendOutcome } from '../../adapters/connectors/connector.js'
import { policyOf } from '../../hub/agencies/policy.js'
import type { Signed } from '../../hub/steps/sign.js'
import { createSubmit, type SubmitParts } from '../../hub/steps/submit.js'
import { newId, timeOfId } from '../../messages/ids.js'

const refused: SendOutcome = { outcome: 'permanent', code: 'HUB_AGENCY_REFUSED', detail: 'HTTP 422: no such port' }

/** What one try writes, in the turns of the event loop in which it is written. */
async function tried({
  outcome = refused,
  signed,
  damaged,
  waits = false,
  hoursLater = 0,
  partner = async () => undefined,
}: {
  outcome?: SendOutcome
  signed?: Signed | Error
  damaged?: true
  /** Its signer is known to be away. */
  waits?: boolean
  /** Since it was accepted. */
  hoursLater?: number
  partner?: SubmitParts['partner']
}) {
  const turns: string[][] = []
  let open: string[] | undefined
  const wrote = (what: string) => {
    if (!open) {
      turns.push((open = []))
      setImmediate(() => (open = undefined))
    }
    open.push(what)
  }
  const submissionId = newId('sub')
  const acceptedAt = new Date(timeOfId(submissionId))
  const never = () => Promise.reject(new Error('nothing else is asked for'))
  const submit = createSubmit({
    ledger: {
      claim: async () => ({
        outcome: 'claimed',
        fence: 'att_1',
        work: {
          submissionId,
          messageId: 'msg_1',
          partnerId: 'p',
          agency: 'gacc',
          operation: '1.1.1.1.1',
          documentType: 'DecMessage',
          reference: 'R1',
          attempt: 1,
          acceptedAt,
          bytes: Buffer.from('<m/>'),
          attachments: [],
          ...(damaged ? { damaged } : {}),
        },
      }),
      async endAttempt(_, end) {
        const { told } = end
        if (told) wrote(`${told.receipt.code} to ${told.receiptChannel ?? 'the way it came'}`)
        wrote(end.outcome)
        return true
      },
      nextBehind: async () => undefined,
      holdBack: never,
      submissionById: never,
      renewAttempt: never,
      resolveUnclear: never,
    },
    connector: () => ({ send: async () => outcome, close: async () => {} }),
    policy: () => policyOf(),
    partner,
    expects: () => undefined,
    keepReply: never,
    ...(signed
      ? {
          signing: {
            waits: () => waits,
            sign: async () => (signed instanceof Error ? Promise.reject(signed) : signed),
          },
        }
      : {}),
    signal: new AbortController().signal,
    now: () => new Date(acceptedAt.getTime() + hoursLater * 3_600_000),
  })
  await submit(submissionId, 'gacc')
  return turns
}

test.each([
  ['was refused by its agency', {}, 'HUB_AGENCY_REFUSED'],
  ['can be signed by nobody', { signed: { outcome: 'impossible', detail: 'no Sign element' } }, 'HUB_UNSIGNABLE'],
  ['is damaged on the disk', { damaged: true }, 'HUB_BYTES_DAMAGED'],
] as const)('the partner of a message that %s is told in the write that gives it up', async (_, how, code) => {
  expect(await tried(how)).toEqual([[`${code} to the way it came`, 'dead']])
})
test('a partner whose wishes cannot be read just now is told by the way the message came', async () => {
  expect(await tried({ partner: () => Promise.reject(new Error('the ledger is away')) })).toEqual([
    ['HUB_AGENCY_REFUSED to the way it came', 'dead'],
  ])
})
test('a partner who wants receipts in his mailbox finds it there', async () => {
  const partner = async () => ({ settings: { returns: { business: 'http' } } }) as never
  expect(await tried({ partner })).toEqual([['HUB_AGENCY_REFUSED to http', 'dead']])
})

const keyAway: Signed = { outcome: 'away', detail: 'customs-key: no agent has asked for work' }
test('while its signer is away a message waits, and nothing is tried', async () => {
  expect(await tried({ signed: keyAway, waits: true, hoursLater: 71 })).toEqual([])
})
test('one whose signer stays away is given up after giveUpHours, like any other, and its partner hears', async () => {
  expect(await tried({ signed: keyAway, waits: true, hoursLater: 73 })).toEqual([
    ['HUB_ATTEMPTS_EXHAUSTED to the way it came', 'dead'],
  ])
})
test('where signing breaks nothing has left: the message is tried again and never in doubt', async () => {
  expect(await tried({ signed: new Error('the checking thread ended') })).toEqual([['retry']])
})
