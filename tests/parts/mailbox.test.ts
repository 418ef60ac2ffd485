// A partner that waits with many calls at a time makes the hub look no more often for it.
import { expect, onTestFinished, test } from 'vitest'
import { createMailbox } from '../../hub/doors/mailbox.js'
import type { ReceiptView } from '../../store/ledger.js'
import { until } from '../support/until.js'

type ReceiptEvent = Parameters<Parameters<Parameters<typeof createMailbox>[0]['receipts']>[0]>[0]

function mailbox() {
  const receipts: ReceiptView[] = []
  let looks = 0
  let tell: (event: ReceiptEvent) => void = () => {}
  const made = createMailbox({
    receipts(listener) {
      tell = listener
      return () => {}
    },
    async mailbox(_partnerId, after) {
      looks += 1
      return receipts.filter(({ seq }) => seq > after)
    },
  })
  onTestFinished(() => made.close())
  return {
    wait: (after: number) => made.wait('p', { after, ms: 60_000, limit: 100 }, new AbortController().signal),
    come(seq: number) {
      receipts.push({ seq } as ReceiptView)
      tell({ partnerId: 'p', receiptId: `rcp_${seq}`, channel: 'http', returnState: 'owed' })
    },
    looks: () => looks,
  }
}

test('a receipt wakes who waits for it at once, and each further one does', async () => {
  const { wait, come } = mailbox()
  for (let seq = 1; seq <= 20; seq++) {
    const waited = wait(seq - 1)
    await Promise.resolve()
    come(seq)
    expect((await waited).map((one) => one.seq)).toEqual([seq])
  }
})

test('five hundred calls that wait look together, not once each for every receipt that comes', async () => {
  const { wait, come, looks } = mailbox()
  const all = Array.from({ length: 500 }, () => wait(1_000))
  await until('all to have looked', () => looks() === 500)
  // Each of these wakes nobody who would find anything.
  for (let seq = 1; seq <= 1_000; seq++) {
    come(seq)
    if (seq % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  come(1_001)
  expect((await Promise.all(all)).every((found) => found[0]!.seq === 1_001)).toBe(true)
  expect(looks()).toBeLessThan(5_000)
})
