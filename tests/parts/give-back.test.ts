// One try to return one receipt: what is another hub's to give back is left to it, and counts as no failed try.
import { expect, test } from 'vitest'
import { createGiveBack, MailboxElsewhere } from '../../hub/steps/give-back.js'

const now = new Date('2026-11-29T09:00:00Z')

/** What is written of a try that ended like this, and when the job runs again. */
async function triedWith(error: Error, owedSeconds = 0) {
  const written: unknown[] = []
  const giveBack = createGiveBack({
    ledger: {
      getReceipt: async () =>
        ({
          returnState: 'owed',
          channel: 'sftp',
          partnerId: 'acme',
          returnAttempts: 3,
          owedSince: new Date(now.getTime() - owedSeconds * 1000),
          receipt: { messageId: 'msg_1' },
        }) as never,
      receiptBody: () => Promise.reject(new Error('never asked')),
      receiptAttachment: () => Promise.reject(new Error('never asked')),
      endReturn: async (_, end) => void written.push(end.outcome),
    },
    partner: async () => undefined,
    deliver: { sftp: () => Promise.reject(error) },
    inSendersForm: async () => undefined,
    now: () => now,
  })
  const result = await giveBack('rcp_1')
  return { written, seconds: result.outcome === 'later' ? (result.at.getTime() - now.getTime()) / 1000 : undefined }
}

test.each([
  ['one that has just come: in a second', 0, 1],
  ['one that has waited for two minutes: in twelve', 120, 12],
  ['one that has waited for a day: in a minute', 86_400, 60],
])('a receipt whose mailbox is at another hub is looked at again, %s', async (_, owed, seconds) => {
  expect(await triedWith(new MailboxElsewhere(), owed)).toEqual({ written: [], seconds })
})
test('one that could not be returned is tried again later each time, and the ledger knows', async () => {
  expect(await triedWith(new Error('no space left'))).toEqual({ written: ['retry'], seconds: 120 })
})
