// A message that is given up: its partner is told in the write that gives it up. Told behind it, a crash in between, or
// a ledger that is away for a moment, would leave a dead letter of which its partner never hears.
import { expect, test } from 'vitest'
import type { SendOutcome } from '../../adapters/connectors/connector.js'
import { policyOf } from '../../hub/agencies/policy.js'
import type { Signed } from '../../hub/steps/sign.js'
import { createSubmit, type SubmitParts } from '../../hub/steps/submit.js'

const refused: SendOutcome = { outcome: 'permanent', code: 'HUB_AGENCY_REFUSED', detail: 'HTTP 422: no such port' }

/** What one try writes, in the turns of the event loop in which it is written. */
async function tried({
  outcome = refused,
  signed,
  damaged,
  partner = async () => undefined,
}: {
  outcome?: SendOutcome
  signed?: Signed
  damaged?: true
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
  const never = () => Promise.reject(new Error('nothing else is asked for'))
  const submit = createSubmit({
    ledger: {
      claim: async () => ({
        outcome: 'claimed',
        fence: 'att_1',
        work: {
          submissionId: 'sub_1',
          messageId: 'msg_1',
          partnerId: 'p',
          agency: 'gacc',
          operation: '1.1.1.1.1',
          documentType: 'DecMessage',
          reference: 'R1',
          attempt: 1,
          acceptedAt: new Date(),
          bytes: Buffer.from('<m/>'),
          attachments: [],
          ...(damaged ? { damaged } : {}),
        },
      }),
      async endAttempt(_, end) {
        wrote(end.outcome)
        return true
      },
      async addReceipt({ receipt, receiptChannel = 'the way it came' }) {
        wrote(`${receipt.code} to ${receiptChannel}`)
      },
      nextBehind: async () => undefined,
      submissionById: never,
      renewAttempt: never,
      resolveUnclear: never,
    },
    connector: () => ({ send: async () => outcome, close: async () => {} }),
    policy: () => policyOf(),
    partner,
    expects: () => undefined,
    keepReply: never,
    ...(signed ? { signing: { waits: () => false, sign: async () => signed } } : {}),
    signal: new AbortController().signal,
  })
  await submit('sub_1', 'gacc')
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
