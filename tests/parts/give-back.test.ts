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

/** Receipts of several partners by webhook; each call waits until its test ends it. */
function waiting() {
  let ms = now.getTime()
  const calls: { partnerId: string; end: (error?: Error) => void }[] = []
  const written: string[] = []
  const giveBack = createGiveBack({
    ledger: {
      getReceipt: async (receiptId: string) =>
        ({
          ...{ returnState: 'owed', channel: 'webhook', partnerId: receiptId.split('-')[0], returnAttempts: 0 },
          ...{ owedSince: now, receipt: { messageId: 'msg_1' } },
        }) as never,
      receiptBody: () => Promise.reject(new Error('never asked')),
      receiptAttachment: () => Promise.reject(new Error('never asked')),
      endReturn: async (receiptId, end) => void written.push(`${receiptId} ${end.outcome}`),
    },
    partner: async () => undefined,
    deliver: {
      webhook: ({ partnerId }) =>
        new Promise((resolve, reject) =>
          calls.push({ partnerId, end: (error) => (error ? reject(error) : resolve()) }),
        ),
    },
    inSendersForm: async () => undefined,
    now: () => new Date(ms),
  })
  const seconds = async (result: ReturnType<typeof giveBack>) => {
    const ended = await result
    return ended.outcome === 'later' ? (ended.at.getTime() - ms) / 1000 : ended.outcome
  }
  return { giveBack, calls, written, seconds, pass: (some: number) => (ms += some) }
}
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a webhook that says nothing has four places, and after it was waited for in vain one, now and then', async () => {
  const { giveBack, calls, written, seconds, pass } = waiting()
  const first = ['silent-1', 'silent-2', 'silent-a', 'silent-b'].map(giveBack)
  await turn()
  pass(3_000)
  // A fifth does not even begin, and nothing is written of it.
  expect(await seconds(giveBack('silent-3'))).toBe(5)
  pass(7_000)
  for (const { end } of calls.splice(0)) end(new Error('no answer'))
  await Promise.all(first)
  expect(written).toEqual(['silent-1 retry', 'silent-2 retry', 'silent-a retry', 'silent-b retry'])
  expect(await seconds(giveBack('silent-3'))).toBe(5)
  pass(5_000)
  const probe = giveBack('silent-3')
  await turn()
  expect(await seconds(giveBack('silent-4'))).toBe(5)
  pass(10_000)
  calls.pop()!.end(new Error('no answer'))
  await probe
  expect(await seconds(giveBack('silent-4'))).toBe(10)
  pass(10_000)
  const good = giveBack('silent-4')
  await turn()
  calls.pop()!.end()
  expect(await seconds(good)).toBe('done')
  // It answers: all may go at once again.
  const all = ['silent-5', 'silent-6', 'silent-7'].map(giveBack)
  await turn()
  expect(calls).toHaveLength(3)
  for (const { end } of calls) end()
  expect(await Promise.all(all.map(seconds))).toEqual(['done', 'done', 'done'])
})

test('a silent webhook keeps no receipt of another partner; one that refuses at once is no silent one', async () => {
  const { giveBack, calls, seconds, pass } = waiting()
  const silent = [giveBack('silent-1'), giveBack('silent-2')]
  await turn()
  pass(10_000)
  for (const { end } of calls.splice(0)) end(new Error('no answer'))
  await Promise.all(silent)
  for (let n = 0; n < 3; n++) {
    const other = giveBack(`other-${n}`)
    await turn()
    calls.pop()!.end(new Error('the webhook answered 500'))
    expect(await seconds(other)).toBe(1)
  }
})

test('a silent webhook is tried again in its time though the clock that counted it was days ahead', async () => {
  const { giveBack, calls, seconds, pass } = waiting()
  const day = 86_400_000
  const inVain = async (receiptId: string) => {
    const tried = giveBack(receiptId)
    await turn()
    pass(10_000)
    calls.pop()!.end(new Error('no answer'))
    await tried
  }
  pass(3 * day)
  await inVain('silent-1')
  expect(await seconds(giveBack('silent-2'))).toBe(5)
  pass(-3 * day)
  // It is tried at once; silent still, it rests for as long as its second silence makes it.
  await inVain('silent-2')
  expect(await seconds(giveBack('silent-3'))).toBe(10)
})
