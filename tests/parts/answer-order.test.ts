// An agency's answer and the state it brings are written in this order, however long the answer takes to be read through.
import { expect, test } from 'vitest'
import { learnable } from '../../messages/learnable.js'
import { createSettle } from '../../hub/steps/settle.js'
import type { NewReply } from '../../store/ledger.js'

test('an answer of many megabytes is in the ledger before the message counts as taken, and its digest is made outside of the write', async () => {
  const written: string[] = []
  const recorded: NewReply[] = []
  const never = () => {
    throw new Error('nothing else is asked for')
  }
  const settling = createSettle({
    ledger: {
      async recordReply(reply) {
        written.push('answer')
        recorded.push(reply)
        return { replyId: reply.replyId, known: false }
      },
      ownersOf: never,
      mayLearn: never,
      submissionById: never,
      settle: never,
    },
    readReply: never,
    partner: never,
    expects: never,
    learnable: learnable([]),
    notice: never,
  })
  const bytes = Buffer.alloc(24 << 20, '<r/>')
  let turns = 0
  const others = setInterval(() => turns++, 1)
  await settling.keep({ agency: 'gacc', submissionId: 'sub_1', mediaType: 'text/xml', bytes }, async () => {
    written.push('state')
  })
  clearInterval(others)
  expect(written).toEqual(['answer', 'state'])
  expect(recorded[0]!.sha256).toMatch(/^[0-9a-f]{64}$/)
  expect(turns, 'others had their turn meanwhile').toBeGreaterThan(0)
})
