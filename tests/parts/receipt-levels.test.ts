// A receipt that speaks of bills, containers and the whole message at once: what the sender of the manifest hears.
import { learnable } from '../../messages/learnable.js'
import { expect, test } from 'vitest'
import { createSettle, type SettleParts } from '../../hub/steps/settle.js'
import { readReply } from '../../messages/reply.js'
import type { Settlement } from '../../store/ledger.js'
import { documents } from '../support/data.js'
import { sample } from '../support/hub.js'

const receiptTypes = documents.flatMap((family) => family.receipts)

/** Settles one reply for one known submission and gives the receipts. */
async function told(bytes: Buffer): Promise<Settlement['entries']> {
  const settled: Settlement[] = []
  const submission = {
    submissionId: 'sub_1',
    messageId: 'msg_1',
    partnerId: 'p1',
    reference: 'R1',
    operation: '2.1.2.1.1',
    documentType: 'MT2101',
    agency: 'gacc',
    channel: 'http',
  }
  const ledger = {
    recordReply: async () => ({ replyId: 'rep_1', known: false }),
    ownersOf: async (_agency: string, key: { name: string }) =>
      key.name === 'messageId' ? [{ ...submission, order: 1, state: 'submitted' }] : [],
    answersTo: async () => [],
    async settle(settlement: Settlement) {
      settled.push(settlement)
      return true
    },
  } as unknown as SettleParts['ledger']
  const settle = createSettle({
    ledger,
    readReply: async (bytes) => readReply(bytes, receiptTypes),
    partner: async () => undefined,
    expects: () => undefined,
    learnable: learnable([]),
    notice: async () => undefined,
  })
  const kept = await settle.keep({ agency: 'gacc', bytes, mediaType: 'application/xml', via: 'push' } as never)
  await kept.settle()
  return settled.flatMap(({ entries }) => entries)
}

test('a manifest is not released while one of its containers is refused, and the container is named', async () => {
  const [entry, ...others] = await told(sample('manifest/MT9999-levels.xml'))
  expect(others).toEqual([])
  expect(entry).toMatchObject({
    status: 'rejected',
    receipt: { status: 'rejected', code: '12', text: { zh: '21312 该集装箱拒装。' } },
  })
  expect(entry!.receipt.faults).toMatchObject([{ code: '12', path: 'container', value: 'TESU2503193' }])
})

test('a manifest whose containers are all released is released', async () => {
  const bytes = Buffer.from(
    sample('manifest/MT9999-levels.xml').toString().replace('<Code>12</Code>', '<Code>11</Code>'),
  )
  const [entry] = await told(bytes)
  expect(entry).toMatchObject({ status: 'released', receipt: { status: 'released', faults: [] } })
})

test('a bill customs still looks at keeps the whole manifest in processing', async () => {
  const bytes = Buffer.from(
    sample('manifest/MT9999-levels.xml').toString().replace('<Code>12</Code>', '<Code>02</Code>'),
  )
  expect((await told(bytes))[0]).toMatchObject({ status: 'processing', receipt: { code: '02' } })
})

test('by road one container that may not be loaded turns the whole manifest down', async () => {
  const [entry, ...others] = await told(sample('road/MT9999-road-levels.xml'))
  expect(others).toEqual([])
  expect(entry).toMatchObject({
    status: 'rejected',
    receipt: { code: '12', faults: [{ code: '12', path: 'container', value: 'TESU2503193' }] },
  })
  const released = Buffer.from(sample('road/MT9999-road-levels.xml').toString().replace('>12<', '>11<'))
  expect((await told(released))[0]).toMatchObject({ status: 'released', receipt: { faults: [] } })
})
